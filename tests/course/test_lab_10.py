"""Lab 10's data and its records."""
import json
import math
import re
from pathlib import Path
from statistics import mean, pstdev

import acai_course as course
import pytest
import torch

import acai_lite as al
from acai_lite.files.checkout import result_file
from acai_lite.runs.study import Experiment
from acai_lite.zoo import method_name

ROOT = Path(__file__).resolve().parents[2]
CRITICS = sorted(result_file("runs", "critics").glob("*.json"))


# --- data -----------------------------------------------------------------------------------------

def test_the_folder_of_digits_loads(tmp_path):
    images = al.load(course.png_folder(tmp_path / "mine"))
    assert images.classes == tuple("0123") and images.train_images.shape[1:] == (1, 32, 32)
    assert len(images.train_images) + len(images.test_images) == 48
    again = al.load("digits").train_images.stored
    assert all((image == again).flatten(1).all(1).any() for image in images.test_images.stored)


def test_no_wave_of_the_two_islands_lies_between_them():
    images = course.two_islands()
    for split, labels in ((images.train_images, images.train_labels),
                          (images.test_images, images.test_labels)):
        scores = al.wave_scores(split[:400].view(200, 2, 1, 32))
        assert scores.mean_distance < 1e-6 and 0.4 < labels.float().mean() < 0.6
        fast = scores.frequencies.flatten() > 3
        assert torch.equal(fast, labels[:400] == 1)
        assert ((scores.frequencies < 2.001) | (scores.frequencies > 4.499)).all()


# --- records --------------------------------------------------------------------------------------

def result(method, seed, value, dataset="lines", samples=40_000):
    return {"method": method, "dataset": dataset, "seed": seed, "samples": samples, "recipe": "lab",
            "mean_distance": value}


def test_the_table_of_critics_averages_over_seeds_and_says_what_was_not_run(tmp_path):
    runs = [result("baseline", 0, 0.004), result("baseline", 1, 0.006), result("acai", 0, 0.002),
            result("acai-vae", 0, 0.003), result("vae", 0, 0.001, dataset="mnist")]
    for k, run in enumerate(runs):
        (tmp_path / f"{k}.json").write_text(json.dumps(run))
    table = course.critics_table("lines", "mean_distance", tmp_path)
    assert list(table) == ["baseline", "denoising", "vae", "dropout"]
    plain, critic = table["baseline"]
    assert (plain.mean, plain.spread, plain.count) == (pytest.approx(0.005),
                                                       pytest.approx(0.001), 2)
    assert (plain.text(1000) == "5.00±1.00 (2)" and critic.text(1000, 1) == "2.0 (1)"
            and math.isnan(critic.spread))
    assert [runs.text() for runs in table["denoising"]] == ["not run", "not run"]
    assert table["vae"][0].count == 0 and table["vae"][1].mean == 0.003
    (tmp_path / "9.json").write_text(json.dumps(result("vae", 0, 0.1, samples=5)))
    with pytest.raises(ValueError, match="several budgets"):
        course.critics_table("lines", "mean_distance", tmp_path)
    assert course.critics_table("lines", "mean_distance",
                                tmp_path / "none")["vae"][0].text() == "not run"


def test_committed_runs_with_and_without_critic_say_where_they_come_from():
    keys = ("method", "dataset", "code_size", "samples", "recipe", "seed")
    budgets = {"lines": (40_000, "lab"), "mnist": (30_000, "hour")}
    for path in CRITICS:
        r = json.loads(path.read_text())
        assert (path.stem == Experiment(*(r[key] for key in keys)).name
                and r["method"] == method_name(r["config"]))
        assert (re.fullmatch(r"[0-9a-f]{40}", r["commit"]) and r["threads"] == 1
                and r["seconds"] > 0), path.name
        assert (r["samples"], r["recipe"]) == budgets[r["dataset"]], path.name
        assert (r["command"].startswith("python -m acai_lite study")
                and not re.search(r"(?<!\w)/", r["command"])), path.name
        assert f"--samples {r['samples']} --recipe {r['recipe']}" in r["command"], path.name


def test_a_record_of_signals_is_read_as_it_was_written(tmp_path):
    empty = course.signal_record(tmp_path / "none.json")
    assert course.signal_runs(empty, "waves", "acai", "smoothness").text() == "not run"
    assert course.signal_frames(empty, "waves") == {}
    runs = [{"dataset": "waves", "method": "acai", "smoothness": value} for value in (0.2, 0.4)]
    frames = {"truth": [" ".join(["-1000"] * 32)] * 9, "acai": [" ".join(["250"] * 32)] * 9}
    (tmp_path / "waves.json").write_text(json.dumps({"runs": runs, "references": {},
                                                     "frames": {"waves": frames}}))
    found = course.signal_record(tmp_path / "waves.json")
    assert course.signal_runs(found, "waves", "acai", "smoothness").text() == "0.30±0.10 (2)"
    shown = course.signal_frames(found, "waves")
    assert (list(shown) == ["acai", "truth"]
            and shown["acai"].shape == (9, 1, 32) and (shown["truth"] == -1).all())


def test_committed_record_of_signals_has_what_the_lab_reads():
    record = course.signal_record()
    for dataset, measure in (("waves", "mean_distance"), ("waves", "smoothness"),
                             ("terrain", "ratio")):
        for method in ("baseline", "acai"):
            values = [r[measure] for r in record["runs"]
                      if (r["dataset"], r["method"]) == (dataset, method)]
            runs = course.signal_runs(record, dataset, method, measure)
            assert runs.count == len(values) and (not values or runs.mean == mean(values))
            assert len(values) < 2 or runs.spread == pstdev(values)
        assert measure in record["references"][dataset]["signal blend"]
    assert list(course.signal_frames(record, "waves"))[-1] == "truth"


def test_committed_runs_show_what_the_results_page_says_of_the_critic():
    gain = {base: 1 - critic.mean / plain.mean
            for base, (plain, critic) in course.critics_table("lines", "mean_distance").items()}
    assert (min(gain, key=gain.get) == "vae" and 0.35 < gain["vae"] < 0.45
            and all(share > 0.35 for share in gain.values()))
    smooth = course.critics_table("lines", "smoothness").values()
    assert max(abs(plain.mean - critic.mean) for plain, critic in smooth) < 0.06
    for plain, critic in course.critics_table("mnist", "kernel_distance").values():
        assert (plain.mean - critic.mean > 3 * math.hypot(plain.spread, critic.spread)
                and plain.count == critic.count == 2)
    gain = {base: critic.mean - plain.mean
            for base, (plain, critic) in course.critics_table("mnist", "probe_accuracy").items()}
    assert round(gain.pop("vae"), 3) == 0.007 and all(abs(more) < 0.005 for more in gain.values())
    moved = [critic.mean - plain.mean
             for plain, critic in course.critics_table("mnist", "cluster_accuracy").values()]
    assert max(map(abs, moved)) < 0.055 and sum(more < 0 for more in moved) == 2 and sum(moved) < 0


def test_committed_path_scores_are_of_committed_runs():
    record = json.loads(result_file("records", "path_scores.json").read_text())
    for dataset, found in record.items():
        assert (re.fullmatch(r"[0-9a-f]{40}", found["commit"])
                and 0.8 < found["judge"]["accuracy"] <= 1)
        names = set(found["rows"]) - {"real data", "pixel blend"}
        places = result_file("runs").glob(f"**/{dataset}-*.json")
        assert names and names <= {path.stem for path in places}
    assert {path.stem for path in CRITICS
            if path.stem.startswith("mnist")} <= set(record["mnist"]["rows"])


def test_committed_runs_show_what_the_results_page_says_of_fashion_mnist():
    rows = json.loads(result_file("records",
                                  "path_scores.json").read_text())["fashion_mnist"]["rows"]
    acai, baseline = (json.loads(result_file("runs", f"fashion_mnist-{name}-32.json").read_text())
                      for name in ("acai", "baseline"))
    assert (rows["fashion_mnist-acai-32"]["kernel_distance"]
            < 0.5 * rows["fashion_mnist-baseline-32"]["kernel_distance"])
    assert all(acai[key] < baseline[key] for key in ("probe_accuracy", "cluster_accuracy"))
    assert acai["reconstruction_error"] > baseline["reconstruction_error"]
