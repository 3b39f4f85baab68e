"""Lab 06a: strips with numbers, the recorded calibration, and three tools."""
import torch

from acai_lite.figures import _show, described

LINE_COLOURS = "#0072B2", "#D55E00"


def frames_with_numbers(rows, alt, every=1):
    """Strips with numbers below each frame. rows: {name: (frames (T,1,32,32), {label: texts
    (T)})}."""
    count = len(next(iter(rows.values()))[0][::every])
    figure = described(0.66 * count + 1.6, 1.28 * len(rows) + 0.3, alt)
    axes = figure.subplots(len(rows), count, squeeze=False,
                           gridspec_kw={"wspace": 0.08, "hspace": 0.75})
    for row, (name, (frames, numbers)) in zip(axes, rows.items(), strict=True):
        for k, place in enumerate(row):
            _show(place, frames[::every][k])
            place.set_xlabel("\n".join(str(texts[::every][k]) for texts in numbers.values()),
                             fontsize=8)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        row[0].annotate("\n".join(numbers), (0, 0), (-8, -5), xycoords="axes fraction",
                        textcoords="offset points", fontsize=8, ha="right", va="top")
    axes[0, 0].set_title("t = 0", fontsize=9)
    axes[0, -1].set_title("t = 1", fontsize=9)
    return figure


def calibration_figure(table, frames="inner", control="nearness to an end"):
    """The recorded calibration: a panel a model, a row an index, each with its interval; the
    control's is a grey band."""
    names = list(table["lines-baseline-64"])
    figure = described(11.5, 3.7, """Five panels, one a model; in each a dot with an interval
for every index, between -1, which praises what is far from a line, and +1. A grey band marks
the control that only knows t. PCA features lie left of zero in all panels, the Gaussian density
for the baseline, denoising and the VAE. Reconstruction lies at +0.5 or more, right of the band,
in all five; ACAI's critic is at 0 for three of them; features of the untrained and of the
baseline's encoder lie right of zero in all; the others change from panel to panel.""")
    for place, (model, row) in zip(figure.subplots(1, len(table), sharey=True), table.items(),
                                   strict=True):
        place.axvspan(*row[control][frames][1:], facecolor="#dddddd", edgecolor="#767676",
                      linewidth=1)
        place.axvline(0, color="#666666", linewidth=0.8)
        for k, name in enumerate(names):
            value, low, high = row[name][frames]
            colour = "#666666" if name == control else LINE_COLOURS[value < 0]
            place.plot([low, high], [k, k], color=colour, linewidth=2)
            place.plot(value, k, "s" if value < 0 else "o", color=colour, markersize=5)
        place.set(xlim=(-1, 1), title=model.removeprefix("lines-"),
                  xticks=[-1, 0, 1], yticks=range(len(names)))
        place.set_yticklabels(names)
        place.title.set_fontsize(10)
        place.grid(axis="y", alpha=0.25)
    figure.axes[0].invert_yaxis()
    figure.supxlabel(f"rank correlation with minus the true distance, {frames} frames", fontsize=10)
    figure.tight_layout()
    return figure


def three_tools():
    """Rank correlation, a kernel density and PCA, a small picture each."""
    figure = described(10, 2.9, """Three panels. Left: points on a steeply bent but always
rising curve, whose rank correlation is 1. Middle: seven ticks on a line, a small bump over
each, and their sum, a kernel density. Right: a long slanting cloud of points with two arrows at
a right angle, the long one along the cloud: its first principal axis.""")
    left, middle, right = figure.subplots(1, 3)
    random = torch.Generator().manual_seed(2)
    x = torch.rand(30, generator=random) * 4
    y = x.exp()
    left.plot(x, y, "o", color=LINE_COLOURS[0], markersize=4)
    usual = float(torch.corrcoef(torch.stack([x, y]))[0, 1])
    left.set(title=f"rank correlation 1.00\n(usual correlation {usual:.2f})", xlabel="one number",
             ylabel="another", xticks=[], yticks=[])
    places, line = torch.tensor([0.6, 1.0, 1.2, 1.9, 3.4, 3.7, 4.6]), torch.linspace(-0.5, 5.5, 200)
    bumps = torch.exp(-((line[:, None] - places) / 0.35).square() / 2) / 7
    middle.plot(line, bumps, color="#767676", linewidth=0.8)
    middle.plot(line, bumps.sum(1), color=LINE_COLOURS[0], linewidth=2)
    middle.plot(places, 0 * places, "|", color=LINE_COLOURS[1], markersize=14, markeredgewidth=2)
    middle.set(title="kernel density:\na bump on every sample, added up",
               xlabel="a code of one number", xticks=[], yticks=[])
    cloud = torch.randn(150, 2, generator=random) @ torch.tensor([[1.6, 0.9], [-0.25, 0.45]])
    right.plot(*cloud.T, "o", color=LINE_COLOURS[0], markersize=2.5, alpha=0.6)
    _, sizes, axes = torch.linalg.svd(cloud - cloud.mean(0), full_matrices=False)
    for size, axis in zip(sizes / 150 ** 0.5, axes, strict=True):
        right.annotate("", (2 * size * axis).tolist(), (0, 0),
                       arrowprops={"arrowstyle": "->", "color": LINE_COLOURS[1], "linewidth": 2})
    right.set(title="PCA: the directions in which\nthe cloud spreads most", xticks=[], yticks=[],
              aspect="equal")
    for axes in (left, middle, right):
        axes.title.set_fontsize(10)
    figure.tight_layout()
    return figure
