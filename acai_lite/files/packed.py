"""What takes long to read or to decode is kept, packed in one file in `packed/` of the data folder.

The file is read from then on, until one of the files that it was made from changes (its name, size
or date): labs load a set again and again. A folder that cannot be written, and a packed file that
is damaged, only cost the time again.
"""
import hashlib
import os
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from .downloads import data_folder

SLOW = 2.0                                      # seconds of making from which on the result is kept


def packed(name: str, folder: Path, files: Iterable[str | Path], settings: object,
           make: Callable[[], list[np.ndarray]]) -> list[np.ndarray]:
    """The arrays that `make()` returns, from the packed file of `name` if it is up to date, else
    made now.

    `files` in `folder` are what they are made from, `settings` what else they depend on. Raises
    what `make` raises.
    """
    key, place = hashlib.sha256(f"3 {settings}".encode()), None
    for path in files:
        state = os.stat(path)
        about = f"{os.path.relpath(path, folder)}\0{state.st_size}\0{state.st_mtime_ns}\0"
        key.update(about.encode(errors="surrogatepass"))
    mark = hashlib.sha256(str(folder).encode(errors="surrogatepass")).hexdigest()[:12]
    try:
        place = data_folder() / "packed" / f"{name}-{mark}.npys"
        with open(place, "rb") as file:                                # the key, checksums, arrays
            if str(np.load(file)) == key.hexdigest():
                sums = np.load(file).tolist()
                arrays = [np.load(file) for _ in sums]
                if sums == [zlib.crc32(array) for array in arrays]:
                    return arrays
    except Exception:                                                  # numpy raises many kinds
        pass                                                           # absent, damaged: made anew
    began = time.monotonic()
    arrays = make()
    if place is not None and time.monotonic() - began > SLOW:
        _keep(place, key.hexdigest(), arrays)
    return arrays


def _keep(place: Path, key: str, arrays: list[np.ndarray]) -> None:
    """Write a packed file, all or nothing; without a word if the folder cannot be written."""
    aside = place.with_name(f".packing-{os.getpid()}-{place.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(aside, "xb") as file:                                # others may read it: umask
            arrays = [np.ascontiguousarray(array) for array in arrays]
            sums = np.array([zlib.crc32(array.data) for array in arrays])
            for array in (np.array(key), sums, *arrays):
                np.save(file, array)
        os.replace(aside, place)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
