"""Lab 01: what each check looks for."""
import math

import torch

from acai_lite.drawing import draw_lines
from acai_lite.lines import line_scores

from ..checks import Exercise, Off, images_like, something
from .answers import blend, cheat, mean_distance, rotation, smoothness


def _short(steps):
    """Steps between angles, each the short way round: in [-pi, pi)."""
    return (steps + math.pi) % (2 * math.pi) - math.pi


def _close(a, b, tolerance=1e-5):
    return torch.allclose(torch.as_tensor(a).double(), torch.as_tensor(b).double(), atol=tolerance,
                          rtol=0)


def _try_blend(yours):
    x0, x1 = draw_lines([0.3, 2.0])                                    # (1,32,32) each
    frames = yours(x0, x1, 5)
    if torch.is_tensor(frames) and frames.shape[1:] == (1, 32, 32) and len(frames) != 5:
        raise Off("with steps = 5 there must be 5 frames, both ends among them; yours has "
                  f"{len(frames)}.")
    images_like(frames, (5, 1, 32, 32))
    if _close(frames[0], x1) and _close(frames[-1], x0):
        raise Off("frame 0 must be the left image; yours is the right one. Which weight "
                  "belongs to t = 0?")
    if (_close(frames[0], x0) and not _close(frames[-1], x1)
            and not _close(frames[-1], frames[-1].clamp(-1, 1), 0.2)):
        raise Off("the last frame is more than x1: at t = 1 nothing of x0 may be left.")
    if not (_close(frames[0], x0) and _close(frames[-1], x1)):
        raise Off("the first and the last frame must be the two images themselves: t runs from 0 "
                  "to 1, both included.")
    if not _close(frames[2], (x0 + x1) / 2):
        raise Off("the middle frame must be half of one image and half of the other.")
    if not _close(frames, blend(x0, x1, 5)):
        raise Off("the frames must be evenly spaced: a quarter of the way is a quarter of "
                  "the second image.")


def _try_rotation(yours):
    angles = yours(0.4, 1.2, 5)
    images_like(angles, (5,))
    angles = angles.double()
    if abs(float(angles[0]) - 0.4) > 1e-6 and abs(float(angles[-1]) - 0.4) < 1e-6:
        raise Off("the path must start at angle0; yours starts at the other end.")
    if _close(angles * math.pi / 180, rotation(0.4, 1.2, 5)) or float(angles.abs().max()) > 20:
        raise Off("angles are in radians here; yours look like degrees.")
    if not _close(angles, rotation(0.4, 1.2, 5)):
        raise Off("from 0.4 to 1.2, 5 angles are 0.4, 0.6, … 1.2, both ends included: how many "
                  "steps lie between them?")
    for a, b in ((350, 10), (10, 350), (100, 300), (300, 100)):
        start, end = math.radians(a), math.radians(b)
        angles = yours(start, end, 9)
        images_like(angles, (9,))
        apart, steps = min((b - a) % 360, (a - b) % 360), _short(angles.double().diff())
        travelled = math.degrees(float(steps.sum()))
        if abs(travelled) > 180 + 1e-6:
            raise Off(f"from {a}° to {b}° these ends are {apart}° apart, you travelled "
                      f"{abs(travelled):.0f}°: take the short way (and mind that in radians a "
                      "full turn is 2π).")
        if not _close(draw_lines(angles[[0, -1]]), draw_lines([start, end]), 1e-3):
            raise Off(f"from {a}° to {b}° the path does not start or end on its own line (angles "
                      "that differ by 360° are the same line; a turn has a size and a direction).")
        if float(steps.abs().max()) > math.radians(apart) / 8 + 1e-5:
            raise Off(f"from {a}° to {b}° your steps are not even: one of them is a leap.")


def _try_mean_distance(yours):
    lines = draw_lines(torch.linspace(0, 2 * math.pi, 721)[:-1])
    x0, x1 = draw_lines([0.5, 2.5])
    path = blend(x0, x1, 7)
    value = _number(yours(path, lines), "mean_distance")
    want = float(mean_distance(path, lines))
    ends = float(mean_distance(path, torch.stack([x0, x1])))
    y, d = path.flatten(1).double(), lines.flatten(1).double()
    for words, other in (("you took one length for all frames together: each frame has its own. "
                          "Along which axis is it taken?",
                          (1 - (y @ d.T / (y.norm() * d.norm(dim=1))).max(1).values).mean()),
                         ("you shifted the pixels (+ 1): the score takes them as they are, "
                          "background -1.", mean_distance(path + 1, lines + 1))):
        if abs(value - float(other)) < 1e-6 and abs(value - want) > 1e-6:
            raise Off(words)
    if abs(value - (1 - want)) < 1e-5:
        raise Off("a perfect path scores 1 with yours: that is a likeness, not yet a distance.")
    if abs(_number(yours(2 * path, lines), "mean_distance") - value) > 1e-6:
        raise Off("multiplying y by 2 changed your score: divide by the length of each image.")
    if abs(_number(yours(path, 2 * lines), "mean_distance") - value) > 1e-6:
        raise Off("making the lines twice as bright changed your score: divide by the length of "
                  "each line, too.")
    if abs(value - ends) < 1e-5 and abs(ends - want) > 1e-5:
        raise Off("you compare with the two ends only; a frame may be any line, so compare it "
                  "with all of them.")
    cosine = (y @ d.T) / (y.norm(dim=1, keepdim=True) * d.norm(dim=1))
    if abs(value - float((1 - cosine).mean())) < 1e-5:
        raise Off("you average over all lines; only the nearest one counts for a frame.")
    if abs(value - float((1 - cosine).min())) < 1e-6:
        raise Off("you kept the best frame only; the score is the mean over all frames.")
    if abs(value - 7 * want) < 1e-5:
        raise Off("you took the sum over the frames; the score is their mean.")
    if value > 5 * want:
        raise Off(f"on a blend of two lines the score should be {want:.2e}; yours is {value:.2e}, "
                  "far too large. The smallest distance belongs to the largest cosine, found for "
                  "each frame on its own.")
    if _number(yours(-path, lines), "mean_distance") < 1:
        raise Off("the negative of a line, black on white, counts as a line with yours: keep the "
                  "sign of the cosine.")
    if abs(value - want) > 1e-6:
        raise Off(f"on a blend of two lines the score should be {want:.2e}; yours is {value:.2e}. "
                  "Take one frame by itself: which number should it get, and what does yours give?")


def _try_smoothness(yours):
    even = torch.linspace(0, 1, 16, dtype=torch.float64)
    leap = torch.where(even < 0.5, 0.0, 1.0).double()
    jump = _number(yours(leap), "smoothness")
    if abs(jump) < 1e-6:
        raise Off("your jump scores 0: the average step is the same for every one-way path; what "
                  "sets a jump apart is its largest step.")
    value = _number(yours(even * 1.5), "smoothness")
    if value > 1:
        raise Off(f"an even turn must score 0; yours gives {value:.1f}. Is your "
                  "fraction upside down?")
    if abs(value - 1 / 15) < 1e-6:
        raise Off("an even turn scores 1/15 with yours: that much of the turn one of 15 even steps "
                  "takes anyway, and it is no fault of the path.")
    if abs(value) > 1e-6:
        raise Off(f"an even turn must score 0; yours gives {value:.4f}. Sixteen frames have "
                  "fifteen steps.")
    if abs(jump - 14 / 15) > 1e-6:
        raise Off("a jump in one of 15 steps must score 1 - 1/15 = 0.9333; yours gives "
                  f"{jump:.4f}. The *largest* step counts.")
    five = torch.linspace(0, 1.5, 6, dtype=torch.float64)
    if abs(_number(yours(five), "smoothness")) > 1e-6:
        raise Off("an even turn of 6 frames must score 0 as well: not every path has 15 steps.")
    if (abs(_number(yours(-even * 1.5), "smoothness")) > 1e-6
            or abs(_number(yours(-leap), "smoothness") - 14 / 15) > 1e-6):
        raise Off("clockwise paths must score like the others: a step and the whole turn count "
                  "by their size.")
    if abs(_number(yours((6.0 + even * 1.5) % (2 * math.pi)), "smoothness")) > 1e-6:
        raise Off("an even turn through 360° must score 0: there the angle falls from 6.28 to 0, "
                  "though the line hardly moves. Undo such wraps first (in radians a "
                  "full turn is 2π).")
    if abs(_number(yours(even * math.radians(340)), "smoothness")) > 1e-6:
        raise Off("an even turn of 340° must score 0: each *step* goes the short way, but the "
                  "whole turn is what the steps add up to.")
    wobble = torch.tensor([0.0, 0.4, 0.3, 0.5], dtype=torch.float64)
    if abs(_number(yours(wobble), "smoothness") - (0.4 / 0.5 - 1 / 3)) > 1e-6:
        turns = wobble.diff() % (2 * math.pi)
        if abs(_number(yours(wobble), "smoothness")
               - float(turns.max() / turns.sum() - 1 / 3)) < 1e-6:
            raise Off("a small step backwards became almost a full turn: a step lies "
                      "between -π and π.")
        raise Off("the largest step is divided by the turn from first to last, not by the "
                  "length of the way.")


def _try_cheat(yours):
    x0, x1 = draw_lines([0.5, 2.5])
    frames = yours(x0, x1, 16)
    images_like(frames, (16, 1, 32, 32))
    # beside a path that moves, as in a benchmark
    still = torch.stack([frames, draw_lines(rotation(0.5, 2.5, 16))])
    scores = line_scores(still)
    if float(scores.distances[0].mean()) > 1e-5:
        raise Off(
            f"the frames are not lines: Mean Distance is {float(scores.distances[0].mean()):.1e}. "
            "Which pictures would get 0 here, whatever comes before and after them?")
    # the other path's share is nearly 0; the lines compared with are 0.04° apart
    if 2 * scores.smoothness > 0.1:
        raise Off(f"your path is still penalised: Smoothness is {2 * scores.smoothness:.2f}. Which "
                  "path never makes a large step?")
    if _close(frames[0], x0, 0.05) and _close(frames[-1], x1, 0.05):
        raise Off("that is an honest path, it joins the two lines! Cheat: a perfect score "
                  "without joining them.")


def _number(value, name):
    """A score as a float; anything that is not one number is `Off`."""
    try:
        value = float(something(value, name))
    except (TypeError, ValueError, RuntimeError):
        raise Off(f"{name} must be one number for a whole path; yours is {type(value).__name__} of "
                  f"shape {tuple(getattr(value, 'shape', ()))}.") from None
    if not math.isfinite(value):
        raise Off(f"{name} gave NaN or infinity.")
    return value


EXERCISES = {
    "01-1": Exercise("blend", blend, _try_blend, "do it on paper: two images of a single pixel, 0 "
                     "and 1, in 3 frames. Which three numbers must come out?"),
    "01-2": Exercise("rotation", rotation, _try_rotation, "print your angles in degrees for 350 to "
                     "10 in 5 steps, and draw them on a clock face: which way does the hand go?"),
    "01-3": Exercise("Mean Distance", mean_distance, _try_mean_distance,
                     "do it on paper: 2 frames and 2 lines of three pixels each. Which four "
                     "cosines are there, and which of them count?"),
    "01-4": Exercise("Smoothness", smoothness, _try_smoothness,
                     "work out the score of the angles 0, 1, 2, 3 by hand, then of 0, 0, 3, 3, and "
                     "print the steps that your function sees."),
    "01-5": Exercise("a cheat", cheat, _try_cheat,
                     "print the two scores of a jump and of a blend. Each score forgives "
                     "something: what would a path be like that asks for both pardons?"),
}
