"""Lab 06a, the realism index: the course's versions of what learners write there, what the lab shows, and the record of
both parts of lab 06."""

import torch

from acai_lite.checkpoints import checkpoint
from acai_lite.densities import fit_density
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record
from acai_lite.interpolation import decode_path, interpolate
from acai_lite.lines import line_scores
from acai_lite.probes import encode_all
from acai_lite.realism import RealismIndex, gaussian_realism, radial_realism

PANEL = ["lines-baseline-64", "lines-acai-64", "lines-denoising-64", "lines-vae-64", "lines-vqvae-256"]
LINE_COLOURS = "#0072B2", "#D55E00"


def realism_record():
    """realism.json, as data/recorders/record_realism.py left it."""
    return read_record(result_file("records", "realism.json"))


# --- the course's versions ----------------------------------------------------------------------------------------------

def index(f, samples, z):
    """ri (K,) of the points z (K,n): the share of samples (M,n) whose score f, (N,n) -> (N,), is no higher."""
    scores = f(samples)                                                # (M,)
    return (scores <= f(z)[:, None]).double().mean(1)


def gaussian_index(z):
    """ri (...) of z (...,n) under N(0, I): the chance that chi^2 with n degrees of freedom exceeds |z|^2."""
    half = torch.tensor(z.shape[-1] / 2, dtype=torch.float64)
    return torch.special.gammaincc(half, z.double().square().sum(-1) / 2)


def bubble(n, count):
    """Midpoints of `count` pairs of draws of N(0, I) in n dimensions: ri (count,) ranked by density, and by radius."""
    z, samples = (torch.randn(count, n) + torch.randn(count, n)) / 2, torch.randn(4000, n)

    def radius_density(x):
        r = x.norm(dim=1)
        return (n - 1) * r.log() - r.square() / 2

    return gaussian_index(z), index(radius_density, samples, z)


def calibrate(ri, distance):
    """Spearman's rank correlation of ri (K,T) with minus the true distance (K,T), over all frames."""
    from scipy.stats import spearmanr
    return float(spearmanr(ri.flatten().numpy(), -distance.flatten().numpy()).statistic)


def decision():
    """The index that the course would trust, and the number that supports it: its weakest."""
    rows = {name: row["reconstruction"]["inner"][0] for name, row in realism_record()["calibration"].items()}
    weakest = min(rows, key=rows.get)
    return {"index": "reconstruction", "model": weakest, "number": rows[weakest]}


# --- what the lab shows -------------------------------------------------------------------------------------------------

@torch.no_grad()
def _panel(images, each=4, first=3000):
    """(source, its pictures (each,1,32,32), their codes (each,Z), whose codes these are) for real lines and every model."""
    some = images.test_images[first:first + 160].unflatten(0, (80, 2))           # 80 pairs
    angles = line_scores(some).angles.diff(dim=1)[:, 0].rad2deg().abs()
    apart = torch.minimum(angles, 360 - angles)
    pairs = some[(apart > 60) & (apart < 150)]
    models, real = {name: checkpoint(name) for name in PANEL}, images.test_images[first - each:first]
    found = [("a real line", real, models[PANEL[0]].encode(real).flatten(1), models[PANEL[0]])]
    for k, (name, model) in enumerate(models.items()):                 # other pairs for every model: no twins in the panel
        x0, x1 = pairs[k * each:(k + 1) * each].unbind(1)
        codes = interpolate(model.encode(x0), model.encode(x1), 3)[:, 1:2]
        found.append((name, decode_path(model, codes)[:, 0], codes.flatten(1), model))
    return found


def _shuffled(count):
    return torch.randperm(count, generator=torch.Generator().manual_seed(6)).tolist()


def blind_panel(images):
    """(pictures (24,1,32,32), sources): midpoints decoded by the five committed autoencoders of lines, and as many real
    lines as each of them gave, all shuffled. The two ends of a midpoint are lines 60 to 150 degrees apart."""
    found = _panel(images)
    pictures = torch.cat([part for _, part, *_ in found])
    sources = [name for name, part, *_ in found for _ in part]
    order = _shuffled(len(sources))
    return pictures[order], [sources[k] for k in order]


def panel_indices(images, many=2000, some=1000):
    """{"Gaussian", "radius", "kernel": (24,)}: indices of the codes that the panel's pictures were decoded from.

    Each among codes of its own model: a Gaussian and its radius of `many` training codes, a kernel density of half of them,
    ranked against `some` test codes. A real line has the baseline's code.
    """
    fitted, parts = {}, []
    for _, _, z, model in _panel(images):
        if model not in fitted:
            train = encode_all(model, images.train_images[:many])
            real = encode_all(model, images.test_images[512:512 + some])
            kernel = fit_density(train[:many // 2], "kernel")
            fitted[model] = train.mean(0), torch.cov(train.T), RealismIndex(kernel.log_prob, real)
        mean, cov, kernel = fitted[model]
        parts.append({"Gaussian": gaussian_realism(z, mean, cov), "radius": radial_realism(z, mean, cov),
                      "kernel": kernel(z)})
    order = _shuffled(sum(len(part["kernel"]) for part in parts))
    return {name: torch.cat([part[name] for part in parts])[order] for name in parts[0]}


def frames_with_numbers(rows, alt, every=1):
    """Strips with numbers below each frame. rows: {name: (frames (T,1,32,32), {label: texts (T)})}."""
    from acai_lite.figures import _show, described
    count = len(next(iter(rows.values()))[0][::every])
    figure = described(0.66 * count + 1.6, 1.28 * len(rows) + 0.3, alt)
    axes = figure.subplots(len(rows), count, squeeze=False, gridspec_kw={"wspace": 0.08, "hspace": 0.75})
    for row, (name, (frames, numbers)) in zip(axes, rows.items(), strict=True):
        for k, place in enumerate(row):
            _show(place, frames[::every][k])
            place.set_xlabel("\n".join(str(texts[::every][k]) for texts in numbers.values()), fontsize=8)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        row[0].annotate("\n".join(numbers), (0, 0), (-8, -5), xycoords="axes fraction", textcoords="offset points",
                        fontsize=8, ha="right", va="top")
    axes[0, 0].set_title("t = 0", fontsize=9)
    axes[0, -1].set_title("t = 1", fontsize=9)
    return figure


def calibration_figure(table, frames="inner", control="nearness to an end"):
    """The recorded calibration: a panel a model, a row an index, each with its interval; the control's is a grey band."""
    from acai_lite.figures import described
    names = list(table["lines-baseline-64"])
    figure = described(11.5, 3.7, """Five panels, one a model; in each a dot with an interval for every index, between -1,
which praises what is far from a line, and +1. A grey band marks the control that only knows t. PCA features lie left of
zero in all panels, the Gaussian density for the baseline, denoising and the VAE. Reconstruction lies at +0.7 or more, right
of the band, in all five; features of the untrained and of the baseline's encoder lie right of zero in all; the others change
from panel to panel.""")
    for place, (model, row) in zip(figure.subplots(1, len(table), sharey=True), table.items(), strict=True):
        place.axvspan(*row[control][frames][1:], facecolor="#dddddd", edgecolor="#767676", linewidth=1)
        place.axvline(0, color="#666666", linewidth=0.8)
        for k, name in enumerate(names):
            value, low, high = row[name][frames]
            colour = "#666666" if name == control else LINE_COLOURS[value < 0]
            place.plot([low, high], [k, k], color=colour, linewidth=2)
            place.plot(value, k, "s" if value < 0 else "o", color=colour, markersize=5)
        place.set(xlim=(-1, 1), title=model.removeprefix("lines-"), xticks=[-1, 0, 1], yticks=range(len(names)))
        place.set_yticklabels(names)
        place.title.set_fontsize(10)
        place.grid(axis="y", alpha=0.25)
    figure.axes[0].invert_yaxis()
    figure.supxlabel(f"rank correlation with minus the true distance, {frames} frames", fontsize=10)
    figure.tight_layout()
    return figure


def three_tools():
    """Rank correlation, a kernel density and PCA, a small picture each."""
    from acai_lite.figures import described
    figure = described(10, 2.9, """Three panels. Left: points on a steeply bent but always rising curve, whose rank
correlation is 1. Middle: seven ticks on a line, a small bump over each, and their sum, a kernel density. Right: a long
slanting cloud of points with two arrows at a right angle, the long one along the cloud: its first principal axis.""")
    left, middle, right = figure.subplots(1, 3)
    random = torch.Generator().manual_seed(2)
    x = torch.rand(30, generator=random) * 4
    y = x.exp()
    left.plot(x, y, "o", color=LINE_COLOURS[0], markersize=4)
    usual = float(torch.corrcoef(torch.stack([x, y]))[0, 1])
    left.set(title=f"rank correlation 1.00\n(usual correlation {usual:.2f})", xlabel="one number", ylabel="another",
             xticks=[], yticks=[])
    places, line = torch.tensor([0.6, 1.0, 1.2, 1.9, 3.4, 3.7, 4.6]), torch.linspace(-0.5, 5.5, 200)
    bumps = torch.exp(-((line[:, None] - places) / 0.35).square() / 2) / 7
    middle.plot(line, bumps, color="#767676", linewidth=0.8)
    middle.plot(line, bumps.sum(1), color=LINE_COLOURS[0], linewidth=2)
    middle.plot(places, 0 * places, "|", color=LINE_COLOURS[1], markersize=14, markeredgewidth=2)
    middle.set(title="kernel density:\na bump on every sample, added up", xlabel="a code of one number",
               xticks=[], yticks=[])
    cloud = torch.randn(150, 2, generator=random) @ torch.tensor([[1.6, 0.9], [-0.25, 0.45]])
    right.plot(*cloud.T, "o", color=LINE_COLOURS[0], markersize=2.5, alpha=0.6)
    _, sizes, axes = torch.linalg.svd(cloud - cloud.mean(0), full_matrices=False)
    for size, axis in zip(sizes / 150 ** 0.5, axes, strict=True):
        right.annotate("", (2 * size * axis).tolist(), (0, 0), arrowprops={"arrowstyle": "->", "color": LINE_COLOURS[1],
                                                                            "linewidth": 2})
    right.set(title="PCA: the directions in which\nthe cloud spreads most", xticks=[], yticks=[], aspect="equal")
    for axes in (left, middle, right):
        axes.title.set_fontsize(10)
    figure.tight_layout()
    return figure
