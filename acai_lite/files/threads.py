"""How many processors this process may really use: affinity and cgroup quota, not the host's count.
And its memory.

More OpenMP threads than processors can make PyTorch ten times slower (Binder and JupyterHub set
such quotas).
"""
import ctypes
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3     # names in glibc's malloc.h


def available_cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole processors, at least 1: the least of affinity, cgroup v2 `cpu.max` and cgroup v1
    `cpu.cfs_quota_us`."""
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    for quota, period in _quotas(cgroup):
        if quota > 0 and period > 0:
            count = min(count, math.ceil(quota / period))
    return max(1, count)


def _quotas(cgroup: Path) -> Iterator[tuple[int, int]]:
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()[:2]
        yield (int(quota) if quota != "max" else -1), int(period)
    except (OSError, ValueError):
        pass
    try:
        folder = cgroup / "cpu"
        of_v1 = [int((folder / f"cpu.cfs_{what}_us").read_text()) for what in ("quota", "period")]
        yield of_v1[0], of_v1[1]
    except (OSError, ValueError):
        pass


def follow_container() -> None:
    """Lower PyTorch's threads to the processors there are; a number set by hand in OMP_NUM_THREADS
    stays."""
    import torch
    if not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(min(torch.get_num_threads(), available_cpus()))


def keep_little_memory(threshold: int = 10 * 2 ** 20) -> None:
    """Let glibc return every freed block of `threshold` bytes or more to the system at once;
    elsewhere nothing happens.

    By default it keeps blocks of up to 32 MB, in pieces: 100 MB and more after a kernel density or
    a decoded batch. Those of a lab's training step, 4 or 8 MB each, stay: to fetch them anew costs
    time, most with networks of depth 64, whose blocks are larger. So the course calls this, the
    package by itself does not. MALLOC_MMAP_THRESHOLD_, if set, stays.
    """
    change = _glibc("mallopt")
    if change is not None and not os.environ.get("MALLOC_MMAP_THRESHOLD_"):
        change(M_MMAP_THRESHOLD, threshold)
        change(M_TRIM_THRESHOLD, 2 * threshold)


def give_back_memory() -> None:
    """Return what glibc kept back, as far as whole pages are free; milliseconds."""
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _glibc(name: str) -> Any:
    """A function of glibc, or None: other libraries, such as musl, have none of them."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
