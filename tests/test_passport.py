"""The passport: guesses and passed checks, kept where the lab runs, never in a learner's way."""
import json

import pytest
import torch

import acai_lite as al
from acai_lite.course import passport


@pytest.fixture
def place(tmp_path, monkeypatch):
    path = tmp_path / "passport.json"
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(path))
    return path


def test_a_guess_is_kept_and_the_first_one_stays(place, capsys):
    assert al.course.predict("01", "two tie", ["blend", "two tie"]) == "two tie"
    al.course.predict("01", "blend", ["blend", "two tie"])
    assert "your first was 'two tie'" in capsys.readouterr().out
    entry = json.loads(place.read_text())["guesses"]["01"]
    assert (entry["first"], entry["last"]) == ("two tie", "blend")


def test_a_guess_that_is_none_shows_the_options_and_is_not_kept(place, capsys):
    al.course.predict("01", "?", ["blend", "jump"])
    said = capsys.readouterr().out
    assert "'blend' · 'jump'" in " ".join(said.split()) and "in place of '?'" in said and not place.exists()


def test_a_passed_check_is_kept_and_a_failed_one_is_not(place, capsys):
    al.course.check("00-1", lambda a, b: torch.lerp(a, b, 0.5))
    al.course.check("00-3", lambda codes, weights: codes * weights)
    assert list(json.loads(place.read_text())["checks"]) == ["00-1"]
    al.course.show_passport()
    said = capsys.readouterr().out
    assert "check 00-1   passed" in said and "check 00-3" not in said


def test_show_passport_lists_guesses(place, capsys):
    al.course.show_passport()
    assert "empty so far" in capsys.readouterr().out
    al.course.predict("02", "half", ["half", "a tenth"])
    al.course.predict("02", "a tenth", ["half", "a tenth"])
    capsys.readouterr()
    al.course.show_passport()
    assert "guess 02     'half', later 'a tenth'" in capsys.readouterr().out


def test_failed_tries_are_counted_for_each_exercise(place):
    assert [passport.count_try("00-3"), passport.count_try("00-1"), passport.count_try("00-3")] == [1, 1, 2]
    assert json.loads(place.read_text())["tries"] == {"00-3": 2, "00-1": 1}


def test_a_passport_without_tries_keeps_what_it_has(place):
    place.write_text('{"guesses": {}, "checks": {"00-1": "2026-01-01"}}')
    assert passport.count_try("00-3") == 1
    assert passport.read()["checks"] == {"00-1": "2026-01-01"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"guesses": 3, "checks": {}}', '{"checks": {}}'])
def test_a_damaged_passport_counts_as_none(place, content):
    place.write_text(content)
    assert passport.read() == {"guesses": {}, "checks": {}, "tries": {}}
    al.course.predict("01", "jump", ["blend", "jump"])
    assert passport.read()["guesses"]["01"]["first"] == "jump"


def test_a_folder_that_cannot_be_written_costs_the_memory_only(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(tmp_path / "file" / "passport.json"))
    assert al.course.predict("01", "jump", ["blend", "jump"]) == "jump"
    assert "not kept" in capsys.readouterr().out
    answer = lambda a, b: (a + b) / 2                                  # noqa: E731
    assert al.course.check("00-1", answer) is answer
