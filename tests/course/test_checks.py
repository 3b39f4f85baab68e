"""The course's checks, whatever the exercise; pace, paths, the doctor. Wrong and right answers:
tests/mutants."""
import json
import re
import sys

import acai_course as course
import mutants
import pytest
import torch
from acai_course import checks, doctor
from acai_course.lab_00.answers import middle
from acai_course.lab_01.answers import blend
from asking import spoken

import acai_lite as al


def test_checking_the_courses_own_version_again_does_not_praise_the_learner(capsys):
    assert course.check("01-1", blend) is blend
    assert ("this is still the course's version. Run the cell with your function first"
            in spoken(capsys))


EVERY = [name for lab in mutants.LABS for name in mutants.exercises(lab)]


def stub(*arguments):
    raise NotImplementedError("your lines go here")


def test_a_second_failed_try_gets_a_hint_and_a_third_one_may_go_on(place, capsys):
    wrong, hint = (lambda a, b: a), "→ Try this: call it with two images of 2 pixels"
    said = []
    for _ in range(4):
        assert course.check("00-1", wrong) is middle
        said.append(spoken(capsys))
    assert all(text.startswith("✘ 00-1 the middle: take one place") for text in said)
    assert [hint in text for text in said] == [False, True, True, True]
    assert ["Go on in the lab, with the course's version" in text for text in said] == [
        False, False, True, True]
    course.check("00-3", lambda codes, weights: codes * weights)  # another exercise counts its own
    assert "→" not in spoken(capsys)
    assert json.loads(place.read_text())["tries"] == {"00-1": 4, "00-3": 1}
    course.check("00-1", lambda a, b: (a + b) / 2)
    assert "→" not in spoken(capsys)


def test_a_stub_and_the_courses_version_are_no_tries(place, capsys):
    for _ in range(3):
        course.check("00-1", stub)
        course.check("00-1", middle)
    assert "→" not in spoken(capsys) and not place.exists()
    for _ in range(2):                                                 # a crash is one
        course.check("00-1", lambda a: a)
    assert "→ Try this" in spoken(capsys)


def test_without_a_passport_every_try_is_the_first(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(tmp_path / "file" / "passport.json"))
    for _ in range(3):
        course.check("00-1", lambda a, b: a)
    assert "→" not in spoken(capsys)


@pytest.mark.parametrize("name", EVERY)
def test_a_stub_and_a_crash_are_replaced_and_say_so(name, capsys):
    def crash(*arguments):
        raise TypeError("unsupported operand")

    assert course.check(name, stub) is checks.find(name).reference
    assert "not written yet" in spoken(capsys)
    assert course.check(name, crash) is checks.find(name).reference
    assert "stopped with TypeError" in spoken(capsys)
    assert course.check(name, 7) is checks.find(name).reference
    assert "expected a function, got int" in spoken(capsys)


@pytest.mark.parametrize("name", ["01-9", "77-1", "", "01"])
def test_an_unknown_exercise_is_an_error(name):
    with pytest.raises(ValueError, match="no exercise"):
        course.check(name, abs)


def test_what_a_lab_s_check_cannot_import_is_said_as_it_is(monkeypatch):
    """A package that is missing is no lab that is missing."""
    monkeypatch.delitem(sys.modules, "acai_course.lab_07.checks", raising=False)
    monkeypatch.setitem(sys.modules, "acai_course.lab_07.paper", None)
    with pytest.raises(ModuleNotFoundError, match="acai_course.lab_07.paper"):
        course.check("07-1", abs)
    with pytest.raises(ValueError, match="no exercise '77-1'"):
        course.check("77-1", abs)


def test_pace(monkeypatch):
    monkeypatch.delenv("ACAI_LITE_PACE", raising=False)
    assert course.pace(smoke=1, lab=2, full=3) == 2
    monkeypatch.setenv("ACAI_LITE_PACE", "smoke")
    assert course.pace(smoke=1, lab=2, full=3) == 1
    with pytest.raises(ValueError, match="a value for each of smoke, lab, full"):
        course.pace(smoke=1)
    monkeypatch.setenv("ACAI_LITE_PACE", "turbo")
    with pytest.raises(ValueError, match="got 'turbo'"):
        course.pace(smoke=1, lab=2, full=3)


def test_four_paths_join_their_ends():
    for name, frames in course.four_paths(0.3, 2.0, 7).items():
        assert frames.shape == (7, 1, 32, 32), name
        assert torch.allclose(frames[[0, -1]], al.draw_lines([0.3, 2.0]), atol=1e-6), name


def test_the_doctor_finds_this_machine_ready(capsys):
    failed = doctor.ready()  # a busy machine may be too slow; the rest must be in order
    *lines, verdict = capsys.readouterr().out.splitlines()
    marks = {line[6:34].strip(): line[:4] for line in lines}
    assert all(marks[name] == "ok  "
               for name in ("Python 3.11 or newer", *doctor.NEEDED, "this folder can be written"))
    assert {"processors", "free memory", "training ACAI on lines", "data set mnist"} <= set(marks)
    assert (failed == ("FAIL" in marks.values())
            and (verdict == "This machine is ready.") == (not failed))


@pytest.mark.parametrize(("marks", "code", "verdict"), [
    ([True, True], 0, "This machine is ready."), ([True, None], 0, "This machine is ready."),
    ([True, False], 1, "1 of these must be put right first."),
    ([False, False], 1, "2 of these must be put right first.")])
def test_the_doctor_s_verdict_is_that_of_its_findings(marks, code, verdict, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "report", lambda: ((ok, "question", "finding") for ok in marks))
    assert doctor.ready() == code
    assert capsys.readouterr().out.splitlines()[-1] == verdict


def test_the_doctor_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "NEEDED", ("torch", "no-such-package"))
    assert doctor.ready() == 1
    assert re.search(r"FAIL +no-such-package +missing: `make lab` installs it", spoken(capsys))
