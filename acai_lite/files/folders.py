"""Folders of images: any folder, ImageNet's class folders, iSUN's patches. One image a file, decoded by Pillow, to 32x32."""
import os
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from .downloads import absent, data_folder
from .packed import packed
from .progress import Progress

SIZE = 32
MOST = 40_000_000                               # pixels of one image: decoding holds up to 12 bytes for each
TEST_SHARE = 0.2                                # of a folder without train/ and test/
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM", "WEBP")         # none of them is opened by another program


def read_isun(name, download=False):
    """iSUN's 8,925 patches (papers that detect unknown images use them): no labels, a fixed fifth of them to test."""
    if not os.path.isdir(data_folder() / "iSUN"):
        raise absent(name)
    return read_folder(data_folder() / "iSUN", colours=3)


def read_folder(folder, colours=None):
    """(training images (N,C,32,32) uint8, labels, test images, labels, class names) of a folder of images.

    FOLDER/CLASS/IMAGE, or FOLDER/train/CLASS/IMAGE and FOLDER/test/CLASS/IMAGE (or val/), or FOLDER/IMAGE without classes.
    Nothing deeper is read, links are followed, hidden files and other endings than ENDINGS are left out. Without train/ and
    test/ a fifth of the images is for testing, the same each time. Fewer than two classes: labels None, no class names.
    C is 1 if no image has colour, else 3, or `colours`. The whole image is squeezed to 32x32: averaged, as the
    downsampled ImageNet is (Chrabaszcz, Loshchilov, Hutter 2017, arXiv:1707.08819), or enlarged bilinearly. Transparency
    lies on white. Raises FileNotFoundError or ValueError, naming the folder or the image that cannot be read.
    """
    folder = Path(os.path.realpath(os.path.expanduser(folder)))        # pathlib's own fail without a home, or on a loop
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of images at {folder}: give the path of a folder that holds class folders")
    train, test = _splits(folder)
    classes = sorted({name for name, _ in train})
    strange = sorted({name for name, _ in test} - set(classes))
    if strange:
        raise ValueError(f"{folder}: the test images have classes that no training image has: "
                         f"{', '.join(name or 'images outside class folders' for name in strange[:5])}")
    number = {name: k for k, name in enumerate(classes)}
    labels = [np.array([number[name] for name, _ in part]) if len(classes) > 1 else None for part in (train, test)]
    files = [path for _, path in train + test]
    pixels = _kept(folder, files, len(train), colours)
    return pixels[0], labels[0], pixels[1], labels[1], classes if len(classes) > 1 else ()


def folder_name(folder, taken=()):
    """The name of a folder's set, for results and files: the folder's, changed if it is one of `taken`."""
    name = Path(os.path.realpath(os.path.expanduser(folder))).name or "images"
    return f"{name}_folder" if name in taken else name


def _splits(folder):
    """Two lists of (class name, path): to train and to test."""
    there = {part for part in ("train", "test", "val") if (folder / part).is_dir()}
    if "train" in there and len(there) > 1:
        return _listed(folder / "train"), _listed(folder / ("test" if "test" in there else "val"))
    if there & {"train", "test"}:
        raise ValueError(f"{folder} has {'/ and '.join(sorted(there))}/ only: wanted train/ and test/ (or val/), or neither")
    files = _listed(folder)
    if len(files) < 2:
        raise ValueError(f"{folder} has one image; a set needs at least two, one to train and one to test")
    order = torch.randperm(len(files), generator=torch.Generator().manual_seed(0)).tolist()
    tests = set(order[:max(1, round(TEST_SHARE * len(files)))])
    return [f for k, f in enumerate(files) if k not in tests], [f for k, f in enumerate(files) if k in tests]


def _listed(folder):
    """[(class name, path)] of a folder's images, in order of name; the class is "" for images outside class folders."""
    def names(place):
        return sorted(name for name in os.listdir(place) if not name.startswith("."))

    def images(place):
        return [os.path.join(place, name) for name in names(place)
                if name.lower().endswith(ENDINGS) and not os.path.isdir(os.path.join(place, name))]

    found = [("", path) for path in images(folder)]
    below = [(name, path) for name in names(folder) if os.path.isdir(folder / name) for path in images(folder / name)]
    if found and below:
        raise ValueError(f"{folder} has images beside its class folders, for example {found[0][1]}: move them into one")
    if not found and not below:
        raise FileNotFoundError(f"no images in {folder}: wanted CLASS/IMAGE below it, IMAGE ending in {' '.join(ENDINGS)}")
    return found or below


def _kept(folder, files, count, colours):
    """[training images, test images] of the files, the first `count` to train: from the packed file, or decoded now."""
    for path in files:
        if not os.path.isfile(path):                                   # a broken link, a pipe
            raise ValueError(f"{path} is no file that can be read: repair it, or take it out of the folder")
    return packed(folder_name(folder), folder, files, (count, colours), lambda: _all_decoded(folder, files, count, colours))


def _all_decoded(folder, files, count, colours):
    if colours is None:
        colours = 3 if any(_has_colour(path) for path in files) else 1
    pixels = [np.empty((n, colours, SIZE, SIZE), np.uint8) for n in (count, len(files) - count)]
    progress = Progress(len(files), 1, what=f"decoding {folder.name}")
    for k, path in enumerate(files):
        pixels[k >= count][k - count if k >= count else k] = _decoded(path, colours)
        progress.show(k + 1)
    if progress.shown:
        progress.close(len(files))
    return pixels


@contextmanager
def _opened(path):
    """An image file, opened; whatever goes wrong with it is a ValueError that names it."""
    from PIL import Image
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MOST:
                    raise ValueError(f"it has {image.width} x {image.height} pixels, more than {MOST:,}")
                if image.mode[0] in "IF":
                    raise ValueError(f"its pixels have more than 8 bits, mode {image.mode}")
                yield image
    except Exception as error:                                         # Pillow raises many kinds for a bad file
        raise ValueError(f"{path} cannot be read as an image ({' '.join(str(error).split()) or type(error).__name__}): "
                         "repair it, or take it out of the folder") from error


def _has_colour(path):
    with _opened(path) as image:
        return image.mode not in ("1", "L", "LA", "La")


def _decoded(path, colours):
    """One image file -> (C,32,32) uint8."""
    from PIL import Image, ImageOps
    with _opened(path) as image:
        ImageOps.exif_transpose(image, in_place=True)                  # as the camera was held
        if "A" in image.getbands() or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        wanted = "L" if colours == 1 else "RGB"
        image = image if image.mode == wanted else image.convert(wanted)
        if image.size != (SIZE, SIZE):
            way = Image.Resampling.BOX if min(image.size) > SIZE else Image.Resampling.BILINEAR
            image = image.resize((SIZE, SIZE), way)
        return np.asarray(image).reshape(SIZE, SIZE, colours).transpose(2, 0, 1)
