"""Run All of every solution notebook on one processor: seconds and peak memory, the promise in the
labs' headers.

    python notebooks/tools/measure.py [LAB ...]
        writes data/results/ops/labs.json; then `make notebooks`
    python notebooks/tools/measure.py --check [LAB ...]
        does this machine keep the promise? writes runs/class/report.html

With names (07_what_the_code_knows, or 07) only those labs run; the others keep what they have. A
promise is measured twice in fresh kernels and the slower run counts; a check runs once, and fails,
with status 1, where a lab stops with an error or takes more than 1.5 times the seconds or the
memory of its header. Memory is the kernel's peak minus that of a kernel that has imported torch and
nothing else, both without triton: it comes with PyTorch for GPUs, not with the one for CPUs that
README and Binder use, and would add 75 MB here.
"""
import argparse
import html
import json
import os
import platform
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from acai_lite.files.checkout import commit_of_checkout, result_file
from acai_lite.files.records import write_whole

ROOT = Path(__file__).resolve().parent.parent.parent
RECEIPTS = result_file("ops", "labs.json")
SLACK = 1.5
ALONE = """import os, sys; sys.modules['triton'] = None
if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
else: os.environ["OMP_NUM_THREADS"] = "1" """
PEAK = "import resource; print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>acai_lite: before class</title>
<style>body{{font:16px/1.5 sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}
th,td{{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #ccc}}
.ok{{color:#00602b}} .bad{{color:#a40000;font-weight:bold}}</style>
<h1>Before class</h1><p>{said}</p>
<table><thead><tr><th>lab<th>seconds<th>promised<th>MB<th>promised<th>verdict</thead>
<tbody>{rows}</tbody></table></html>"""


def run(cells):
    """(seconds, peak memory in MB) of the cells in a fresh kernel, on one processor."""
    first, last = map(nbformat.v4.new_code_cell, (ALONE, PEAK))
    book, started = nbformat.v4.new_notebook(cells=[first, *cells, last]), time.monotonic()
    NotebookClient(book, timeout=1200, kernel_name="python3").execute()
    kib = int(book.cells[-1].outputs[-1]["text"].split()[-1])
    return time.monotonic() - started, kib / (1024 if sys.platform != "darwin" else 2 ** 20)


def notebooks(names):
    """(name, cells) of the labs that are asked for."""
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb")):
        if not names or path.stem.startswith(tuple(names)):
            yield path.stem, nbformat.read(path, 4).cells


def bare():
    return run([nbformat.v4.new_code_cell("import torch")])[1]


def promise(names):
    without, commit = bare(), commit_of_checkout()  # before this file is written anew
    results = json.loads(RECEIPTS.read_text()) if names else {}
    for name, cells in notebooks(names):
        seconds, memory = map(max, zip(run(cells), run(cells), strict=True))
        results[name] = {"seconds": round(seconds, 1), "memory_mb": round(memory - without),
                         "cpus": 1, "machine": platform.machine(), "commit": commit,
                         "command": "python notebooks/tools/measure.py",
                         "date": time.strftime("%Y-%m-%d", time.gmtime())}
        print(name, results[name], flush=True)
        write_whole(RECEIPTS, (json.dumps(dict(sorted(results.items())), indent=1) + "\n").encode())
    return 0


def verdict(found, promised):
    """None if a lab that took `found` (seconds, MB) keeps the promise, else what it exceeds."""
    over = [what for what, value, limit in zip(("seconds", "memory"), found, promised, strict=True)
            if value > SLACK * limit]
    return f"more than {SLACK} times the promised {' and '.join(over)}" if over else None


def check(names):
    without, promised, table = bare(), json.loads(RECEIPTS.read_text()), []
    for name, cells in notebooks(names):
        wanted = promised[name]["seconds"], promised[name]["memory_mb"]
        try:
            seconds, memory = run(cells)
            found = round(seconds, 1), round(memory - without)
            bad = verdict(found, wanted)
        except CellExecutionError as error:
            found, bad = ("", ""), f"stopped: {str(error).strip().splitlines()[-1]}"
        table.append((name, found, wanted, bad))
        print(f"{'FAIL' if bad else 'ok  '}  {name:28s} {found[0]!s:>6} s of {wanted[0]:6.1f}   "
              f"{found[1]!s:>4} MB of {wanted[1]:4d}   {bad or ''}", flush=True)
    red = sum(bool(bad) for *_, bad in table)
    said = (f"{len(table) - red} of {len(table)} labs keep the promise of their headers here, "
            f"{red} do not; one processor of {os.cpu_count()}, {platform.machine()}, "
            f"{time.strftime('%Y-%m-%d')}.")
    rows = "".join(
        f"<tr><td>{name}<td>{found[0]}<td>{wanted[0]}<td>{found[1]}<td>{wanted[1]}"
        f"<td class={'bad' if bad else 'ok'}>{'✘ ' + html.escape(bad) if bad else '✔ keeps it'}"
        for name, found, wanted, bad in table)
    place = ROOT / "runs" / "class" / "report.html"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(PAGE.format(said=said, rows=rows))
    print(said)
    return int(red > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("labs", nargs="*")
    args = parser.parse_args()
    sys.exit((check if args.check else promise)(args.labs))
