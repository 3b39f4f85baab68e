"""What the checks must judge: mutants/lab_XX.py, one file a lab.

RIGHT: [(exercise, answer)], correct and written in an unusual way. WRONG: [(exercise, answer,
words)], typical mistakes, each with a pattern of its own verdict. STAGE, where a check reads a
record that may be made anew: [(module, name, value)].
"""
import re
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from acai_course import checks

LABS = sorted(path.stem for path in Path(__file__).parent.glob("lab_*.py"))
# Verdicts on the form of an answer, the same for every exercise: they name no idea of it.
FORM = re.compile(
    r"^(not written yet|expected a function|expected a tensor of shape|your function stopped with)"
    r"|^[^.:;]* (returned nothing|returned NaN|gave NaN|should return a torch tensor)")


def lab(name):
    return import_module(f"{__name__}.{name}")


def exercises(name):
    return checks.exercises(name.removeprefix("lab_"))


@contextmanager
def staged(name):
    with ExitStack() as stack:
        for module, key, value in getattr(lab(name), "STAGE", ()):
            stack.enter_context(patch.object(module, key, value))
        yield


def verdict(name, exercise, answer):
    """What the check of an exercise of lab `name` says of an answer; None if it passes."""
    with staged(name):
        return checks.diagnose(exercises(name)[exercise], answer)


def idea(text):
    """A verdict without what depends on the very answer: numbers and quoted names."""
    return re.sub(r"'[^']*'|“[^”]*”|[-+]?\d[\d.,e%°-]*", "…", text)
