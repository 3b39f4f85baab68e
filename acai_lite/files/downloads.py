"""Where data lie, and how they get there: all or nothing, by torchvision's own downloaders."""
import errno
import os
import shutil
import socket
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .checkout import find_checkout
from .records import blamed, in_one_line

PATIENCE = 30                                   # seconds that a download server may be silent

Array = np.ndarray | torch.Tensor
# What a reader returns: training images, labels, test images, labels, class names
Parts = tuple[Array, Array | None, Array, Array | None, Sequence[str]]


def data_folder() -> Path:
    """Folder of the downloads, in torchvision's layout: $ACAI_LITE_DATA, else `data/` of the
    checkout. Raises FileNotFoundError if there is neither."""
    place, folder = os.environ.get("ACAI_LITE_DATA"), find_checkout()
    if place:
        return Path(os.path.expanduser(place))
    if folder is None:
        raise FileNotFoundError("data sets that are files need a folder, and outside a checkout of "
                                "acai_lite there is no default: set ACAI_LITE_DATA to the folder "
                                "that has them or shall get them")
    return folder / "data"


def fetch(name: str, places: Sequence[str], get: Callable[[str, list[str]], None], by_hand: str
          ) -> None:
    """Bring a data set's `places`, names in the data folder, there: all or nothing.

    get(aside, wanted) downloads those that are wanted into an empty folder. by_hand: the other way,
    for the error. One process at a time, of those that share the folder; a process that waited
    finds the data there. Raises OSError.
    """
    root = data_folder()
    if all((root / place).exists() for place in places):
        return
    with _alone(root, name), \
            tempfile.TemporaryDirectory(dir=root, prefix=f".fetch-{name}-") as aside:
        wanted = [place for place in places if not (root / place).exists()]
        try:
            if wanted:
                with _careful():
                    get(aside, wanted)
        except Exception as error:                                     # torchvision: many kinds
            full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            what = "make room on that disk" if full else "look at the connection"
            raise OSError(f"{name} could not be fetched ({in_one_line(error)}); nothing was kept: "
                          f"{what} and try again, or {by_hand}") from error
        for place in wanted:
            os.replace(Path(aside) / place, root / place)


@contextmanager
def _alone(root: Path, name: str) -> Iterator[None]:
    """Holds the lock on fetching `name`; clears away what a killed process left of it."""
    from filelock import FileLock
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / f".fetch-{name}.lock")
        lock.acquire()
    except OSError as error:
        raise OSError(error.errno, f"cannot write into {root}: {error.strerror}; set "
                      "ACAI_LITE_DATA to a folder that you may write to, or that has "
                      f"{name} in it") from error
    try:
        for left in root.glob(f".fetch-{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


@contextmanager
def _careful() -> Iterator[None]:
    """Downloads stop when a server is silent for PATIENCE seconds; archives may write nowhere but
    below their folder. torchvision gives neither a time limit nor a filter (tarfile has one since
    Python 3.11.4), so both are set around it."""
    patience, rule = socket.getdefaulttimeout(), tarfile.TarFile.__dict__.get("extraction_filter")
    archives: Any = tarfile.TarFile
    socket.setdefaulttimeout(PATIENCE)
    data_filter: Any = getattr(tarfile, "data_filter", None)
    archives.extraction_filter = staticmethod(data_filter)
    try:
        yield
    finally:
        socket.setdefaulttimeout(patience)
        archives.extraction_filter = rule


def get_svhn(aside: str, wanted: Sequence[str]) -> None:
    """Download files of SVHN into a folder, by torchvision's downloader, with its checksums."""
    from torchvision.datasets import SVHN
    from torchvision.datasets.utils import download_url
    for url, file, md5 in SVHN.split_list.values():
        if file in wanted:
            download_url(url, aside, file, md5)


def get_torchvision(kind: str, aside: str, wanted: Sequence[str]) -> None:
    """Download a whole set into a folder; kind: the name of its class in torchvision.datasets."""
    import torchvision.datasets as sets
    getattr(sets, kind)(aside, download=True)


def read_torchvision(kind: str, name: str, paths: Sequence[Path]) -> Parts:
    """MNIST, Fashion-MNIST or CIFAR-10, by torchvision's reader `kind`; 28x28 becomes 32x32, padded
    by 2 with background. paths: the set's folder. Raises ValueError, saying what to do, if it is
    damaged. CIFAR-10's files are pickles, opened once their checksums are right."""
    import torchvision.datasets as sets
    pixels, labels = [], []
    with blamed(paths[0], f"{name} in {paths[0]} is incomplete or damaged ({{why}}): delete that "
                f"folder and run `python -m acai_lite data fetch {name}`"):
        for train in (True, False):
            images, targets, classes = _split(getattr(sets, kind), paths[0].parent, train)
            pixels.append(images)
            labels.append(targets)
    return pixels[0], labels[0], pixels[1], labels[1], [c.split(" - ")[0] for c in classes]


def _split(official: Any, root: Path, train: bool) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    """(images, labels, class names) of one split, read file by file if it has files of equal size
    (CIFAR-10): torchvision holds twice what it reads at once."""
    lists = ("train_list", "test_list") if hasattr(official, "train_list") else ()
    files = getattr(official, lists[not train]) if lists else [None]
    labels = []
    for k, file in enumerate(files):
        only = {key: [file] if key == lists[not train] else [] for key in lists}
        part = type(official.__name__, (official,), only)(root, train=train)
        square = _square(torch.as_tensor(part.data))
        if k == 0:
            many = len(files) > 1
            images = square.new_empty((len(files), *square.shape)) if many else square[None]
        images[k] = square
        labels.append(torch.as_tensor(part.targets))
    images, targets = images.flatten(0, 1), torch.cat(labels)
    if images.shape[2:] != (32, 32) or targets.shape != (len(images),) \
            or not ((targets >= 0) & (targets < 10)).all():
        raise ValueError(f"images {tuple(images.shape)} and labels {tuple(targets.shape)} do not "
                         "fit together")
    return images, targets, part.classes


def _square(pixels: torch.Tensor) -> torch.Tensor:
    """(N,28,28) padded by 2 with the background 0, or (N,32,32,3) with colours first -> (N,C,32,32)
    uint8."""
    if pixels.ndim == 3:
        return torch.nn.functional.pad(pixels, (2, 2, 2, 2))[:, None]
    return pixels.permute(0, 3, 1, 2)
