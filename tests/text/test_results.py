"""Committed results and checkpoints: each with its receipt, small enough, and the same numbers in
docs/results.md.

Tests called test_committed_... read committed files again and run nothing else.
"""
import json
import re
from dataclasses import replace
from pathlib import Path
from statistics import mean, median, pstdev

import acai_course as course
import plan
import pytest
import record_critic
import record_realism
import record_waves
import results_page
import torch

import acai_lite as al
from acai_lite import checkpoints
from acai_lite.files.checkout import result_file
from acai_lite.runs.study import SEVEN, Experiment
from acai_lite.runs.tables import TITLES

ROOT = Path(__file__).resolve().parents[2]
# by hand, where the time on a GPU ended; docs/recipes.md says so
STOPPED = ("mnist-acai-32-paper-16777216",)
RESULTS = sorted(result_file("runs").glob("*.json"))

STUDY = sorted(result_file("runs", "study").glob("*.json"))
TRIALS = sorted(result_file("runs", "recipes").glob("*.json"))
FILMS = sorted(film for kind in ("runs", "records")
               for film in result_file(kind).glob("*-film.png"))
FILES = sorted((ROOT / "data" / "checkpoints").glob("*.safetensors"))
CHECKPOINTS = [p for p in FILES if not p.name.endswith(checkpoints.CRITIC)]
PAGE = (ROOT / "docs" / "results.md").read_text("utf-8")


def refused(paths, check):
    """{name of each file that `check` refuses: why}."""
    found = {}
    for path in paths:
        try:
            check(path)
        except AssertionError as error:
            found[path.name] = str(error).splitlines()[0]
    return found


def table(name: str, page: str = PAGE) -> list[list[str]]:
    """The rows of a table of docs/results.md, head and rule left out, links as their text."""
    (text,) = re.findall(rf"<!-- {name}: .*?-->\n(.*?)<!-- end of {name} -->", page, re.DOTALL)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("|")][2:]


def test_committed_results_say_where_they_come_from():
    assert refused(RESULTS, check_run) == {}


def check_run(path):
    result = json.loads(path.read_text())
    if result["command"] == "python data/recorders/plan.py":
        wanted, = [one for one in (*plan.FILMED, plan.HOUR) if one.name == path.stem]
        assert re.fullmatch(r"[0-9a-f]{40}", result["commit"])
        assert all(result[key] == getattr(wanted, key)
                   for key in ("method", "samples", "recipe", "seed"))
        return
    named = re.search(r"--name (\S+)", result["command"])
    assert path.stem.removesuffix("-jump") == (named[1] if named
                         else f"{result['dataset']}-{result['method']}-{result['code_size']}")
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"]), "trained by code that is not committed"
    asked = int(re.search(r"--samples (\d+)", result["command"])[1])
    assert result["samples"] < asked if path.stem in STOPPED else result["samples"] == asked
    assert (result["samples"] == result["points"][-1]["samples"]
            and f"--data {result['dataset']}" in result["command"])
    assert result["seconds"] > 0 and result["threads"] >= 1 and result["versions"]["torch"]
    assert not re.search(r"(?<!\w)/(?!tmp/)", result["command"])       # no folder of one machine


def test_committed_results_of_the_study_say_where_they_come_from():
    assert refused(STUDY, check_run_of_the_study) == {}


def check_run_of_the_study(path):
    result = json.loads(path.read_text())
    keys = ("method", "dataset", "code_size", "samples", "recipe", "seed")
    assert path.stem == Experiment(*(result[key] for key in keys)).name
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"]), "trained by code that is not committed"
    planned = replace(plan.LINES, method=result["method"], seed=result["seed"])
    assert (result["command"].startswith("python -m acai_lite study") and "/" not in
            result["command"] and f"--samples {result['samples']}" in result["command"]
            and f"--data {result['dataset']}" in result["command"]
            or result["command"] == "python data/recorders/plan.py" and path.stem == planned.name)
    assert result["seconds"] > 0 and result["threads"] == 1
    last = [point["test_accuracy"] for point in result["points"] if "test_accuracy" in point]
    # as the paper reports
    assert 20 <= len(last) <= 22 and result["online_probe_accuracy"] == pytest.approx(median(last))
    assert 0 < (result["cluster_accuracy"] or 0.1) < result["probe_accuracy"] <= 1
    assert (result["mean_distance"] is None) == (result["dataset"] != "lines")


def recipe_row(trial):
    """A trial's row in docs/recipes.md."""
    changed = ", ".join(f"{key} {json.dumps(value)}" for key, value in trial["changed"].items())
    changed = f"{trial['samples']:,} samples; {changed}" if trial["samples"] != 50_000 else changed
    if trial["data"] == "lines":
        return (f"| {trial['name']} | {trial['method']} | {changed} | "
                f"{1e3 * trial['mean_distance']:.2f} | {trial['smoothness']:.2f} | "
                f"{1e3 * trial['end_error']:.1f} | {trial['seconds']:.0f} |")
    depth = f"depth {trial['depth']}" if trial.get("depth") else ""
    return (f"| {trial['name']} | {trial['method']} | {changed or depth or 'nothing'} | "
            f"{100 * trial['probe_accuracy']:.2f} | {100 * trial['cluster_accuracy']:.1f} | "
            f"{trial['reconstruction_error']:.4f} | {trial['seconds']:.0f} |")


@pytest.mark.wording
def test_committed_trial_of_a_recipe_stands_in_the_docs_as_its_receipt_says():
    page, trials = (ROOT / "docs" / "recipes.md").read_text(), [json.loads(path.read_text())
                                                                for path in TRIALS]
    for trial, path in zip(trials, TRIALS, strict=True):
        changed = trial["name"] in ("w3-200k", "w6-200k")  # a note in a lab was not committed then
        assert trial["name"] == path.stem
        assert re.fullmatch(r"[0-9a-f]{40}" + (r"\+changes" if changed else ""), trial["commit"])
        assert trial["command"] == "python notebooks/tools/try_recipes.py" and trial["threads"] == 1
        assert recipe_row(trial) in page
    assert len(trials) == len(re.findall(r"^\| \S+ \| (?:acai|baseline) \|", page,
                                         re.MULTILINE)) >= 12


def smoothness_record():
    return json.loads(result_file("records", "smoothness.json").read_text())


def test_smoothness_is_lost_where_the_record_says_so():
    """On nearly opposite lines, as on every plane circle; along the arc it is not."""
    record = smoothness_record()
    assert (re.fullmatch(r"[0-9a-f]{40}", record["commit"])
            and record["command"].endswith("record_smoothness.py"))
    found = al.score_lines(al.checkpoint("lines-acai-64"), al.load("lines"))
    straight, arc = (record["models"]["lines-acai-64"][path] for path in ("linear",
                                                                         "about the mean"))
    assert straight["smoothness"] == pytest.approx(found.smoothness, abs=0.02)
    again = [row._asdict() for row in al.by_angle(found)]
    assert [row["smoothness"] for row in straight["rows"]] == pytest.approx(
        [row["smoothness"] for row in again], abs=0.03)
    assert record["limit"] == sorted(record["limit"]) and record["limit"][-1] > 0.2
    assert straight["rows"][-1]["smoothness"] > 2 * straight["rows"][2]["smoothness"]
    assert arc["smoothness"] < straight["smoothness"]


def test_committed_page_has_every_start_and_the_minute():
    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    runs = json.loads(result_file("records", "starts.json").read_text())["runs"]
    assert all(re.fullmatch(r"[0-9a-f]{40}", run["commit"]) for run in runs)
    assert sum(int(row[4]) for row in table("starts", page)) == len(runs) >= 4
    for run in runs:
        if run["smoothness"] is not None:
            assert any(f"{run['smoothness']:.2f}" in row[6] and float(row[3]) == run["lambda"]
                       for row in table("starts", page))
    live = json.loads(result_file("records", "live-runs.json").read_text())["runs"]
    for name, row in zip(live, table("minute", page), strict=True):
        values = [run["smoothness"] for run in live[name].values() if run["smoothness"]]
        assert row[1:2] + row[3:4] == [str(len(live[name])),
                                       f"{min(values):.2f} to {max(values):.2f}"]
    assert all(run["end_error"] < 0.04 for run in live["acai"].values())   # none stuck at 0.080


def test_committed_curve_has_both_methods_at_the_same_budgets_with_several_seeds():
    record = json.loads(result_file("records", "curve.json").read_text())
    assert record["command"] == "python notebooks/tools/record_curve.py"
    cells = [(r["method"], r["samples"], r["seed"], r["recipe"]) for r in record["runs"]]
    assert len(set(cells)) == len(cells) and {cell[3] for cell in cells} <= set(al.RECIPES)
    assert all(re.fullmatch(r"[0-9a-f]{40}", r["commit"]) and 0 < r["probe_accuracy"] < 1
               and r["threads"] == 1 for r in record["runs"])
    assert {cell[1:] for cell in cells if cell[0] == "acai"} == {cell[1:] for cell in cells
                                                                 if cell[0] == "baseline"}
    assert all({seed for _, samples, seed, _ in cells if samples == budget} >= {0, 1, 2}
               for budget in (10_000, 100_000))
    wanted = []
    for samples, method in ((samples, method) for samples in (10_000, 100_000)
                            for method in ("baseline", "acai")):
        runs = [r for r in record["runs"] if (r["method"], r["samples"]) == (method, samples)]
        found, seconds = [100 * r["probe_accuracy"] for r in runs], [r["seconds"] for r in runs]
        wanted.append([TITLES[SEVEN.index(method)],
                       f"{samples:,}", str(len(runs)), f"{mean(found):.2f}±{pstdev(found):.2f}",
                       f"{min(seconds):.0f} to {max(seconds):.0f} s"])
    assert table("curve") == wanted


def test_committed_path_scores_are_of_the_committed_checkpoints_and_beside_what_they_need():
    record = json.loads(result_file("records", "paths.json").read_text())
    assert (re.fullmatch(r"[0-9a-f]{40}", record["commit"])
            and record["command"] == "python notebooks/tools/record_paths.py")
    longest = ["baseline, longest", "acai, longest"]
    assert (list(record["rows"]) == ["real data", "pixel blend", *SEVEN, *longest]
            and record["judge"]["accuracy"] > 0.98)
    for name, kept in record["models"].items():
        receipt = al.checkpoint(f"mnist-{name}-32".replace(", longest-32", "-32-hour")).receipt
        assert kept == {key: receipt[key] for key in kept}
    assert (abs(record["rows"]["real data"]["kernel_distance"]) < 0.05
            < record["rows"]["pixel blend"]["kernel_distance"])


def test_committed_study_has_every_run_that_was_asked_for():
    found = {(r["dataset"], r["code_size"], r["method"])
             for r in (json.loads(path.read_text()) for path in STUDY)}
    assert {("mnist", 32, method) for method in SEVEN} <= found
    assert {("mnist", 256, method) for method in ("baseline", "denoising", "acai")} <= found
    # baseline: above
    assert {("lines", 256 if method == "vqvae" else 64, method) for method in SEVEN[1:]} <= found
    table = al.table(result_file("runs"))
    rows = {(r["measure"], r["data"], r["code size"], r["whose"]): r
            for r in table.rows if "not run" not in r.values()}
    assert ("online classifier, %", "mnist", 32, "ours") in rows and ("mean distance, e-3", "lines",
                                                                      64, "ours") in rows


def test_committed_pages_are_in_step_with_data_results():
    for path in results_page.PAGES:
        assert (results_page.filled(path.read_text("utf-8"))
                == path.read_text("utf-8")), "make results-page"
    pages = "".join(path.read_text("utf-8") for path in results_page.PAGES)
    assert all(pages.count(f"<!-- {name}: ") == pages.count(f"<!-- end of {name} -->") == 1
               for name in results_page.TABLES)


def test_a_table_that_is_not_that_of_the_files_is_written_anew():
    wrong = PAGE.replace("| ACAI | 100,000 | 3 |", "| ACAI | 100,000 | 4 |")
    assert wrong != PAGE and results_page.filled(wrong) == PAGE
    with pytest.raises(KeyError, match="nothing"):
        results_page.filled("<!-- nothing: written by nobody -->\n<!-- end of nothing -->")


def test_committed_pages_link_what_is_there_and_show_no_value_that_we_have_not_read():
    for link in re.findall(r"\]\(((?!https?:)[^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
    for path in results_page.PAGES:
        text = path.read_text("utf-8")
        assert "UNVERIFIED" not in text and not re.search(r"\d\*", text)


@pytest.mark.wording
def test_committed_readme_has_one_screen_of_results():
    text = (ROOT / "README.md").read_text("utf-8")
    part = text[text.index("\n## Results"):].split("\n## ")[1]
    assert len(part.splitlines()) <= 25 and "](docs/results.md)" in part and "paper: ACAI" in part


def test_committed_page_has_the_studys_table():
    rows = {tuple(row[:2]): row[2:] for row in table("seven")}
    for row in al.table(result_file("runs")).rows:
        place = row["data"], row["code size"], row["budget"].split()[0]
        if row["whose"] == "ours" and place in (("mnist", 32, "100,000"), ("mnist", 256, "20,000"),
                                                ("lines", 64, "80,000"), ("lines", 64, "128,000")):
            title = {"lines": "lines",
                     "mnist": f"MNIST, {row['code size']} dimensions"}[row["data"]]
            found = rows.pop((f"{title}: {row['measure']}", f"{place[2]} samples"), None)
            assert found is None or found == [row[name] for name in TITLES]
    assert list(rows) == [("paper", "16.8 million")]  # every other row was compared


@pytest.mark.parametrize("path", FILMS, ids=lambda p: p.stem)
def test_a_film_is_that_of_its_result(path):
    film = al.film(path.stem.removesuffix("-film"))
    result = json.loads(path.with_name(path.name.replace("-film.png", ".json")).read_text())
    if "runs" in result:
        names = [run["name"] if isinstance(run, dict) else run for run in result["runs"]]
        assert set(map(str, film.samples)) <= set(names)
        assert path.stem == "starts-film" or len(film.samples) == len(set(names))
    else:
        assert film.receipt == result and film.samples[-1] == result["samples"]
        if result["dataset"] != "lines":
            return
        assert film.scores[-1]["mean_distance"] == pytest.approx(result["mean_distance"], rel=1e-3)
        again = al.line_scores(film.frames[-1])  # pixels rounded to 256 levels and clipped
        assert again.mean_distance < 3 * result["mean_distance"] + 1e-3


def in_curves(old):
    """The settings of a recipe from before recipes were curves, as a recipe has them now."""
    settings = {key: value for key, value in old.items()
                if key not in ("warm_up", "decay", "ramp", "weight")}
    if settings == old:
        return old
    (start, end), share = old["ramp"], old["warm_up"]
    assert old["decay"] and 0 < share and start < end
    return settings | {"rate_curve": [[0, 0], [share, 1], [1, 0]],
                       "critic_curve": [[start, 0], [end, old["weight"]]]}


def test_committed_short_runs_are_of_the_recorder_that_is_committed():
    assert refused([result_file("records", f"{name}.json") for name in record_critic.FILES],
                   check_short_runs) == {}


def check_short_runs(path):
    record, of = json.loads(path.read_text()), record_critic.FILES[path.stem]
    assert (record["samples"], list(record["runs"])) == (of.samples, list(of.seeds))
    for name, seeds in of.seeds.items():        # `make results` adds seeds in their order
        found = tuple(map(int, record["runs"][name]))
        assert found[:len(seeds)] == seeds[:len(found)] and len(found) >= min(3, len(seeds))
    assert record["start"] == of.start
    settings = json.loads(json.dumps(of.settings().settings()))
    assert {**settings, "name": ""} == {**al.Recipe().settings(), **in_curves(record["settings"]),
                                        "name": ""}
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
        assert (al.score_lines(model, lines, 64).mean_distance
                == pytest.approx(result["mean_distance"], rel=0.4))
        some = al.reconstruction_error(model, lines.test_images[:500])
        assert some == pytest.approx(result["reconstruction_error"], rel=0.3)


def test_committed_checkpoints_together_stay_small():
    assert sum(p.stat().st_size for p in FILES) <= 15 * 2 ** 20
    assert max(p.stat().st_size for p in FILES) <= 2 * 2 ** 20


def test_committed_page_has_a_row_for_every_run():
    results = {p.name: json.loads(p.read_text()) for p in RESULTS}
    shown = {row[-1]: row for name in ("lines", "images") for row in table(name) if row[-1]}
    # others belong to a lab
    assert set(shown) == {name for name, run in results.items() if run["recipe"] in al.RECIPES}
    for name, row in shown.items():
        run = results[name]
        assert (f"{run['samples']:,}" in row and run["recipe"] in row
                and TITLES[SEVEN.index(run["method"])] in row)
        keys = {"mean_distance": 1e5, "smoothness": 1e2} if run["dataset"] == "lines" else {
            "online_probe_accuracy": 1e4, "probe_accuracy": 1e4, "cluster_accuracy": 1e4}
        for key, factor in keys.items():
            wanted = "not measured" if run[key] is None else f"{round(factor * run[key]) / 100:.2f}"
            assert wanted in row, (name, key)


def test_committed_page_has_the_explorers_bench():
    record = json.loads(result_file("ops", "explorers.json").read_text())
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]) and record["command"] == "make bench"
    for which, row in zip(("explorer", "interact + matplotlib"), table("explorers"), strict=True):
        assert row[1:] == [*(str(record[which][key]) for key in ("median_ms", "p95_ms")),
                           f"{record[which]['shown_of_45']} of 45"]
    assert record["explorer"]["p95_ms"] <= 30 and record["explorer"]["shown_of_45"] == 45
    assert record["new_pair"]["slowest_of_12_ms"] <= 300 and record["memory_added_mb"] <= 110


def test_committed_realism_record_is_of_the_recorder_that_is_committed():
    tool, record = record_realism, json.loads(result_file("records", "realism.json").read_text())
    assert list(record["calibration"]) == tool.LINES and list(record["paths"]) == tool.WALKED
    assert (record["pairs"], record["frames"], record["centres"]) == (tool.PAIRS, tool.FRAMES,
                                                                      tool.CENTRES)
    assert (re.fullmatch(r"[0-9a-f]{40}", record["commit"])
            and record["command"].endswith(Path(tool.__file__).name))
    for indices in record["calibration"].values():
        for correlation, low, high in (values for found in indices.values()
                                       for values in found.values()):
            assert -1 <= low <= correlation <= high <= 1
    for walked in record["paths"].values():
        assert [*walked["indices"]] == [f"kernel {b or 'chosen'}" for b in tool.BANDWIDTHS]
        for found in walked["indices"].values():
            assert 0 <= found["converged"] <= walked["pairs"] == tool.WALKS
            for kind in found["kinds"].values():
                assert 0 <= kind["min_ri"] <= kind["mean_ri"] <= 1 <= kind["length"] + 1e-3


def test_the_recorded_calibration_is_that_of_the_committed_models():
    """One row again, on a quarter of the pairs."""
    record, lines, model = (course.realism_record(), al.load("lines"),
                            al.checkpoint("lines-baseline-64"))
    train = al.encode_all(model, lines.train_images[:4000])
    with torch.no_grad():
        codes = al.interpolate(*(model.encode(lines.test_images[k:k + 64])
                                 for k in (0, record_realism.PAIRS)), record_realism.FRAMES)
    distance = al.line_scores(al.decode_path(model, codes)).distances
    for name, index in (("Gaussian", al.gaussian_realism), ("radius", al.radial_realism)):
        again = al.rank_agreement(index(codes.flatten(2), *al.mean_and_cov(train)),
                                  distance).correlation
        assert again == pytest.approx(
            record["calibration"]["lines-baseline-64"][name]["all"][0], abs=0.1)


def test_committed_page_has_the_realism_tables():
    record = json.loads(result_file("records", "realism.json").read_text())
    order = ["lines-baseline-64", "lines-denoising-64", "lines-vae-64", "lines-vqvae-256",
             "lines-acai-64"]
    assert table("indices") == [[index, *(f"{record['calibration'][model][index]['inner'][0]:+.2f}"
                                          for model in order)]
                                for index in record["calibration"][order[0]]]
    wanted = []
    for name, model in (("baseline", order[0]), ("VAE", order[2]), ("ACAI", order[4])):
        walked = record["paths"][model]["indices"]["kernel 0.2"]
        for kind, row in walked["kinds"].items():
            values = ([row[key] for key in ("mean_ri", "min_ri", "length")]
                      + [row["mean_distance"] * 1e3, row["smoothness"]])
            done = f"{walked['converged']} of 16" if kind == "realistic" else ""
            wanted.append([name, kind, *(f"{value:.2f}" for value in values), done])
    assert table("walks") == wanted


# --- waves ----------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def waves():
    return json.loads(result_file("records", "waves.json").read_text())


def test_the_record_of_waves_is_that_of_its_recorder(waves):
    tool, record = record_waves, waves
    assert record["command"] == "python notebooks/tools/record_waves.py"
    cells = {(r["dataset"], r["method"], r["seed"]): r for r in record["runs"]}
    assert set(cells) == {(d, m, seed) for d, budgets in tool.BUDGETS.items() for m in budgets
                          for seed in tool.SEEDS}
    for (dataset, method, _), r in cells.items():
        assert (r["samples"] == tool.BUDGETS[dataset][method] // 16 * 16
                and (r["threads"], r["recipe"]) == (1, "lab"))
        assert (re.fullmatch(r"[0-9a-f]{40}", r["commit"])
                and r["config"] == al.build(method, dataset, recipe="lab").config)
    assert re.fullmatch(r"[0-9a-f]{40}", record["references_commit"])
    again, frames = tool.references()
    for dataset, rows in again.items():
        for name, row in rows.items():
            assert row == pytest.approx(record["references"][dataset][name], rel=1e-3, abs=1e-6)
    assert tool.packed(frames["waves"]["truth"]) == record["frames"]["waves"]["truth"]
    for dataset in tool.BUDGETS:
        assert tool.figure(dataset, record["frames"][dataset]).alt
        assert result_file("records", f"{dataset}.png").stat().st_size <= 200_000


def test_committed_acai_halves_the_distance_of_the_baseline_on_waves_at_an_equal_time(waves):
    runs = {m: [r for r in waves["runs"] if (r["dataset"], r["method"]) == ("waves", m)]
            for m in ("baseline", "acai")}
    seconds = {m: sum(r["cpu_seconds"] for r in rows) for m, rows in runs.items()}
    assert 0.85 < seconds["baseline"] / seconds["acai"] < 1.3
    assert max(r["mean_distance"] for r in runs["acai"]) <= min(r["mean_distance"]
                                                                for r in runs["baseline"]) / 2
    # not one wave for everything
    assert all(r["end_error"] < 0.02 for rows in runs.values() for r in rows)


@pytest.mark.wording
def test_committed_docs_have_the_recorded_numbers_of_waves(waves):
    page = " ".join((ROOT / "docs" / "recipes.md").read_text().split())

    def cell(runs, key, scale=1, digits=2):
        values = [run[key] * scale for run in runs]
        mean, low, high = (f"{v:.{digits}f}"
                           for v in (sum(values) / len(values), min(values), max(values)))
        return f"{mean} ({low} to {high})"

    columns = {"waves": (("cpu_seconds", 1, 0), ("mean_distance", 1e3, 1),
                         ("smoothness",), ("end_error", 1e3, 3)),
               "terrain": (("cpu_seconds", 1, 0), ("ratio",), ("distance", 1, 1),
                           ("ratio_of_ends",))}
    for dataset, wanted in columns.items():
        for method, name in (("baseline", "baseline"), ("acai", "ACAI")):
            runs = [r for r in waves["runs"] if (r["dataset"], r["method"]) == (dataset, method)]
            cells = [f"{name} on {dataset}",
                     f"{runs[0]['samples']:,}", *(cell(runs, *column) for column in wanted)]
            assert f"| {' | '.join(cells)} |" in page
    blend = waves["references"]["waves"]["signal blend"]
    assert (f"| signal blend | | | {1e3 * blend['mean_distance']:.1f} | "
            f"{blend['smoothness']:.2f} | |" in page)
