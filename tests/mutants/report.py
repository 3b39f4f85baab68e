"""How well the checks tell right from wrong: what each mutant of tests/mutants hears, whether
unusual right answers pass.

    python tests/mutants/report.py
        a table; exit code 1 if a mutant survives or a right answer is refused
    python tests/mutants/report.py --write    the same, and docs/mutants.md

A mutant is killed if its check says the words that name this very mistake. Answers that only have
the wrong form (nothing returned, another shape) are told so, but count neither as mutants nor in
the file.
"""
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import mutants  # noqa: E402

NUMBER = re.compile(r"\d[\d,]*\.\d+(?:e-?\d+)?|\de-?\d+|\d+%|\d{2,}(?= times)")
HEAD = """# Typical wrong answers

What the checks say, for whoever stands beside the learners: per exercise the verdicts that typical
mistakes hear, and the second hint, which comes with the second failed try. A mutant is a wrong
answer as somebody might write it; each must hear the words that name its very mistake. The unusual
answers are right, but written in another way than the course's; each must pass. A number that
depends on the answer reads “…”. `python tests/mutants/report.py --write` writes this file.
"""


@dataclass
class Row:
    """What the answers to one exercise heard."""
    lab: str
    name: str
    title: str
    hint: str
    mutants: int = 0
    killed: int = 0
    right: int = 0
    passed: int = 0
    heard: list = field(default_factory=list)                      # (words, verdict) of each mutant
    wrong: list = field(default_factory=list)                      # what went wrong, in words

    def cells(self):
        return self.name, self.title, self.mutants, self.killed, self.right, self.passed


def judge(lab):
    """[Row] of one lab's exercises."""
    answers = mutants.lab(lab)
    rows = {name: Row(lab, name, e.title, e.hint) for name, e in mutants.exercises(lab).items()}
    for name, answer in answers.RIGHT:
        said = mutants.verdict(lab, name, answer)
        rows[name].right += 1
        rows[name].passed += said is None
        if said is not None:
            rows[name].wrong.append(f"{name}: an unusual right answer is refused: {said}")
    for name, answer, words in answers.WRONG:
        # nothing said: it survives
        said, row = mutants.verdict(lab, name, answer) or "", rows[name]
        killed = bool(said) and re.search(words, said) is not None
        if not killed:
            row.wrong.append(f"{name}: expected {words!r}, heard {said!r}")
        if not mutants.FORM.search(said):
            row.mutants += 1
            row.killed += killed
            row.heard.append((words, said))
    return list(rows.values())


def settled(text, source):
    """A verdict whose numbers are the check's own: what depends on the answer, the day or torch's
    version reads "…"."""
    text = re.sub(r"\d{4}-\d\d-\d\d|(?<=fit together \()[^)]*", "…", text)
    known = set(NUMBER.findall(source))
    return NUMBER.sub(lambda found: found[0] if found[0] in known else "…", text)


def markdown(rows):
    """docs/mutants.md as one text."""
    course = ROOT / "notebooks" / "acai_course"
    sources = {lab: "".join(path.read_text() for path in course.glob(f"{lab}*/checks*.py"))
               for lab in {row.lab for row in rows}}
    lines = [HEAD, "| exercise | title | mutants | killed by their own words | unusual right "
             "answers | accepted |", "|---|---|---|---|---|---|",
             *(f"| {' | '.join(map(str, row.cells()))} |" for row in [*rows, total(rows)])]
    for row in rows:
        told = dict.fromkeys(settled(said, sources[row.lab]) for _, said in row.heard)
        lines += ["", f"## {row.name} {row.title}", "", *(f"- {said}" for said in told), "",
                  f"Second hint: {row.hint}"]
    return "\n".join(lines) + "\n"


def total(rows):
    found = Row("", "all", f"{len(rows)} exercises", "")
    for key in ("mutants", "killed", "right", "passed"):
        setattr(found, key, sum(getattr(row, key) for row in rows))
    return found


def main(write=False):
    rows = [row for lab in mutants.LABS for row in judge(lab)]
    print(f"{'exercise':9s}{'title':32s}{'mutants':>8s}{'killed':>8s}{'right':>8s}{'passed':>8s}")
    for row in [*rows, total(rows)]:
        print("{:9s}{:32s}{:8d}{:8d}{:8d}{:8d}".format(*row.cells()))
    wrong = [line for row in rows for line in row.wrong]
    print("\n".join(wrong) or "no mutant survives, no right answer is refused")
    if write:
        (ROOT / "docs" / "mutants.md").write_text(markdown(rows))
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main("--write" in sys.argv[1:]))
