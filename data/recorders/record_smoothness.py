"""Where smoothness is lost on lines, by the angle between the two endpoints: writes
records/smoothness.json.

    python data/recorders/record_smoothness.py

The committed checkpoints, the 256 pairs of test lines of the paper's protocol, 16 frames. For
docs/recipes.md.
"""
import numpy as np
import torch
from recording import arguments, receipt, write

import acai_lite as al

MODELS = ("lines-baseline-64", "lines-vae-64", "lines-acai-64")
EDGES = (0, 30, 60, 90, 120, 150, 180)          # degrees between the two ends, the short way


def by_angle(model, lines):
    scores = al.score_lines(model, lines)
    path = np.unwrap(scores.angles.numpy(), axis=1)
    step, total = (np.degrees(np.abs(np.diff(path, axis=1)).max(1)),
                   np.degrees(np.abs(path[:, -1] - path[:, 0])))
    apart = np.degrees(np.abs((path[:, -1] - path[:, 0] + np.pi) % (2 * np.pi) - np.pi))
    rows = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        here = (apart >= low) & (apart < high) & (total > np.degrees(1e-4))
        excess = step[here] / total[here] - 1 / (path.shape[1] - 1)
        rows.append({"from": low, "to": high, "pairs": int(here.sum()),
                     "smoothness": float(excess.mean()), "largest_step": float(step[here].mean()),
                     "mean_distance": float(scores.distances[torch.from_numpy(here)].mean())})
    return {"mean_distance": scores.mean_distance, "smoothness": scores.smoothness, "rows": rows}


def main():
    args, lines = arguments(__doc__).parse_args(), al.load("lines")
    torch.set_num_threads(1)
    record = {"models": {name: by_angle(al.checkpoint(name), lines) for name in MODELS},
              "frames": 16, **receipt(__file__)}
    write(args.out / "records" / "smoothness.json", record)
    for name, found in record["models"].items():
        print(name, *(f"{row['from']}-{row['to']}: {row['smoothness']:.2f}"
                      for row in found["rows"]))


if __name__ == "__main__":
    main()
