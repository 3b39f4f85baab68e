"""Where data lie, and how they get there: all or nothing, by torchvision's own downloaders."""
import os
import tempfile
from pathlib import Path

import torch

TORCHVISION = {"mnist": ("MNIST", "MNIST"), "fashion_mnist": ("FashionMNIST", "FashionMNIST"),
               "cifar10": ("CIFAR10", "cifar-10-batches-py")}          # name: torchvision's class, its folder


def checkout():
    """Folder of the checkout: the first one with a pyproject.toml, walking up from this file and then from here."""
    for start in (Path(__file__).resolve(), Path.cwd().resolve() / "x"):
        for folder in start.parents:
            if (folder / "pyproject.toml").exists() and (folder / "acai_lite").is_dir():
                return folder
    raise FileNotFoundError("no checkout of acai_lite found above this package or the current folder: "
                            "set ACAI_LITE_DATA to a folder for the data, or work inside the checkout")


def data_folder():
    """Folder of the downloads, in torchvision's layout: $ACAI_LITE_DATA, else `data/` of the checkout."""
    return Path(os.environ["ACAI_LITE_DATA"]).expanduser() if os.environ.get("ACAI_LITE_DATA") else checkout() / "data"


def read_torchvision(name, download):
    """(training images (N,C,32,32) uint8, labels, test images, labels, class names), as `load` needs them."""
    import torchvision.datasets as sets
    kind, folder = TORCHVISION[name]
    root, fetch = data_folder(), f"python -m acai_lite data fetch {name}"
    if download and not (root / folder).exists():                      # all or nothing: fetched aside, then moved in
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".fetch-") as aside:
            try:
                getattr(sets, kind)(aside, download=True)
            except Exception as error:                                 # torchvision raises many kinds here, too
                raise OSError(f"{name} could not be fetched ({' '.join(str(error).split())}); nothing was kept: "
                              "look at the connection and try again") from error
            os.replace(Path(aside) / folder, root / folder)
    if not (root / folder).exists():
        raise FileNotFoundError(f"{name} is not in {root}: fetch it with `{fetch}`, or set ACAI_LITE_DATA to a folder "
                                "that has it in torchvision's layout")
    pixels, labels = [], []
    try:
        for train in (True, False):                                    # one at a time, to keep memory small
            part = getattr(sets, kind)(root, train=train)
            pixels.append(_square(torch.as_tensor(part.data)))
            labels.append(torch.as_tensor(part.targets))
    except Exception as error:                                         # torchvision raises many kinds for a bad file
        raise ValueError(f"{name} in {root / folder} is incomplete or damaged ({error}): delete that folder and run "
                         f"`{fetch}`") from error
    return pixels[0], labels[0], pixels[1], labels[1], [c.split(" - ")[0] for c in part.classes]


def _square(pixels):
    """(N,28,28) padded by 2 with the background 0, or (N,32,32,3) with colours first -> (N,C,32,32) uint8."""
    return torch.nn.functional.pad(pixels, (2, 2, 2, 2))[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
