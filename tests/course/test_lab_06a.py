"""What lab 06a shows, and what its check asks of a number that does not beat the control."""

import acai_course as course
import pytest
import torch
from acai_course.lab_06a import checks_decision, pictures
from asking import fails
from mutants.lab_06a import TABLE, choose, row

import acai_lite as al


def test_a_number_that_does_not_beat_the_control_supports_no_trust(monkeypatch, capsys):
    table = TABLE | {"lines-acai-64": row(0.09, 0.38, 0.73, 0.35, [0.4, 0.35, 0.45])}
    monkeypatch.setattr(checks_decision, "realism_record", lambda: {"calibration": table})
    fails("06-4-2", choose("untrained features", number=0.35), "supports no trust", capsys)


def test_the_panel_shows_every_source_and_its_real_lines_are_lines():
    pictures, sources = course.blind_panel(al.load("lines"))
    assert pictures.shape == (24, 1, 32, 32) and {sources.count(name) for name in sources} == {4}
    distances = al.line_scores(pictures[:, None].expand(-1, 2, -1, -1, -1)).distances[:, 0]
    far = {name: [bool(d > 5e-3) for d, s in zip(distances, sources, strict=True) if s == name]
           for name in sources}
    assert (not any(far["a real line"]) and all(far["lines-baseline-64"])
            and not any(far["lines-acai-64"]))


@pytest.mark.parametrize("make", [pictures.three_tools, lambda: pictures.calibration_figure(
    TABLE), lambda: pictures.frames_with_numbers(
        {"a": (torch.zeros(4, 1, 32, 32), {"ri": ["1"] * 4})}, alt="four dark frames")])
def test_figures_are_described(make):
    assert len(make().alt) > 10
