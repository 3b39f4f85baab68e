"""Lab 00: the four machines of the first picture."""
import torch
from torch import nn

from acai_lite.drawing import draw_lines

from ..explorers import FilmExplorer
from ..lab_01.answers import blend, rotation
from ..lab_01.pictures import jump


def four_machines(angle0, angle1, steps=17):
    """{letter: frames (T,1,32,32)} from line to line: a blend, a jump, a turn, a turn out of focus.
    Angles in radians."""
    x0, x1 = draw_lines([angle0, angle1])
    turn = draw_lines(rotation(angle0, angle1, steps))
    t = torch.linspace(0, 1, steps)
    places = torch.arange(-6, 7.0)
    soft = []
    # widest half-way
    for frame, width in zip(turn, (0.05 + 3 * (t * (1 - t)).sqrt()).tolist(), strict=True):
        bell = torch.exp(-(places / width) ** 2 / 2)
        window = (bell[:, None] * bell / bell.sum() ** 2)[None, None]
        soft.append(nn.functional.conv2d(frame[None] + 1, window, padding=6)[0] - 1)
    return {"A": blend(x0, x1, steps), "B": jump(x0, x1, steps), "C": turn, "D": torch.stack(soft)}


def play_machines(machines):
    """The four machines side by side, with a slider for t; described here, as a lab would give its
    own riddle away."""
    alt = ("The machines' pictures on the way, one machine a row. At both ends all four show the "
           "same line. In the middle A shows two faint lines, B one of the two ends, C one sharp "
           "line at the angle halfway between, D a blurred one.")
    return FilmExplorer({"40° to 175°": torch.stack(list(machines.values()))}, machines, start=0,
                        alt=alt)
