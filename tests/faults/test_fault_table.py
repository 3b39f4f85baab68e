"""docs/faults.md: every line names a test that is there, and its sentences are those of the
code."""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")]
        for line in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")]
ROWS = [row for row in ROWS if row[0] != "fault"]


def texts(tree):
    """The strings in a syntax tree, those that stand side by side joined; what is filled in becomes
    one blank."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else " "
                          for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


WORDS = {path: [" ".join(text.split())
                for text in texts(ast.parse(path.read_text(encoding="utf-8")))]
         for path in [*(ROOT / "acai_lite").rglob("*.py"), *(ROOT / "tests").rglob("test_*.py")]}


def named(row):
    """(name of the row's test, {name: tests of that file})."""
    file, _, name = row[3].strip("`").partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return name, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_a_line_names_a_test(row):
    assert len(row) == 4 and all(row)
    name, tests = named(row)
    assert name in tests


@pytest.mark.wording
@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_what_a_line_says_is_seen_are_words_of_the_code(row):
    name, tests = named(row)
    said = re.findall(r"`([^`]+)`", row[1])
    code = [text for where, all_texts in WORDS.items()
            if where.is_relative_to(ROOT / "acai_lite") for text in all_texts]
    for words in said:
        plain = re.sub(r"^(mnist|cifar10) ", "", words)                # the name is filled in
        spoken = [re.sub(r"[\\]|\.\*", "", text) for text in texts(tests[name])]
        assert any(plain in text for text in (*code, *spoken)), f"nobody says {words!r}"
    assert said or row[1].startswith(("nothing", "progress", "one of these")), "say what is seen"


def test_every_test_of_faults_stands_in_the_table():
    """Tests here may share a line; a file without any line has been forgotten."""
    files = {row[3].strip("`").partition("::")[0] for row in ROWS}
    here = {f"faults/{path.name}"
            for path in Path(__file__).parent.glob("test_*.py")} - {"faults/test_fault_table.py"}
    assert here <= files and len(ROWS) > 40
