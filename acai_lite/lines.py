"""The ruler: scores of paths of line images. Waves: waves.py; other images: image_paths.py."""
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch

from .drawing import draw_lines
from .files.progress import watched
from .interpolation import interpolate_images

DICTIONARY = 10_000                             # lines that an image is compared with, at angles 2 pi k / 10,000


@dataclass(frozen=True)
class LineScores:
    """mean_distance: cosine distance to the nearest line, averaged over all frames (0 is perfect). smoothness: excess of
    the largest step over an even one, averaged over paths (0 is perfect; not bounded by 1; NaN if no path moves).
    distances (K,T), angles (K,T) in [0, 2 pi): the nearest line of every frame."""
    mean_distance: float
    smoothness: float
    distances: torch.Tensor = field(repr=False, compare=False)
    angles: torch.Tensor = field(repr=False, compare=False)


@lru_cache(maxsize=1)
def _dictionary():
    """Ink (10000,1024) float32 of every line (its pixels + 1: mostly zeros), its sum and the line's length, float64."""
    lines = draw_lines(torch.arange(DICTIONARY, dtype=torch.float64) * (2 * np.pi / DICTIONARY)).flatten(1)
    lengths = torch.cat([part.double().norm(dim=1) for part in lines.split(1000)])
    ink = lines.add_(1)
    return ink, ink.sum(1).double(), lengths


def _nearest(images):
    """(n,1024) -> cosine distance (n,) float64 and index (n,) of the nearest line in the dictionary.

    One float32 matrix product of inks finds the neighbourhood, since <y, D> = <y + 1, D + 1> - sum(y) - sum(D + 1); its
    eight lines either way are compared again in float64, as good paths score 1e-7, below float32's resolution.
    """
    ink, inks, lengths = _dictionary()
    y = images.double()                                                # (n,1024), given a line's length: cosines stay
    y = y * (32 / y.norm(dim=1, keepdim=True).clamp(min=1e-300))
    total = y.sum(1, keepdim=True)                                     # (n,1)
    product = ((y.float() + 1) @ ink.T).double()                          # (n,10000)
    product.sub_(total).sub_(inks).div_(lengths)
    around = product.argmax(1, keepdim=True) + torch.arange(-8, 9)     # (n,17)
    around %= DICTIONARY
    close = torch.stack([ink[near].double() @ one for near, one in zip(around, y, strict=True)]) - total   # <D, y>, (n,17)
    cosine = close / lengths[around] / 32
    cosine, place = cosine.max(1)
    nearest = around.gather(1, place[:, None])[:, 0]
    return 1 - cosine, nearest.where(images.any(1), 0)                 # zeros: 1 from every line; the first


@torch.no_grad()
def line_scores(frames):
    """Mean distance and smoothness of paths of line images (ACAI paper, section 3.2; `line_eval` of the authors' code).

    frames: (K,T,1,32,32), K paths of T >= 2 images, raw and unclipped. A path whose two ends are less than 1e-4 radians
    apart has no smoothness; such paths count as 0 unless all are such, as in the authors' code. Neither score notices a
    path that takes the long way round. Returns `LineScores`. Raises ValueError for another shape, NaN or infinity.
    """
    distances, nearest = look_up(frames, (1, 32, 32), _nearest)
    angles = nearest.double() * (2 * np.pi / DICTIONARY)
    unwrapped = np.unwrap(angles.numpy(), axis=1)                      # jumps of more than pi are turns the other way
    return LineScores(float(distances.mean()), smoothness_of(unwrapped), distances, angles)


def look_up(frames, shape, nearest):
    """Frames (K,T,*shape) -> distance (K,T) and index (K,T) of what `nearest`, (n,d) -> (n,), (n,), finds for each."""
    frames = torch.as_tensor(frames).detach().cpu()
    if frames.ndim < 3 or tuple(frames.shape[2:]) != shape or frames.shape[0] < 1 or frames.shape[1] < 2:
        raise ValueError(f"frames must have shape (K, T, {', '.join(map(str, shape))}) with K >= 1 and T >= 2; "
                         f"got {tuple(frames.shape)}")
    if not torch.isfinite(frames).all():
        raise ValueError("frames contain NaN or infinity")
    found = [nearest(part) for part in watched(frames.flatten(0, 1).flatten(1).float().split(64), 64)]
    return [torch.cat(parts).view(frames.shape[:2]) for parts in zip(*found, strict=True)]


def smoothness_of(places):
    """Places (K,T) that do not wrap around -> the excess of the largest step over an even one, averaged over paths."""
    steps, total = np.abs(np.diff(places, axis=1)).max(1), np.abs(places[:, -1] - places[:, 0])
    moved = total >= 1e-4
    excess = steps[moved] / total[moved] - 1 / (places.shape[1] - 1)
    return float(excess.sum() / len(moved)) if moved.any() else float("nan")


@dataclass(frozen=True)
class ModelLineScores(LineScores):
    """`LineScores` of a model's own paths. end_error: mean squared error of the end frames against the true end images;
    without it a model that draws one line for everything looks perfect."""
    end_error: float = float("nan")


@torch.no_grad()
def score_lines(model, images, pairs=256, steps=16):
    """The paper's protocol: the first 2 * pairs test lines, line i joined to line i + pairs by `steps` decoded codes."""
    frames, end_error = own_paths(model, images, pairs, steps)
    scores = line_scores(frames)
    return ModelLineScores(scores.mean_distance, scores.smoothness, scores.distances, scores.angles, end_error)


@torch.no_grad()
def own_paths(model, images, pairs=256, steps=16):
    """Frames (pairs,steps,*image) between test image i and i + pairs, and the mean squared error of their two ends."""
    x0, x1 = images.test_images[:pairs], images.test_images[pairs:2 * pairs]
    weight = next(model.parameters())
    frames = interpolate_images(model, x0.to(weight), x1.to(weight), steps).cpu().float()
    return frames, float(((frames[:, 0] - x0).square().mean() + (frames[:, -1] - x1).square().mean()) / 2)
