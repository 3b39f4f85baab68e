"""Before class: the promise of the headers, the zip for a room without a network, and what the
doctor says of N learners."""
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import measure
import nbformat
import pack
import pytest
from acai_course import doctor

from acai_lite.files.checkout import result_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("found", "words"), [
    ((15, 300), None), ((14.9, 449), None), ((15.1, 300), "1.5 times the promised seconds"),
    ((1, 451), "promised memory"), ((16, 451), "seconds and memory")])
def test_a_promise_is_broken_at_one_and_a_half_times(found, words):
    said = measure.verdict(found, (10, 300))
    assert (said is None) if words is None else words in said


def test_the_red_and_green_list(tmp_path, monkeypatch, capsys):
    """Three labs of one cell each: one keeps the promise, one takes too long, one stops."""
    code = {"01_good": "x = 1", "02_slow": "import time; time.sleep(1.2)", "03_broken": "1 / 0"}
    books = [(name, [nbformat.v4.new_code_cell(text)]) for name, text in code.items()]
    (tmp_path / "labs.json").write_text(
        json.dumps({name: {"seconds": limit, "memory_mb": 10_000}
                    for name, limit in zip(code, (600, 0.5, 600), strict=True)}))
    monkeypatch.setattr(measure, "RECEIPTS", tmp_path / "labs.json")
    monkeypatch.setattr(measure, "ROOT", tmp_path)
    monkeypatch.setattr(measure, "bare", lambda: 0)
    monkeypatch.setattr(measure, "notebooks", lambda names: books)
    assert measure.check([]) == 1
    said = capsys.readouterr().out
    assert "ok    01_good" in said and "FAIL  02_slow" in said and "promised seconds" in said
    assert "ZeroDivisionError" in said and "1 of 3 labs keep the promise" in said
    page = (tmp_path / "runs" / "class" / "report.html").read_text()
    assert page.count("✘") == 2 and page.count("✔") == 1 and "http" not in page
    monkeypatch.setattr(measure, "notebooks", lambda names: books[:1])
    assert measure.check([]) == 0


def test_the_list_of_wheels_names_what_the_labs_need_and_nothing_of_the_tests():
    names = {line.split("==")[0] for line in pack.wheels()}
    needed = {"torch", "torchvision", "jupyterlab", "ipywidgets", "anywidget", "matplotlib",
              "scikit-learn", "ipykernel"}
    assert needed <= names
    assert not names & {"pytest", "nbval", "ruff", "playwright", "acai-lite"}


@pytest.mark.long
def test_a_lab_runs_from_the_zip_without_this_repository_and_without_a_network(tmp_path):
    """In a network namespace of its own, where the system lets us make one; loopback only, for the
    kernel."""
    pack.main(tmp_path / "class.zip")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        archive.extractall(tmp_path)
    place = tmp_path / "acai_lite"
    assert (place / "START.txt").exists() and not (place / "tests").exists()
    script = tmp_path / "run.py"
    script.write_text("""
import nbformat
from nbclient import NotebookClient
book = nbformat.read("01_a_ruler_before_a_model.ipynb", 4)
for cell in book.cells:                            # the learner's lab: its stubs raise when called
    cell.metadata["tags"] = ["raises-exception"] if "NotImplementedError" in cell.source else []
book.cells.append(nbformat.v4.new_code_cell("print('package', al.__file__)"))
NotebookClient(book, timeout=300, kernel_name="python3").execute()
print(book.cells[-1].outputs[0]["text"])
""")
    command = [sys.executable, str(script)]
    if shutil.which("unshare") and not subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo",
                                                       "up"]).returncode:
        command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *command]
    environment = os.environ | {"PYTHONPATH": str(place), "ACAI_LITE_PACE": "smoke",
                                "OMP_NUM_THREADS": "1"}
    environment.pop("ACAI_LITE_DATA", None)
    done = subprocess.run(command, cwd=place / "notebooks", env=environment, capture_output=True,
                          text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"package {place}" in done.stdout


def test_what_the_doctor_says_of_a_class(monkeypatch):
    monkeypatch.setattr(doctor, "kernel_memory", lambda: (0.5, 0.4))
    monkeypatch.setattr(doctor, "_free_memory", lambda: 8.0)
    (fits, _, said), (remark, _, time) = doctor.class_report(10)
    assert fits and "enough for 14" in said and remark is None and "takes" in time
    assert next(doctor.class_report(15))[0] is False
    monkeypatch.setattr(doctor, "_free_memory", lambda: None)
    assert next(doctor.class_report(15))[0] is None


@pytest.mark.long
def test_a_learners_kernel_is_measured():
    own, shared = doctor.kernel_memory()
    assert 0.1 < own < 2 and 0 <= shared < 2


def test_committed_classes_lost_nothing_and_the_doctor_was_right_within_a_quarter():
    page = (ROOT / "docs" / "instructor.md").read_text()
    records = json.loads(result_file("ops", "load.json").read_text())
    for count, record in records.items():
        first, labs, memory = record["first_picture_s"], record["labs_s"], record["kernel_mb"]
        assert (record["learners"] == int(count) >= 8 and record["failed_cells"] == []
                and len(record["commit"]) == 40)
        assert abs(memory["predicted"] - memory["own"]) <= 0.25 * memory["own"]
        assert 0 < first["p50"] <= first["p95"] < labs["p50"] <= labs["p95"]
        assert (f"| {count} learners | 0 | {first['p50']:.1f} / {first['p95']:.1f} s | "
                f"{labs['p50']:.0f} / {labs['p95']:.0f} s | {memory['own']} / "
                f"{memory['predicted']} MB | {record['threads']} |") in page
