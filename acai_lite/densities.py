"""Realism indices for a code space without a prior: densities fitted to codes, and scores that are none.

n: numbers in a code, of whatever shape (*code); draws have that shape again. Densities are float64, with `log_prob`
(differentiable) and `sample`, as torch.distributions have them.
"""
import math

import torch

from .realism import PART, RealismIndex, cholesky


def fit_density(codes, kind="gaussian", components=10, bandwidth=None, ridge=1e-6, seed=0):
    """A density of codes (N,*code), for code spaces without a prior: an object with `log_prob` and `sample`, float64.

    kind: "gaussian"; "mixture" of `components` Gaussians (scikit-learn, `seed`); "kernel", a Gaussian bump on every code,
    of standard deviation `bandwidth` (None: of 16 candidates the one that makes a held-out fifth likeliest; N >= 10).
    ridge: this share of the mean variance is added to each variance. Raises ValueError for codes that are not finite, of
    another shape, all equal, fewer than components, or, with ridge 0, of singular covariance.
    """
    codes = torch.as_tensor(codes).detach().double().cpu()
    if codes.ndim < 2 or len(codes) < 2 or not codes.isfinite().all():
        raise ValueError(f"codes must be finite (no NaN), (N, *code), N >= 2; got {tuple(codes.shape)}")
    shape, codes = codes.shape[1:], codes.flatten(1)
    variance = float(codes.var(0).mean())
    if variance == 0:
        raise ValueError("all codes are equal: they have no density")
    if kind == "gaussian":
        cov = torch.cov(codes.T).reshape(codes.shape[1], -1)
        return GaussianMixture(torch.ones(1), codes.mean(0)[None], (cov + ridge * variance * torch.eye(len(cov)))[None],
                               shape)
    if kind == "mixture":
        from sklearn import mixture
        found = mixture.GaussianMixture(components, reg_covar=ridge * variance, random_state=seed).fit(codes.numpy())
        return GaussianMixture(*map(torch.as_tensor, (found.weights_, found.means_, found.covariances_)), shape)
    if kind == "kernel":
        if bandwidth is None:
            if len(codes) < 10:
                raise ValueError(f"choosing a bandwidth takes 10 or more codes; got {len(codes)}: give bandwidth=")
            order = torch.randperm(len(codes), generator=torch.Generator().manual_seed(seed))
            held, rest = codes[order[::5]], codes[order[torch.arange(len(order)) % 5 != 0]]
            widths = [variance ** 0.5 * 2 ** (k / 2) for k in range(-12, 4)]
            bandwidth = max(widths, key=lambda width: sum(float(KernelDensity(rest, width).log_prob(part).sum())
                                                          for part in held[:1000].split(PART)))   # in parts: little memory
        return KernelDensity(codes, bandwidth, shape)
    raise ValueError(f"unknown kind {kind!r}: choose 'gaussian', 'mixture' or 'kernel'")


class GaussianMixture:
    """Weights (k,), means (k,n), covariances (k,n,n), of codes of that shape, else (n,). By matrix products:
    torch.distributions solves for each point by itself, which takes a minute for 20,000 points of 1,024 numbers."""

    def __init__(self, weights, means, covs, shape=None):
        self.weights, self.means, self.shape = weights.double(), means.double(), shape or means.shape[1:]
        self.factors = torch.stack([cholesky(cov.double()) for cov in covs])                       # (k,n,n)
        eye = torch.eye(means.shape[1], dtype=torch.float64)
        self.inverse = torch.linalg.solve_triangular(self.factors, eye, upper=False)
        self.logs = self.weights.log() - self.factors.diagonal(dim1=1, dim2=2).log().sum(1) \
            - means.shape[1] / 2 * math.log(2 * math.pi)

    def log_prob(self, z):
        """(N,*code) -> (N,)."""
        z = z.double().flatten(1)
        square = [((z - mean) @ inverse.T).square().sum(1) for mean, inverse in zip(self.means, self.inverse, strict=True)]
        return (self.logs - torch.stack(square, 1) / 2).logsumexp(1)

    def sample(self, shape):
        z = torch.randn(*shape, self.means.shape[1], dtype=torch.float64)
        which = torch.multinomial(self.weights, len(z), replacement=True)
        for k, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            z[which == k] = mean + z[which == k] @ factor.T
        return z.unflatten(1, self.shape)


class KernelDensity:
    """Equal Gaussian bumps of standard deviation `bandwidth` on every centre (N,n), of codes of that shape, else (n,):
    scikit-learn's, with gradients."""

    def __init__(self, centres, bandwidth, shape=None):
        if not bandwidth > 0:
            raise ValueError(f"bandwidth must be > 0; got {bandwidth}")
        self.centres, self.bandwidth, self.shape = centres, bandwidth, shape or centres.shape[1:]

    def log_prob(self, z):
        """(N,*code) -> (N,)."""
        z, centres = z.double().flatten(1) / self.bandwidth, self.centres / self.bandwidth
        square = z.square().sum(1, keepdim=True) + centres.square().sum(1) - 2 * z @ centres.T     # (N,centres)
        count, n = centres.shape
        return (-square / 2).logsumexp(1) - math.log(count) - n / 2 * math.log(2 * math.pi * self.bandwidth ** 2)

    def sample(self, shape):
        places = torch.randint(len(self.centres), shape)
        noise = torch.randn(*shape, self.centres.shape[1], dtype=torch.float64)
        return (self.centres[places] + self.bandwidth * noise).unflatten(1, self.shape)


def critic_score(model):
    """How little a trained adversary suspects the picture that a code makes, (N,*code) -> (N,): a score, no density.

    ACAI: f(z) = -d(decode(z)), high where its critic sees no mixture; rank it against codes of real images,
    `RealismIndex(critic_score(model), codes)`. GAN: f(z) = d(generator(z)), high where its discriminator sees real data;
    rank it against noise of its prior. Raises ValueError for a model without an adversary.
    """
    if not hasattr(model, "d"):
        raise ValueError(f"{type(model).__name__} has no critic or discriminator: wrap it in ACAI, or take a GAN")
    made, sign = (model.generator, 1) if hasattr(model, "generator") else (model.decode, -1)
    return lambda z: sign * model.d(made(z.to(next(model.parameters()))))


def feature_index(features, images, held_out):
    """An index of *images*, where the seed's claim lies: how near x is to the bulk of real ones, in features. This course's
    own proposal; the paper's index for generators without a prior (after FID) is not known to us in its exact form.

    features: (N,C,32,32) -> (N,d), e.g. of a `Judge`. f(x): minus the squared Mahalanobis distance of features(x) to those
    of `images` (N,C,32,32), N > d. held_out: other real images, which x is ranked against.
    """
    with torch.no_grad():
        seen = torch.cat([features(part) for part in images.split(PART)])
    density = fit_density(seen)
    return RealismIndex(lambda x: density.log_prob(features(x)), held_out)
