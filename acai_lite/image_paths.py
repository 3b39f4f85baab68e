"""Scores of paths of real images, where no right path is known, by a small classifier."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .autoencoders import Model
from .data import Images, ImageSet
from .files.progress import watched
from .interpolation import interpolate
from .lines import own_paths
from .networks import Architecture, Encoder, activation, initialise

BATCH, RATE = 32, 2e-3            # of the classifier's training; Adam's rate falls linearly to 0
SAMPLE = 2048                     # training images that the scale of the features is measured on
STILL = 1e-5                      # a path shorter than this times the size of its features is still


class ImageClassifier(nn.Module):
    """A classifier of images: `features(x)`, (B,C,S,S) -> (B,d), and their `logits`, (B,classes).

    The ACAI paper's encoder (depth 8, 32 channels at 2x2 places, d = 128) and one dense layer;
    images are standardised by mean and std. Features are divided by `feature_scale`, so that after
    `train_classifier` their mean square is 1. accuracy: on test images; NaN until measured.
    """
    feature_scale: Tensor

    def __init__(self, colours: int = 1, classes: int = 10, mean: float = 0.0, std: float = 1.0,
                 seed: int = 0, size: int = 32) -> None:
        super().__init__()
        self.image_shape, self.mean, self.std = (colours, size, size), mean, std
        self.accuracy, random = float("nan"), torch.Generator().manual_seed(seed)
        encoder = Encoder(Architecture(colours, 2, 8, 32, size=size))
        self.encoder = nn.Sequential(initialise(encoder, random, 2 ** 0.5), activation(),
                                     nn.Flatten())
        self.head = nn.Linear(128, classes)
        initialise(self.head, random)
        self.register_buffer("feature_scale", torch.ones(()))

    def features(self, x: Tensor) -> Tensor:
        return self.encoder((x - self.mean) / self.std) / self.feature_scale

    def logits(self, features: Tensor) -> Tensor:
        return self.head(features)

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(self.features(x))


def train_classifier(images: ImageSet, samples: int = 20_000, seed: int = 0) -> ImageClassifier:
    """An `ImageClassifier` trained on `samples` images, on the CPU. Its scores are worth as much as
    its `.accuracy`, the only thing that is measured on the test split.

    seed: of initial weights and order. Raises ValueError for signals, images without labels or of
    one class, or samples of less than one batch.
    """
    x, labels, size = images.train_images, images.train_labels, min(BATCH, len(images.train_images))
    classes = 0 if labels is None else len(labels.unique())
    if labels is None or classes < 2 or images.dimensions != 2 or samples < size:
        got = "no labels" if labels is None else f"{classes} classes"
        raise ValueError(f"{images.name}: a classifier needs images (N, C, S, S) with labels of 2 "
                         f"classes or more, and samples of at least one batch of {size}; got "
                         f"{tuple(x.shape)}, {got}, samples={samples}")
    (mean, std), classes = images.statistics, len(images.classes) or int(labels.max()) + 1
    classifier = ImageClassifier(images.colours, classes, mean, std, seed, images.size)
    steps = samples // size
    classifier.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(classifier.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    random = torch.Generator().manual_seed(seed)
    batches: Iterator[tuple[Tensor, Any]] = (
        batch for _ in count() for batch in images.batches("train", size, random))
    for batch, answers in islice(batches, steps):
        loss = nn.functional.cross_entropy(classifier(batch), answers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    classifier.eval().requires_grad_(False)
    features = _look(classifier, x[::-(-len(x) // SAMPLE)])[0]
    classifier.feature_scale = features.square().mean().sqrt().clamp(min=1e-12).float()
    classifier.head.weight *= classifier.feature_scale   # the same logits from the divided features
    if images.test_images is not None and images.test_labels is not None:
        found = _look(classifier, images.test_images)[1].argmax(1)
        classifier.accuracy = float((found == images.test_labels).double().mean())
    return classifier


@dataclass(frozen=True)
class PathScores:
    """What a classifier makes of K paths, averaged over frames or paths. No score alone makes a
    path good.

    confidence: largest probability of a class, in (0, 1]. entropy: of those probabilities, in nats.
    class_changes: how often the likeliest class changes along a path. feature_length: of a path in
    the classifier's features, in units of the distance of its endpoints, >= 1. step_ratio: largest
    step over mean step, in features, 1 (even) to T - 1 (one jump). kernel_distance: squared
    distance (MMD) between middle frames and real images; about 0, on either side, if the features
    cannot tell them apart; None if it was not asked for.
    """
    confidence: float
    entropy: float
    class_changes: float
    feature_length: float
    step_ratio: float
    kernel_distance: float | None = None


@torch.no_grad()
def path_scores(frames: Tensor | np.ndarray, classifier: nn.Module,
                real: Tensor | Images | None = None) -> PathScores:
    """Scores of paths of images by a classifier; the kernel distance is KID (Binkowski 2018) on its
    features.

    frames: (K,T,C,S,S), K paths of T >= 2 images, raw and unclipped. classifier: of
    `train_classifier`, or any module with `features` and `logits`. real: (N,C,S,S) images of no
    path, for the kernel distance to the frames T // 2; then K >= 2, T >= 3, N >= 2. A path whose
    endpoints have the same features has no feature_length, one that does not move no step_ratio:
    NaN means that all are such. Raises ValueError for images of another shape than the
    classifier's, or NaN.
    """
    frames = torch.as_tensor(frames).detach()
    image, wanted = tuple(frames.shape[2:]), getattr(classifier, "image_shape", None)
    if len(image) != 3 or image != tuple(wanted or image) or not len(frames) \
            or frames.shape[1] < 2:
        wanted = ", ".join(map(str, wanted or ("C", "S", "S")))
        raise ValueError(f"frames must have shape (K, T, {wanted}) with K >= 1 and T >= 2; "
                         f"got {tuple(frames.shape)}")
    if real is not None and (tuple(real.shape[1:]) != image or len(real) < 2 or len(frames) < 2
                             or frames.shape[1] < 3):
        raise ValueError("a kernel distance needs 2 or more real images (N, "
                         f"{', '.join(map(str, image))}) and 2 or more paths of at least 3 frames; "
                         f"got {tuple(real.shape)} and {tuple(frames.shape)}")
    if not torch.isfinite(frames).all() or real is not None and not torch.isfinite(real[:]).all():
        raise ValueError("frames or real images contain NaN or infinity")
    paths, steps = frames.shape[:2]
    features, logits = _look(classifier, frames.flatten(0, 1))
    logs = logits.log_softmax(1)                                       # (K*T,classes)
    classes = logits.argmax(1).view(paths, steps)
    features = features.view(paths, steps, -1)                         # (K,T,d)
    step = features.diff(dim=1).norm(dim=2)                            # (K,T-1)
    length, straight = step.sum(1), (features[:, -1] - features[:, 0]).norm(dim=1)
    small = STILL * features.norm(dim=2).mean()
    moves, goes = length > small, straight > small
    distance = None
    if real is not None:
        distance = kernel_distance(features[:, steps // 2], _look(classifier, real)[0])
    return PathScores(
        confidence=float(logs.max(1).values.exp().mean()),
        entropy=float(-(logs.exp() * logs).sum(1).mean()),
        class_changes=float((classes.diff(dim=1) != 0).sum(1).double().mean()),
        feature_length=float((length[goes] / straight[goes]).mean()),
        step_ratio=float((step[moves].amax(1) * (steps - 1) / length[moves]).mean()),
        kernel_distance=distance)


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """Unbiased estimate of MMD^2 between two sets of features (n,d), (m,d), n, m >= 2, with the
    kernel (<x, y> / d + 1)^3: KID (Binkowski 2018, arXiv 1801.01401), over all pairs at once. It
    may be negative."""
    def total(a, b):
        return sum(float(((part @ b.T) / b.shape[1] + 1).pow(3).sum()) for part in a.split(256))

    def own(a):                                                  # mean over pairs of different rows
        same = float((a.square().sum(1) / a.shape[1] + 1).pow(3).sum())
        return (total(a, a) - same) / (len(a) * (len(a) - 1))

    x, y = x.cpu().double(), y.cpu().double()
    return own(x) + own(y) - 2 * total(x, y) / (len(x) * len(y))


@torch.no_grad()
def compare_paths(models: Mapping[str, Model], images: ImageSet, classifier: nn.Module,
                  pairs: int = 256, steps: int = 16, seed: int = 0) -> dict[str, PathScores]:
    """{row: `PathScores`} of several models on the same pairs of test images, and two rows to
    compare with.

    models: {name: model}. Test image i is joined to image i + pairs by `steps` frames, as in
    `score_lines`. "real data": random test images between the two, so that every frame is real and
    no path is smooth. "pixel blend": the two images mixed in pixels. The other test images are
    shuffled (`seed`) and halved: one half is for "real data", the other is compared with middle
    frames, and is in no path. (256 real MNIST images scatter by 0.015 around 0.) Raises ValueError
    for fewer than 4 * pairs test images, 2 pairs or 3 steps, a taken name, or a model or classifier
    of other images.
    """
    x, taken = images.test_images, {"real data", "pixel blend"} & set(models)
    available = 0 if x is None else len(x)
    if x is None or not 2 <= pairs <= available // 4 or steps < 3 or taken:
        raise ValueError(f"{images.name}: {pairs} pairs need 4 * {pairs} test images, 2 pairs or "
                         "more, 3 steps or more, no model called 'real data' or 'pixel blend'; got "
                         f"{available} test images, steps={steps}, models {', '.join(models)}")
    shape = images.image_shape
    for name, model in [("the classifier", classifier), *models.items()]:
        wanted = tuple(getattr(model, "image_shape", shape))
        if wanted != shape or len(shape) != 3:
            raise ValueError(f"{images.name}: {name} takes images {wanted}, and path scores are of "
                             f"images (C, S, S); those of the set are {shape}")
    x0, x1 = x[:pairs], x[pairs:2 * pairs]
    random = torch.Generator().manual_seed(seed)
    others = 2 * pairs + torch.randperm(available - 2 * pairs, generator=random)
    between, real = others[:len(others) // 2], x[others[len(others) // 2:]]
    inner = [x[between[torch.randperm(len(between), generator=random)[:pairs]]]
             for _ in range(steps - 2)]                               # at one place, no image twice
    rows = {"real data": path_scores(torch.stack([x0, *inner, x1], dim=1), classifier, real),
            "pixel blend": path_scores(interpolate(x0, x1, steps), classifier, real)}
    for name, model in models.items():
        rows[name] = path_scores(own_paths(model, images, pairs, steps)[0], classifier, real)
    return rows


@torch.no_grad()
def _look(classifier, images):
    """Features (N,d) and logits (N,classes) of images (N,C,S,S), float64 on the CPU."""
    weight, found = next(classifier.parameters()), []
    for start in watched(range(0, len(images), 250), 250):
        features = classifier.features(images[start:start + 250].to(weight))
        found.append((features.cpu().double(), classifier.logits(features).cpu().double()))
    return [torch.cat(parts) for parts in zip(*found, strict=True)]
