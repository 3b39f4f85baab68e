"""The wheel, installed outside the checkout: the package works there without the libraries of the
course, and what needs the checkout says so in one sentence."""
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LIBRARIES = ["jupyterlab", "ipywidgets", "anywidget", "IPython"]  # of the course
OPTIONAL = [*LIBRARIES, "acai_course", "dask", "distributed", "pandas"]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built in a copy, since building leaves files behind."""
    if int(metadata.version("setuptools").split(".")[0]) < 77:
        pytest.skip("building without network needs setuptools 77 or newer")
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("acai_lite", "notebooks/acai_course"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip("wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "made", cwd=source)
    return next((source / "made").glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """elsewhere(code, blocked) runs code with the installed wheel, with no checkout around it."""
    target, here = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("elsewhere")
    pip("install", str(wheel), "--no-deps", "--no-index", "--target", str(target), cwd=here)

    def run(code, blocked=()):
        code = START.format(target=str(target), blocked=list(blocked)) + code
        kept = {name: value for name, value in os.environ.items()
                if name != "PYTHONPATH" and not name.startswith("ACAI_LITE")}
        return subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True,
                              text=True, timeout=600, env=kept | {"OMP_NUM_THREADS": "1"})
    return run


def pip(*words, cwd):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


# The wheel's copy comes first, no editable installation is seen, and `blocked` is not installed.
START = '''
import sys
sys.path.insert(0, {target!r})
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *places):
        if name.split(".")[0] not in {blocked!r}:
            return self.finder.find_spec(name, *places)

sys.meta_path[:] = map(Without, sys.meta_path)

def errors(*codes):
    found = []
    for code in codes:
        try:
            eval(code)
            found.append([None, f"{{code}} raises nothing"])
        except Exception as error:
            found.append([type(error).__name__, str(error)])
    return found

'''


PACKAGE = '''
import json
import acai_lite as al
lines = al.load("lines")
model = al.build("acai", lines, recipe="lab")
history = al.fit(model, lines, samples=48, recipe="lab", device="cpu", quiet=True)
scores = al.score_lines(model, lines, pairs=4)
al.save_checkpoint(model, "own.safetensors", {"what": "three steps"})
found = {"file": al.__file__, "steps": history.steps, "distance": scores.mean_distance,
         "receipt": al.checkpoint("own.safetensors").receipt,
         "course": "acai_course" in sys.modules, "errors": errors(
             "al.checkpoint('mnist-acai-32')", "al.film('lines-acai-64')", "al.load('mnist')")}
print(json.dumps(found))
'''

COURSE = '''
import json, types
import acai_course as course
course.predict("x", ["a", "b"])  # in a script: in words
found = {"file": course.__file__, "errors": errors("course.recorded('critic')")}
shell = types.SimpleNamespace(kernel=None)
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)  # as if in a notebook
course.pages.has_forms()
print(json.dumps(found))
'''


def answer(done):
    """What the code printed last, as JSON."""
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=[[], OPTIONAL], ids=["all there", "without extras"])
def package(elsewhere, request):
    return answer(elsewhere(PACKAGE, request.param))


def is_one_sentence(message):
    ends = re.findall(r"[.!?](?:\s|$)", message)
    return 20 < len(message) < 300 and "\n" not in message and len(ends) <= 1


def names_the_checkout(error):
    kind, message = error
    return (kind == "FileNotFoundError" and "checkout" in message and "git clone" in message
            and is_one_sentence(message))


def test_it_holds_every_file_of_both_packages_and_nothing_else(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    there = {path.relative_to(folder).as_posix()
             for folder, name in ((ROOT, "acai_lite"), (ROOT / "notebooks", "acai_course"))
             for path in (folder / name).rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}
    assert held == there
    assert any(name.startswith("acai_course/static/") for name in held)
    assert "acai_lite/py.typed" in held


def names(requirements):
    return {re.match(r"[\w-]+", row)[0].lower() for row in requirements}


def test_only_the_extra_asks_for_jupyter(wheel):
    with zipfile.ZipFile(wheel) as file:
        name = next(name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        asked = re.findall(r"^Requires-Dist: (.+)$", file.read(name).decode(), re.MULTILINE)
    plain, extra = (names(row for row in asked if ("extra ==" in row) is flag)
                    for flag in (False, True))
    assert plain == names(PROJECT["dependencies"])
    assert {"jupyterlab", "ipywidgets", "anywidget"} <= extra - plain


def test_load_build_fit_and_score(package):
    assert not Path(package["file"]).is_relative_to(ROOT) and not package["course"]
    assert package["steps"] == 3 and 0 < package["distance"] < 1
    assert package["receipt"] == {"what": "three steps"}


def test_a_checkpoint_or_a_film_by_name_needs_the_checkout_and_says_how_to_get_it(package):
    checkpoint, film, _ = package["errors"]
    assert names_the_checkout(checkpoint), checkpoint
    assert names_the_checkout(film), film


def test_a_data_set_that_is_not_there_says_what_to_do(package):
    kind, message = package["errors"][2]
    assert kind == "FileNotFoundError" and is_one_sentence(message), message
    assert "ACAI_LITE_DATA" in message, message


@pytest.mark.parametrize("blocked", [[], LIBRARIES], ids=["all there", "without extras"])
def test_the_course_imports_and_says_what_it_needs(elsewhere, blocked):
    done = elsewhere(COURSE, blocked)
    found = answer(done)
    assert not Path(found["file"]).is_relative_to(ROOT)
    assert names_the_checkout(found["errors"][0]), found["errors"]
    assert done.stdout.count("pip install 'acai-lite[course]'") == bool(blocked), done.stdout


@pytest.mark.parametrize("command", ["acai_lite data status", "acai_lite --help",
                                     "acai_course doctor"])
def test_the_command_lines_end_without_a_traceback(elsewhere, command):
    module, words = command.split()[0], command.split()
    done = elsewhere(f"import runpy; sys.argv = {words!r}\n"
                     f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)")
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.stdout.strip() or is_one_sentence(done.stderr.strip())
