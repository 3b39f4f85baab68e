"""Path scores of the committed MNIST checkpoints, all seven methods and the two longest runs, for
lab 08: writes records/paths.json, and records/mnist-hour.png, the picture of the two longest runs.

    python data/recorders/record_paths.py
    python data/recorders/record_paths.py --picture          only the picture

One classifier, trained on 60,000 training images, scores the paths of the same 256 pairs of test
images for every method, 16 frames a path, beside real images and pixel blends (`al.compare_paths`).
"""
import time
from dataclasses import asdict
from pathlib import Path

import torch
from recording import arguments, load, receipt, trained_classifier, write

import acai_lite as al
from acai_lite.runs.study import SEVEN

TRAINED, PAIRS, FRAMES = 60_000, 256, 16


def picture(folder: Path) -> None:
    films = {name: al.film(f"mnist-{name.lower()}-32-hour") for name in ("baseline", "ACAI")}
    rows = torch.cat([torch.stack([film.frames[-1, pair] for film in films.values()])
                      for pair in range(6)])
    figure = al.figures.strips(rows, labels=list(films) * 6,
                               alt="Six pairs of MNIST test images, joined by both.")
    figure.savefig(folder / "mnist-hour.png", dpi=80, bbox_inches="tight")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--picture", action="store_true")
    args = parser.parse_args()
    folder = args.out / "records"
    folder.mkdir(parents=True, exist_ok=True)
    picture(folder)
    if args.picture:
        return
    began, images = time.monotonic(), load("mnist")
    classifier, about = trained_classifier(images, TRAINED)
    models = {method: al.checkpoint(f"mnist-{method}-32") for method in SEVEN}
    models |= {f"{method}, longest": al.checkpoint(f"mnist-{method}-32-hour")
               for method in ("baseline", "acai")}
    rows = al.compare_paths(models, images, classifier, PAIRS, FRAMES)
    record = {"data": "mnist", "pairs": PAIRS, "frames": FRAMES, "judge": about,
              "rows": {name: asdict(scores) for name, scores in rows.items()}, "models": {
                  name: {key: model.receipt[key] for key in ("samples", "seed", "recipe", "commit")}
                  for name, model in models.items()},
              "seconds": round(time.monotonic() - began, 1), **receipt(__file__)}
    write(folder / "paths.json", record)
    for name, scores in rows.items():
        print(f"{name:12s}", *(f"{value:8.4f}" for value in asdict(scores).values()))


if __name__ == "__main__":
    main()
