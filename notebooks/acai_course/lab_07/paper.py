"""Lab 07: the slides' table without names, and cells of the paper's tables."""
import re

import torch

from acai_lite.figures import described
from acai_lite.runs.tables import NOT_SEEN, PAPER, TITLES

from ..checks import Off

# columns A to G of the first picture
ORDER = ("Denoising", "AAE", "ACAI", "Baseline", "VQ-VAE", "VAE", "Dropout")


def slides_letters() -> dict[str, str]:
    """{method: letter of its column}, the solution of the riddle."""
    return dict(zip(ORDER, "ABCDEFG", strict=True))


def slides_table(names=False):
    """The slides' table of classifier accuracies as a figure, its columns called A to G, or by
    their names."""
    rows = {place: dict(zip(TITLES, text.split(), strict=True))
            for place, text in PAPER["online classifier, %"].items()}
    titles = [title if names else letter for letter, title in zip("ABCDEFG", ORDER, strict=True)]
    lines = [f"{data} {size}: " + ", ".join(f"{t} {row[m]}" for t, m in zip(
        titles, ORDER, strict=True)) for (data, size), row in rows.items()]
    figure = described(9, 2.6, "A table of classifier accuracies in per cent, data set and code "
                       f"size by column {', '.join(titles)}; darker cells are nearer to the best "
                       f"of their row. {'. '.join(lines)}.")
    axes = figure.subplots()
    # (6,7)
    values = torch.tensor([[float(row[m].split("±")[0]) for m in ORDER] for row in rows.values()])
    low, high = values.min(1, keepdim=True).values, values.max(1, keepdim=True).values
    axes.imshow(((values - low) / (high - low)).numpy(), cmap="Blues", vmin=0, vmax=1.6,
                aspect="auto")
    for i, row in enumerate(rows.values()):
        for k, method in enumerate(ORDER):
            axes.text(k, i, row[method], ha="center", va="center", fontsize=9)
    axes.set_xticks(range(7), titles, fontweight="bold")
    axes.set_yticks(range(6), [f"{data}, {size}" for data, size in rows])
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    figure.tight_layout()
    return figure


MEASURES = {"classifier": "online classifier, %", "clustering": "clustering, %",
            "mean distance": "mean distance, e-3", "smoothness": "smoothness"}


def cited_row(cell):
    """A cell (measure, data, size, method, value) -> (measure, its row {method: value, higher is
    better}, method).

    Raises `Off` for a cell that the paper's tables do not have, for another value, and for a dash.
    """
    if not isinstance(cell, tuple | list) or len(cell) != 5:
        raise Off(f"a cell is (measure, data, code size, method, value); {cell!r} is not.")
    measure, data, size, method, value = cell
    title = MEASURES.get(str(measure).lower())
    place = (re.sub(r"[^a-z0-9]", "", str(data).lower()), size)
    texts = PAPER.get(title, {}).get(place)
    names = {re.sub(r"[^a-z]", "", t.lower()): t for t in TITLES}
    method = names.get(re.sub(r"[^a-z]", "", str(method).lower()))
    if texts is None or method is None:
        raise Off(f"the paper's tables have no cell {tuple(cell[:4])!r}. Measures: "
                  f"{', '.join(MEASURES)}; methods: {', '.join(TITLES)}.")
    texts = dict(zip(TITLES, texts.split(), strict=True))
    if texts[method] == NOT_SEEN:
        raise Off(f"the table has a dash for {method} there: that value is not read in the source, "
                  "and no verdict can rest on it.")
    row = {t: float(text.split("±")[0]) for t, text in texts.items() if text != NOT_SEEN}
    if not isinstance(value, int | float) or abs(row[method] - value) > 0.006:
        raise Off(f"that is not what the table says of {method} on {data}, {size}, {measure}: "
                  f"{value!r}. Look again.")
    sign = -1 if place[0] == "lines" else 1
    return str(measure).lower(), {t: sign * v for t, v in row.items()}, method
