"""Lab 06b: the course's versions of what learners write there."""
import torch

from acai_lite.realistic_paths import path_cost as cost_of_paths


def path_cost(z, quality):
    """Eq. (5) of arXiv 1904.03445 for one path z (T,n) at t = 0, 1/(T-1), ..., 1; quality:
    (N,n) -> (N,) in (0, 1]."""
    return cost_of_paths(z[None], quality)[0]


def honest_cost(z, quality, parts):
    """The cost of the same path, walked in the same time, with each straight part of z (T,n)
    divided into `parts`."""
    return path_cost(divided(z, parts), quality)


def evidence():
    """Two cells (model, path, measure) of the record: one code, two routes, by a measure that no
    search has seen."""
    return ("baseline", "linear", "Mean Distance"), ("baseline", "realistic", "Mean Distance")


def apart(angles):
    """Degrees between the first and the last of angles (K,T), in radians, the short way: (K,), 0 to
    180."""
    way = (angles[:, -1] - angles[:, 0] + torch.pi) % (2 * torch.pi) - torch.pi
    return way.abs() * (180 / torch.pi)


def divided(z, parts):
    """(T,n) -> ((T-1)*parts+1,n): each straight part in equal ones."""
    share = torch.arange(parts, dtype=z.dtype)[:, None] / parts
    return torch.cat([(z[:-1, None] * (1 - share) + z[1:, None] * share).flatten(0, 1), z[-1:]])
