"""The study's table: our results beside the ACAI paper's, each with its budget; 'not run' where nobody ran it."""
import warnings
from pathlib import Path
from statistics import mean, pstdev

from ..files.records import check_kinds, read_record
from .study import SEVEN

TITLES = ("Baseline", "Dropout", "Denoising", "VAE", "AAE", "VQ-VAE", "ACAI")
PAPER_BUDGET = 2 ** 24                          # samples: 262,144 steps of 64
# Berthelot et al., ICLR 2019, columns as in SEVEN; * is quoted from memory: UNVERIFIED. Clustering: one run, no spread.
PAPER = {
    "online classifier, %": {
        ("mnist", 32): "94.90±0.14 96.45±0.42 96.00±0.27 96.56±0.31 70.74±3.27 97.50±0.18 98.25±0.11",
        ("mnist", 256): "93.94±0.13 94.50±0.29 98.51±0.04 98.74±0.14 90.03±0.54 97.25±1.42 99.00±0.08",
        ("svhn", 32): "26.21±0.42 26.09±1.48 25.15±0.78 29.58±3.22 23.43±0.79 24.53±1.33 34.47±1.14",
        ("svhn", 256): "22.74±0.05 25.12±1.05 77.89±0.35 66.30±1.06 22.81±0.24 44.94±20.42 85.14±0.20",
        ("cifar10", 256): "47.92±0.20 40.99±0.41 53.78±0.36 47.49±0.22 40.65±1.45 42.80±0.44 52.77±0.45",
        ("cifar10", 1024): "51.62±0.25 49.38±0.77 60.65±0.14 51.39±0.46 42.86±0.88 16.22±12.44 63.99±0.47"},
    "clustering, %": {
        ("mnist", 32): "77.56 82.67* 82.59 75.74 79.19 82.39 94.38",
        ("mnist", 256): "53.70 61.35* 70.89 83.44 81.00 96.80 96.17",
        ("svhn", 32): "19.38 21.42* 17.91 16.83 17.35 15.19 20.86",
        ("svhn", 256): "15.62 15.19* 31.49 11.36 13.59 18.84 24.98"},
    "mean distance, e-3": {("lines", 64): "6.88±0.21 2.85±0.54* 4.21±0.32 1.21±0.17 3.26±0.19 5.41±0.49 0.24±0.01"},
    "smoothness": {("lines", 64): "0.44±0.04 0.74±0.02* 0.66±0.02 0.49±0.13 0.14±0.02 0.77±0.02 0.10±0.01"},
}
MEASURES = {                                    # title: (key of a result, factor, digits)
    "online classifier, %": ("online_probe_accuracy", 100, 2), "converged classifier, %": ("probe_accuracy", 100, 2),
    "clustering, %": ("cluster_accuracy", 100, 2), "mean distance, e-3": ("mean_distance", 1000, 2),
    "smoothness": ("smoothness", 1, 2), "end error, e-3": ("end_error", 1000, 2)}
SAME = {"method": str, "dataset": str, "code_size": int, "recipe": str, "samples": int, "seed": int}
LINES = ("mean distance, e-3", "smoothness", "end error, e-3")


class Table:
    """rows: one dict a row, {"measure", "data", "code size", "whose", "budget", and a text for each of the seven methods}.
    ± is the standard deviation over seeds (of the population, as in the paper)."""

    def __init__(self, rows):
        self.rows = rows

    def markdown(self):
        """One table in GitHub's Markdown for each measure."""
        parts = []
        for measure in dict.fromkeys(row["measure"] for row in self.rows):
            names = [key for key in self.rows[0] if key != "measure"]
            rows = [row for row in self.rows if row["measure"] == measure]
            parts += [f"**{measure[0].upper()}{measure[1:]}**", ""]
            parts += ["| " + " | ".join(names) + " |", "|---" * len(names) + "|",
                      *("| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows), ""]
        note = "Paper: Berthelot et al., ICLR 2019; * quoted from memory, UNVERIFIED. ± is the standard deviation over runs."
        return "\n".join([*parts, note, ""])

    def frame(self):
        """The same as a pandas DataFrame. Raises ImportError, naming the package, if pandas is not installed."""
        import pandas
        return pandas.DataFrame(self.rows)

    def figure(self, measure="online classifier, %"):
        """Every row of one measure as a line of dots over the seven methods; the paper's are hollow."""
        from ..figures import COLOURS, described
        rows = [row for row in self.rows if row["measure"] == measure]
        figure = described(8, 3.8, f"{measure}, by method. " + " ".join(
            f"{row['whose']} on {row['data']} {row['code size']}: " + ", ".join(f"{t} {row[t]}" for t in TITLES) + "."
            for row in rows))
        axes = figure.subplots()
        for place, row in enumerate(rows):
            found = [(k, *_numbers(row[title])) for k, title in enumerate(TITLES) if row[title][0].isdigit()]
            if found:
                methods, value, spread = zip(*found, strict=True)
                mark = dict(linestyle=":", markerfacecolor="white") if row["whose"] == "paper" else dict(linestyle="-")
                axes.errorbar(methods, value, spread, marker="osD^v"[place % 5], capsize=3, linewidth=1.2, **mark,
                              color=COLOURS[place % len(COLOURS)],
                              label=f"{row['data']} {row['code size']}, {row['whose']}, {row['budget']}")
        axes.set(xticks=range(7), xticklabels=TITLES, ylabel=measure)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8)
        figure.tight_layout()
        return figure


def table(folder):
    """The `Table` of all results (JSON files, in `folder` and below it) of the seven methods, beside the paper's values.

    Of two results of the same run (method, data, code size, recipe, samples, seed) the one whose path comes last counts.
    Raises ValueError, naming the file, for one that is damaged; warns of a result of another version, which is left out.
    """
    results = {}
    for path in sorted(Path(folder).rglob("*.json")):
        found = read_record(path)
        if found.get("method") not in SEVEN or "dataset" not in found:
            continue
        check_kinds(path, found, SAME | {key: int | float | None for key, _, _ in MEASURES.values()})
        if not found.keys() >= set(SAME):
            warnings.warn(f"{path} is left out: a result of another version of acai_lite, without "
                          f"{', '.join(sorted(set(SAME) - found.keys()))}", RuntimeWarning, stacklevel=2)
            continue
        results[tuple(found[key] for key in SAME)] = found
    results = results.values()
    rows = []
    for measure, (key, factor, digits) in MEASURES.items():
        paper = PAPER.get(measure, {})
        places = [(data, size) for data, size in PAPER["online classifier, %"] if measure not in LINES]
        places = [("lines", 64)] if measure in LINES else places
        places += sorted({_place(r) for r in results if (_place(r)[0] == "lines") == (measure in LINES)} - set(places))
        for place in places:
            mine = [r for r in results if _place(r) == place and r.get(key) is not None]
            for recipe, samples in sorted({(r["recipe"], r["samples"]) for r in mine}) or [(None, None)]:
                cells = [[factor * r[key] for r in mine if (r["method"], r["recipe"], r["samples"]) == (m, recipe, samples)]
                         for m in SEVEN]
                seeds = sorted({len(values) for values in cells if values})
                budget = f"{samples:,} samples, recipe {recipe}, {'-'.join(map(str, seeds))} seed" if samples else "none"
                rows.append(_row(measure, place, "ours", budget, [_text(values, digits) for values in cells]))
            if place in paper:
                rows.append(_row(measure, place, "paper", f"{PAPER_BUDGET:,} samples", paper[place].split()))
    return Table(rows)


def _place(result):
    """The row of a result; VQ-VAE's code on lines has 256 numbers and stands beside the others' 64, as in the paper."""
    size = 64 if (result["dataset"], result["method"]) == ("lines", "vqvae") else result["code_size"]
    return result["dataset"], size


def _row(measure, place, whose, budget, texts):
    return {"measure": measure, "data": place[0], "code size": place[1], "whose": whose, "budget": budget,
            **dict(zip(TITLES, texts, strict=True))}


def _text(values, digits):
    if not values:
        return "not run"
    return f"{mean(values):.{digits}f}" + (f"±{pstdev(values):.{digits}f}" if len(values) > 1 else "")


def _numbers(text):
    value, _, spread = text.rstrip("*").partition("±")
    return float(value), float(spread or 0)
