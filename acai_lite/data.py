"""Data sets: 32x32 images, float32 in [-1, 1] whenever you hold them.

`load(name)` returns an `ImageSet`. Images are stored as bytes (lines as angles) and converted or drawn on indexing, so
`images.train_images[i]` is ready for `model.encode`. Nothing is downloaded unless asked for.
"""
import os
from copy import copy

import numpy as np
import torch

from .drawing import draw_lines
from .support.arrays import read_digits, read_imagenet32, read_svhn
from .support.downloads import SVHN, TORCHVISION, read_torchvision
from .support.images import folder_name, read_folder, read_isun

SIZE = 32                                       # every image is SIZE x SIZE
# name: colours, mean and standard deviation of the training pixels in [-1, 1] (a test recomputes them from the data;
# `build` measures those of the other sets when it needs them)
STATISTICS = {"lines": (1, -0.9465, 0.2932), "digits": (1, -0.3903, 0.6467), "mnist": (1, -0.7999, 0.5504),
              "fashion_mnist": (1, -0.5620, 0.6636), "cifar10": (3, -0.0533, 0.5031)}


class Images:
    """Images behind an index: bytes (N,C,32,32) or line angles (N,) inside, float32 in [-1, 1] outside."""

    def __init__(self, stored):
        self.stored = stored
        self.shape = (len(stored), 1, SIZE, SIZE) if stored.ndim == 1 else tuple(stored.shape)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        part = self.stored[index]
        if self.stored.ndim == 1:
            return draw_lines(part)[0] if part.ndim == 0 else draw_lines(part)
        return part.float().mul_(2 / 255).sub_(1) if part.dtype == torch.uint8 else part.clone()

    def __repr__(self):
        return f"Images{self.shape}"


class ImageSet:
    """Training and test images with labels.

    train_images, test_images: arrays or tensors (N,C,32,32), C 1 or 3, uint8 in 0..255 or float32 in [-1, 1].
    train_labels, test_labels: (N,) integers, or None. classes: class names. Raises TypeError or ValueError for anything
    else, naming what was got. Attributes: name, classes, train_images, train_labels, test_images, test_labels.
    """

    def __init__(self, name, train_images, train_labels=None, test_images=None, test_labels=None, classes=()):
        self.name, self.classes = name, tuple(classes)
        self.train_images, self.train_labels = _checked(name, "train", train_images, train_labels)
        self.test_images, self.test_labels = None, None
        if test_images is not None:
            self.test_images, self.test_labels = _checked(name, "test", test_images, test_labels)
            if self.test_images.shape[1] != self.train_images.shape[1]:
                raise ValueError(f"{name}: training images {self.train_images.shape} and test images "
                                 f"{self.test_images.shape} differ in colours")

    def batches(self, split, size, generator):
        """One pass over "train" or "test" in random order: yields (images (size,C,32,32), labels (size,) or None).

        Every pass reshuffles, so partners change; an incomplete last batch is left out. Raises ValueError if the split
        has fewer than `size` images.
        """
        images, labels = self._split(split, size)
        order = torch.randperm(len(images), generator=generator)
        for start in range(0, len(images) - size + 1, size):
            part = order[start:start + size]
            yield images[part], None if labels is None else labels[part]

    def on(self, device):
        """The same set with its training images and labels on `device`, as stored; batches are then made there."""
        twin, stored = copy(self), self.train_images.stored
        twin.train_images = self.train_images if stored.ndim == 1 else Images(stored.to(device))    # angles are drawn here
        twin.train_labels = None if self.train_labels is None else self.train_labels.to(device)
        return twin

    def _split(self, split, size):
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test'; got {split!r}")
        images, labels = getattr(self, f"{split}_images"), getattr(self, f"{split}_labels")
        if images is None or not 1 <= size <= len(images):
            raise ValueError(f"{self.name}: a batch of {size} does not fit into {split}'s {len(images or ())} images")
        return images, labels

    def __repr__(self):
        return f"ImageSet({self.name!r}, train {self.train_images.shape}, test {getattr(self.test_images, 'shape', None)})"


class Lines(ImageSet):
    """The endless line benchmark: a training pass draws fresh angles; the 5,000 test lines are always the same."""

    def __init__(self, passes=65_536, tests=5_000):
        def angles(count, seed):
            return torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 * np.pi
        train, test = angles(passes, 1), angles(tests, 2)
        super().__init__("lines", train, self.sector(train), test, self.sector(test),
                         [f"{36 * k}-{36 * k + 36} degrees" for k in range(10)])

    @staticmethod
    def sector(angles):
        """(N,) radians -> (N,) int64, the 36-degree sector 0..9 of each angle: the label of the authors' code."""
        return (angles % (2 * np.pi) / (2 * np.pi) * 10).long().clamp_(max=9)

    def batches(self, split, size, generator):
        if split != "train":
            yield from super().batches(split, size, generator)
            return
        for _ in range(len(self._split(split, size)[0]) // size):
            angles = torch.rand(size, generator=generator, dtype=torch.float64) * 2 * np.pi
            yield draw_lines(angles), self.sector(angles)


def _checked(name, split, images, labels):
    """Check one split and wrap it; the only place where shape, type and range of whole sets are looked at."""
    where = f"{name} ({split})"
    if not torch.is_tensor(images) and (np.asarray(images).dtype.kind not in "buif"):
        raise TypeError(f"{where}: images must be an array or a tensor of numbers; got {type(images).__name__}")
    images = torch.as_tensor(np.asarray(images) if not torch.is_tensor(images) else images)
    angles = images.ndim == 1 and images.dtype == torch.float64
    if len(images) == 0:
        raise ValueError(f"{where}: the set is empty")
    if not angles and (images.ndim != 4 or images.shape[1] not in (1, 3) or tuple(images.shape[2:]) != (SIZE, SIZE)):
        raise ValueError(f"{where}: images must have shape (N, 1 or 3, 32, 32); got {tuple(images.shape)}")
    if images.dtype == torch.float32:
        low, high = float(images.min()), float(images.max())
        if not (-1 <= low and high <= 1):                              # also refuses NaN
            raise ValueError(f"{where}: float images must lie in [-1, 1]; got {low:.4g} to {high:.4g}")
    elif images.dtype != torch.uint8 and not angles:
        raise TypeError(f"{where}: images must be uint8 in 0..255 or float32 in [-1, 1]; got {images.dtype}")
    if labels is not None:
        labels = torch.as_tensor(np.asarray(labels))
        if labels.is_floating_point() or labels.is_complex():
            raise TypeError(f"{where}: labels must be integers; got {labels.dtype}")
        labels = labels.long()
        if labels.shape != (len(images),):
            raise ValueError(f"{where}: {len(images)} images need labels of shape ({len(images)},); "
                             f"got {tuple(labels.shape)}")
    return Images(images), labels


READERS = {"digits": read_digits, **dict.fromkeys(TORCHVISION, read_torchvision), **dict.fromkeys(SVHN, read_svhn),
           "imagenet32": read_imagenet32, "isun": read_isun}
NAMES = ("lines", *READERS)


def load(name, download=False):
    """Load a data set by name: one of NAMES, or a folder of images as a `Path` or a string with a slash, "./photos".

    "lines" and "digits" always work; "mnist", "fashion_mnist", "cifar10", "svhn" (SVHN's training file), "svhn_extra" (with
    its extra file, as the paper trains) once fetched; "imagenet32" and "isun" once you put them there (data/README.md).
    A folder's classes are its folders' names (support/images.py says more). Never downloads unless `download=True`. Raises
    ValueError for an unknown name or a damaged file, FileNotFoundError for absent data, saying how to get it. Returns an
    `ImageSet`; MNIST is padded from 28 to 32 with background. Nothing that is read is run as code, except that
    torchvision unpickles CIFAR-10's files once their checksums are right.
    """
    if name == "lines":
        return Lines()
    if isinstance(name, os.PathLike) or "/" in str(name) or os.sep in str(name):
        return ImageSet(folder_name(name, NAMES), *read_folder(name))
    if name in READERS:
        return ImageSet(name, *READERS[name](name, download))
    raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(NAMES)}, or a folder, as ./{name}")
