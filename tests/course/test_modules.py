"""Modules and what packages name: no function hides a module, and the course names what labs
use."""
import inspect
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages

import acai_course as course
import pytest
from acai_course import pages

import acai_lite

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"
PACKAGES = [name for top in (acai_lite, course) for name in (top.__name__, *(
    found.name for found in walk_packages(top.__path__, f"{top.__name__}.") if found.ispkg))]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_module_shares_its_name_with_no_function_or_class_of_its_package(name):
    package = import_module(name)
    modules = {module.name for module in iter_modules(package.__path__)}
    lazily = set(getattr(package, "PLACES", ()))  # what acai_course loads when it is used
    hidden = {module for module in modules
              if not inspect.ismodule(vars(package).get(module, package))}
    assert not hidden | modules & lazily


def test_the_course_names_what_labs_use_and_what_the_documents_promise():
    used = {name for path in SOURCES.glob("*.py")
            for name in re.findall(r"\bcourse\.(\w+)", path.read_text())}
    assert used <= set(course.__all__)
    assert set(course.__all__) - used == {"class_board", "export_passport", "import_passport"}


@pytest.mark.parametrize("name", course.__all__)
def test_what_the_course_names_is_there(name):
    assert callable(getattr(course, name)) and getattr(course, name).__name__ == name


def test_the_course_says_what_it_does_not_have():
    with pytest.raises(AttributeError, match="module 'acai_course' has no attribute 'nothing'"):
        course.nothing()


# --- without the extra `course` -------------------------------------------------------------------

BLOCKED = """import sys
for name in ("IPython", "ipywidgets", "anywidget", "jupyterlab"):
    sys.modules[name] = None
import acai_course as course
course.predict("02-x", ["a", "b"])
course.passport()
course.check("00-1", lambda a, b: (a + b) / 2)
try:
    course.four_machines
except ImportError as error:
    print(error)
course.judge_panel(__import__("torch").zeros(2, 1, 32, 32))
"""


def test_without_jupyter_the_course_works_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(tmp_path / "passport.json"))
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for words in ("guess: 'a' · 'b'", "import_passport", "✔ 00-1",
                  "explorers need ipywidgets and anywidget: pip install",
                  "name the odd ones by number"):
        assert words in done.stdout


ELSEWHERE = """import acai_lite as al, acai_course as course
def said(words, function, *given):
    try:
        function(*given)
    except FileNotFoundError as error:
        assert words in str(error) and "needs a checkout of acai_lite" in str(error), error
        assert "git clone" in str(error) and ". " not in str(error), error
    else:
        raise AssertionError(words)

said("records/live-runs.json", course.recorded, "live-runs")
said("records/realism.json", course.realism_record)
said("records/waves.json", course.signal_record)
said("runs/critics", course.critics_table, "lines", "smoothness")
said("the film 'zoo'", course.zoo_scores)
said("the checkpoint", course.blind_panel, al.load("lines"))
said("records/realism.json", course.check, "06-4-2", lambda: {})      # the learner is not to blame
course.check("00-1", lambda a, b: open("no such file"))
print(course.show(al.lines.smoothness_of).file)
print(len(course.play_machines(course.four_machines(0, 2)).page()))
"""


@pytest.mark.slow
def test_without_a_checkout_what_needs_it_says_so_in_one_sentence(tmp_path):
    for package in (acai_lite, course):
        shutil.copytree(package.__path__[0], tmp_path / "site" / package.__name__)
    (tmp_path / "here").mkdir()
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=tmp_path / "here", env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "acai_lite/lines.py" in done.stdout


@pytest.mark.parametrize("missing", ["ipywidgets", "anywidget"])
def test_a_kernel_without_the_extra_says_once_what_is_missing(missing, monkeypatch, capsys):
    monkeypatch.setattr(pages, "in_kernel", lambda: True)
    monkeypatch.setitem(sys.modules, missing, None)
    pages._say_what_is_missing.cache_clear()
    for _ in range(2):
        course.predict("02-x", ["a", "b"])
    said = capsys.readouterr().out
    assert (said.count("pip install 'acai-lite[course]'") == 1
            and said.count("guess: 'a' · 'b'") == 2)
