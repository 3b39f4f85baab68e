"""The oldest and the newest versions that pyproject.toml allows, on each Python at hand
(docs/range.md).

    python -m nox                      all sessions; a Python that is not there is skipped
    python -m nox -s newest-3.12       one of them

Each of `oldest` and `newest` installs into a folder of its own (several GB with CUDA), runs a part
of the tests and four labs at pace `smoke`, and notes what was installed and what passed: in
data/results/ops/range.json, and from there in docs/range.md.
"""
import json
import re
import time
import tomllib
import xml.etree.ElementTree
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
RECORD, PAGE = ROOT / "data" / "results" / "ops" / "range.json", ROOT / "docs" / "range.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NEEDED = PROJECT["dependencies"] + EXTRAS["course"]
TOOLS = [text for text in EXTRAS["test"] if re.match("pytest|hypothesis|nbval", text)]
TESTS = [f"tests/{folder}/test_{name}.py" for folder, names in {
    "package": "autoencoders zoo networks training gans data checkpoints lines probes "
               "interpolation fast figures films command_line",
    "course": "explorers checks passport"}.items() for name in names.split()]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
LABS = ("00_start_here", "01_a_ruler_before_a_model", "03_a_zoo", "05a_the_critic")
# columns of the table
SHOWN = ("torch", "torchvision", "jupyterlab", "ipywidgets", "anywidget", "numpy")
LOOK = """import json, platform, sys; from importlib.metadata import version
print(json.dumps({"python": platform.python_version(), "system": platform.system(),
                  "machine": platform.machine(),
                  "versions": {name: version(name) for name in sys.argv[1:]}}))"""

nox.options.sessions = ["oldest", "newest", "audit"]


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0]


def lowest(requirement):
    """'torch>=2.5,<3' -> 'torch==2.5', which is 2.5.0 and no later patch."""
    return re.sub(r">=([\d.]+).*", r"==\1", requirement)


@nox.session(python="3.11", venv_backend="venv")
def oldest(session):
    """The lower bound of every dependency."""
    session.install("-e", ".[course]", *map(lowest, NEEDED), *TOOLS)
    examine(session)


@nox.session(python=PYTHONS, venv_backend="venv")
def newest(session):
    """What pip chooses today."""
    session.install("-e", ".[course]", *TOOLS)
    examine(session)


@nox.session(venv_backend="venv")
def audit(session):
    """Known weaknesses of what pip chooses today; asks a public list of them over the network."""
    session.install("pip-audit")
    session.run("pip-audit", "--strict", ".")  # a package that the list lacks fails, too


def examine(session):
    """Run the tests and the labs, note the outcome, and fail if any of them failed."""
    began, code, place = time.monotonic(), commit(session), Path(session.create_tmp())
    look = session.run("python", "-c", LOOK, *map(name_of, NEEDED), silent=True)
    if look is None:                                                   # nox --install-only
        return
    setting = {"ACAI_LITE_PACE": "smoke", "ACAI_LITE_PASSPORT": str(place / "passport.json")}

    def counts(name, *arguments):
        report = place / f"{name}.xml"
        report.unlink(missing_ok=True)
        session.run("python", "-m", "pytest", "-q", f"--junitxml={report}", *arguments, env=setting,
                    success_codes=[0, 1])
        return count(report)

    found = {"tests": counts("tests", *TESTS),
             "cells": counts("labs",
                             "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300",
                             *(f"notebooks/solutions/{lab}.ipynb" for lab in LABS))}
    note({"session": session.name, **json.loads(look), **found,
          "seconds": round(time.monotonic() - began),
          "commit": code, "date": time.strftime("%Y-%m-%d", time.gmtime())})
    if found["tests"]["failed"] or found["cells"]["failed"]:
        session.error("; ".join(found["tests"]["failed"] + found["cells"]["failed"]))


def count(report):
    """{passed, skipped: how many; failed: their names} of a JUnit file."""
    cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
    kinds = [{child.tag for child in case} for case in cases]
    failed = [case.get("name") for case, kind in zip(cases, kinds, strict=True)
              if kind & {"failure", "error"}]
    skipped = sum("skipped" in kind for kind in kinds)
    return {"passed": len(cases) - len(failed) - skipped, "skipped": skipped, "failed": failed}


def commit(session):
    """The commit, with "+changes" if other tracked files than the record and its page differ from
    it."""
    def git(*words):
        return (session.run("git", "-C", str(ROOT), *words, external=True, silent=True, log=False)
                or "").strip()
    mine = [f":!{path.relative_to(ROOT).as_posix()}" for path in (RECORD, PAGE)]
    return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "-uno", "--", ".",
                                                         *mine) else "")


def note(run):
    """Put a run in the record, in place of the one before on the same Python and system, and its
    row on the page."""
    runs = json.loads(RECORD.read_text(encoding="utf-8"))["runs"] if RECORD.exists() else []
    runs = [old for old in runs if any(old[key] != run[key] for key in ("session", "system"))]
    runs = sorted([*runs, run], key=lambda one: (one["session"].startswith("newest"),
                                                 one["session"], one["system"]))
    RECORD.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8", newline="\n")
    head, rest = PAGE.read_text(encoding="utf-8").split("<!-- from here", 1)
    first, tail = rest.split("\n", 1)
    after = tail[tail.index("<!-- to here"):]
    PAGE.write_text(f"{head}<!-- from here{first}\n{table(runs)}\n{after}", encoding="utf-8",
                    newline="\n")


def table(runs):
    """The rows of docs/range.md."""
    def outcome(found):
        failed = f", {len(found['failed'])} failed" if found["failed"] else ""
        return f"{found['passed']}{failed}" + (f" ({found['skipped']} skipped)"
                                               if found["skipped"] else "")

    lines = [["session", "Python", "system", *SHOWN, "tests passed", "cells passed"]]
    lines += [["---"] * len(lines[0])]
    lines += [[run["session"], run["python"], run["system"],
               *(run["versions"][name] for name in SHOWN),
               outcome(run["tests"]), outcome(run["cells"])] for run in runs]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
