"""Lab 10: what each check looks for."""
import datetime
import re
from contextlib import suppress
from numbers import Integral
from operator import index

import torch

from acai_lite.drawing import draw_waves
from acai_lite.waves import wave_scores

from ..checks import Exercise, Off, images_like
from .answers import cycle, octaves, project_card, true_path, with_critic
from .checks_critic import try_cycle, try_with_critic


def _try_true_path(yours):
    f0, f1 = (torch.tensor([f], dtype=torch.float64) for f in (2.0, 4.0))
    scale, frames = _scale_and_frames(yours(f0, f1, 5), (1, 5, 1, 32))
    middle, ends = frames[0, 2], draw_waves([2.0, 4.0])                # (1,32), (2,1,32)
    if torch.allclose(frames[0, [0, -1]], ends.flip(0), atol=1e-4):
        raise Off("frame 0 must be the wave of f0; yours is that of f1.")
    found = wave_scores(frames)
    if found.distances[0, 1:-1].max() > 0.01:
        raise Off("between 2 and 4 cycles lies one frequency (3, or 2.83 by octaves: say "
                  "which), not both.")
    if any(torch.allclose(middle, end, atol=1e-4) for end in ends):
        raise Off("your middle frame is one of the two ends: a jump. In between lies a wave "
                  "that is neither.")
    if middle.norm() < 3.5:  # the squares of a sine: 16 in all
        raise Off("your middle wave is weaker than the waves of this data set: they all have "
                  "the same height.")
    for f0, f1, steps in ((2.0, 4.0, 5), ([1.0, 5.5, 2.0], [6.0, 1.5, 2.5], 9),
                          ([3.0, 1.25], [3.0, 5.0], 2)):
        f0, f1 = (torch.tensor(f, dtype=torch.float64).view(-1) for f in (f0, f1))
        again, frames = _scale_and_frames(yours(f0.clone(), f1.clone(), steps),
                                          (len(f0), steps, 1, 32))
        if again != scale:
            raise Off("the same scale for every pair: choose one.")
        wanted, other = (true_path, octaves)[::1 if scale == "linear" else -1]
        if torch.allclose(frames, wanted(f0, f1, steps)[1], atol=1e-3):
            continue
        if torch.allclose(frames, other(f0, f1, steps)[1], atol=1e-3):
            raise Off(f"you say {scale!r}, but your middle between 2 and 4 cycles is the other "
                      "one: on a linear scale the *steps* are equal, by octaves the *ratios*.")
        distances = wave_scores(frames).distances if steps > 1 else torch.zeros(1)
        if distances.max() < 0.01 and not torch.allclose(frames[:, 0], draw_waves(f0), atol=1e-3):
            raise Off("your first frame is a wave, but not the one of f0 as the data set draws it: "
                      "phase 0 lies in the middle of the signal. `al.draw_waves` knows.")
        raise Off(
            f"right between 2 and 4 cycles in 5 frames, but not for {len(f0)} pair(s) in {steps} "
            f"frames: the frequency should go evenly ({scale}) from f0 to f1, pair by pair.")


def _scale_and_frames(result, shape):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Off("return two things: the name of your scale, and the frames.")
    scale, frames = result
    if scale not in ("linear", "octaves"):
        raise Off(f"say which scale your in-between lies on, 'linear' or 'octaves'; got {scale!r}.")
    images_like(frames, shape, "the second of the two")
    return scale, frames.float()


KEYS = ("date", "question", "prediction", "measure", "cheat", "baseline", "samples", "seeds",
        "wrong_if")
EMPTY = re.compile(r"(none|nothing|no|n/?a|tbd|todo|\?|-|\.)*\W*", re.IGNORECASE)


def _try_card(yours):
    card = yours()
    if not isinstance(card, dict) or set(card) != set(KEYS):
        raise Off(f"a card has the entries {', '.join(KEYS)}; no other, none missing.")
    text = {key: " ".join(str(card[key]).split()) for key in KEYS}
    low = {key: value.lower() for key, value in text.items()}
    never = re.match(r"(nothing|no result|it cannot|it can't|that is impossible)\b",
                     low["wrong_if"])
    if EMPTY.fullmatch(text["wrong_if"]) or never or len(text["wrong_if"]) < 15:
        raise Off("what result would prove you wrong?")
    if re.fullmatch(r"(if )?(my|the|our|this) (prediction|hypothesis|claim|idea) (is|was|turns "
                    r"out|turned out)? ?(to be )?"
                    r"(not |un)?(true|wrong|false|right|hold|correct)?\W*", low["wrong_if"]):
        raise Off("what result would prove you wrong? “If the prediction is wrong” says it in a "
                  "circle: name what you would read off, and which value.")
    if not text["question"].endswith("?") or len(text["question"]) < 20:
        raise Off("a question, one that the run can answer, with a question mark.")
    if not re.search(r"\d|\b(two|three|four|five|half|twice|a third|a quarter)\b",
                     low["prediction"]) or len(text["prediction"]) < 30:
        raise Off("your prediction cannot fail: which of the two will be better, in what measure, "
                  "by how much (a number)?")
    if EMPTY.fullmatch(text["measure"]) or len(text["measure"]) < 10 or re.search(
            r"\b(look|looks|looking|nice|by eye|see if)\b", low["measure"]) and not re.search(
                r"distance|smooth|error|accura|classif|cluster|score|ratio|count|panel|blind|judge",
                low["measure"]):
        raise Off("looking is not a measure yet: what is counted, on which images, and "
                  "how many of them?")
    if EMPTY.fullmatch(text["cheat"]) or len(text["cheat"]) < 15:
        raise Off("every measure of this course could be fooled. Which path, or which model, would "
                  "get a good value from yours without deserving it?")
    if EMPTY.fullmatch(text["baseline"]) or len(text["baseline"]) < 5:
        raise Off("a number alone says nothing: what stands beside it, with the same budget?")
    if (not isinstance(card["samples"], Integral)
            or isinstance(card["samples"], bool) or card["samples"] < 100):
        raise Off("samples is one whole number, the budget of every run, the baseline's "
                  "included, e.g. 60_000.")
    seeds = []
    with suppress(TypeError):  # no sequence, or not of whole numbers
        seeds = [index(seed) for seed in card["seeds"]]
    if not seeds or len(set(seeds)) != len(seeds):
        raise Off("seeds is a list of different whole numbers, named before you have "
                  "seen a result.")
    if len(seeds) < 3:
        raise Off("one run has no spread, and two hardly have one: name at least three seeds.")
    try:
        date = datetime.date.fromisoformat(text["date"])
    except ValueError:
        raise Off(f"the date as year-month-day, {datetime.date.today()} for today; got "
                  f"{text['date']!r}.") from None
    if date > datetime.date.today() + datetime.timedelta(days=1):
        raise Off("the card is dated in the future; it has to be older than the run, "
                  "not the reader.")


EXERCISES = {
    "10-1": Exercise("a critic for any autoencoder", with_critic, try_with_critic,
                     "print your loss for λ = 0, ½ and 1, once for the baseline and once for the "
                     "VAE, beside the method's own loss: how far apart are they?"),
    "10-2": Exercise("the truth between two waves", true_path, _try_true_path,
                     "count the humps of your first, middle and last frame, and check what you "
                     "counted against the scale that you named."),
    "10-3": Exercise("a project card", project_card, _try_card,
                     "hand the card to a neighbour: which result of the run would make them say "
                     "that you were wrong, and where does the card say so?"),
    "10-4": Exercise("a cycle", cycle, try_cycle, "print the shapes on the way: a code, its "
                     "picture, the code of that picture. Which two of them can be subtracted?"),
}
