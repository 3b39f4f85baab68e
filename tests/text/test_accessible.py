"""Pictures are described, links say where they lead, colours are told apart by all eyes, axes carry
units."""
import ast
import colorsys
import inspect
import itertools
import re
from pathlib import Path

import acai_course as course
import jupytext
import numpy as np
import pytest
from acai_course.lab_05a import pictures as schematic
from acai_course.lab_06a import pictures as realism
from acai_course.lab_06b import pictures as routes

import acai_lite as al
from acai_lite import figures
from acai_lite.runs.tables import MEASURES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
TEXTS = sorted([*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"),
                *(ROOT / "data").glob("*.md")])
CSS = (ROOT / "notebooks" / "acai_course" / "static" / "explorer.css").read_text()
PYTHON = sorted([*(ROOT / "acai_lite").rglob("*.py"),
                 *(ROOT / "notebooks" / "acai_course").rglob("*.py")])


def cells(path, kind):
    if path.suffix == ".md":
        return [path.read_text()] if kind == "markdown" else []
    return [c.source for c in jupytext.read(path).cells if c.cell_type == kind]


# --- pictures -------------------------------------------------------------------------------------

# pictures of course that bring their description along, and a cheap way to make one
MADE = {
    "acai_schematic": lambda: course.acai_schematic(), "three_tools": lambda: course.three_tools(),
    "slides_table": lambda: course.slides_table(),
    "calibration_figure": lambda: course.calibration_figure(course.realism_record()["calibration"]),
    "play_machines": lambda: course.play_machines(course.four_machines(0.3, 2.0)),
    "code_curves": lambda: course.code_curves({"baseline": al.checkpoint("lines-baseline-64")},
                                              *al.draw_lines([0.3, 2.0]), count=24),
    "score_curves": lambda: course.score_curves({"ACAI": al.film("lines-acai-64")}),
    "four_curves": lambda: course.four_curves(),
    "smoothness_by_dimension": lambda: course.smoothness_by_dimension(),
    "smoothness_by_angle": lambda: course.smoothness_by_angle(
        {"a path": al.line_scores(al.draw_lines([0.3, 0.8, 2.0])[None])})}
EXPLORERS = {"FilmExplorer", "InterpolationExplorer", "CodeMapExplorer", "RealismExplorer",
             "CriticGame", "GameExplorer"}
WITH_ALT = {"frames_with_numbers", "route_map", "Player"}                       # take alt=
# describes each of its pictures
NO_PICTURE = {"course.show", "course.passport", "course.predict", "course.reveal",
              "al.fit", "look", "show", "print", "course.judge_panel"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_whatever_a_cell_shows_is_described(source):
    tree = ast.parse("\n".join(cells(source, "code")))
    drawing = {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)
               and "alt=" in ast.unparse(f)}
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)
                 and ast.unparse(n.func).startswith("al.figures.")):
        assert any(k.arg == "alt" and len(ast.literal_eval(k.value)) > 30
                   for k in call.keywords), ast.unparse(call)
    for cell in cells(source, "code"):
        last = ast.parse(cell).body[-1]
        if not isinstance(last, ast.Expr):
            continue
        shown, text = last.value, ast.unparse(last.value)
        if not isinstance(shown, ast.Call):
            made = "|".join(["Player", "play_machines", *EXPLORERS])
            assert re.search(rf"\b{text} = (al\.figures\.described|course\.({made}))\(",
                             cell), f"is {text} described?"
            continue
        name, alt = ast.unparse(shown.func), [k.value for k in shown.keywords if k.arg == "alt"]
        short = name.removeprefix("course.")
        if short in WITH_ALT:
            assert alt and len(ast.literal_eval(alt[0])) > 30, text
        elif name == "ipywidgets.VBox":         # an explorer, and what a function of a lab shows
            linked = re.search(r"\[explorer, ipywidgets\.interactive_output\((\w+),", text)[1]
            assert linked in drawing or "print(" in cell, text
        elif name == "clouds":                  # draws on a figure that has its description
            assert "al.figures.described(" in ast.unparse(shown.args[0])
        else:
            known = short in MADE or short in EXPLORERS or name in drawing or name in NO_PICTURE
            assert (known or name.startswith("al.figures.")
                    or re.match(r"Table\(.*\)\.figure$", name)), text


@pytest.mark.parametrize("name", MADE)
def test_a_picture_of_the_course_has_its_description(name):
    assert len(MADE[name]().alt) > 60


def test_pages_and_texts_have_no_picture_without_words():
    pages = sorted((ROOT / "notebooks" / "explorers").glob("*.html"))
    assert len(pages) >= 9
    for path in [*pages, *TEXTS]:
        for text in cells(path, "markdown") if path.suffix != ".html" else [path.read_text()]:
            for picture in re.findall(r"<img\b[^>]*>", text):
                assert re.search(r'alt="[^"]{15,}', picture), (path.name, picture[:80])
            for alt in re.findall(r"!\[([^\]]*)\]\(", text):
                assert len(alt) >= 5, (path.name, alt)


# --- links ----------------------------------------------------------------------------------------

@pytest.mark.wording
@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.name)
def test_a_link_says_where_it_leads(path):
    for text in cells(path, "markdown"):
        bare = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        for words in re.findall(r"(?<!!)\[([^\]]+)\]\([^)]+\)", bare):
            assert not re.fullmatch(
                r"(?i)\W*(click( here)?|here|this|link|more|read more|https?:.*)\W*", words), words
        assert not re.search(r"(?<![(\"<\]])https?://",
                             re.sub(r"\]\([^)]*\)", "]", bare)), "a bare address"


# --- colours --------------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
EYES = {"usual": np.eye(3),
        "protanopia": np.array([[.152286, 1.052583, -.204868], [.114503, .786281, .099216],
                                [-.003882, -.048116, 1.051998]]),
        "deuteranopia": np.array([[.367322, .860646, -.227968], [.280085, .672501, .047413],
                                  [-.01182, .04294, .968881]]),
        "tritanopia": np.array([[1.255528, -.076749, -.178779], [-.078411, .930809, .147602],
                                [.004733, .691367, .3039]])}
XYZ = np.array([[.4124564, .3575761, .1804375], [.2126729, .7151522, .0721750],
                [.0193339, .1191920, .9503041]])
APART = 14                                      # CIE 1976 difference; 2.3 is just noticeable
DARK = "#111111"                                # JupyterLab's dark background


def linear(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    c = np.array([int(digits[k:k + 2], 16) / 255 for k in (0, 2, 4)])
    return np.where(c <= .04045, c / 12.92, ((c + .055) / 1.055) ** 2.4)


def seen(colour, eye):
    """CIE Lab of a colour as that eye sees it."""
    x = XYZ @ np.clip(EYES[eye] @ linear(colour), 0, 1) / (.95047, 1, 1.08883)
    f = np.where(x > 216 / 24389, np.cbrt(x), (24389 / 27 * x + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a, b):
    """WCAG 2's ratio of two colours, 1 to 21."""
    low, high = sorted(float(linear(c) @ XYZ[1]) for c in (a, b))
    return (high + .05) / (low + .05)


def variables(name):
    return re.findall(rf"--{name}: (#\w+|\d+%)", CSS)


SERIES = {"curves": figures.COLOURS, "ends": tuple(figures.EDGE.values()),
          "schematic": (schematic.INK, schematic.CRITIC),
          "routes": tuple(colour for colour, _ in routes.STYLES.values()),
          "calibration": (*realism.LINE_COLOURS, "#666666"),
          **{f"explorers, theme {k}": tuple(variables(name)[k] for name in ("ink", "two", "three"))
             for k in (0, 1, 2)},
          **{f"on a density, theme {k}": tuple(variables(name)[k] for name in ("on", "on2", "on3"))
             for k in (0, 1, 2)}}


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("series", SERIES)
def test_no_two_colours_of_a_series_look_alike(series, eye):
    for a, b in itertools.combinations(SERIES[series], 2):
        assert np.linalg.norm(seen(a, eye) - seen(b, eye)) >= APART, (a, b)


def test_the_simulation_knows_what_is_confused():
    red, green = seen("#C8553D", "deuteranopia"), seen("#8A7A2E", "deuteranopia")
    assert np.linalg.norm(red - green) < APART < np.linalg.norm(seen("#C8553D", "usual")
                                                                - seen("#8A7A2E", "usual"))
    assert (abs(contrast("#000", "#fff") - 21) < 1e-4
            and abs(contrast("#767676", "#fff") - 4.54) < 0.01)


def test_words_in_colour_can_be_read_and_lines_can_be_seen():
    # t = 0, t = 1, the schematic's words
    for colour in (*figures.EDGE.values(), schematic.INK, schematic.CRITIC):
        assert contrast(colour, "#fff") >= 4.5, colour
    for name in ("ink", "two", "three", "edge"):
        light, *dark = variables(name)
        assert contrast(light, "#fff") >= 4.5 and len(dark) == 2
        assert min(contrast(colour, DARK) for colour in dark) >= 4.5
    for ground, path in itertools.product(("sparse", "dense", "plain", "hatch"),
                                          ("on", "on2", "on3", "dot")):
        for below, above in zip(variables(ground), variables(path), strict=True):
            assert contrast(below, above) >= 3, (ground, path, below, above)
    # digits on a map, in all hues
    light, *dark = [int(share.rstrip("%")) / 100 for share in variables("light")]
    for ground, levels in (("#fff", [light]), (DARK, dark)):
        for level, hue in itertools.product(levels, range(0, 360, 5)):
            colour = "#" + "".join(f"{round(255 * c):02x}"
                                   for c in colorsys.hls_to_rgb(hue / 360, level, .8))
            assert contrast(colour, ground) >= 4.5, (hue, level)


# fills that carry no line, and what is drawn on black or on a map of greys with an outline of its
# own
GROUNDS = {"#dddddd": "a band with an outline", "#fff": "outline on dark",
           "#000": "ground of films"}


@pytest.mark.parametrize("path", [*PYTHON, *SOURCES], ids=lambda p: p.name)
def test_every_line_of_a_figure_stands_out_from_white(path):
    for node in ast.walk(ast.parse(path.read_text())):
        colour = (node.value if isinstance(node, ast.Constant)
                  and isinstance(node.value, str) else "")
        if re.fullmatch("#([0-9A-Fa-f]{3}){1,2}", colour):             # a text may say "issue #999"
            assert colour.lower() in GROUNDS or contrast(colour, "#fff") >= 3, colour


# --- axes -----------------------------------------------------------------------------------------

UNIT = re.compile(
    r"degrees|\b(images|points) seen\b|training samples|%|\bsteps\b|\be-3\b|× 1000|\(spreads|"
    r"a spread\b|dimensions n")
# shares, qualities, losses, numbers of a code or of a map: no unit
PURE = {"dimension of the code, sorted by its KL", "KL (nats)", "distance × 1000",
        "loss", "θ", "index", "index of a midpoint", "share of draws below", "Q",
        "share of the way walked", "ri", "smoothness", "the critic's loss",
        "error of the critic on mixtures", "reconstruction error",
        "Smoothness on lines (0 is best)", "Smoothness", "first principal component",
        "second principal component", "effective dimension of the codes of lines", "first number",
        "second number", "a number of a code",
        "a code of one number", "z, first number", "z, second number", "one number", "another"}
# names of rows or values of single frames, beside a strip: no axis
ROWS = {"labels[row]", "notes[row]", "name", "xlabel", "ylabel"}


def labels(path):
    """Texts that become labels of axes or of colour bars, as literals or as expressions."""
    text = path.read_text()
    for call in (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)):
        name = ast.unparse(call.func).split(".")[-1]
        found = [k.value for k in call.keywords if k.arg in ("xlabel", "ylabel")]
        found += (call.args[:1] if name in ("set_xlabel", "set_ylabel", "supxlabel", "supylabel")
                  else [])
        found += [k.value for k in call.keywords
                  if k.arg == "label" and name in ("colorbar", "route_map")]
        for value in found:
            yield value.value if isinstance(value, ast.Constant) else ast.unparse(value)


@pytest.mark.wording
def test_every_axis_has_a_unit_or_needs_none():
    found = {label for path in [*PYTHON, *SOURCES] for label in labels(path)}
    found.add(inspect.signature(routes.route_map).parameters["label"].default)
    found |= set(MEASURES)                                             # Table.figure's axis
    for label in found - ROWS - {"measure", "label"}:
        # between -1 and 1; numbers below frames
        if label.startswith(("f'rank correlation", "'\\n'.join")):
            continue
        assert UNIT.search(label) or label in PURE, f"the axis {label!r}: in what unit?"
