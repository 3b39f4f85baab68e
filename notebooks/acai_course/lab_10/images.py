"""Lab 10: data to break the idea with."""
from pathlib import Path

import torch

from acai_lite.data import ImageSet, load
from acai_lite.drawing import draw_waves


def png_folder(place, each=12, classes="0123"):
    """Some of scikit-learn's digits as PNG files, place/CLASS/0.png and so on. Returns `place` as a
    Path."""
    from PIL import Image
    digits, place = load("digits"), Path(place)
    for label, name in enumerate(classes):
        (place / name).mkdir(parents=True, exist_ok=True)
        some = digits.train_images.stored[digits.train_labels == label][:each, 0].numpy()
        for k, image in enumerate(some):
            Image.fromarray(image).save(place / name / f"{k}.png")
    return place


def two_islands(train=4000, tests=400):
    """Waves of 1.5 to 2 or of 4.5 to 5 cycles, none between: an `ImageSet` whose halves have no
    meaningful middle."""
    random = torch.Generator().manual_seed(0)

    def draw(count):
        fast = torch.randint(2, (count,), generator=random)
        places = 1.5 + 0.5 * torch.rand(count, generator=random, dtype=torch.float64) + 3 * fast
        return draw_waves(places), fast

    return ImageSet("two islands", *draw(train), *draw(tests), ("slow", "fast"))
