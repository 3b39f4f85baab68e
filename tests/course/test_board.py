"""The class board: thirty students of a seeded generator, and a few that mean harm."""
import json
import random
from collections import Counter

import acai_course as course
import pytest
from acai_course.__main__ import main
from acai_course.board import figure, merge, table
from acai_course.passports import SURE

OPTIONS = ["a tenth", "a half", "about the same", "far more"]
SOURCES = {"a real line": 0.1, "lines-acai-64": 0.2, "lines-baseline-64": 0.9, "hits": 0.8,
           "false alarms": 0.15}


def student(seed):
    """A passport as `predict`, `reveal`, `check` and `judged` leave it."""
    r = random.Random(seed)
    last = r.choices(OPTIONS, [1, 3, 5, 1])[0]
    guesses = {"02-baseline": {"first": r.choice(OPTIONS), "last": last,
                               "sure": r.choice(SURE), "options": OPTIONS,
                               "outcome": "about the same", "answered": "2026-01-01"},
               "00-worst": {"first": "A", "last": r.choice("ABCD"),
                            "sure": r.choice(SURE), "options": list("ABCD")}}
    if r.random() < 0.2:                                               # looked before guessing
        guesses["02-baseline"] = {"late": "about the same", "outcome": "about the same",
                                  "answered": "2026-01-01"}
    passed = {name: "2026-01-01" for name in ("01-1", "01-2", "02-1") if r.random() < 0.7}
    tries = {name: r.randint(1, 5) for name in ("01-1", "02-1") if r.random() < 0.6}
    lists = {"06a-panel": {"list": [3, 7], "outcome": {n: min(1, max(0, r.gauss(m, 0.1)))
                                                       for n, m in SOURCES.items()}}}
    return {"guesses": guesses, "checks": passed, "tries": tries, "lists": lists}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("class")
    for seed in range(30):
        (place / f"student-{seed:02d}.json").write_text(json.dumps(student(seed)))
    return place


def test_thirty_passports_are_counted(folder):
    board, students = merge(folder), [student(seed) for seed in range(30)]
    made = [s["guesses"]["02-baseline"] for s in students if "last" in s["guesses"]["02-baseline"]]
    assert (len(board.students) == 30 and not board.skipped and not board.trimmed
            and 20 <= len(made) < 30)
    counts, right, sure = board.predictions()["02-baseline"]
    assert dict(counts) == {option: sum(g["last"] == option for g in made) for option in OPTIONS}
    assert list(counts) == OPTIONS and right == "about the same"
    assert sure == pytest.approx(sum(SURE.index(g["sure"]) + 1 for g in made) / len(made))
    assert board.predictions()["00-worst"][1] is None
    for name in ("01-1", "01-2", "02-1"):
        passed = [s for s in students if name in s["checks"]]
        tried = [s for s in students if name in s["checks"] or name in s["tries"]]
        failed = sum(s["tries"].get(name, 0) for s in students)
        assert board.exercises()[name] == (len(passed), len(tried), failed / len(tried))
    rates, judges = board.panel()
    assert judges == 30 and set(rates) == set(SOURCES)
    assert rates["hits"] == pytest.approx(sum(s["lists"]["06a-panel"]["outcome"]["hits"]
                                              for s in students) / 30)


def test_the_table_and_the_figure_say_the_same(folder, capsys):
    drawn = course.class_board(folder)
    said = capsys.readouterr().out
    board = merge(folder)
    counts, _, sure = board.predictions()["02-baseline"]
    assert (f"✔ {counts['about the same']:3d}  about the same" in said
            and f"mean confidence {sure:.1f} of 3" in said)
    assert (f"02-baseline: {counts['about the same']} of {sum(counts.values())}" in drawn.alt
            and "30 passports" in drawn.alt)
    bars = next(axes for axes in drawn.axes if axes.get_title(loc="left").startswith("02-baseline"))
    assert [bar.get_width() for bar in bars.patches] == list(counts.values())
    assert [label.get_text() for label in bars.get_yticklabels()] == [
        "a tenth", "a half", "✔ about the same", "far more"]
    assert "blind panel, 30 judges" in said and "exercise" in said
    assert "<img" in drawn._repr_html_()


def test_the_command_line_writes_the_board(folder, tmp_path, capsys):
    assert main(["board", str(folder), "--out", str(tmp_path / "board.png")]) == 0
    assert (tmp_path / "board.png").read_bytes().startswith(b"\x89PNG")
    assert "30 passports read" in capsys.readouterr().out
    assert main(["board", str(tmp_path / "none")]) == 1
    assert "no folder" in capsys.readouterr().err


def hostile():
    """{file: content} of passports that are none, lie or try to break the page."""
    guess = {"last": "about the same", "sure": "certain", "outcome": "far more", "options": OPTIONS}
    return {"deep": b"[" * 60_000, "big": b"{" + b" " * 70_000 + b"}", "text": b"hello",
            "list": b"[]", "binary": bytes(range(256)),
            "liar": json.dumps({"guesses": {"02-baseline": guess}}).encode(), "types": json.dumps(
                {"guesses": {"02-baseline": 3, "02-x": {"last": {"a": 1}}},
                 "tries": {"01-1": -5}}).encode(), "maths": json.dumps({"guesses": {
                     "02-$\\frac{": {"last": "$\\frac{", "sure": "certain"},
                     "02-<script>": {"last": "<script>", "outcome": "<script>"}}}).encode(),
            "flood": json.dumps({"guesses": {f"99-{k}": {"last": f"{k}"}
                                             for k in range(200)}}).encode(),
            "numbers": json.dumps({"lists": {"06a-panel": {"outcome": {"hits": 1e300, "x": -3}}},
                                   "checks": {"01-1": "x" * 9000}}).encode()}


def test_hostile_passports_are_skipped_or_trimmed_and_the_rest_stands(folder, tmp_path, capsys):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name, content in hostile().items():
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "e\u001b[31mvil\u202e.json").write_text("{}")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("not read")
    board = merge(tmp_path)
    assert set(board.skipped) == {"deep", "big", "text", "list", "binary", "e [31mvil", "folder"}
    assert {"types", "numbers"} <= set(board.trimmed) and len(board.students) == 35
    before, after = merge(folder).predictions()["02-baseline"], board.predictions()["02-baseline"]
    assert (after[0] == before[0] + Counter({"about the same": 1})
            and after[1] == before[1] == "about the same")
    said = table(board)
    assert (all(c.isprintable() or c == "\n" for c in said)
            and "skipped big: a passport has at most 64 KiB" in said)
    drawn = figure(board)
    assert len(board.predictions()) == 60
    page = drawn._repr_html_()  # draws everything: no text is read as mathematics
    assert "<script" not in page


def test_an_empty_folder_makes_an_empty_board(tmp_path, capsys):
    assert course.class_board(tmp_path)._repr_html_()
    assert "0 passports read, 0 skipped" in capsys.readouterr().out
