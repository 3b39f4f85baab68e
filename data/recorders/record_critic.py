"""Record the short runs that labs 05a and 05b compare, over seeds: 05a's live cell, other settings
of it, and four bugs.

    python data/recorders/record_critic.py
        writes records/live-, critic- and base-runs (an hour)

live-runs are 05a's live cell with its number of samples; critic-runs compare settings and bugs, are
a little longer and fade the critic in more slowly. They start from the committed baseline on lines.
base-runs are the live cell on other autoencoders, each from its own checkpoint, with the critic
and, as a control, without (lambda 0); that of dropout is not committed: the study makes it, and its
file goes to data/checkpoints as lines-dropout-64. One thread a run. A run that is already in the
file is not made again: delete the file after a change.
"""
import torch
from acai_course.lab_05a import bugs
from recording import QUICK, arguments, at_once, before, budget, machine, receipt, write

import acai_lite as al
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


STARTS = {"base-runs": "lines-<base>-64"}
BASES = ("vae", "denoising", "dropout")
FILES = {  # name: (samples, runs, changes to recipe live, seeds)
           "live-runs": (7000, ("acai", "lambda 0"), {}, (0, 1, 2)),
           "critic-runs": (9000, tuple(RUNS), {"ramp": (0.1, 0.7)}, (0, 1, 2)),
           "base-runs": (7000, tuple(f"{base}{end}" for base in BASES
                                     for end in ("", ", lambda 0")), {}, (0,)),
}
for base in BASES:
    RUNS[base], RUNS[f"{base}, lambda 0"] = RUNS["acai"], RUNS["lambda 0"]


def run(file, name, seed):
    """(name, seed, scores and curves of one run, its frames on two pairs)."""
    total, slower = budget(FILES[file][0]), FILES[file][2]
    torch.set_num_threads(1)
    lines, (kind, settings, losses, changes) = al.load("lines"), RUNS[name]
    base = name.partition(",")[0]
    start = al.checkpoint(f"lines-{base if base in BASES else 'baseline'}-64")
    before = al.score_lines(start, lines)
    model = kind(start, **settings, seed=seed)
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

    history = al.fit(model, lines, total, change("live", {**slower, **changes}), losses=losses,
                     probe=False, seed=seed, on_report=look, quiet=True)
    scores = al.score_lines(model, lines)
    frames = al.interpolate_images(model, lines.test_images[:2], lines.test_images[6:8], 16)
    return name, seed, {"mean_distance": scores.mean_distance, "smoothness": scores.smoothness,
                        "end_error": scores.end_error, "before": before.mean_distance,
                        "seconds": round(history.seconds, 1), "curve": curve}, frames


def record(file, folder, workers):
    path, picture, (total, names, changes, seeds) = (folder / f"{file}.json",
                                                     folder / f"{file}-film.png", FILES[file])
    found, seeds = before(path, {"runs": {}}), seeds[:1] if QUICK else seeds
    film = al.film(picture) if path.exists() else None
    shots = (dict(zip(film.samples, zip(film.frames, film.scores, strict=True), strict=True))
             if film else {})
    jobs = [(file, name, seed) for seed in seeds
            for name in names if str(seed) not in found["runs"].get(name, {})]
    for name, seed, result, frames in at_once(workers, run, jobs):
        found["runs"].setdefault(name, {})[str(seed)] = result
        print(name, seed, {k: v for k, v in result.items() if k != "curve"}, flush=True)
        if seed == seeds[0]:
            shots[name] = frames, {}
        found["runs"] = {name: dict(sorted(found["runs"][name].items()))
                         for name in names if name in found["runs"]}
        found |= {"samples": total, "settings": change("live", changes).settings(),
                  "start": STARTS.get(file, "lines-baseline-64"), **machine(),
                  "threads": 1, **receipt(__file__)}
        save_film(picture, {name: shots[name] for name in names if name in shots}, {})
        write(path, found)


def main():
    parser = arguments(__doc__, workers=al.available_cpus())
    parser.add_argument("--only", choices=FILES, help="one of the three files")
    args = parser.parse_args()
    for file in [args.only] if args.only else FILES:
        record(file, args.out / "records", args.workers)


if __name__ == "__main__":
    main()
