"""The training step on a GPU: as taught, fast, recorded as a graph, compiled; and k recorded runs
side by side.

    python tests/bench/bench.py --device cuda --rounds 4
        writes data/results/ops/bench_gpu.json (about 2 minutes)
    ... --compile
        torch.compile too, which takes minutes to begin

The run that it is all for: python -m acai_lite train --method acai --data mnist --samples 16777216
--fast --device cuda
"""
import json
import statistics
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from bench import colour_images, our_step

import acai_lite as al
from acai_lite.fast import FastRun
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole
from acai_lite.together import STRETCH, Branches
from acai_lite.training import Session

NETWORKS = {"depth 16, 1 colour": (lambda: al.load("digits"), 16, 1),
            "depth 64, 3 colours": (colour_images, 64, 4)}
KINDS = {"plain": False, "fast": True}


def finished(device):
    """Wait for the device."""
    if device == "cuda":
        torch.cuda.synchronize()


def stepper(network, device, fast):
    """A function that does `steps` training steps of ACAI (fewer of a large network), waits for the
    device, and returns how many samples that were."""
    images, depth, fewer = NETWORKS[network]
    step = our_step(images(), 64, depth, 32 if depth == 16 else 256, fast, device)

    def work(steps):
        count = max(1, steps // fewer)
        for _ in range(count):
            step()
        finished(device)
        return 64 * count
    return work


def recorded(network, device, count=1, compiled=None):
    """The same for `count` runs side by side, with other seeds; on a GPU, branches of one graph."""
    make, depth, fewer = NETWORKS[network]
    images, recipe = make(), replace(al.RECIPES["paper"], depth=depth)
    sessions = [Session(al.build("acai", images, 32 if depth == 16 else 256, recipe, seed), images,
                        2 ** 30, recipe, probe=False, seed=seed, device=device, quiet=True,
                        run=partial(FastRun, compiled=compiled)) for seed in range(count)]
    branches = Branches(sessions)

    def work(steps):
        left = max(1, steps // fewer)
        done = 64 * count * left
        while left:
            branches.play(min(STRETCH, left))
            left -= min(STRETCH, left)
        finished(device)
        for session in sessions:
            session.pending.clear()
        return done
    return work


def main(rounds=4, device="cuda", steps=200, counts=(1, 2, 4, 8, 16), compile_too=False,
         out="data/results/ops"):
    makers = {(network, name): (stepper, (network, device, fast)) for network in NETWORKS
              for name, fast in KINDS.items()}
    makers |= {(network, "fast, recorded" if count == 1 else count): (
        recorded, (network, device, count)) for network in NETWORKS for count in counts}
    if compile_too:
        makers |= {(network, "fast, recorded, compiled"): (
            recorded, (network, device, 1, "inductor")) for network in NETWORKS}
    rates, works, failed = {name: [] for name in makers}, {}, {}
    for name, (make, given) in makers.items():
        try:
            works[name] = make(*given)
            works[name](min(40, steps))  # kernels are chosen, graphs recorded, code compiled
        except Exception as error:
            failed[", ".join(map(str, name))] = f"{type(error).__name__}: {error}"[:300]
            del rates[name]
    for _ in range(rounds):
        for name, taken in rates.items():
            started = time.perf_counter()
            taken.append(works[name](steps) / (time.perf_counter() - started))
    middle = {name: round(statistics.median(taken), 1) for name, taken in rates.items()}
    found = {"samples_a_second": {network: {kind: rate for (where, kind), rate in middle.items()
                                            if where == network and isinstance(kind, str)}
                                  for network in NETWORKS}, "failed": failed,
             "side_by_side": {network: {1 if kind == "fast, recorded" else kind: rate
                                        for (where, kind), rate in middle.items()
                                        if where == network and (kind == "fast, recorded"
                                                                 or not isinstance(kind, str))}
                              for network in NETWORKS},
             "device": torch.cuda.get_device_name() if device == "cuda" else device,
             "torch": torch.__version__, "tf32_convolutions": torch.backends.cudnn.allow_tf32,
             "rounds": rounds, "commit": commit_of_checkout(),
             "command": f"python tests/bench/bench.py --device cuda --rounds {rounds}"
                 + " --compile" * compile_too, "date": time.strftime("%Y-%m-%d", time.gmtime())}
    print(json.dumps(found, indent=1))
    write_whole(Path(out) / "bench_gpu.json", (json.dumps(found, indent=1) + "\n").encode())
    return found
