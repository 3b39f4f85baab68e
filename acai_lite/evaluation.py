"""Scores: how good a path of line images is, and what a code knows. Waves: waves.py; other images: paths.py."""
import warnings
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch

from .drawing import draw_lines
from .interpolation import interpolate_images
from .support.progress import watched

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


@torch.no_grad()
def encode_all(model, images, batch=100, what="codes"):
    """What a model says of every one of `Images`, or of a tensor (N,C,32,32): (N, d) float32 on the CPU.

    what: "codes", `encode(x)` (VAE: the mean); "features", what the paper's probe reads (VAE: the layer before the mean,
    VQ-VAE: after the codebook, others: the code); "samples", codes with the noise that a VAE draws (the paper clusters
    these; other methods: the code), the same noise in every call. Raises ValueError for another word.
    """
    if what not in ("codes", "features", "samples"):
        raise ValueError(f"what must be 'codes', 'features' or 'samples'; got {what!r}")
    weight = next(model.parameters())
    noise = None
    if what == "samples":                                              # (N,*code), drawn at once: no batch size matters
        noise = torch.randn(len(images), *model.code_shape, generator=torch.Generator().manual_seed(0))
    parts = []
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        if what == "samples":
            part = model.encode(x, noise[start:start + batch].to(weight))
        else:
            part = model.encode(x) if what == "codes" else model.features(x)
        parts.append(part.flatten(1).float().cpu())
    return torch.cat(parts)


@torch.no_grad()
def reconstruction_error(model, images, batch=100):
    """Mean squared error between images and their reconstructions, over images, pixels and colours."""
    weight, total = next(model.parameters()), 0.0
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        total += float((model.decode(model.encode(x)) - x).square().mean()) * len(x)
    return total / len(images)


def linear_probe(codes, labels, test_codes, test_labels):
    """Accuracy in [0, 1] of a converged linear classifier on frozen codes.

    codes (N,d), labels (N,), test_codes (M,d), test_labels (M,): tensors or arrays. Multinomial logistic regression
    (scikit-learn: lbfgs to tol 1e-4, C=1) on codes standardised by the training codes. All training codes are used;
    warns if the optimiser has not converged after 2,000 iterations. Raises ValueError for shapes that do not fit or NaN.
    The paper's own probe is another: trained online, beside the autoencoder (`fit(probe=True)`).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    train, test = (np.asarray(c, dtype=np.float64).reshape(len(c), -1) for c in (codes, test_codes))
    labels, test_labels = np.asarray(labels), np.asarray(test_labels)
    if train.shape[1] != test.shape[1] or len(train) != len(labels) or len(test) != len(test_labels) or not len(test):
        raise ValueError(f"codes {train.shape} with labels {labels.shape} and test codes {test.shape} with labels "
                         f"{test_labels.shape} do not fit together")
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-4, max_iter=2000))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        probe.fit(train, labels)
    if any(issubclass(w.category, ConvergenceWarning) for w in caught):
        warnings.warn("the linear probe has not converged: its accuracy is a lower bound", RuntimeWarning, stacklevel=2)
    return float(probe.score(test, test_labels))


def probe_controls(images, seed=0, limit=None):
    """What `linear_probe` says without a trained code, to read its answers against; a dict of accuracies in [0, 1].

    raw_pixels: the pixels themselves. untrained_encoder: codes of a baseline of the paper's sizes for this data set, as
    built with `seed`. shuffled_labels: those codes with the training labels in random order, which is chance. limit:
    number of training images, a random choice; None takes all, as a model's own probe does (60,000: 2.3 GB of memory).
    Raises ValueError for images without labels or without a test split.
    """
    from .recipes import build
    if images.train_labels is None or images.test_labels is None:
        raise ValueError(f"{images.name}: the controls of a probe need training and test images with labels")
    random = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(images.train_images), generator=random)[:limit]
    x, labels = images.train_images[chosen], images.train_labels[chosen]
    shuffled = labels[torch.randperm(len(labels), generator=random)]
    model, test = build("baseline", images, seed=seed), (images.test_images, images.test_labels)
    codes, test_codes = encode_all(model, x), encode_all(model, test[0])
    return {"raw_pixels": linear_probe(x.flatten(1), labels, test[0][:].flatten(1), test[1]),
            "untrained_encoder": linear_probe(codes, labels, test_codes, test[1]),
            "shuffled_labels": linear_probe(codes, shuffled, test_codes, test[1])}


def cluster_accuracy(codes, test_codes, test_labels, restarts=50, seed=0):
    """Accuracy in [0, 1] of k-means on frozen codes, each cluster standing for one class (cluster.py of the authors' code).

    codes (N,d), test_codes (M,d), test_labels (M,): tensors or arrays; N >= k, the number of classes in test_labels. Codes
    are whitened by the training codes; k-means, random starts, is fitted on the training codes; test codes go to the
    nearest centre; the clusters are matched with the classes one to one, as well as can be (Hungarian method).
    restarts: how often k-means starts anew, the best fit counts (paper 1,000). Labels are read only to match, but those of
    the test split. The paper clusters `encode_all(..., what="samples")`. Raises ValueError for shapes that do not fit, NaN,
    or fewer training codes than classes.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.cluster import KMeans
    train, test = (np.asarray(c).reshape(len(c), -1) for c in (codes, test_codes))
    test_labels = np.asarray(test_labels)
    if train.shape[1] != test.shape[1] or test_labels.shape != (len(test),):
        raise ValueError(f"codes {train.shape} and test codes {test.shape} with labels {test_labels.shape} "
                         "do not fit together")
    if not (np.isfinite(train).all() and np.isfinite(test).all()):
        raise ValueError("codes contain NaN or infinity")
    train, test = _whiten(train, test)
    classes, labels = np.unique(test_labels, return_inverse=True)
    means = KMeans(len(classes), init="random", n_init=restarts, max_iter=1000, random_state=seed).fit(train)
    table = np.zeros((len(classes), len(classes)), dtype=int)          # test images of each cluster (rows) and class
    np.add.at(table, (means.predict(test), labels), 1)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / len(labels))


def _whiten(train, test):
    """(N,d), (M,d) -> float32: less the training mean, times V / (S + 1e-5) of the thin SVD train = U S V'. Directions in
    which training codes differ by rounding alone are left out: all centres agree there."""
    mean = train.mean(0, dtype=np.float64)
    _, values, rows = np.linalg.svd(train - mean, full_matrices=False)
    real = values >= values[0] * max(train.shape) * 2.2e-16            # numpy's rule for a matrix's rank
    change = rows[real].T / (values[real] + 1e-5)                      # (d,rank)
    return [((codes - mean) @ change).astype(np.float32) for codes in (train, test)]
