"""Threads follow the container: affinity, cgroup quotas, and a number set by hand."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from acai_lite.files import threads as _threads

PRINT = "import acai_lite, torch; print(acai_lite.available_cpus(), torch.get_num_threads())"
TOO_MANY = "import torch; torch.set_num_threads(2); "


def run(*before, program=PRINT, **environment):
    """available_cpus() and torch's threads in a process of its own; OMP_NUM_THREADS is only what is
    given here."""
    inherited = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    inherited["PYTHONPATH"] = str(Path(_threads.__file__).parent.parent.parent)
    command = [*before, sys.executable, "-c", program]
    done = subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True,
                          check=True)
    return [int(word) for word in done.stdout.split()]


@pytest.fixture
def affinity(monkeypatch):
    """A machine of eight processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)


@pytest.fixture
def two_cores():
    if not shutil.which("taskset") or len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs taskset and two processors")
    return str(min(os.sched_getaffinity(0)))


@pytest.mark.slow
def test_one_processor_by_affinity_means_one_thread(two_cores):
    assert run("taskset", "-c", two_cores) == [1, 1]
    assert run("taskset", "-c", two_cores, program=TOO_MANY + PRINT) == [1, 1]


@pytest.mark.parametrize(
    ("processors", "by_hand", "expected"),
    [(1, None, [1]), (3, None, [3]), (8, None, [4]), (1, "4", []), (1, "", [1])]
)
def test_threads_are_lowered_and_never_raised(processors, by_hand, expected, monkeypatch):
    """Four threads before; what PyTorch is told."""
    told = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    monkeypatch.setattr(_threads, "available_cpus", lambda: processors)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if by_hand is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", by_hand)
    _threads.follow_container()
    assert told == expected


@pytest.mark.slow
def test_threads_do_not_exceed_the_processors():
    processors, threads = run()
    assert 1 <= threads <= processors == _threads.available_cpus()


@pytest.mark.slow
def test_a_number_set_by_hand_stays(two_cores):
    assert run("taskset", "-c", two_cores, OMP_NUM_THREADS="2") == [1, 2]


@pytest.mark.slow
def test_an_empty_setting_counts_as_none(two_cores):
    assert run("taskset", "-c", two_cores, OMP_NUM_THREADS="") == [1, 1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("150000 100000\n", 2),
        ("50000 100000\n", 1),
        ("100000 100000\n", 1),
        ("400000 100000\n", 4),
        ("6400000 100000\n", 8),
        ("1000 100000\n", 1),
        ("max 100000\n", 8),
        ("max\n", 8),
        ("", 8),
        ("nonsense here\n", 8),
        ("100000 0\n", 8),
        ("-1 100000\n", 8),
    ],
)
def test_quota_of_cgroup_v2(content, expected, tmp_path, affinity):
    (tmp_path / "cpu.max").write_text(content)
    assert _threads.available_cpus(tmp_path) == expected


@pytest.mark.parametrize(
    ("quota", "period", "expected"),
    [("250000", "100000", 3), ("50000", "100000", 1), ("-1", "100000", 8),
     ("x", "100000", 8), ("100000", "0", 8)],
)
def test_quota_of_cgroup_v1(quota, period, expected, tmp_path, affinity):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text(period + "\n")
    assert _threads.available_cpus(tmp_path) == expected


def test_a_quota_file_without_its_period_is_ignored(tmp_path, affinity):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    assert _threads.available_cpus(tmp_path) == 8


def test_the_least_of_all_limits_counts(tmp_path, affinity):
    (tmp_path / "cpu.max").write_text("500000 100000\n")
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("300000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert _threads.available_cpus(tmp_path) == 3


def test_without_cgroups_affinity_counts(tmp_path, affinity):
    assert _threads.available_cpus(tmp_path / "nowhere") == 8


def test_without_affinity_the_machine_counts(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert _threads.available_cpus(tmp_path) == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert _threads.available_cpus(tmp_path) == 1
