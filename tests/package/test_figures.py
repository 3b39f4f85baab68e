"""Figures: the text for those who cannot see them, marked ends, and no trace left in pyplot."""

import base64
import html
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

import acai_lite as al
from acai_lite import figures

ALT = "Three strips of digits."


def frames(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


DRAWN = {
    "grid": lambda alt: figures.grid(frames(5, 1, 32, 32), alt),
    "strips": lambda alt: figures.strips(frames(2, 4, 1, 32, 32), alt),
    "curves": lambda alt: figures.curves({"a": ([0, 1], [1, 2])}, alt, "x", "y"),
}


@pytest.fixture(autouse=True)
def nothing_goes_through_pyplot():
    yield
    assert plt.get_fignums() == [], ("a figure was left in pyplot, which keeps it in memory and "
                                     "shows it twice")


@pytest.mark.parametrize("alt", ["", "   ", "\n", None, 3])
@pytest.mark.parametrize("kind", DRAWN)
def test_a_figure_without_alt_text_is_refused(kind, alt):
    with pytest.raises(ValueError, match="alt text"):
        DRAWN[kind](alt)


@pytest.mark.parametrize("kind", DRAWN)
def test_alt_text_is_no_option(kind):
    with pytest.raises(TypeError, match="alt"):
        getattr(figures, kind)(frames(2, 2, 1, 32, 32),
                               **({"xlabel": "x", "ylabel": "y"} if kind == "curves" else {}))


@pytest.mark.parametrize("kind", DRAWN)
def test_a_notebook_shows_a_picture_with_the_escaped_alt_text(kind):
    alt = 'Codes <z> & "paths" at 45 degrees: it\'s a line.'
    figure = DRAWN[kind](f"  {alt}\n")
    assert figure.alt == alt
    shown = figure._repr_html_()
    (found,) = re.findall(r'alt="([^"]*)"', shown)
    assert "<z>" not in shown and html.unescape(found) == alt
    (picture,) = re.findall(r'src="data:image/png;base64,([^"]+)"', shown)
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_two_figures_keep_their_own_text():
    first, second = DRAWN["grid"]("one"), DRAWN["grid"]("two")
    assert (first.alt, second.alt) == ("one", "two")


# --- strips ---------------------------------------------------------------------------------------


def spines(axes):
    """Colours of the visible frame of one picture."""
    return {to_hex(spine.get_edgecolor()).upper()
            for spine in axes.spines.values() if spine.get_visible()}


@pytest.mark.parametrize("rows", [1, 3])
def test_ends_of_a_strip_are_marked_in_words_and_colour(rows):
    figure = figures.strips(frames(rows, 5, 1, 32, 32), ALT)
    axes = np.array(figure.axes).reshape(rows, 5)
    start, *middle, end = (cell.get_title() for cell in axes[0])
    assert start and end and start != end and middle == ["", "", ""]
    assert figures.EDGE["start"] != figures.EDGE["end"]
    for row in axes:
        assert (spines(row[0]) == {figures.EDGE["start"]}
                and spines(row[-1]) == {figures.EDGE["end"]})
        assert [spines(cell) for cell in row[1:-1]] == [set()] * 3


def pictures(figure):
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]


def test_frames_of_a_strip_are_drawn_row_by_row():
    paths = frames(2, 3, 1, 32, 32)
    for drawn, expected in zip(pictures(figures.strips(paths, ALT)),
                               paths.flatten(0, 1), strict=True):
        assert np.allclose(drawn, (expected[0].numpy() + 1) / 2)


def test_strips_take_a_dictionary_of_named_paths():
    paths = {"pixel blend": frames(4, 1, 32, 32), "ACAI": frames(4, 1, 32, 32, seed=1)}
    figure = figures.strips(paths, ALT)
    assert [axes.get_ylabel() for axes in figure.axes[::4]] == list(paths)
    same = figures.strips(torch.stack(list(paths.values())), ALT, labels=list(paths))
    assert [axes.get_ylabel() for axes in same.axes[::4]] == list(paths)
    assert all(np.array_equal(a, b) for a, b in zip(pictures(figure), pictures(same), strict=True))


def test_notes_stand_at_the_end_of_their_rows():
    figure = figures.strips(frames(2, 3, 1, 32, 32), ALT, labels=["a", "b"], notes=["0.1", "0.2"])
    assert [axes.get_ylabel() for axes in figure.axes] == ["a", "", "0.1", "b", "", "0.2"]
    assert figure.axes[2].yaxis.get_label_position() == "right"


@pytest.mark.parametrize("size", [16, 32, 64, 128])
def test_strips_in_colour_of_any_size(size):
    paths = frames(1, 3, 3, size, size)
    drawn = pictures(figures.strips(paths, ALT))[1]
    assert drawn.shape == (size, size, 3)
    assert np.allclose(drawn, (paths[0, 1].permute(1, 2, 0).numpy() + 1) / 2)


# --- grids ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "columns", "cells"),
                         [(5, 3, 6), (6, 3, 6), (2, 8, 2), (9, 8, 16), (1, 1, 1)])
def test_a_grid_shows_every_image_and_leaves_the_other_cells_blank(count, columns, cells):
    images = frames(count, 1, 32, 32)
    figure = figures.grid(images, ALT, columns=columns)
    assert len(figure.axes) == cells
    assert [axes.axison for axes in figure.axes] == [True] * count + [False] * (cells - count)
    for drawn, expected in zip(pictures(figure), images, strict=True):
        assert np.allclose(drawn, (expected[0].numpy() + 1) / 2)


def test_titles_of_a_grid():
    figure = figures.grid(frames(3, 1, 32, 32), ALT, columns=2, titles=["one", "two", "three"])
    assert [axes.get_title() for axes in figure.axes] == ["one", "two", "three", ""]


def test_a_grid_takes_images_of_a_set(lines):
    drawn = pictures(figures.grid(lines.test_images[:3], ALT))
    assert len(drawn) == 3 and drawn[0].max() == 1


def test_values_outside_are_clipped_in_the_picture_only():
    images = torch.linspace(-3, 3, 1024).view(1, 1, 32, 32)
    before = images.clone()
    (drawn,) = pictures(figures.grid(images, ALT))
    assert drawn.min() == 0 and drawn.max() == 1
    assert np.allclose(drawn, ((images[0, 0].clamp(-1, 1) + 1) / 2).numpy())
    assert torch.equal(images, before)


def test_grey_means_the_same_in_every_picture():
    """-1 is black and 1 is white, even in an image that has neither."""
    figure = figures.grid(torch.full((1, 1, 32, 32), 0.2), ALT)
    assert figure.axes[0].images[0].get_clim() == (0, 1)


def test_decoded_images_with_gradients_can_be_shown():
    figures.grid(al.build("baseline", "digits").decode(torch.zeros(2, 2, 4, 4)), ALT)
    figures.strips(frames(1, 3, 1, 32, 32).double().requires_grad_(), ALT)


# --- curves ---------------------------------------------------------------------------------------


def test_curves_draw_each_named_line():
    lines = {"baseline": ([0, 1, 2], [3, 2, 1]), "acai": ([0, 1], [5, 4])}
    (axes,) = figures.curves(lines, ALT, "samples", "loss").axes
    assert {line.get_label(): (list(line.get_xdata()), list(line.get_ydata()))
            for line in axes.lines} == lines
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(lines)
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("samples", "loss",
                                                                         "linear")


def test_seven_curves_can_be_told_apart_without_colour_alone():
    (axes,) = figures.curves({str(k): ([0, 1], [k, k]) for k in range(7)}, ALT, "x", "y").axes
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 7
    assert len({line.get_linestyle() for line in axes.lines}) == 4


def test_marks_are_named_levels_and_not_in_the_legend():
    (axes,) = figures.curves({"a": ([1, 2], [1, 10])}, ALT, "x",
                             "y", log=True, marks={"fooled": 0.0521}).axes
    assert axes.get_yscale() == "log"
    assert [text.get_text() for text in axes.texts] == ["fooled"]
    assert 0.0521 in [line.get_ydata()[0] for line in axes.lines]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a"]


@pytest.mark.parametrize("kind", DRAWN)
def test_figures_can_be_saved(kind):
    buffer = io.BytesIO()
    DRAWN[kind](ALT).savefig(buffer, format="svg")
    assert b"<svg" in buffer.getvalue()
