"""Predict, then run: a choice and how sure you are, before the cell that answers; what came out
beside it, after."""
import html

from .pages import KEYS, fallback, has_forms
from .passports import SURE, read, say, stamp, text, today


def predict(name: str, options: list[str], guess: str | None = None,
            sure: str | None = None) -> None:
    """Ask for a guess and how sure it is, e.g. predict("02-baseline", ["a tenth", "a half", "about
    the same"]).

    Shows a form; both choices are kept in the passport as soon as both are made. Without a form
    (any front end): predict("02-baseline", [...], guess="a half", sure="fairly sure"), sure being
    one of SURE. What is none of the options is told and not kept. The first guess stays; a later
    one stands beside it, and the last one before the answer counts.
    """
    if isinstance(options, str) or not all(isinstance(option, str) for option in options):
        raise TypeError(
            f"options must be a list of texts, the second argument of predict(); got {options!r}")
    options = list(options)
    if guess is None and sure is None:
        form = _form(name, options) if has_forms() else None
        if form is None:
            print(_in_words(name, options))
        else:
            from IPython.display import HTML, display
            display(HTML(KEYS), form)
    elif guess not in options:
        say(f"Not kept: {guess!r} is none of the options of {name}, which are "
            f"{' · '.join(map(repr, options))}")
    elif sure not in SURE:
        say("Not kept yet: say how sure you are, too, with sure= one of "
            f"{' · '.join(map(repr, SURE))}")
    else:
        say(note(name, options, guess, sure))


def note(name: str, options: list[str], guess: str, sure: str) -> str:
    """Keep a guess; returns a line that says so."""
    entry = read()["guesses"].get(name, {})
    if "answered" in entry:
        if (guess, sure) == (entry.get("last"), entry.get("sure")):
            return f"{guess!r} ({sure}) is the guess that counts."
        kept = stamp("guesses", name, entry | {"options": options, "late": guess})
        line = f"Noted: {guess!r} ({sure}), but after the answer, so it does not count."
    else:
        if "first" not in entry:
            entry = {"first": guess, "first_sure": sure, "date": today()}
        entry = entry | {"last": guess, "sure": sure, "options": options}
        kept = stamp("guesses", name, entry)
        line = f"Kept: {guess!r} ({sure})" + (f"; your first was {entry['first']!r}."
                                              if entry["first"] != guess else ".")
    return line if kept else f"{guess!r} ({sure}): not kept, as this folder cannot be written."


def reveal(name: str, outcome: str | None, detail: str = "") -> None:
    """After the run: print the guess beside what came out, and note the outcome in the passport.

    outcome: one of the options of predict(), chosen by the numbers just measured, or None where
    they do not decide; detail: the numbers, in words. From now on a change of the guess comes after
    the answer and does not count.
    """
    entry = read()["guesses"].get(name, {})
    said = f"You said {entry['last']!r} ({entry['sure']})." if {"last", "sure"} <= set(entry) else \
        f"You said {entry['last']!r}." if "last" in entry else "You made no guess."
    did = "These numbers do not decide it" if outcome is None else f"It did: {outcome!r}"
    say(f"{said} {did}{(': ' if outcome is None else ', ') + detail if detail else ''}.")
    if "late" in entry:
        say(f"(After the answer you changed to {entry['late']!r}: noted, not counted.)")
    entry = {"date": today()} | entry | {"answered": entry.get("answered", today()),
                                         "outcome": text(outcome)}
    stamp("guesses", name, {key: value for key, value in entry.items() if value is not None})


def _kept(name):
    """(guess, confidence) to show as chosen when the cell is run again."""
    entry = read()["guesses"].get(name, {})
    return entry.get("late", entry.get("last")), entry.get("sure")


def _in_words(name, options):
    guess, sure = _kept(name)
    kept = f"\n  kept so far: {guess!r}" + (f" ({sure})" if sure else "") if guess else ""
    return (
        f"Your guess on {name}, the question above?\n  guess: {' · '.join(map(repr, options))}\n"
        f"  sure:  {' · '.join(map(repr, SURE))}\n"
        f'To answer in code, add guess="…", sure="…" to this call and run it again.{kept}')


def _form(name, options):
    """Two groups of radio buttons and a line below."""
    from ipywidgets import HTML, HBox, RadioButtons, VBox
    guess, sure = _kept(name)
    wide = {"width": "max-content", "max_width": "100%"}
    choice = RadioButtons(options=options, value=guess if guess in options else None, layout=wide)
    confidence = RadioButtons(options=SURE, value=sure, layout=wide)
    line = HTML()

    def show(words):
        line.value = html.escape(words)

    def chosen(_=None):
        if choice.value is None or confidence.value is None:
            show("Choose one of each; both are kept at once." if choice.value is None
                 and confidence.value is None else "Now say how sure you are."
                 if confidence.value is None else "Now choose your guess.")
        else:
            show(note(name, options, choice.value, confidence.value))

    if guess in options and sure:
        show(f"Kept: {guess!r} ({sure}).")
    else:
        chosen()
    for group in (choice, confidence):
        group.observe(chosen, "value")
    groups = [VBox([HTML(f"<b>{html.escape(title)}</b>"), group]) for title, group in (
        (f"{name}: your guess", choice), ("How sure are you?", confidence))]
    return fallback(VBox([HBox(groups, layout={"flex_flow": "row wrap", "grid_gap": "0 3em"}),
                          line]), _in_words(name, options))
