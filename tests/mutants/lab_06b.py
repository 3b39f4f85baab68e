"""Lab 06b: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""

import math

import torch
from acai_course.lab_06b.answers import apart, path_cost

import acai_lite as al


def cost(z, quality, where="middle", log=torch.log, power=2, squared=2, time=1, count=0,
         reduce=torch.sum, order=2):
    q = {"middle": lambda: quality((z[1:] + z[:-1]) / 2),
         "left": lambda: quality(z[:-1]), "right": lambda: quality(z[1:]),
         "both": lambda: (quality(z[1:]) + quality(z[:-1])) / 2}[where]()
    steps = (z[1:] - z[:-1]).norm(order, dim=1) ** squared
    return reduce(log(q) ** power * steps) * (len(z) - 1 + count) ** time


def cost_by_a_loop(z, quality):
    total = 0
    for i in range(len(z) - 1):
        total = (total + quality(torch.lerp(z[i], z[i + 1], 0.5)[None])[0].log() ** 2
                 * torch.dist(z[i], z[i + 1]) ** 2)
    return total * (len(z) - 1)


def cost_by_speed(z, quality):
    t = torch.linspace(0, 1, len(z))
    speed = z.diff(dim=0) / t.diff()[:, None]
    rate = quality(z.unfold(0, 2, 1).mean(2)).log()[:, None] * speed
    return torch.einsum("ij,ij,i->", rate, rate, t.diff())


def of_one_number(z, quality):
    return torch.stack([cost(z, quality)])


def whole_length(z, quality):
    return (quality((z[1:] + z[:-1]) / 2).log() ** 2).mean() * z.diff(dim=0).norm(dim=1).sum() ** 2


def changing(function):
    def changed(z, *more):
        value = function(z, *more)
        z.detach().mul_(2)
        return value
    return changed


def split(z, parts, ends="once"):
    """Each part of z with its own ends: "once", "twice" (parts + 1 places), "tight" (parts places),
    "never" the last."""
    fine = []
    for a, b in zip(z[:-1], z[1:], strict=True):
        count = parts if ends == "tight" else parts + 1
        inner = [torch.lerp(a, b, float(s)) for s in torch.linspace(0, 1, count)]
        fine += inner if ends in ("twice", "tight") else inner[:-1]
    return torch.stack(fine + ([z[-1]] if ends == "once" else []))


def honest(z, quality, parts, ends="once"):
    return float(path_cost(split(z, parts, ends), quality))


def honest_inside(z, quality, parts, share=True, time=1):
    """No new path: the quality is averaged over the parts of each step."""
    offsets = (torch.arange(parts) + 0.5) / parts
    logs = torch.stack([quality(z[:-1] + s * (z[1:] - z[:-1])).log() ** 2 for s in offsets])
    logs = logs.mean(0) if share else logs.sum(0)
    return (logs * z.diff(dim=0).square().sum(1)).sum() * (len(z) - 1) * parts ** (time - 1)


def honest_by_numpy(z, quality, parts):
    import numpy as np
    t, fine = np.arange(len(z)), np.linspace(0, len(z) - 1, (len(z) - 1) * parts + 1)
    path = np.stack([np.interp(fine, t, column) for column in z.T.numpy()], 1)
    return cost(torch.tensor(path), quality)


def rounded(z, quality, parts):
    """Even distances: another timing."""
    fine = split(z, 64)
    walked = torch.cat([torch.zeros(1), fine.diff(dim=0).norm(dim=1).cumsum(0)])
    wanted = torch.linspace(0, float(walked[-1]), (len(z) - 1) * parts + 1)
    return cost(fine[(walked[None] - wanted[:, None]).abs().argmin(1)], quality)


def asked_in_the_middle(z, quality, parts):
    return cost(z, quality)


def old_time(z, quality, parts):
    return cost(split(z, parts), quality) / parts


def cut_corners(z, quality, parts):
    return cost(al.interpolate(z[:1], z[-1:], (len(z) - 1) * parts + 1)[0], quality)


def answer(*cells):
    return lambda: cells


BAD, GOOD = ("baseline", "linear", "Mean Distance"), ("baseline", "realistic", "Mean Distance")

RIGHT = [("06-5", cost_by_a_loop), ("06-5", cost_by_speed), ("06-5", cost), ("06-5", of_one_number),
         ("06-5", lambda z, q: al.path_cost(z[None], q)),
         ("06-6", honest), ("06-6", honest_inside), ("06-6", honest_by_numpy),
         ("06-7", answer(GOOD, BAD)),
         ("06-7", lambda: [list(GOOD), ["Baseline", "spherical", "mean_distance"]]),
         ("06-7", answer(BAD, ("baseline", "hop", "Mean Distance"))),
         ("06-8", lambda a: torch.rad2deg(torch.acos(torch.cos(a[:, -1] - a[:, 0]).clamp(-1, 1)))),
         ("06-8", lambda a: 180 - (180 - torch.rad2deg((a[:, -1] - a[:, 0]).abs())).abs())]


def q(**options):
    return lambda z, quality: cost(z, quality, **options)


WRONG = [
    ("06-5", q(time=0),
     "0.9609, with 5 places as with 50; yours costs 0.2402: a step has a duration, too"),
    ("06-5", q(reduce=torch.mean), "a step has a duration, too"),
    ("06-5", q(time=-1), "a step has a duration, too"),
    ("06-5", q(time=2), "comes in once too often"),
    ("06-5", q(count=1), "ends of 4 steps"),
    ("06-5", q(power=1), "the logarithm is not squared"),
    ("06-5", q(power=1, time=0), "the logarithm is not squared"),
    ("06-5", lambda z, quality: -q(power=1)(z, quality), "the logarithm is not squared"),
    ("06-5", q(squared=1), "the length of a step is not squared"),
    ("06-5", q(squared=1, power=1, time=0), "that is the weighted length"),
    ("06-5", q(log=lambda v: v), "where is the logarithm"),
    ("06-5", q(log=lambda v: v, power=1), "where is the logarithm"),
    ("06-5", q(log=torch.log2), "the natural logarithm"),
    ("06-5", q(log=torch.log10), "the natural logarithm"),
    ("06-5", q(order=1), "not a sum of absolute differences"),
    ("06-5", lambda z, quality: 3 * cost(z, quality),
     "must cost 0.9609, with 5 places as with 50; yours costs 2.8"),
    ("06-5", lambda z, quality: cost(z, quality, time=0) * 4, "right with 5 places only"),
    ("06-5", q(where="left"), "other points than the middles"),
    ("06-5", q(where="right"), "other points than the middles"),
    ("06-5", q(where="both"), "At the places themselves a bad stretch between"),
    ("06-5", lambda z, quality: cost(z, lambda p: 0.5 + 0 * p[:, 0]), "never asks for the quality"),
    ("06-5", lambda z, quality: cost(z, lambda p: quality(p).mean().expand(len(p))),
     "belongs to its own length"),
    ("06-5", whole_length, "you square the length of the whole way"),
    ("06-5", lambda z, quality: (quality((z[1:] + z[:-1]) / 2).log().abs() * z.diff(dim=0)
                                 .norm(dim=1)).sum() ** 2, "belongs to its own length"),
    ("06-5", lambda z, quality: cost(z, quality).item(),
     "return a tensor that still has its gradient"),
    ("06-5", lambda z, quality: cost(z, lambda p: quality(p.detach())), "its gradient is not"),
    ("06-5", changing(cost), "you changed the path"),
    ("06-5", lambda z, quality: print(end=""), "returned nothing"),
    ("06-5", q(reduce=lambda v: v), "a single number, not a tensor of shape"),
    ("06-5", q(reduce=lambda v: v.sum() / 0), "NaN or infinity"),
    ("06-6", lambda *a: honest(*a, ends="twice"), "a place that occurs twice"),
    ("06-6", lambda *a: honest(*a, ends="tight"), "a place that occurs twice"),
    ("06-6", lambda *a: honest(*a, ends="never"), "stops before it has arrived"),
    ("06-6", old_time, "steps became 4 times shorter, and so did the time"),
    ("06-6", lambda *a: honest_inside(*a, share=False), "each still counts as a whole one"),
    ("06-6", lambda *a: honest_inside(*a, share=False, time=2), "each still counts as a whole one"),
    ("06-6", lambda *a: 7 * honest(*a), "however finely it is divided; yours costs 6.7"),
    ("06-6", cut_corners, "you cut the corners"),
    ("06-6", rounded, "another timing"),
    ("06-6", asked_in_the_middle, "in the middle of the undivided parts only"),
    ("06-6", lambda z, quality, parts: honest(z, quality, 8),
     "divide by as many parts as you are told"),
    ("06-6", lambda z, quality, parts: honest(z, quality, 3), "in 8 parts a step; yours says"),
    ("06-6", changing(honest), "you changed the path"),
    ("06-6", lambda *a: None, "returned nothing"),
    ("06-7", answer(BAD), "return two cells"),
    ("06-7", answer(BAD, "baseline"), r"a cell is \(model, path, measure\)"),
    ("06-7", answer(BAD, ("AAE", "linear", "Mean Distance")), "the table has no cell"),
    ("06-7", answer(BAD, (*GOOD[:2], "Smoothness")), "are different things"),
    ("06-7", answer((*BAD[:2], "Lowest ri"), (*GOOD[:2], "min_ri")),
     "lowest ri is what the search looked at"),
    ("06-7", answer((*BAD[:2], "cost"), (*GOOD[:2], "cost")), "cost is what the search looked at"),
    ("06-7", answer((*BAD[:2], "smoothness"), (*GOOD[:2], "smoothness")),
     "not whether its frames are lines"),
    ("06-7", answer(BAD, ("ACAI", *BAD[1:])), "is what everybody agrees on"),
    ("06-7", answer(GOOD, ("ACAI", *GOOD[1:])), "does not say what is wrong with the straight one"),
    ("06-7", answer(BAD, ("ACAI", *GOOD[1:])), "two things changed at once"),
    ("06-7", answer(("VAE", *BAD[1:]), ("VAE", *GOOD[1:])),
     "the claim is about the baseline's code"),
    ("06-7", answer(BAD, BAD), "one cell, twice"),
    ("06-7", answer(BAD, ("baseline", "spherical", "Mean Distance")), "is there a good one"),
    ("06-8", lambda a: torch.rad2deg(a[:, -1] - a[:, 0]), "has no sign"),
    ("06-8", lambda a: torch.rad2deg((a[:, -1] - a[:, 0]).abs()), "350 and 10 degrees are 20"),
    ("06-8", lambda a: apart(a) * (math.pi / 180), "right in radians"),
    ("06-8", lambda a: torch.rad2deg(a.amax(1) - a.amin(1)), "10 and 30 degrees are 20"),
    ("06-8", lambda a: apart(a).mean(), "one number a path"),
    ("06-8", lambda a: None, "returned nothing"),
]
