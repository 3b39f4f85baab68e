"""Labs: source, learner and solution notebook are in step; structure and descriptions are
complete."""
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
BUILT = sorted([*(ROOT / "notebooks").glob("*.ipynb"),
                *(ROOT / "notebooks" / "solutions").glob("*.ipynb")])
TEACHER = sorted((ROOT / "notebooks" / "teacher").glob("*.ipynb"))


def cells(path, kind):
    return ["".join(c["source"])
            for c in json.loads(path.read_text())["cells"] if c["cell_type"] == kind]


def test_notebooks_are_in_step_with_their_sources():
    build = ROOT / "notebooks" / "tools" / "build.py"
    check = subprocess.run([sys.executable, build, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + "run `make notebooks`"
    assert ({p.stem for p in BUILT} == {p.stem for p in SOURCES}
            and len(BUILT) == 2 * len(SOURCES) > 0)


@pytest.mark.parametrize("path", BUILT, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_notebook_is_stripped_and_well_formed(path):
    book = json.loads(path.read_text())
    assert "widgets" not in book["metadata"]
    assert all(not c["outputs"] and c["execution_count"] is None
               for c in book["cells"] if c["cell_type"] == "code")
    assert len({c["id"] for c in book["cells"]}) == len(book["cells"])
    text = "\n".join(cells(path, "markdown"))
    assert "{{" not in text
    levels = [len(h) for h in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(b - a <= 1
               for a, b in zip(levels, levels[1:], strict=False)), "a heading level is skipped"


@pytest.mark.parametrize("path", [*BUILT, *TEACHER], ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_link_and_picture_of_an_edition_is_there(path):
    text = "\n".join(cells(path, "markdown")) + "\n".join(cells(path, "code"))
    targets = re.findall(r"""(?:\]\(|twin=")([^)#"\s]+)[^)"]*[)"]""", text)
    assert len(targets) > 2
    for target in targets:
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", BUILT, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_cell_needs_the_network_or_a_folder(path):
    for cell in cells(path, "code"):
        assert not re.search(r"^\s*[!%]|\bpip\b|chdir|urlopen|download=True", cell, re.MULTILINE)


@pytest.mark.wording
@pytest.mark.parametrize("path", BUILT, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_line_of_a_cell_is_wider_than_jupyterlab_shows(path):
    assert [line for cell in cells(path, "code")
            for line in cell.splitlines() if len(line) > 96] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_learners_get_stubs_and_every_objective_has_its_check(source):
    learner = ROOT / "notebooks" / f"{source.stem}.ipynb"
    solution = ROOT / "notebooks" / "solutions" / f"{source.stem}.ipynb"
    text = source.read_text()
    # these start from a mistake, not from a stub
    mend = re.findall(r"### BEGIN SOLUTION instead of: (.*)", text)
    stubs = [c for c in cells(learner, "code")
             if "raise NotImplementedError" in c or any(m in c for m in mend)]
    answers = [c for c in cells(solution, "code") if "### BEGIN SOLUTION" in c]
    assert len(stubs) == len(answers) == text.count("### BEGIN SOLUTION") >= 3
    assert not any("SOLUTION" in c for c in cells(learner, "code"))
    checked = set(re.findall(r'course\.check\("([^"]+)"', "\n".join(cells(learner, "code"))))
    table = re.findall(r"^\|.*\| *([\d-]+(?:, [\d-]+)*) \|$",
                       "\n".join(cells(learner, "markdown")), re.MULTILINE)
    assert {name for row in table for name in row.split(", ")} == checked
    asserts = sum(c.count("assert ") for c in cells(learner, "code"))
    assert asserts >= 5, "the lab's prose makes claims that no cell asserts"
