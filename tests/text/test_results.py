"""Committed results and checkpoints: each with its receipt, small enough, and the same numbers in the README."""
import json
import re
import sys
from pathlib import Path
from statistics import mean, median, pstdev

import acai_course as course
import pytest
import torch

import acai_lite as al
from acai_lite import checkpoints
from acai_lite.files.checkout import result_file
from acai_lite.recipes import change
from acai_lite.runs.study import SEVEN, Experiment
from acai_lite.runs.tables import TITLES

ROOT = Path(__file__).resolve().parents[2]
STOPPED = ("mnist-acai-32-paper-16777216",)     # by hand, where the time on a GPU ended; docs/recipes.md says so
RESULTS = sorted(result_file("runs").glob("*.json"))
sys.path.insert(0, str(ROOT / "data" / "recorders"))
STUDY = sorted(result_file("runs", "study").glob("*.json"))
TRIALS = sorted(result_file("runs", "recipes").glob("*.json"))
FILMS = sorted(film for kind in ("runs", "records") for film in result_file(kind).glob("*-film.png"))
FILES = sorted((ROOT / "data" / "checkpoints").glob("*.safetensors"))
CHECKPOINTS = [p for p in FILES if not p.name.endswith(checkpoints.CRITIC)]


@pytest.mark.parametrize("path", RESULTS, ids=lambda p: p.stem)
def test_a_result_says_where_it_comes_from(path):
    result = json.loads(path.read_text())
    named = re.search(r"--name (\S+)", result["command"])
    assert path.stem == (named[1] if named else f"{result['dataset']}-{result['method']}-{result['code_size']}")
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"]), "trained by code that is not committed"
    asked = int(re.search(r"--samples (\d+)", result["command"])[1])
    assert result["samples"] < asked if path.stem in STOPPED else result["samples"] == asked
    assert result["samples"] == result["points"][-1]["samples"] and f"--data {result['dataset']}" in result["command"]
    assert result["seconds"] > 0 and result["threads"] >= 1 and result["versions"]["torch"]
    assert not re.search(r"(?<!\w)/(?!tmp/)", result["command"])       # no folder of one machine


@pytest.mark.parametrize("path", STUDY, ids=lambda p: p.stem)
def test_a_result_of_the_study_says_where_it_comes_from(path):
    result = json.loads(path.read_text())
    keys = ("method", "dataset", "code_size", "samples", "recipe", "seed")
    assert path.stem == Experiment(*(result[key] for key in keys)).name
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"]), "trained by code that is not committed"
    assert result["command"].startswith("python -m acai_lite study") and "/" not in result["command"]
    assert f"--samples {result['samples']}" in result["command"] and f"--data {result['dataset']}" in result["command"]
    assert result["seconds"] > 0 and result["threads"] == 1
    last = [point["test_accuracy"] for point in result["points"] if "test_accuracy" in point]
    assert 20 <= len(last) <= 22 and result["online_probe_accuracy"] == pytest.approx(median(last))    # as the paper reports
    assert 0 < result["cluster_accuracy"] < result["probe_accuracy"] <= 1
    assert (result["mean_distance"] is None) == (result["dataset"] != "lines")


def recipe_row(trial):
    """A trial's row in docs/recipes.md."""
    changed = ", ".join(f"{key} {json.dumps(value)}" for key, value in trial["changed"].items())
    changed = f"{trial['samples']:,} samples; {changed}" if trial["samples"] != 50_000 else changed
    if trial["data"] == "lines":
        return (f"| {trial['name']} | {trial['method']} | {changed} | {1e3 * trial['mean_distance']:.2f} | "
                f"{trial['smoothness']:.2f} | {1e3 * trial['end_error']:.1f} | {trial['seconds']:.0f} |")
    depth = f"depth {trial['depth']}" if trial.get("depth") else ""
    return (f"| {trial['name']} | {trial['method']} | {changed or depth or 'nothing'} | "
            f"{100 * trial['probe_accuracy']:.2f} | {100 * trial['cluster_accuracy']:.1f} | "
            f"{trial['reconstruction_error']:.4f} | {trial['seconds']:.0f} |")


def test_every_trial_of_a_recipe_stands_in_the_docs_as_its_receipt_says():
    page, trials = (ROOT / "docs" / "recipes.md").read_text(), [json.loads(path.read_text()) for path in TRIALS]
    for trial, path in zip(trials, TRIALS, strict=True):
        changed = trial["name"] in ("w3-200k", "w6-200k")              # a note in a lab was not committed then
        assert trial["name"] == path.stem
        assert re.fullmatch(r"[0-9a-f]{40}" + (r"\+changes" if changed else ""), trial["commit"])
        assert trial["command"] == "python notebooks/tools/try_recipes.py" and trial["threads"] == 1
        assert recipe_row(trial) in page
    assert len(trials) == len(re.findall(r"^\| \S+ \| (?:acai|baseline) \|", page, re.MULTILINE)) >= 12


def test_the_docs_say_where_smoothness_is_lost():
    page = (ROOT / "docs" / "recipes.md").read_text()
    record = json.loads(result_file("records", "smoothness.json").read_text())
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]) and record["command"].endswith("record_smoothness.py")
    baseline, acai = (record["models"][f"lines-{name}-64"]["rows"] for name in ("baseline", "acai"))
    for one, other in zip(baseline, acai, strict=True):
        assert (f"| {one['from']} to {one['to']} degrees | {other['pairs']} | {one['smoothness']:.2f} | "
                f"{other['smoothness']:.2f} | {other['largest_step']:.0f} |") in page
    assert all(row["largest_step"] > 0.9 * row["from"] for row in acai[2:]) and acai[0]["smoothness"] < 0.2
    found = al.score_lines(al.checkpoint("lines-acai-64"), al.load("lines"))
    assert record["models"]["lines-acai-64"]["smoothness"] == pytest.approx(found.smoothness, abs=0.05)


def test_the_curve_has_both_methods_at_the_same_budgets_with_several_seeds():
    record = json.loads(result_file("records", "curve.json").read_text())
    assert record["command"] == "python notebooks/tools/record_curve.py"
    cells = [(r["method"], r["samples"], r["seed"], r["recipe"]) for r in record["runs"]]
    assert len(set(cells)) == len(cells) and {cell[3] for cell in cells} <= set(al.RECIPES)
    assert all(re.fullmatch(r"[0-9a-f]{40}", r["commit"]) and 0 < r["probe_accuracy"] < 1 and r["threads"] == 1
               for r in record["runs"])
    assert {cell[1:] for cell in cells if cell[0] == "acai"} == {cell[1:] for cell in cells if cell[0] == "baseline"}
    assert all({seed for _, samples, seed, _ in cells if samples == budget} >= {0, 1, 2} for budget in (10_000, 100_000))
    readme = (ROOT / "README.md").read_text()
    for method, samples in {cell[:2] for cell in cells}:
        runs = [r for r in record["runs"] if (r["method"], r["samples"]) == (method, samples)]
        found, seconds = [100 * r["probe_accuracy"] for r in runs], [r["seconds"] for r in runs]
        assert (f"| {method} | {samples:,} | {len(runs)} | {mean(found):.2f}±{pstdev(found):.2f} | "
                f"{min(seconds):.0f} to {max(seconds):.0f} s |") in readme


def test_the_readme_has_the_longest_runs():
    readme = (ROOT / "README.md").read_text()
    runs = [json.loads(result_file("runs", f"mnist-{name}-32-hour.json").read_text()) for name in ("baseline", "acai")]
    for words, key in (("online classifier", "online_probe_accuracy"), ("converged classifier", "probe_accuracy"),
                       ("clustering", "cluster_accuracy")):
        assert f"| {words}, % | {100 * runs[0][key]:.2f} | {100 * runs[1][key]:.2f} |" in readme
    assert runs[0]["samples"] == runs[1]["samples"] == 600_000


def test_the_path_scores_are_of_the_committed_checkpoints_and_beside_what_they_need():
    record = json.loads(result_file("records", "paths.json").read_text())
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]) and record["command"] == "python notebooks/tools/record_paths.py"
    longest = ["baseline, longest", "acai, longest"]
    assert list(record["rows"]) == ["real data", "pixel blend", *SEVEN, *longest] and record["judge"]["accuracy"] > 0.98
    for name, kept in record["models"].items():
        receipt = al.checkpoint(f"mnist-{name}-32".replace(", longest-32", "-32-hour")).receipt
        assert kept == {key: receipt[key] for key in kept}
    assert abs(record["rows"]["real data"]["kernel_distance"]) < 0.05 < record["rows"]["pixel blend"]["kernel_distance"]


def test_the_study_has_every_run_that_was_asked_for():
    found = {(r["dataset"], r["code_size"], r["method"]) for r in (json.loads(path.read_text()) for path in STUDY)}
    assert {("mnist", 32, method) for method in SEVEN} <= found
    assert {("mnist", 256, method) for method in ("baseline", "denoising", "acai")} <= found
    assert {("lines", 256 if method == "vqvae" else 64, method) for method in SEVEN[1:]} <= found  # baseline: above
    table = al.table(result_file("runs"))
    rows = {(r["measure"], r["data"], r["code size"], r["whose"]): r for r in table.rows if "not run" not in r.values()}
    assert ("online classifier, %", "mnist", 32, "ours") in rows and ("mean distance, e-3", "lines", 64, "ours") in rows


def test_the_readme_has_the_studys_table():
    readme = (ROOT / "README.md").read_text()
    for row in al.table(result_file("runs")).rows:
        if row["measure"] == "online classifier, %" and row["data"] == "mnist" and row["code size"] == 32:
            for value in [row[title] for title in TITLES] if row["budget"].startswith(("100,000", "16,777,216")) else []:
                assert value in readme
        lines = row["data"] == "lines" and row["measure"] in ("mean distance, e-3", "smoothness")
        if lines and row["budget"].startswith("80,000"):
            values = " | ".join(row[title] for title in TITLES)
            assert f"| lines: {row['measure']} | 80,000 samples | {values} |" in readme


@pytest.mark.parametrize("path", FILMS, ids=lambda p: p.stem)
def test_a_film_is_that_of_its_result(path):
    film = al.film(path.stem.removesuffix("-film"))
    result = json.loads(path.with_name(path.name.replace("-film.png", ".json")).read_text())
    if "runs" in result:
        names = [run["name"] if isinstance(run, dict) else run for run in result["runs"]]
        assert set(map(str, film.samples)) == set(names)
    else:
        assert film.receipt == result and film.samples[-1] == result["samples"]
        if result["dataset"] != "lines":
            return
        assert film.scores[-1]["mean_distance"] == pytest.approx(result["mean_distance"], rel=1e-3)
        again = al.line_scores(film.frames[-1])                        # pixels rounded to 256 levels and clipped
        assert again.mean_distance < 3 * result["mean_distance"] + 1e-3


@pytest.mark.parametrize("file", ["live-runs", "critic-runs", "base-runs"])
def test_the_short_runs_are_of_the_recorder_that_is_committed(file):
    from record_critic import FILES
    record = json.loads(result_file("records", f"{file}.json").read_text())
    samples, runs, changes, seeds = FILES[file]
    assert (record["samples"], tuple(record["runs"])) == (samples, runs)
    assert all(sorted(map(int, runs))[:len(seeds)] == list(seeds) for runs in record["runs"].values())
    settings = json.loads(json.dumps(change("live", changes).settings()))
    assert {**settings, "name": ""} == {**al.Recipe().settings(), **record["settings"], "name": "",
                                        "ramp": record["settings"]["ramp"]}
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"])


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda p: p.stem)
def test_a_checkpoint_loads_carries_its_receipt_and_scores_what_it_says(path):
    model = al.checkpoint(path.stem)
    own = result_file("runs", f"{path.stem}.json")
    results = [json.loads(p.read_text()) for p in ([own] if own.exists() else STUDY)]
    same = ("method", "dataset", "code_size", "samples", "seed")
    result, = [r for r in results if all(r[key] == model.receipt[key] for key in same)]
    assert model.receipt == {key: value for key, value in result.items() if key != "points"}
    if model.receipt["dataset"] == "lines":
        lines = al.load("lines")
        assert al.score_lines(model, lines, 64).mean_distance == pytest.approx(result["mean_distance"], rel=0.4)
        some = al.reconstruction_error(model, lines.test_images[:500])
        assert some == pytest.approx(result["reconstruction_error"], rel=0.3)


def test_checkpoints_together_stay_small():
    assert sum(p.stat().st_size for p in FILES) <= 15 * 2 ** 20
    assert max(p.stat().st_size for p in FILES) <= 2 * 2 ** 20


def test_the_readmes_table_shows_the_results():
    rows = re.findall(r"^\| (lines|mnist|fashion_mnist) \| (\w+) \| ([\d,]+) \| (\d+) s \| ([^|]+) \|$",
                      (ROOT / "README.md").read_text(), re.MULTILINE)
    results = [result for result in (json.loads(p.read_text()) for p in RESULTS) if result["recipe"] in al.RECIPES]
    assert len(rows) == len(results) > 0        # a run with changed settings belongs to a lab, not here
    for dataset, method, samples, seconds, scores in rows:
        samples = int(samples.replace(",", ""))
        result, = [r for r in results if (r["dataset"], r["method"], r["samples"]) == (dataset, method, samples)]
        assert int(seconds) == round(result["seconds"])
        if dataset == "lines":
            distance, ends = result["mean_distance"] * 1e3, result["end_error"] * 1e3
            wanted = f"{distance:.2f}e-3 / {result['smoothness']:.2f} / {ends:.1f}e-3"
        else:
            online = result["online_probe_accuracy"]
            wanted = f"{result['probe_accuracy']:.1%} (online {'not read' if online is None else f'{online:.1%}'})"
        assert scores.strip() == wanted


def test_the_readme_has_the_explorers_bench():
    record, readme = json.loads(result_file("ops", "explorers.json").read_text()), (ROOT / "README.md").read_text()
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]) and record["command"] == "make bench"
    for which in ("explorer", "interact + matplotlib"):
        row = record[which]
        assert f"{row['median_ms']} and {row['p95_ms']} ms, {row['shown_of_45']} of 45" in " ".join(readme.split())
    assert record["explorer"]["p95_ms"] <= 30 and record["explorer"]["shown_of_45"] == 45
    assert record["new_pair"]["slowest_of_12_ms"] <= 300 and record["memory_added_mb"] <= 110


def test_the_realism_record_is_of_the_recorder_that_is_committed():
    import record_realism as tool
    record = json.loads(result_file("records", "realism.json").read_text())
    assert list(record["calibration"]) == tool.LINES and list(record["paths"]) == tool.WALKED
    assert (record["pairs"], record["frames"], record["centres"]) == (tool.PAIRS, tool.FRAMES, tool.CENTRES)
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]) and record["command"].endswith(Path(tool.__file__).name)
    for indices in record["calibration"].values():
        for correlation, low, high in (values for found in indices.values() for values in found.values()):
            assert -1 <= low <= correlation <= high <= 1
    for walked in record["paths"].values():
        assert [bandwidth for bandwidth in walked["indices"]] == [f"kernel {b or 'chosen'}" for b in tool.BANDWIDTHS]
        for found in walked["indices"].values():
            assert 0 <= found["converged"] <= walked["pairs"] == tool.WALKS
            for kind in found["kinds"].values():
                assert 0 <= kind["min_ri"] <= kind["mean_ri"] <= 1 <= kind["length"] + 1e-3


def test_the_recorded_calibration_is_that_of_the_committed_models():
    """One row again, on a quarter of the pairs."""
    import record_realism as tool
    record, lines, model = course.realism_record(), al.load("lines"), al.checkpoint("lines-baseline-64")
    train = al.encode_all(model, lines.train_images[:4000])
    with torch.no_grad():
        codes = al.interpolate(*(model.encode(lines.test_images[k:k + 64]) for k in (0, tool.PAIRS)), tool.FRAMES)
    distance = al.line_scores(al.decode_path(model, codes)).distances
    for name, index in (("Gaussian", al.gaussian_realism), ("radius", al.radial_realism)):
        again = al.rank_agreement(index(codes.flatten(2), train.mean(0), torch.cov(train.T)), distance).correlation
        assert again == pytest.approx(record["calibration"]["lines-baseline-64"][name]["all"][0], abs=0.1)


def test_the_readme_has_the_realism_tables():
    readme = (ROOT / "README.md").read_text()
    record = json.loads(result_file("records", "realism.json").read_text())
    order = ["lines-baseline-64", "lines-denoising-64", "lines-vae-64", "lines-vqvae-256", "lines-acai-64"]
    for index in record["calibration"][order[0]]:
        values = [f"{record['calibration'][model][index]['inner'][0]:+.2f}" for model in order]
        assert f"| {index} | {' | '.join(values)} |" in readme
    for name, model in (("baseline", order[0]), ("VAE", order[2]), ("ACAI", order[4])):
        for kind, row in record["paths"][model]["indices"]["kernel 0.2"]["kinds"].items():
            values = [row[key] for key in ("mean_ri", "min_ri", "length")] + [row["mean_distance"] * 1e3, row["smoothness"]]
            assert f"| {name} | {kind} | {' | '.join(f'{value:.2f}' for value in values)} |" in readme
    settled = [record["paths"][model]["indices"]["kernel 0.2"]["converged"] for model in (order[0], order[2], order[4])]
    assert f"were {settled[0]}, {settled[1]} and {settled[2]} of the 16" in readme
