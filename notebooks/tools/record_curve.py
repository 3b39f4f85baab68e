"""Baseline and ACAI on MNIST, codes of 32 numbers, at growing budgets and with several seeds: lab 08's curve.

    python notebooks/tools/record_curve.py RECIPE SEEDS WORKERS SAMPLES...         e.g. hour 0,1,2 2 10000 100000

Every run trains on all 60,000 training images and reads the test images once, at its end, with the converged classifier.
WORKERS processes with one thread each; runs that data/results/curve.json has are not run again.
"""
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import torch

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole

FILE = Path(__file__).resolve().parents[2] / "data" / "results" / "curve.json"
SAME = ("method", "samples", "seed", "recipe")


def run(method, samples, seed, recipe):
    torch.set_num_threads(1)
    commit = commit_of_checkout()                                      # of the code that is loaded now
    images = al.load("mnist")
    model = al.build(method, images, recipe=recipe, seed=seed)
    history = al.fit(model, images, samples, recipe, seed=seed, probe=False, quiet=True, fast=True)
    codes, test = (al.encode_all(model, part, what="features") for part in (images.train_images, images.test_images))
    return {"method": method, "samples": samples, "seed": seed, "recipe": recipe,
            "probe_accuracy": al.linear_probe(codes, images.train_labels, test, images.test_labels),
            "reconstruction_error": al.reconstruction_error(model, images.test_images),
            "seconds": round(history.seconds, 1), "threads": history.threads, "commit": commit,
            "date": time.strftime("%Y-%m-%d", time.gmtime())}


def kept():
    return json.loads(FILE.read_text())["runs"] if FILE.exists() else []


def main(recipe, seeds, workers, *budgets):
    done = {tuple(r[key] for key in SAME) for r in kept()}
    wanted = [(method, int(samples), seed, recipe) for samples in budgets for seed in map(int, seeds.split(","))
              for method in ("acai", "baseline")]
    with ProcessPoolExecutor(int(workers), get_context("spawn")) as pool:
        for future in as_completed([pool.submit(run, *want) for want in wanted if want not in done]):
            runs = sorted([*kept(), future.result()], key=lambda r: (r["recipe"], r["method"], r["samples"], r["seed"]))
            record = {"runs": runs, "command": "python notebooks/tools/record_curve.py"}
            write_whole(FILE, (json.dumps(record, indent=1) + "\n").encode())
            print(future.result(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
