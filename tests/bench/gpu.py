"""The training step on a GPU: as taught, fast, recorded as a graph, compiled; and k recorded runs sharing the card.

    python tests/bench/bench.py --device cuda        writes data/results/bench_gpu.json (about 5 minutes)

The run that it is all for: python -m acai_lite train --method acai --data mnist --samples 16777216 --fast --device cuda
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from bench import our_step

import acai_lite as al
from acai_lite.support.checkpoints import commit_of_checkout, write_whole

RUN = """
import sys, time, acai_lite as al
device, samples = sys.argv[1], int(sys.argv[2])
digits = al.load("digits")
model = al.build("acai", digits)
fit = dict(probe=False, device=device, quiet=True, fast=True)
al.fit(model, digits, 64 * 5, **fit)
print("ready", flush=True)
sys.stdin.readline()
print(al.fit(model, digits, samples, **fit).seconds, flush=True)"""


def stepper(device, fast, record, compiled=False):
    """A function that does `steps` training steps of ACAI on digits and waits for the device."""
    step = our_step(al.load("digits"), 64, 16, 32, fast, device, record, compiled)

    def work(steps):
        for _ in range(steps):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
    return work


def at_once(count, device, samples):
    """Samples a second of `count` processes together, started at the same time."""
    command = [sys.executable, "-c", RUN, device, str(samples)]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    for run in runs:
        assert run.stdout.readline().strip() == "ready"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    return round(sum(samples / float(run.communicate()[0]) for run in runs), 1)


def main(rounds=5, device="cuda", steps=200, samples=64 * 4000, counts=(1, 2, 4, 8), compile_too=True, out="data/results"):
    kinds = {"plain": (False, False), "fast": (True, False), "fast, recorded": (True, True)}
    works = {name: stepper(device, *kind) for name, kind in kinds.items()}
    if compile_too:
        works["plain, compiled"] = stepper(device, False, False, compiled=True)
    rates, failed = {name: [] for name in works}, {}
    for name, work in works.items():
        try:
            work(min(10, steps))                                       # kernels are chosen, graphs recorded, code compiled
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"[:300]
    for _ in range(rounds):
        for name in works.keys() - failed.keys():
            started = time.perf_counter()
            works[name](steps)
            rates[name].append(64 * steps / (time.perf_counter() - started))
    found = {"samples_a_second": {name: round(statistics.median(r), 1) for name, r in rates.items() if r}, "failed": failed,
             "runs_at_once": {count: at_once(count, device, samples) for count in counts},
             "device": torch.cuda.get_device_name() if device == "cuda" else device, "torch": torch.__version__,
             "tf32_convolutions": torch.backends.cudnn.allow_tf32, "rounds": rounds, "commit": commit_of_checkout(),
             "command": "python tests/bench/bench.py --device cuda", "date": time.strftime("%Y-%m-%d", time.gmtime())}
    print(json.dumps(found, indent=1))
    write_whole(Path(out) / "bench_gpu.json", (json.dumps(found, indent=1) + "\n").encode())
    return found
