"""Record the short runs that labs 05a and 05b compare, over seeds: 05a's live cell, and, from a
trained autoencoder, other settings and four bugs.

    python data/recorders/record_critic.py
        writes records/live-, cycle-, critic- and base-runs (two hours)

live-runs are 05a's live cell with its number of samples, from nothing, with other lambdas and
gammas, too; cycle-runs are the same with lab 10's cycle in the loss. critic-runs compare bugs and
go on from a baseline on lines; base-runs go on from other autoencoders, each from its own
checkpoint; that of dropout is not committed: the plan makes it, and its file goes to
data/checkpoints as lines-dropout-64. One thread a run. A run that is already in the file is
not made again: delete the file after a change.
"""
from dataclasses import dataclass, field

import torch
from acai_course.lab_05a import bugs
from acai_course.lab_10.answers import cycle
from recording import QUICK, arguments, at_once, before, budget, machine, receipt, write

import acai_lite as al
from acai_lite.lines import line_results
from acai_lite.recipes import change
from acai_lite.runs.films import save_film


class Unfolded(al.ACAI):
    """Draws alpha as `bugs.unfolded` does."""

    def draw(self, x, generator):
        return {"alpha": bugs.unfolded(len(x), generator).to(x)}


def for_fit(losses):
    """(x, x_hat, alpha, d_mixed, d_unmixed, lam) -> two losses, as `al.fit` asks for them."""
    def of(model, x, out, ramp):
        pair = losses(x, out.x_hat, out.alpha, out.d_alpha, out.d_unmixed, ramp * model.lam)
        return dict(zip(("autoencoder", "critic"), pair, strict=True))
    return of


def with_cycle(model, x, out, ramp):
    """ACAI's losses, and AEAI's cycle at 0.01 times the squared distance of codes."""
    losses = dict(al.ACAI.losses(model, x, out, ramp))
    share = out.alpha.view(-1, 1, 1, 1)
    z_alpha = share * out.z + (1 - share) * out.z.flip(0)
    losses["autoencoder"] = losses["autoencoder"] + 0.01 * cycle(model.base, z_alpha)
    return losses


RUNS = {  # name: (kind of model, its settings, losses, changes to the recipe)
    "acai": (al.ACAI, {}, al.ACAI.losses, {}),
    "lambda 0": (al.ACAI, {"lam": 0.0}, al.ACAI.losses, {}),
    "lambda 2": (al.ACAI, {"lam": 2.0}, al.ACAI.losses, {}),
    "gamma 0": (al.ACAI, {"gamma": 0.0}, al.ACAI.losses, {}),
    "gamma 1": (al.ACAI, {"gamma": 1.0}, al.ACAI.losses, {}),
    "lazy": (al.ACAI, {}, al.ACAI.losses, {"rates": {"critic": 0.02}}),
    "leak": (al.ACAI, {}, for_fit(bugs.leak), {}),
    "target alpha": (al.ACAI, {}, for_fit(bugs.target_alpha), {}),
    "unfolded": (Unfolded, {}, al.ACAI.losses, {}),
    "pixel sum": (al.ACAI, {}, for_fit(bugs.pixel_sum), {}),
}
BUGS = tuple(RUNS)
RUNS |= {"cycle": (al.ACAI, {}, with_cycle, {}),
         "lambda 0, cycle": (al.ACAI, {"lam": 0.0}, with_cycle, {})}


BASES = ("vae", "denoising", "dropout")
TEN = tuple(range(10))


@dataclass(frozen=True)
class File:
    """seeds: {name of a run: its seeds}; start: of a checkpoint's name, or None: from nothing."""
    samples: int
    seeds: dict
    recipe: str = "live"
    changes: dict = field(default_factory=dict)
    start: str | None = "lines-baseline-64"

    def settings(self):
        return change(self.recipe, self.changes)


FILES = {
    "live-runs": File(8800, {"acai": TEN, "lambda 0": TEN, **dict.fromkeys(
        ("lambda 2", "gamma 0", "gamma 1"), TEN[:3])}, "lines-live", start=None),
    "critic-runs": File(9000, dict.fromkeys(BUGS, TEN[:3]),
                        changes={"critic_curve": ((0.1, 0.0), (0.7, 0.5))}),
    "cycle-runs": File(8800, dict.fromkeys(("cycle", "lambda 0, cycle"), TEN[:3]), "lines-live",
                       start=None),
    "base-runs": File(7000, {f"{base}{end}": TEN[:1] for base in BASES
                             for end in ("", ", lambda 0")}, start="lines-<base>-64"),
}
for base in BASES:
    RUNS[base], RUNS[f"{base}, lambda 0"] = RUNS["acai"], RUNS["lambda 0"]


def run(file, name, seed):
    """(name, seed, scores and curves of one run, its frames on two pairs)."""
    of, (kind, settings, losses, changes) = FILES[file], RUNS[name]
    torch.set_num_threads(1)
    total, lines, recipe = budget(of.samples), al.load("lines"), change(of.settings(), changes)
    if of.start is None:
        base, earlier = al.build("baseline", lines, recipe=recipe, seed=seed), {}
    else:
        base = al.checkpoint(of.start.replace("<base>", name.partition(",")[0]))
        earlier = {"before": al.score_lines(base, lines).mean_distance}
    model = kind(base, **settings, seed=seed)
    x = lines.test_images[512:768]  # the scores use the first 512
    alpha = model.draw(x, torch.Generator().manual_seed(0))
    curve = []

    def look(point):
        if point["samples"] * 25 // total > len(curve):
            with torch.no_grad():
                out = model.run(x, **alpha)
            read, calm = (out.d_alpha - out.alpha).square().mean(), out.d_unmixed.square().mean()
            curve.append({"samples": point["samples"], "reading_error": float(read),
                          "unmixed": float(calm), "critic": float(read + calm),
                          "reconstruction": float((out.x_hat - x).square().mean())})

    history = al.fit(model, lines, total, recipe, losses=losses, probe=False, seed=seed,
                     on_report=look, quiet=True)
    frames = al.interpolate_images(model, lines.test_images[:2], lines.test_images[6:8], 16)
    return name, seed, {**line_results(model, lines), **earlier,
                        "seconds": round(history.seconds, 1), "curve": curve}, frames


def jobs(folder, file):
    """[(file, name, seed)] of the runs that are not in the record."""
    found, seeds = before(folder / f"{file}.json", {"runs": {}})["runs"], FILES[file].seeds
    return [(file, name, seed) for seed in TEN[:1 if QUICK else None] for name in seeds
            if seed in seeds[name] and str(seed) not in found.get(name, {})]


def take_in(folder, file, result):
    """One more run in the record; the film has the runs of seed 0."""
    path, picture, of = folder / f"{file}.json", folder / f"{file}-film.png", FILES[file]
    name, seed, row, frames = result
    runs = before(path, {"runs": {}})["runs"]
    runs.setdefault(name, {})[str(seed)] = row
    write(path, {"runs": {name: dict(sorted(runs[name].items(), key=lambda run: int(run[0])))
                          for name in of.seeds if name in runs},
                 "samples": of.samples, "settings": of.settings().settings(), "start": of.start,
                 **machine(), "threads": 1, **receipt(__file__)})
    if seed == 0:
        film = al.film(picture) if picture.exists() else None
        shots = (dict(zip(film.samples, zip(film.frames, film.scores, strict=True), strict=True))
                 if film else {})
        shots[name] = frames, {}
        save_film(picture, {name: shots[name] for name in of.seeds if name in shots}, {})
    print(name, seed, {k: v for k, v in row.items() if k != "curve"}, flush=True)


def main():
    parser = arguments(__doc__, workers=al.available_cpus())
    parser.add_argument("--only", choices=FILES, help="one of the three files")
    args = parser.parse_args()
    for file in [args.only] if args.only else FILES:
        for result in at_once(args.workers, run, jobs(args.out / "records", file)):
            take_in(args.out / "records", file, result)


if __name__ == "__main__":
    main()
