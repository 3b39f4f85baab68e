"""Slides and the teacher's plan: every deck is short and whole, nothing on it comes from the
network, minutes add up."""
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
PLANNED = [path for path in SOURCES if 'tags=["teacher"]' in path.read_text()]
PICTURES = re.compile(r"\bal\.figures\.(?:strips|grid|curves|described)\(|\bacai_schematic\(")
NOTHING_TO_SEE = re.compile(
    r"Explorer\(|\bcourse\.(?:Player|CriticGame|predict|passport|play_machines|ready)\(")


@pytest.fixture
def slides():
    return pytest.importorskip("slides", reason="slides need the extra `teach`")


def of(path, tag):
    return [cell for cell in jupytext.read(path).cells if tag in cell.metadata.get("tags", [])]


@pytest.mark.wording
def test_labs_have_a_plan_and_slides():
    assert {path.stem[:3] for path in PLANNED} >= {"00_", "01_", "02_", "03_", "04_", "05a", "05b"}
    assert all(of(path, "slide") for path in PLANNED)


@pytest.mark.wording
@pytest.mark.parametrize("source", PLANNED, ids=lambda p: p.stem)
def test_a_deck_is_short_and_each_slide_has_room(source):
    title = re.search(r"^# # (.*)$", source.read_text(), re.MULTILINE)[1]
    deck = of(source, "slide")
    texts = [cell.source for cell in deck if cell.cell_type == "markdown"]
    assert (8 <= len(texts) <= 12 and texts[0].startswith(f"# {title}\n")
            and texts[0] == deck[0].source)
    for text in texts:
        heading, *lines = [line for line in text.split("\n") if line.strip()]
        assert (re.match(r"##? \S", heading) and len(lines) <= 5
                and max(map(len, lines), default=0) <= 180), text
    slide = []
    for cell in [*deck[1:], deck[0]]:  # the last one closes the slide before it
        if cell.cell_type == "markdown":
            assert sum(bool(PICTURES.search(code))
                       for code in slide) <= 1, "two pictures on one slide"
            slide = []
        else:
            assert not NOTHING_TO_SEE.search(cell.source), "a deck shows no widget"
            slide.append(cell.source)


def rows(source):
    """[(part, minutes of 90, minutes of 50)] of the plan in the teacher's first cell; what is not
    done in class has none."""
    lines = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$",
                       of(source, "teacher")[0].source, re.MULTILINE)
    numbers = [[int((re.search(r"\d+", text) or ["0"])[0]) for text in pair]
               for _, *pair in lines[1:]]
    return lines[1:], numbers


@pytest.mark.wording
@pytest.mark.parametrize("source", PLANNED, ids=lambda p: p.stem)
def test_the_minutes_of_the_teacher_add_up_and_leave_each_exercise_its_time(source):
    (*parts, last), (*minutes, total) = rows(source)
    assert "in all" in last[0] and [sum(column) for column in zip(*minutes, strict=True)] == total
    assert total[0] <= 90 and total[1] <= 50
    needs = {name: int(n) for name, n in re.findall(
        r"^# #+ .*?Exercise ([\d-]+).*?(\d+) minutes\)$", source.read_text(), re.MULTILINE)}
    assert needs
    for column in (1, 2):
        plans = {}  # an exercise may have two rows: writing, then deciding
        for row in parts:
            plans.setdefault(tuple(re.findall(r"\d\d-\d+(?:-\d)?", row[0])), []).append(row[column])
        for names, plan in plans.items():
            # written in class, not shown, not given
            if names and all(re.fullmatch(r"\d+", how) for how in plan):
                assert sum(map(int, plan)) >= sum(needs.get(name, 0)
                                                  for name in names), f"{names}: {plan} minutes"


@pytest.mark.wording
@pytest.mark.parametrize("source", PLANNED, ids=lambda p: p.stem)
def test_the_teachers_plan_says_when_each_part_begins(source):
    cells = nbformat.read(ROOT / "notebooks" / "teacher" / f"{source.stem}.ipynb", 4).cells
    (plan,) = [cell.source for cell in cells if "| part | 90 minutes | 50 minutes |" in cell.source]
    table = [line.strip("> |").split(" | ") for line in plan.splitlines() if " (from " in line]
    for column, whole in enumerate(rows(source)[1][-1]):
        parts = [re.search(r"(\d+)[^(]* \(from (\d):(\d\d)\)$", row[column + 1]) for row in table]
        took, *clock = zip(*(map(int, part.groups()) for part in parts if part), strict=True)
        begins = [60 * hours + minutes for hours, minutes in zip(*clock, strict=True)]
        assert (begins[0] == 0 and [sum(pair) for pair in zip(begins, took, strict=True)]
                == [*begins[1:], whole])


def test_formulas_become_something_that_a_browser_draws(slides):
    text = slides.with_formulas(r"so $x^2$ and" + "\n\n" + r"$$\hat x = \frac{1}{2}$$")
    assert ("$" not in text and text.count("<math") == 2 and 'display="inline"' in text
            and 'display="block"' in text)
    assert "<msup>" in text and "<mfrac>" in text


def output(kind, **what):
    return nbformat.v4.new_output(kind, **what)


def test_a_slide_shows_what_a_class_can_look_at(slides):
    picture = output("execute_result",
                     data={"text/html": '<img alt="a" src="data:,">', "text/plain": "<Figure>"})
    widget = output("display_data",
                    data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Radio"})
    bar = output("display_data",
                 data={"text/html": "<progress></progress>", "text/plain": "<HTML>"})

    def printed(text, name="stdout"):
        return output("stream", name=name, text=text)

    checked = [printed("✔ 01-1 blend: correct. The lab goes on with your version.\n"),
               printed("a 1\n"), printed("b 2\n")]
    assert slides.shown([*checked, bar, widget, printed("warning\n", "stderr"),
                         picture]) == [printed("a 1\nb 2\n"), picture]
    assert (slides.shown([printed("You made no guess. It did: 'jump'.\n")])
            == [printed("It did: 'jump'.\n")])
    many = printed("line\n" * 9)
    assert slides.shown([many]) == [many] and slides.shown([many, picture]) == [picture]
    assert slides.shown([widget, bar]) == []


def test_a_deck_is_whole_without_a_network(slides, tmp_path, monkeypatch):
    page = ('# %% [markdown] tags=["slide"]\n# # 02 · A title α\n#\n# $x^2$\n\n# %% '
            'tags=["slide"]\nprint(1)\n\n# %%\n2')
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "02_fake.py").write_text(page)
    monkeypatch.setattr(slides, "NOTEBOOKS", tmp_path)
    cells = [nbformat.v4.new_code_cell("", id=f"02-{k:03d}",
                                       outputs=[output("stream", name="stdout", text=text)])
             for k, text in ((1, "on the slide\n"), (2, "not on it\n"))]
    monkeypatch.setattr(slides, "executed", lambda *_: nbformat.v4.new_notebook(cells=cells))
    # raises if anything came from elsewhere
    slides.build(["02_fake"], "smoke", tmp_path / "out", tmp_path)
    text = (tmp_path / "out" / "02_fake.html").read_text()
    assert ("on the slide" in text and "not on it" not in text and "<math" in text
            and "A title α" in text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    (tmp_path / "source" / "02_fake.py").write_text("# %%\nprint(1)\n")
    with pytest.raises(ValueError, match="no cell is tagged 'slide'"):
        slides.build(["02_fake"], "smoke", tmp_path / "out", tmp_path)


# --- the instructor's page ------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "instructor.md").read_text()


@pytest.mark.wording
def test_five_weeks_and_the_workshop_hold_their_minutes():
    weeks = re.findall(r"^\| \d \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    assert len(weeks) == 5
    for in_class, at_home in ([[int(n) for n in re.findall(r"\((\d+)\)", cell)] for cell in week]
                              for week in weeks):
        assert 75 <= sum(in_class) <= 90 and 0 < sum(at_home) <= 60
    clock = [tuple(map(int, row))
             for row in re.findall(r"^\| (\d):(\d\d) \| (\d+) \|", PAGE, re.MULTILINE)]
    begins = [60 * hours + minutes for hours, minutes, _ in clock]
    assert ([begin + row[2] for begin, row in zip(begins, clock, strict=True)]
            == [*begins[1:], 180] and begins[0] == 0)


@pytest.mark.wording
def test_the_stop_points_of_05a_keep_the_clock_of_its_plan():
    (source,) = [path for path in SOURCES if path.stem.startswith("05a")]
    parts, minutes = rows(source)
    ends = {row[0]: sum(pair[1] for pair in minutes[:k + 1]) for k, row in enumerate(parts)}
    said = [int(n) for n in re.findall(r"\*0:(\d\d)\*", of(source, "teacher")[0].source)]
    assert said == [ends[name] for name in ("the game: guess α", "05-3", "05-4",
                                            "the film, before and after, scores")]


def test_every_command_of_the_page_is_there():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    asked = re.findall(r"`make ([a-z]+)", PAGE)
    scripts = re.findall(r"python (notebooks/\S+\.py)", PAGE)
    assert len(set(asked)) >= 3 and set(asked) <= set(targets)
    assert len(set(scripts)) >= 3 and all((ROOT / script).is_file() for script in scripts)
    assert all((ROOT / "docs" / link).resolve().exists()
               for link in re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE))
