"""Record the image GAN of lab 04 while it learns MNIST: the same game from three seeds, 16 samples each, from fixed noise.

    python notebooks/tools/record_gan.py             writes gan-film.png and gan.json into data/results (minutes)

Each shot of the film has one row a seed. All seeds are shown, whatever they come to.
"""
import json
import platform
import time
from pathlib import Path

import torch

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole
from acai_lite.gans import IMAGE_RECIPE, image_gan
from acai_lite.runs.films import save_film

FOLDER = Path(__file__).resolve().parents[2] / "data" / "results"
SEEDS, SAMPLES, SHOTS = (0, 1, 2), 38_400, 8


def run(seed, mnist):
    """({samples: pictures (16,1,32,32)}, curve of both losses, seconds) of one seed."""
    gan, shots, curve = image_gan(seed=seed), {}, []

    def look(point):
        curve.append(point)
        if point["samples"] * SHOTS // SAMPLES > len(shots) - 1:
            shots[point["samples"]] = gan.sample(16, torch.Generator().manual_seed(0)).cpu()

    shots[0] = gan.sample(16, torch.Generator().manual_seed(0))
    history = al.fit(gan, mnist, SAMPLES, IMAGE_RECIPE, probe=False, seed=seed, on_report=look, device="cpu")
    return shots, curve, history.seconds


def main():
    mnist, found = al.load("mnist"), []
    for seed in SEEDS:
        found.append(run(seed, mnist))
    times = list(found[0][0])
    shots = {samples: (torch.stack([shots[samples] for shots, _, _ in found]), {}) for samples in times}
    record = {"runs": {str(samples): {} for samples in times}, "samples": SAMPLES, "seeds": list(SEEDS),
              "seconds": [round(seconds, 1) for _, _, seconds in found], "curves": [curve for _, curve, _ in found],
              "settings": IMAGE_RECIPE.settings(), "dataset": "mnist", "threads": torch.get_num_threads(), "device": "cpu",
              "machine": platform.machine(), "versions": {"python": platform.python_version(), "torch": torch.__version__},
              "commit": commit_of_checkout(), "command": "python notebooks/tools/record_gan.py",
              "date": time.strftime("%Y-%m-%d", time.gmtime())}
    save_film(FOLDER / "gan-film.png", shots, {})
    write_whole(FOLDER / "gan.json", (json.dumps(record, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
