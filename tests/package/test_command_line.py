"""`python -m acai_lite`: train writes all its files or none, errors are one sentence, data says
what is there."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import acai_lite as al
from acai_lite.files.catalogue import CATALOGUE
from acai_lite.recipes import change
from acai_lite.runs.command_line import main

TRAIN = ["train", "--method", "acai", "--data", "digits", "--recipe", "lab", "--device", "cpu"]
KEYS = ("method dataset code_size recipe seed samples probe_accuracy online_probe_accuracy "
        "cluster_accuracy mean_distance smoothness seconds device threads versions commit command "
        "date").split()


@pytest.mark.slow
def test_train_writes_checkpoint_result_and_picture(tmp_path, capsys):
    assert main([*TRAIN, "--samples", "640", "--out", str(tmp_path), "--seed", "2"]) == 0
    names = [f"digits-acai-32-seed2.{end}" for end in ("json", "png", "safetensors")]
    assert sorted(os.listdir(tmp_path)) == names
    result = json.loads((tmp_path / "digits-acai-32-seed2.json").read_text())
    assert set(KEYS) <= set(result)
    assert [result[key] for key in ("method", "dataset", "code_size", "seed", "samples")] == [
        "acai", "digits", 32, 2, 640]
    assert 0 < result["probe_accuracy"] <= 1 and 0 <= result["online_probe_accuracy"] <= 1
    assert result["mean_distance"] is None and result["points"][-1]["samples"] == 640
    model = al.checkpoint(tmp_path / "digits-acai-32-seed2.safetensors")
    assert model.receipt == {k: v for k, v in result.items() if k != "points"}
    again = al.reconstruction_error(model, al.load("digits").test_images)
    assert again == pytest.approx(result["reconstruction_error"], rel=0.01)
    assert f"{result['probe_accuracy']:.6g}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_goes_on_from_a_checkpoint_with_other_settings_and_is_filmed(tmp_path):
    base = tmp_path / "start.safetensors"
    al.save_checkpoint(al.build("baseline", "digits", recipe="lab", seed=4), base, {})
    assert main([*TRAIN, "--samples", "320", "--out", str(tmp_path), "--start", str(base), "--name",
                 "second", "--film", "2", "--set", '{"learning_rate": 0, "averaging": 0}']) == 0
    model, start = al.checkpoint(tmp_path / "second.safetensors"), al.checkpoint(base)
    assert isinstance(model, al.ACAI) and model.receipt["settings"]["learning_rate"] == 0
    assert model.receipt["recipe"] == "lab (changed)"
    for name, weight in start.state_dict().items():     # at rate 0 the start is the end
        assert torch.equal(model.base.state_dict()[name], weight)
    film = al.film(tmp_path / "second-film.png")
    assert film.samples == [0, 160, 320] and len(film.receipt["points"]) == 20
    assert film.receipt["settings"] == model.receipt["settings"]


@pytest.mark.parametrize("arguments, words", [
    ([*TRAIN, "--samples", "5"], "at least one batch of 16; got 5"),
    ([*TRAIN, "--samples", "640", "--code-size", "31"], "multiple of 16"),
    ([*TRAIN, "--samples", "640", "--data", "stl10"], "unknown data set 'stl10'"),
    ([*TRAIN, "--samples", "640", "--method", "gan"], "unknown method 'gan': choose one of "),
    ([*TRAIN, "--samples", "640", "--size", "64"], "digits has size 32 only"),
    ([*TRAIN, "--samples", "640", "--set", '{"speed": 2}'], "a recipe has no setting speed"),
    ([*TRAIN, "--samples", "640", "--start", "no-such-model"], "no checkpoint 'no-such-model'; "),
    (["data", "fetch"], "name data sets out of lines, waves, digits, terrain, mnist"),
    (["data", "fetch", "imagenet"], "got imagenet")])
def test_a_wrong_call_is_one_sentence_and_exit_1(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and words in said and said.count("\n") == 1
    assert not list(tmp_path.rglob("*.safetensors"))


def test_a_folder_that_cannot_be_written_fails_before_training(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([*TRAIN, "--samples", "1000000", "--out", str(tmp_path / "file" / "below")]) == 1
    assert "cannot write into" in capsys.readouterr().err


def test_absent_data_names_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ACAI_LITE_DATA", str(tmp_path))
    assert main([*TRAIN, "--samples", "640", "--data", "mnist", "--out", str(tmp_path)]) == 1
    assert "python -m acai_lite data fetch mnist" in capsys.readouterr().err
    assert main(["data", "status"]) == 0
    said = capsys.readouterr().out
    assert "lines" in said and "absent: python -m acai_lite data fetch cifar10" in said


@pytest.mark.parametrize("command", ["train", "study"])
def test_help_names_every_data_set(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert {*CATALOGUE} <= set(re.findall(r"\w+", capsys.readouterr().out))


def test_an_unknown_recipe_lists_the_choices(capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*TRAIN, "--samples", "64", "--recipe", "fast"])
    assert stopped.value.code == 2 and "choose from" in capsys.readouterr().err


def test_a_recipe_is_changed_by_name_only():
    assert change("lab", {}) is al.RECIPES["lab"]
    changed = change("lab", {"critic_curve": [[0, 1]], "batch_size": 8})
    assert changed.critic_curve == ((0, 1),) and changed.batch_size == 8
    assert changed.name == "lab (changed)"
    assert changed.learning_rate == al.RECIPES["lab"].learning_rate
    for wrong in ({"rate": 1}, {"name": "mine"}):
        with pytest.raises(ValueError, match="a recipe has no setting"):
            change("lab", wrong)


WITHOUT = """
import sys
import acai_lite as al
from acai_lite.runs.command_line import main
assert al.__file__.startswith(sys.argv[1])
for get in (al.checkpoint, al.film):
    try:
        get("lines-acai-64")
    except FileNotFoundError as error:
        assert "checkout of acai_lite" in str(error) and "git clone" in str(error), error
        assert "lines-acai-64" in str(error) and "\\n" not in str(error), error
    else:
        raise AssertionError
words = "--data digits --samples 64 --recipe lab --device cpu".split()
assert main(["train", "--method", "acai", "--film", "1", *words]) == 0
assert al.checkpoint("runs/digits-acai-32.safetensors").receipt["commit"] is None
assert len(al.film("runs/digits-acai-32-film.png").frames) == 2
assert main(["study", "--methods", "acai", *words, "--restarts", "0"]) == 0
assert main(["data", "status"]) == 0
assert main(["train", "--method", "acai", "--start", "lines-acai-64", *words]) == 1
"""


@pytest.mark.slow
def test_without_a_checkout_train_and_study_work_and_names_say_what_they_need(tmp_path):
    """The package alone, as `pip install` leaves it, in a folder of its own."""
    site = tmp_path / "site"
    shutil.copytree(Path(al.__file__).parent, site / "acai_lite",
                    ignore=shutil.ignore_patterns("__pycache__"))
    outside = {key: value for key, value in os.environ.items() if key != "ACAI_LITE_DATA"}
    done = subprocess.run([sys.executable, "-c", WITHOUT, str(site)], cwd=tmp_path, text=True,
                          env=outside | {"PYTHONPATH": str(site)}, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert "absent: python -m acai_lite data fetch mnist" in done.stdout
    assert done.stderr.count("\n") == 1 and "git clone" in done.stderr
