"""Lab 09's images and its record."""
import json
import re
from pathlib import Path

import acai_course as course
import pytest
import torch
from acai_course.lab_09.images import tinted_digits

import acai_lite as al
from acai_lite.files.checkout import result_file

ROOT = Path(__file__).resolve().parents[2]


def test_without_cifar10_there_are_tinted_digits(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ACAI_LITE_DATA", str(tmp_path))
    images, source = course.colour_images()
    assert "CIFAR-10 is not on this disk" in capsys.readouterr().out and "tinted digits" in source
    assert (images.train_images.shape == (1437, 3, 32, 32)
            and images.test_images.shape == (360, 3, 32, 32))
    again = tinted_digits()
    assert torch.equal(images.train_images.stored, again.train_images.stored)
    # each image has one colour, and they differ
    share = (images.train_images[:50] + 1).amax((2, 3))
    assert len((share / share.amax(1, keepdim=True)).mul(10).round().unique(dim=0)) > 3
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(ValueError, match="incomplete or damaged"):
        course.colour_images()


def test_the_part_of_cifar10_is_the_beginning_of_all_of_it(real):
    whole = real("cifar10")
    part, source = course.colour_images()
    assert source == "CIFAR-10" and part.name == "cifar10" and part.classes == whole.classes
    assert torch.equal(part.train_images.stored, whole.train_images.stored[:10_000])
    assert torch.equal(part.train_labels, whole.train_labels[:10_000])
    assert torch.equal(part.test_images.stored, whole.test_images.stored)
    assert [whole.classes[k] for k in whole.test_labels[[5, 11]]] == ["frog", "truck"]


def test_committed_record_is_complete_and_its_film_shows_its_runs():
    record, film = json.loads(result_file("records", "cifar.json").read_text()), al.film("cifar")
    assert film.samples == [run["name"] for run in record["runs"]]     # no photograph is committed
    assert tuple(film.frames.shape[1:]) == (6, 16, 3, 32, 32) and record["frames"] == 16
    keys = {"confidence", "entropy", "class_changes", "feature_length", "step_ratio",
            "kernel_distance"}
    for run in record["runs"]:
        assert run["name"] == f"{run['method']}-{run['code_size']}-depth{run['depth']}"
        assert (re.fullmatch(r"[0-9a-f]{40}", run["commit"])
                and set(run["commit"]) != {"0"}), "a stand-in, not a run"
        assert (run["changed"]["depth"] == run["depth"] and run["threads"] == 1
                and run["seconds"] > 0)
        assert set(run["paths"]) == keys and 0 < run["reconstruction_error"] < 1
        assert 0 < run["online_probe_accuracy"] < 1 and 0 < run["probe_accuracy"] < 1
    assert all(set(record["references"][name]) == keys for name in ("real data", "pixel blend"))
    assert record["command"] == "python notebooks/tools/record_cifar.py"
    images, source = course.colour_images()
    if source == "CIFAR-10":
        ends = images.test_images[:12].view(1, 2, 6, 3, 32, 32).transpose(1, 2)
        drawn = film.frames[:, :, [0, -1]].sub(ends).square().mean((1, 2, 3, 4, 5))
        # six pairs against 10,000 images
        for error, run in zip(drawn.tolist(), record["runs"], strict=True):
            assert run["reconstruction_error"] / 4 < error < run["reconstruction_error"] * 4
