"""The data sets: what the package knows of each by its name, and how each is read.

A new set is an entry of CATALOGUE and its reader here, and a test. A reader takes (name, paths) and
returns arrays as `ImageSet` takes them: images uint8 (N,C,32,32) or float32 in [-1, 1], labels.
"""
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from .arrays import joined, mat, npz
from .downloads import Parts, data_folder, fetch, get_svhn, get_torchvision, read_torchvision
from .folders import read_folder
from .packed import packed
from .records import blamed
from .validation import SIZE

NPZ = [*(f"train_data_batch_{k}.npz" for k in range(1, 11)), "val_data.npz"]     # ImageNet's files


@dataclass(frozen=True)
class DataSet:
    """One data set.

    colours: 1 or 3. dimensions: 2 for images, 1 for signals. statistics: mean and standard
    deviation of the training pixels in [-1, 1] (a test recomputes them from the data), or None:
    measured when they are needed. width, depth, code_size: the ACAI paper's, of an autoencoder for
    this set: latent width, depth of the first scale, size of a code.
    bundled: where a set without files comes from. files: names in the data folder; or find, a
    function of that folder that returns {name: path or None}. reader: (name, paths) -> parts; None:
    data.py draws it. get: (folder, wanted files), downloads them; None: only by hand. by_hand: how
    to get it without `get`; {root} stands for the data folder.
    """
    name: str
    colours: int = 1
    dimensions: int = 2
    statistics: tuple[float, float] | None = None
    width: int = 4
    depth: int = 16
    code_size: int = 32
    bundled: str = ""
    files: tuple[str, ...] = ()
    find: Callable[[Path], dict[str, Path | None]] | None = None
    reader: Callable[[str, list[Path]], Parts] | None = None
    get: Callable[[str, list[str]], None] | None = None
    by_hand: str = ""
    size = SIZE

    def found(self) -> dict[str, Path | None]:
        """{name of a file: its path, or None if it is absent}. Raises FileNotFoundError if there is
        no data folder."""
        if self.bundled:
            return {}
        root = data_folder()
        if self.find:
            return self.find(root)
        return {file: root / file if os.path.exists(root / file) else None for file in self.files}

    def where(self) -> str | None:
        """Where the set comes from, or None if one of its files is absent; reads no image."""
        try:
            paths = self.found().values()
        except FileNotFoundError:                                      # no data folder
            return None
        if None in paths:
            return None
        return self.bundled or os.path.commonpath([str(path) for path in paths])

    def how_to_get(self) -> str:
        """The command that fetches the set, or how to get it by hand."""
        return f"python -m acai_lite data fetch {self.name}" if self.get else self._by_hand()

    def read(self, download: bool = False) -> Parts:
        """The set's arrays. Raises FileNotFoundError if it is absent, saying how to get it, OSError
        if it cannot be fetched, ValueError if a file is damaged."""
        if download and self.get:
            fetch(self.name, self.files, self.get, self._by_hand())
        found = self.found()
        paths = [path for path in found.values() if path is not None]
        if len(paths) < len(found):
            lacking = [name for name, path in found.items() if path is None] if paths else []
            command = f"fetch it with `{self.how_to_get()}`, or " if self.get else ""
            raise FileNotFoundError(
                f"{', '.join(lacking)}{' of ' if lacking else ''}{self.name} is not in "
                f"{data_folder()}: {command}{self._by_hand()}, or set ACAI_LITE_DATA to a folder "
                "that has it in the same layout (data/README.md)")
        if self.reader is None:
            raise ValueError(f"{self.name} is drawn, not read: use acai_lite.load({self.name!r})")
        where = f" in {data_folder()}" if paths else ""
        with blamed(self.name, f"{self.name}{where} is damaged ({{why}}): {self._by_hand()}",
                    but=(ValueError, OSError)):                        # a reader's own says more
            return self.reader(self.name, paths)

    def _by_hand(self) -> str:
        try:
            return self.by_hand.format(root=data_folder())
        except FileNotFoundError:
            return self.by_hand.format(root="$ACAI_LITE_DATA")


def read_digits(name: str, paths: Sequence[Path]) -> Parts:
    """scikit-learn's 1,797 handwritten 8x8 digits, enlarged to 32x32; a fixed split, 1,437 to
    train, 360 to test."""
    from sklearn.datasets import load_digits
    bundle = load_digits()
    small = torch.from_numpy(bundle.images).float()[:, None] / 16
    large = torch.nn.functional.interpolate(small, size=SIZE, mode="bilinear", align_corners=False)
    images, labels = (large * 255).round().to(torch.uint8), torch.from_numpy(bundle.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    train, test = order[:1437], order[1437:]
    return images[train], labels[train], images[test], labels[test], "0123456789"


def read_terrain(name: str, paths: Sequence[Path]) -> Parts:
    """Real profiles of hills, west to east, (N,1,32): heights 90 m apart, from the grid of the
    Jacksboro fault in Tennessee that matplotlib bundles for its examples (344 x 403 heights in
    metres, every 3 arc-seconds). matplotlib names no source or licence of its own for it.

    A value is the height above the profile's own mean, in units of 400 m (they reach 370 m). No
    labels. The northern 240 rows train, a profile every 8 places; the southern 72 test, side by
    side; 32 rows between are left out, as neighbouring rows look alike. Raises FileNotFoundError
    for a matplotlib without its sample data."""
    import matplotlib
    path = Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz"
    if not path.exists():
        raise FileNotFoundError(f"{name} is not in {path.parent}: this matplotlib came without its "
                                "sample data; install the one from PyPI or conda-forge")
    with np.load(path, allow_pickle=False) as file:
        heights = torch.from_numpy(file["elevation"].astype(np.float32))
    parts = heights[:240].unfold(1, SIZE, 8), heights[272:].unfold(1, SIZE, SIZE)    # (rows,n,32)
    train, test = ((part - part.mean(2, keepdim=True)).reshape(-1, 1, SIZE) / 400 for part in parts)
    order = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))
    return train, None, test[order], None, ()


def read_svhn(name: str, paths: Sequence[Path]) -> Parts:
    """SVHN, cropped digits (Netzer et al. 2011): 73,257 to train, 26,032 to test; "svhn_extra" adds
    531,131 to train, as the ACAI paper does (its test images are the same). paths: the test file is
    the last. The file's label 10 is the digit 0 and becomes class 0."""
    def make() -> list[np.ndarray]:
        train, test = (joined(part, name, mat, 10) for part in (paths[:-1], paths[-1:]))
        for pixels, _ in (train, test):                                # columns first: turned here
            for start in range(0, len(pixels), 512):
                part = pixels[start:start + 512]
                part[:] = part.transpose(0, 1, 3, 2).copy()
        return [train[0], train[1] % 10, test[0], test[1] % 10]

    images, labels, tests, answers = packed(name, paths[0].parent, paths, "", make)
    return images, labels, tests, answers, "0123456789"


def find_imagenet32(root: Path) -> dict[str, Path | None]:
    """The release's eleven files, in imagenet32/ or one folder below it; or, if none is there, that
    folder with train/ and val/ in it."""
    folder = root / "imagenet32"
    found = {file: next((path for path in (folder / file, *sorted(folder.glob(f"*/{file}")))
                         if path.is_file()), None) for file in NPZ}
    if not any(found.values()) and (folder / "train").is_dir():
        return {"imagenet32": folder}
    return found


def read_imagenet32(name: str, paths: Sequence[Path]) -> Parts:
    """ImageNet at 32x32: the release's ten npz files and val_data.npz (Chrabaszcz et al. 2017;
    classes "1" to "1000" as its labels), or a folder with train/ and val/ with class folders of
    images of any size."""
    if len(paths) == 1:
        return read_folder(paths[0], colours=3)

    def make() -> list[np.ndarray]:
        train, test = (joined(part, name, npz, 1000) for part in (paths[:-1], paths[-1:]))
        return [train[0], train[1] - 1, test[0], test[1] - 1]

    images, labels, tests, answers = packed(name, data_folder() / "imagenet32", paths, "", make)
    return images, labels, tests, answers, [str(k) for k in range(1, 1001)]


def read_isun(name: str, paths: Sequence[Path]) -> Parts:
    """iSUN's 8,925 patches (papers that detect unknown images use them): no labels, a fixed fifth
    of them to test."""
    return read_folder(paths[0], colours=3)


_MAT = "(format 2) from http://ufldl.stanford.edu/housenumbers/ into {root}"

CATALOGUE = {entry.name: entry for entry in (
    DataSet("lines", statistics=(-0.9465, 0.2932), width=2, code_size=64, bundled="drawn"),
    DataSet("waves", dimensions=1, statistics=(0.0, 0.7058), bundled="drawn"),    # sizes: ours
    DataSet("digits", statistics=(-0.3903, 0.6467), bundled="bundled with scikit-learn",
            reader=read_digits),
    DataSet("terrain", dimensions=1, statistics=(0.0, 0.1600), bundled="bundled with matplotlib",
            reader=read_terrain),                                                # sizes: ours
    DataSet("mnist", statistics=(-0.7999, 0.5504), files=("MNIST",),
            reader=partial(read_torchvision, "MNIST"), get=partial(get_torchvision, "MNIST"),
            by_hand="download its four files from https://ossci-datasets.s3.amazonaws.com/mnist/ "
                    "and unpack them into {root}/MNIST/raw"),
    DataSet("fashion_mnist", statistics=(-0.5620, 0.6636), files=("FashionMNIST",),
            reader=partial(read_torchvision, "FashionMNIST"),
            get=partial(get_torchvision, "FashionMNIST"),
            by_hand="download its four files from "
                    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/ and unpack them "
                    "into {root}/FashionMNIST/raw"),
    DataSet("cifar10", 3, statistics=(-0.0533, 0.5031), depth=64, code_size=256,
            files=("cifar-10-batches-py",), reader=partial(read_torchvision, "CIFAR10"),
            get=partial(get_torchvision, "CIFAR10"),
            by_hand="download https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz and unpack "
                    "it in {root}"),
    DataSet("svhn", 3, depth=64, files=("train_32x32.mat", "test_32x32.mat"), reader=read_svhn,
            get=get_svhn, by_hand=f"download train_32x32.mat and test_32x32.mat {_MAT}"),
    DataSet("svhn_extra", 3, depth=64, reader=read_svhn, get=get_svhn,
            files=("train_32x32.mat", "extra_32x32.mat", "test_32x32.mat"),
            by_hand=f"download train_32x32.mat, extra_32x32.mat and test_32x32.mat {_MAT}"),
    DataSet("imagenet32", 3, depth=64, code_size=256, find=find_imagenet32,      # sizes: CIFAR-10's
            reader=read_imagenet32,
            by_hand="log in at https://image-net.org/download-images, get Imagenet32_train_npz.zip "
                    "and Imagenet32_val_npz.zip (the npz files: the others are pickles, which "
                    "could run code) and unpack both in {root}/imagenet32, or put ImageNet's "
                    "train/ and val/ with class folders there"),
    DataSet("isun", 3, depth=64, code_size=256, files=("iSUN",), reader=read_isun,
            by_hand="download iSUN.tar.gz, linked at https://github.com/facebookresearch/odin, and "
                    "unpack it in {root}, so that the images are in {root}/iSUN/iSUN_patches"),
)}


def data_sets() -> dict[str, str | None]:
    """{name: where it comes from, or None if a file of it is absent}; reads no image."""
    return {name: entry.where() for name, entry in CATALOGUE.items()}


def how_to_get(name: str) -> str:
    """The command that fetches a set, or how to get it by hand."""
    return CATALOGUE[name].how_to_get()
