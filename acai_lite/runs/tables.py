"""The study's table: our results beside the ACAI paper's, each with its budget."""
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, pstdev
from typing import TYPE_CHECKING, Any

from ..files.records import check_kinds, read_record
from .study import PAPER_BUDGET, SEVEN

if TYPE_CHECKING:
    from ..figures import DescribedFigure

TITLES = ("Baseline", "Dropout", "Denoising", "VAE", "AAE", "VQ-VAE", "ACAI")
NOT_SEEN = "-"                                  # a value that we have not read in the source
# Berthelot et al., ICLR 2019, columns as in SEVEN. Clustering: one run, no standard deviation.
PAPER: dict[str, dict[tuple[str, int], str]] = {
    "online classifier, %": {
        ("mnist", 32):
            "94.90±0.14 96.45±0.42 96.00±0.27 96.56±0.31 70.74±3.27 97.50±0.18 98.25±0.11",
        ("mnist", 256):
            "93.94±0.13 94.50±0.29 98.51±0.04 98.74±0.14 90.03±0.54 97.25±1.42 99.00±0.08",
        ("svhn", 32):
            "26.21±0.42 26.09±1.48 25.15±0.78 29.58±3.22 23.43±0.79 24.53±1.33 34.47±1.14",
        ("svhn", 256):
            "22.74±0.05 25.12±1.05 77.89±0.35 66.30±1.06 22.81±0.24 44.94±20.42 85.14±0.20",
        ("cifar10", 256):
            "47.92±0.20 40.99±0.41 53.78±0.36 47.49±0.22 40.65±1.45 42.80±0.44 52.77±0.45",
        ("cifar10", 1024):
            "51.62±0.25 49.38±0.77 60.65±0.14 51.39±0.46 42.86±0.88 16.22±12.44 63.99±0.47"},
    "clustering, %": {
        ("mnist", 32): "77.56 - 82.59 75.74 79.19 82.39 94.38",
        ("mnist", 256): "53.70 - 70.89 83.44 81.00 96.80 96.17",
        ("svhn", 32): "19.38 - 17.91 16.83 17.35 15.19 20.86",
        ("svhn", 256): "15.62 - 31.49 11.36 13.59 18.84 24.98"},
    "mean distance, e-3": {
        ("lines", 64): "6.88±0.21 - 4.21±0.32 1.21±0.17 3.26±0.19 5.41±0.49 0.24±0.01"},
    "smoothness": {
        ("lines", 64): "0.44±0.04 - 0.66±0.02 0.49±0.13 0.14±0.02 0.77±0.02 0.10±0.01"},
}
MEASURES = {                                    # title: (key of a result, factor, digits)
    "online classifier, %": ("online_probe_accuracy", 100, 2),
    "converged classifier, %": ("probe_accuracy", 100, 2),
    "clustering, %": ("cluster_accuracy", 100, 2),
    "mean distance, e-3": ("mean_distance", 1000, 2),
    "smoothness": ("smoothness", 1, 2),
    "end error, e-3": ("end_error", 1000, 2)}
SAME = {"method": str, "dataset": str, "code_size": int, "recipe": str, "samples": int, "seed": int}
LINES = ("mean distance, e-3", "smoothness", "end error, e-3")
MEAN_IMAGE = 0.07           # of lines: an end error above it is that of the mean image, 0.080
Place = tuple[str, int]                         # data set, code size


@dataclass(frozen=True)
class Table:
    """rows: one dict a row, {"measure", "data", "code size", "whose", "budget", and a text for each
    of the seven methods, "not run" where there is no result, "mean image" where the model of lines
    makes that of everything: then its paths have no scores}. ± is the standard deviation over seeds
    (of the population, as in the paper)."""
    rows: list[dict[str, Any]]

    def markdown(self) -> str:
        """One table in GitHub's Markdown for each measure."""
        parts: list[str] = []
        for measure in dict.fromkeys(row["measure"] for row in self.rows):
            names = [key for key in self.rows[0] if key != "measure"]
            rows = [row for row in self.rows if row["measure"] == measure]
            parts += [f"**{measure[0].upper()}{measure[1:]}**", ""]
            parts += ["| " + " | ".join(names) + " |", "|---" * len(names) + "|",
                      *(f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows), ""]
        note = (f"Paper: Berthelot et al., ICLR 2019; {NOT_SEEN} stands for a value that we have "
                "not read in the source. ± is the standard deviation over runs.")
        return "\n".join([*parts, note, ""])

    def frame(self) -> Any:
        """The same as a pandas DataFrame. Raises ImportError if pandas is not installed."""
        import pandas
        return pandas.DataFrame(self.rows)

    def figure(self, measure: str = "online classifier, %") -> "DescribedFigure":
        """One measure, each row a line of dots over the seven methods; the paper's are hollow."""
        from ..figures import COLOURS, described
        rows = [row for row in self.rows if row["measure"] == measure]
        figure = described(8, 3.8, f"{measure}, by method. " + " ".join(
            f"{row['whose']} on {row['data']} {row['code size']}: "
            + ", ".join(f"{t} {row[t]}" for t in TITLES) + "." for row in rows))
        axes = figure.subplots()
        for k, row in enumerate(rows):
            found = [(x, *_numbers(row[title])) for x, title in enumerate(TITLES)
                     if row[title][0].isdigit()]
            if found:
                methods, value, deviation = zip(*found, strict=True)
                mark: dict[str, Any] = {"linestyle": "-"}
                if row["whose"] == "paper":
                    mark = {"linestyle": ":", "markerfacecolor": "white"}
                axes.errorbar(
                    methods, value, deviation, marker="osD^v"[k % 5], capsize=3, linewidth=1.2,
                    color=COLOURS[k % len(COLOURS)], **mark,
                    label=f"{row['data']} {row['code size']}, {row['whose']}, {row['budget']}")
        axes.set(xticks=range(7), xticklabels=TITLES, ylabel=measure)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8)
        figure.tight_layout()
        return figure


def table(folder: str | Path) -> Table:
    """The `Table` of all results of the seven methods (JSON files, in `folder` and below it),
    beside the paper's values.

    Of two results of the same run (method, data, image size, code size, recipe, samples, seed) the
    one whose path comes last counts. Raises ValueError, naming the file, for one that is damaged;
    warns of a result of another version, and once of files that are no results: they are left out.
    """
    scores = {key: int | float | None for key, _, _ in MEASURES.values()}
    kinds: dict[str, Any] = {**SAME, "size": int, **scores}
    latest: dict[tuple[Any, ...], dict[str, Any]] = {}
    foreign: list[str] = []
    for path in sorted(Path(folder).rglob("*.json")):
        try:
            found = read_record(path)
        except ValueError:
            if all(key in path.read_bytes() for key in (b'"method"', b'"dataset"')):
                raise
            foreign.append(str(path))
            continue
        if found.get("method") not in SEVEN or "dataset" not in found:
            continue
        check_kinds(path, found, kinds)
        lacking = ", ".join(sorted(set(SAME) - found.keys()))
        if lacking:
            warnings.warn(f"{path} is left out: a result of another version of acai_lite, without "
                          f"{lacking}", RuntimeWarning, stacklevel=2)
            continue
        latest[tuple(found.get(key) for key in (*SAME, "size"))] = found
    if foreign:
        warnings.warn(f"left out, as they are no results: {', '.join(foreign[:3])}"
                      f"{f' and {len(foreign) - 3} more' if len(foreign) > 3 else ''}",
                      RuntimeWarning, stacklevel=2)
    results = list(latest.values())
    rows = []
    for measure, (key, factor, digits) in MEASURES.items():
        paper = PAPER.get(measure, {})
        places = [("lines", 64)] if measure in LINES else list(PAPER["online classifier, %"])
        others = {_place(r) for r in results} - set(places)
        places += sorted(p for p in others if (p[0] == "lines") == (measure in LINES))
        for place in places:
            mine = [r for r in results if _place(r) == place
                    and (r.get(key) is not None or makes_the_mean_image(r))]
            for recipe, samples in sorted({(r["recipe"], r["samples"]) for r in mine}):
                same = [r for r in mine if (r["recipe"], r["samples"]) == (recipe, samples)]
                cells = [[r for r in same if r["method"] == m] for m in SEVEN]
                seeds = "-".join(map(str, sorted({len(runs) for runs in cells if runs})))
                budget = f"{samples:,} samples, recipe {recipe}, {seeds} seed"
                texts = [over_seeds(runs, key, factor, digits) for runs in cells]
                rows.append(_row(measure, place, "ours", budget, texts))
            if not mine:
                rows.append(_row(measure, place, "ours", "none", ["not run"] * 7))
            if place in paper:
                budget = f"{PAPER_BUDGET:,} samples"
                rows.append(_row(measure, place, "paper", budget, paper[place].split()))
    return Table(rows)


def _place(result: Mapping[str, Any]) -> Place:
    """The row of a result; on lines the VQ-VAE's code of 256 dimensions stands beside the others'
    64, as in the paper."""
    data, size = result["dataset"], result.get("size", 32)
    code_size = 64 if (data, result["method"]) == ("lines", "vqvae") else result["code_size"]
    return data if size == 32 else f"{data}, {size} x {size}", code_size


def _row(measure: str, place: Place, whose: str, budget: str,
         texts: Sequence[str]) -> dict[str, Any]:
    return {"measure": measure, "data": place[0], "code size": place[1], "whose": whose,
            "budget": budget, **dict(zip(TITLES, texts, strict=True))}


def makes_the_mean_image(result: Mapping[str, Any]) -> bool:
    """Whether a model of lines has not learnt more than their mean image."""
    return result["dataset"] == "lines" and (result.get("end_error") or 0) > MEAN_IMAGE


def over_seeds(runs: Sequence[Mapping[str, Any]], key: str, factor: float, digits: int) -> str:
    """Mean and deviation of one of the `MEASURES`, as a text of the table."""
    moving = runs if key == "end_error" else [r for r in runs if not makes_the_mean_image(r)]
    values = [factor * run[key] for run in moving if run.get(key) is not None]
    stuck = len(runs) - len(moving)
    if stuck == len(runs) > 0:
        return "mean image"
    return mean_and_deviation(values, digits) + f" ({stuck} mean image)" * (stuck > 0)


def mean_and_deviation(values: Sequence[float], digits: int) -> str:
    if not values:
        return "not run"
    deviation = f"±{pstdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{deviation}"


def _numbers(text: str) -> tuple[float, float]:
    value, _, deviation = text.partition(" (")[0].partition("±")
    return float(value), float(deviation or 0)
