"""Where smoothness is lost on lines, by the angle between the two endpoints: writes
records/smoothness.json.

    python data/recorders/record_smoothness.py

Committed checkpoints, the 256 pairs of test lines of the paper's protocol, 16 frames: straight
paths, and arcs about the mean of 4,000 training codes. Beside them the limit of straight paths on a
plane circle of codes, averaged over the same bins. For docs/recipes.md.
"""
import math

import torch
from recording import arguments, receipt, write

import acai_lite as al
from acai_lite.lines import EDGES

MODELS = ("lines-baseline-64", "lines-acai-64")
PATHS = ("linear", "about the mean")


def limit(low, high):
    """The limit, averaged over the angles of a bin in degrees."""
    middles = low + (high - low) * (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    return float(al.straight_limit(middles * (math.pi / 180)).mean())


def paths_of(name, lines):
    """{path: its scores and their rows} of a checkpoint."""
    model, found = al.checkpoint(name), {}
    centre = al.encode_all(model, lines.train_images[:4000]).mean(0).view(model.code_shape)
    for path in PATHS:
        how = {"path": "spherical", "centre": centre} if path == "about the mean" else {}
        scores = al.score_lines(model, lines, **how)
        found[path] = {"mean_distance": scores.mean_distance, "smoothness": scores.smoothness,
                       "rows": [row._asdict() for row in al.by_angle(scores)]}
    return found


def main():
    args, lines = arguments(__doc__).parse_args(), al.load("lines")
    torch.set_num_threads(1)
    record = {"models": {name: paths_of(name, lines) for name in MODELS},
              "limit": [limit(*edges) for edges in zip(EDGES, EDGES[1:], strict=False)],
              "frames": 16, **receipt(__file__)}
    write(args.out / "records" / "smoothness.json", record)
    for name, found in record["models"].items():
        for path, one in found.items():
            print(name, path, *(f"{row['low']}-{row['high']}: {row['smoothness']:.2f}"
                                for row in one["rows"]))


if __name__ == "__main__":
    main()
