"""What a page may ask its kernel: anyone who can write into a notebook can send anything."""
import math
from collections.abc import Callable
from typing import Any


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
