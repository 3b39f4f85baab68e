"""The realism index ri(z; f) = P(f(X) <= f(z)): the share of samples X that score no higher than z
(arXiv 1904.03445v1).

`RealismIndex` counts, for any score f; closed forms follow. Scores to rank codes by are in
densities.py; `rank_agreement` asks which of them deserves trust. n: the dimension of a point.
Indices and scores are float64 on the CPU, wherever z is.
"""
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from .files.progress import watched

PART, KNOTS = 128, 256                          # points scored at once; corners of the smooth index


class Density(Protocol):
    """What torch.distributions and `fit_density` have in common."""
    def log_prob(self, z: Tensor, /) -> Tensor: ...
    def sample(self, shape: Any, /) -> Tensor: ...


class RealismIndex:
    """ri(z; f), by counting among M samples X: 1 at the highest score, 0 below them all.

    log_density: f, or any increasing function of it, unnormalised or not: (N,*shape) -> (N,); -inf
    means "outside". samples: (M,*shape), M >= 2, floating: what z is ranked against. If they are
    draws from the density f, ri(X) is uniform on [0, 1]; otherwise f is a score, and the index says
    where z stands among `samples`. Raises ValueError for other shapes or a score that is NaN.
    """

    def __init__(self, log_density: Callable[[Tensor], Tensor], samples: Tensor) -> None:
        if not torch.is_tensor(samples) or samples.ndim < 2 or len(samples) < 2 \
                or not samples.is_floating_point():
            got = (f"{tuple(samples.shape)}, {samples.dtype}" if torch.is_tensor(samples)
                   else type(samples).__name__)
            raise ValueError("samples must be a floating tensor (M, *shape) of 2 or more points; "
                             f"got {got}")
        self.log_density, self.samples, self.shape = log_density, samples, tuple(samples.shape[1:])
        with torch.no_grad():
            self.scores = self._score(samples).sort().values           # (M,)
        self._smooth()

    @classmethod
    def of(cls, density: Density, count: int = 100_000, seed: int = 0) -> "RealismIndex":
        """The index of a torch.distributions object, or of a fitted density, by `count` draws."""
        with torch.random.fork_rng(devices=[]):              # torch.distributions take no generator
            torch.manual_seed(seed)
            return cls(density.log_prob, density.sample((count,)))

    def __call__(self, z: Tensor) -> Tensor:
        """(...,*shape) -> (...) in [0, 1]: counts in steps of 1 / M, without a gradient (see
        `log`)."""
        with torch.no_grad():
            below = torch.searchsorted(self.scores, self._score(z), right=True)
            return below.double() / len(self.scores)

    def standard_error(self, z: Tensor) -> Tensor:
        """(...,*shape) -> (...): sqrt(r (1 - r) / M), from counting; at r = 0 and 1 that of r = 1 /
        M."""
        count = len(self.scores)
        r = self(z).clamp(1 / count, 1 - 1 / count)
        return (r * (1 - r) / count).sqrt()

    def log(self, z: Tensor) -> Tensor:
        """(...,*shape) -> (...): log of a smoothed index, <= 0, with gradients wherever f has them.

        It is linear in f between KNOTS counted corners, and 0 from the highest score on. Below the
        lowest sqrt(M) samples it continues as a straight line, finite and with a slope where
        counting says 0.
        """
        f = self._score(z)
        k = torch.searchsorted(self._f, f.detach()).clamp(1, len(self._f) - 1) - 1
        inside = self._log[k] + (f - self._f[k]) * self._slope[k]
        below = self._log[0] + (f - self._f[0]) * self._tail
        return torch.where(f < self._f[0], below, inside.clamp(max=0.0))

    def _smooth(self):
        finite = self.scores[self.scores.isfinite()]
        if not len(finite):
            raise ValueError("no sample has a finite score: the density is positive at none")
        count, outside = len(self.scores), int((self.scores == -math.inf).sum())
        first, last = min(max(math.isqrt(len(finite)), 10), len(finite)), len(finite)
        up = torch.logspace(math.log10(first), math.log10(last), KNOTS // 2).round().long()
        down = torch.logspace(0, math.log10(last - first + 1), KNOTS // 2).round().long()
        ranks = torch.cat([up, last - down + 1]).clamp(first, last)    # dense near both ends
        f = finite[ranks - 1].unique()                     # ties become one corner, counted in full
        if len(f) == 1:                                     # a constant score: any lower is outside
            f = torch.cat([f - 1, f])
        self._f = f
        counted = (outside + torch.searchsorted(finite, f, right=True)).double() / count
        self._log = counted.clamp(min=1 / count).log()
        self._slope = self._log.diff() / f.diff()
        excess = float((f[0] - finite[:first]).clamp(min=0).mean())    # of an exponential tail
        self._tail = 1 / excess if excess > 0 else 1.0

    def _score(self, z):
        """(...,*shape) -> (...) float64 on the CPU, in parts, to save memory."""
        places = z.ndim - len(self.shape)
        if places < 0 or tuple(z.shape[places:]) != self.shape:
            raise ValueError(f"points must have shape (..., {', '.join(map(str, self.shape))}) as "
                             f"the samples have; got {tuple(z.shape)}")
        flat = z.reshape(-1, *self.shape)
        f = torch.cat([self.log_density(part).cpu().double()
                       for part in watched(flat.split(PART), PART)])
        if f.numel() != len(flat):
            raise ValueError("log_density must give one number per point, (N, *shape) -> (N,); got "
                             f"{tuple(f.shape)} for {len(flat)} points (of torch.distributions, "
                             "wrap in Independent)")
        if f.isnan().any():
            raise ValueError(f"the density is NaN at {int(f.isnan().sum())} of {len(f)} points")
        return f.reshape(z.shape[:places])


# --- closed forms: z (..., n) -> ri (...), float64 ------------------------------------------------

def gaussian_realism(z: Tensor, mean: Tensor | float, cov: Tensor) -> Tensor:
    """Of N(mean, cov), mean (n,), cov (n,n): the probability that chi^2 with n degrees of freedom
    exceeds z's squared Mahalanobis distance.

    It has gradients, and is highest at the *mean*, where in many dimensions no sample lies: see
    `radial_realism`. Raises ValueError for shapes that do not fit, or a covariance that is singular
    or not one.
    """
    square = _mahalanobis(z, mean, cov).clamp(min=1e-300)  # at 0 torch's gradient is NaN for n <= 2
    return torch.special.gammaincc(torch.tensor(z.shape[-1] / 2, dtype=torch.float64), square / 2)


def radial_realism(z: Tensor, mean: Tensor | float, cov: Tensor) -> Tensor:
    """Of N(mean, cov), ranked by the *radius* r = Mahalanobis distance: P(g(R) <= g(r)), g the chi
    density with n degrees of freedom.

    g is highest at r^2 = n - 1, on the "soap bubble" where samples lie in many dimensions, and
    falls inwards, too. No gradient.
    """
    from scipy.special import lambertw
    from scipy.stats import chi2
    square = _mahalanobis(z, mean, cov).detach().numpy()               # (...)
    n = z.shape[-1]
    if n == 1:
        return torch.as_tensor(chi2.sf(square, 1))
    y = square / (n - 1)                        # g, with its peak at 1, is the same at y and at its
    product = -y * np.exp(-y)                   # twin y' on the other side, y' e^-y' = y e^-y
    inner = np.where(y < 1, y, -lambertw(product, 0).real)
    outer = np.where(y < 1, -lambertw(product, -1).real, y)
    inner, outer = (np.where(np.abs(y - 1) < 1e-6, y, side) for side in (inner, outer))
    within, beyond = chi2.cdf((n - 1) * inner, n), chi2.sf((n - 1) * outer, n)
    return torch.as_tensor(within + beyond).clamp(max=1)


def uniform_realism(z: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """Of the uniform density on the box low <= z <= high, (n,) or scalars: 1 inside, 0 outside."""
    return ((z >= low) & (z <= high)).all(-1).cpu().double()


def laplace_realism(z: Tensor, scale: float = 1.0) -> Tensor:
    """Of n independent Laplace variables, density exp(-|z_i| / scale) / (2 scale). Has
    gradients."""
    if not scale > 0:
        raise ValueError(f"scale must be > 0; got {scale}")
    far = (z.cpu().double().abs().sum(-1) / scale).clamp(min=1e-300)   # as above
    return torch.special.gammaincc(torch.tensor(float(z.shape[-1]), dtype=torch.float64), far)


def cauchy_realism(z: Tensor, scale: float = 1.0) -> Tensor:
    """Of the n-dimensional Cauchy density (Student's t, one degree of freedom). No gradient."""
    if not scale > 0:
        raise ValueError(f"scale must be > 0; got {scale}")
    from scipy.special import betainc
    n, square = z.shape[-1], (z.detach().cpu().double() / scale).square().sum(-1)
    return torch.as_tensor(betainc(0.5, n / 2, (1 / (1 + square)).numpy()))


def _mahalanobis(z, mean, cov):
    """z (...,n), mean (n,), cov (n,n) -> squared Mahalanobis distance (...), float64."""
    z, mean, cov = (torch.as_tensor(a).cpu().double() for a in (z, mean, cov))
    if z.ndim < 1 or cov.shape != (z.shape[-1],) * 2 or mean.shape not in (z.shape[-1:], ()):
        raise ValueError("points (..., n), mean (n,) and cov (n, n) must fit together; got "
                         f"{tuple(z.shape)}, {tuple(mean.shape)} and {tuple(cov.shape)}")
    away = (z - mean).reshape(-1, z.shape[-1]).T                       # (n,N)
    scaled = torch.linalg.solve_triangular(cholesky(cov), away, upper=False)
    return scaled.square().sum(0).reshape(z.shape[:-1])


def cholesky(cov: Tensor) -> Tensor:
    """The lower factor (n,n) of a covariance (n,n). Raises ValueError if it is singular or not
    one."""
    factor, failed = torch.linalg.cholesky_ex(cov)
    if failed or not torch.allclose(cov, cov.T, rtol=1e-6) \
            or factor.diagonal().min() < 1e-7 * factor.diagonal().max():
        raise ValueError("the covariance is singular or not positive definite: use more samples "
                         "than dimensions, or add a small multiple of the identity")
    return factor


# --- which index deserves trust? ------------------------------------------------------------------

@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlation in [-1, 1], and its 95% interval over other choices of paths."""
    correlation: float
    low: float
    high: float


def rank_agreement(index: Tensor | np.ndarray, distance: Tensor | np.ndarray, resamples: int = 500,
                   seed: int = 0) -> Agreement:
    """How well an index ranks the frames of K paths whose true `distance` is known, both (K,T): +1
    if it always falls when the distance grows, 0 if the two are unrelated, NaN for a constant
    index.

    The interval resamples whole paths (bootstrap), as frames of a path depend on each other. Raises
    ValueError for other shapes, K < 2, or NaN.
    """
    from scipy.stats import rankdata
    ranked, true = (torch.as_tensor(a).detach().cpu().double().numpy() for a in (index, distance))
    if ranked.shape != true.shape or ranked.ndim != 2 or len(ranked) < 2 \
            or np.isnan(ranked + true).any():
        raise ValueError("index and distance must both be (K, T), K >= 2, no NaN; got "
                         f"{ranked.shape} and {true.shape}")

    def spearman(rows):
        a, b = rankdata(ranked[rows]), rankdata(-true[rows])
        a, b = a - a.mean(), b - b.mean()
        size = math.sqrt((a @ a) * (b @ b))
        return float(a @ b) / size if size else math.nan

    def flat(rows):
        return np.repeat(rows, ranked.shape[1]), np.tile(np.arange(ranked.shape[1]), len(rows))

    random = np.random.default_rng(seed)
    count = len(ranked)
    found = [spearman(flat(random.integers(count, size=count))) for _ in range(resamples)]
    found = [value for value in found if not math.isnan(value)] or [math.nan]   # may be constant
    low, high = map(float, np.quantile(found, [0.025, 0.975]))
    return Agreement(spearman(flat(np.arange(count))), low, high)
