"""The book: a static site of all labs, solutions folded away, that works with the network off.

    python notebooks/tools/book.py [--pace smoke|lab|full] [--out runs/book]

Each solution notebook runs once at that pace; its outputs are kept in OUT/executed under a name
made of everything that they depend on, so the next build runs only what changed. A page shows the
learners' cells with the outputs of the solution notebook, each exercise's solution in a <details>.
Open OUT/html/index.html. A broken link or a remote resource is an error.
"""
import argparse
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from pathlib import Path

import nbformat
from build import LABS, NOTEBOOKS, REPO_URL, ROOT
from check_site import problems
from nbclient import NotebookClient

from acai_lite.files.downloads import data_folder

BOOK = ROOT / "docs" / "book"
FILES = f"{REPO_URL}/blob/main"
SOLUTION = """<details class="solution">
<summary>Show a solution</summary>

```python
{}
```

</details>"""
# the moving picture of lab 00 stands still for those who want little to move
MOVING = r"""<picture><source media="(prefers-reduced-motion: reduce)" srcset="../moving/paths.png">
<img src="../moving/paths.gif" width="544" alt="\1"></picture>"""
TWIN = """<iframe class="explorer" src="../explorers/{name}.html" title="{title}"></iframe>
<p><a href="../explorers/{name}.html">The same on a page of its own</a></p>"""
# An explorer tells the page around it how tall it is: book.js listens. (A file may not look into
# another file's frame.)
HEIGHT = """<script>parent !== self && new ResizeObserver(() => parent.postMessage({explorer:
document.body.getBoundingClientRect().height + 40}, "*")).observe(document.body)</script></body>"""
# What a page may use: files of this site and styles; of inline scripts those that are counted here,
# by their hashes
POLICY = ("default-src 'none'; script-src 'self'{}; style-src 'self' 'unsafe-inline'; img-src "
          "'self' data:; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'")
PACE = {
    "smoke": """:::{{warning}}
{} at pace `smoke`, which cuts training down to seconds and scores to a few pairs. Whatever was
*trained here* looks and scores worse than in the lab and may contradict the text. Run the lab to
see what it is about.
:::""",
    "lab": """:::{{note}}
{} at pace `lab`: one run, and yours will differ in the digits.
:::""",
    "full": """:::{{note}}
{} at pace `full`: one run, longer than the lab's.
:::"""}


def fingerprint(name, pace):
    """A name for what the outputs depend on: notebook, pace, package, checkpoints and results, data
    sets at hand."""
    made_of = hashlib.sha256(pace.encode()
                             + (NOTEBOOKS / "solutions" / f"{name}.ipynb").read_bytes())
    for folder in ("acai_lite", "data/checkpoints", "data/results"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                made_of.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    there = sorted(path.name for path in data_folder().iterdir()) if data_folder().exists() else []
    made_of.update(repr(there).encode())
    return made_of.hexdigest()[:16]


def executed(name, pace, cache):
    """The solution notebook of a lab with its outputs. Raises nbclient's CellExecutionError where a
    cell fails."""
    kept = cache / f"{name}-{pace}-{fingerprint(name, pace)}.ipynb"
    if kept.exists():
        return nbformat.read(kept, 4)
    notebook, started = nbformat.read(NOTEBOOKS / "solutions" / f"{name}.ipynb",
                                      4), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ACAI_LITE_PACE": pace,
                                    "ACAI_LITE_PASSPORT": str(Path(folder) / "passport.json")}
        NotebookClient(
            notebook, timeout=3600, kernel_name="python3", extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": NOTEBOOKS / "solutions"}}).execute(env=environment)
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob(f"{name}-{pace}-*.ipynb"):
        old.unlink()
    text = nbformat.writes(notebook)  # no reader needs the folders of this machine
    kept.write_text(text.replace(str(data_folder()), "data").replace(str(ROOT), ROOT.name))
    print(f"{name}: run in {time.monotonic() - started:.0f} s", flush=True)
    return nbformat.read(kept, 4)


def outputs(cell):
    """What a page shows of a cell's outputs: no widgets, no standard error; an explorer gives way
    to its twin."""
    twin = re.search(r'twin="\.\./explorers/([\w-]+)\.html"', cell.source)
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.get("name") == "stderr" or any("widget" in kind for kind in data):
            continue
        if twin and "acai-explorer" in data.get("text/html", ""):
            page = (NOTEBOOKS / "explorers" / f"{twin[1]}.html").read_text()
            title = html.escape(html.unescape(re.search("<title>(.*?)</title>", page)[1]),
                                quote=True)
            output = nbformat.v4.new_output("display_data",
                                            {"text/html": TWIN.format(name=twin[1], title=title)})
        shown.append(output)
    return shown


def page(learner, solution, pace):
    """The notebook of one page, out of the learners' and the executed solution notebook: same
    cells, in the same order."""
    cells = []
    for ours, theirs in zip(learner.cells, solution.cells, strict=True):
        if ours.cell_type == "markdown":
            # the theme has these
            text = re.sub(r"^(previous|next): .*\.ipynb\)$", "", ours.source, flags=re.MULTILINE)
            text = re.sub(r"!\[(.*?)\]\(\.\./docs/moving/paths\.gif\)", MOVING, text)
            text = re.sub(r"\]\(\.\./(?!.*\.ipynb)", f"]({FILES}/", text)
            ours.source = re.sub(r"(^\[Open on Binder\].*\n\n(?:\|.*\n?)+)", rf"\1\n{pace}\n", text,
                                 flags=re.MULTILINE)
            cells.append(ours)
            continue
        ours.outputs = outputs(theirs)
        cells.append(ours)
        if "### BEGIN SOLUTION" in theirs.source:
            code = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION.*\n?",
                          "", theirs.source, flags=re.MULTILINE)
            cells.append(nbformat.v4.new_markdown_cell(SOLUTION.format(code.rstrip())))
    learner.cells = cells
    return learner


def table():
    """The labs: title, question and minutes, each from where it is written."""
    rows = ["| lab | question | your minutes |", "|---|---|---|"]
    for name, lab in LABS.items():
        text = "\n".join(c["source"] if isinstance(c["source"], str) else "".join(c["source"])
                         for c in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text())["cells"])
        title, question = (re.search(r"^# (.*)$", text, re.MULTILINE)[1],
                           re.search(r"^\*\*(.*?)\*\*", text, re.MULTILINE)[1])
        rows.append(f"| [{title}](labs/{name}.ipynb) | {question} | {lab['minutes']} |")
    return "\n".join(rows)


def front(pace):
    """Text of the front page."""
    where, start = REPO_URL.removeprefix("https://github.com/"), "notebooks/00_start_here.ipynb"
    filled = {"labs": table(),
              "pace": PACE[pace].format("All pictures and numbers of this copy come from runs"),
              "repository": REPO_URL, "files": FILES,
              "binder": f"https://mybinder.org/v2/gh/{where}/main?urlpath=lab/tree/{start}",
              "colab": f"https://colab.research.google.com/github/{where}/blob/main/{start}"}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], (BOOK / "index.md").read_text())


def write(folder, pace, cache):
    """The sources of the site, from executed notebooks."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "labs").mkdir(parents=True)
    (folder / "index.md").write_text(front(pace))
    for name in LABS:
        learner = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
        note = PACE[pace].format("The pictures and numbers on this page come from a run")
        nbformat.write(page(learner, executed(name, pace, cache), note),
                       folder / "labs" / f"{name}.ipynb")


def hashes(text):
    """The hashes of a page's inline scripts, as a content policy lists them."""
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
    found = {b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    return "".join(f" 'sha256-{one}'" for one in sorted(found))


def guard(text):
    """A page of the site with its content policy, before anything that it rules."""
    return re.sub("<head>", lambda head: head[0] + '<meta http-equiv="Content-Security-Policy" '
                  f'content="{POLICY.format(hashes(text))}">', text, count=1)


def framed(text):
    """An explorer's page that tells the page around it how tall it is; its policy lets that script
    run, too."""
    text = text.replace('<a href="index.html"', '<a href="index.html" target="_top"')
    return re.sub("script-src [^;]*", lambda rule: rule[0] + hashes(HEIGHT), text,
                  count=1).replace("</body>", HEIGHT)


def build(pace, out, cache):
    """Build the site in out/html. Raises RuntimeError if a link is broken or something would come
    from the network."""
    write(out / "source", pace, cache)
    shutil.rmtree(out / "html", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d",
                    out / "doctrees", "-E", "-c", BOOK, out / "source", out / "html"], check=True)
    for path in (out / "html").rglob("*.html"):
        path.write_text(guard(path.read_text()))
    shutil.copytree(ROOT / "docs" / "moving", out / "html" / "moving")
    (out / "html" / "explorers").mkdir()
    for twin in (NOTEBOOKS / "explorers").glob("*.html"):
        text = twin.read_text()
        (out / "html" / "explorers" / twin.name).write_text(
            text if twin.name == "index.html" else framed(text))
    found = problems(out / "html")
    if found:
        raise RuntimeError("the site is not whole:\n" + "\n".join(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pace", choices=PACE, default="smoke")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "book")
    asked = parser.parse_args()
    build(asked.pace, asked.out.resolve(), asked.out.resolve() / "executed")
    print(f"open {asked.out / 'html' / 'index.html'}")


if __name__ == "__main__":
    main()
