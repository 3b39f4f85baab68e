"""Measure Run All of every solution notebook: seconds and peak memory, for the labs' headers.

    python notebooks/tools/measure.py [LAB ...]     writes data/results/labs.json; then run notebooks/tools/build.py

With names (07_what_the_code_knows) only those labs are measured again; the others keep what they have.

Each notebook runs twice in fresh kernels and the slower run counts. Memory is the kernel's peak minus that of a kernel that
has imported torch and nothing else, both without triton: it comes with PyTorch for GPUs, not with the one for CPUs that
README and Binder use, and would add 75 MB here.
"""
import json
import platform
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from acai_lite import available_cpus
from acai_lite.support.checkpoints import commit_of_checkout, write_whole

ROOT = Path(__file__).resolve().parent.parent.parent
CPU_ONLY = "import sys; sys.modules['triton'] = None"
PEAK = "import resource; print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def run(cells):
    """(seconds, peak memory in MB) of the cells in a fresh kernel."""
    first, last = map(nbformat.v4.new_code_cell, (CPU_ONLY, PEAK))
    book, started = nbformat.v4.new_notebook(cells=[first, *cells, last]), time.monotonic()
    NotebookClient(book, timeout=1200, kernel_name="python3").execute()
    kib = int(book.cells[-1].outputs[-1]["text"].split()[-1])
    return time.monotonic() - started, kib / (1024 if sys.platform != "darwin" else 2 ** 20)


def main(names):
    receipts = ROOT / "data" / "results" / "labs.json"
    bare = run([nbformat.v4.new_code_cell("import torch")])[1]
    results = json.loads(receipts.read_text()) if names else {}
    commit = commit_of_checkout()                                      # before this file is written anew
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb")):
        if names and not path.stem.startswith(tuple(names)):
            continue
        cells = nbformat.read(path, 4).cells
        seconds, memory = map(max, zip(run(cells), run(cells), strict=True))
        results[path.stem] = {"seconds": round(seconds, 1), "memory_mb": round(memory - bare), "cpus": available_cpus(),
                              "machine": platform.machine(), "commit": commit,
                              "command": "python notebooks/tools/measure.py",
                              "date": time.strftime("%Y-%m-%d", time.gmtime())}
        print(path.stem, results[path.stem], flush=True)
        write_whole(receipts, (json.dumps(dict(sorted(results.items())), indent=1) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1:])
