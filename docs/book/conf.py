"""Sphinx settings of the book. notebooks/tools/book.py writes its sources and calls Sphinx;
`make book` calls that."""
from docutils import nodes
from latex2mathml.converter import convert

project = "acai_lite"
html_title = "acai_lite: good in-betweens"
author = "acai_lite contributors"
copyright = "acai_lite contributors. Text and figures CC BY 4.0, code MIT"
language = "en"

extensions = ["myst_nb"]
nb_execution_mode = "off"                 # book.py has run them
nb_ipywidgets_js = {}                     # would be fetched from the network
myst_enable_extensions = ["dollarmath", "colon_fence"]
html_math_renderer = "mathml"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_copy_source = html_show_sourcelink = False
templates_path, exclude_patterns = [], []


def _formula(translator, node, display):
    translator.body.append(convert(node.astext().replace(":=", r"\coloneqq "), display=display))
    raise nodes.SkipNode


def setup(app):
    """Formulas become MathML, which browsers draw themselves: no script, no fonts."""
    app.add_html_math_renderer("mathml",
                               inline_renderers=(lambda t, n: _formula(t, n, "inline"), None),
                               block_renderers=(lambda t, n: _formula(t, n, "block"), None))
