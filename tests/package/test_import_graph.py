"""A file of acai_lite imports only from files above it, in the order of import_graph.py."""
import import_graph
import pytest

FOUND = import_graph.violations()
COURSE, CORE, CIRCLES, UPWARD, PLACE = FOUND


@pytest.mark.parametrize("rule", FOUND)
def test_the_package_keeps_the_rule(rule):
    assert FOUND[rule] == []


def test_every_name_of_the_order_is_a_file():
    assert set(import_graph.ORDER) <= set(import_graph.modules())


@pytest.mark.parametrize(("file", "text", "rule", "said"), [
    ("data.py", "def f():\n    import acai_course.show", COURSE, "data.py"),
    ("__init__.py", "from acai_course import check", COURSE, "__init__.py"),
    ("data.py", "import_module('acai_course')", COURSE, "data.py"),
    ("files/records.py", "from ..data import load", CORE, "files.records -> data"),
    ("files/records.py", "from .. import load", CORE, "files.records -> data"),
    ("data.py", "if TYPE_CHECKING:\n    from .training import fit", CIRCLES, "data <-> training"),
    ("data.py", "from . import training", UPWARD, "data -> training"),
    ("data.py", "import package.training as t", UPWARD, "data -> training"),
    ("training.py", "import package", UPWARD, "training -> __init__"),
    ("training.py", "from . import load", UPWARD, None),
    ("extra.py", "x = 1", PLACE, "extra")])
def test_a_broken_rule_is_noticed(tmp_path, file, text, rule, said):
    package = tmp_path / "package"
    (package / "files").mkdir(parents=True)
    for name, content in {"__init__.py": "from .data import load", "files/records.py": "",
                          "data.py": "from .files.records import read",
                          "training.py": "from .data import load"}.items():
        (package / name).write_text(content)
    assert not any(import_graph.violations(package).values())
    (package / file).write_text(text)
    assert import_graph.violations(package)[rule] == ([said] if said else [])
