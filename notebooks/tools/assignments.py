"""An nbgrader course out of the labs: every exercise becomes a solution cell and a hidden test that
asks its check.

    python notebooks/tools/assignments.py DEST [LAB ...]
        DEST/nbgrader_config.py and DEST/source/LAB/LAB.ipynb

Then, in DEST: nbgrader generate_assignment LAB, hand out release/LAB, collect into
submitted/STUDENT/LAB, nbgrader autograde LAB, nbgrader generate_feedback LAB. One point an
exercise; docs/instructor.md says more.

A mark is the check's verdict on the function that the learner wrote, in the cell after it: later
cells of a lab go on with the course's version where a check has failed. An exercise that starts
from a mistake to be mended keeps it as a comment, for nbgrader knows one stub only. Whoever grades
runs learners' code: do it in a container, as nbgrader's own docs say.
"""
import json
import re
import sys
from pathlib import Path

from build import SOLUTION, STUB, build

SOURCES = Path(__file__).resolve().parent.parent / "source"
CHECK = re.compile(r'^(\w+) = course\.check\("([\d-]+)", \1\)', re.MULTILINE)
TEST = '''# The mark for exercise {name}: what its check finds.
### BEGIN HIDDEN TESTS
from acai_course import checks

exercise = checks.find("{name}")
assert {answer} is not exercise.reference, "the course's own version was handed in"
verdict = checks.diagnose(exercise, {answer})
assert verdict is None, verdict
### END HIDDEN TESTS'''
CONFIG = f'''c = get_config()
c.CourseDirectory.course_id = "acai_lite"
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
c.ExecutePreprocessor.timeout = 300
'''


def metadata(cell_id, **what):
    return {"nbgrader": {"grade": False, "solution": False, "locked": False, "task": False,
                         "schema_version": 3, "grade_id": cell_id, "cell_type": "code", **what}}


def assignment(source):
    """The notebook of one lab as nbgrader's source: {"cells": …}, solutions and hidden tests in
    it."""
    book = json.loads(build(source, "solution"))
    cells, found = [], 0
    for cell, following in zip(book["cells"], [*book["cells"][1:], None], strict=True):
        cells.append(cell)
        text = "".join(cell["source"])
        if "### BEGIN SOLUTION" not in text:
            continue
        answer, name = CHECK.search("".join(following["source"])).groups()
        cell["metadata"] = metadata(f"answer-{name}", solution=True)
        cell["source"] = SOLUTION.sub(
            lambda m: f"{m[1]}# mend this line: {m[2]}\n{m[0].replace(f' instead of: {m[2]}', '')}"
            if m[2] else m[0], text)
        cells.append({"cell_type": "code", "execution_count": None, "id": f"{cell['id']}-mark",
                      "outputs": [],
                      "metadata": metadata(f"mark-{name}", grade=True, locked=True, points=1),
                      "source": TEST.format(name=name, answer=answer)})
        found += 1
    if not found:
        raise ValueError(f"{source.stem}: no exercise found")
    return {**book, "cells": cells}


def main(place, labs):
    place.mkdir(parents=True, exist_ok=True)
    (place / "nbgrader_config.py").write_text(CONFIG)
    for source in sorted(SOURCES.glob("*.py")):
        if not labs or source.stem in labs:
            folder = place / "source" / source.stem
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{source.stem}.ipynb").write_text(json.dumps(assignment(source), indent=1,
                                                                    ensure_ascii=False))
            print(f"wrote {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]) if len(sys.argv) > 1 else print(__doc__) or 2)
