"""Slides for a lab: its cells tagged "slide", with the outputs of its solution notebook; a page
that needs no network.

    python notebooks/tools/slides.py [--pace smoke|lab|full] [--out runs/slides] [LAB ...]

Text tagged "slide" is in no notebook; tagged code shows what it printed and drew. Runs each lab
once, as the book does (its copies are shared). Open OUT/02_autoencoders.html; arrow keys, Escape
for an overview, `?print-pdf` in the address to print.
"""
import argparse
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import jupytext
import nbformat
from book import PACE, executed
from build import LABS, NOTEBOOKS, ROOT
from check_site import problems
from latex2mathml.converter import convert
from nbconvert import SlidesExporter

MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
# what a check and a reveal say to one learner
TO_ONE = re.compile(r"^✔ .*\n?|^You made no guess\. ", re.MULTILINE)
PICTURE = re.compile(r"<(img|svg|table)\b")
LINES = 5


def with_formulas(text):
    """Markdown with its formulas as MathML, which browsers draw themselves."""
    return MATH.sub(lambda m: convert(m[1] or m[2], display="block" if m[1] else "inline"), text)


def tagged(name):
    """(place, kind, text) of the cells of a lab that belong on slides."""
    for place, cell in enumerate(jupytext.read(NOTEBOOKS / "source" / f"{name}.py").cells):
        if "slide" in cell.metadata.get("tags", []):
            yield place, cell.cell_type, cell.source


def shown(outputs):
    """The outputs that a class can look at: no widgets, standard error or progress bars, nothing
    meant for one learner.

    Beside a picture there is room for LINES printed lines; more of them are left out.
    """
    printed = TO_ONE.sub("", "".join(o["text"] for o in outputs
                                     if o.get("name") == "stdout")).strip("\n")
    rest = [o for o in outputs if o.output_type in ("display_data", "execute_result")]
    rest = [o for o in rest if not any("widget" in kind for kind in o.data)
            and ("text/html" not in o.data or PICTURE.search(o.data["text/html"]))]
    if printed and not (rest and printed.count("\n") >= LINES):
        rest.insert(0, nbformat.v4.new_output("stream", name="stdout", text=printed + "\n"))
    return rest


def deck(name, ran):
    """The notebook of a deck: a text starts a slide, the outputs of code stand below it. `ran`: the
    executed notebook."""
    outputs, cells = {cell.id: cell.get("outputs", []) for cell in ran.cells}, []
    for place, kind, text in tagged(name):
        if kind == "markdown":
            cell = nbformat.v4.new_markdown_cell(with_formulas(text))
        else:
            cell = nbformat.v4.new_code_cell("", outputs=shown(outputs[f"{name[:2]}-{place:03d}"]))
        cell.metadata["slideshow"] = {"slide_type": "slide" if kind == "markdown" else "-"}
        cells.append(cell)
    if not cells:
        raise ValueError(f"{name}: no cell is tagged 'slide'")
    return nbformat.v4.new_notebook(cells=cells, metadata={"title": name})


def build(names, pace, out, cache):
    """Write the decks and reveal.js beside them. Raises RuntimeError if anything would come from
    the network."""
    out.mkdir(parents=True, exist_ok=True)
    exporter = SlidesExporter(template_name="reveal_offline",
                              extra_template_basedirs=[str(Path(__file__).parent)],
                              reveal_url_prefix="reveal", reveal_theme="white", exclude_input=True,
                              exclude_input_prompt=True, exclude_output_prompt=True,
                              exclude_anchor_links=True, embed_images=False)
    for name in names:
        text, _ = exporter.from_notebook_node(deck(name, executed(name, pace, cache)))
        (out / f"{name}.html").write_text(text)
        print(f"wrote {out / name}.html")
    shutil.rmtree(out / "reveal", ignore_errors=True)
    # a package that carries it
    reveal = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"
    # other themes fetch fonts from the network
    for name in ("reveal.js", "reveal.css", "theme/white.css"):
        (out / "reveal" / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(reveal / "dist" / name, out / "reveal" / "dist" / name)
    shutil.copytree(reveal / "dist" / "theme" / "fonts",
                    out / "reveal" / "dist" / "theme" / "fonts", dirs_exist_ok=True)
    if found := problems(out):
        raise RuntimeError("the slides are not whole:\n" + "\n".join(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pace", choices=PACE, default="lab")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "slides")
    parser.add_argument("labs", nargs="*")
    asked = parser.parse_args()
    wanted = [name for name in LABS if not asked.labs or name.startswith(tuple(asked.labs))]
    sys.exit(build(wanted, asked.pace, asked.out.resolve(), ROOT / "runs" / "book" / "executed"))
