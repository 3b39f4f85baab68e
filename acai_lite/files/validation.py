"""What is looked at once, at the door: numbers that are settings; of whole sets of images, shape,
type, range and labels."""
import math
from typing import Any

import numpy as np
import torch

SIZES = (16, 32, 64, 128)  # of images, in pixels
SIZE = 32                  # of signals, and of the images of every set that has a name


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf,
           above: bool = False, below: bool = False) -> float:
    """A setting as a plain float in [low, high]; above, below: without that end. NumPy's and
    torch's numbers are taken, too. Raises ValueError, naming what was got."""
    found = plain(value)
    if (type(found) not in (int, float) or not math.isfinite(found)
            or not (low < found if above else low <= found)
            or not (found < high if below else found <= high)):
        ends = f"{'more than' if above else 'at least'} {low:g}" if low > -math.inf else ""
        if high < math.inf:
            ends += f"{' and ' if ends else ''}{'below' if below else 'at most'} {high:g}"
        raise ValueError(f"{name} must be a number{', ' + ends if ends else ''}; got {value!r}")
    return float(found)


def whole(name: str, value: Any, low: int, high: float = math.inf) -> int:
    """A setting as a plain int in [low, high]. Raises ValueError, naming what was got."""
    found = plain(value)
    if type(found) is not int or not low <= found <= high:
        most = "" if high == math.inf else f" and at most {high}"
        raise ValueError(f"{name} must be a whole number, at least {low}{most}; got {value!r}")
    return found


def plain(value: Any) -> Any:
    """A number of NumPy or torch as Python's own; anything else as it is."""
    if isinstance(value, np.generic) or torch.is_tensor(value) and value.numel() == 1:
        return value.item()
    return value


def checked_images(where: str, images: Any, places: bool = False) -> torch.Tensor:
    """Images as a tensor, uint8 in 0..255 or float32 in [-1, 1], (N,C,S,S) or signals (N,C,32); the
    only place where a whole set is looked at. where: the set and the split, for errors. places: not
    images but what they are drawn from, (N,). Raises TypeError or ValueError, naming what was got.
    """
    if not torch.is_tensor(images):
        images = np.asarray(images)
        if images.dtype.kind not in "buif":
            raise TypeError(f"{where}: images must be an array or a tensor of numbers; "
                            f"got {images.dtype}")
        images = torch.as_tensor(images)
    if len(images) == 0:
        raise ValueError(f"{where}: the set is empty")
    if places:
        return images
    sides = {*images.shape[2:]}
    square = images.ndim == 4 and len(sides) == 1 and sides <= {*SIZES}
    if not (square or images.ndim == 3 and sides == {SIZE}) or images.shape[1] not in (1, 3):
        raise ValueError(f"{where}: signals must have shape (N, 1 or 3, {SIZE}), images must have "
                         f"shape (N, 1 or 3, S, S), S one of {', '.join(map(str, SIZES))}; "
                         f"got {tuple(images.shape)}")
    if images.dtype == torch.float32:
        low, high = float(images.min()), float(images.max())
        if not (-1 <= low and high <= 1):                              # also refuses NaN
            raise ValueError(f"{where}: float images must lie in [-1, 1]; "
                             f"got {low:.4g} to {high:.4g}")
    elif images.dtype != torch.uint8:
        raise TypeError(f"{where}: images must be uint8 in 0..255 or float32 in [-1, 1]; "
                        f"got {images.dtype}")
    return images


def checked_labels(where: str, labels: Any, images: int, classes: int) -> torch.Tensor:
    """Labels as a tensor (N,) int64. images: N. classes: how many have a name, 0 for none. Raises
    TypeError or ValueError."""
    labels = torch.as_tensor(np.asarray(labels))
    if labels.is_floating_point() or labels.is_complex():
        raise TypeError(f"{where}: labels must be integers; got {labels.dtype}")
    labels = labels.long()
    if labels.shape != (images,):
        raise ValueError(f"{where}: {images} images need labels of shape ({images},); "
                         f"got {tuple(labels.shape)}")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or classes and high >= classes:
        raise ValueError(f"{where}: labels must be 0 or more, and below the number of class names, "
                         f"{classes}; got {low} to {high}")
    return labels
