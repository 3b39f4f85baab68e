"""Lab 02: the codes of all lines as a curve, two lines on it, and the chord between them."""
from collections.abc import Mapping

import torch
from torch import Tensor

from acai_lite.autoencoders import Model
from acai_lite.drawing import draw_lines
from acai_lite.figures import EDGE, DescribedFigure, described
from acai_lite.lines import lines_dimension
from acai_lite.probes import encode_all


def plane(codes: Tensor) -> tuple[Tensor, Tensor]:
    """(mean (Z,), axes (Z,2)): the plane of the first two principal components of codes (N,Z)."""
    mean = codes.mean(0)
    return mean, torch.linalg.svd(codes - mean, full_matrices=False).Vh[:2].T


@torch.no_grad()
def code_curves(models: Mapping[str, Model], x0: Tensor, x1: Tensor, steps: int = 16,
                count: int = 720) -> DescribedFigure:
    """For each of {name: model}, the codes of `count` evenly spaced lines in their first two
    principal components, and the codes of a straight path of `steps` places between the lines x0
    and x1, (1,32,32) each. Colour is the angle of a line. The title says how much of the codes'
    variance the picture shows."""
    angles = torch.arange(count, dtype=torch.float64) * (2 * torch.pi / count)
    figure = described(4.4 * len(models), 4.2, f"""One panel for each of {', '.join(models)}: the
codes of lines at all angles as a closed curve, coloured by angle, in the first two principal
components. Two marked lines are joined by a straight chord, which leaves the curve.""")
    for axes, (name, model) in zip(figure.subplots(1, len(models), squeeze=False)[0],
                                   models.items(), strict=True):
        z = encode_all(model, draw_lines(angles)).double()
        mean, two = plane(z)
        ends = model.encode(torch.stack([x0, x1])).flatten(1).double()
        t = torch.linspace(0, 1, steps, dtype=torch.float64)[:, None]
        chord = ((1 - t) * ends[:1] + t * ends[1:] - mean) @ two
        places = (z - mean) @ two
        axes.scatter(*places.T, c=angles, cmap="twilight", s=7)
        axes.plot(*chord.T, "-o", color="black", markersize=3, linewidth=1)
        for place, end in ((chord[0], "start"), (chord[-1], "end")):
            axes.plot(*place, "o", color=EDGE[end], markersize=9)
        found = lines_dimension(model)
        axes.set_title(f"{name}: dimension {found.effective_dimension:.1f},\n"
                       f"{found.top_two_share:.0%} of the variance in this plane", fontsize=10)
        axes.set(aspect="equal", xlabel="first principal component",
                 ylabel="second principal component")
    figure.tight_layout()
    return figure
