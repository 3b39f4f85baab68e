"""Lab 01: four ways from one line to another."""
import torch

from acai_lite.drawing import draw_lines

from .answers import blend, rotation


def jump(x0, x1, steps):
    """The first half of the frames is x0, the second half is x1."""
    second = torch.linspace(0, 1, steps).view(-1, 1, 1, 1) > 0.5
    return torch.where(second, x1, x0)


def fade(x0, x1, steps):
    """x0 fades to the background, then x1 appears."""
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    return torch.where(t < 0.5, (1 - 2 * t) * (x0 + 1), (2 * t - 1) * (x1 + 1)) - 1


def four_paths(angle0, angle1, steps=16):
    """Four ways from one line to another: {name: frames (T,1,32,32)}. Angles in radians."""
    x0, x1 = draw_lines([angle0])[0], draw_lines([angle1])[0]
    return {"pixel blend": blend(x0, x1, steps), "jump": jump(x0, x1, steps),
            "fade to black": fade(x0, x1, steps),
            "rotation": draw_lines(rotation(angle0, angle1, steps))}
