"""A quarter of an hour on a GPU, used well: what a step takes there, then the paper's runs in the
order of what they tell, side by side.

    python data/recorders/gpu_slot.py --minutes 13 [--states FOLDER]

Writes ops/bench_gpu.json at once, then each run as it ends, by name, into runs/study: ACAI on
MNIST-32 and on lines with the paper's recipe and budget (lines with a film: does the paper's own
recipe find the circle?), then the row of seven on MNIST-32, ACAI last; lines; more seeds; CIFAR-10.
What is unfinished stands in FOLDER (default: runs/gpu), a file a run; the same command goes on
with it. MNIST and CIFAR-10 must be there (ACAI_LITE_DATA). --device cpu --quick shows that it
works, with tiny runs.
"""
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from recording import QUICK, arguments, budget

from acai_lite.files.checkout import checkout
from acai_lite.runs.study import SEVEN, Experiment, grid, study

sys.path.append(str(checkout() / "tests" / "bench"))
import gpu  # noqa: E402

TIMING = 2                                      # minutes of the slot, at most about


def wanted(data=("mnist", "lines", "cifar10"), samples=2 ** 24):
    """The paper's runs, the most telling first; recipe and networks are the paper's."""
    def of(name, *how, **others):
        return grid(*how, samples, "paper", **others) if name in data else []
    mnist, lines, cifar10 = data
    first = [*of("mnist", ["acai"], mnist, [None]),
             *(replace(one, film=20) for one in of("lines", ["acai"], lines, [None]))]
    rows = [*of("mnist", SEVEN, mnist, [None], seeds=3), *of("lines", SEVEN, lines, [None],
                                                             seeds=3)]
    rows += of("cifar10", ["baseline", "denoising", "acai"], cifar10, [256, 1024])
    names = {one.name for one in first}
    return [*first, *sorted((one for one in rows if one.name not in names),
                            key=lambda one: one.seed)]


def fastest(bench, network="depth 16, 1 colour"):
    """How many runs side by side gave the most samples a second."""
    rates = bench["side_by_side"][network]
    return max(rates, key=rates.get)


def quick_runs() -> list[Experiment]:
    """In place of `wanted`, on what every machine has."""
    return grid(["acai", "vqvae", "baseline"], "digits", [None], budget(2 ** 24), "lab", restarts=1)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=13)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--states", type=Path, default=checkout() / "runs" / "gpu")
    args = parser.parse_args()
    until = time.monotonic() + 60 * args.minutes
    study_folder, ops = args.out / "runs" / "study", args.out / "ops"
    for folder in (study_folder, ops, args.states):
        folder.mkdir(parents=True, exist_ok=True)
    counts = (1, 2) if QUICK else (1, 2, 4, 8, 16)
    bench = gpu.main(budget(2, 1), args.device, budget(200, 2), counts, out=ops)
    runs = quick_runs() if QUICK else wanted()
    try:
        study(runs, args.states, "python data/recorders/gpu_slot.py", device=args.device, fast=True,
              minutes=max(0.01, (until - time.monotonic()) / 60), at_once=fastest(bench))
    except KeyboardInterrupt:
        print("the slot is over; the same command goes on")
    for path in sorted(args.states.glob("*.json")):
        shutil.copyfile(path, study_folder / path.name)
    for path in sorted(args.states.glob("*.png")):
        shutil.copyfile(path, args.out / "runs" / path.name)
    for path in sorted([*args.states.iterdir(), ops / "bench_gpu.json"]):
        print(f"{path.stat().st_size / 2 ** 20:7.2f} MiB  {path.name}")


if __name__ == "__main__":
    main()
