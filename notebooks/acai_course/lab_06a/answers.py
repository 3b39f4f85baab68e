"""Lab 06a: the course's versions of what learners write there."""
import torch

from ..records import realism_record


def index(f, samples, z):
    """ri (K,) of the points z (K,n): the share of samples (M,n) whose score f, (N,n) -> (N,), is no
    higher."""
    scores = f(samples)                                                # (M,)
    return (scores <= f(z)[:, None]).double().mean(1)


def gaussian_index(z):
    """ri (...) of z (...,n) under N(0, I): the chance that chi^2 with n degrees of freedom exceeds
    |z|^2."""
    half = torch.tensor(z.shape[-1] / 2, dtype=torch.float64)
    return torch.special.gammaincc(half, z.double().square().sum(-1) / 2)


def bubble(n, count):
    """Midpoints of `count` pairs of draws of N(0, I) in n dimensions: ri (count,) ranked by
    density, and by radius."""
    z, samples = (torch.randn(count, n) + torch.randn(count, n)) / 2, torch.randn(4000, n)

    def radius_density(x):
        r = x.norm(dim=1)
        return (n - 1) * r.log() - r.square() / 2

    return gaussian_index(z), index(radius_density, samples, z)


def calibrate(ri, distance):
    """Spearman's rank correlation of ri (K,T) with minus the true distance (K,T), over all
    frames."""
    from scipy.stats import spearmanr
    return float(spearmanr(ri.flatten().numpy(), -distance.flatten().numpy()).statistic)


def decision():
    """The index that the course would trust, and the number that supports it: its weakest."""
    rows = {name: row["reconstruction"]["inner"][0]
            for name, row in realism_record()["calibration"].items()}
    weakest = min(rows, key=rows.get)
    return {"index": "reconstruction", "model": weakest, "number": rows[weakest]}
