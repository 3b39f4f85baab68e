"""Where data lie, and how they get there: all or nothing, by torchvision's own downloaders."""
import errno
import os
import shutil
import socket
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path

import torch

from .checkout import checkout
from .records import in_one_line

PATIENCE = 30                                   # seconds that a download server may be silent
TORCHVISION = {"mnist": ("MNIST", "MNIST"), "fashion_mnist": ("FashionMNIST", "FashionMNIST"),
               "cifar10": ("CIFAR10", "cifar-10-batches-py")}          # name: torchvision's class, its folder
SVHN = {"svhn": ("train_32x32.mat", "test_32x32.mat"),
        "svhn_extra": ("train_32x32.mat", "extra_32x32.mat", "test_32x32.mat")}     # the test file is the last
BY_HAND = {
    "mnist": "download its four files from https://ossci-datasets.s3.amazonaws.com/mnist/ and unpack them into "
             "{root}/MNIST/raw",
    "fashion_mnist": "download its four files from http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/ and unpack "
                     "them into {root}/FashionMNIST/raw",
    "cifar10": "download https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz and unpack it in {root}",
    "svhn": "download train_32x32.mat and test_32x32.mat (format 2) from http://ufldl.stanford.edu/housenumbers/ into "
            "{root}",
    "svhn_extra": "download train_32x32.mat, extra_32x32.mat and test_32x32.mat (format 2) from "
                  "http://ufldl.stanford.edu/housenumbers/ into {root}",
    "imagenet32": "log in at https://image-net.org/download-images, get Imagenet32_train_npz.zip and Imagenet32_val_npz.zip "
                  "(the npz files: the others are pickles, which could run code) and unpack both in {root}/imagenet32, or "
                  "put ImageNet's train/ and val/ with class folders there",
    "isun": "download iSUN.tar.gz, linked at https://github.com/facebookresearch/odin, and unpack it in {root}, so that the "
            "images are in {root}/iSUN/iSUN_patches"}


def data_folder():
    """Folder of the downloads, in torchvision's layout: $ACAI_LITE_DATA, else `data/` of the checkout."""
    place = os.environ.get("ACAI_LITE_DATA")
    return Path(os.path.expanduser(place)) if place else checkout() / "data"


def absent(name, files=()):
    """The error for a set that is not there, or of which these files are not: how to get it, by command or by hand."""
    what = f"{', '.join(files)} of {name}" if files else name
    by_command = f"fetch it with `python -m acai_lite data fetch {name}`, or " if name in (*TORCHVISION, *SVHN) else ""
    return FileNotFoundError(f"{what} is not in {data_folder()}: {by_command}{by_hand(name)}, or set ACAI_LITE_DATA to a "
                             "folder that has it in the same layout (data/README.md)")


def by_hand(name):
    return BY_HAND[name].format(root=data_folder())


def _fetch(name, places, get):
    """`get(aside)` downloads into an empty folder; then `places`, names in it, move into the data folder: all or nothing.

    One process at a time, of those that share the folder; who waited finds the data there. Raises OSError.
    """
    root = data_folder()
    if all((root / place).exists() for place in places):
        return
    with _alone(root, name), tempfile.TemporaryDirectory(dir=root, prefix=f".fetch-{name}-") as aside:
        wanted = [place for place in places if not (root / place).exists()]
        try:
            if wanted:
                with _careful():
                    get(aside, wanted)
        except Exception as error:                                     # torchvision raises many kinds here, too
            full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            what = "make room on that disk" if full else "look at the connection"
            raise OSError(f"{name} could not be fetched ({in_one_line(error)}); nothing was kept: {what} and try again, or "
                          f"{by_hand(name)}") from error
        for place in wanted:
            os.replace(Path(aside) / place, root / place)


@contextmanager
def _alone(root, name):
    """Holds the lock on fetching `name`; clears away what a killed process left of it."""
    from filelock import FileLock
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / f".fetch-{name}.lock")
        lock.acquire()
    except OSError as error:
        raise OSError(error.errno, f"cannot write into {root}: {error.strerror}; set ACAI_LITE_DATA to a folder that you "
                      f"may write to, or that has {name} in it") from error
    try:
        for left in root.glob(f".fetch-{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


@contextmanager
def _careful():
    """Downloads stop when a server is silent for PATIENCE seconds; archives may write nowhere but below their folder.

    torchvision gives neither a time limit nor a filter (tarfile has one since Python 3.11.4), so both are set around it."""
    patience, rule = socket.getdefaulttimeout(), tarfile.TarFile.__dict__.get("extraction_filter")
    socket.setdefaulttimeout(PATIENCE)
    tarfile.TarFile.extraction_filter = staticmethod(getattr(tarfile, "data_filter", None))
    try:
        yield
    finally:
        socket.setdefaulttimeout(patience)
        tarfile.TarFile.extraction_filter = rule


def fetch_svhn(name):
    """Download the files of "svhn" or "svhn_extra" that are not there, by torchvision's downloader, with its checksums."""
    from torchvision.datasets import SVHN as Official
    from torchvision.datasets.utils import download_url
    sources = {file: (url, md5) for url, file, md5 in Official.split_list.values()}

    def get(aside, wanted):
        for file in wanted:
            url, md5 = sources[file]
            download_url(url, aside, file, md5)

    _fetch(name, SVHN[name], get)


def read_torchvision(name, download):
    """(training images (N,C,32,32) uint8, labels, test images, labels, class names), as `load` needs them."""
    import torchvision.datasets as sets
    kind, folder = TORCHVISION[name]
    official = getattr(sets, kind)
    root, fetch = data_folder(), f"python -m acai_lite data fetch {name}"
    if download:
        _fetch(name, [folder], lambda aside, wanted: official(aside, download=True))
    if not (root / folder).exists():
        raise absent(name)
    pixels, labels = [], []
    try:
        for train in (True, False):
            images, targets, classes = _split(official, root, train)
            pixels.append(images)
            labels.append(targets)
    except Exception as error:                                         # torchvision raises many kinds for a bad file
        raise ValueError(f"{name} in {root / folder} is incomplete or damaged ({in_one_line(error)}): delete that folder "
                         f"and run `{fetch}`") from error
    return pixels[0], labels[0], pixels[1], labels[1], [c.split(" - ")[0] for c in classes]


def _split(official, root, train):
    """(images, labels, class names) of one split, read file by file if it has files of equal size (CIFAR-10): torchvision
    holds twice what it reads at once."""
    lists = ("train_list", "test_list") if hasattr(official, "train_list") else ()
    files = getattr(official, lists[not train]) if lists else [None]
    images, labels = None, []
    for k, file in enumerate(files):
        only = {key: [file] if key == lists[not train] else [] for key in lists}
        part = type(official.__name__, (official,), only)(root, train=train)
        square = _square(torch.as_tensor(part.data))
        if images is None:
            images = square.new_empty((len(files), *square.shape)) if len(files) > 1 else square[None]
        images[k] = square
        labels.append(torch.as_tensor(part.targets))
    images, labels = images.flatten(0, 1), torch.cat(labels)
    if images.shape[2:] != (32, 32) or labels.shape != (len(images),) or not ((labels >= 0) & (labels < 10)).all():
        raise ValueError(f"images {tuple(images.shape)} and labels {tuple(labels.shape)} do not fit together")
    return images, labels, part.classes


def _square(pixels):
    """(N,28,28) padded by 2 with the background 0, or (N,32,32,3) with colours first -> (N,C,32,32) uint8."""
    return torch.nn.functional.pad(pixels, (2, 2, 2, 2))[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
