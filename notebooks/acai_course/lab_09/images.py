"""Lab 09: colour images to rehearse with, and how sharp they are."""
from pathlib import Path

import torch

from acai_lite.data import ImageSet, load
from acai_lite.files.catalogue import CATALOGUE

TINTS = ((1.0, 0.25, 0.2), (0.25, 0.8, 0.3), (0.3, 0.45, 1.0), (1.0, 0.85, 0.2),
         (0.9, 0.35, 0.9), (0.3, 0.9, 0.9))


def sharpness(images):
    """(...,H,W) -> mean absolute difference between neighbouring pixels, beside and below each
    other."""
    return float((images.diff(dim=-1).abs().mean() + images.diff(dim=-2).abs().mean()) / 2)


def tinted_digits():
    """scikit-learn's digits, each in one of six colours: an `ImageSet` of colour images that is
    always there."""
    digits, random = load("digits"), torch.Generator().manual_seed(0)

    def tint(images):
        colour = torch.tensor(TINTS)[torch.randint(len(TINTS), (len(images),), generator=random)]
        # (N,3,32,32)
        return (images.stored.float() * colour[:, :, None, None]).round().to(torch.uint8)

    return ImageSet("tinted digits", tint(digits.train_images), digits.train_labels,
                    tint(digits.test_images), digits.test_labels, digits.classes)


def colour_images():
    """(`ImageSet`, where it is from): the first 10,000 training images of CIFAR-10
    (all of them would take half a gigabyte while they load) and its test images. Without CIFAR-10
    on disk: digits, tinted. Raises ValueError for a damaged file."""
    folder = CATALOGUE["cifar10"].where()
    if folder is None:
        print("CIFAR-10 is not on this disk (python -m acai_lite data fetch cifar10): small digits "
              "in six colours instead.")
        return tinted_digits(), "scikit-learn, tinted digits: other numbers than CIFAR-10's"
    import torchvision.datasets as sets

    class Part(sets.CIFAR10):
        train_list = sets.CIFAR10.train_list[:1]

    try:
        train, test = (Part(Path(folder).parent, train=train) for train in (True, False))
    except Exception as error:  # torchvision raises many kinds for a bad file
        raise ValueError(f"CIFAR-10 is incomplete or damaged ({error}): delete its folder, then "
                         "python -m acai_lite data fetch cifar10") from error
    pixels = [torch.as_tensor(part.data).permute(0, 3, 1, 2) for part in (train, test)]
    return ImageSet("cifar10", pixels[0], train.targets, pixels[1], test.targets,
                    train.classes), "CIFAR-10"
