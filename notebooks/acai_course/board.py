"""The class board: a folder of students' passports as histograms. For the teacher; nothing leaves
the machine."""
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .lab_06a.panel import NAME as PANEL
from .passports import SURE, Passport, load, text

# passports read; predictions and exercises shown; options of a prediction
STUDENTS, SHOWN, BARS = 500, 60, 8
LAB = re.compile(r"\d\d[a-z]?-")    # names that labs give


@dataclass(frozen=True)
class Board:
    """students: {name: passport}. skipped, trimmed: {file: why it was not read, or what of it was
    left out}."""
    students: dict[str, Passport]
    skipped: dict[str, str]
    trimmed: dict[str, list[str]]

    def predictions(self):
        """{name: (Counter of options, the right one or None, mean confidence 1 to 3 or None)} of
        guesses before the answer.

        What most passports say came out is the right one: machines may differ, and a passport may
        lie.
        """
        found = {}
        for name, entries in self._by_name("guesses").items():
            made = [entry for entry in entries if "last" in entry]
            options = Counter({option: 0 for entry in made for option in entry.get("options", [])})
            options.update(entry["last"] for entry in made)
            outcomes = Counter(entry["outcome"] for entry in entries if "outcome" in entry)
            sure = [SURE.index(entry["sure"]) + 1 for entry in made if "sure" in entry]
            if made:
                kept = dict(options.most_common(BARS))                  # in the order of the lab
                found[name] = (Counter({option: n for option, n in options.items() if option
                                        in kept}), outcomes.most_common(1)[0][0] if outcomes
                               else None, sum(sure) / len(sure) if sure else None)
        return found

    def exercises(self):
        """{name: (passed, tried, mean failed tries of those who tried)}."""
        found = {}
        for name in sorted(self._by_name("checks") | self._by_name("tries"))[:SHOWN]:
            passed = [name in student["checks"] for student in self.students.values()]
            tries = [student["tries"].get(name, 0) for student in self.students.values()]
            tried = sum(bool(p or n) for p, n in zip(passed, tries, strict=True))
            found[name] = sum(passed), tried, sum(tries) / tried
        return found

    def panel(self):
        """{source, hits or false alarms: mean share called odd}, and how many have judged."""
        rates = [entry["outcome"]
                 for entry in self._by_name("lists").get(PANEL, []) if "outcome" in entry]
        rates = [{name: share for name, share in rate.items() if 0 <= share <= 1} for rate in rates]
        names = Counter(name for rate in rates for name in rate).most_common(BARS)
        return {name: sum(rate.get(name, 0) for rate in rates) / n
                for name, n in sorted(names)}, len(rates)

    def _by_name(self, kind):
        found = {}
        for student in self.students.values():
            for name, entry in student[kind].items():
                if LAB.match(name):
                    found.setdefault(name, []).append(entry)
        most = sorted(found, key=lambda name: -len(found[name]))[:SHOWN]
        return {name: found[name] for name in sorted(most)}


def merge(folder: str | Path) -> Board:
    """The `Board` of all *.json files of a folder; names of students from names of files. Raises
    NotADirectoryError."""
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; give one that holds the students' "
                                 "passports, a .json file each")
    board = Board({}, {}, {})
    for path in sorted(folder.glob("*.json")):
        name = text(path.stem, 40) or "unnamed"
        name = name if name not in board.students else f"{name} ({len(board.students)})"
        try:
            if not path.is_file() or len(board.students) == STUDENTS:
                raise ValueError("no file" if not path.is_file()
                                 else f"the board holds {STUDENTS} students")
            board.students[name], left = load(path)
            if left:
                board.trimmed[name] = left
        except (OSError, ValueError) as error:
            board.skipped[name] = getattr(error, "strerror", None) or str(error)
    return board


def table(board: Board) -> str:
    """The board in text, by name of prediction and exercise."""
    lines = [f"{len(board.students)} passports read, {len(board.skipped)} skipped"]
    lines += [f"  skipped {name}: {why}" for name, why in board.skipped.items()]
    lines += [f"  {name}: left out "
              f"{', '.join(left[:3])}{f' and {len(left) - 3} more' if len(left) > 3 else ''}"
              for name, left in board.trimmed.items()]
    for name, (options, right, sure) in board.predictions().items():
        count = sum(options.values())
        lines.append(f"\n{name}: {count} guesses"
                     + (f", mean confidence {sure:.1f} of {len(SURE)}" if sure else ""))
        lines += [f"  {'✔' if option == right else ' '} {n:3d}  {option}"
                  for option, n in options.items()]
    found = board.exercises()
    if found:
        lines += ["", f"{'exercise':10s} passed  tried  failed tries, mean"]
        lines += [f"{name:10s} {passed:6d} {tried:6d}  {tries:18.1f}"
                  for name, (passed, tried, tries) in found.items()]
    rates, judges = board.panel()
    if rates:
        lines += (["", f"blind panel, {judges} judges: share called odd"]
                  + [f"  {share:4.0%}  {name}" for name, share in rates.items()])
    return "\n".join(lines)


def figure(board: Board):
    """Bars for every prediction, the right option green and ticked; then for the exercises and the
    blind panel."""
    from acai_lite.figures import described
    predictions, exercises, (rates, judges) = board.predictions(), board.exercises(), board.panel()
    panels = [(f"{name}   confidence {sure:.1f} of 3" if sure else name,
               {("✔ " if option == right else "") + option: (n, option == right)
                for option, n in options.items()}, None)
              for name, (options, right, sure) in predictions.items()]
    for k in range(0, len(exercises), BARS):
        part = list(exercises.items())[k:k + BARS]
        panels.append(("exercises: passed of tried, failed tries",
                       {f"{name}   {passed}/{tried}, {tries:.1f}": (passed / tried, False)
                        for name, (passed, tried, tries) in part}, 1))
    if rates:
        panels.append((f"blind panel, {judges} judges: called odd",
                       {n: (share, False) for n, share in rates.items()}, 1))
    columns, rows = 3, max(1, -(-len(panels) // 3))
    sums = "; ".join(
        f"{name}: {options.get(right, 0) if right else 'no answer'} of {sum(options.values())}"
        for name, (options, right, _) in predictions.items())
    drawn = described(14, 1.75 * rows + 0.3, f"{len(board.students)} passports. Bars of guesses by "
                      f"option, the right one ticked. Right of all: {sums or 'no prediction'}. The "
                      "printed table has every number.")
    places = drawn.subplots(rows, columns, squeeze=False).flatten()
    for axes, (title, bars, most) in zip(places, panels, strict=False):
        numbers = [n for n, _ in bars.values()]
        axes.barh(range(len(bars)), numbers,
                  color=["#009E73" if good else "#6f8ea8" for _, good in bars.values()])
        axes.set_yticks(range(len(bars)), [name[:44] for name in bars], fontsize=8,
                        parse_math=False)
        axes.set_title(title[:60], fontsize=9, loc="left", parse_math=False)
        axes.set(xlim=(0, most or max(1, *numbers)), xticks=[])
        for k, n in enumerate(numbers):
            axes.annotate(f"{n:.0%}" if most else f"{n}", (n, k), (3, 0),
                          textcoords="offset points", va="center",
                          fontsize=8, annotation_clip=False)
        axes.invert_yaxis()
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    for axes in places[len(panels):]:
        axes.set_axis_off()
    drawn.tight_layout()
    return drawn


def class_board(folder: str | Path):
    """Print what a class has guessed and passed, and return the figure of it. Raises
    NotADirectoryError."""
    board = merge(folder)
    print(table(board))
    return figure(board)
