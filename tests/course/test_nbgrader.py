"""Labs as nbgrader assignments: what learners get, and the marks of a right, a wrong and an empty
submission."""
import json
import os
import subprocess
import sys
from pathlib import Path

import assignments
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(assignments.SOURCES.glob("*.py"))
LAB = "01_a_ruler_before_a_model"
WRONG = {  # one typical mistake, and one function that was never written
           "mean_distance": "def mean_distance(frames, lines):\n    return (frames[:, None] - "
                            "lines[None]).square().mean()",
           "smoothness": 'def smoothness(angles):\n    raise NotImplementedError("your '
                         'lines go here")'}


def sources(cells):
    return ["".join(cell["source"]) for cell in cells]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_exercise_has_a_solution_cell_and_a_hidden_test(source):
    cells = assignments.assignment(source)["cells"]
    marked = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    checks = source.read_text().count("course.check(")
    assert len(marked) == 2 * checks > 0
    ids = [mark["grade_id"] for mark in marked]
    assert len(set(ids)) == len(ids) and [m["solution"] for m in marked] == [True, False] * checks
    assert sum(mark.get("points", 0) for mark in marked) == checks
    for text, cell in zip(sources(cells), cells, strict=True):
        assert ("### BEGIN SOLUTION" in text) == cell["metadata"].get("nbgrader",
                                                                      {}).get("solution", False)
        assert "instead of:" not in text
        compile(text, "cell", "exec") if cell["cell_type"] == "code" else None


def nbgrader(*arguments, where, home):
    """Run nbgrader in a course, as a teacher would; the labs at smoke pace, no settings but the
    course's own."""
    environment = os.environ | {"ACAI_LITE_PACE": "smoke", "ACAI_LITE_PASSPORT": str(
        home / "passport.json"), "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"),
                                "JUPYTER_DATA_DIR": str(home / "data"), "OMP_NUM_THREADS": "1",
                                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'notebooks'}"}
    done = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=where,
                          env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


@pytest.mark.long
def test_a_right_a_wrong_and_an_empty_submission_get_the_right_marks(tmp_path, monkeypatch):
    programs = str(Path(sys.executable).parent), os.environ["PATH"]
    monkeypatch.setenv("PATH", os.pathsep.join(programs))              # nbgrader calls alembic
    api = pytest.importorskip("nbgrader.api")
    home = tmp_path / "home"
    home.mkdir()
    assignments.main(tmp_path / "course", [LAB])
    course = tmp_path / "course"
    nbgrader("generate_assignment", LAB, where=course, home=home)
    released = json.loads((course / "release" / LAB / f"{LAB}.ipynb").read_text())
    text = "\n".join(sources(released["cells"]))
    assert "SOLUTION" not in text and "HIDDEN" not in text and "checks.find" not in text
    assert text.count('raise NotImplementedError("your lines go here")') == 5

    answers = {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
               for cell in assignments.assignment(assignments.SOURCES / f"{LAB}.py")["cells"]
               if cell["metadata"].get("nbgrader", {}).get("solution")}
    for student in ("right", "wrong", "empty"):
        for cell in released["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in answers and student != "empty":
                function = answers[name].split("def ")[1].split("(")[0]
                cell["source"] = (answers[name] if student == "right"
                                  else WRONG.get(function, answers[name]))
            elif name in answers:
                cell["source"] = (f'def {answers[name].split("def ")[1].split(":", 1)[0]}:\n'
                                  '    raise NotImplementedError')
        place = course / "submitted" / student / LAB
        place.mkdir(parents=True)
        (place / f"{LAB}.ipynb").write_text(json.dumps(released))
    nbgrader("autograde", LAB, where=course, home=home)
    nbgrader("generate_feedback", LAB, where=course, home=home)
    with api.Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        marks = {student: {grade.name: grade.score
                           for grade in book.find_submission_notebook(LAB, LAB, student).grades}
                 for student in ("right", "wrong", "empty")}
    assert set(marks["right"].values()) == {1.0} and len(marks["right"]) == 5
    assert set(marks["empty"].values()) == {0.0}
    assert {name for name, score in marks["wrong"].items()
            if score == 0} == {"mark-01-3", "mark-01-4"}
    feedback = (course / "feedback" / "wrong" / LAB / f"{LAB}.html").read_text()
    assert "AssertionError" in feedback and "multiplying y by 2 changed your score" in feedback
