"""What a page may ask its kernel, and the line on which it asks, a widget without a view
(static/channel.js). Whoever can write into a notebook can send anything."""
import math
from collections.abc import Callable
from typing import Any

from acai_lite.files.records import in_one_line

from .pages import STATIC


def wanted(question: dict, key: str, allowed: Callable[[Any], bool]) -> Any:
    """The value of a question's key if it is allowed, else ValueError."""
    value = question.get(key)
    if not allowed(value):
        raise ValueError(f"not an answerable question: its {key} is {repr(value)[:60]}")
    return value


def is_index(value: Any, count: int) -> bool:
    """Whether a value is a whole number from 0 to count - 1."""
    return type(value) is int and 0 <= value < count


def is_pair(value: Any, allowed: Callable[[Any], bool]) -> bool:
    """Whether a value is a list of two that are allowed."""
    return isinstance(value, list) and len(value) == 2 and all(map(allowed, value))


def is_place(value: Any) -> bool:
    """Whether a value is a place in the plane that can be computed with."""
    return is_pair(value, lambda v: type(v) in (int, float) and math.isfinite(v) and abs(v) < 1e6)


def channel(box: str, ask: Callable[[dict], dict]):
    """Open the line on which the page's box may ask."""
    import anywidget

    class Channel(anywidget.AnyWidget):
        _esm = (STATIC / "channel.js").read_text("utf-8").replace("BOX", box)

    def answer(widget, question, buffers):
        number = None
        try:
            if not isinstance(question, dict):
                raise ValueError("a question is a dict")
            number = wanted(question, "nr", lambda nr: is_index(nr, 2 ** 31))
            reply = ask(question)
        except Exception as error:  # told in the page: nobody reads a kernel's log
            reply = {"error": f"{type(error).__name__}: {in_one_line(error)}"}
        widget.send({"nr": number, **reply})

    line = Channel()
    line.on_msg(answer)
    return line
