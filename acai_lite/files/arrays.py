"""Formats that hold big arrays: MATLAB 5 (SVHN) and npz (the downsampled ImageNet).

Arrays are poured from the file into the place where they stay, so that loading takes little more
memory than the images. Both kinds of file hold numbers only and carry checksums; nothing in them
is run.
"""
import io
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from .records import blamed

SIZE, COLOURS = 32, 3
MOST = 700_000                                  # images in one file; more is damage
Opened = tuple[tuple[int, ...], np.dtype, IO[bytes]]
Opener = Callable[[Path, str], AbstractContextManager[Opened]]


def joined(paths: Sequence[Path], name: str, opened: Opener, classes: int
           ) -> tuple[np.ndarray, np.ndarray]:
    """Images (N,3,32,32) uint8 and labels (N,) int64, 1..classes, of one file after the other,
    poured into one array. opened: `mat` or `npz`. Raises ValueError, naming the damaged file."""
    sizes: list[int] = []
    labels: list[np.ndarray] = []
    for path in paths:
        with _blamed(path, name):
            with opened(path, "labels") as (shape, kind, stream):
                if not 0 < math.prod(shape) <= MOST:
                    raise ValueError(f"labels of shape {tuple(shape)}")
                labels.append(_poured(stream, np.empty(math.prod(shape), kind)))
            with opened(path, "images") as (shape, kind, stream):
                sizes.append(shape[-1] if opened is mat else shape[0])
            count, row = sizes[-1], COLOURS * SIZE * SIZE
            wanted = (SIZE, SIZE, COLOURS, count) if opened is mat else (count, row)
            if tuple(shape) != wanted or kind != np.uint8 or not 0 < count <= MOST:
                raise ValueError(f"images of shape {tuple(shape)}, {kind}; wanted {wanted}, uint8")
            if len(labels[-1]) != count or not np.isin(labels[-1], np.arange(1, classes + 1)).all():
                raise ValueError(f"its labels must be {count} numbers from 1 to {classes}")
    pixels, start = np.empty((sum(sizes), COLOURS, SIZE, SIZE), np.uint8), 0
    for path, size in zip(paths, sizes, strict=True):
        with _blamed(path, name), opened(path, "images") as (_, _, stream):
            _poured(stream, pixels[start:start + size])
        start += size
    return pixels, np.concatenate(labels).astype(np.int64)


def _blamed(path: Path, name: str) -> AbstractContextManager[None]:
    return blamed(path, f"{name}: {path} is incomplete or damaged ({{why}}): delete it, and get it "
                  "again as `python -m acai_lite data status` then says")


def _poured(stream: IO[bytes], array: np.ndarray) -> np.ndarray:
    """Fill an array from a stream that holds exactly its bytes (a MATLAB array: and at most 7
    more), or ValueError."""
    view, done = memoryview(array.data).cast("B"), 0
    while done < len(view) and (got := stream.readinto(view[done:done + 2 ** 20])):  # type: ignore
        done += got
    if done < len(view) or len(stream.read(8)) == 8:                   # the end checks the checksum
        than = "more" if done == len(view) else "fewer"
        raise ValueError(f"it holds {than} than {len(view):,} bytes of numbers")
    return array


@contextmanager
def npz(path: Path, what: str) -> Iterator[Opened]:
    """Open one array of an npz file: yields (shape, type, stream of its numbers)."""
    key = {"images": "data", "labels": "labels"}[what]
    with zipfile.ZipFile(path) as archive, archive.open(f"{key}.npy") as stream:
        read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        shape, by_columns, kind = read[np.lib.format.read_magic(stream)[0]](stream)
        if by_columns and len(shape) > 1 or kind.kind not in "iu":
            raise ValueError(f"{key} must be whole numbers, row after row; got {kind}")
        yield shape, kind, stream


# --- MATLAB 5 files (MathWorks, "MAT-File Format", little-endian) ---------------------------------

KINDS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8",
         13: "<u8"}
ARRAY, COMPRESSED = 14, 15


class _Element(io.RawIOBase):
    """The next `size` bytes of a file, or what they stand for if they are compressed, inflated as
    they are asked for."""

    def __init__(self, file: IO[bytes], size: int, compressed: bool) -> None:
        self.file, self.left = file, size
        self.inflate = zlib.decompressobj() if compressed else None

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        part, waiting = b"", self.inflate.unconsumed_tail if self.inflate else b""
        while not part and not (self.inflate.eof if self.inflate else self.left == 0):
            if not waiting:
                most = 2 ** 20 if self.inflate else len(target)
                waiting = self.file.read(min(self.left, most))
                self.left -= len(waiting)
                if not waiting:
                    raise ValueError("the file ends too early")
            part = self.inflate.decompress(waiting, len(target)) if self.inflate else waiting
            waiting = self.inflate.unconsumed_tail if self.inflate else b""
        target[:len(part)] = part
        return len(part)


def _tag(stream: IO[bytes]) -> tuple[int, int | bytes]:
    """(type, bytes) of the next element; short ones, which keep up to four bytes inside the tag,
    give (type, content)."""
    head = stream.read(8)
    kind, size = struct.unpack("<II", head)
    return (kind & 0xFFFF, head[4:4 + (kind >> 16)]) if kind >> 16 else (kind, size)


def _small(stream: IO[bytes]) -> bytes:
    """The content of the next element: flags, dimensions or a name."""
    _, size = _tag(stream)
    if isinstance(size, bytes):
        return size
    if size > 1024:
        raise ValueError("not an array of numbers")
    return stream.read(-size % 8 + size)[:size]


@contextmanager
def mat(path: Path, what: str) -> Iterator[Opened]:
    """Open one array of a MATLAB file, X or y: yields (dimensions, type, stream of its numbers)."""
    name = {"images": b"X", "labels": b"y"}[what]
    with open(path, "rb") as file:
        if file.read(128)[126:] != b"IM":
            raise ValueError("not a MATLAB 5 file")
        while file.tell() < os.fstat(file.fileno()).st_size:
            kind, size = struct.unpack("<II", file.read(8))
            end = file.tell() + size
            stream = io.BufferedReader(_Element(file, size, kind == COMPRESSED))
            if kind == COMPRESSED:
                kind, size = struct.unpack("<II", stream.read(8))
            if kind != ARRAY:
                raise ValueError("not a MATLAB 5 file of arrays")
            _small(stream)                                             # flags
            shape = tuple(np.frombuffer(_small(stream), "<i4").tolist())
            if _small(stream) == name:
                kind, content = _tag(stream)
                values = io.BytesIO(content) if isinstance(content, bytes) else stream
                yield shape, np.dtype(KINDS[kind]), values
                return
            file.seek(end)
    raise ValueError(f"it has no array {name.decode()}")
