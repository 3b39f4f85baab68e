"""Checks beside the exercises: they try what you wrote and, if it fails, name the idea that is off,
never the answer.

An exercise is a reference (the course's version), a `trial`: a function that takes your version and
raises `Off("…")` where it finds a misconception, and a `hint`: a small experiment, or a place to
look, for those who fail again. Trials test behaviour, so that any correct way of writing it passes.
"""
import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import torch

from acai_lite.files.checkout import find_checkout

from .passports import count_try, say, stamp, today

UNWRITTEN = "not written yet."


class Off(Exception):
    """A misconception that a trial has found; the message is what the learner reads."""


@dataclass(frozen=True)
class Exercise:
    title: str
    reference: Callable
    trial: Callable
    hint: str


def check(name: str, yours: Callable) -> Callable:
    """Try your answer to an exercise, e.g. check("01-1", blend).

    Prints what was found and returns the version that the lab goes on with: yours if it passes,
    else the course's. From the second failed try on it prints the exercise's hint, too. Raises
    ValueError for a name that no lab has.
    """
    exercise = find(name)
    if yours is exercise.reference:
        say(f"✘ {name} {exercise.title}: this is still the course's version. Run the cell with "
            "your function first, then this one.")
        return yours
    verdict = diagnose(exercise, yours)
    if verdict is None:
        stamp("checks", name, today())
        say(f"✔ {name} {exercise.title}: correct. The lab goes on with your version.")
        return yours
    say(f"✘ {name} {exercise.title}: {verdict}")
    say("For now the lab goes on with the course's version; change yours and run both cells again.")
    tries = count_try(name) if verdict != UNWRITTEN else 0
    if tries >= 2:
        say(f"→ Try this: {exercise.hint}")
    if tries >= 3:
        say("→ Stuck? Go on in the lab, with the course's version, and come back to "
            "this one later.")
    return exercise.reference


def exercises(lab: str) -> dict[str, Exercise]:
    """{name: exercise} of a lab: "05" is 05a and 05b, "05a" that notebook alone; {} for a lab that
    is not there."""
    wanted, found = {f"lab_{lab}{part}" for part in ("", "a", "b")}, {}
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name in wanted:
            found |= import_module(f"{__package__}.{module.name}.checks").EXERCISES
    return found


def find(name: str) -> Exercise:
    """The exercise of that name. Raises ValueError, naming its lab's exercises, if there is
    none."""
    found = exercises(str(name).split("-")[0])
    if name not in found:
        raise ValueError(f"no exercise {name!r}"
                         + (f"; this lab has {', '.join(found)}" if found else ""))
    return found[name]


def diagnose(exercise: Exercise, yours: Any) -> str | None:
    """None if `yours` passes the trial, else a sentence that says what is off."""
    if not callable(yours):
        return f"expected a function, got {type(yours).__name__}."
    try:
        exercise.trial(yours)
    except NotImplementedError as error:
        if "your lines go here" in str(error):                         # the stub
            return UNWRITTEN
        return _stopped(error)
    except Off as found:
        return str(found)
    except Exception as error:
        if isinstance(error, FileNotFoundError) and error.errno is None and find_checkout() is None:
            raise                               # a record that the trial compares with is not here
        return _stopped(error)
    return None


def _stopped(error):
    """What went wrong, and what PyTorch's commonest complaint, about shapes, means."""
    about = (" PyTorch lines shapes up from the right: which two of yours meet there, and which "
             "axes should?" if "must match the size of tensor" in str(error) else "")
    return f"your function stopped with {type(error).__name__}: {str(error).rstrip('.')}.{about}"


# --- what trials share ----------------------------------------------------------------------------

def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    """Draws of N(0, 1), the same every time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def near(a, b: float) -> bool:
    """Whether two numbers agree to a thousandth."""
    return math.isclose(float(a), b, rel_tol=1e-3)


class Spy(torch.optim.SGD):
    """Plain gradient descent that keeps copies of the gradients it was given: `seen`, a list a
    step, None where there was none. With a rate of 0 no weight is touched."""

    def __init__(self, parameters, lr: float):
        super().__init__(parameters, lr=lr)
        self.seen: list = []

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        own = [p for group in self.param_groups for p in group["params"]]
        self.seen.append([None if p.grad is None else p.grad.clone() for p in own])
        if self.defaults["lr"]:
            super().step()
        return loss

    def last(self) -> torch.Tensor | None:
        """The gradient of the last step as one vector; None if a parameter had none."""
        seen = self.seen[-1]
        return None if any(g is None for g in seen) else torch.cat([g.flatten() for g in seen])


def something(result, what="your function"):
    """The result; `Off` if there is none."""
    if result is None:
        raise Off(f"{what} returned nothing: end it with `return …`.")
    return result


def keyed(result, keys):
    """The result; `Off` unless it is a dictionary with these keys."""
    if not isinstance(result, dict) or set(result) != set(keys):
        raise Off(f"return a dictionary with the keys {', '.join(map(repr, keys))}.")
    return result


def pair(result, words):
    """The two parts of a result, whatever holds them; `Off(words)` if there are not two."""
    try:
        first, second = None if isinstance(result, str | dict | set) else result
    except (TypeError, ValueError):
        raise Off(words) from None
    return first, second


def images_like(result, shape, what="your function"):
    """Raise `Off` unless `result` is a tensor of images of that shape with finite numbers."""
    if not torch.is_tensor(something(result, what)):
        raise Off(f"{what} should return a torch tensor; it returned {type(result).__name__}: the "
                  "lab goes on to compute with it.")
    if tuple(result.shape) != tuple(shape):
        got = f"{tuple(result.shape)}" if result.ndim else "(), a single number"
        raise Off(f"expected a tensor of shape {tuple(shape)}; {what} returned {got}. Write the "
                  "shape beside each of your lines: where does it part from what you meant?")
    if not torch.isfinite(result).all():
        raise Off(f"{what} returned NaN or infinity: look for a division by 0, or a "
                  "logarithm of 0.")
