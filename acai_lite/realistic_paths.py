"""Paths between codes through places where an index of realism is high (arXiv 1904.03445)."""
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .files.progress import watched
from .interpolation import interpolate

WAVES, HOPS = 3, 1000                           # sine waves in a random start; samples it may visit


@dataclass(frozen=True)
class RealisticPath:
    """codes (K,T,*code): at equal distances along each path, with exact endpoints. cost (K,):
    `path_cost` on a grid four times finer than the search's. linear_cost, spherical_cost (K,): of
    the two simple paths, each with its own best timing, so that only routes are compared. converged
    (K,): whether the last half of the last round lowered the cost by less than 1% and the finer
    grid agrees within 5%, so that no bad place is jumped over."""
    codes: Tensor
    cost: Tensor
    linear_cost: Tensor
    spherical_cost: Tensor
    converged: Tensor


def path_cost(codes: Tensor, quality: Callable[[Tensor], Tensor],
              metric: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """sum_i log^2 Q(middle of step i) * |metric(z_(i+1)) - metric(z_i)|^2 / dt, (K,) float64 on the
    CPU: Eq. (5) of arXiv 1904.03445.

    codes: (K,P,*code), P - 1 = 1/dt steps. quality: Q, (N,*code) -> (N,) in (0, 1]. metric: maps
    codes to where distance has a meaning, (N,*code) -> (N,...), such as a decoder; None: distance
    of codes. The smallest cost of a route is its length squared, weighted by |log Q|. Raises
    ValueError for a quality that is NaN or not in (0, 1].
    """
    logs, squares = _steps(codes, quality, metric)
    return (logs.square() * squares).sum(1) * (codes.shape[1] - 1)


def _steps(codes, quality, metric):
    """log Q in the middle of every step and the step's squared length, (K,P-1) float64 each."""
    pairs, places = codes.shape[:2]
    q = quality(((codes[:, 1:] + codes[:, :-1]) / 2).flatten(0, 1)).cpu().double()
    if not ((q > 0) & (q <= 1 + 1e-9)).all():
        raise ValueError("the quality of a code must lie in (0, 1]; got values from "
                         f"{float(q.min()):.3g} to {float(q.max()):.3g}")
    seen = codes if metric is None else metric(codes.flatten(0, 1)).unflatten(0, (pairs, places))
    return q.log().view(pairs, -1), seen.flatten(2).cpu().double().diff(dim=1).square().sum(2)


def realistic_path(z0: Tensor, z1: Tensor, realism: Callable[[Tensor], Tensor], steps: int,
                   metric: Callable[[Tensor], Tensor] | None = None, softness: float = 0.1,
                   through: Tensor | None = None, segments: int = 30, fineness: int = 8,
                   rounds: int = 3, starts: int = 4, iterations: int = 200,
                   seed: int = 0) -> RealisticPath:
    """Paths of small `path_cost` from z0 to z1, (K,*code) each: short, and through realistic codes.

    realism: a `RealismIndex`, of quality softness / 2 + (1 - softness) ri, so that no place is free
    and none forbidden (the authors' 0.1); or a function Q, (N,*code) -> (N,) in (0, 1], with
    gradients. metric: as in `path_cost`.

    A path has `segments` straight parts, and its cost is evaluated at `fineness` places a part:
    evaluated once a part, it would learn to jump. For each pair, L-BFGS improves several starts for
    iterations / 4 steps, then the cheapest for `iterations`, and goes on at twice as many places
    until that has converged, for `rounds` rounds at most. The starts are the linear and the
    spherical path, `starts` random sine perturbations (`seed`), and the shortest way through the
    codes `through` (N,*code), HOPS at most (None: the index's samples). The search is local: a
    better path may exist. It runs in float64 on the CPU; `realism` and `metric` get codes as z0 is,
    and the path is returned so. Raises ValueError for no pairs, pairs that do not fit, or a quality
    outside (0, 1].
    """
    interpolate(z0, z1, steps)                                         # refuses what is no pair
    if not len(z0):
        raise ValueError("there are no pairs to connect: z0 is empty")
    shape, quality = z0.shape[1:], realism
    log = getattr(realism, "log", None)
    if log is not None:                                                # a RealismIndex
        through = getattr(realism, "samples", None) if through is None else through

        def quality(z): return softness / 2 + (1 - softness) * log(z).exp()

    def dense(corners, parts):                               # (K,segments+1,Z) -> (K,P,*code)
        return _divide(corners, parts).to(z0.dtype).to(z0.device).unflatten(2, shape)

    def cost(corners, parts):
        return path_cost(dense(corners, parts), quality, metric)

    def best_timing(corners):
        logs, squares = _steps(dense(corners, 4 * fineness), quality, metric)
        return (logs.abs() * squares.sqrt()).sum(1).square()

    def search(a, b):                                                  # (1,Z), (1,Z)
        paths = _starts(a, b, through, segments, starts, seed)         # S of (1,segments+1,Z)
        found = [_improve(path, cost, fineness, iterations // 4) for path in watched(paths)]
        best = min(found, key=lambda path: float(cost(path, 4 * fineness)))
        for parts in (fineness * 2 ** k for k in range(rounds)):
            halfway = _improve(best, cost, parts, iterations // 2)
            best = _improve(halfway, cost, parts, iterations // 2)
            before, after, fine = cost(halfway, parts), cost(best, parts), cost(best, 4 * parts)
            settled = (before - after <= 0.01 * after) & ((fine - after).abs() <= 0.05 * fine)
            if settled:
                break
        return (_even(_divide(best, fineness), steps), fine, best_timing(paths[0]),
                best_timing(paths[1]), settled)

    a, b = (z.detach().flatten(1).cpu().double() for z in (z0, z1))
    with torch.no_grad():
        codes, *found = map(torch.cat, zip(*map(search, watched(a.split(1)), b.split(1)),
                                           strict=True))
        codes = codes.to(z0.dtype).to(z0.device)
        codes[:, 0], codes[:, -1] = z0.flatten(1), z1.flatten(1)
        return RealisticPath(codes.unflatten(2, shape), *found)


def _improve(path, cost, parts, iterations):
    """(1,segments+1,Z) -> a path of lower cost with the same endpoints: L-BFGS adds sine waves."""
    count = path.shape[1] - 1
    wave = torch.arange(1, count)
    t = torch.arange(1, count, dtype=torch.float64)[:, None] / count
    basis = (math.pi * t * wave).sin() / wave             # (count-1,count-1): slow waves move first
    weights = torch.zeros_like(path[:, 1:-1]).requires_grad_()
    optimiser = torch.optim.LBFGS([weights], max_iter=iterations, history_size=20,
                                  line_search_fn="strong_wolfe", tolerance_grad=1e-9,
                                  tolerance_change=1e-12)

    def moved():
        return torch.cat([path[:, :1], path[:, 1:-1] + basis @ weights, path[:, -1:]], 1)

    def total():
        loss = (cost(moved(), parts) / scale).squeeze()
        weights.grad, = torch.autograd.grad(loss, weights)   # leaves the gradients of models alone
        return loss.detach()

    scale = cost(path, parts).clamp(min=1e-300)
    with torch.enable_grad():
        optimiser.step(total)
    return moved().detach()


def _starts(a, b, through, segments, count, seed):
    """(1,Z), (1,Z) -> (S,1,segments+1,Z): linear, spherical, through samples, `count` at random."""
    line, arc = (interpolate(a, b, segments + 1, path) for path in ("linear", "spherical"))
    hop = []
    if through is not None:
        hop = [_hop(a, b, through.detach().flatten(1).cpu().double()[:HOPS], segments + 1)]
    wave = torch.arange(1, WAVES + 1)
    t = torch.linspace(0, 1, segments + 1, dtype=torch.float64)[:, None]
    random = torch.Generator().manual_seed(seed)
    sizes = torch.randn(count, len(a), WAVES, a.shape[1], generator=random, dtype=torch.float64)
    sizes *= (b - a).norm(dim=1)[:, None, None] / (2 * a.shape[1] ** 0.5)
    waves = (math.pi * (t * wave)).sin() / wave                        # (segments+1,WAVES)
    return torch.stack([line, arc, *hop, *(line + waves @ size for size in sizes)])


def _divide(corners, parts):
    """(K,N,Z) -> (K,(N-1)*parts+1,Z): each straight part in `parts` equal ones."""
    share = torch.arange(parts, dtype=corners.dtype)[:, None] / parts
    inner = corners[:, :-1, None] * (1 - share) + corners[:, 1:, None] * share   # (K,N-1,parts,Z)
    return torch.cat([inner.flatten(1, 2), corners[:, -1:]], 1)


def _even(points, steps):
    """(K,P,Z) -> (K,steps,Z): places at equal distances along a line of straight parts."""
    walked = torch.nn.functional.pad(points.diff(dim=1).norm(dim=2).cumsum(1), (1, 0))
    wanted = torch.linspace(0, 1, steps, dtype=points.dtype) * walked[:, -1:]
    after = torch.searchsorted(walked, wanted).clamp(1, points.shape[1] - 1)
    start, end = walked.gather(1, after - 1), walked.gather(1, after)
    share = ((wanted - start) / (end - start).clamp(min=1e-300))[..., None]
    before, behind = (points.gather(1, place[..., None].expand(-1, -1, points.shape[2]))
                      for place in (after - 1, after))
    return before * (1 - share) + behind * share


@torch.no_grad()
def hop_path(z0: Tensor, z1: Tensor, samples: Tensor, steps: int) -> Tensor:
    """Codes (K,steps,*code) along straight hops from z0 to z1, (K,*code) each, through codes
    `samples` (N,*code), HOPS of them at most: the way with the smallest sum of squared hops, which
    takes many small ones. The path has no model of the density: it needs the samples alone. Places
    lie at equal distances along it; the endpoints are exact. Raises what `interpolate` raises, and
    ValueError for samples that are no codes of this shape."""
    interpolate(z0, z1, steps)                                         # refuses what is no pair
    if not len(samples) or samples.shape[1:] != z0.shape[1:]:
        raise ValueError(f"samples must be codes (N, {', '.join(map(str, z0.shape[1:]))}), one or "
                         f"more; got {tuple(samples.shape)}")
    stops = samples.flatten(1).cpu().double()[:HOPS]
    ends = (z.flatten(1).cpu().double().split(1) for z in (z0, z1))
    codes = torch.cat([_hop(a, b, stops, steps) for a, b in zip(*ends, strict=True)])
    codes = codes.to(z0.dtype).to(z0.device)
    codes[:, 0], codes[:, -1] = z0.flatten(1), z1.flatten(1)
    return codes.unflatten(2, z0.shape[1:])


def _hop(a, b, samples, count):
    """(1,Z), (1,Z) -> (1,count,Z): through samples (N,Z), by the smallest sum of squared hops."""
    from scipy.sparse.csgraph import dijkstra
    stops = torch.cat([a, b, samples])
    squares = torch.cdist(stops, stops).square().clamp(min=1e-300)     # scipy takes 0 for "no way"
    before, way = dijkstra(squares.numpy(), indices=0, return_predecessors=True)[1], [1]
    while way[-1] != 0:
        way.append(before[way[-1]])
    return _even(stops[way[::-1]][None], count)
