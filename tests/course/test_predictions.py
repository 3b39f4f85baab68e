"""Predict, then run: what is kept before the answer, what is shown after it, and that nothing ever
blocks a lab."""
import ast
import re
from pathlib import Path

import acai_course as course
import pytest
from acai_course import predictions
from acai_course.passports import read

pytestmark = pytest.mark.usefixtures("place")

OPTIONS = ["a tenth", "a half", "about the same"]
SOURCES = sorted((Path(__file__).parents[2] / "notebooks" / "source").glob("*.py"))


def entry(name="02"):
    return read()["guesses"].get(name, {})


def test_a_guess_in_code_is_kept_with_its_confidence_and_the_first_one_stays(capsys):
    assert course.predict("02", OPTIONS, guess="a half", sure="certain") is None
    assert "Kept: 'a half' (certain)." in capsys.readouterr().out
    course.predict("02", OPTIONS, guess="a tenth", sure="a guess")
    assert "your first was 'a half'" in capsys.readouterr().out
    found = entry()
    assert found.pop("date") and found == {"first": "a half", "first_sure": "certain",
                                           "last": "a tenth", "sure": "a guess", "options": OPTIONS}


@pytest.mark.parametrize("how, told", [
    ({"guess": "half", "sure": "certain"}, "'half' is none of the options of 02"),
    ({"guess": "a half", "sure": "very"}, "say how sure you are"),
    ({"guess": "a half"}, "say how sure you are"),
    ({"sure": "certain"}, "None is none of the options")])
def test_what_is_no_answer_is_told_and_not_kept(place, capsys, how, told):
    course.predict("02", OPTIONS, **how)
    said = " ".join(capsys.readouterr().out.split())
    assert told in said and not place.exists()


def test_options_must_be_a_list_of_texts():
    for wrong in ("abc", [1, 2]):
        with pytest.raises(TypeError, match="list of texts"):
            course.predict("02", wrong)


def test_without_a_page_the_options_are_printed_and_how_to_answer(place, capsys):
    course.predict("02", OPTIONS)
    said = capsys.readouterr().out
    assert (all(repr(option) in said for option in [*OPTIONS, "fairly sure"])
            and 'guess="…", sure="…"' in said)
    assert not place.exists()
    course.predict("02", OPTIONS, guess="a half", sure="certain")
    capsys.readouterr()
    course.predict("02", OPTIONS)
    assert "kept so far: 'a half' (certain)" in capsys.readouterr().out


def test_the_answer_stands_beside_the_guess_and_closes_it(capsys):
    course.predict("02", OPTIONS, guess="a half", sure="fairly sure")
    capsys.readouterr()
    course.reveal("02", "about the same", "0.96 of the blend's")
    said = " ".join(capsys.readouterr().out.split())
    assert said == "You said 'a half' (fairly sure). It did: 'about the same', 0.96 of the blend's."
    course.predict("02", OPTIONS, guess="about the same", sure="certain")
    assert "after the answer, so it does not count" in " ".join(capsys.readouterr().out.split())
    found = entry()
    assert (found["last"], found["sure"], found["late"], found["outcome"]) == (
        "a half", "fairly sure", "about the same", "about the same")
    course.reveal("02", "a tenth")
    assert ("(After the answer you changed to 'about the same': noted, not counted.)"
            in capsys.readouterr().out)
    assert entry()["outcome"] == "a tenth" and entry()["last"] == "a half"


def test_an_answer_without_a_guess(capsys):
    course.reveal("02", "a half", "0.5")
    assert capsys.readouterr().out == "You made no guess. It did: 'a half', 0.5.\n"
    course.predict("02", OPTIONS, guess="a half", sure="certain")
    assert "last" not in entry() and entry()["late"] == "a half"


def test_numbers_that_do_not_decide(capsys):
    course.predict("02", OPTIONS, guess="a half", sure="certain")
    course.reveal("02", None, "not run")
    assert "These numbers do not decide it: not run." in capsys.readouterr().out
    assert "outcome" not in entry() and "answered" in entry()


# --- the form -------------------------------------------------------------------------------------

def form(name="02", options=OPTIONS):
    """The form's two groups of radio buttons and its line."""
    groups, line = predictions._form(name, options).children
    return *(box.children[1] for box in groups.children), line


def test_the_form_keeps_both_choices_at_once_when_both_are_made(place):
    choice, sure, line = form()
    assert choice.value is None and sure.value is None and "Choose one of each" in line.value
    choice.value = "a half"
    assert "how sure" in line.value and not place.exists()
    sure.value = "certain"
    assert "Kept" in line.value and (entry()["last"], entry()["sure"]) == ("a half", "certain")
    choice.value = "a tenth"
    assert (entry()["last"] == "a tenth" and entry()["first"] == "a half"
            and "your first was" in line.value)


def test_a_kept_guess_is_chosen_when_the_cell_is_run_again():
    course.predict("02", OPTIONS, guess="a half", sure="certain")
    choice, sure, line = form()
    assert (choice.value, sure.value) == ("a half", "certain") and "Kept" in line.value
    choice, sure, _ = form(options=["other", "options"])  # of an older edition of the lab
    assert choice.value is None and sure.value == "certain"


def test_the_form_shows_text_as_text_and_words_where_there_are_no_widgets():
    hostile = "<img src=x onerror=alert(1)>"
    choice, sure, line = form(hostile, [hostile, "b"])
    choice.value, sure.value = hostile, "certain"
    assert "<img" not in line.value and "&lt;img" in line.value
    groups, _ = predictions._form(hostile, [hostile]).children
    assert "<img" not in groups.children[0].children[0].value
    bundle = predictions._form("02", OPTIONS)._repr_mimebundle_()
    assert ("guess: 'a tenth'" in bundle["text/plain"]
            and "application/vnd.jupyter.widget-view+json" in bundle)


def test_in_a_kernel_the_form_is_shown_and_nothing_waits(monkeypatch):
    import IPython.display
    shown = []
    monkeypatch.setattr(predictions, "has_forms", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda *them: shown.extend(them))
    assert course.predict("02", OPTIONS) is None
    assert len(shown) == 2 and "text/plain" in shown[1]._repr_mimebundle_()


# --- the labs -------------------------------------------------------------------------------------

def calls(text, function):
    return [n for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.Call) and ast.unparse(n.func) == f"course.{function}"]


def code(source):
    """The code cells of a lab, joined."""
    parts = re.split(r"^# %%(.*)$", source.read_text(), flags=re.MULTILINE)
    return "\n".join(cell for kind, cell in zip(parts[1::2], parts[2::2], strict=True)
                     if "markdown" not in kind)


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_every_prediction_of_a_lab_has_its_answer_after_it_and_the_answers_are_options(source):
    text = code(source)
    options = {ast.literal_eval(call.args[0]): (call.lineno, eval(
        ast.unparse(call.args[1]), {"list": list})) for call in calls(text, "predict")}
    answers = {}
    for call in calls(text, "reveal"):
        answers.setdefault(ast.literal_eval(call.args[0]), []).append(call)
    assert set(answers) == set(options) - {"00-worst"}                 # which has no right answer
    assert options and all(name.startswith(source.stem.split("_")[0] + "-") for name in options)
    for name, found in answers.items():
        for call in found:
            assert call.lineno > options[name][0]
            chosen = [n.value for n in _branches(call.args[1])
                      if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            assert set(chosen) <= set(options[name][1]), name


def _branches(node):
    """The values that a conditional expression may have."""
    return ([*_branches(node.body), *_branches(node.orelse)]
            if isinstance(node, ast.IfExp) else [node])
