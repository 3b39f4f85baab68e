"""Labs run where memory is short: glibc gives freed memory back to the system at once."""
import ctypes
import os
import sys
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3     # names in glibc's malloc.h


def keep_little_memory(threshold: int = 10 * 2 ** 20) -> None:
    """Let glibc return every freed block of `threshold` bytes or more to the system at once;
    elsewhere nothing happens.

    By default it keeps blocks of up to 32 MB, in pieces: 100 MB and more after a kernel density or
    a decoded batch. Those of a lab's training step, 4 or 8 MB each, stay: to fetch them anew costs
    time, most with networks of depth 64, whose blocks are larger. MALLOC_MMAP_THRESHOLD_, if set,
    stays.
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
