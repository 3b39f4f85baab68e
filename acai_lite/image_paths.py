"""Scores of paths of real images, where nobody knows the right path: a small classifier, the judge, looks at every frame."""
from dataclasses import dataclass
from itertools import count, islice

import torch
from torch import nn

from .files.progress import watched
from .interpolation import interpolate, interpolate_images
from .networks import Architecture, Encoder, activation, initialise

BATCH, RATE = 32, 2e-3                          # of the judge's training; Adam's rate falls linearly to 0
STILL = 1e-5                                    # a path shorter than this times the size of its features does not move


class Judge(nn.Module):
    """A classifier of images: `features(x)`, (B,C,32,32) -> (B,d); `logits(features)`, (B,d) -> (B,classes).

    The ACAI paper's encoder (4 scales, depth 8, 32 channels, d = 128) and one dense layer. Features are divided by `size`,
    so that after `train_judge` their mean square over training images is 1. accuracy: on test images; NaN until measured.
    """

    def __init__(self, colours=1, classes=10, mean=0.0, std=1.0, seed=0):
        super().__init__()
        self.mean, self.std, self.accuracy = mean, std, float("nan")
        random = torch.Generator().manual_seed(seed)
        self.encoder = nn.Sequential(initialise(Encoder(Architecture(colours, 2, 8, 32)), random, 2 ** 0.5),
                                     activation(), nn.Flatten())
        self.head = initialise(nn.Linear(128, classes), random)
        self.register_buffer("size", torch.ones(()))

    def features(self, x):
        return self.encoder((x - self.mean) / self.std) / self.size

    def logits(self, features):
        return self.head(features)

    def forward(self, x):
        return self.logits(self.features(x))


def train_judge(images, samples=20_000, seed=0):
    """A `Judge` that has learnt `samples` training images of an `ImageSet`, on the CPU; scores are worth its `.accuracy`.

    Only that is measured on the test split. seed: of start values and order. Raises ValueError for images without labels or
    samples of less than one batch.
    """
    labels, size = images.train_labels, min(BATCH, len(images.train_images))
    if labels is None or samples < size:
        raise ValueError(f"{images.name}: a judge needs training images with labels, and samples of at least one batch of "
                         f"{size}; got {'no labels' if labels is None else f'samples={samples}'}")
    sample = images.train_images[:2048]
    classes = len(images.classes) or int(labels.max()) + 1
    spread = float(sample.std())
    judge = Judge(sample.shape[1], classes, float(sample.mean()), spread if spread > 1e-6 else 1.0, seed)
    steps = samples // size
    judge.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(judge.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    random = torch.Generator().manual_seed(seed)
    batches = (batch for _ in count() for batch in images.batches("train", size, random))
    for x, answers in islice(batches, steps):
        loss = nn.functional.cross_entropy(judge(x), answers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    judge.eval().requires_grad_(False)
    judge.size = judge.features(sample).square().mean().sqrt().clamp(min=1e-12)
    judge.head.weight *= judge.size                                    # the same logits from the divided features
    if images.test_labels is not None:
        logits = _look(judge, images.test_images)[1]
        judge.accuracy = float((logits.argmax(1) == images.test_labels).double().mean())
    return judge


@dataclass(frozen=True)
class PathScores:
    """What a judge says of K paths; means over frames or paths, and no score alone makes a path good.

    confidence: largest probability of a class, in (0, 1]. entropy: of those probabilities, in nats. class_changes: how often
    the likeliest class changes along a path. feature_length: of a path in the judge's features, in units of the straight
    distance of its ends, >= 1. step_ratio: largest step over mean step, in features, 1 (even) to T - 1 (one jump).
    kernel_distance: squared distance (MMD) between middle frames and real images; about 0, on either side, if the judge
    cannot tell them apart; None if it was not asked for.
    """
    confidence: float
    entropy: float
    class_changes: float
    feature_length: float
    step_ratio: float
    kernel_distance: float | None = None


@torch.no_grad()
def path_scores(frames, judge, real=None):
    """Scores of paths of images by a classifier; the kernel distance is KID (Binkowski 2018) on the judge's features.

    frames: (K,T,C,32,32), K paths of T >= 2 images, raw and unclipped. judge: as `train_judge` returns, or any module with
    `features` and `logits`. real: (N,C,32,32) images that no path has seen, for the kernel distance to the frames T // 2;
    then K >= 2, T >= 3 and N >= 2. A path whose ends look the same to the judge has no feature_length, one that does not
    move no step_ratio: NaN means that all are such. Returns `PathScores`. Raises ValueError for another shape or NaN.
    """
    frames = torch.as_tensor(frames).detach()
    if frames.ndim != 5 or frames.shape[2] not in (1, 3) or frames.shape[3:] != (32, 32) or not len(frames) \
            or frames.shape[1] < 2:
        raise ValueError(f"frames must have shape (K, T, 1 or 3, 32, 32) with K >= 1 and T >= 2; got {tuple(frames.shape)}")
    if real is not None and (tuple(real.shape[1:]) != tuple(frames.shape[2:])
                             or len(real) < 2 or len(frames) < 2 or frames.shape[1] < 3):
        raise ValueError(f"a kernel distance needs 2 or more real images (N, {', '.join(map(str, frames.shape[2:]))}) and "
                         f"2 or more paths of at least 3 frames; got {tuple(real.shape)} and {tuple(frames.shape)}")
    if not torch.isfinite(frames).all() or real is not None and not torch.isfinite(real[:]).all():
        raise ValueError("frames or real images contain NaN or infinity")
    paths, steps = frames.shape[:2]
    features, logits = _look(judge, frames.flatten(0, 1))
    logs = logits.log_softmax(1)                                       # (K*T,classes)
    classes = logits.argmax(1).view(paths, steps)
    features = features.view(paths, steps, -1)                         # (K,T,d)
    step = features.diff(dim=1).norm(dim=2)                            # (K,T-1)
    length, straight = step.sum(1), (features[:, -1] - features[:, 0]).norm(dim=1)
    small = STILL * features.norm(dim=2).mean()
    moves, goes = length > small, straight > small
    distance = None if real is None else kernel_distance(features[:, steps // 2], _look(judge, real)[0])
    return PathScores(confidence=float(logs.max(1).values.exp().mean()),
                      entropy=float(-(logs.exp() * logs).sum(1).mean()),
                      class_changes=float((classes.diff(dim=1) != 0).sum(1).double().mean()),
                      feature_length=float((length[goes] / straight[goes]).mean()),
                      step_ratio=float((step[moves].amax(1) * (steps - 1) / length[moves]).mean()),
                      kernel_distance=distance)


def kernel_distance(x, y):
    """Unbiased estimate of MMD^2 between two sets of features (n,d), (m,d), kernel (<x, y> / d + 1)^3; n, m >= 2.

    The estimate of KID (Binkowski 2018, arXiv 1801.01401), over all pairs at once. It may be negative.
    """
    def total(a, b):
        return sum(float(((part @ b.T) / b.shape[1] + 1).pow(3).sum()) for part in a.split(256))

    def own(a):                                                        # mean over pairs of different rows
        return (total(a, a) - float((a.square().sum(1) / a.shape[1] + 1).pow(3).sum())) / (len(a) * (len(a) - 1))

    x, y = x.double(), y.double()
    return own(x) + own(y) - 2 * total(x, y) / (len(x) * len(y))


@torch.no_grad()
def compare_paths(models, images, judge, pairs=256, steps=16, seed=0):
    """{row: `PathScores`} of several models on the same pairs of test images, beside the two rows that a table needs.

    models: {name: model}. Test image i is joined to image i + pairs, i < pairs, as in `score_lines`, by `steps` frames.
    "real data": the two images, and random test images between them: every frame is real, no path is smooth. "pixel blend":
    the two images mixed in pixels. The other test images are shuffled (`seed`) and halved: one gives the frames of "real
    data", one those that middle frames are compared with, which are in no path. (256 real MNIST images
    scatter by 0.015 around 0.) Raises ValueError for fewer than 4 * pairs test images, 2 pairs or 3 steps, or a taken name.
    """
    taken = {"real data", "pixel blend"} & set(models)
    if images.test_images is None or not 2 <= pairs <= len(images.test_images) // 4 or steps < 3 or taken:
        raise ValueError(f"{images.name}: {pairs} pairs need 4 * {pairs} test images, 2 pairs or more, 3 steps or more, no "
                         f"model called 'real data' or 'pixel blend'; got {len(images.test_images or ())} test images, "
                         f"steps={steps}, models {', '.join(models)}")
    x0, x1 = images.test_images[:pairs], images.test_images[pairs:2 * pairs]
    random = torch.Generator().manual_seed(seed)
    others = 2 * pairs + torch.randperm(len(images.test_images) - 2 * pairs, generator=random)
    between, real = others[:len(others) // 2], images.test_images[others[len(others) // 2:]]
    shuffled = torch.stack([x0] + [images.test_images[between[torch.randperm(len(between), generator=random)[:pairs]]]
                                   for _ in range(steps - 2)] + [x1], dim=1)     # (K,T,C,32,32): a place, no image twice
    rows = {"real data": path_scores(shuffled, judge, real),
            "pixel blend": path_scores(interpolate(x0, x1, steps), judge, real)}
    for name, model in models.items():
        weight = next(model.parameters())
        frames = interpolate_images(model, x0.to(weight), x1.to(weight), steps).cpu().float()
        rows[name] = path_scores(frames, judge, real)
    return rows


@torch.no_grad()
def _look(judge, images):
    """A judge's features (N,d) and logits (N,classes) of images (N,C,32,32), float64 on the CPU."""
    weight, found = next(judge.parameters()), []
    for start in watched(range(0, len(images), 250), 250):
        features = judge.features(images[start:start + 250].to(weight))
        found.append((features.double().cpu(), judge.logits(features).double().cpu()))
    return [torch.cat(parts) for parts in zip(*found, strict=True)]
