"""Is this machine ready for the course? `python -m acai_course doctor` prints one line per question
and exits 0 or 1; `--class N` asks, too, whether it holds the kernels of N learners at once."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import chain

from acai_lite.files.checkout import find_checkout, result_file
from acai_lite.files.threads import available_cpus

Finding = tuple[bool | None, str, str]          # ok, or None for a remark; question; what was found
NEEDED = ("torch", "torchvision", "jupyterlab", "ipywidgets", "anywidget", "matplotlib",
          "scikit-learn", "safetensors")


def report() -> Iterator[Finding]:
    """Yields (ok, question, finding); ok is True, False, or None for a remark."""
    yield sys.version_info >= (3, 11), "Python 3.11 or newer", sys.version.split()[0]
    for package in NEEDED:
        try:
            yield True, package, version(package)
        except PackageNotFoundError:
            yield False, package, "missing: `make lab` installs it"
    labs = find_checkout()
    yield labs is not None, "the labs", str(labs / "notebooks") if labs else "no checkout here"
    cpus, threads = available_cpus(), os.environ.get("OMP_NUM_THREADS")
    by_hand = f", OMP_NUM_THREADS={threads}" if threads else ""
    yield (threads is None or int(threads) <= cpus), "processors", f"{cpus} usable{by_hand}"
    free = _free_memory()
    yield (None, "free memory", "unknown") if free is None else (free > 1.0, "free memory",
                                                                 f"{free:.1f} GB (1 GB needed)")
    space = shutil.disk_usage(".").free / 2 ** 30
    yield space > 0.5, "free disk space here", f"{space:.1f} GB (0.5 GB needed)"
    try:
        with tempfile.NamedTemporaryFile(dir="."):
            yield True, "this folder can be written", os.getcwd()
    except OSError as error:
        yield False, "this folder can be written", str(error)
    yield from _training()
    from acai_lite.files.catalogue import data_sets, how_to_get
    for name, place in data_sets().items():
        yield (True if place else None), f"data set {name}", place or f"absent ({how_to_get(name)})"


def _training():
    import torch

    from acai_lite import build, fit, load
    model, images = build("acai", "lines", recipe="lab"), load("lines")
    fit(model, images, 128, "lab", quiet=True)
    started = time.perf_counter()
    history = fit(model, images, 640, "lab", quiet=True)
    rate = history.samples / (time.perf_counter() - started)
    gpu = torch.cuda.is_available()
    device = (f"GPU {torch.cuda.get_device_name()}" if gpu
              else f"CPU, {torch.get_num_threads()} threads")
    help_ = "" if rate > 40 else ": close other programs, or other kernels, and ask again"
    yield rate > 40, "training ACAI on lines", f"{rate:.0f} images/s on {device} (40 needed){help_}"


LEARNER = """
import sys
import ipykernel.kernelapp, ipywidgets, matplotlib.figure
import acai_lite as al, acai_course
images = al.load("lines")
model = al.build("acai", images, recipe="lab")
al.fit(model, images, 640, "lab", quiet=True, fast=True)
al.score_lines(model, images, 256)
paths = al.interpolate_images(model, images.test_images[:4], images.test_images[4:8], 9)
al.figures.strips(paths, alt="a strip")
try:
    with open("/proc/self/status") as file:
        kib = {line.split(":")[0]: int(line.split()[1]) for line in file if line.endswith("kB\\n")}
    print(kib["VmHWM"] - kib["RssFile"] - kib["RssShmem"], kib["RssFile"])
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak // (1024 if sys.platform == "darwin" else 1), 0)
"""
SERVER = 0.12                                   # GB of a JupyterLab server in use


def kernel_memory() -> tuple[float, float]:
    """(own, shared) memory in GB of one learner's kernel at work: measured in a process that trains
    as lab 05a does.

    Shared are the pages of the libraries' files, which all kernels of a machine use together.
    """
    done = subprocess.run([sys.executable, "-c", LEARNER], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"a learner's kernel failed here: {done.stderr.strip().splitlines()[-1]}")
    own, shared = (int(kib) / 2 ** 20 for kib in done.stdout.split()[-2:])
    return own, shared


def class_report(learners: int) -> Iterator[Finding]:
    """Yields (ok, question, finding) for so many kernels at once on this machine."""
    own, shared = kernel_memory()
    need, free, cpus = SERVER + shared + learners * own, _free_memory(), available_cpus()
    said = f"{need:.1f} GB needed: {1000 * own:.0f} MB each, {1000 * (SERVER + shared):.0f} MB once"
    if free is None:
        yield None, f"{learners} kernels at once", said
    else:
        holds = max(0, int((free - SERVER - shared) / own))
        yield (holds >= learners, f"{learners} kernels at once",
               f"{said}; {free:.1f} GB are free, enough for {holds}")
    try:
        labs = json.loads(result_file("ops", "labs.json").read_text("utf-8"))
    except FileNotFoundError as error:
        yield None, "all press Run All at once", f"unknown: {error}"
        return
    lab, run = max(labs.items(), key=lambda item: item[1]["seconds"])
    minutes = max(1, learners / cpus) * run["seconds"] / 60
    yield (None, "all press Run All at once",
           (f"lab {lab.split('_')[0]}, the longest, takes {run['seconds']:.0f} s alone, up to "
            f"{minutes:.0f} min on {cpus} processors"))


def _free_memory():
    """Free memory in GB, as far as the system tells: Linux, with the container's limit; else
    None."""
    try:
        with open("/proc/meminfo") as file:
            free = next(int(line.split()[1])
                        for line in file if line.startswith("MemAvailable")) / 2 ** 20
        with (open("/sys/fs/cgroup/memory.max") as limit,
              open("/sys/fs/cgroup/memory.current") as used):
            return min(free, (int(limit.read()) - int(used.read())) / 2 ** 30)
    except (OSError, StopIteration):
        return locals().get("free")
    except ValueError:                          # "max": no limit
        return free


def ready(learners: int = 0) -> int:
    """Print what the doctor finds, for `learners` at once if asked; 1 if something must be put
    right first, else 0."""
    bad = 0
    for ok, question, finding in chain(report(), class_report(learners) if learners else ()):
        bad += ok is False
        print(f"{ {True: 'ok  ', False: 'FAIL', None: 'note'}[ok] }  {question:28s} {finding}",
              flush=True)
    print("This machine is ready." if not bad else f"{bad} of these must be put right first.")
    return int(bad > 0)
