"""Is this machine ready for the course? `python -m acai_lite doctor` prints one line per question and exits 0 or 1."""
import os
import shutil
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version

from ..support.threads import available_cpus

NEEDED = ("torch", "torchvision", "jupyterlab", "ipywidgets", "matplotlib", "scikit-learn", "safetensors")


def report():
    """Yields (ok, question, finding); ok is True, False, or None for a remark."""
    yield sys.version_info >= (3, 11), "Python 3.11 or newer", sys.version.split()[0]
    for package in NEEDED:
        try:
            yield True, package, version(package)
        except PackageNotFoundError:
            yield False, package, "missing: `make lab` installs it"
    cpus, threads = available_cpus(), os.environ.get("OMP_NUM_THREADS")
    by_hand = f", OMP_NUM_THREADS={threads}" if threads else ""
    yield (threads is None or int(threads) <= cpus), "processors", f"{cpus} usable{by_hand}"
    free = _free_memory()
    yield (None, "free memory", "unknown") if free is None else (free > 1.0, "free memory", f"{free:.1f} GB (1 GB needed)")
    space = shutil.disk_usage(".").free / 2 ** 30
    yield space > 0.5, "free disk space here", f"{space:.1f} GB (0.5 GB needed)"
    try:
        with tempfile.NamedTemporaryFile(dir="."):
            yield True, "this folder can be written", os.getcwd()
    except OSError as error:
        yield False, "this folder can be written", str(error)
    yield from _training()
    from ..support.command_line import data_sets, how_to_get
    for name, place in data_sets().items():
        yield (True if place else None), f"data set {name}", place or f"absent ({how_to_get(name)})"


def _training():
    import torch

    from .. import build, fit, load
    model, images = build("acai", "lines", recipe="lab"), load("lines")
    fit(model, images, 128, "lab", quiet=True)
    started = time.perf_counter()
    history = fit(model, images, 640, "lab", quiet=True)
    rate = history.samples / (time.perf_counter() - started)
    gpu = torch.cuda.is_available()
    device = f"GPU {torch.cuda.get_device_name()}" if gpu else f"CPU, {torch.get_num_threads()} threads"
    yield rate > 40, "training ACAI on lines", f"{rate:.0f} images/s on {device} (40 needed)"


def _free_memory():
    """Free memory in GB, as far as the system tells: Linux, with the container's limit; else None."""
    try:
        with open("/proc/meminfo") as file:
            free = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable")) / 2 ** 20
        with open("/sys/fs/cgroup/memory.max") as limit, open("/sys/fs/cgroup/memory.current") as used:
            return min(free, (int(limit.read()) - int(used.read())) / 2 ** 30)
    except (OSError, StopIteration):
        return locals().get("free")
    except ValueError:                          # "max": no limit
        return free


def main():
    bad = 0
    for ok, question, finding in report():
        bad += ok is False
        print(f"{ {True: 'ok  ', False: 'FAIL', None: 'note'}[ok] }  {question:28s} {finding}", flush=True)
    print("This machine is ready." if not bad else f"{bad} of these must be put right first.")
    return int(bad > 0)
