"""Lab 06a's blind panel: judged by ticking or by a list, before the comparison; your rates beside
every index."""
import acai_course as course
import pytest
import torch
from acai_course.lab_06a import panel
from acai_course.passports import read

pytestmark = pytest.mark.usefixtures("place")

PICTURES = torch.linspace(-1, 1, 6).view(6, 1, 1, 1).expand(6, 1, 32, 32)
SOURCES, FAR = ["model", "line", "model", "line", "model",
                "line"], torch.tensor([True, False, True, False, False, False])


def entry():
    return read()["lists"].get(panel.NAME, {})


def test_a_list_is_kept_and_its_rates_are_noted_at_the_comparison(capsys):
    course.judge_panel(PICTURES, odd=[1, 2])
    assert entry() == {"list": [1, 2]} and "You called 2 of 6 odd (kept)" in capsys.readouterr().out
    assert course.judged(SOURCES, FAR) == [True, True, False, False, False, False]
    rates = {"line": 1 / 3, "model": 1 / 3, "hits": 1 / 2, "false alarms": 1 / 4}
    assert entry()["outcome"] == pytest.approx(rates)
    course.judge_panel(PICTURES, odd=[1, 3])
    assert "your list before it counts" in capsys.readouterr().out
    assert course.judged(SOURCES, FAR) == [True, False, True, False, False, False]
    assert entry()["list"] == [1, 2] and entry()["outcome"] == pytest.approx(rates)


def test_nothing_judged_is_none_and_none_odd_is_a_judgement(capsys):
    assert (course.judged(SOURCES, FAR) is None and "not judged" in capsys.readouterr().out
            and entry() == {})
    course.judge_panel(PICTURES, odd=[])
    assert course.judged(SOURCES, FAR) == [False] * 6 and entry()["outcome"]["hits"] == 0


@pytest.mark.parametrize("odd", [[0], [7], ["3"], [True], [2.0]])
def test_a_number_of_no_picture_is_told_and_not_kept(odd, capsys):
    course.judge_panel(PICTURES, odd=odd)
    assert "no number of a picture" in capsys.readouterr().out and entry() == {}


def test_every_tick_is_kept_and_shown_again():
    form = panel._form(PICTURES, "6 pictures: words", "<p>page</p>")
    boxes = [cell.children[1] for cell in form.children[0].children]
    assert [box.description for box in boxes] == [f"{k} odd" for k in range(1, 7)]
    boxes[1].value = boxes[4].value = True
    assert entry() == {"list": [2, 5]} and "You called 2 of 6 odd" in form.children[1].value
    again = panel._form(PICTURES, "6 pictures: words", "<p>page</p>")
    assert [cell.children[1].value
            for cell in again.children[0].children] == [False, True, False, False, True, False]
    assert again._repr_mimebundle_()["text/html"] == "<p>page</p>"


def test_the_table_has_a_column_a_judge(capsys):
    found = course.panel_table(SOURCES, FAR, {"you": None, "ruler": FAR,
                                              "all": torch.ones(6, dtype=torch.bool)})
    said = capsys.readouterr().out.splitlines()
    assert found["ruler"] == pytest.approx({"line": 0, "model": 2 / 3, "hits": 1,
                                            "false alarms": 0})
    assert found["all"]["false alarms"] == 1 and "you" not in found
    assert said[0].split() == ["share", "called", "odd", "you", "ruler", "all"]
    assert said[-1].split() == ["false", "alarms,", "of", "4", "-", "0%", "100%"]
