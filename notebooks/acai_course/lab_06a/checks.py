"""Lab 06a: what each check looks for."""
import math

import torch

from ..checks import Exercise, Off, images_like, pair, something
from .answers import bubble, calibrate, decision, gaussian_index, index
from .checks_decision import try_decision


def _numbers(result, shape, what="your function"):
    """As a float64 tensor of that shape, whatever made it."""
    result = torch.as_tensor(something(result, what), dtype=torch.float64)
    images_like(result, shape, what)
    return result


def _draws(count, n, seed):
    return torch.randn(count, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _near(a, b, tolerance=1e-9):
    return a.shape == b.shape and bool(((a - b).abs() <= tolerance).all())


def _try_index(yours):
    samples, z = _draws(2000, 2, 0), _draws(50, 2, 1)

    def f(x):
        return torch.exp(-x.square().sum(-1) / 2) / (2 * math.pi)

    result = yours(f, samples.clone(), z.clone())
    if torch.is_tensor(result) and result.ndim == 0 or isinstance(result, float | int):
        raise Off("you returned one number for all points: every point z has an index of its own, "
                  "so (K,) numbers.")
    if torch.is_tensor(result) and tuple(result.shape) == (2000,):
        raise Off("one number a *sample*: for each point z count over the samples, and return one "
                  "number a point.")
    result, wanted = _numbers(result, (50,)), index(f, samples, z)
    below = samples[None] <= z[:, None]                                # (K,M,n)
    if any(_near(result, found.double().mean(1)) for found in (below.all(2), below[:, :, 0])):
        raise Off("you count the samples X that lie below z: P(X <= z). That asks where z lies "
                  "along the axes. Here it is the *scores* that are compared.")
    if (_near(result, f(z)) or _near(result, f(z) / f(samples).max(), 1e-6)
            or _near(result, f(z) / f(samples).sum())):
        raise Off("a density is not a probability: with narrow clouds it goes far above 1. Use it "
                  "only to *compare* points and count; log f must give the same index as f.")
    if _near(result, 2000 * wanted):
        raise Off("a count; the index is the *share* of the samples.")
    if _near(result, 1 - wanted, 1 / 1999):
        raise Off("you count the samples that score *higher*: then the most ordinary point has "
                  "index 0. ri = 0.3 means that 30% of samples are less likely.")
    for name, change in (("log f", torch.log), ("1000 f", lambda y: 1000 * y),
                         ("f³ - 1", lambda y: y ** 3 - 1)):
        if not _near(_numbers(yours(lambda x, c=change: c(f(x)), samples.clone(), z.clone()),
                              (50,)), result, 1 / 1000):
            raise Off(f"{name} must give the same index as f: it puts all points in the same "
                      "order. Yours changed, so it uses more than the order.")
    ranks = result.sort().values
    spread = float((ranks - torch.linspace(0, 1, 50)).abs().max())
    if float(ranks[0]) < 0 or float(ranks[-1]) > 1 or spread > 0.25:
        raise Off("points drawn from f must spread evenly over [0, 1]: ri = 0.3 means 30% of "
                  f"samples are less likely. Yours run from {float(ranks[0]):.2f} to "
                  f"{float(ranks[-1]):.2f}, and pile up somewhere.")
    even = _numbers(yours(lambda x: torch.ones(len(x), dtype=torch.float64), samples.clone(),
                          z.clone()), (50,))
    if float((even - 1).abs().max()) > 1e-9:
        raise Off(
            "ties: if f is the same everywhere, no sample scores higher than z, so P(f(X) <= f(z)) "
            f"is 1; yours is {float(even[0]):.2f}. Look at the sign between the two scores.")
    coarse = _numbers(yours(lambda x: f(x).mul(20).round(), samples.clone(), z.clone()), (50,))
    if not _near(coarse, index(lambda x: f(x).mul(20).round(), samples, z)):
        raise Off("where scores tie, all samples of the same score count: P(f(X) <= f(z)), not "
                  "P(f(X) < f(z)).")
    two = _numbers(yours(f, samples[:5].clone(), samples[:2].clone()), (2,))
    if not _near(result, wanted, 1 / 1999) or not _near(two, index(f, samples[:5], samples[:2])):
        raise Off("your numbers are not the shares of samples whose score is at most that of z: "
                  "take three samples and one point on paper. Which of them count for it?")


def _try_gaussian(yours):
    for n in (2, 1, 16, 64):
        z, samples = (_draws(40, n, 2) * torch.linspace(0.5, 1.3, 40)[:, None].double(),
                      _draws(20_000, n, 3))
        r2 = z.square().sum(1)
        result = _numbers(yours(z.clone()), (40,))
        counted = index(lambda x: -x.square().sum(-1), samples, z)
        error = (counted * (1 - counted) / 20_000).sqrt().clamp(min=1 / 20_000)
        if bool(((result - counted).abs() <= 4 * error).all()):
            continue
        if n != 2 and _near(result, torch.exp(-r2 / 2), 1e-5):
            raise Off(f"exp(-r²/2) is right in two dimensions only; in {n} yours is more than 4 "
                      "standard errors from counting. The squared length of a draw has a law "
                      "that depends on n.")
        if bool(((1 - result - counted).abs() <= 4 * error).all()):
            raise Off("you have the chance that a draw lies *nearer* to the centre than z. Those "
                      "are the likelier ones: the index counts the others.")
        density = torch.exp(-r2 / 2) / (2 * math.pi) ** (n / 2)
        if _near(result, density, 1e-6):
            raise Off("that is the density at z, not the share of draws with a lower one.")
        if n == 2 and _near(result, torch.exp(-r2.sqrt() / 2), 1e-5):
            raise Off("chi² is the law of the *squared* length, and you gave it the length.")
        raise Off(f"for n = {n} yours is more than 4 standard errors from counting: at |z|² = "
                  f"{float(r2[20]):.2f} it says {float(result[20]):.3f}, counting "
                  f"{float(counted[20]):.3f}. Which draws have a lower density than z?")


def _try_bubble(yours):
    found = {}
    for n in (2, 16, 64):
        torch.manual_seed(n)
        result = pair(yours(n, 400),
                      "return two indices of the same midpoints, `return by_density, by_radius`.")
        both = [_numbers(part, (400,)) for part in result]
        if any(float(part.min()) < -1e-9 or float(part.max()) > 1 + 1e-9 for part in both):
            raise Off("an index is a share, from 0 to 1.")
        found[n] = [float(part.median()) for part in both]
    density, radius = ([found[n][k] for n in found] for k in (0, 1))
    if density[2] < 0.05 and radius[2] > 0.95:
        raise Off("the first index should be ranked by density, and your index falls with n: did "
                  "you rank the radius?")
    if density[2] < 0.05 and density[0] < 0.45:
        raise Off("your points are longer than a draw: the sum of two draws is not the "
                  "middle between them.")
    if density[2] < 0.05:
        raise Off("your index falls with n: did you rank the radius? The first of the two is "
                  "ranked by the density itself.")
    if abs(density[2] - 0.5) < 0.15:
        raise Off("your midpoints are as long as draws themselves, as if each draw had been paired "
                  "with itself. Draw two batches, or pair each draw with another.")
    truth = {2: 0.707, 16: 0.950, 64: 0.9997}
    if any(abs(found[n][0] - truth[n]) > 0.06 for n in truth):
        raise Off("the density index of your midpoints is "
                  + ", ".join(f"{v:.2f} (n = {n})" for n, v in zip(found, density, strict=True))
                  + ": half of the midpoints should score higher than 0.71, 0.95 and 0.9997. Are "
                  "these middles, t = ½, of two independent draws?")
    if radius[2] > 0.9:
        raise Off("your second index praises the middle as the first one does: it ranks points, "
                  "not radii. There is more room further out: which factor of the radius's "
                  "density says so?")
    if radius[0] < 0.43 and radius[2] < 0.01:
        raise Off("in two dimensions midpoints have quite an ordinary radius, and your second "
                  "index calls them unusual: it counts all draws with a smaller radius. Rank by "
                  "how *frequent* a radius is, so that too far out is unusual, too.")
    if radius[0] < 0.43 or not 0.02 < radius[1] < 0.4 or radius[2] > 0.01:
        raise Off("the radius index of your midpoints is "
                  + ", ".join(f"{v:.3f} (n = {n})" for n, v in zip(found, radius, strict=True))
                  + ". By which score do you rank, and whose radii do you count among: those of "
                  "draws, or those of midpoints?")


def _try_calibrate(yours):
    g = torch.Generator().manual_seed(5)
    ri, distance = torch.rand(12, 16, generator=g), torch.rand(12, 16, generator=g) * 0.02
    ri = (0.7 * ri + 0.3 * (1 - 50 * distance)).clamp(0, 1)
    result = torch.as_tensor(yours(ri.clone(), distance.clone()))
    if result.numel() != 1:
        raise Off("one number is wanted for all frames together; yours is of shape "
                  f"{tuple(result.shape)}: what does your function take for a row, and "
                  "what for a column?")
    result, wanted = float(result), calibrate(ri, distance)
    if math.isnan(result):
        raise Off("your correlation is NaN. How many frames does your function see in one row?")
    if abs(result + wanted) < 1e-6:
        raise Off("the sign: a good index is high where the distance is *low*, and should get +1. "
                  "Compare with minus the distance.")
    usual = float(torch.corrcoef(torch.stack([ri.flatten(), -distance.flatten()]))[0, 1])
    if min(abs(result - usual), abs(result + usual)) < 1e-6:
        raise Off("that is the usual correlation, of the values. Only the *order* counts here: "
                  "correlate ranks.")
    rows = torch.tensor([calibrate(a, b) for a, b in zip(ri, distance, strict=True)])
    if abs(result - float(rows.mean())) < 1e-6 or abs(result - float(rows.median())) < 1e-6:
        raise Off("you ranked each path by itself and averaged. Then an index need not tell a good "
                  "path from a bad one: rank all frames of all paths together.")
    per_frame = torch.tensor([calibrate(a, b) for a, b in zip(ri.T, distance.T, strict=True)])
    if abs(result - float(per_frame.mean())) < 1e-6:
        raise Off("you ranked each place t by itself and averaged: rank all frames of all "
                  "paths together.")
    means = calibrate(ri.mean(1, keepdim=True), distance.mean(1, keepdim=True))
    if abs(result - means) < 1e-6:
        raise Off("you ranked the means of the paths: then nobody asks which frames of a path are "
                  "bad. Rank the frames.")
    bent = float(yours(ri.clone() ** 5, 1e6 * distance.clone() ** 3))
    if abs(bent - result) > 1e-6:
        raise Off("the fifth power of an index puts frames in the same order, and your number "
                  "changed: correlate ranks, not values.")
    if abs(result - wanted) > 1e-6:
        raise Off(f"on frames where the rank correlation with minus the distance is {wanted:+.3f} "
                  f"yours says {result:+.3f}: which correlation is it, and of what with what?")
    for ri, distance in ((torch.tensor([[3., 1], [1, 0]]), torch.tensor([[1., 2], [2, 9]])),
                         (torch.tensor([[1., 1], [0.5, 0]]), torch.tensor([[1., 2], [3, 4]]))):
        if abs(float(yours(ri, distance)) - calibrate(ri, distance)) > 1e-6:
            raise Off("where values tie, each should get the mean of the ranks that they share: an "
                      "index of exactly 1 is frequent.")


EXERCISES = {
    "06-1": Exercise("count", index, _try_index, "take f(x) = x, the samples 1, 2, 3, 4 and the "
                     "points 0, 2 and 9: write down their three indices before you run it."),
    "06-2": Exercise("the Gaussian", gaussian_index, _try_gaussian,
                     "draw 10,000 points in 16 dimensions and look at a histogram of their squared "
                     "lengths: where in it does your z lie?"),
    "06-3": Exercise("the soap bubble", bubble, _try_bubble,
                     "print the mean length of draws and of your midpoints for n = 2, 16 and 64, "
                     "and mark both on a line from the centre outwards."),
    "06-4": Exercise("calibrate", calibrate, _try_calibrate,
                     "take two paths of two frames with numbers that you can put in order by hand, "
                     "then double the largest: what may change?"),
    "06-4-2": Exercise("decide", decision, try_decision,
                       "follow your index through all five panels of the figure: where is it at "
                       "its worst, and does it still clear the grey band there?"),
}
