"""Record the image GAN of lab 04 while it learns MNIST: the same game from three seeds, 16 samples
each, from fixed noise.

    python data/recorders/record_gan.py
        writes records/gan-film.png and records/gan.json (minutes)

Each shot of the film has one row a seed. All seeds are shown, whatever they come to.
"""
import torch
from recording import arguments, budget, load, machine, receipt, write

import acai_lite as al
from acai_lite.gans import IMAGE_RECIPE, image_gan
from acai_lite.runs.films import save_film

SEEDS, SAMPLES, SHOTS = (0, 1, 2), budget(38_400), 8


def run(seed, mnist):
    """({samples: pictures (16,1,32,32)}, curve of both losses, seconds) of one seed."""
    gan, shots, curve = image_gan(seed=seed), {}, []

    def look(point):
        curve.append(point)
        if point["samples"] * SHOTS // SAMPLES > len(shots) - 1:
            shots[point["samples"]] = gan.sample(16, torch.Generator().manual_seed(0)).cpu()

    shots[0] = gan.sample(16, torch.Generator().manual_seed(0))
    history = al.fit(gan, mnist, SAMPLES, IMAGE_RECIPE, probe=False, seed=seed, on_report=look,
                     device="cpu")
    return shots, curve, history.seconds


def main():
    args, mnist = arguments(__doc__).parse_args(), load("mnist")
    found = [run(seed, mnist) for seed in SEEDS]
    times = list(found[0][0])
    shots = {samples: (torch.stack([shots[samples] for shots, _, _ in found]), {})
             for samples in times}
    record = {"runs": {str(samples): {} for samples in times}, "samples": SAMPLES,
              "seeds": list(SEEDS), "seconds": [round(seconds, 1) for _, _, seconds in found],
              "curves": [curve for _, curve, _ in found], "settings": IMAGE_RECIPE.settings(),
              "dataset": "mnist", **machine(), **receipt(__file__)}
    save_film(args.out / "records" / "gan-film.png", shots, {})
    write(args.out / "records" / "gan.json", record)


if __name__ == "__main__":
    main()
