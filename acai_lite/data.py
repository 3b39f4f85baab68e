"""Data sets: 32x32 images and signals of 32 values, float32 in [-1, 1] whenever you hold them.

`load(name)` returns an `ImageSet`. Images are stored as bytes (lines as angles) and converted or drawn on indexing, so
`images.train_images[i]` is ready for `model.encode`. Nothing is downloaded unless asked for.
"""
from pathlib import Path

import numpy as np
import torch

from .drawing import HIGHEST, LOWEST, draw_lines, draw_waves
from .support.downloads import TORCHVISION, read_torchvision

SIZE = 32                                       # every image is SIZE x SIZE, every signal SIZE long
# name: colours, mean and standard deviation of the training pixels in [-1, 1] (a test recomputes them from the data)
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
        self.train_images, self.train_labels = _checked(name, "train", train_images, train_labels, self.draw)
        self.test_images, self.test_labels = None, None
        if test_images is not None:
            self.test_images, self.test_labels = _checked(name, "test", test_images, test_labels, self.draw)
            if self.test_images.shape[1:] != self.train_images.shape[1:]:
                raise ValueError(f"{name}: training images {self.train_images.shape} and test images "
                                 f"{self.test_images.shape} differ in colours or dimensions")

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

    def batches(self, split, size, generator):
        if split != "train":
            yield from super().batches(split, size, generator)
            return
        for _ in range(len(self._split(split, size)[0]) // size):
            places = self.places(size, generator)
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


def _checked(name, split, images, labels, draw):
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
    return Images(images, draw), labels


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


def _terrain():
    """Real profiles of hills, west to east, (N,1,32): heights 90 m apart, from the grid of the Jacksboro fault in Tennessee
    that matplotlib bundles for its examples (344 x 403 heights in metres, every 3 arc-seconds). matplotlib names no source
    or licence of its own for it. A value is the height above the profile's own mean, in units of 400 m (they reach 370 m).
    No labels. The northern 240 rows train, a profile every 8 places; the southern 72 test, side by side; 32 rows between are
    left out, as rows next to each other look alike. Raises FileNotFoundError for a matplotlib without its sample data."""
    import matplotlib
    path = Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz"
    if not path.exists():
        raise FileNotFoundError(f"terrain is not in {path.parent}: this matplotlib came without its sample data; install "
                                "the one from PyPI or conda-forge")
    with np.load(path, allow_pickle=False) as file:
        heights = torch.from_numpy(file["elevation"].astype(np.float32))
    train, test = heights[:240].unfold(1, SIZE, 8), heights[272:].unfold(1, SIZE, SIZE)                  # (rows,n,32)
    train, test = ((part - part.mean(2, keepdim=True)).reshape(-1, 1, SIZE) / 400 for part in (train, test))
    return ImageSet("terrain", train, None, test[torch.randperm(len(test), generator=torch.Generator().manual_seed(0))])


NAMES = ("lines", "digits", *TORCHVISION, "waves", "terrain")


def load(name, download=False):
    """Load a data set by name: "lines", "digits", and the signals "waves" and "terrain" always work; "mnist",
    "fashion_mnist", "cifar10" once fetched.

    Never downloads unless `download=True`. Raises ValueError for an unknown name or a damaged file, FileNotFoundError for
    absent data, naming the command that fetches it. Returns an `ImageSet`; MNIST is padded from 28 to 32 with background.
    """
    if name in ("lines", "waves", "digits", "terrain"):
        return {"lines": Lines, "waves": Waves, "digits": _digits, "terrain": _terrain}[name]()
    if name in TORCHVISION:
        return ImageSet(name, *read_torchvision(name, download))
    raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(NAMES)}")
