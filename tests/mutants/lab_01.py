"""Lab 01: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import math

import numpy as np
import torch
from acai_course.lab_01.answers import rotation
from acai_course.lab_01.pictures import jump

import acai_lite as al

DEGREES = math.pi / 180


def lerp(x0, x1, steps):
    return torch.stack([torch.lerp(x0, x1, k / (steps - 1)) for k in range(steps)])


def turn_with_if(angle0, angle1, steps):
    gap = (angle1 - angle0) % (2 * math.pi)
    if gap > math.pi:
        gap -= 2 * math.pi
    return torch.tensor([angle0 + gap * k / (steps - 1) for k in range(steps)])


def distance_in_a_loop(frames, lines):
    return sum(min(1 - torch.cosine_similarity(y.flatten().double(), d.flatten().double(), dim=0)
                   .item() for d in lines) for y in frames) / len(frames)


def distance_with_normalize(frames, lines):
    y, d = (torch.nn.functional.normalize(t.double().flatten(1)) for t in (frames, lines))
    return torch.cdist(y, d).square().div(2).amin(1).mean()


def smooth_numpy(angles):
    unwrapped = np.unwrap(angles)
    return (np.abs(np.diff(unwrapped)).max() / abs(unwrapped[-1] - unwrapped[0])
            - 1 / (len(angles) - 1))


def smooth_complex(angles):
    steps = torch.angle(torch.exp(1j * angles[1:]) / torch.exp(1j * angles[:-1]))
    return (steps.abs().max() / steps.sum().abs()).item() - 1 / len(steps)


RIGHT = [("01-1", lerp),
         ("01-1", lambda a, b, n: torch.from_numpy(np.linspace(a.numpy(), b.numpy(), n))),
         ("01-2", turn_with_if),
         ("01-2", lambda a, b, n: torch.from_numpy(np.linspace(*np.unwrap([a, b]), n))),
         # the same lines, wrapped numbers
         ("01-2", lambda a, b, n: turn_with_if(a, b, n) % (2 * math.pi)),
         ("01-3", distance_in_a_loop), ("01-3", distance_with_normalize),
         ("01-4", smooth_numpy), ("01-4", smooth_complex),
         ("01-5", lambda a, b, n: b.repeat(n, 1, 1, 1)),
         ("01-5", lambda a, b, n: al.draw_lines(torch.linspace(1.0, 1.3, n))),
         ("01-5", lambda a, b, n: al.draw_lines(torch.linspace(0, 0.01, n)))]


def t(steps):
    return torch.linspace(0, 1, steps).view(-1, 1, 1, 1)


def rows(t):
    return t.double().flatten(1)


def cosines(y, d):
    return rows(y) @ rows(d).T / (rows(y).norm(dim=1, keepdim=True) * rows(d).norm(dim=1))


def raw_steps(angles):
    return angles.diff().abs().max() / (angles[-1] - angles[0]).abs() - 1 / (len(angles) - 1)


def wrapped(angles):
    return (angles.diff() + math.pi) % (2 * math.pi) - math.pi


WRONG = [
    ("01-1", lambda a, b, n: t(n) * a + (1 - t(n)) * b,
     "frame 0 must be the left image; yours is the right one"),
    ("01-1", lambda a, b, n: lerp(a, b, n + 2)[1:-1],
     "first and the last frame must be the two images"),
    ("01-1", lambda a, b, n: lerp(a, b, n)[1:-1], "both ends among them; yours has 3"),
    ("01-1", lambda a, b, n: lerp(a, b, 3)[[0] + [1] * (n - 2) + [2]], "even"),
    ("01-1", lambda a, b, n: jump(a, b, n), "middle frame must be half"),
    ("01-1", lambda a, b, n: a + t(n) * b, "at t = 1 nothing of x0 may be left"),
    ("01-1", lambda a, b, n: lerp(a, b, n)[:, 0], r"shape \(5, 1, 32, 32\).*\(5, 32, 32\)"),
    ("01-1", lambda a, b, n: list(lerp(a, b, n)), "torch tensor; it returned list"),
    ("01-1", lambda a, b, n: None, "returned nothing"),
    ("01-2", lambda a, b, n: torch.linspace(a, b, n),
     "ends are 20° apart, you travelled 340°: take the short way"),
    ("01-2", lambda a, b, n: rotation(b, a, n), "must start at angle0"),
    ("01-2", lambda a, b, n: rotation(a, b, n) / DEGREES, "radians here; yours look like degrees"),
    ("01-2", lambda a, b, n: rotation(a, b, n + 1)[:-1], "both ends included"),
    ("01-2", lambda a, b, n: torch.linspace(a, b, n) % math.pi, "not start or end on its own line"),
    ("01-2", lambda a, b, n: a + torch.linspace(0, 1, n) * ((b - a + 180) % 360 - 180),
     "in radians a full turn is 2π"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(d).norm(dim=1) / 31.7).max(1).values)
     .mean(), "multiplying y by 2 changed your score: divide by the length of each image"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(y).norm(dim=1, keepdim=True)
                                / 31.7).max(1).values).mean(), "divide by the length of each line"),
    ("01-3", lambda y, d: (1 - cosines(y, y[[0, -1]]).max(1).values).mean(), "two ends only"),
    ("01-3", lambda y, d: cosines(y, d).max(1).values.mean(), "a likeness, not yet a distance"),
    ("01-3", lambda y, d: (1 - cosines(y, d)).mean(), "average over all lines"),
    ("01-3", lambda y, d: (1 - cosines(y, d)).min(), "best frame only"),
    ("01-3", lambda y, d: 1 - cosines(y, d).max(1).values, r"one number for a whole path.*\(7,\)"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(0).values).mean(), "far too large"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(1).values).sum(), "sum over the frames"),
    ("01-3", lambda y, d: (1 - cosines(y, d).min(1).values).mean(),
     "smallest distance belongs to the largest cosine"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(1).values).median(), "Take one frame by itself"),
    ("01-3", lambda y, d: (1 - cosines(y, d).abs().max(1).values).mean(),
     "keep the sign of the cosine"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(y).norm() / rows(d).norm(dim=1))
                           .max(1).values).mean(), "one length for all frames together"),
    ("01-3", lambda y, d: (1 - cosines(y + 1, d + 1).max(1).values).mean(),
     "you shifted the pixels"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs() - 1 / 15,
     "not every path has 15 steps"),
    ("01-4", lambda a: (a.diff() % (2 * math.pi)).max() / (a.diff() % (2 * math.pi)).sum()
     - 1 / (len(a) - 1), "almost a full turn"),
    ("01-4", lambda a: wrapped(a).abs().mean() / wrapped(a).sum().abs() - 1 / (len(a) - 1),
     "your jump scores 0"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs(),
     "one of 15 even steps takes anyway"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs() - 1 / len(a),
     "fifteen steps"),
    ("01-4", raw_steps, "Undo such wraps first"),
    ("01-4", lambda a: wrapped(a).max() / wrapped(a).sum() - 1 / (len(a) - 1),
     "clockwise paths must score like the others"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a[[0, -1]]).abs() - 1 / (len(a) - 1),
     "add up to"),
    ("01-4", lambda a: wrapped(a).sum().abs() / wrapped(a).abs().max() - 1 / (len(a) - 1),
     "upside down"),
    ("01-4", lambda a: wrapped(a).abs().min() / wrapped(a).sum().abs() - 1 / (len(a) - 1),
     "The .largest. step counts"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).abs().sum() - 1 / (len(a) - 1),
     "not by the length of the way"),
    ("01-5", lambda a, b, n: lerp(a, b, n), "frames are not lines"),
    ("01-5", lambda a, b, n: jump(a, b, n), "Smoothness is 0.93"),
    ("01-5", lambda a, b, n: al.draw_lines(rotation(0.5, 2.5, n)), "honest path"),
]
