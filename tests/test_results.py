"""Committed results and checkpoints: each with its receipt, small enough, and the same numbers in the README."""
import json
import re
from pathlib import Path

import pytest

import acai_lite as al

ROOT = Path(__file__).resolve().parent.parent
RESULTS = [p for p in sorted((ROOT / "data" / "results").glob("*.json")) if p.stem != "labs"]
CHECKPOINTS = sorted((ROOT / "data" / "checkpoints").glob("*.safetensors"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda p: p.stem)
def test_a_result_says_where_it_comes_from(path):
    result = json.loads(path.read_text())
    assert path.stem.startswith(f"{result['dataset']}-{result['method']}-{result['code_size']}")
    assert re.fullmatch(r"[0-9a-f]{40}", result["commit"]), "trained by code that is not committed"
    assert f"--samples {result['samples']}" in result["command"] and f"--data {result['dataset']}" in result["command"]
    assert result["seconds"] > 0 and result["threads"] >= 1 and result["versions"]["torch"]
    assert "/" not in result["command"].replace("--out runs", "")       # no folder of one machine


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda p: p.stem)
def test_a_checkpoint_loads_carries_its_receipt_and_scores_what_it_says(path):
    assert path.stat().st_size <= 2 * 2 ** 20
    model = al.checkpoint(path.stem)
    result = json.loads((ROOT / "data" / "results" / f"{path.stem}.json").read_text())
    assert model.receipt == {key: value for key, value in result.items() if key != "points"}
    if model.receipt["dataset"] == "lines":
        lines = al.load("lines")
        assert al.score_lines(model, lines, 64).mean_distance == pytest.approx(result["mean_distance"], rel=0.4)
        some = al.reconstruction_error(model, lines.test_images[:500])
        assert some == pytest.approx(result["reconstruction_error"], rel=0.3)


def test_checkpoints_together_stay_small():
    assert sum(p.stat().st_size for p in CHECKPOINTS) <= 15 * 2 ** 20


def test_the_readmes_table_shows_the_results():
    rows = re.findall(r"^\| (lines|mnist) \| (\w+) \| ([\d,]+) \| (\d+) s \| ([^|]+) \|$", (ROOT / "README.md").read_text(),
                      re.MULTILINE)
    assert len(rows) == len(RESULTS) > 0
    for dataset, method, samples, seconds, scores in rows:
        path, = [p for p in RESULTS if p.stem.startswith(f"{dataset}-{method}-")]
        result = json.loads(path.read_text())
        assert (int(samples.replace(",", "")), int(seconds)) == (result["samples"], round(result["seconds"]))
        if dataset == "lines":
            distance, ends = result["mean_distance"] * 1e3, result["end_error"] * 1e3
            wanted = f"{distance:.2f}e-3 / {result['smoothness']:.2f} / {ends:.1f}e-3"
        else:
            wanted = f"{result['probe_accuracy']:.1%} (online {result['online_probe_accuracy']:.1%})"
        assert scores.strip() == wanted
