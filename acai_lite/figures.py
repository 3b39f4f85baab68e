"""Figures: grids, strips and curves, each a matplotlib Figure with an alt text for screen
readers."""
import base64
import html
import io
from collections.abc import Mapping, Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor

from .data import Images

# Distinct for colour-blind readers, too: tests/text/test_accessible.py. EDGE colours words as well
EDGE = {"start": "#0072B2", "end": "#B5540A"}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")


class DescribedFigure(Figure):
    """A matplotlib Figure with `.alt`; a notebook shows it as a picture with that text."""
    alt = ""

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100, bbox_inches="tight", facecolor="white")
        data = base64.b64encode(buffer.getvalue()).decode()
        return (f'<img style="max-width:100%" src="data:image/png;base64,{data}" '
                f'alt="{html.escape(self.alt, quote=True)}">')


def described(width: float, height: float, alt: str) -> DescribedFigure:
    """An empty figure of a size in inches, with its alt text. Raises ValueError without one."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("every figure needs an alt text: one or two sentences on what it shows")
    figure = DescribedFigure(figsize=(width, height))
    figure.alt = alt.strip()
    return figure


def _pixels(image):
    """(C,S,S) in [-1, 1] -> what imshow takes; values outside are clipped for display only."""
    image = torch.as_tensor(image).detach().cpu().float().clamp(-1, 1).permute(1, 2, 0)
    image = (image.numpy() + 1) / 2
    return image[..., 0] if image.shape[2] == 1 else image


def _show(axes, image, colour=None, reach=1.0):
    if len(image.shape) == 2:                                # a signal (C,S): curves within +-reach
        axes.axhline(0, color="#949494", linewidth=0.8)
        signal = torch.as_tensor(image).detach().cpu().T
        axes.plot(signal, color=colour or "#222222", linewidth=1.1)
        axes.set(xlim=(-1, image.shape[1]), ylim=(-1.1 * reach, 1.1 * reach))
    else:
        axes.imshow(_pixels(image), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=colour is not None, edgecolor=colour, linewidth=2.5)


def grid(images: Tensor | Images, alt: str, columns: int = 8,
         titles: Sequence[str] | None = None) -> DescribedFigure:
    """A grid of images (N,C,S,S) in [-1, 1], or of signals (N,C,S) as curves, with one title each.

    alt: what it shows, for screen readers. Raises ValueError for no images, columns or alt text.
    """
    if not len(images) or columns < 1:
        raise ValueError(f"a grid needs images and columns; got {len(images)} images, "
                         f"{columns} columns")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = described(columns, rows * (1.25 if titles else 1), alt)
    for k, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        if k < len(images):
            _show(axes, images[k])
            if titles:
                axes.set_title(titles[k], fontsize=9)
        else:
            axes.axis("off")
    figure.tight_layout(pad=0.3)
    return figure


def strips(paths: Tensor | Mapping[str, Tensor], alt: str, labels: Sequence[str] | None = None,
           notes: Sequence[str] | None = None) -> DescribedFigure:
    """Rows of frames, one per path, whose endpoints have a border of their own colour and "t = 0"
    and "t = 1" above them.

    paths: (K,T,C,S,S), or {label: (T,C,S,S)}; signals (K,T,C,S) become curves, all on the scale of
    the largest value. alt: what they show, for screen readers. labels, notes: K texts before and
    after the rows. Raises ValueError without an alt text.
    """
    if isinstance(paths, Mapping):
        labels, every = list(paths), list(paths.values())
    else:
        every = list(paths)
    rows, count = len(every), len(every[0])
    width = 0.62 if len(every[0][0].shape) == 3 else 1.1               # a curve needs more room
    figure = described(width * count + 1.9 + (1.9 if notes else 0), 0.68 * rows + 0.35, alt)
    reach = max(float(torch.as_tensor(frames).detach().abs().max()) for frames in every)
    gaps = {"wspace": 0.06, "hspace": 0.12}
    axes = figure.subplots(rows, count, squeeze=False, gridspec_kw=gaps)
    marked = {0: EDGE["start"], count - 1: EDGE["end"]}
    for row, frames in enumerate(every):
        for k in range(count):
            _show(axes[row, k], frames[k], marked.get(k), reach)
        if labels:
            axes[row, 0].set_ylabel(labels[row], rotation=0, ha="right", va="center", fontsize=10)
        if notes:
            axes[row, -1].yaxis.set_label_position("right")
            axes[row, -1].set_ylabel(notes[row], rotation=0, ha="left", va="center", fontsize=9)
    axes[0, 0].set_title("t = 0", fontsize=9, color=EDGE["start"])
    axes[0, -1].set_title("t = 1", fontsize=9, color=EDGE["end"])
    return figure


def curves(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], alt: str, xlabel: str,
           ylabel: str, log: bool = False,
           marks: Mapping[str, float] | None = None) -> DescribedFigure:
    """Curves {name: (x, y)} on common axes, each with its own colour and dash.

    alt: what they show, for screen readers. marks: {name: y}, dotted levels to compare with. Raises
    ValueError without an alt text.
    """
    figure = described(7, 3.6, alt)
    axes = figure.subplots()
    for k, (name, (x, y)) in enumerate(lines.items()):
        axes.plot(x, y, label=name, linestyle=("-", "--", "-.", ":")[k % 4], linewidth=1.8,
                  marker="o" if len(x) <= 20 else "", color=COLOURS[k % len(COLOURS)])
    for name, level in (marks or {}).items():
        axes.axhline(level, color="#666666", linestyle=":", linewidth=1)
        axes.annotate(name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                      fontsize=9)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    figure.tight_layout()
    return figure
