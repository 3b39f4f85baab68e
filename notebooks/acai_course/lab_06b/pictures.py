"""Lab 06b: the maps that it shows, and two moons."""
import numpy as np
import torch

from acai_lite.figures import COLOURS, described
from acai_lite.lines import by_angle, straight_limit

from .answers import divided

# by words in the name
STYLES = {"realistic": ("#0072B2", "-"), "spherical": ("#CC79A7", "-."), "": ("#D55E00", "--")}


@torch.no_grad()
def route_map(quality, routes, box, alt, points=None, label="ri", asked=False):
    """Left: `quality`, (N,2) -> (N,), as a map over box (left, right, bottom, top) with `points`
    (N,2) and routes on it, {name: (T,2)}. Right: the quality along each route. asked: also the
    places of a route, and on the right the quality in the middle of its steps, which is all that
    its cost is made of."""
    figure = described(10, 3.6, alt)
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.25, 1]})
    x, y = torch.linspace(*box[:2], 110), torch.linspace(*box[2:], 90)
    ground = quality(
        torch.cartesian_prod(x, y).to(next(iter(routes.values())).dtype)).view(110, 90).T
    shades = left.contourf(x, y, ground, [k / 10 for k in range(11)], cmap="Greens", alpha=0.75)
    figure.colorbar(shades, ax=left, label=label, ticks=[0, 0.5, 1])
    if points is not None:
        left.plot(*points.T, ".", color="#666666", markersize=1.5)
    for name, z in routes.items():
        colour, dash = next(style for word, style in STYLES.items() if word in name)
        style = dict(color=colour, linestyle=dash, linewidth=2)
        fine = divided(z, 16)
        walked = fine.diff(dim=0).norm(dim=1).cumsum(0)
        share = torch.cat([walked[:1] * 0, walked]) / walked[-1]
        left.plot(*z.T, label=name, **style)
        right.plot(share, quality(fine), **style)
        if asked:
            middles = (z[1:] + z[:-1]) / 2
            left.plot(*z.T, "o", color=colour, markersize=4)
            right.plot(share[8::16], quality(middles),
                       "o", color=colour, markersize=3 if dash == "-" else 7)
        for end in (z[0], z[-1]):
            left.plot(*end, "o", color="black", markersize=6)
    left.set(xlim=box[:2], ylim=box[2:], aspect="equal")
    right.set(xlabel="share of the way walked", ylabel=label, ylim=(-0.04, 1.04))
    right.grid(alpha=0.25)
    left.legend(fontsize=8, loc="best")
    figure.tight_layout()
    return figure


def two_moons(count, noise, seed=0):
    """(count,2) float64: the same points as `sklearn.datasets.make_moons`, without the 60 MB of
    scikit-learn."""
    random, turn = np.random.RandomState(seed), np.linspace(0, np.pi, count // 2)
    upper, lower = (np.cos(turn), np.sin(turn)), (1 - np.cos(turn), 1 - np.sin(turn) - 0.5)
    moons = np.concatenate([np.stack(upper, 1), np.stack(lower, 1)])
    order = np.arange(2 * (count // 2))
    random.shuffle(order)
    return torch.from_numpy(moons[order] + random.normal(scale=noise, size=moons.shape))


def smoothness_by_angle(scores):
    """Smoothness of {name: LineScores} by the angle between the endpoints, beside the limit that no
    straight path on a plane circle of codes can pass."""
    figure = described(7, 3.8, f"""Smoothness by the angle between the two endpoints, a curve for
each of {', '.join(scores)}, and the limit of straight paths on a circle: near 0 for small angles,
rising steeply towards opposite lines.""")
    axes = figure.subplots()
    theta = np.linspace(0.5, 179.5, 360)
    axes.plot(theta, straight_limit(np.radians(theta)), ":", color="#666666",
              label="limit of straight paths on a circle")
    for k, (name, one) in enumerate(scores.items()):
        bins = [row for row in by_angle(one) if row.paths]
        axes.plot([(row.low + row.high) / 2 for row in bins], [row.smoothness for row in bins],
                  marker="o", linestyle=("-", "--", "-.")[k % 3], color=COLOURS[k], label=name)
    axes.set(xlabel="angle between the endpoints, degrees", ylabel="Smoothness",
             xticks=range(0, 181, 30))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=9)
    figure.tight_layout()
    return figure
