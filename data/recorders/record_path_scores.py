"""Path scores of the checkpoints of finished runs: writes records/path_scores.json.

    python data/recorders/record_path_scores.py DATASET FOLDER
        every DATASET-*.safetensors in FOLDER

One classifier scores all of them. It learns from 100,000 training images, seed 0, on one thread.
There are 256 pairs of test images, and 16 frames a path. FOLDER is where `acai_lite train` or
`study` has left its runs, whose results stand beside the checkpoints. A data set that the file has
already gets the new rows added if the classifier is the same.
"""
from dataclasses import asdict
from pathlib import Path

import torch
from recording import arguments, before, load, receipt, trained_classifier, write

import acai_lite as al
from acai_lite.checkpoints import CRITIC

TRAINED, PAIRS, FRAMES = 100_000, 256, 16


def main():
    parser = arguments(__doc__)
    parser.add_argument("dataset")
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    file, dataset = args.out / "records" / "path_scores.json", args.dataset
    said, images = receipt(__file__, dataset, "FOLDER"), load(dataset)
    paths = [path for path in sorted(args.folder.glob(f"{dataset}-*.safetensors"))
             if not path.name.endswith(CRITIC)]
    classifier, about = trained_classifier(images, TRAINED)
    models = {path.stem: al.checkpoint(path) for path in paths}
    scores = al.compare_paths(models, images, classifier, PAIRS, FRAMES)
    record = before(file, {})
    old = record.get(dataset, {"judge": about, "rows": {}})
    if old["judge"]["accuracy"] != classifier.accuracy:
        raise ValueError(f"{dataset}: another classifier ({old['judge']}): take {dataset} out "
                         f"of {file.name} first")
    rows = {name: asdict(found) for name, found in scores.items()}
    record[dataset] = {**old, "pairs": PAIRS, "frames": FRAMES,
                       "rows": old["rows"] | rows, "threads": 1, **said}
    write(file, record)
    for name, found in rows.items():
        print(f"{name:40s}", {key: round(value, 4) for key, value in found.items()})


if __name__ == "__main__":
    main()
