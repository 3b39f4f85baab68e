"""The repository as a whole: dependency lists, Binder, the Makefile, and what git holds."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# The same package under two names: at conda-forge, or in an import statement.
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
IMPORT_NAMES = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml", "distributed": "dask"}
# Needed to run the labs though no file imports them: the application that opens them and the
# checker of notebooks. (ipywidgets is often used through a name inside a lab only, so it counts as
# a tool too.)
TOOLS = {"jupyterlab", "nbval", "ipywidgets"}
# Imported, and not in the list: these always come with ipywidgets and jupyterlab.
COMES_ALONG = {"IPython", "tornado", "traitlets"}


def split_requirement(text):
    """'torch>=2.5,<3' -> ('torch', {'>=2.5', '<3'}); extras in brackets are dropped."""
    name, _, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)(\[[^]]*\])?([<>=!~].*)?",
                                   text.replace(" ", "")).groups()
    return name.lower(), set(bounds.split(",")) if bounds else set()


def declared(requirements):
    return dict(split_requirement(text) for text in requirements)


RUNTIME = declared(PROJECT["dependencies"])
EXTRAS = {name: declared(requirements)
          for name, requirements in PROJECT["optional-dependencies"].items()}


def third_party_imports(*patterns):
    """Every distribution imported, anywhere in these files: {distribution name: the files that
    import it}."""
    found = {}
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern)}):
        neighbours = {file.stem for file in path.parent.glob("*.py")}
        neighbours |= {"acai_lite", "acai_course", "tests", "mutants", "noxfile"}
        folders = "notebooks/tools", "data/recorders", "examples", "tests", "tests/bench"
        neighbours |= {file.stem for folder in folders for file in (ROOT / folder).glob("*.py")}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module]
            else:
                continue
            for top in {module.split(".")[0] for module in modules}:
                if top not in sys.stdlib_module_names | neighbours | COMES_ALONG:
                    found.setdefault(IMPORT_NAMES.get(top, top),
                                     set()).add(str(path.relative_to(ROOT)))
    return found


# --- dependencies ---------------------------------------------------------------------------------


def test_package_imports_only_what_is_declared():
    # dask is optional: the study imports it only when asked to
    allowed = set(RUNTIME) | set(EXTRAS["cluster"])
    imports = third_party_imports("acai_lite/**/*.py")
    undeclared = {name: files for name, files in imports.items() if name not in allowed}
    assert not undeclared, ("acai_lite imports packages that pyproject.toml does not list in "
                            "`dependencies`")


def test_course_imports_only_what_is_declared():
    allowed = set(RUNTIME) | set(EXTRAS["course"])
    undeclared = set(third_party_imports("notebooks/acai_course/**/*.py")) - allowed
    assert not undeclared, ("acai_course imports packages that pyproject.toml lists neither in "
                            "`dependencies` nor in `course`")


def test_labs_and_tests_import_only_what_is_declared():
    # book's, slides' tools
    allowed = set(RUNTIME) | set(EXTRAS["course"]) | set(EXTRAS["test"]) | set(EXTRAS["teach"])
    imports = third_party_imports("notebooks/source/*.py", "notebooks/tools/*.py",
                                  "data/recorders/*.py", "tests/**/*.py", "noxfile.py")
    undeclared = {name: files for name, files in imports.items() if name not in allowed}
    assert not undeclared, ("packages that pyproject.toml lists neither in "
                            "`dependencies` nor in `test`")


def test_every_dependency_is_used():
    unused = set(RUNTIME) | set(EXTRAS["course"])
    unused -= TOOLS | set(third_party_imports("acai_lite/**/*.py", "notebooks/acai_course/**/*.py",
                                              "notebooks/source/*.py"))
    assert not unused, "pyproject.toml lists packages that neither the package nor a lab imports"


def test_environment_yml_repeats_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    conda = {CONDA_NAMES.get(name, name): bounds
             for name, bounds in declared(environment["dependencies"]).items()}
    python = conda.pop("python")
    conda.pop("pip")
    assert python == {"=3.12"}
    assert conda == {**RUNTIME, **EXTRAS["course"], "nbval": EXTRAS["test"]["nbval"]}


# --- Binder ---------------------------------------------------------------------------------------


def test_binder_files():
    assert os.access(ROOT / "postBuild", os.X_OK), "postBuild must be executable, or Binder fails"
    assert "set -euo pipefail" in (ROOT / "postBuild").read_text(encoding="utf-8")
    for folder in ("binder", ".binder"):
        assert not (ROOT / folder).exists(), (f"{folder}/ would take the place of the "
                                              "files in the root")


def test_repo2docker_reads_the_repository():
    program = Path(sys.executable).parent / "jupyter-repo2docker"
    if not program.exists():
        pytest.skip("jupyter-repo2docker is not installed")
    command = [program, "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-2000:]
    assert "FROM " in printed and "environment.yml" in printed and "postBuild" in printed


# --- what git holds -------------------------------------------------------------------------------


def files_for_git():
    """Files that are tracked or would be added by `git add .`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                                check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for path in (ROOT / name for name in listed.split("\0") if name) if path.is_file()]


def test_no_large_file():
    large = [str(path.relative_to(ROOT))
             for path in files_for_git() if path.stat().st_size > 2 * 2**20]
    assert not large, "files over 2 MiB"


def test_no_path_of_one_machine():
    machine_path = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w")
    found = []
    for path in files_for_git():
        content = path.read_bytes()
        if b"\0" not in content and machine_path.search(content.decode("utf-8", errors="replace")):
            found.append(str(path.relative_to(ROOT)))
    assert not found, "files that name a folder of one machine"


# --- Makefile -------------------------------------------------------------------------------------


def make(*arguments):
    """The commands that make would run. The variables of a `make test` around this test must not
    leak in."""
    ours = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHON", "TORCH", "PORT", "IP", "BROWSER",
            "LAB_ARGS", "PACE"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(["make", "-n", *arguments], cwd=ROOT, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_lab():
    first_lab = "notebooks/00_start_here.ipynb"
    assert (ROOT / first_lab).exists(), "make lab opens a notebook that is not there"
    command = make("lab").splitlines()[-1].split()
    assert (command
            == f".venv/bin/python -m jupyterlab --ip=127.0.0.1 --port=8888 {first_lab}".split())
    command = make("lab", "PORT=9999", "IP=0.0.0.0", "BROWSER=no").splitlines()[-1].split()
    assert (command == ".venv/bin/python -m jupyterlab --ip=0.0.0.0 --port=9999 "
            f"--no-browser {first_lab}".split())


@pytest.mark.parametrize(("target", "options"), [("test", ""), ("test-long", ' -m "not wording"')])
def test_make_test(target, options):
    *_, first, values, labs = make(target).splitlines()
    assert first == f".venv/bin/python -m pytest{options} tests"
    assert (values.startswith(".venv/bin/python -m pytest --nbval ")
            and values.endswith(" tests/values.ipynb"))
    assert labs.startswith("ACAI_LITE_PACE=smoke ACAI_LITE_PASSPORT=$(mktemp -d)/passport.json "
                           ".venv/bin/python -m pytest ")
    assert " --nbval-lax --nbval-current-env " in labs
    assert labs.endswith(" notebooks/*.ipynb notebooks/solutions/*.ipynb")


def test_make_installs_in_two_steps():
    for_lab = make("-B", ".venv/.lab-ready")
    assert ("-e '.[course]'" in for_lab and "-e '.[test]'" not in for_lab
            and "--index-url" not in for_lab)
    for_test = make("-B", ".venv/.test-ready")
    assert for_test.index("-e '.[course]'") < for_test.index("-e '.[test]'")
    cpu = make("-B", ".venv/.lab-ready", "TORCH=cpu")
    assert (cpu.index("--index-url https://download.pytorch.org/whl/cpu")
            < cpu.index("-e '.[course]'"))
    for name in ("torch", "torchvision"):
        (requirement,) = re.findall(rf"'({name}[<>=][^']*)'", cpu)
        assert split_requirement(requirement) == (name, RUNTIME[name])


# --- workflows ------------------------------------------------------------------------------------


def workflow(path):
    """(what the file says, all steps of its jobs); `on` stays a word."""
    flow = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return flow, [step for job in flow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")),
                         ids=lambda path: path.stem)
def test_a_workflow_takes_githubs_own_actions_and_targets_that_are_there(path):
    _, steps = workflow(path)
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
               for step in steps if "uses" in step)
    for command in (step["run"] for step in steps if step.get("run", "").startswith("make ")):
        make(*command.split()[1:])


def test_a_pull_request_has_to_pass_make_check_and_make_test():
    flow, steps = workflow(ROOT / ".github" / "workflows" / "pull_request.yml")
    assert "pull_request" in flow["on"] and flow["permissions"] == {"contents": "read"}
    assert [step["run"] for step in steps if "run" in step and "continue-on-error" not in step] == [
        "make check TORCH=cpu", "make test TORCH=cpu"]
