"""Data sets: 32x32 images and signals of 32 values, float32 in [-1, 1] whenever you hold them.

`load(name)` returns an `ImageSet`. Images are stored as bytes (lines as angles) and converted or drawn on indexing, so
`images.train_images[i]` is ready for `model.encode`. Nothing is downloaded unless asked for.
"""
import os
from copy import copy

import numpy as np
import torch

from .drawing import HIGHEST, LOWEST, draw_lines, draw_waves
from .files.arrays import read_digits, read_imagenet32, read_svhn, read_terrain
from .files.downloads import SVHN, TORCHVISION, read_torchvision
from .files.folders import folder_name, read_folder, read_isun

SIZE = 32                                       # every image is SIZE x SIZE, every signal SIZE long
# name: colours, mean and standard deviation of the training pixels in [-1, 1] (a test recomputes them from the data;
# `build` measures those of the other sets when it needs them)
STATISTICS = {"lines": (1, -0.9465, 0.2932), "digits": (1, -0.3903, 0.6467), "mnist": (1, -0.7999, 0.5504),
              "fashion_mnist": (1, -0.5620, 0.6636), "cifar10": (3, -0.0533, 0.5031), "waves": (1, 0.0, 0.7058),
              "terrain": (1, 0.0, 0.1600)}
SIGNALS = ("waves", "terrain")                  # one dimension; every other set has two


class Images:
    """Images behind an index: bytes (N,C,32,32) or what `draw` draws from, (N,), inside, float32 in [-1, 1] outside."""

    def __init__(self, stored, draw=None):
        self.stored, self.draw = stored, draw
        self.shape = (len(stored), *draw(stored[:1]).shape[1:]) if draw else tuple(stored.shape)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        part = self.stored[index]
        if self.draw:
            return self.draw(part)[0] if part.ndim == 0 else self.draw(part)
        return part.float().mul_(2 / 255).sub_(1) if part.dtype == torch.uint8 else part.clone()

    def __repr__(self):
        return f"Images{self.shape}"


class ImageSet:
    """Training and test images with labels.

    train_images, test_images: arrays or tensors (N,C,32,32), or signals (N,C,32), C 1 or 3, uint8 in 0..255 or float32 in
    [-1, 1].
    train_labels, test_labels: (N,) integers, or None. classes: class names. Raises TypeError or ValueError for anything
    else, naming what was got. Attributes: name, classes, train_images, train_labels, test_images, test_labels.
    """
    draw = None                                                        # how a set that stores places draws its images

    def __init__(self, name, train_images, train_labels=None, test_images=None, test_labels=None, classes=()):
        self.name, self.classes = name, tuple(classes)
        how = self.draw, self.classes
        self.train_images, self.train_labels = _checked(name, "train", train_images, train_labels, *how)
        self.test_images, self.test_labels = None, None
        if test_images is not None:
            self.test_images, self.test_labels = _checked(name, "test", test_images, test_labels, *how)
            if self.test_images.shape[1:] != self.train_images.shape[1:]:
                raise ValueError(f"{name}: training images {self.train_images.shape} and test images "
                                 f"{self.test_images.shape} differ in colours or dimensions")

    def batches(self, split, size, generator, start=0):
        """One pass over "train" or "test" in random order: yields (images (size,C,32,32), labels (size,) or None).

        Every pass reshuffles, so partners change; an incomplete last batch is left out. Raises ValueError if the split
        has fewer than `size` images.
        """
        images, labels = self._split(split, size)
        order = torch.randperm(len(images), generator=generator)
        for first in range(start * size, len(images) - size + 1, size):
            part = order[first:first + size]
            yield images[part], None if labels is None else labels[part]

    def on(self, device):
        """The same set with its training images and labels on `device`, as stored; batches are then made there."""
        twin, images = copy(self), self.train_images
        twin.train_images = images if images.draw else Images(images.stored.to(device))             # drawn where we are
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


class Drawn(ImageSet):
    """An endless benchmark, whose true in-between is known: a training pass draws fresh images, from places (N,) that lie
    evenly between `low` and `high`; the 5,000 test images are always the same. Labels: the tenth of that range."""

    def __init__(self, passes=65_536, tests=5_000):
        train, test = (self.places(count, torch.Generator().manual_seed(seed)) for seed, count in ((1, passes), (2, tests)))
        super().__init__(type(self).__name__.lower(), train, self.sector(train), test, self.sector(test), self.tenths)

    def places(self, count, generator):
        return torch.rand(count, generator=generator, dtype=torch.float64) * (self.high - self.low) + self.low

    @classmethod
    def sector(cls, places):
        """(N,) places -> (N,) int64, their tenths 0..9; on lines 36-degree sectors, the label of the authors' code."""
        reach = cls.high - cls.low
        return ((places - cls.low) % reach / reach * 10).long().clamp_(max=9)

    def batches(self, split, size, generator, start=0):
        if split != "train":
            yield from super().batches(split, size, generator, start)
            return
        for k in range(len(self._split(split, size)[0]) // size):
            places = self.places(size, generator)
            if k >= start:
                yield self.draw(places), self.sector(places)


class Lines(Drawn):
    """Lines (ACAI paper, section 3); places are angles in radians."""
    draw, low, high = staticmethod(draw_lines), 0.0, 2 * np.pi
    tenths = [f"{36 * k}-{36 * k + 36} degrees" for k in range(10)]


class Waves(Drawn):
    """Sine waves, (N,1,32), that differ in frequency alone; places are frequencies, 1 to 6 cycles per signal. The truth
    between two waves is the wave whose frequency lies between theirs on the linear scale, not by octaves."""
    draw, low, high = staticmethod(draw_waves), LOWEST, HIGHEST
    tenths = [f"{1 + k / 2:g}-{1.5 + k / 2:g} cycles" for k in range(10)]


def _checked(name, split, images, labels, draw, classes):
    """Check one split and wrap it; the only place where shape, type and range of whole sets are looked at."""
    where = f"{name} ({split})"
    if not torch.is_tensor(images) and (np.asarray(images).dtype.kind not in "buif"):
        raise TypeError(f"{where}: images must be an array or a tensor of numbers; got {type(images).__name__}")
    images = torch.as_tensor(np.asarray(images) if not torch.is_tensor(images) else images)
    if len(images) == 0:
        raise ValueError(f"{where}: the set is empty")
    if draw is None and (images.ndim not in (3, 4) or images.shape[1] not in (1, 3) or {*images.shape[2:]} != {SIZE}):
        raise ValueError(f"{where}: signals must have shape (N, 1 or 3, 32), images must have shape (N, 1 or 3, 32, 32); "
                         f"got {tuple(images.shape)}")
    if images.dtype == torch.float32:
        low, high = float(images.min()), float(images.max())
        if not (-1 <= low and high <= 1):                              # also refuses NaN
            raise ValueError(f"{where}: float images must lie in [-1, 1]; got {low:.4g} to {high:.4g}")
    elif images.dtype != torch.uint8 and draw is None:
        raise TypeError(f"{where}: images must be uint8 in 0..255 or float32 in [-1, 1]; got {images.dtype}")
    if labels is not None:
        labels = torch.as_tensor(np.asarray(labels))
        if labels.is_floating_point() or labels.is_complex():
            raise TypeError(f"{where}: labels must be integers; got {labels.dtype}")
        labels = labels.long()
        if labels.shape != (len(images),):
            raise ValueError(f"{where}: {len(images)} images need labels of shape ({len(images)},); "
                             f"got {tuple(labels.shape)}")
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or classes and high >= len(classes):
            raise ValueError(f"{where}: labels must be 0 or more, and below the number of class names, {len(classes)}; got "
                             f"{low} to {high}")
    return Images(images, draw), labels


DRAWN = {"lines": Lines, "waves": Waves}
READERS = {"digits": read_digits, "terrain": read_terrain, **dict.fromkeys(TORCHVISION, read_torchvision),
           **dict.fromkeys(SVHN, read_svhn), "imagenet32": read_imagenet32, "isun": read_isun}
NAMES = (*DRAWN, *READERS)


def load(name, download=False):
    """Load a data set by name: one of NAMES, or a folder of images as a `Path` or a string with a slash, "./photos".

    "lines", "digits", and the signals "waves" and "terrain" always work; "mnist", "fashion_mnist", "cifar10", "svhn" (SVHN's
    training file), "svhn_extra" (with its extra file, as the paper trains) once fetched; "imagenet32" and "isun" once you
    put them there (data/README.md).
    A folder's classes are its folders' names (files/folders.py says more). Never downloads unless `download=True`. Raises
    ValueError for an unknown name or a damaged file, FileNotFoundError for absent data, saying how to get it. Returns an
    `ImageSet`; MNIST is padded from 28 to 32 with background. Nothing that is read is run as code, except that
    torchvision unpickles CIFAR-10's files once their checksums are right.
    """
    if name in DRAWN:
        return DRAWN[name]()
    if isinstance(name, os.PathLike) or "/" in str(name) or os.sep in str(name):
        return ImageSet(folder_name(name, NAMES), *read_folder(name))
    if name in READERS:
        return ImageSet(name, *READERS[name](name, download))
    raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(NAMES)}, or a folder, as ./photos")
