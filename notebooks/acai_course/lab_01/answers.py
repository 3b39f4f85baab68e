"""Lab 01: the course's versions of what learners write there."""
import math

import torch


def blend(x0, x1, steps):
    """Pixel blend: frames (T,1,32,32), frame 0 is x0 (1,32,32), the last frame is x1."""
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)                  # (T,1,1,1)
    return (1 - t) * x0 + t * x1


def rotation(angle0, angle1, steps):
    """Angles (T,) float64 from angle0 to angle1 (radians), evenly, the short way round."""
    turn = (angle1 - angle0 + math.pi) % (2 * math.pi) - math.pi       # in [-pi, pi)
    return angle0 + torch.linspace(0, 1, steps, dtype=torch.float64) * turn


def mean_distance(frames, lines):
    """Mean over frames (T,1,32,32) of the cosine distance to the nearest of lines (N,1,32,32)."""
    y, d = frames.flatten(1).double(), lines.flatten(1).double()       # (T,1024), (N,1024)
    cosine = (y @ d.T) / (y.norm(dim=1, keepdim=True) * d.norm(dim=1))
    return (1 - cosine.max(dim=1).values).mean()


def smoothness(angles):
    """Largest step / whole turn - 1 / (T - 1) of angles (T,) in radians, each known up to full
    turns."""
    steps = (angles.diff() + math.pi) % (2 * math.pi) - math.pi        # each step the short way
    return steps.abs().max() / steps.sum().abs() - 1 / (len(angles) - 1)


def cheat(x0, x1, steps):
    """A perfect score for nothing: the same line in every frame."""
    return x0.expand(steps, 1, 32, 32)
