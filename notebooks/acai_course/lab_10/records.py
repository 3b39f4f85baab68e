"""Lab 10: the recorded runs on signals, and those of the critic on other autoencoders."""
import math
from dataclasses import dataclass
from statistics import mean, pstdev

import torch

from acai_lite.files.checkout import result_file
from acai_lite.files.records import check_kinds, read_record


@dataclass(frozen=True)
class Runs:
    """mean and spread (standard deviation over seeds, NaN of a single run) of `count` runs; NaN and
    0 if nobody ran."""
    mean: float = math.nan
    spread: float = math.nan
    count: int = 0

    @classmethod
    def of(cls, values):
        values = list(values)
        if not values:
            return cls()
        return cls(mean(values), pstdev(values) if len(values) > 1 else math.nan, len(values))

    def text(self, factor=1, digits=2):
        """"5.52±0.10 (2)": mean, spread, number of runs; "not run" if there are none."""
        if not self.count:
            return "not run"
        spread = f"±{factor * self.spread:.{digits}f}" if self.count > 1 else ""
        return f"{factor * self.mean:.{digits}f}{spread} ({self.count})"


def signal_record(path=None):
    """What data/recorders/record_waves.py wrote, waves.json; without it a record of no runs."""
    path = result_file("records", "waves.json") if path is None else path
    empty = {"runs": [], "references": {}, "frames": {}}
    return read_record(path, empty) if path.exists() else empty


def signal_runs(record, dataset, method, measure):
    """`Runs` of a record's runs of a method on "waves" or "terrain"."""
    return Runs.of(r[measure] for r in record["runs"]
                   if (r["dataset"], r["method"]) == (dataset, method))


def signal_frames(record, dataset):
    """{name: frames (T,1,32)} of a record's picture, its rows in the order baseline, acai, signal
    blend, truth."""
    kept = record["frames"].get(dataset, {})
    return {name: torch.tensor([[int(value) / 1000 for value in text.split()]
                                for text in kept[name]])[:, None]
            for name in ("baseline", "acai", "signal blend", "truth") if name in kept}


BASES = ("baseline", "denoising", "vae", "dropout")


def critics_table(dataset, measure, folder=None):
    """{base: (plain Runs, Runs with a critic)} of the results in `folder`
    (data/results/runs/critics): one JSON file a run.

    dataset: "lines" or "mnist"; measure: a key of the results, such as "mean_distance", or of the
    recorded path scores, such as "kernel_distance". Runs whose file is not there are not counted.
    Raises ValueError if the results of a data set differ in samples or recipe: they could not be
    compared.
    """
    folder = result_file("runs", "critics") if folder is None else folder
    kinds = {"dataset": str, "method": str, "samples": int, "recipe": str, "seed": int}
    judged = result_file("records", "path_scores.json")
    paths = read_record(judged).get(dataset, {}).get("rows", {}) if judged.exists() else {}
    results = []
    for path in sorted(folder.glob("*.json")):
        found = read_record(path, kinds) | paths.get(path.stem, {})
        check_kinds(path, found, kinds | {measure: int | float | None})
        results.append(found)
    results = [r for r in results if r["dataset"] == dataset and r.get(measure) is not None]
    budgets = {(r["samples"], r["recipe"]) for r in results}
    if len(budgets) > 1:
        raise ValueError(
            f"the runs on {dataset} have several budgets, {sorted(budgets)}: compare one at a time")

    def runs(method):
        return Runs.of({r["seed"]: r[measure] for r in results if r["method"] == method}.values())

    return {base: (runs(base), runs("acai" if base == "baseline" else f"acai-{base}"))
            for base in BASES}
