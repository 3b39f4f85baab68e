"""Figures: grids, strips and curves. Each returns a matplotlib Figure and carries a text for those who cannot see it."""
import base64
import html
import io

import torch
from matplotlib.figure import Figure

# Told apart by colour-blind readers, too: tests/text/test_accessible.py. EDGE colours words as well, COLOURS lines only
EDGE = {"start": "#0072B2", "end": "#B5540A"}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")


class DescribedFigure(Figure):
    """A matplotlib Figure with `.alt`; a notebook shows it as a picture with that text."""
    alt = ""

    def _repr_html_(self):
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100, bbox_inches="tight", facecolor="white")
        data = base64.b64encode(buffer.getvalue()).decode()
        return f'<img style="max-width:100%" src="data:image/png;base64,{data}" alt="{html.escape(self.alt, quote=True)}">'


def described(width, height, alt):
    """An empty figure (inches) with its text for those who cannot see it."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("every figure needs an alt text: one or two sentences on what it shows")
    figure = DescribedFigure(figsize=(width, height))
    figure.alt = alt.strip()
    return figure


def _pixels(image):
    """(C,32,32) in [-1, 1] -> what imshow takes; values outside are clipped for display only."""
    image = (torch.as_tensor(image).detach().cpu().float().clamp(-1, 1).permute(1, 2, 0).numpy() + 1) / 2
    return image[..., 0] if image.shape[2] == 1 else image


def _show(axes, image, colour=None, reach=1.0):
    if len(image.shape) == 2:                                          # a signal (C,32): curves between -reach and reach
        axes.axhline(0, color="#949494", linewidth=0.8)
        axes.plot(torch.as_tensor(image).detach().cpu().T, color=colour or "#222222", linewidth=1.1)
        axes.set(xlim=(-1, image.shape[1]), ylim=(-1.1 * reach, 1.1 * reach))
    else:
        axes.imshow(_pixels(image), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=colour is not None, edgecolor=colour, linewidth=2.5)


def grid(images, alt, columns=8, titles=None):
    """images (N,C,32,32) in [-1, 1], or signals (N,C,32) as curves, as a grid, `titles` one per image.
    alt: text for those who cannot see it."""
    if not len(images) or columns < 1:
        raise ValueError(f"a grid needs images and columns; got {len(images)} images, {columns} columns")
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


def strips(paths, alt, labels=None, notes=None):
    """Rows of frames, one per path, with marked ends.

    paths: (K,T,C,32,32), or a dict {label: (T,C,32,32)}; signals (K,T,C,32) become curves, all on the scale of the
    largest value. labels: K row names. notes: K texts at the end of the rows.
    The two ends of each row have a frame of their own colour and the words "t = 0" and "t = 1" above them.
    """
    if isinstance(paths, dict):
        labels, paths = list(paths), list(paths.values())
    rows, count = len(paths), len(paths[0])
    width = 0.62 if len(paths[0][0].shape) == 3 else 1.1               # a curve needs more room than an image
    figure = described(width * count + 1.9 + (1.9 if notes else 0), 0.68 * rows + 0.35, alt)
    reach = max(float(torch.as_tensor(frames).detach().abs().max()) for frames in paths)
    axes = figure.subplots(rows, count, squeeze=False, gridspec_kw={"wspace": 0.06, "hspace": 0.12})
    for row, frames in enumerate(paths):
        for k in range(count):
            _show(axes[row, k], frames[k], {0: EDGE["start"], count - 1: EDGE["end"]}.get(k), reach)
        if labels:
            axes[row, 0].set_ylabel(labels[row], rotation=0, ha="right", va="center", fontsize=10)
        if notes:
            axes[row, -1].yaxis.set_label_position("right")
            axes[row, -1].set_ylabel(notes[row], rotation=0, ha="left", va="center", fontsize=9)
    axes[0, 0].set_title("t = 0", fontsize=9, color=EDGE["start"])
    axes[0, -1].set_title("t = 1", fontsize=9, color=EDGE["end"])
    return figure


def curves(lines, alt, xlabel, ylabel, log=False, marks=None):
    """lines: {name: (x, y)}; each has its own colour and dash. marks: {name: y} dotted levels to compare with."""
    figure = described(7, 3.6, alt)
    axes = figure.subplots()
    for k, (name, (x, y)) in enumerate(lines.items()):
        axes.plot(x, y, label=name, linestyle=("-", "--", "-.", ":")[k % 4], linewidth=1.8,
                  marker="o" if len(x) <= 20 else "", color=COLOURS[k % len(COLOURS)])
    for name, level in (marks or {}).items():
        axes.axhline(level, color="#666666", linestyle=":", linewidth=1)
        axes.annotate(name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
    axes.set(xlabel=xlabel, ylabel=ylabel, **({"yscale": "log"} if log else {}))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    figure.tight_layout()
    return figure


