"""Densities fitted to codes, and other scores, for realism indices where a code space has no prior.

n: the dimension of a code, of whatever shape (*code); samples have that shape again. Densities are
float64 on the CPU, with `log_prob` (differentiable) and `sample`, as torch.distributions.
"""
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .realism import PART, RealismIndex, cholesky


def fit_density(codes: Tensor | np.ndarray, kind: str = "gaussian", components: int = 10,
                bandwidth: float | None = None, ridge: float = 1e-6,
                seed: int = 0) -> "GaussianMixture | KernelDensity":
    """A density of codes (N,*code): an object with `log_prob` and `sample`, float64.

    kind: "gaussian"; "mixture" of `components` Gaussians (scikit-learn, `seed`); or "kernel", a
    Gaussian of standard deviation `bandwidth` around every code (None: of 16 candidates the one
    that makes a held-out fifth likeliest; N >= 10). ridge: this share of the mean variance is added
    to each variance. Raises ValueError for codes that are not finite, of another shape, all equal,
    fewer than components, or, with ridge 0, of singular covariance.
    """
    codes = torch.as_tensor(codes).detach().cpu().double()
    if codes.ndim < 2 or len(codes) < 2 or not codes.isfinite().all():
        raise ValueError(f"codes must be finite (no NaN), (N, *code), N >= 2; "
                         f"got {tuple(codes.shape)}")
    shape, codes = codes.shape[1:], codes.flatten(1)
    variance = float(codes.var(0).mean())
    if variance == 0:
        raise ValueError("all codes are equal: they have no density")
    if kind == "gaussian":
        mean, cov = mean_and_cov(codes, ridge)
        return GaussianMixture(torch.ones(1), mean[None], cov[None], shape)
    if kind == "mixture":
        from sklearn import mixture
        found = mixture.GaussianMixture(components, reg_covar=ridge * variance, random_state=seed)
        found.fit(codes.numpy())
        weights, means, covs = map(torch.as_tensor,
                                   (found.weights_, found.means_, found.covariances_))
        return GaussianMixture(weights, means, covs, shape)
    if kind == "kernel":
        if bandwidth is None:
            bandwidth = _best_bandwidth(codes, variance, seed)
        return KernelDensity(codes, bandwidth, shape)
    raise ValueError(f"unknown kind {kind!r}: choose 'gaussian', 'mixture' or 'kernel'")


def mean_and_cov(codes: Tensor, ridge: float = 1e-6) -> tuple[Tensor, Tensor]:
    """Mean (n,) and covariance (n,n) of codes (N,n), float64, for `gaussian_realism` and
    `radial_realism`.

    ridge: this share of the mean variance is added to each variance, without which the covariance
    of codes that lie in a plane is singular.
    """
    codes = codes.detach().cpu().double()
    cov = torch.cov(codes.T).reshape(codes.shape[1], -1)
    eye = torch.eye(len(cov), dtype=cov.dtype)
    return codes.mean(0), cov + ridge * cov.diagonal().mean() * eye


def _best_bandwidth(codes, variance, seed):
    """The bandwidth that makes a random fifth of codes (N,n) likeliest, given the others."""
    if len(codes) < 10:
        raise ValueError(f"choosing a bandwidth takes 10 or more codes; got {len(codes)}: "
                         "give bandwidth=")
    order = torch.randperm(len(codes), generator=torch.Generator().manual_seed(seed))
    held, rest = codes[order[::5]], codes[order[torch.arange(len(order)) % 5 != 0]]

    def likelihood(width):                                             # in parts: little memory
        density = KernelDensity(rest, width)
        return sum(float(density.log_prob(part).sum()) for part in held[:1000].split(PART))

    return max((variance ** 0.5 * 2 ** (k / 2) for k in range(-12, 4)), key=likelihood)


class GaussianMixture:
    """Weights (k,), means (k,n), covs (k,n,n), of codes of that shape, else (n,). By matrix
    products: torch.distributions solves for each point, a minute for 20,000 points of dimension
    1,024."""

    def __init__(self, weights: Tensor, means: Tensor, covs: Tensor,
                 shape: tuple[int, ...] | None = None) -> None:
        self.weights, self.means, covs = (a.cpu().double() for a in (weights, means, covs))
        self.shape = shape or means.shape[1:]
        self.factors = torch.stack([cholesky(cov) for cov in covs])                  # (k,n,n)
        eye = torch.eye(means.shape[1], dtype=torch.float64)
        self.inverse = torch.linalg.solve_triangular(self.factors, eye, upper=False)
        self.logs = self.weights.log() - self.factors.diagonal(dim1=1, dim2=2).log().sum(1) \
            - means.shape[1] / 2 * math.log(2 * math.pi)

    def log_prob(self, z: Tensor) -> Tensor:
        """Log density of codes (N,*code) -> (N,)."""
        z = z.cpu().double().flatten(1)
        square = [((z - mean) @ inverse.T).square().sum(1)
                  for mean, inverse in zip(self.means, self.inverse, strict=True)]
        return (self.logs - torch.stack(square, 1) / 2).logsumexp(1)

    def sample(self, shape: tuple[int]) -> Tensor:
        """`shape[0]` random codes (N,*code), from torch's global generator."""
        z = torch.randn(*shape, self.means.shape[1], dtype=torch.float64)
        which = torch.multinomial(self.weights, len(z), replacement=True)
        for k, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            z[which == k] = mean + z[which == k] @ factor.T
        return z.unflatten(1, self.shape)


class KernelDensity:
    """Gaussians of standard deviation `bandwidth` around every centre (N,n), averaged, of codes of
    that shape, else (n,): scikit-learn's, with gradients."""

    def __init__(self, centres: Tensor, bandwidth: float,
                 shape: tuple[int, ...] | None = None) -> None:
        if not bandwidth > 0:
            raise ValueError(f"bandwidth must be > 0; got {bandwidth}")
        self.centres, self.bandwidth = centres.cpu().double(), bandwidth
        self.shape = shape or centres.shape[1:]

    def log_prob(self, z: Tensor) -> Tensor:
        """Log density of codes (N,*code) -> (N,)."""
        z, centres = z.cpu().double().flatten(1) / self.bandwidth, self.centres / self.bandwidth
        square = (z.square().sum(1, keepdim=True) + centres.square().sum(1)
                  - 2 * z @ centres.T)                                 # (N,centres)
        (count, n), variance = centres.shape, self.bandwidth ** 2
        return ((-square / 2).logsumexp(1) - math.log(count)
                - n / 2 * math.log(2 * math.pi * variance))

    def sample(self, shape: tuple[int]) -> Tensor:
        """`shape[0]` random codes (N,*code), from torch's global generator."""
        places = torch.randint(len(self.centres), shape)
        noise = torch.randn(*shape, self.centres.shape[1], dtype=torch.float64)
        return (self.centres[places] + self.bandwidth * noise).unflatten(1, self.shape)


def critic_score(model: nn.Module) -> Callable[[Tensor], Tensor]:
    """How real a trained adversary finds what a code decodes to, (N,*code) -> (N,): a score, not a
    density.

    ACAI: f(z) = -d(decode(z)), high where its critic sees no mixture; rank it against codes of real
    images, `RealismIndex(critic_score(model), codes)`. GAN: f(z) = d(generator(z)), high where its
    discriminator sees real data; rank it against noise of its prior. Raises ValueError for a model
    without an adversary.
    """
    d: Any = getattr(model, "d", None)
    decode, generator = getattr(model, "decode", None), getattr(model, "generator", None)
    if d is None:
        raise ValueError(f"{type(model).__name__} has no critic or discriminator: wrap it in ACAI, "
                         "or take a GAN")
    generate: Any = decode if generator is None else generator
    sign = -1 if generator is None else 1
    return lambda z: sign * d(generate(z.to(next(model.parameters()))))


def feature_index(features: Callable[[Tensor], Tensor], images: Tensor,
                  held_out: Tensor) -> RealismIndex:
    """An index of *images* instead of codes: how near x is to real images, in features. It is the
    course's own proposal: we do not know the paper's index for generators without a prior (after
    FID) in its exact form.

    features: (N,*image) -> (N,d), such as an `ImageClassifier`'s. f(x): minus the squared
    Mahalanobis distance of features(x) to those of `images` (N,*image), N > d. held_out: other real
    images, which x is ranked against. Raises ValueError for too few images or another shape.
    """
    if images.shape[1:] != held_out.shape[1:]:
        raise ValueError(f"images and held_out must have one shape; got {tuple(images.shape)} and "
                         f"{tuple(held_out.shape)}")
    with torch.no_grad():
        seen = torch.cat([features(part) for part in images.split(PART)])
    if len(seen) <= seen.shape[1]:
        raise ValueError(f"{seen.shape[1]} features need more images than that; got {len(seen)}")
    density = fit_density(seen)
    return RealismIndex(lambda x: density.log_prob(features(x)), held_out)
