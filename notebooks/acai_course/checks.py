"""Checks beside the exercises: they try what you wrote and, if it fails, name the idea that is off, never the answer.

An exercise is a reference (the course's version), a `trial`: a function that takes your version and raises `Off("…")`
where it finds a misconception, and a `hint`: a small experiment, or a place to look, for those who fail again. Trials test
behaviour, so that any correct way of writing it passes.
"""
import textwrap
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from .passport import WIDTH, count_try, stamp

UNWRITTEN = "not written yet."


class Off(Exception):
    """A misconception that a trial has found; the message is what the learner reads."""


@dataclass(frozen=True)
class Exercise:
    title: str
    reference: object
    trial: object
    hint: str


def check(name, yours):
    """Try your answer to an exercise, e.g. check("01-1", blend).

    Prints what was found and returns the version that the lab goes on with: yours if it passes, else the course's. From the
    second failed try on it prints the exercise's hint, too. Raises ValueError for a name that no lab has.
    """
    exercise = find(name)
    if yours is exercise.reference:
        _say(f"✘ {name} {exercise.title}: this is still the course's version. Run the cell with your function first, "
             "then this one.")
        return yours
    verdict = diagnose(exercise, yours)
    if verdict is None:
        stamp("checks", name, time.strftime("%Y-%m-%d"))
        _say(f"✔ {name} {exercise.title}: correct. The lab goes on with your version.")
        return yours
    _say(f"✘ {name} {exercise.title}: {verdict}")
    _say("For now the lab goes on with the course's version; change yours and run both cells again.")
    tries = count_try(name) if verdict != UNWRITTEN else 0
    if tries >= 2:
        _say(f"→ Try this: {exercise.hint}")
    if tries >= 3:
        _say("→ Stuck? Go on in the lab, with the course's version, and come back to this one later.")
    return exercise.reference


def _say(text):
    """Print in lines that fit a notebook, broken between words."""
    print(textwrap.fill(text, WIDTH, subsequent_indent="  "))


def find(name):
    lab, exercises = str(name).split("-")[0], {}
    for part in ("", "a", "b"):                                        # a lab in two notebooks may have two files
        with suppress(ModuleNotFoundError):
            exercises |= import_module(f"{__package__}.lab_{lab}{part}").EXERCISES
    if name not in exercises:
        raise ValueError(f"no exercise {name!r}" + (f"; this lab has {', '.join(exercises)}" if exercises else ""))
    return exercises[name]


def diagnose(exercise, yours):
    """None if `yours` passes the trial, else a sentence that says what is off."""
    if not callable(yours):
        return f"expected a function, got {type(yours).__name__}."
    try:
        exercise.trial(yours)
    except NotImplementedError as error:
        if "your lines go here" in str(error):                         # the stub
            return UNWRITTEN
        return f"your function stopped with NotImplementedError: {str(error).rstrip('.')}."
    except Off as found:
        return str(found)
    except Exception as error:
        return f"your function stopped with {type(error).__name__}: {str(error).rstrip('.')}.{_about(str(error))}"
    return None


def _about(message):
    """What PyTorch's commonest complaint about shapes means, else nothing."""
    return (" PyTorch lines shapes up from the right: which two of yours meet there, and which axes should?"
            if "must match the size of tensor" in message else "")


def pair(result, words):
    """The two parts of a result, whatever holds them; `Off(words)` if there are not two."""
    try:
        first, second = None if isinstance(result, str | dict | set) else result
    except (TypeError, ValueError):
        raise Off(words) from None
    return first, second


def images_like(result, shape, what="your function"):
    """Raise `Off` unless `result` is a tensor of images of that shape with finite numbers."""
    import torch
    if result is None:
        raise Off(f"{what} returned nothing: end it with `return …`.")
    if not torch.is_tensor(result):
        raise Off(f"{what} should return a torch tensor; it returned {type(result).__name__}: the lab goes on "
                  "to compute with it.")
    if tuple(result.shape) != tuple(shape):
        got = f"{tuple(result.shape)}" if result.ndim else "(), a single number"
        raise Off(f"expected a tensor of shape {tuple(shape)}; {what} returned {got}. Write the shape "
                  "beside each of your lines: where does it part from what you meant?")
    if not torch.isfinite(result).all():
        raise Off(f"{what} returned NaN or infinity: look for a division by 0, or a logarithm of 0.")
