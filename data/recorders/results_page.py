"""The tables of docs/results.md and of the README's results, from data/results.

    python data/recorders/results_page.py
        writes them, each between its two markers (make results-page)
    python data/recorders/results_page.py --check
        says which page differs from data/results; exit 1 if one does

A table stands between `<!-- NAME: ... -->` and `<!-- end of NAME -->`, where NAME is a function
below. All text outside the markers is written by hand.
"""
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, pstdev

import acai_course as course
from record_starts import cell_of

from acai_lite.files.checkout import checkout, result_file
from acai_lite.files.records import read_record
from acai_lite.recipes import RECIPES
from acai_lite.runs.study import SEVEN
from acai_lite.runs.tables import MEASURES, PAPER, PAPER_BUDGET, TITLES, over_seeds

ROOT = checkout()
PAGES = (ROOT / "docs" / "results.md", ROOT / "docs" / "recipes.md", ROOT / "README.md")
NAMES = dict(zip(SEVEN, TITLES, strict=True))
SETS = {"lines": "lines", "mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
ONLINE, CONVERGED, CLUSTERING, DISTANCE, SMOOTHNESS, ENDS = MEASURES
MILLIONS = f"{PAPER_BUDGET / 1e6:.1f} million"


def rows_of(head: Iterable[str], rows: Iterable[Iterable]) -> str:
    """A table in Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def link(path: Path, text: str = "") -> str:
    """A link from docs/ to a file of data/results, by its name."""
    return f"[{text or path.name}](../{path.relative_to(ROOT).as_posix()})"


def runs(*folders: str) -> list[tuple[Path, dict]]:
    """[(file, result)] of data/results/runs and of these folders below it, if the recipe is one of
    the package's."""
    paths = [path for folder in ("", *folders)
             for path in sorted(result_file("runs", folder).glob("*.json"))]
    return [(path, found) for path, found in ((path, read_record(path)) for path in paths)
            if found["recipe"] in RECIPES]


def in_order(of: tuple[Path, dict]) -> tuple:
    """By data set, then budget, then method."""
    run = of[1]
    return list(SETS).index(run["dataset"]), run["samples"], SEVEN.index(run["method"])


def value(run: dict, measure: str, digits: int | None = None) -> str:
    key, factor, usual = MEASURES[measure]
    return ("not measured" if run.get(key) is None
            else f"{factor * run[key]:.{usual if digits is None else digits}f}")


def paper(measure: str, dataset: str, code_size: int, method: str = "") -> str:
    """The paper's value, or those of all seven methods with | between them."""
    row = PAPER[measure][dataset, code_size].split()
    return row[SEVEN.index(method)] if method else " | ".join(row)


def time_of(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def device(run: dict) -> str:
    return "GPU" if run["device"] == "cuda" else f"CPU, {run['threads']} thread"


# --- the tables: one function each ----------------------------------------------------------------

def readme() -> str:
    rows = []
    for title, measure, dataset, size, names in (
            ("lines: mean distance, e-3", DISTANCE,
             "lines", 64, ("lines-baseline-64-lines", "lines-acai-64")),
            ("lines: smoothness", SMOOTHNESS,
             "lines", 64, ("lines-baseline-64-lines", "lines-acai-64")),
            ("MNIST: online linear classifier, %", ONLINE,
             "mnist", 32, ("mnist-baseline-32-hour", "mnist-acai-32-hour")),
            ("MNIST: clustering, %", CLUSTERING,
             "mnist", 32, ("mnist-baseline-32-hour", "mnist-acai-32-hour"))):
        found = [read_record(result_file("runs", f"{name}.json")) for name in names]
        samples, = {run["samples"] for run in found}
        took = (f"{samples:,} samples, "
                f"{' and '.join(str(round(run['seconds'] / 60)) for run in found)} min")
        rows.append([title, took, *(value(run, measure) for run in found),
                     *(paper(measure, dataset, size, method) for method in ("baseline", "acai"))])
    return rows_of(["", "our budget", "baseline", "ACAI", "paper: baseline", "paper: ACAI"], rows)


def lines() -> str:
    found = sorted((run for run in runs() if run[1]["dataset"] == "lines"), key=in_order)
    rows = [[NAMES[run["method"]], run["recipe"], f"{run['samples']:,}",
             f"{time_of(run['seconds'])}, {device(run)}", value(run, DISTANCE),
             value(run, SMOOTHNESS), value(run, ENDS, 1), link(path)] for path, run in found]
    rows += [[f"{NAMES[method]}, paper", "paper", MILLIONS, "",
              paper(DISTANCE, "lines", 64, method), paper(SMOOTHNESS, "lines", 64, method), "-", ""]
             for method in ("baseline", "acai")]
    return rows_of(["method", "recipe", "samples", "training", DISTANCE, SMOOTHNESS, ENDS,
                    "receipt"], rows)


def images() -> str:
    found = sorted((run for run in runs() if run[1]["dataset"] != "lines"), key=in_order)
    rows = [[SETS[run["dataset"]], NAMES[run["method"]], run["recipe"], f"{run['samples']:,}",
             f"{time_of(run['seconds'])}, {device(run)}",
             *(value(run, each) for each in (ONLINE, CONVERGED, CLUSTERING)),
             f"{1e3 * run['reconstruction_error']:.1f}", link(path)] for path, run in found]
    last = max(place for place, row in enumerate(rows) if row[0] == "MNIST") + 1
    rows[last:last] = [["MNIST", f"{NAMES[method]}, paper", "paper", MILLIONS, "", paper(
        ONLINE, "mnist", 32, method), "-", paper(CLUSTERING, "mnist", 32, method), "-", ""]
                       for method in ("baseline", "acai")]
    return rows_of(["data", "method", "recipe", "samples", "training", ONLINE, CONVERGED,
                    CLUSTERING, "reconstruction error, e-3", "receipt"], rows)


def curve() -> str:
    path = result_file("records", "curve.json")
    runs, rows = read_record(path)["runs"], []
    for samples, method in sorted({(run["samples"], run["method"]) for run in runs},
                                  key=lambda c: (c[0], c[1] == "acai")):
        same = [run for run in runs if (run["samples"], run["method"]) == (samples, method)]
        found, seconds = [100 * run["probe_accuracy"]
                          for run in same], [run["seconds"] for run in same]
        rows.append([NAMES[method], f"{samples:,}", len(same),
                     f"{mean(found):.2f}±{pstdev(found):.2f}",
                     f"{min(seconds):.0f} to {max(seconds):.0f} s"])
    return rows_of(["method", "samples", "seeds", CONVERGED, "training"],
                   rows) + f"\n\nReceipts: {link(path)}."


def seven() -> str:
    found: dict[tuple, dict[int, tuple]] = {}                          # one run a seed
    for path, run in runs("study"):
        if run["recipe"] in ("lab", "lines"):
            key = run["method"], run["dataset"], run["code_size"], run["samples"]
            found.setdefault(key, {})[run["seed"]] = path, run
    rows = []
    for data, size, samples, measures in (("mnist", 32, 100_000, (ONLINE, CONVERGED, CLUSTERING)),
                                          ("mnist", 256, 20_000, (ONLINE, CLUSTERING)),
                                          ("lines", 64, 80_000, (DISTANCE, SMOOTHNESS)),
                                          ("lines", 64, 128_000, (DISTANCE, SMOOTHNESS))):
        for measure in measures:
            cells = []
            for method in SEVEN:
                of = 256 if (data, method) == ("lines", "vqvae") else size
                same = found.get((method, data, of, samples), {})
                cells.append(link(same[min(same)][0], over_seeds(
                    [run for _, run in same.values()], *MEASURES[measure])) if same else "not run")
            title = f"{SETS[data]}{'' if data == 'lines' else f', {size} dimensions'}: {measure}"
            rows.append([title, f"{samples:,} samples", *cells])
            if (data, size) in PAPER.get(measure, {}):
                rows.append(["paper", MILLIONS, paper(measure, data, size)])
    return rows_of(["", "budget", *TITLES], rows)


STARTS = {"sqrt(2)": "√2", "1": "1", "0.8": "0.8"}
COMES = {"late": "faded in, 10% to 50%", "first": "from the first step"}


def starts() -> str:
    path, rows = result_file("records", "starts.json"), []
    cells: dict[tuple, list] = {}
    for run in read_record(path)["runs"]:
        cells.setdefault(cell_of(run)[:-1], []).append(run)

    def each_seed(runs, key, factor=1, digits=2):
        values = [factor * run[key] for run in runs if run[key] is not None]
        text = ", ".join(f"{one:.{digits}f}" for one in values)
        return text or "-"

    for (gain, critic, lam, depth), runs in cells.items():
        rows.append([depth, STARTS[gain], COMES[critic], lam, len(runs),
                     each_seed(runs, "mean_distance", 1e3), each_seed(runs, "smoothness"),
                     each_seed(runs, "end_error", 1e3, 1),
                     each_seed(runs, "effective_dimension", 1, 1),
                     each_seed(runs, "top_two_share")])
    head = ["channels", "start, times the paper's", "critic", "lambda", "seeds", DISTANCE,
            SMOOTHNESS, ENDS, "effective dimension", "first two components"]
    return rows_of(head, rows) + f"\n\nReceipts, one value a seed: {link(path)}."


def minute() -> str:
    path, rows = result_file("records", "live-runs.json"), []
    for title, name in (("ACAI, lambda 1/2, gamma 0.2", "acai"),
                        ("without the critic, lambda 0", "lambda 0"), ("lambda 2", "lambda 2"),
                        ("gamma 0", "gamma 0"), ("gamma 1", "gamma 1")):
        found = course.recorded("live-runs")
        rows.append([title, len(found.runs[name]), *(
            found.spread(name, key, factor, digits) for key, factor, digits in (
                ("mean_distance", 1e3, 1), ("smoothness", 1, 2), ("end_error", 1e3, 1),
                ("effective_dimension", 1, 1)))])
    return rows_of(["", "seeds", DISTANCE, SMOOTHNESS, ENDS, "effective dimension"],
                   rows) + ("\n\nLowest to highest over the seeds; a seed at the mean image has no "
                            f"smoothness. Receipts: {link(path)}.")


def angles() -> str:
    path = result_file("records", "smoothness.json")
    record = read_record(path)
    columns = [record["models"]["lines-baseline-64"]["linear"],
               *(record["models"]["lines-acai-64"][kind] for kind in ("linear", "about the mean"))]
    rows = [[f"{first['low']} to {first['high']} degrees", first["paths"],
             *(f"{column['rows'][k]['smoothness']:.2f}" for column in columns), f"{limit:.2f}"]
            for k, (first, limit) in enumerate(zip(columns[1]["rows"], record["limit"],
                                                   strict=True))]
    rows.append(["all", sum(row["paths"] for row in columns[1]["rows"]),
                 *(f"{column['smoothness']:.2f}" for column in columns),
                 f"{mean(record['limit']):.2f}"])
    return rows_of(["endpoints apart", "pairs", "baseline, straight", "ACAI, straight",
                    "ACAI, arc about the mean", "limit of straight paths on a circle"],
                   rows) + f"\n\nReceipt: {link(path)}."


def cifar() -> str:
    path = result_file("records", "cifar.json")
    record, rows = read_record(path), []
    for run in record["runs"]:
        rows.append(
            [NAMES[run["method"]], f"{run['code_size']:,}", run["depth"], f"{run['samples']:,}",
             f"{run['seconds'] / 60:.0f} min", f"{1e3 * run['reconstruction_error']:.0f}",
             f"{100 * run['probe_accuracy']:.1f}", f"{100 * run['online_probe_accuracy']:.1f}",
             paper(ONLINE, "cifar10", run["code_size"], run["method"])])
    rows.append(["raw pixels", "3,072", "", "", "", "",
                 f"{100 * record['controls']['raw_pixels']:.1f}", "", "-"])
    head = ["method", "code size", "depth", "samples", "training", "reconstruction error, e-3",
            CONVERGED, ONLINE, f"paper (depth 64, {MILLIONS} samples): {ONLINE}"]
    return rows_of(head, rows) + f"\n\nReceipts: {link(path)}."


CRITICS = {"lines: mean distance, e-3": ("lines", "mean_distance", 1000, 2),
           "lines: smoothness": ("lines", "smoothness", 1, 2),
           "lines: end error, e-3": ("lines", "end_error", 1000, 1),
           "MNIST: kernel distance of middle frames": ("mnist", "kernel_distance", 1, 2),
           "MNIST: converged classifier, %": ("mnist", "probe_accuracy", 100, 2),
           "MNIST: clustering, %": ("mnist", "cluster_accuracy", 100, 1),
           "MNIST: reconstruction error, e-3": ("mnist", "reconstruction_error", 1000, 1)}


def critics() -> str:
    rows = []
    for title, (dataset, measure, factor, digits) in CRITICS.items():
        pairs = course.critics_table(dataset, measure).values()
        rows.append([title, *(" → ".join(runs.text(factor, digits).replace(" (2)", "")
                                         for runs in pair) for pair in pairs)])
    folder, scores = result_file("runs", "critics"), result_file("records", "path_scores.json")
    return rows_of(["", "baseline", "denoising", "VAE", "dropout"], rows) + (
        f"\n\nReceipts: the files in {link(folder)}, and {link(scores)} for the kernel distance.")


def fashion() -> str:
    scores = result_file("records", "path_scores.json")
    paths = read_record(scores)["fashion_mnist"]["rows"]
    rows = []
    for method in ("baseline", "acai"):
        name = f"fashion_mnist-{method}-32"
        file = result_file("runs", f"{name}.json")
        run = read_record(file)
        rows.append([NAMES[method], f"{run['samples']:,}", f"{paths[name]['kernel_distance']:.2f}",
                     value(run, CONVERGED, 1), value(run, CLUSTERING, 1),
                     f"{1e3 * run['reconstruction_error']:.1f}", link(file)])
    rows.append(["pixel blend", "", f"{paths['pixel blend']['kernel_distance']:.2f}", "", "",
                 "", link(scores)])
    return rows_of(["", "samples", "kernel distance of middle frames", CONVERGED, CLUSTERING,
                    "reconstruction error, e-3", "receipt"], rows)


def signals() -> str:
    path = result_file("records", "waves.json")
    record, rows = read_record(path), []

    def each_seed(runs, key, factor=1, digits=2):
        values = [factor * run[key] for run in runs]
        return f"{mean(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"

    for dataset, key, factor, digits, title in (
            ("waves", "mean_distance", 1e3, 1, "waves: mean distance, e-3"),
            ("waves", "smoothness", 1, 2, "waves: smoothness"),
            ("terrain", "ratio", 1, 2, "terrain: roughness of middle frames, ratio")):
        cells = []
        for method in ("baseline", "acai"):
            runs = [run for run in record["runs"]
                    if (run["dataset"], run["method"]) == (dataset, method)]
            seconds = mean(run["cpu_seconds"] for run in runs)
            cells += [each_seed(runs, key, factor, digits),
                      f"{runs[0]['samples']:,} samples, {seconds:.0f} s"]
        blend = record["references"][dataset]["signal blend"][key]
        rows.append([title, *cells, f"{factor * blend:.{digits}f}"])
    return rows_of(["", "baseline", "budget", "ACAI", "budget", "signal blend"],
                   rows) + f"\n\nReceipts: {link(path)}."


CODES = {"baseline": "lines-baseline-64", "denoising": "lines-denoising-64", "VAE": "lines-vae-64",
         "VQ-VAE": "lines-vqvae-256", "ACAI": "lines-acai-64"}


def indices() -> str:
    path = result_file("records", "realism.json")
    found = read_record(path)["calibration"]
    rows = [[index, *(f"{found[model][index]['inner'][0]:+.2f}" for model in CODES.values())]
            for index in found[CODES["baseline"]]]
    return rows_of(["index, ranked by", *CODES],
                   rows) + f"\n\nReceipt, with 95% intervals: {link(path)}."


def walks() -> str:
    path, rows = result_file("records", "realism.json"), []
    found = read_record(path)["paths"]
    for name in ("baseline", "VAE", "ACAI"):
        walked = found[CODES[name]]
        for kind, row in walked["indices"]["kernel 0.2"]["kinds"].items():
            values = [*(row[key] for key in ("mean_ri", "min_ri", "length")),
                      1e3 * row["mean_distance"], row["smoothness"]]
            done = (f"{walked['indices']['kernel 0.2']['converged']} of {walked['pairs']}"
                    if kind == "realistic" else "")
            rows.append([name, kind, *(f"{one:.2f}" for one in values), done])
    head = ["code", "path", "mean ri", "lowest ri", "length", DISTANCE, SMOOTHNESS,
            "searches that converged"]
    return (rows_of(head, rows)
            + f"\n\nReceipt, with the other bandwidths that were tried: {link(path)}.")


def explorers() -> str:
    path = result_file("ops", "explorers.json")
    record = read_record(path)
    rows = [[title, row["median_ms"], row["p95_ms"], f"{row['shown_of_45']} of 45"]
            for title, row in (("the course's explorer", record["explorer"]),
                               ("`interact` with matplotlib", record["interact + matplotlib"]))]
    return rows_of(["", "median, ms", "95th percentile, ms", "frames shown"], rows) + (
        f"\n\nReceipt: {link(path)}, from `{record['command']}` on {record['cpus']} shared cores.")


TABLES = {each.__name__: each for each in (
    readme, lines, minute, starts, angles, images, curve, seven, cifar, critics, fashion, signals,
    indices, walks, explorers)}


def filled(page: str) -> str:
    """The page with every table between its markers as data/results has it now. Raises KeyError for
    an unknown name."""
    def table(found):
        note = "written by data/recorders/results_page.py"
        return f"<!-- {found[1]}: {note} -->\n{TABLES[found[1]]()}\n<!-- end of {found[1]} -->"
    return re.sub(r"<!-- (\w+): written by [^>]* -->\n.*?<!-- end of \1 -->", table, page,
                  flags=re.DOTALL)


def main(check: bool) -> int:
    stale = [(path, new) for path in PAGES
             if (new := filled(path.read_text("utf-8"))) != path.read_text("utf-8")]
    for path, new in stale:
        if not check:
            path.write_text(new, "utf-8", newline="\n")
        print(f"{'differs' if check else 'wrote'}: {path.relative_to(ROOT)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
