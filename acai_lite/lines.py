"""The ruler: scores of paths of line images. Waves: waves.py; other images: image_paths.py."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from .autoencoders import Model
from .data import ImageSet
from .drawing import draw_lines
from .files.progress import watched
from .interpolation import interpolate_images

DICTIONARY = 10_000               # lines that an image is compared with, at angles 2 pi k / 10,000
EDGES = (0, 30, 60, 90, 120, 150, 180)          # degrees between two lines, the short way
KNOWN = 1e-3                     # a set whose images are further from the dictionary is another one

Nearest = Callable[[Tensor], tuple[Tensor, Tensor]]          # (n,d) -> distance (n,) and index (n,)


@dataclass(frozen=True)
class LineScores:
    """mean_distance: cosine distance to the nearest line, averaged over all frames (0 is perfect).
    smoothness: how much larger the largest step is than an even one, averaged over paths (0 is
    perfect; not bounded by 1; NaN if no path moves). distances (K,T), angles (K,T) in [0, 2 pi): of
    the nearest line of every frame."""
    mean_distance: float
    smoothness: float
    distances: Tensor = field(repr=False, compare=False)
    angles: Tensor = field(repr=False, compare=False)


def nearest_line(images: Tensor) -> tuple[Tensor, Tensor]:
    """dist(y) = min_k (1 - cos(y, D_k)), (N,) float64, and k (N,), of images y (N,1,32,32).

    D_k: 10,000 lines. This is the definition; `line_scores` gets there faster (within 1e-9).
    """
    angles = torch.arange(DICTIONARY, dtype=torch.float64) * (2 * torch.pi / DICTIONARY)
    d = normalize(draw_lines(angles).flatten(1).double())              # (10000,1024), of length 1
    y = normalize(images.cpu().flatten(1).double(), eps=1e-300)        # (N,1024)
    distances, k = (1 - y @ d.T).min(dim=1)
    return distances, k


@lru_cache(maxsize=1)
def _dictionary():
    """Of every line: ink (10000,1024) float32 (pixels + 1: mostly zeros), its sum, the line's
    length."""
    angles = torch.arange(DICTIONARY, dtype=torch.float64) * (2 * np.pi / DICTIONARY)
    lines = draw_lines(angles).flatten(1)
    lengths = torch.cat([part.double().norm(dim=1) for part in lines.split(1000)])
    ink = lines.add_(1)
    return ink, ink.sum(1).double(), lengths


def _nearest(images):
    """`nearest_line` of (n,1024), faster.

    One float32 matrix product of inks finds the neighbourhood, since <y, D> = <y + 1, D + 1> -
    sum(y) - sum(D + 1). Its eight lines on either side are compared again in float64, as good paths
    score 1e-7, below float32's resolution.
    """
    ink, inks, lengths = _dictionary()
    y = images.double()
    y = y * (32 / y.norm(dim=1, keepdim=True).clamp(min=1e-300))     # a line's length: cosines stay
    total = y.sum(1, keepdim=True)                                     # (n,1)
    product = ((y.float() + 1) @ ink.T).double()                       # (n,10000)
    product.sub_(total).sub_(inks).div_(lengths)
    around = product.argmax(1, keepdim=True) + torch.arange(-8, 9)     # (n,17)
    around %= DICTIONARY
    close = torch.stack([ink[near].double() @ one for near, one in zip(around, y, strict=True)])
    cosine = (close - total) / lengths[around] / 32                 # close - total = <D, y>, (n,17)
    cosine, place = cosine.max(1)
    nearest = around.gather(1, place[:, None])[:, 0]
    return 1 - cosine, nearest.where(images.any(1), 0)       # zeros: 1 from every line; the first


@torch.no_grad()
def line_scores(frames: Tensor | np.ndarray) -> LineScores:
    """Mean distance and smoothness of paths of line images (ACAI paper, section 3.2; `line_eval` of
    the authors' code).

    frames: (K,T,1,32,32), K paths of T >= 2 images, raw and unclipped. A path whose endpoints are
    less than 1e-4 radians apart has no smoothness; such paths count as 0 unless all are such, as in
    the authors' code. Neither score notices a path that takes the long way round. Raises ValueError
    for another shape, NaN or infinity.
    """
    distances, nearest = look_up(frames, (1, 32, 32), _nearest)
    angles = nearest.double() * (2 * np.pi / DICTIONARY)
    unwrapped = np.unwrap(angles.numpy(), axis=1)         # jumps of more than pi turn the other way
    return LineScores(float(distances.mean()), smoothness_of(unwrapped), distances, angles)


def look_up(frames: Tensor | np.ndarray, shape: tuple[int, ...],
            nearest: Nearest) -> tuple[Tensor, Tensor]:
    """Distance (K,T) and index (K,T) of what `nearest` finds for each of the frames
    (K,T,*shape)."""
    frames = torch.as_tensor(frames).detach().cpu()
    if frames.ndim < 3 or tuple(frames.shape[2:]) != shape or frames.shape[0] < 1 \
            or frames.shape[1] < 2:
        raise ValueError(f"frames must have shape (K, T, {', '.join(map(str, shape))}) with K >= 1 "
                         f"and T >= 2; got {tuple(frames.shape)}")
    if not torch.isfinite(frames).all():
        raise ValueError("frames contain NaN or infinity")
    parts = watched(frames.flatten(0, 1).flatten(1).float().split(64), 64)
    distances, indices = zip(*map(nearest, parts), strict=True)
    return torch.cat(distances).view(frames.shape[:2]), torch.cat(indices).view(frames.shape[:2])


def smoothness_of(places: np.ndarray) -> float:
    """How much larger the largest step is than an even one, averaged over paths: places (K,T) on a
    scale that does not wrap around."""
    steps = np.abs(np.diff(places, axis=1)).max(1)
    total = np.abs(places[:, -1] - places[:, 0])
    moved = total >= 1e-4
    excess = steps[moved] / total[moved] - 1 / (places.shape[1] - 1)
    return float(excess.sum() / len(moved)) if moved.any() else float("nan")


@dataclass(frozen=True)
class ModelLineScores(LineScores):
    """`LineScores` of a model's own paths. end_error: mean squared error of first and last
    frames against the true images; without it a model that decodes everything to one line looks
    perfect."""
    end_error: float = float("nan")


@torch.no_grad()
def score_lines(model: Model, images: ImageSet, pairs: int = 256, steps: int = 16,
                path: str = "linear", centre: Tensor | None = None) -> ModelLineScores:
    """The paper's protocol: test line i of a set is joined to line i + pairs by `steps` decoded
    codes, along a straight path, or another of `interpolate`. Raises ValueError for a set of
    anything but lines, or of fewer than 2 * pairs."""
    refuse_others(images, "lines", (1, 32, 32), _nearest)
    frames, end_error = own_paths(model, images, pairs, steps, path, centre)
    scores = line_scores(frames)
    return ModelLineScores(scores.mean_distance, scores.smoothness, scores.distances, scores.angles,
                           end_error)


class CodeDimension(NamedTuple):
    """effective_dimension: participation ratio 1 / sum p^2 of the shares p of the variance that
    the principal components of a set of codes have, in [1, Z]. top_two_share: p of the first two
    together, in (0, 1]. A plane circle has 2 and 1."""
    effective_dimension: float
    top_two_share: float


def code_dimension(codes: Tensor) -> CodeDimension:
    """How many directions a set of codes (N,*code) takes up.

    For lines, take codes of evenly spaced angles. Raises ValueError for fewer than two codes, for
    codes that are all the same, and for NaN or infinity.
    """
    z = codes.detach().cpu().flatten(1).double()                       # (N,Z)
    if len(z) < 2 or not torch.isfinite(z).all():
        raise ValueError(f"codes must be two or more, without NaN or infinity; got {len(z)} of "
                         f"shape {tuple(codes.shape[1:])}")
    variances = torch.linalg.svdvals(z - z.mean(0)).square()           # of the components
    if not variances.sum() > 1e-24 * z.square().sum():
        raise ValueError("the codes are all the same: they have no dimension")
    shares = variances / variances.sum()
    return CodeDimension(float(1 / shares.square().sum()), float(shares[:2].sum()))


@torch.no_grad()
def lines_dimension(model: Model, count: int = 720) -> CodeDimension:
    """`code_dimension` of what the model's encoder makes of `count` lines at evenly spaced
    angles."""
    angles = torch.arange(count, dtype=torch.float64) * (2 * torch.pi / count)
    weight = next(model.parameters())
    return code_dimension(torch.cat([model.encode(part.to(weight))
                                     for part in draw_lines(angles).split(64)]))


def line_results(model: Model, images: ImageSet) -> dict[str, float]:
    """What a receipt keeps of a model of lines: mean_distance, smoothness and end_error of
    `score_lines`, effective_dimension and top_two_share of `lines_dimension` (NaN for a model with
    one code for all lines)."""
    scores = score_lines(model, images)
    try:
        dimension = lines_dimension(model)
    except ValueError:
        dimension = CodeDimension(float("nan"), float("nan"))
    return {"mean_distance": scores.mean_distance, "smoothness": scores.smoothness,
            "end_error": scores.end_error, **dimension._asdict()}


class AngleBin(NamedTuple):
    """The paths whose endpoints lie from `low` to `high` degrees apart: how many move at all, and
    their scores (NaN if none does)."""
    low: float
    high: float
    paths: int
    smoothness: float
    mean_distance: float


def by_angle(scores: LineScores, edges: Sequence[float] = EDGES) -> list[AngleBin]:
    """The scores of paths by the angle between their decoded endpoints, the short way, in
    [0, 180] degrees. Raises ValueError for fewer than two edges, or edges that do not rise."""
    if len(edges) < 2 or list(edges) != sorted(set(edges)):
        raise ValueError(f"edges must be two or more rising angles in degrees; got {edges}")
    path = np.unwrap(scores.angles.numpy(), axis=1)
    way = path[:, -1] - path[:, 0]
    apart = np.degrees(np.abs((way + np.pi) % (2 * np.pi) - np.pi))
    found = []
    for low, high in zip(edges, edges[1:], strict=False):
        here = (apart >= low) & ((apart < high) | (high == edges[-1])) & (np.abs(way) >= 1e-4)
        distances = scores.distances.numpy()[here]
        found.append(AngleBin(low, high, int(here.sum()),
                              smoothness_of(path[here]) if here.any() else float("nan"),
                              float(distances.mean()) if here.any() else float("nan")))
    return found


def straight_limit(angles: Tensor | np.ndarray | float, steps: int = 16) -> Tensor:
    """The smoothness of a straight path whose endpoints lie on a plane circle, `angles` radians
    apart, each in (0, pi), if the decoder projects each of its `steps` places onto the circle
    along the radius: no straight path on a circle of codes is smoother.

    The place t has the angle atan((2t - 1) tan(angle / 2)). At angle = pi the path meets the
    centre, and everything is one step. Averaged over even angles: 0.077 for 16 places.
    """
    half = torch.as_tensor(angles, dtype=torch.float64)[..., None] / 2
    places = torch.atan((2 * torch.linspace(0, 1, steps, dtype=torch.float64) - 1) * half.tan())
    return places.diff().amax(-1) / (2 * half[..., 0]) - 1 / (steps - 1)


def refuse_others(images: ImageSet, kind: str, shape: tuple[int, ...], nearest: Nearest) -> None:
    """Raises ValueError unless test images are of the `kind` that a ruler measures: of that shape,
    and close to what `nearest` finds (256 of them are looked at)."""
    x = images.test_images
    if x is None or tuple(x.shape[1:]) != shape:
        got = "no test images" if x is None else f"images of shape {tuple(x.shape[1:])}"
    else:
        distance = float(nearest(x[::-(-len(x) // 256)].flatten(1))[0].mean())
        if distance <= KNOWN:
            return
        got = f"images at a mean distance of {distance:.2g} from the nearest of them"
    raise ValueError(f"{images.name}: score_{kind} measures paths of {kind} alone; got {got}")


@torch.no_grad()
def own_paths(model: Model, images: ImageSet, pairs: int, steps: int, path: str = "linear",
              centre: Tensor | None = None) -> tuple[Tensor, float]:
    """Frames (pairs,steps,*image) between test image i and i + pairs, and the mean squared error of
    their endpoints. Raises ValueError for fewer than 2 * pairs test images, or no pair."""
    x = images.test_images
    count = 0 if x is None else len(x)
    if x is None or not 1 <= pairs <= count // 2:
        raise ValueError(f"{images.name}: {pairs} pairs take 2 * {pairs} test images, for 1 pair "
                         f"or more; got {count} test images")
    x0, x1 = x[:pairs], x[pairs:2 * pairs]
    weight = next(model.parameters())
    frames = interpolate_images(model, x0.to(weight), x1.to(weight), steps, path, centre)
    frames = frames.cpu().float()
    error = (frames[:, 0] - x0).square().mean() + (frames[:, -1] - x1).square().mean()
    return frames, float(error / 2)
