"""Lab 05b: four recorded runs with a bug each, and two curves that ask which critic learns."""

# lab 05b's runs and their bugs
HUNT = {"A": "target alpha", "B": "pixel sum", "C": "leak", "D": "unfolded"}


def bug_hunt(record):
    """{letter: name of a run in the record}, for the curves of lab 05b."""
    return {letter: name for letter, name in HUNT.items() if name in record.runs}


def two_curves(record):
    """Lab 05b's riddle: the critic's loss in two runs, one of them with a critic that hardly
    learns."""
    return {"run P": record.curve("acai", "critic"), "run Q": record.curve("lazy", "critic")}
