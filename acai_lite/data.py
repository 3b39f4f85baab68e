"""Data sets: square images and signals of 32 values, float32 in [-1, 1] whenever you hold them.

`load(name)` returns an `ImageSet`. Images are stored as bytes (lines as angles) and converted or
drawn on indexing, so `images.train_images[i]` is ready for `model.encode`. Nothing is downloaded
unless asked for. files/catalogue.py is the table of the sets that have a name.
"""
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .drawing import HIGHEST, LOWEST, line_images, wave_images
from .files.catalogue import CATALOGUE
from .files.folders import folder_name, read_folder
from .files.validation import SIZE, SIZES, checked_images, checked_labels

Draw = Callable[[Tensor], Tensor]               # places (N,) -> images (N,C,32,32) or (N,C,32)


def levels(images: Tensor) -> Tensor:
    """Images in [-1, 1], clipped -> bytes 0..255, the nearest of 256 levels."""
    return ((images.clamp(-1, 1) + 1) * 127.5).round().byte()


class Images:
    """Images behind an index: bytes (N,C,S,S), or places (N,) that `draw` draws, are stored; an
    index gives float32 in [-1, 1]."""

    def __init__(self, stored: Tensor, draw: Draw | None = None) -> None:
        self.stored, self.draw = stored, draw
        example = stored[:1] if draw is None else draw(stored[:1])
        self.shape = (len(stored), *example.shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Tensor:
        part = self.stored[index]
        if self.draw:
            return self.draw(part.reshape(-1))[0] if part.ndim == 0 else self.draw(part)
        return part.float().mul_(2 / 255).sub_(1) if part.dtype == torch.uint8 else part.clone()

    def __repr__(self) -> str:
        return f"Images{self.shape}"


class ImageSet:
    """Training and test images with labels.

    train_images, test_images: arrays or tensors (N,C,S,S), S one of 16, 32, 64, 128, or signals
    (N,C,32), C 1 or 3, uint8 in 0..255 or float32 in [-1, 1]. train_labels, test_labels: (N,)
    integers, or None. classes: class names. Raises TypeError or ValueError for anything else,
    naming what was got. Attributes: the same six; image_shape, colours C, size S, dimensions (2, or
    1 for signals), statistics.
    """
    draw: Any = None                            # how a set that stores places draws its images

    def __init__(self, name: str, train_images: Any, train_labels: Any = None,
                 test_images: Any = None, test_labels: Any = None, classes: Sequence[str] = ()
                 ) -> None:
        self.name, self.classes = name, tuple(classes)
        train, test = f"{name} (train)", f"{name} (test)"
        self.train_images, self.train_labels = self._wrapped(train, train_images, train_labels)
        self.test_images: Images | None = None
        self.test_labels: Tensor | None = None
        if test_images is not None:
            self.test_images, self.test_labels = self._wrapped(test, test_images, test_labels)
            if self.test_images.shape[1:] != self.image_shape:
                raise ValueError(f"{name}: training images {self.train_images.shape} and test "
                                 f"images {self.test_images.shape} differ in colours or dimensions")

    @property
    def image_shape(self) -> tuple[int, ...]:
        return self.train_images.shape[1:]

    @property
    def colours(self) -> int:
        return self.image_shape[0]

    @property
    def size(self) -> int:
        return self.image_shape[-1]

    @property
    def dimensions(self) -> int:
        return len(self.image_shape) - 1

    @cached_property
    def statistics(self) -> tuple[float, float]:
        """(mean, standard deviation) of the training pixels, in [-1, 1]: the catalogue's if `load`
        made the set by name, else measured on 2,048 images at most, spread evenly over the set. The
        standard deviation of images that are all one grey is given as 1, as it is divided by."""
        sample = self.train_images[::-(-len(self.train_images) // 2048)]
        std = float(sample.std())
        return float(sample.mean()), std if std > 1e-6 else 1.0

    @cached_property
    def digest(self) -> str:
        """Twelve digits that tell this set from another: of its images as they are stored, their
        order, labels and classes, whatever its name is. Of more than 2 ** 28 bytes, 65,536 images
        that are evenly spread count."""
        found = hashlib.sha256(repr(self.classes).encode())
        for images, labels in ((self.train_images, self.train_labels),
                               (self.test_images, self.test_labels)):
            if images is None:
                continue
            stored = images.stored.cpu()
            if stored.nbytes > 2 ** 28:
                stored = stored[::-(-len(stored) // 65_536)]
            found.update(f"{images.shape} {stored.dtype}".encode())
            for part in (stored, *([] if labels is None else [labels.cpu()])):
                found.update(part.contiguous().numpy())                # type: ignore[arg-type]
        return found.hexdigest()[:12]

    def batches(self, split: str, size: int, generator: torch.Generator, start: int = 0
                ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """One pass over "train" or "test" in random order: yields (images (size,C,S,S), labels
        (size,) or None), from batch number `start` on.

        Every pass reshuffles, so partners change; an incomplete last batch is left out. Raises
        ValueError if the split has fewer than `size` images.
        """
        return (self.batch(split, part) for part in self.parts(split, size, generator, start))

    def parts(self, split: str, size: int, generator: torch.Generator, start: int = 0
              ) -> Iterator[Tensor]:
        """What `batches` makes its batches of, on the CPU: numbers of images (size,); in training,
        a set that is drawn has places (size,)."""
        images, _ = self._split(split, size)
        order = torch.randperm(len(images), generator=generator)
        for begin in range(start * size, len(images) - size + 1, size):
            yield order[begin:begin + size]

    def batch(self, split: str, part: Tensor) -> tuple[Tensor, Tensor | None]:
        """(images, labels or None) of one of `parts`, where the part is or the images are."""
        images, labels = self._split(split, 1)
        return images[part], None if labels is None else labels[part]

    def on(self, device: torch.device | str) -> "ImageSet":
        """The same set with its training images and labels on `device`, as stored; batches are then
        made there. Images that are drawn stay on the CPU."""
        twin, images = copy(self), self.train_images
        twin.train_images = images if images.draw else Images(images.stored.to(device))
        if self.train_labels is not None:
            twin.train_labels = self.train_labels.to(device)
        return twin

    def _wrapped(self, where: str, images: Any, labels: Any) -> tuple[Images, Tensor | None]:
        images = checked_images(where, images, self.draw is not None)
        if labels is not None:
            labels = checked_labels(where, labels, len(images), len(self.classes))
        return Images(images, self.draw), labels

    def _split(self, split: str, size: int) -> tuple[Images, Tensor | None]:
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test'; got {split!r}")
        images, labels = getattr(self, f"{split}_images"), getattr(self, f"{split}_labels")
        if images is None or not 1 <= size <= len(images):
            raise ValueError(f"{self.name}: a batch of {size} does not fit into {split}'s "
                             f"{len(images or ())} images")
        return images, labels

    def __repr__(self) -> str:
        test = getattr(self.test_images, "shape", None)
        return f"ImageSet({self.name!r}, train {self.train_images.shape}, test {test})"


class Drawn(ImageSet):
    """An endless benchmark, whose true in-between is known: a training pass draws fresh images,
    from places (N,) that lie evenly between `low` and `high`; the 5,000 test images are always the
    same. Labels: the tenth of that range."""
    low: float
    high: float
    tenths: list[str]

    def __init__(self, passes: int = 65_536, tests: int = 5_000) -> None:
        train, test = (self.places(count, torch.Generator().manual_seed(seed))
                       for seed, count in ((1, passes), (2, tests)))
        super().__init__(type(self).__name__.lower(), train, self.sector(train), test,
                         self.sector(test), self.tenths)

    def places(self, count: int, generator: torch.Generator) -> Tensor:
        places = torch.rand(count, generator=generator, dtype=torch.float64)
        return places * (self.high - self.low) + self.low

    @classmethod
    def sector(cls, places: Tensor) -> Tensor:
        """(N,) places -> (N,) int64, their tenths 0..9; on lines 36-degree sectors, the label of
        the authors' code."""
        reach = cls.high - cls.low
        return ((places - cls.low) % reach / reach * 10).long().clamp_(max=9)

    def parts(self, split: str, size: int, generator: torch.Generator, start: int = 0
              ) -> Iterator[Tensor]:
        if split != "train":
            yield from super().parts(split, size, generator, start)
            return
        for number in range(len(self._split(split, size)[0]) // size):
            places = self.places(size, generator)
            if number >= start:
                yield places

    def batch(self, split: str, part: Tensor) -> tuple[Tensor, Tensor | None]:
        if split != "train":
            return super().batch(split, part)
        return self.draw(part), self.sector(part)


class Lines(Drawn):
    """Lines (ACAI paper, section 3); places are angles in radians."""
    draw, low, high = staticmethod(line_images), 0.0, 2 * np.pi
    tenths = [f"{36 * k}-{36 * k + 36} degrees" for k in range(10)]


class Waves(Drawn):
    """Sine waves, (N,1,32), that differ in frequency alone; places are frequencies, 1 to 6 cycles
    per signal. The truth between two waves is the wave whose frequency lies between theirs on the
    linear scale, not by octaves."""
    draw, low, high = staticmethod(wave_images), LOWEST, HIGHEST
    tenths = [f"{1 + k / 2:g}-{1.5 + k / 2:g} cycles" for k in range(10)]


DRAWN = {"lines": Lines, "waves": Waves}


def load(name: str | os.PathLike[str], download: bool = False, size: int = SIZE) -> ImageSet:
    """Load a data set: by a name in CATALOGUE, or a folder of images as a `Path` or a string with a
    slash, "./photos".

    "lines", "digits", and the signals "waves" and "terrain" always work; "mnist", "fashion_mnist",
    "cifar10", "svhn" (SVHN's training file), "svhn_extra" (with its extra file, as the paper
    trains) once fetched; "imagenet32" and "isun" once you put them there (data/README.md). A
    folder's classes are its folders' names (files/folders.py says more), and its images become
    size x size, 16, 32, 64 or 128. Never downloads unless `download=True`. Raises ValueError for an
    unknown name, another size or a damaged file, FileNotFoundError for absent data, saying how to
    get it. MNIST is padded from 28 to 32 with background. Nothing that is read is run as code,
    except that torchvision unpickles CIFAR-10's files once their checksums are right.
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {', '.join(map(str, SIZES))} pixels; got {size!r}")
    if isinstance(name, os.PathLike) or "/" in str(name) or os.sep in str(name):
        return ImageSet(folder_name(name, CATALOGUE), *read_folder(name, size=size))
    if name not in CATALOGUE:
        raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(CATALOGUE)}, or a "
                         "folder, as ./photos")
    if size != SIZE:
        raise ValueError(f"{name} has size {SIZE} only: a folder of images, as ./photos, can be "
                         f"read at size {size}")
    known = CATALOGUE[name]
    images = DRAWN[name]() if name in DRAWN else ImageSet(name, *known.read(download))
    if known.statistics:
        images.statistics = known.statistics
    return images
