"""The range of versions: the record, its table in docs/range.md, the sessions, and the nightly
workflow."""
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("nox")
sys.path.insert(0, str(ROOT))
import noxfile  # noqa: E402

RUNS = json.loads(noxfile.RECORD.read_text("utf-8"))["runs"]


def test_the_page_holds_the_record():
    assert f"\n{noxfile.table(RUNS)}\n<!-- to here" in noxfile.PAGE.read_text("utf-8")


def test_committed_runs_passed_and_say_where_they_come_from():
    for run in RUNS:
        name = f"{run['session']} {run['system']}"
        assert re.fullmatch(r"[0-9a-f]{40}",
                            run["commit"]), f"{name}: run on code that is not committed"
        assert run["tests"]["failed"] == run["cells"]["failed"] == [], name
        assert (run["tests"]["passed"] > 600 and run["cells"]["passed"] > 100
                and run["seconds"] > 0), name
        assert set(run["versions"]) == set(map(noxfile.name_of, noxfile.NEEDED)), name


def test_oldest_is_the_lower_bound_of_every_dependency():
    for text in noxfile.NEEDED:
        name, bound = re.match(r"([\w.-]+)>=([\d.]+)", text).groups()
        assert noxfile.lowest(text) == f"{name}=={bound}"
        assert [run for run in RUNS if run["session"] == "oldest" and re.fullmatch(
            re.escape(bound) + r"(\.0)*(\+\w+)?", run["versions"][name])]
    for path in noxfile.TESTS:
        assert (ROOT / path).exists()
    for lab in noxfile.LABS:
        assert (ROOT / "notebooks" / "solutions" / f"{lab}.ipynb").exists()


def test_a_run_takes_the_place_of_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setattr(noxfile, "RECORD", tmp_path / "range.json")
    monkeypatch.setattr(noxfile, "PAGE", tmp_path / "range.md")
    noxfile.PAGE.write_text("# Before\n<!-- from here on -->\n<!-- to here -->\nafter\n")
    run = {**RUNS[0], "session": "newest-3.12", "system": "Linux"}
    for one in (run, {**run, "system": "Darwin"}, {**run, "session": "oldest"},
                {**run, "seconds": 1}):
        noxfile.note(one)
    runs = json.loads(noxfile.RECORD.read_text())["runs"]
    assert ([(one["session"], one["system"]) for one in runs] == [
        ("oldest", "Linux"), ("newest-3.12", "Darwin"), ("newest-3.12", "Linux")]
            and runs[-1]["seconds"] == 1)
    page = noxfile.PAGE.read_text()
    assert (page.startswith("# Before\n<!-- from here on -->\n| session |")
            and page.endswith("|\n<!-- to here -->\nafter\n"))


def test_a_failure_is_counted_by_name(tmp_path):
    (tmp_path / "one.xml").write_text(
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure/></testcase>'
        '<testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase>'
        '</testsuite></testsuites>')
    assert noxfile.count(tmp_path / "one.xml") == {"passed": 1, "skipped": 1, "failed": ["b", "d"]}


def test_the_nightly_workflow_runs_every_session_on_three_systems():
    flow = yaml.load((ROOT / ".github" / "workflows" / "nightly.yml").read_text("utf-8"),
                     yaml.BaseLoader)
    assert (flow["on"]["schedule"] and "workflow_dispatch" in flow["on"]
            and flow["permissions"] == {"contents": "read"})
    matrix = flow["jobs"]["newest"]["strategy"]["matrix"]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
               for step in steps if "uses" in step)
    asked = re.findall(r"nox -s (\S+)", " ".join(step.get("run", "") + "\n" for step in steps)
                       .replace("{{ ", "{{").replace(" }}", "}}"))
    pythons = [version for one in asked if "matrix" in one for version in matrix["python"]]
    wanted = [one for one in asked if "matrix" not in one] + [f"newest-{version}"
                                                              for version in pythons]
    assert sorted(wanted) == sorted(["oldest", "audit",
                                     *(f"newest-{version}" for version in noxfile.PYTHONS)])
    makefile = (ROOT / "Makefile").read_text("utf-8")
    # as `make lab TORCH=cpu`
    assert flow["jobs"]["oldest"]["env"]["PIP_EXTRA_INDEX_URL"] in makefile
