"""The plan of runs behind the course's tables of lines: `make results`.

    python data/recorders/plan.py [--workers 2] [--minutes 60]

Each run uses one thread. The results are written into data/results as each run ends, and a run
whose result is there is not made again, so the same command goes on after a stop. Unfinished
runs, checkpoints and films stand in runs/plan; --minutes begins no run after that time.
The order is that in which the labs need them.
"""
import shutil
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context

import record_critic
import record_starts
from recording import arguments

import acai_lite as al
from acai_lite.files.checkout import checkout
from acai_lite.runs.study import SEVEN, Experiment, run

PLACE = checkout() / "runs" / "plan"
LINES = Experiment("acai", "lines", samples=128_000, recipe="lines", restarts=0)
FILMED = [replace(LINES, label="lines-acai-64", film=12),
          replace(LINES, method="baseline", label="lines-baseline-64-lines", film=6)]
HOUR = replace(LINES, samples=256_000, label="lines-acai-64-hour")
EXTRA = ("acai-vae", "acai-denoising", "acai-dropout")


def study(experiment):
    """A run of the study; its checkpoint stays in runs/plan."""
    command = "python data/recorders/plan.py"
    return run(experiment, PLACE, command, threads=1, fast=True, device="cpu")


def keep_study(results, experiment):
    folder = results / "runs" / ("" if experiment.label else "study")
    for end in (".json", ".png", "-film.png") if experiment.label else (".json",):
        path = PLACE / f"{experiment.name}{end}"
        if path.exists():
            shutil.copyfile(path, folder / path.name)


def rows(seed):
    """The row of seven methods, and ACAI on other autoencoders, with one seed. With seed 0, ACAI
    and the baseline are the filmed ones."""
    order = ("vae", "denoising", "vqvae", "dropout", "aae", *EXTRA)
    assert {*order} >= {*SEVEN} - {"acai", "baseline"}
    every = [replace(LINES, method=m, seed=seed) for m in ("acai", "baseline", *order)]
    return every if seed else FILMED + every[2:]


def jobs(results):
    """[(name, function, its arguments, what takes its result in)], those with a result left out."""
    records = results / "records"

    def runs_of(experiments):
        return [(e.name, study, (e,), lambda _, e=e: keep_study(results, e)) for e in experiments
                if not any((results / "runs" / folder / f"{e.name}.json").exists()
                           for folder in ("", "study"))]

    def starts(first):
        return [(f"start {job}", record_starts.run, job,
                 lambda found: record_starts.take_in(records, *found))
                for job in record_starts.jobs(records, first)]

    def critics(file):
        return [(f"{file} {job[1:]}", record_critic.run, job,
                 lambda found: record_critic.take_in(records, file, found))
                for job in record_critic.jobs(records, file)]

    first = rows(0)
    two_by_two = starts(True)
    seed_0 = [job for job in two_by_two if job[0].endswith(", 0)")]
    return [*runs_of(first[:1]), *seed_0[-2:], *runs_of(first[1:2]), *seed_0[:-2],
            *critics("live-runs"), *critics("cycle-runs"),
            *(job for seed in (1, 2) for job in runs_of(rows(seed)[:1])), *runs_of(first[2:4]),
            *runs_of([HOUR]), *two_by_two[len(seed_0):], *runs_of(first[4:]),
            *starts(False)[len(two_by_two):],
            *(job for seed in (1, 2) for job in runs_of(rows(seed)[1:2])),
            *(job for seed in (1, 2) for job in runs_of(rows(seed)[2:]))]


def main():
    parser = arguments(__doc__, workers=al.available_cpus())
    parser.add_argument("--minutes", type=float, default=float("inf"))
    args = parser.parse_args()
    PLACE.mkdir(parents=True, exist_ok=True)
    until, left = time.monotonic() + 60 * args.minutes, jobs(args.out)
    total, done, under_way = len(left), 0, {}
    with ProcessPoolExecutor(args.workers, get_context("spawn")) as pool:
        while under_way or (left and time.monotonic() < until):
            while left and len(under_way) < args.workers and time.monotonic() < until:
                name, function, given, take_in = left.pop(0)
                under_way[pool.submit(function, *given)] = name, take_in
            ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ended:
                name, take_in = under_way.pop(future)
                done += 1
                try:
                    take_in(future.result())
                    print(f"[{done}/{total}] {time.strftime('%H:%M')} {name}", flush=True)
                except Exception as error:
                    print(f"[{done}/{total}] {name} FAILED: {error!r}", flush=True)


if __name__ == "__main__":
    main()
