"""Record which start makes the codes of lines a plane circle: ACAI on lines by the size of the
initial weights, by when the critic comes in, and by lambda.

    python data/recorders/record_starts.py [--first]

64,000 samples, one thread each: lab 05b's two by two with the course's network (12 runs, the only
ones that --first makes), then the whole table, 54 runs, with half of its channels (about two hours
of two cores). Three seeds a cell. Writes records/starts.json run by run: a run that is in the file
is not made again. starts-film.png has the four cells of lab 05b (seed 0; names
stand where other films have samples), starts.png smoothness against the dimension of the codes.
The recipe is `lab` with half its learning rate and the settings named. Scores: the test lines.
"""
import math

import torch
from acai_course.lab_02.pictures import plane
from acai_course.lab_05b.hunt import smoothness_by_dimension
from recording import arguments, at_once, before, budget, finite, machine, receipt, write

import acai_lite as al
from acai_lite.lines import line_results
from acai_lite.recipes import change
from acai_lite.runs.films import save_film

SAMPLES, SEEDS = 64_000, (0, 1, 2)
GAINS = {"sqrt(2)": math.sqrt(2), "1": 1.0, "0.8": 0.8}
CRITICS = {"late": ((0.1, 0.0), (0.5, 1.0)), "first": ((0.0, 1.0),)}
LAMBDAS = (0.25, 0.5, 1.0)
TWO_BY_TWO = [(gain, critic, 0.5, 16) for gain in ("sqrt(2)", "1") for critic in CRITICS]
TABLE = [(gain, critic, lam, 8) for lam in (0.5, 1.0, 0.25) for gain in GAINS for critic in CRITICS]
KEY = ("gain", "critic", "lambda", "depth")
SETTINGS = {"learning_rate": 5e-4}
PLANE = 120                                     # codes kept of the run with seed 0


@torch.no_grad()
def plane_of(model):
    """The codes of PLANE evenly spaced lines in their first two principal components, with two
    digits after the point: [[x, y], ...], in units of the first one's standard deviation."""
    angles = torch.arange(PLANE, dtype=torch.float64) * (2 * torch.pi / PLANE)
    codes = al.encode_all(model, al.draw_lines(angles)).double()
    mean, axes = plane(codes)
    places = (codes - mean) @ axes
    places = places / places[:, 0].std()
    return [[round(value, 2) for value in place] for place in places.tolist()]


def run(gain, critic, lam, depth, seed):
    """(row of the record, frames on six pairs of lines) of one run."""
    torch.set_num_threads(1)
    said = receipt(__file__)
    recipe = change("lab", {**SETTINGS, "gain": GAINS[gain], "critic_curve": CRITICS[critic],
                            "depth": depth})
    lines, model = al.load("lines"), al.build("acai", "lines", recipe=recipe, seed=seed)
    model.lam = lam
    history = al.fit(model, lines, budget(SAMPLES), recipe, probe=False, seed=seed, quiet=True,
                     fast=True, device="cpu")
    row = {"name": f"gain {gain}, critic {critic}", "gain": gain, "critic": critic, "lambda": lam,
           "depth": depth, "seed": seed, "samples": history.samples, **line_results(model, lines),
           "seconds": round(history.seconds, 1), "commit": said["commit"], "date": said["date"]}
    if seed == 0 and depth == 16:
        row["plane"] = plane_of(model)
    x = lines.test_images
    return finite(row), al.interpolate_images(model, x[:6], x[6:12], 16)


def cell_of(row):
    """(gain, critic, lambda, depth, seed); the first runs don't name their depth, 16."""
    return *(row.get(key, 16) for key in KEY), row["seed"]


def take_in(folder, row, frames):
    """One more run in the record, and its frames in the film if lab 05b shows them."""
    path, picture = folder / "starts.json", folder / "starts-film.png"
    record = before(path, {"runs": []})
    rows = [*(old for old in record["runs"] if cell_of(old) != cell_of(row)), row]
    order = [*TWO_BY_TWO, *TABLE]
    record = {"runs": sorted(rows, key=lambda r: (order.index(cell_of(r)[:-1]), r["seed"])),
              "samples": row["samples"], "settings": change("lab", SETTINGS).settings(),
              "critics": CRITICS, **machine(), **receipt(__file__)}
    write(path, record)
    if row["seed"] == 0 and cell_of(row)[:-1] in TWO_BY_TWO:
        shots = {}
        if picture.exists():
            film = al.film(picture)
            shots = dict(zip(film.samples, zip(film.frames, film.scores, strict=True), strict=True))
        shots[row["name"]] = frames, {key: row[key] for key in ("mean_distance", "smoothness")}
        save_film(picture, shots, {})
    figure = smoothness_by_dimension(record["runs"])
    figure.savefig(folder / "starts.png", dpi=100, bbox_inches="tight")


def jobs(folder, first=False):
    """The runs that are not in the record: lab 05b's before the table's, seed by seed."""
    done = {cell_of(row) for row in before(folder / "starts.json", {"runs": []})["runs"]}
    wanted = [(*cell, seed) for cells in (TWO_BY_TWO, TABLE)[:1 if first else 2]
              for seed in SEEDS for cell in cells]
    return [job for job in wanted if job not in done]


def main():
    parser = arguments(__doc__, workers=al.available_cpus())
    parser.add_argument("--first", action="store_true", help="lab 05b's twelve runs only")
    args = parser.parse_args()
    folder = args.out / "records"
    for row, frames in at_once(args.workers, run, jobs(folder, args.first)[:budget(99, 2)]):
        take_in(folder, row, frames)
        print({key: value for key, value in row.items() if key != "plane"}, flush=True)


if __name__ == "__main__":
    main()
