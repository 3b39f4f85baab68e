"""Path scores of the checkpoints of finished runs: writes data/results/path_scores.json.

    python notebooks/tools/record_path_scores.py DATASET FOLDER      every DATASET-*.safetensors in FOLDER, one judge for all

The judge learns 100,000 training images, seed 0, on one thread; 256 pairs of test images, 16 frames a path. FOLDER is where
`acai_lite train` or `study` has left its runs, whose results stand beside the checkpoints. A data set that the file has
already gets the new rows added if the judge is the same.
"""
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

import acai_lite as al
from acai_lite.checkpoints import CRITIC
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole

FILE = Path(__file__).resolve().parents[2] / "data" / "results" / "path_scores.json"
JUDGED, PAIRS, FRAMES = 100_000, 256, 16


def main(dataset, folder):
    torch.set_num_threads(1)
    commit, images = commit_of_checkout(), al.load(dataset)
    paths = [path for path in sorted(Path(folder).glob(f"{dataset}-*.safetensors")) if not path.name.endswith(CRITIC)]
    judge = al.train_classifier(images, JUDGED, seed=0)
    scores = al.compare_paths({path.stem: al.checkpoint(path) for path in paths}, images, judge, PAIRS, FRAMES)
    record = json.loads(FILE.read_text()) if FILE.exists() else {}
    before = record.get(dataset, {"judge": {"samples": JUDGED, "seed": 0, "accuracy": judge.accuracy}, "rows": {}})
    if before["judge"]["accuracy"] != judge.accuracy:
        raise ValueError(f"{dataset}: another judge ({before['judge']}): take {dataset} out of {FILE.name} first")
    rows = {name: asdict(found) for name, found in scores.items()}
    record[dataset] = {**before, "pairs": PAIRS, "frames": FRAMES, "rows": before["rows"] | rows, "threads": 1,
                       "commit": commit, "command": f"python notebooks/tools/record_path_scores.py {dataset} FOLDER",
                       "date": time.strftime("%Y-%m-%d", time.gmtime())}
    write_whole(FILE, (json.dumps(record, indent=1) + "\n").encode())
    for name, found in rows.items():
        print(f"{name:40s}", {key: round(value, 4) for key, value in found.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
