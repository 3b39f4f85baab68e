"""Checks beside the exercises: they try what you wrote and, if it fails, name the idea that is off, never the answer.

An exercise is a reference (the course's version) and a `trial`: a function that takes your version and raises `Off("…")`
where it finds a misconception. Trials test behaviour, so that any correct way of writing it passes.
"""
import textwrap
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from .passport import stamp


class Off(Exception):
    """A misconception that a trial has found; the message is what the learner reads."""


@dataclass(frozen=True)
class Exercise:
    title: str
    reference: object
    trial: object


def check(name, yours):
    """Try your answer to an exercise, e.g. check("01-1", blend).

    Prints one line on what was found and returns the version that the lab goes on with: yours if it passes, else the
    course's. Raises ValueError for a name that no lab has.
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
    _say(f"✘ {name} {exercise.title}: {verdict} For now the lab goes on with the course's version; "
         "change yours and run both cells again.")
    return exercise.reference


def _say(text):
    """Print in lines that fit a notebook, broken between words."""
    print(textwrap.fill(text, 88, subsequent_indent="  "))


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
            return "not written yet."
        return f"your function stopped with NotImplementedError: {error}."
    except Off as found:
        return str(found)
    except Exception as error:
        return f"your function stopped with {type(error).__name__}: {error}."
    return None


def images_like(result, shape, what="your function"):
    """Raise `Off` unless `result` is a tensor of images of that shape with finite numbers."""
    import torch
    if result is None:
        raise Off(f"{what} returned nothing: end it with `return …`.")
    if not torch.is_tensor(result):
        raise Off(f"{what} should return a torch tensor; it returned {type(result).__name__}.")
    if tuple(result.shape) != tuple(shape):
        raise Off(f"expected a tensor of shape {tuple(shape)}; {what} returned {tuple(result.shape)}.")
    if not torch.isfinite(result).all():
        raise Off(f"{what} returned NaN or infinity.")
