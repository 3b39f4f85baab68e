"""The scripts that made data/results/records: nothing imports them, and each of them still runs."""
import ast
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import acai_lite as al
from acai_lite.files.checkout import result_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "recorders"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
RECORDERS = [name for name in NAMES if name not in ("gpu_slot", "plan", "recording",
                                                "results_page")]
ARGUMENTS = {"record_curve": ["lab", "0,1", "64"], "record_path_scores": [
    "mnist", str(ROOT / "data" / "checkpoints")], "record_critic": ["--only", "live-runs"],
             "try_recipes": ["one", "acai", "digits", "64", '{"critic_curve": [[0, 2]]}']}
WRITES = {"record_critic": ["live-runs.json", "live-runs-film.png"], "record_gan": [
    "gan.json", "gan-film.png"], "record_cifar": ["cifar.json", "cifar-film.png"],
          "record_paths": ["paths.json", "mnist-hour.png"], "record_waves": [
              "waves.json", "waves.png", "terrain.png"], "record_zoo": ["zoo.json", "zoo-film.png"],
          "record_starts": ["starts.json", "starts-film.png", "starts.png"]}
NEEDS = {"record_cifar": "cifar10", **dict.fromkeys((
    "record_curve", "record_gan", "record_path_scores", "record_paths", "record_realism"), "mnist")}


def test_neither_the_package_nor_the_course_imports_a_recorder():
    files = [*(ROOT / "acai_lite").rglob("*.py"), *(ROOT / "notebooks").rglob("*.py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            assert not set(modules) & set(NAMES), path
    assert len(files) > 40 and len(RECORDERS) >= 11


@pytest.mark.parametrize("name", RECORDERS)
def test_a_recorder_says_how_it_is_run_and_its_record_is_committed(name):
    tool = importlib.import_module(name)
    assert f"    python data/recorders/{name}.py" in tool.__doc__ and callable(tool.main)
    if name != "try_recipes":
        for file in WRITES.get(name, [f"{name.removeprefix('record_')}.json"]):
            assert result_file("records", file).exists()


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in RECORDERS if name != "record_zoo"])
def test_a_recorder_runs(name, tmp_path, real):
    if name in NEEDS:
        real(NEEDS[name])
    command = [sys.executable, FOLDER / f"{name}.py", *ARGUMENTS.get(name, []), "--quick",
               "--out", tmp_path / "results"]
    setting = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "notebooks")))}
    done = subprocess.run(command, cwd=tmp_path, env=setting, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    if name == "try_recipes":
        assert (json.loads((tmp_path / "results" / "one.json").read_text())["changed"]
                == {"critic_curve": [[0, 2]]})
        return
    for file in WRITES.get(name, [f"{name.removeprefix('record_')}.json"]):
        path = tmp_path / "results" / "records" / file
        assert path.stat().st_size > 200
        if path.suffix == ".json" and name != "record_path_scores":
            old, new = (json.loads(result_file("records", file).read_text()),
                        json.loads(path.read_text()))
            assert new["command"] == f"python data/recorders/{name}.py" and set(new) >= set(old)


def test_a_slot_on_a_gpu_begins_with_what_tells_most_and_names_every_run_once():
    import gpu_slot
    names = [one.name for one in gpu_slot.wanted()]
    assert len(names) == len(set(names)) == 2 + 7 * 6 - 2 + 6
    assert names[:2] == ["mnist-acai-32-paper-16777216", "lines-acai-64-paper-16777216"]
    assert {one.recipe for one in gpu_slot.wanted()} == {"paper"}
    assert gpu_slot.fastest({"side_by_side": {"depth 16, 1 colour": {1: 10.0, 4: 30.5, 8: 30.0}}
                             }) == 4


@pytest.mark.long
def test_a_slot_runs_on_a_processor_and_goes_on(tmp_path):
    """Given no time at first: the states stay, and the same command finishes the runs."""
    def slot(minutes):
        command = [sys.executable, FOLDER / "gpu_slot.py", "--quick", "--device", "cpu",
                   "--minutes", minutes, "--out", tmp_path / "results", "--states", tmp_path / "s"]
        setting = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "notebooks")))}
        done = subprocess.run([*map(str, command)], env=setting, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    assert "the slot is over" in slot(0) and (tmp_path / "results/ops/bench_gpu.json").exists()
    assert "the slot is over" not in slot(5)
    found = sorted(path.stem for path in (tmp_path / "results/runs/study").glob("*.json"))
    assert found == [f"digits-{method}-32-lab-128" for method in ("acai", "baseline", "vqvae")]
    assert all(path.stat().st_size < 16 * 2 ** 20 for path in (tmp_path / "s").iterdir())


def test_the_plan_leaves_out_what_is_done_and_names_every_run_once(tmp_path):
    import plan
    names = [job[0] for job in plan.jobs(tmp_path)]
    assert len(set(names)) == len(names) > 90
    (tmp_path / "runs" / "study").mkdir(parents=True)
    (tmp_path / "runs" / "lines-acai-64.json").write_text("{}")
    (tmp_path / "runs" / "study" / "lines-vae-64-lines-128000.json").write_text("{}")
    left = [job[0] for job in plan.jobs(tmp_path)]
    assert set(names) - set(left) == {"lines-acai-64", "lines-vae-64-lines-128000"}
    assert left == [name for name in names if name in left]


def test_a_finished_study_is_taken_in(tmp_path, monkeypatch):
    import record_zoo
    name, scores = "lines-vae-64-lab-64", dict.fromkeys(record_zoo.SCORES, 0)
    al.save_checkpoint(al.build("vae", "lines", recipe="lab"),
                       tmp_path / "study" / f"{name}.safetensors", scores)
    (tmp_path / "study" / f"{name}.json").write_text("{}")
    monkeypatch.setattr(sys, "argv", ["record_zoo.py", str(tmp_path / "study"),
                                      "--out", str(tmp_path / "results")])
    record_zoo.main()
    record = json.loads((tmp_path / "results" / "records" / "zoo.json").read_text())
    assert record["runs"]["vae"] == scores and list(record["runs"]) == ["baseline", "vae"]
    assert al.film(tmp_path / "results" / "records" / "zoo-film.png").samples == ["baseline", "vae"]
    assert (tmp_path / "results" / "runs" / "study" / f"{name}.json").exists()
    assert (tmp_path / "checkpoints" / "lines-vae-64.safetensors").exists()
