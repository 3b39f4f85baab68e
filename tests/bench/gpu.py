"""The training step on a GPU: as taught, fast, recorded as a graph, compiled; and k recorded runs
sharing the card.

    python tests/bench/bench.py --device cuda --rounds 4
        writes data/results/ops/bench_gpu.json (about 2 minutes)
    ... --compile
        torch.compile too, which takes minutes to begin

The run that it is all for: python -m acai_lite train --method acai --data mnist --samples 16777216
--fast --device cuda
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from bench import colour_images, our_step

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole

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


NETWORKS = {"depth 16, 1 colour": (lambda: al.load("digits"), 16, 1),
            "depth 64, 3 colours": (colour_images, 64, 4)}
KINDS = {"plain": (False, False), "fast": (True, False), "fast, recorded": (True, True)}


def stepper(network, device, *kind):
    """A function that does `steps` training steps of ACAI (fewer of a large network), waits for the
    device, and returns how many samples that were."""
    images, depth, fewer = NETWORKS[network]
    step = our_step(images(), 64, depth, 32 if depth == 16 else 256, kind[0], device, *kind[1:])

    def work(steps):
        count = max(1, steps // fewer)
        for _ in range(count):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        return 64 * count
    return work


def at_once(count, device, samples):
    """Samples a second of `count` processes together, started at the same time."""
    command = [sys.executable, "-c", RUN, device, str(samples)]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)]
    for run in runs:
        assert run.stdout.readline().strip() == "ready"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    return round(sum(samples / float(run.communicate()[0]) for run in runs), 1)


def main(rounds=4, device="cuda", steps=200, samples=64 * 1500,
         counts=(1, 2, 4, 8), compile_too=False, out="data/results/ops"):
    kinds = KINDS | ({"plain, compiled": (False, False, True)} if compile_too else {})
    works = {(network, name): stepper(network, device, *kind) for network in NETWORKS
             for name, kind in kinds.items()}
    rates, failed = {name: [] for name in works}, {}
    for name, work in works.items():
        try:
            work(min(40, steps))  # kernels are chosen, graphs recorded, code compiled
        except Exception as error:
            failed[", ".join(name)] = f"{type(error).__name__}: {error}"[:300]
            del rates[name]
    for _ in range(rounds):
        for name, taken in rates.items():
            started = time.perf_counter()
            taken.append(works[name](steps) / (time.perf_counter() - started))
    middle = {name: round(statistics.median(taken), 1) for name, taken in rates.items()}
    found = {"samples_a_second": {network: {kind: rate for (where, kind),
                                            rate in middle.items() if where == network}
                                  for network in NETWORKS}, "failed": failed,
             "runs_at_once": {count: at_once(count, device, samples) for count in counts},
             "device": torch.cuda.get_device_name() if device == "cuda" else device,
             "torch": torch.__version__, "tf32_convolutions": torch.backends.cudnn.allow_tf32,
             "rounds": rounds, "commit": commit_of_checkout(),
             "command": f"python tests/bench/bench.py --device cuda --rounds {rounds}"
                 + " --compile" * compile_too, "date": time.strftime("%Y-%m-%d", time.gmtime())}
    print(json.dumps(found, indent=1))
    write_whole(Path(out) / "bench_gpu.json", (json.dumps(found, indent=1) + "\n").encode())
    return found
