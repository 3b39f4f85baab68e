"""How many processors this process may really use: affinity and cgroup quota, not the host's count.

More OpenMP threads than processors can make PyTorch ten times slower (Binder and JupyterHub set
such quotas).
"""
import math
import os
from collections.abc import Iterator
from pathlib import Path


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
