"""Asking a check about an answer, and reading what it says."""
import re

import acai_course as course
from acai_course import checks


def spoken(capsys):
    """What was printed, as one line: checks break theirs between words."""
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 88 for line in lines if line[:1] in "✔✘")
    return " ".join(" ".join(lines).split())


def passes(name, answer, capsys):
    assert course.check(name, answer) is answer, spoken(capsys)
    assert "correct. The lab goes on with your version" in spoken(capsys)


def fails(name, answer, words, capsys):
    used = course.check(name, answer)
    said = spoken(capsys)
    assert used is checks.find(name).reference
    assert said.startswith(f"✘ {name}") and re.search(words, said), said
    assert "the course's version" in said


def wrapper(function):
    return lambda *arguments, **named: function(*arguments, **named)
