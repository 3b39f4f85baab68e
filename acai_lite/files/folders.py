"""Folders of images: any folder, ImageNet's class folders, iSUN's patches. One image a file,
decoded by Pillow and scaled to a square."""
import os
import warnings
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from .downloads import Parts
from .packed import packed
from .progress import Progress

if TYPE_CHECKING:
    from PIL.Image import Image

Files = list[tuple[str, str]]                   # (class name, path) of each image
MOST = 40_000_000                               # pixels of one image: up to 12 bytes for each
TEST_SHARE = 0.2                                # of a folder without train/ and test/
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM", "WEBP")         # Pillow decodes them itself


def read_folder(folder: str | os.PathLike[str], colours: int | None = None, size: int = 32
                ) -> Parts:
    """(training images (N,C,size,size) uint8, labels, test images, labels, class names) of a folder
    of images.

    FOLDER/CLASS/IMAGE, or FOLDER/train/CLASS/IMAGE and FOLDER/test/CLASS/IMAGE (or val/), or
    FOLDER/IMAGE without classes. Nothing deeper is read, links are followed, hidden files and other
    endings than ENDINGS are left out. Without train/ and test/ a fifth of the images is for
    testing. Both splits are in random order, the same each time, so that the first images are of
    all classes. Fewer than two classes: labels None, no class names. C is 1 if no image has colour,
    else 3, or `colours`. The whole image is squeezed to the square: averaged, as the downsampled
    ImageNet is (Chrabaszcz, Loshchilov, Hutter 2017, arXiv:1707.08819), or enlarged bilinearly.
    Transparency lies on white. Raises FileNotFoundError or ValueError, naming the folder or the
    image that cannot be read.
    """
    folder = Path(os.path.realpath(os.path.expanduser(folder)))        # pathlib's fail on a loop
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of images at {folder}: give the path of a folder that "
                                "holds class folders")
    train, test = _splits(folder)
    classes = sorted({name for name, _ in train})
    strange = sorted({name for name, _ in test} - set(classes))
    if strange:
        names = ", ".join(name or "images outside class folders" for name in strange[:5])
        raise ValueError(f"{folder}: the test images have classes that no training image has: "
                         f"{names}")
    number = {name: k for k, name in enumerate(classes)}
    files = [path for _, path in train + test]
    pixels = _kept(folder, files, len(train), colours, size)
    if len(classes) < 2:
        return pixels[0], None, pixels[1], None, ()
    labels = [np.array([number[name] for name, _ in part]) for part in (train, test)]
    return pixels[0], labels[0], pixels[1], labels[1], classes


def folder_name(folder: str | os.PathLike[str], taken: Container[str] = ()) -> str:
    """The name of a folder's set, for results and files: the folder's, changed if it is `taken`."""
    name = Path(os.path.realpath(os.path.expanduser(folder))).name or "images"
    return f"{name}_folder" if name in taken else name


def _splits(folder: Path) -> tuple[Files, Files]:
    """The images to train and to test, each in random order."""
    there = {part for part in ("train", "test", "val") if (folder / part).is_dir()}
    if "train" in there and len(there) > 1:
        test = folder / ("test" if "test" in there else "val")
        return _shuffled(_listed(folder / "train")), _shuffled(_listed(test))
    if there & {"train", "test"}:
        raise ValueError(f"{folder} has {'/ and '.join(sorted(there))}/ only: wanted train/ and "
                         "test/ (or val/), or neither")
    files = _shuffled(_listed(folder))
    if len(files) < 2:
        raise ValueError(f"{folder} has one image; a set needs at least two, one to train and one "
                         "to test")
    tests = max(1, round(TEST_SHARE * len(files)))
    return files[tests:], files[:tests]


def _shuffled(files: Files) -> Files:
    order = torch.randperm(len(files), generator=torch.Generator().manual_seed(0))
    return [files[k] for k in order.tolist()]


def _listed(folder: Path) -> Files:
    """A folder's images in order of name; the class is "" for images outside class folders."""
    def names(place: Path) -> list[str]:
        return sorted(name for name in os.listdir(place) if not name.startswith("."))

    def images(place: Path) -> list[str]:
        paths = [os.path.join(place, name) for name in names(place)
                 if name.lower().endswith(ENDINGS)]
        return [path for path in paths if not os.path.isdir(path)]

    found = [("", path) for path in images(folder)]
    below = [(name, path) for name in names(folder) if os.path.isdir(folder / name)
             for path in images(folder / name)]
    if found and below:
        raise ValueError(f"{folder} has images beside its class folders, for example "
                         f"{found[0][1]}: move them into one")
    if not found and not below:
        raise FileNotFoundError(f"no images in {folder}: wanted CLASS/IMAGE below it, IMAGE ending "
                                f"in {' '.join(ENDINGS)}")
    return found or below


def _kept(folder: Path, files: list[str], count: int, colours: int | None, size: int = 32
          ) -> list[np.ndarray]:
    """[training images, test images] of the files, the first `count` to train: from the packed
    file, or decoded now."""
    for path in files:
        if not os.path.isfile(path):                                   # a broken link, a pipe
            raise ValueError(f"{path} is no file that can be read: repair it, or take it out of "
                             "the folder")
    name = folder_name(folder) + (f"-{size}" if size != 32 else "")
    return packed(name, folder, files, (count, colours, size),
                  lambda: _all_decoded(folder, files, count, colours, size))


def _all_decoded(folder: Path, files: list[str], count: int, colours: int | None, size: int
                 ) -> list[np.ndarray]:
    if colours is None:
        colours = 3 if any(_has_colour(path) for path in files) else 1
    pixels = np.empty((len(files), colours, size, size), np.uint8)
    progress = Progress(len(files), 1, what=f"decoding {folder.name}")
    for done, k in enumerate(sorted(range(len(files)), key=files.__getitem__), 1):  # as on disk
        pixels[k] = _decoded(files[k], colours, size)
        progress.show(done)
    if progress.shown:
        progress.close(len(files))
    return [pixels[:count], pixels[count:]]


@contextmanager
def _opened(path: str | Path) -> "Iterator[Image]":
    """An image file, opened; whatever goes wrong with it is a ValueError that names it."""
    from PIL import Image
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if width * height > MOST:
                    raise ValueError(f"it has {width} x {height} pixels, more than {MOST:,}")
                if image.mode[0] in "IF":
                    raise ValueError(f"its pixels have more than 8 bits, mode {image.mode}")
                yield image
    except Exception as error:                                         # Pillow raises many kinds
        why = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path} cannot be read as an image ({why}): repair it, or take it out of "
                         "the folder") from error


def _has_colour(path: str | Path) -> bool:
    with _opened(path) as image:
        return image.mode not in ("1", "L", "LA", "La")


def _decoded(path: str | Path, colours: int, size: int = 32) -> np.ndarray:
    """One image file -> (C,size,size) uint8."""
    from PIL import Image, ImageOps
    with _opened(path) as image:
        ImageOps.exif_transpose(image, in_place=True)                  # as the camera was held
        if "A" in image.getbands() or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        wanted = "L" if colours == 1 else "RGB"
        image = image if image.mode == wanted else image.convert(wanted)
        if image.size != (size, size):
            way = Image.Resampling.BOX if min(image.size) > size else Image.Resampling.BILINEAR
            image = image.resize((size, size), way)
        return np.asarray(image).reshape(size, size, colours).transpose(2, 0, 1)
