"""The checks: every typical wrong answer hears its own words, unusual right answers pass. The
answers: tests/mutants."""
import inspect
import re
from functools import cache
from types import SimpleNamespace

import pytest
from acai_course import checks
from acai_course.lab_05a import bugs
from acai_course.lab_05b.hunt import HUNT

import mutants
from mutants import report

rows = cache(report.judge)
FORMS = ["not written yet.", "expected a function, got int.",
         "your function stopped with TypeError: unsupported operand.", "your function returned "
         "nothing: end it with `return …`.", "your function returned NaN or infinity.",
         "your function should return a torch tensor; it returned list.",
         "expected a tensor of shape (5, 1); your function returned (5,)."]


@pytest.mark.parametrize("lab", mutants.LABS)
def test_mutants_hear_their_own_words_and_unusual_right_answers_pass(lab):
    assert [line for row in rows(lab) for line in row.wrong] == []


@pytest.mark.parametrize("lab", mutants.LABS)
def test_every_exercise_has_mutants_of_two_kinds_and_two_unusual_right_answers(lab):
    for row in rows(lab):
        assert row.mutants >= 2 <= len({mutants.idea(said) for _, said in row.heard}), row.name
        assert row.right >= 2, row.name
    answers, known = mutants.lab(lab), mutants.exercises(lab)
    assert all(answer is not known[name].reference for name, answer in answers.RIGHT)


def test_all_labs_and_exercises_are_there():
    assert mutants.LABS == [f"lab_{n}" for n in ("00", "01", "02", "03", "04", "05", "06a", "06b",
                                                 "07", "08", "09", "10")]
    every = [row for lab in mutants.LABS for row in rows(lab)]
    assert len(every) >= 38 and sum(row.mutants for row in every) >= 76


@pytest.mark.parametrize("lab", mutants.LABS)
def test_the_words_of_a_mutant_fit_no_other_idea(lab):
    for row in rows(lab):
        for words, said in row.heard:
            others = [other for _, other in row.heard if mutants.idea(other) != mutants.idea(said)]
            assert [other for other in others + FORMS
                    if re.search(words, other)] == [], (row.name, words)


@pytest.mark.parametrize("lab", mutants.LABS)
def test_the_courses_own_answer_passes_when_it_is_not_recognised(lab):
    for name, exercise in mutants.exercises(lab).items():
        assert mutants.verdict(lab, name, lambda *given, e=exercise, **named: e.reference(
            *given, **named)) is None, name


@pytest.mark.parametrize("form", FORMS)
def test_a_verdict_on_the_form_counts_as_no_idea(form):
    assert mutants.FORM.search(form)


@pytest.mark.parametrize("lab", mutants.LABS)
def test_a_hint_is_no_line_of_the_answer(lab):
    for name, exercise in mutants.exercises(lab).items():
        reference = inspect.getsource(exercise.reference).replace(exercise.reference.__doc__
                                                                  or "\0", "")
        lines = {line.split("  #")[0].strip().removeprefix("return ")
                 for line in reference.splitlines()[1:]}
        assert not [line for line in lines if len(line) > 12 and line in exercise.hint], name
    hints = [e.hint for other in mutants.LABS for e in mutants.exercises(other).values()]
    assert len(set(hints)) == len(hints)


@pytest.mark.wording
@pytest.mark.parametrize("lab", mutants.LABS)
def test_a_hint_is_one_short_line_that_goes_on_after_a_colon(lab):
    for name, exercise in mutants.exercises(lab).items():
        assert (40 < len(exercise.hint) < 160 and exercise.hint[0].islower()
                and exercise.hint[-1] in ".?"), name


def test_the_hunted_bugs_are_mutants_and_what_the_recorder_trains():
    import record_critic
    assert set(HUNT.values()) <= set(record_critic.RUNS)
    wrong = [answer for _, answer, _ in mutants.lab("lab_05").WRONG]
    own = [f for f in vars(bugs).values() if inspect.isfunction(f)]
    assert len(own) == 5 and all(bug in wrong for bug in own)
    recorded = [record_critic.RUNS[name][2] for name in ("leak", "target alpha", "pixel sum")]
    assert [inspect.getclosurevars(losses).nonlocals["losses"] for losses in recorded] == [
        bugs.leak, bugs.target_alpha, bugs.pixel_sum]
    assert "bugs.unfolded" in inspect.getsource(record_critic.Unfolded.draw)


def test_the_report_says_what_survives(monkeypatch, capsys):
    answers = SimpleNamespace(RIGHT=[("00-1", lambda a, b: a)], WRONG=[
        ("00-1", lambda a, b: a / 2 + b / 2, "never said"),
        ("00-1", lambda a, b: a + b / 2, "other words")])
    monkeypatch.setattr(mutants, "LABS", ["lab_00"])
    monkeypatch.setattr(mutants, "lab", lambda name: answers)
    assert report.main() == 1
    said = capsys.readouterr().out
    assert re.search(r"00-1 +the middle +2 +0 +1 +0\n", said)
    assert ("expected 'never said', heard ''" in said
            and "expected 'other words', heard 'the middle between" in said)
    assert "00-1: an unusual right answer is refused: take one" in said


def test_the_list_of_typical_wrong_answers_is_in_step():
    written = (report.ROOT / "docs" / "mutants.md").read_text()
    assert written == report.markdown([row for lab in mutants.LABS for row in rows(lab)]), \
        "python tests/mutants/report.py --write"


def test_numbers_of_one_machine_are_left_out():
    source = 'raise Off(f"must be 0.5 in 12 steps, about 30%; yours is {x:.2f}")'
    said = ("must be 0.5 in 12 steps, about 30%; yours is 0.52, on 2026-01-02, 1.5e-3, 8e-02, 29%, "
            "6144 times too much")
    assert (report.settled(said, source) == "must be 0.5 in 12 steps, about 30%; yours is …, on …, "
            "…, …, …, … times too much")


def test_an_exercise_cannot_do_without_a_hint():
    with pytest.raises(TypeError, match="hint"):
        checks.Exercise("title", abs, abs)
