"""Lab 06a: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import math

import numpy as np
import torch
from acai_course.lab_06a import answers, checks_decision
from scipy import stats

import acai_lite as al

N, END = "nearness to an end", [0.3, 0.25, 0.35]


def row(gaussian, critic, reconstruction, untrained, control=END):
    found = {"Gaussian": gaussian, "ACAI's critic": critic, "reconstruction": reconstruction,
             "untrained features": untrained}
    return {name: {"all": [v + 0.1, v, v + 0.2], "inner": [v, v - 0.05, v + 0.05]}
            for name, v in found.items()} | {N: {"all": [0.8, 0.75, 0.85], "inner": control}}


TABLE = {"lines-baseline-64": row(-0.28, -0.18, 0.78, 0.61, [0.56, 0.5, 0.62]),
         "lines-acai-64": row(0.09, 0.38, 0.73, 0.35, [0.0, -0.05, 0.05]),
         "lines-vae-64": row(-0.12, 0.12, 0.85, 0.8), "lines-vqvae-256": row(0.0, -0.37, 0.88, 0.6)}

STAGE = [(module, "realism_record", lambda: {"calibration": TABLE})
         for module in (checks_decision, answers)]


def counted(f, samples, z, sign="<=", share=True):
    a, b = f(samples)[None], f(z)[:, None]
    found = {"<=": a <= b, "<": a < b, ">": a > b, ">=": a >= b}[sign].double()
    return found.mean(1) if share else found.sum(1)


def one_by_one(f, samples, z):
    scores = f(samples).tolist()
    return [sum(s <= own for s in scores) / len(scores) for own in f(z).tolist()]


def sorted_first(f, samples, z):
    scores = f(samples).sort().values
    return torch.searchsorted(scores, f(z), right=True).numpy() / len(scores)


def chi(z):
    return stats.chi2.sf(np.square(np.asarray(z)).sum(-1), z.shape[-1])


def midpoints(n, count, half=2.0, other=True, by=None, radius=None, swap=False, among=1.0):
    a = torch.randn(count, n)
    z = (a + (torch.randn(count, n) if other else a)) / half
    samples = among * torch.randn(4000, n)
    by = by or answers.gaussian_index
    first = by(z)
    score = radius or (lambda x: (n - 1) * x.norm(dim=1).log() - x.square().sum(1) / 2)
    second = answers.index(score, samples, z)
    return (second, first) if swap else (first, second)


def both_tails(n, count):
    """Ranked by the radius, in another way: how far into either tail of the radii."""
    z = torch.randn(count, 2, n).mean(1)
    below = torch.as_tensor(stats.chi2.cdf(z.square().sum(1), n))
    return torch.as_tensor(chi(z)), 2 * torch.minimum(below, 1 - below)


def bubble_formula(n, count):
    draws = torch.randn(count + 1, n)
    z = torch.lerp(draws[1:], draws[:-1], 0.5)
    return (al.gaussian_realism(z, torch.zeros(n), torch.eye(n)),
            al.radial_realism(z, torch.zeros(n), torch.eye(n)))


def by_hand(ri, distance):
    a, b = stats.rankdata(ri.numpy().ravel()), stats.rankdata(distance.numpy().ravel())
    return -np.corrcoef(a, b)[0, 1]


def choose(index="reconstruction", model="lines-acai-64", number=0.73):
    return lambda: {"index": index, "model": model, "number": number}


RIGHT = [("06-1", one_by_one), ("06-1", sorted_first),
         ("06-1", lambda f, samples, z: al.RealismIndex(f, samples)(z)),
         ("06-1", lambda f, samples, z: 1 - counted(f, samples, z, ">")),
         ("06-2", chi), ("06-2", lambda z: 1 - torch.special.gammainc(
             torch.tensor(z.shape[1] / 2), z.float().norm(dim=1) ** 2 / 2)),
         ("06-2", lambda z: al.gaussian_realism(z, torch.zeros(z.shape[1]), torch.eye(z.shape[1]))),
         ("06-3", midpoints), ("06-3", both_tails), ("06-3", bubble_formula),
         ("06-3", lambda n, count: midpoints(
             n, count, radius=lambda x: -(x.norm(dim=1) - (n - 1) ** 0.5).abs())),
         ("06-4", by_hand), ("06-4", lambda a, b: al.rank_agreement(a, b, 2).correlation),
         ("06-4", lambda a, b: -stats.spearmanr(a.ravel(), b.ravel())[0]),
         ("06-4-2", choose()), ("06-4-2", choose(number=np.float32(0.7347))),
         ("06-4-2", choose("untrained features", number=0.35))]


def plain(ri, distance, sign=-1):
    return float(torch.corrcoef(torch.stack([ri.flatten(), sign * distance.flatten()]))[0, 1])


def untied(ri, distance):
    """Ranks in which ties have an order."""
    a, b = (torch.as_tensor(v).flatten().argsort(stable=True).argsort(stable=True).double()
            for v in (ri, -distance))
    return plain(a, b, 1)


def mean_of_rows(ri, distance, mean=np.mean):
    return mean([answers.calibrate(a, b) for a, b in zip(ri, distance, strict=True)])


WRONG = [
    ("06-1", lambda f, s, z: (s[None] <= z[:, None]).all(2).double().mean(1), "lie below z"),
    ("06-1", lambda f, s, z: (s[:, 0] <= z[:, :1]).double().mean(1), "lie below z"),
    ("06-1", lambda f, s, z: f(z),
     "a density is not a probability.*log f must give the same index as f"),
    ("06-1", lambda f, s, z: f(z) / f(s).max(), "a density is not a probability"),
    ("06-1", lambda f, s, z: f(z) / f(s).sum(), "a density is not a probability"),
    ("06-1", lambda f, s, z: counted(f, s, z, "<"), "ties"),
    ("06-1", lambda f, s, z: counted(f, s, z, ">"), "score \\*higher\\*"),
    ("06-1", lambda f, s, z: counted(f, s, z, ">="), "score \\*higher\\*"),
    ("06-1", lambda f, s, z: counted(f, s, z, share=False), "the \\*share\\*"),
    ("06-1", lambda f, s, z: counted(f, s, z).mean(), "one number for all points"),
    ("06-1", lambda f, s, z: counted(f, z, s), "one number a \\*sample\\*"),
    ("06-1", lambda f, s, z: ((f(s) * (f(s) <= f(z)[:, None])).sum(1) / f(s).sum()),
     "Yours changed, so it uses more"),
    ("06-1", lambda f, s, z: counted(f, s, z) ** 3, "must spread evenly"),
    ("06-1", lambda f, s, z: None, "return"),
    ("06-2", lambda z: torch.exp(-z.square().sum(1) / 2), "two dimensions only.*4 standard errors"),
    ("06-2", lambda z: 1 - torch.as_tensor(chi(z)), "\\*nearer\\*"),
    ("06-2", lambda z: torch.exp(-z.square().sum(1) / 2) / (2 * math.pi) ** (z.shape[1] / 2),
     "that is the density"),
    ("06-2", lambda z: stats.chi2.sf(z.norm(dim=1), z.shape[1]), "\\*squared\\* length"),
    ("06-2", lambda z: stats.chi2.sf(z.square().sum(), z.shape[1]), "shape"),
    ("06-2", lambda z: torch.special.gammaincc(torch.tensor(z.shape[1]).double(), z.square()
                                               .sum(1)), "Which draws have a lower density than z"),
    ("06-3", lambda n, c: midpoints(n, c, swap=True), "should be ranked by density, and"),
    ("06-3", lambda n, c: midpoints(n, c)[1:] * 2, "is ranked by the density itself"),
    ("06-3", lambda n, c: midpoints(n, c, half=1.0), "the sum of two draws"),
    ("06-3", lambda n, c: midpoints(n, c, other=False), "paired with itself"),
    ("06-3", lambda n, c: midpoints(n, c)[:1] * 2, "praises the middle"),
    ("06-3", lambda n, c: midpoints(n, c, radius=lambda x: x.norm(dim=1)), "too far out"),
    ("06-3", lambda n, c: midpoints(n, c, among=0.5 ** 0.5),
     "those of draws, or those of midpoints"),
    ("06-3", lambda n, c: midpoints(n, c, half=4.0), "middles, t = ½"),
    ("06-3", lambda n, c: midpoints(n, c)[0], "two indices"),
    ("06-4", lambda a, b: -answers.calibrate(a, b), "the sign"), ("06-4", plain, "correlate ranks"),
    ("06-4", lambda a, b: plain(a, b, 1), "correlate ranks"),
    ("06-4", mean_of_rows, "each path by itself"),
    ("06-4", lambda a, b: stats.spearmanr(a.mean(1), -b.mean(1))[0], "the means of the paths"),
    ("06-4", lambda a, b: mean_of_rows(a.T, b.T), "each place t by itself"),
    ("06-4", lambda a, b: stats.kendalltau(a.ravel(), -b.ravel())[0],
     "rank correlation with minus the distance is"),
    ("06-4", untied, "values tie"),
    ("06-4", lambda a, b: float("nan"), "How many frames does your function see"),
    ("06-4-2", choose(number=None), "which number supports it[?]$"),
    ("06-4-2", choose(number=0.99), "inner frames of lines-acai-64.$"),
    ("06-4-2", choose(number=0.83), "It is that of all frames"),
    ("06-4-2", choose(number=0.35), "'untrained features'"),
    ("06-4-2", choose(number=-0.73), "the sign is not"),
    ("06-4-2", choose("Gaussian", "lines-baseline-64", -0.28),
     "on lines-baseline-64 this index has a minus"),
    ("06-4-2", choose("ACAI's critic", "lines-acai-64", 0.38),
     "on lines-vqvae-256 this index has a minus"),
    ("06-4-2", choose("reconstruction", "lines-vqvae-256", 0.88), "not the weakest"),
    ("06-4-2", choose(N, "lines-acai-64", 0.0), "only knows t"),
    ("06-4-2", choose("by eye"), "no index"), ("06-4-2", choose(model="mine"), "no model"),
    ("06-4-2", lambda: "reconstruction", "dictionary")]
