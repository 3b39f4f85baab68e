"""Signals for lab 10: baseline and ACAI on waves, whose true in-between is known, and on terrain,
where nobody knows it.

    python data/recorders/record_waves.py [--workers N]

Codes of 32 dimensions, recipe lab, three seeds, one thread each. BUDGETS gives both methods the
same time of one processor, to within about a tenth: a step of the baseline costs less, so it sees
more samples. cpu_seconds is that time; wall-clock seconds grow when other work shares the machine.
Writes records/waves.json run by run (a run that it has is not repeated), and waves.png,
terrain.png: one pair of test signals with seed 0.
"""
import time

import torch
from recording import arguments, at_once, before, budget, receipt, today, write

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout

SEEDS, PAIRS, FRAMES, PICTURE = (0, 1, 2), 256, 16, 9  # PICTURE: frames in a picture
BUDGETS = {"waves": {"acai": 90_000, "baseline": 200_000},
           "terrain": {"acai": 45_000, "baseline": 100_000}}
SHOWN = {"waves": 6, "terrain": 3}                       # which pair; waves: from 1.6 to 5.1 cycles
METRES = 400                                             # terrain's unit


def roughness(signals):
    """(n,1,32) terrain -> (n,), metres: root mean square of the differences between neighbours, 90
    m apart."""
    return METRES * signals.diff(dim=-1).square().mean(dim=(1, 2)).sqrt()


def terrain_scores(frames, real):
    """What can be said without a known truth: are middle frames (PAIRS of them) as rough as real
    profiles that are no end of a path? ratio: of the means. distance: between the two distributions
    (mean difference of quantiles), in metres."""
    found, wanted = roughness(frames[:, FRAMES // 2]), roughness(real)
    shares = torch.linspace(0, 1, 101)
    return {"ratio": float(found.mean() / wanted.mean()),
            "distance": float((found.quantile(shares) - wanted.quantile(shares)).abs().mean())}


def run(dataset, method, seed):
    torch.set_num_threads(1)
    # commit: of the code that is loaded now
    commit, images = commit_of_checkout(), al.load(dataset)
    model, began = al.build(method, dataset, recipe="lab", seed=seed), time.process_time()
    history = al.fit(model, images, budget(BUDGETS[dataset][method]),
                     "lab", seed=seed, quiet=True, fast=True, device="cpu")
    cpu, x = time.process_time() - began, images.test_images
    frames = al.interpolate_images(model, x[:PAIRS], x[PAIRS:2 * PAIRS], FRAMES)
    if dataset == "waves":
        scores = al.score_waves(model, images, PAIRS, FRAMES)
        found = {key: getattr(scores, key) for key in ("mean_distance", "smoothness", "end_error")}
        found["online_probe_accuracy"] = history.points[-1]["probe_accuracy"]
    else:
        ends = roughness(frames[:, 0]).mean() / roughness(x[:PAIRS]).mean()
        found = {**terrain_scores(frames, x[2 * PAIRS:]), "ratio_of_ends": float(ends)}
    return ({"dataset": dataset, "method": method, "seed": seed, "samples": history.samples,
             **found, "reconstruction_error": al.reconstruction_error(model, x),
             "seconds": round(history.seconds, 1), "cpu_seconds": round(cpu, 1),
             "threads": history.threads, "recipe": "lab", "code_size": model.code_size,
             "config": model.config, "torch": torch.__version__, "commit": commit, "date": today()},
            al.interpolate_images(model, *ends_of(images), PICTURE)[0])


def ends_of(images):
    """The two signals (1,1,32) of the pictures."""
    k = SHOWN[images.name]
    return images.test_images[k:k + 1], images.test_images[k + PAIRS:k + PAIRS + 1]


def references():
    """The rows without a network: the two signals mixed value by value, and the truth, or, on
    terrain, real profiles."""
    waves, terrain = al.load("waves"), al.load("terrain")
    f, k = waves.test_images.stored, SHOWN["waves"]                    # frequencies

    def true(some, steps):
        t = torch.linspace(0, 1, steps, dtype=torch.float64)
        path = (1 - t) * f[some][:, None] + t * f[PAIRS:][some][:, None]
        return al.draw_waves(path).view(-1, steps, 1, 32)

    def blend(x):
        return al.interpolate(x[:PAIRS], x[PAIRS:2 * PAIRS], FRAMES)

    truth, mixed = (al.wave_scores(true(slice(PAIRS), FRAMES)),
                    al.wave_scores(blend(waves.test_images)))
    others, x = terrain.test_images[2 * PAIRS:], terrain.test_images
    real = x[:PAIRS, None].expand(-1, FRAMES, -1, -1)  # real profiles in the place of middle frames
    rows = {"waves": {name: {"mean_distance": row.mean_distance, "smoothness": row.smoothness}
                      for name, row in (("signal blend", mixed), ("truth", truth))},
            "terrain": {"signal blend": terrain_scores(blend(x), others),
                        "real": terrain_scores(real, others)}}
    frames = {"waves": {"truth": true(slice(k, k + 1), PICTURE)[0]}, "terrain": {}}
    for images in (waves, terrain):
        frames[images.name]["signal blend"] = al.interpolate(*ends_of(images), PICTURE)[0]
    return rows, frames


def packed(frames):
    """(T,1,32) -> T texts of 32 thousandths: `[[int(v) / 1000 for v in text.split()] for text in
    texts]` gives them back."""
    return [" ".join(str(round(1000 * value)) for value in frame)
            for frame in frames[:, 0].tolist()]


def unpacked(texts):
    return torch.tensor([[int(value) / 1000 for value in text.split()] for text in texts])[:, None]


def figure(dataset, frames):
    order = [name for name in ("baseline", "acai", "signal blend", "truth") if name in frames]
    alt = {"waves": "One path between two waves of different frequency, as curves, in four rows. "
               "In the middle baseline and signal blend lay one wave over the other. ACAI keeps to "
               "the first wave, leaps to the last within two frames that are no clean waves, and "
               "stays there. The truth passes through all frequencies between.",
           "terrain": "One path between two mountain profiles, as curves, in three rows: baseline, "
                      "ACAI and signal blend. All three go evenly from one to the other; ACAI's "
                      "last profile has lost the real one's small bumps."}
    return al.figures.strips({{"acai": "ACAI"}.get(name, name): unpacked(frames[name])
                              for name in order}, alt[dataset])


def main():
    args = arguments(__doc__, workers=2).parse_args()
    folder = args.out / "records"
    record = before(folder / "waves.json", {"runs": [], "frames": {"waves": {}, "terrain": {}}})
    (rows, shown), said = references(), receipt(__file__)
    record |= {"references": rows, "pairs": PAIRS, "frames_per_path": FRAMES,
               "references_commit": said["commit"], "command": said["command"]}
    for dataset, frames in shown.items():
        record["frames"][dataset] |= {name: packed(path) for name, path in frames.items()}
    done = {(r["dataset"], r["method"], r["seed"]) for r in record["runs"]}
    wanted = [(dataset, method, seed) for dataset in BUDGETS for seed in SEEDS
              for method in BUDGETS[dataset]]
    for row, path in at_once(args.workers, run, [want for want in wanted if want not in done]):
        record["runs"] = sorted([*record["runs"], row],
                                key=lambda r: (r["dataset"], r["method"], r["seed"]))
        if row["seed"] == SEEDS[0]:
            record["frames"][row["dataset"]][row["method"]] = packed(path)
        write(folder / "waves.json", record)
        print({key: value for key, value in row.items() if key != "config"}, flush=True)
    for dataset, frames in record["frames"].items():
        figure(dataset, frames).savefig(folder / f"{dataset}.png", dpi=100, bbox_inches="tight")


if __name__ == "__main__":
    main()
