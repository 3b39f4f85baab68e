"""The factory: notebooks/source/*.py (py:percent, solutions included) -> learner, solution and
teacher notebooks.

    python notebooks/tools/build.py            build all
    python notebooks/tools/build.py --check
        exit 1 if a stored notebook differs from what would be built

A learner notebook is the solution notebook with the lines between `### BEGIN SOLUTION` and
`### END SOLUTION` (nbgrader's words) replaced by a stub, or by what stands after
`### BEGIN SOLUTION instead of: `. `{{header}}` and `{{footer}}` are filled in here. Cells tagged
"teacher" are in the teacher's notebook only, which has the solutions, too, and below each check
what it says to typical mistakes (docs/mutants.md). Text tagged "slide" is for slides.py. Building
twice changes nothing.
"""
import json
import re
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat

NOTEBOOKS = Path(__file__).resolve().parent.parent
ROOT = NOTEBOOKS.parent
EDITIONS = {"learner": "", "solution": "solutions", "teacher": "teacher"}  # their folders
CHECK = re.compile(r'course\.check\("([\d-]+)"')
STUB = 'raise NotImplementedError("your lines go here")'
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION(?: instead of: ([^\n]*))?\n.*?^[ "
                      r"\t]*### END SOLUTION$", re.DOTALL | re.MULTILINE)
REPO_URL = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]

# What each lab needs and how long it takes somebody alone (a class has the teacher's plan); machine
# seconds and memory come from data/results/ops/labs.json.
LABS = {
    "00_start_here": dict(needs="nothing but a browser; for the bridge Python and "
                          "tensors, used before", minutes="20, and 40 at home for the bridge"),
    "01_a_ruler_before_a_model": dict(needs="Python, tensors and their shapes, dot "
                                            "products, radians", minutes="100"),
    "02_autoencoders": dict(needs="lab 01, the bridge of 00; PyTorch modules and "
                                  "autograd, used before", minutes="95"),
    "03_a_zoo": dict(needs="lab 02", minutes="90, and 15 for the extension"),
    "04_adversaries": dict(needs="lab 02, the bridge of 00", minutes="80"),
    "05a_the_critic": dict(needs="lab 02, the bridge of 00", minutes="90"),
    "05b_the_critic_audited": dict(needs="lab 05a; lab 03 for two sections", minutes="65"),
    "06a_the_realism_index": dict(needs="labs 01, 02 and 05a", minutes="90"),
    "06b_realistic_paths": dict(needs="lab 06a", minutes="65"),
    "07_what_the_code_knows": dict(needs="labs 02, 03 and 05a", minutes="90"),
    "08_full_mnist_run": dict(needs="labs 05a and 07", minutes="60"),
    "09_full_cifar10_run": dict(needs="labs 07 and 08; no GPU", minutes="60"),
    "10_beyond": dict(needs="labs 03, 05a and 08",
                      minutes="50; the project 8 hours, 10-3 among them"),
}


def header(name):
    """Launch links and the table of needs; machine figures are measured ones, or say that nobody
    measured them."""
    receipts = ROOT / "data" / "results" / "ops" / "labs.json"
    measured = json.loads(receipts.read_text()).get(name) if receipts.exists() else None
    machine = (f"{measured['seconds']:.0f} s, {measured['memory_mb']:.0f} MB above a bare `import "
               f"torch`, measured on {measured['cpus']} core{'s' * (measured['cpus'] > 1)}"
               if measured else "not measured yet")
    where = REPO_URL.removeprefix("https://github.com/")
    place = f"https://mybinder.org/v2/gh/{where}/main?urlpath=lab/tree/notebooks/{name}.ipynb"
    colab = f"https://colab.research.google.com/github/{where}/blob/main/notebooks/{name}.ipynb"
    first = f"{REPO_URL}/blob/main/docs/launch.md#colab"
    lab = LABS[name]  # links in words: a badge would be a broken picture without a network
    table = (f"| needs | your minutes | Run All |\n|---|---|---|\n| {lab['needs']} | "
             f"{lab['minutes']} | {machine} |")
    return (f"[Open on Binder]({place}) · [Open in Colab]({colab}), where [this cell]({first}) "
            f"comes first\n\n{table}")


def footer(name, edition):
    """Links to the neighbours and to the other editions."""
    names, up = list(LABS), "" if edition == "learner" else "../"
    place = names.index(name)
    links = [f"previous: [{names[place - 1]}]({names[place - 1]}.ipynb)"] if place else []
    links += ([f"next: [{names[place + 1]}]({names[place + 1]}.ipynb)"]
              if place + 1 < len(names) else [])
    links += ([f"[the learners' notebook]({up}{name}.ipynb)"] if up
              else [f"[solutions](solutions/{name}.ipynb)"])
    links += [f"[teacher's notebook](../teacher/{name}.ipynb)"] if edition == "solution" else []
    return " · ".join(links)


def mistakes():
    """{exercise: what its check says to typical mistakes, a Markdown list}, from
    docs/mutants.md."""
    parts = re.split(r"^## (\d\d-[\d-]+)[^\n]*\n", (ROOT / "docs" / "mutants.md").read_text(),
                     flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def clock(text):
    """The plan of a teacher's cell with the time at which each row begins, where it has minutes in
    class."""
    begins = [0, 0]

    def row(found):
        cells = [found[1]]
        for column, cell in enumerate(found.groups()[1:]):
            minutes = int((re.search(r"\d+", cell) or ["0"])[0])
            hours, rest = divmod(begins[column], 60)
            cells.append(f"{cell} (from {hours}:{rest:02d})" if minutes else cell)
            begins[column] += minutes
        return f"| {' | '.join(cells)} |"
    head, rule, plan = text.partition("| part | 90 minutes | 50 minutes |\n|---|---|---|\n")
    return head + rule + re.sub(r"^\| (?!\*\*in all)(.*?) \| (.*?) \| (.*?) \|$", row, plan,
                                flags=re.MULTILINE)


def build(source, edition):
    """Text of one notebook, stripped of outputs, with cell ids that depend on the lab and the place
    only."""
    name = source.stem
    notebook, cells, typical = jupytext.read(source), [], mistakes() if edition == "teacher" else {}
    for place, cell in enumerate(notebook.cells):
        tags, cell.id, cell.metadata = cell.metadata.get("tags", []), f"{name[:2]}-{place:03d}", {}
        if ("teacher" in tags and edition != "teacher"
                or "slide" in tags and cell.cell_type == "markdown"):
            continue
        if "teacher" in tags:  # set off from what learners read
            cell.source = re.sub("^", "> ", clock(cell.source), flags=re.MULTILINE)
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("{{header}}", header(name)).replace(
                "{{footer}}", footer(name, edition))
            if edition != "learner" and "teacher" not in tags:         # a folder deeper
                cell.source = cell.source.replace("](../docs/", "](../../docs/")
        elif edition == "learner":
            cell.source = SOLUTION.sub(lambda found: found[1] + (found[2] or STUB), cell.source)
        else:
            cell.source = cell.source.replace('twin="explorers/', 'twin="../explorers/')
        checked = CHECK.search(cell.source)
        if checked and checked[1] in typical:
            text = (f"**Typical mistakes in {checked[1]}, and what the check says**\n\n"
                    f"{typical[checked[1]]}")
            text = re.sub("^", "> ", text, flags=re.MULTILINE)
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"{cell.id}-mistakes"))
    notebook.cells = cells
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python",
                                        "name": "python3"},
                         "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def outputs():
    """{path of a notebook: its text} for every source."""
    built = {}
    for source in sorted((NOTEBOOKS / "source").glob("*.py")):
        for edition, folder in EDITIONS.items():
            built[NOTEBOOKS / folder / f"{source.stem}.ipynb"] = build(source, edition)
    return built


def main(check):
    built = outputs()
    stale = [path for path, text in built.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(built[path])
        print(f"{'differs' if check else 'wrote'}: {path.relative_to(ROOT)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
