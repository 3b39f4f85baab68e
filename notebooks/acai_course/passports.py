"""The passport: what a learner has guessed, tried and passed, in one small file beside the labs.
Nothing leaves the machine.

It is $ACAI_LITE_PASSPORT, or passport.json in the folder that the lab runs in. Where nothing is
kept (Binder), `passport()` has a link to download it and a button to bring it back. What is read
may come from anybody: only the known shape passes.
"""
import json
import os
import textwrap
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from acai_lite.files.records import write_whole

LIMIT = 64 * 1024                     # bytes of a passport
LENGTH, NAME, ENTRIES = 200, 40, 200  # characters of a text and of a name; entries of a kind
WIDTH = 80  # characters of a printed line: a notebook beside JupyterLab's file list
Passport = dict[str, dict[str, Any]]            # kind: name: entry
SURE = ("a guess", "fairly sure", "certain")


# --- the shape: a function for every field, which returns the value made safe, or None ------------

def text(value: Any, length: int = LENGTH) -> str | None:
    """A string of printable characters, no longer than `length`; None for an empty one and for what
    is no string."""
    found = isinstance(value, str) and "".join(c if c.isprintable() else " "
                                               for c in value[:length]).strip()
    return found or None


def number(value: Any) -> float | None:
    """A number between -1e9 and 1e9, else None."""
    return value if type(value) in (int, float) and -1e9 <= value <= 1e9 else None


def _sure(value):
    return value if isinstance(value, str) and value in SURE else None


def _count(value):
    return value if type(value) is int and 0 < value <= 100_000 else None


def _several(one, most):
    def them(value):
        found = ([one(part) for part in value] if isinstance(value, list)
                 and len(value) <= most else [None])
        return None if None in found else found
    return them


def _measures(value):
    """{text: number}, at most 16."""
    if not isinstance(value, dict) or len(value) > 16:
        return None
    found = {text(name, NAME): number(part) for name, part in value.items()}
    return None if None in found or None in found.values() else found


SHAPE = {"guesses": {"first": text, "first_sure": _sure, "last": text, "sure": _sure, "late": text,
                     "date": text, "options": _several(text, 12), "answered": text,
                     "outcome": text}, "checks": text, "tries": _count,
         "lists": {"list": _several(number, 64), "late": _several(number, 64), "outcome": _measures,
                   "date": text}}


def clean(content: dict) -> tuple[Passport, list[str]]:
    """(passport, what was left out): of anything that JSON can hold, the part that is a
    passport's."""
    passport, left = {kind: {} for kind in SHAPE}, [text(kind, NAME) or "''"
                                                    for kind in content if kind not in SHAPE]
    for kind, shape in SHAPE.items():
        found = content.get(kind, {})
        if not isinstance(found, dict):
            left.append(kind)
            continue
        left += [f"{kind} beyond {ENTRIES}"] * (len(found) > ENTRIES)
        for raw, value in list(found.items())[:ENTRIES]:
            name = text(raw, NAME)
            if isinstance(shape, dict) and isinstance(value, dict):
                entry = {key: shape[key](part) for key, part in value.items() if key in shape}
                left += [f"{kind} {name} {text(key, NAME)}"
                         for key in value if entry.get(key) is None]
                entry = {key: part for key, part in entry.items() if part is not None}
            else:
                entry = None if isinstance(shape, dict) else shape(value)
            if name and entry:
                passport[kind][name] = entry
            else:
                left.append(f"{kind} {name}")
    return passport, left


def parse(data: bytes) -> tuple[Passport, list[str]]:
    """(passport, what was left out) of a file's bytes. Raises ValueError, in a sentence, if that is
    no passport."""
    if len(data) > LIMIT:
        raise ValueError(f"a passport has at most {LIMIT // 1024} KiB; this file has more")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("this file is no passport: it cannot be read as JSON") from error
    if not isinstance(content, dict) or not any(isinstance(content.get(kind), dict)
                                                for kind in SHAPE):
        raise ValueError(f"this file is no passport: it has none of {', '.join(SHAPE)}")
    return clean(content)


def load(path: str | Path) -> tuple[Passport, list[str]]:
    """(passport, what was left out) of a file. Raises OSError, or ValueError if it is no
    passport."""
    with open(path, "rb") as file:
        return parse(file.read(LIMIT + 1))


# --- the learner's own ----------------------------------------------------------------------------

def place() -> Path:
    """Where the learner's passport is, or will be."""
    return Path(os.environ.get("ACAI_LITE_PASSPORT", "passport.json"))


def read() -> Passport:
    """{"guesses": …, "checks": …, "tries": …, "lists": …}; empty if there is no passport, or none
    that can be read."""
    try:
        return load(place())[0]
    except (OSError, ValueError):
        return clean({})[0]


def keep(content: Passport) -> None:
    """Write the whole passport. Raises OSError if the folder cannot be written, ValueError if it
    grows beyond the limit."""
    data = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    if len(data) > LIMIT:
        raise ValueError(f"a passport has at most {LIMIT // 1024} KiB; this one would have more, "
                         "so it stays as it was")
    write_whole(place(), data)


def stamp(kind: str, name: str, entry: Any) -> bool:
    """Keep an entry; a folder that cannot be written costs the memory, never the lab. Returns
    whether it was kept."""
    content = read()
    content[kind][name] = entry
    try:
        keep(clean(content)[0])
        return True
    except (OSError, ValueError):
        return False


def count_try(name: str) -> int:
    """Note one more failed try of a check; returns how many there are now."""
    count = read()["tries"].get(name, 0) + 1
    stamp("tries", name, count)
    return count


def keep_list(name: str, numbers: Iterable[float], outcome: dict[str, float]) -> bool:
    """Note a guess that is a list of numbers, with what came out, {text: number}. The first one
    counts, a later one does not: the answer has been seen. Returns whether it was kept."""
    entry = read()["lists"].get(name, {})
    numbers = [float(n) for n in numbers]
    if "outcome" in entry:
        return stamp("lists", name,
                     entry | {"late": numbers} if numbers != entry.get("list") else entry)
    return stamp("lists", name, {
        "list": numbers, "outcome": {k: float(v) for k, v in outcome.items()}, "date": today()})


def export_passport(path: str | Path) -> None:
    """Write a copy of the passport to `path`, all or nothing. Raises OSError if the folder cannot
    be written."""
    write_whole(path, as_bytes())
    print(f"Wrote {path}.")


def import_passport(path: str | Path) -> None:
    """Bring back a passport from a file: its entries are added to what is here, and take the place
    of those of the same name. Raises OSError, or ValueError, in a sentence, if it is no passport or
    cannot be kept."""
    with open(path, "rb") as file:
        say(bring_back(file.read(LIMIT + 1)))


def bring_back(data: bytes) -> str:
    """Add the bytes of a passport to the learner's own; returns what was done, in words."""
    new, left = parse(data)
    content = read()
    for kind, entries in new.items():
        for name, entry in entries.items():
            if kind == "tries":
                entry = max(entry, content[kind].get(name, 0))
            if kind == "guesses" and "last" not in entry and "last" in content[kind].get(name, {}):
                continue  # an answer that was seen does not undo a guess
            content[kind][name] = entry
    keep(content)
    counts = ", ".join(f"{kind} {len(new[kind])}" for kind in SHAPE if new[kind]) or "nothing"
    return f"Brought back: {counts}." + left_out(left)


def left_out(left: list[str]) -> str:
    """One sentence on what `clean` dropped, or nothing."""
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return (f" Left out, as a passport holds no such thing: {', '.join(left[:3])}{more}." if left
            else "")


def as_bytes() -> bytes:
    """The learner's passport as a file holds it."""
    return (json.dumps(read(), indent=1, ensure_ascii=False) + "\n").encode()


def say(words: str) -> None:
    """Print in lines that fit a notebook, broken between words."""
    print(textwrap.fill(words, WIDTH, subsequent_indent="  "))


def today() -> str:
    """The date, 2026-01-31."""
    return time.strftime("%Y-%m-%d")
