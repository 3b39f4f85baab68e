"""Path scores of the committed MNIST checkpoints, all seven methods and the two longest runs, for lab 08: writes
data/results/paths.json.

    python notebooks/tools/record_paths.py
    python notebooks/tools/record_paths.py picture          only the README's picture of the two longest runs

One judge, trained on 60,000 training images, looks at the same 256 pairs of test images for every method, 16 frames a path,
beside real images and pixel blends (`al.compare_paths`).
"""
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole
from acai_lite.runs.study import SEVEN

DATA = Path(__file__).resolve().parents[2] / "data"
JUDGED, PAIRS, FRAMES = 60_000, 256, 16


def picture():
    films = {name: al.film(f"mnist-{name.lower()}-32-hour") for name in ("baseline", "ACAI")}
    rows = torch.cat([torch.stack([film.frames[-1, pair] for film in films.values()]) for pair in range(6)])
    figure = al.figures.strips(rows, labels=list(films) * 6, alt="Six pairs of MNIST test images, joined by both.")
    figure.savefig(DATA / "results" / "mnist-hour.png", dpi=80, bbox_inches="tight")


def main():
    began, images = time.monotonic(), al.load("mnist")
    judge = al.train_classifier(images, JUDGED, seed=0)
    models = {method: al.checkpoint(f"mnist-{method}-32") for method in SEVEN}
    models |= {f"{method}, longest": al.checkpoint(f"mnist-{method}-32-hour") for method in ("baseline", "acai")}
    rows = al.compare_paths(models, images, judge, PAIRS, FRAMES)
    record = {"data": "mnist", "pairs": PAIRS, "frames": FRAMES,
              "judge": {"samples": JUDGED, "seed": 0, "accuracy": judge.accuracy},
              "rows": {name: asdict(scores) for name, scores in rows.items()},
              "models": {name: {key: model.receipt[key] for key in ("samples", "seed", "recipe", "commit")}
                         for name, model in models.items()},
              "seconds": round(time.monotonic() - began, 1), "commit": commit_of_checkout(),
              "command": "python notebooks/tools/record_paths.py", "date": time.strftime("%Y-%m-%d", time.gmtime())}
    write_whole(DATA / "results" / "paths.json", (json.dumps(record, indent=1) + "\n").encode())
    for name, scores in rows.items():
        print(f"{name:12s}", *(f"{value:8.4f}" for value in asdict(scores).values()))


if __name__ == "__main__":
    picture()
    if sys.argv[1:] != ["picture"]:
        main()
