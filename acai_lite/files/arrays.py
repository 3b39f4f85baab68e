"""Sets that come as big arrays in files: SVHN (MATLAB) and the downsampled ImageNet (npz); what scikit-learn (digits) and
matplotlib (terrain) bundle.

Arrays are poured from the file into the place where they stay, so that loading takes little more memory than the images.
Both kinds of file hold numbers only and carry checksums; nothing in them is run.
"""
import io
import math
import os
import struct
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from .downloads import SVHN, absent, data_folder, fetch_svhn
from .folders import read_folder
from .packed import packed
from .records import in_one_line

SIZE, COLOURS = 32, 3
MOST = 700_000                                  # images in one file; more is damage
BATCHES = [f"train_data_batch_{k}.npz" for k in range(1, 11)]
TESTS = "val_data.npz"


def read_digits(name="digits", download=False):
    """scikit-learn's 1,797 handwritten 8x8 digits, enlarged to 32x32; a fixed split, 1,437 to train, 360 to test."""
    from sklearn.datasets import load_digits
    bundle = load_digits()
    small = torch.from_numpy(bundle.images).float()[:, None] / 16
    large = torch.nn.functional.interpolate(small, size=SIZE, mode="bilinear", align_corners=False)
    images, labels = (large * 255).round().to(torch.uint8), torch.from_numpy(bundle.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    train, test = order[:1437], order[1437:]
    return images[train], labels[train], images[test], labels[test], "0123456789"


def read_terrain(name="terrain", download=False):
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
    return train, None, test[torch.randperm(len(test), generator=torch.Generator().manual_seed(0))]


def read_svhn(name, download=False):
    """SVHN, cropped digits (Netzer et al. 2011): 73,257 to train, 26,032 to test; "svhn_extra" adds 531,131 to train, as the
    ACAI paper does (its test images are the same). The file's label 10 is the digit 0 and becomes class 0."""
    root = data_folder()
    if download:
        fetch_svhn(name)
    paths = [root / file for file in SVHN[name]]
    if not all(path.is_file() for path in paths):
        raise absent(name, [path.name for path in paths if not path.is_file()])

    def make():
        train, test = _joined(paths[:-1], name, _mat), _joined(paths[-1:], name, _mat)
        for pixels, _ in (train, test):                                # MATLAB keeps columns first: turned where they lie
            for start in range(0, len(pixels), 512):
                part = pixels[start:start + 512]
                part[:] = part.transpose(0, 1, 3, 2).copy()
        return [train[0], train[1] % 10, test[0], test[1] % 10]

    return *packed(name, root, paths, "", make), "0123456789"


def read_imagenet32(name, download=False):
    """ImageNet at 32x32 from `imagenet32/` of the data folder: the release's ten npz files and val_data.npz (Chrabaszcz et
    al. 2017; classes "1" to "1000" as its labels), or train/ and val/ with class folders of images of any size."""
    folder = data_folder() / "imagenet32"
    found = imagenet_files(folder)
    if not any(found.values()):
        if not (folder / "train").is_dir():
            raise absent(name)
        return read_folder(folder, colours=COLOURS)
    if not all(found.values()):
        raise absent(name, [file for file, path in found.items() if not path])

    def make():
        train, test = (_joined([found[file] for file in files], name, _npz) for files in (BATCHES, [TESTS]))
        return [train[0], train[1] - 1, test[0], test[1] - 1]

    return *packed(name, folder, found.values(), "", make), [str(k) for k in range(1, 1001)]


def imagenet_files(folder):
    """{file name: its path, in the folder or one below it, or None} for the release's eleven files."""
    return {file: next((path for path in (folder / file, *sorted(folder.glob(f"*/{file}"))) if path.is_file()), None)
            for file in [*BATCHES, TESTS]}


def statistics(images):
    """(colours, mean, standard deviation) of an `ImageSet`'s training pixels, in [-1, 1]: of 2,048 images at most, spread
    evenly over the set. The deviation of images that are all one grey is given as 1, as it is divided by."""
    sample = images.train_images[::-(-len(images.train_images) // 2048)]
    spread = float(sample.std())
    return sample.shape[1], float(sample.mean()), spread if spread > 1e-6 else 1.0


def _joined(paths, name, opened):
    """Images (N,3,32,32) uint8 and labels (N,) int64 of one file after the other, poured into one array."""
    sizes, labels = [], []
    for path in paths:
        with _blamed(path, name):
            with opened(path, "labels") as (shape, kind, stream):
                if not 0 < math.prod(shape) <= MOST:
                    raise ValueError(f"labels of shape {tuple(shape)}")
                labels.append(_poured(stream, np.empty(math.prod(shape), kind)))
            with opened(path, "images") as (shape, kind, stream):
                sizes.append(shape[-1] if opened is _mat else shape[0])
            wanted = (SIZE, SIZE, COLOURS, sizes[-1]) if opened is _mat else (sizes[-1], COLOURS * SIZE * SIZE)
            if tuple(shape) != wanted or kind != np.uint8 or not 0 < sizes[-1] <= MOST:
                raise ValueError(f"images of shape {tuple(shape)}, {kind}; wanted {wanted}, uint8")
            top = 10 if opened is _mat else 1000
            if len(labels[-1]) != sizes[-1] or not np.isin(labels[-1], np.arange(1, top + 1)).all():
                raise ValueError(f"its labels must be {sizes[-1]} numbers from 1 to {top}")
    pixels, start = np.empty((sum(sizes), COLOURS, SIZE, SIZE), np.uint8), 0
    for path, size in zip(paths, sizes, strict=True):
        with _blamed(path, name), opened(path, "images") as (_, _, stream):
            _poured(stream, pixels[start:start + size])
        start += size
    return pixels, np.concatenate(labels).astype(np.int64)


@contextmanager
def _blamed(path, name):
    try:
        yield
    except Exception as error:                                         # zlib, zipfile and numpy raise many kinds
        raise ValueError(f"{name}: {path} is incomplete or damaged ({in_one_line(error)}): delete it, and get it again as "
                         "`python -m acai_lite data status` then says") from error


def _poured(stream, array):
    """Fill an array from a stream that holds exactly its bytes (a MATLAB array: and at most 7 more), or ValueError."""
    view, done = memoryview(array).cast("B"), 0
    while done < len(view) and (got := stream.readinto(view[done:done + 2 ** 20])):
        done += got
    if done < len(view) or len(stream.read(8)) == 8:                   # reading to the end checks the checksum, too
        raise ValueError(f"it holds {'more' if done == len(view) else 'fewer'} than {len(view):,} bytes of numbers")
    return array


@contextmanager
def _npz(path, what):
    """Open one array of an npz file: yields (shape, type, stream of its numbers)."""
    key = {"images": "data", "labels": "labels"}[what]
    with zipfile.ZipFile(path) as archive, archive.open(f"{key}.npy") as stream:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        shape, by_columns, kind = read[np.lib.format.read_magic(stream)[0]](stream)
        if by_columns and len(shape) > 1 or kind.kind not in "iu":
            raise ValueError(f"{key} must be whole numbers, row after row; got {kind}")
        yield shape, kind, stream


# --- MATLAB 5 files (MathWorks, "MAT-File Format", little-endian) -------------------------------------------------------

KINDS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}
ARRAY, COMPRESSED = 14, 15


class _Element(io.RawIOBase):
    """The next `size` bytes of a file, or what they stand for if they are compressed, inflated as they are asked for."""

    def __init__(self, file, size, compressed):
        self.file, self.left, self.inflate = file, size, zlib.decompressobj() if compressed else None

    def readable(self):
        return True

    def readinto(self, target):
        part, waiting = b"", self.inflate.unconsumed_tail if self.inflate else b""
        while not part and not (self.inflate.eof if self.inflate else self.left == 0):
            if not waiting:
                waiting = self.file.read(min(self.left, 2 ** 20 if self.inflate else len(target)))
                self.left -= len(waiting)
                if not waiting:
                    raise ValueError("the file ends too early")
            part = self.inflate.decompress(waiting, len(target)) if self.inflate else waiting
            waiting = self.inflate.unconsumed_tail if self.inflate else b""
        target[:len(part)] = part
        return len(part)


def _tag(stream):
    """(type, bytes) of the next element; short ones, which keep up to four bytes inside the tag, give (type, content)."""
    head = stream.read(8)
    kind, size = struct.unpack("<II", head)
    return (kind & 0xFFFF, head[4:4 + (kind >> 16)]) if kind >> 16 else (kind, size)


def _small(stream):
    """The content of the next element: flags, dimensions or a name."""
    _, size = _tag(stream)
    if isinstance(size, bytes):
        return size
    if size > 1024:
        raise ValueError("not an array of numbers")
    return stream.read(-size % 8 + size)[:size]


@contextmanager
def _mat(path, what):
    """Open one array of a MATLAB file, X or y: yields (dimensions, type, stream of its numbers)."""
    name = {"images": b"X", "labels": b"y"}[what]
    with open(path, "rb") as file:
        if file.read(128)[126:] != b"IM":
            raise ValueError("not a MATLAB 5 file")
        while file.tell() < os.fstat(file.fileno()).st_size:
            kind, size = struct.unpack("<II", file.read(8))
            end, stream = file.tell() + size, io.BufferedReader(_Element(file, size, kind == COMPRESSED))
            if kind == COMPRESSED:
                kind, size = struct.unpack("<II", stream.read(8))
            if kind != ARRAY:
                raise ValueError("not a MATLAB 5 file of arrays")
            _small(stream)                                             # flags
            shape = tuple(np.frombuffer(_small(stream), "<i4").tolist())
            if _small(stream) == name:
                kind, content = _tag(stream)
                yield shape, np.dtype(KINDS[kind]), io.BytesIO(content) if isinstance(content, bytes) else stream
                return
            file.seek(end)
    raise ValueError(f"it has no array {name.decode()}")
