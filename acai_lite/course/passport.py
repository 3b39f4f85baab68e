"""The passport: what a learner has guessed, which checks have passed, and how many tries failed, in one small file beside
the labs.

It is $ACAI_LITE_PASSPORT, or passport.json in the folder that the lab runs in. Where nothing is kept (Binder), download it
before you leave and upload it when you come back.
"""
import json
import os
import textwrap
import time
from pathlib import Path

from ..support.checkpoints import write_whole


def place():
    return Path(os.environ.get("ACAI_LITE_PASSPORT", "passport.json"))


def read():
    """{"guesses": {name: {...}}, "checks": {name: date}, "tries": {name: failed tries}}; empty if there is no passport, or
    none that can be read."""
    try:
        found = json.loads(place().read_text())
        return {"guesses": dict(found["guesses"]), "checks": dict(found["checks"]), "tries": dict(found.get("tries", {}))}
    except (OSError, ValueError, KeyError, TypeError):
        return {"guesses": {}, "checks": {}, "tries": {}}


def stamp(kind, name, entry):
    """Keep an entry; a folder that cannot be written costs the memory, never the lab. Returns whether it was kept."""
    content = read()
    content[kind][name] = entry
    try:
        write_whole(place(), (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
        return True
    except OSError:
        return False


def count_try(name):
    """Count one more failed try of an exercise; returns how many there were so far, this one included."""
    tries = read()["tries"].get(name, 0) + 1
    stamp("tries", name, tries)
    return tries


def predict(name, guess, options):
    """Note a guess made before the run, e.g. predict("02", "half", ["a tenth", "half", ...]); returns it.

    A guess that is not among the options is not noted: the options are printed. The first guess stays in the passport;
    a later one is noted beside it.
    """
    if guess not in options:
        text = f"Your guess on {name}: none yet. Put one of these in place of {guess!r}, then run the cell: " + \
               " · ".join(map(repr, options))
        print(textwrap.fill(text, 88, subsequent_indent="  "))
        return guess
    before = read()["guesses"].get(name, {})
    entry = {"first": before.get("first", guess), "last": guess, "date": before.get("date") or _today()}
    kept = stamp("guesses", name, entry)
    first = "" if entry["first"] == guess else f" (your first was {entry['first']!r})"
    print(f"Your guess on {name}: {guess!r}{first}." + ("" if kept else " This folder cannot be written: not kept."))
    return guess


def show_passport():
    """Print what the passport holds."""
    content = read()
    if not (content["guesses"] or content["checks"]):
        print(f"The passport is empty so far ({place().name} appears with your first guess or passed check).")
        return
    for name, entry in sorted(content["guesses"].items()):
        later = "" if entry["last"] == entry["first"] else f", later {entry['last']!r}"
        print(f"{entry['date']}  guess {name:6s} {entry['first']!r}{later}")
    for name, date in sorted(content["checks"].items()):
        print(f"{date}  check {name:6s} passed")


def _today():
    return time.strftime("%Y-%m-%d")
