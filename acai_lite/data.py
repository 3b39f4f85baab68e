"""Data sets: 32x32 images, float32 in [-1, 1] whenever you hold them.

`load(name)` returns an `ImageSet`. Images are stored as bytes (lines as angles) and converted or drawn on indexing, so
`images.train_images[i]` is ready for `model.encode`. Nothing is downloaded unless asked for.
"""
from copy import copy

import numpy as np
import torch

from .drawing import draw_lines
from .support.downloads import TORCHVISION, read_torchvision

SIZE = 32                                       # every image is SIZE x SIZE
# name: colours, mean and standard deviation of the training pixels in [-1, 1] (a test recomputes them from the data)
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


def _digits():
    """scikit-learn's 1,797 handwritten 8x8 digits, enlarged to 32x32; a fixed split, 1,437 to train, 360 to test."""
    from sklearn.datasets import load_digits
    bundle = load_digits()
    small = torch.from_numpy(bundle.images).float()[:, None] / 16
    large = torch.nn.functional.interpolate(small, size=SIZE, mode="bilinear", align_corners=False)
    images, labels = (large * 255).round().to(torch.uint8), torch.from_numpy(bundle.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    train, test = order[:1437], order[1437:]
    return ImageSet("digits", images[train], labels[train], images[test], labels[test], "0123456789")


NAMES = ("lines", "digits", *TORCHVISION)


def load(name, download=False):
    """Load a data set by name: "lines" and "digits" always work, "mnist", "fashion_mnist", "cifar10" once fetched.

    Never downloads unless `download=True`. Raises ValueError for an unknown name or a damaged file, FileNotFoundError for
    absent data, naming the command that fetches it. Returns an `ImageSet`; MNIST is padded from 28 to 32 with background.
    """
    if name == "lines":
        return Lines()
    if name == "digits":
        return _digits()
    if name in TORCHVISION:
        return ImageSet(name, *read_torchvision(name, download))
    raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(NAMES)}")
