"""Record what labs 06a and 06b compare: which index agrees with the truth on lines, and three kinds
of path.

    python data/recorders/record_realism.py [--again MODEL ...]
        writes records/realism.json (half an hour); searches and calibrations that it has are not
        made again, but for the models named

Calibration: on straight paths of every committed autoencoder of lines, the rank correlation of each
index with minus the true distance to the nearest line (`rank_agreement`), over all frames and over
the inner half. Paths between pairs of test images: straight; along arcs about the origin and about
the mean of the training codes; the shortest hop through 1,000 training codes, which needs no index;
and realistic ones, by the index of a kernel density of training codes, at several bandwidths. Each
index and bandwidth that was tried is in the file, good or bad; the pairs of the paths are none that
they were tried on.
"""
import json
import time

import torch
from recording import arguments, before, budget, load, machine, receipt, write

import acai_lite as al
from acai_lite.gans import IMAGE_RECIPE, image_gan
from acai_lite.image_paths import path_scores

LINES = ["lines-baseline-64", "lines-acai-64", "lines-denoising-64", "lines-vae-64",
         "lines-vqvae-256"]
WALKED = ["lines-baseline-64", "lines-acai-64", "lines-vae-64", "mnist-baseline-32",
          "mnist-acai-32"]
PAIRS, FRAMES, INNER = 256, 16, slice(4, 12)    # of the calibration
WALKS, CENTRES = 16, 1000                       # of the paths
BANDWIDTHS = (0.05, 0.1, 0.2, None)              # None: the likeliest
KINDS = ("linear", "spherical", "about the mean", "hop", "realistic")
GAN_SAMPLES, SEED = 10_000, 0


def image_indices(lines):
    """{name: index of images (N,1,32,32)} that needs no code: each ranked against 2,000 test lines
    of no path."""
    real, seen = lines.test_images[2 * PAIRS:2 * PAIRS + 2000], lines.train_images[:4000]
    baseline, acai = al.checkpoint("lines-baseline-64"), al.checkpoint("lines-acai-64")
    untrained, gan = al.build("baseline", "lines", recipe="lab", seed=SEED), image_gan(seed=SEED)
    al.fit(gan, lines, budget(GAN_SAMPLES), IMAGE_RECIPE, probe=False, seed=SEED, quiet=True,
           device="cpu")
    mean = seen.flatten(1).mean(0)
    axes = torch.linalg.svd(seen.flatten(1) - mean, full_matrices=False).Vh[:32].T  # (1024,32)

    def badly_drawn(x):
        return (baseline.decode(baseline.encode(x)) - x).square().flatten(1).mean(1)

    with torch.no_grad():
        redrawn = acai.decode(acai.encode(real))       # lines in the hand of the critic's decoder
    return {"ACAI's critic": al.RealismIndex(lambda x: -acai.d(x), redrawn),
            "GAN's discriminator": al.RealismIndex(gan.eval().d, real),
            "PCA features": al.feature_index(lambda x: (x.flatten(1) - mean) @ axes, seen, real),
            "untrained features": al.feature_index(lambda x: untrained.encode(x).flatten(1), seen,
                                                   real),
            "baseline's features": al.feature_index(lambda x: baseline.encode(x).flatten(1), seen,
                                                    real),
            "reconstruction": al.RealismIndex(lambda x: -badly_drawn(x), real)}


@torch.no_grad()
def calibrate(name, lines, image_kinds):
    """{index: {"all" and "inner": [correlation, low, high]}} of one autoencoder."""
    model = al.checkpoint(name)
    train, held = (al.encode_all(model, images) for images in (
        lines.train_images[:4000], lines.test_images[2 * PAIRS:2 * PAIRS + 2000]))
    z0, z1 = (model.encode(lines.test_images[k * PAIRS:(k + 1) * PAIRS]) for k in (0, 1))
    codes = al.interpolate(z0, z1, FRAMES)
    frames, flat = al.decode_path(model, codes), codes.flatten(2)
    distance = al.line_scores(frames).distances
    mean, cov = al.mean_and_cov(train)
    found = {"Gaussian": al.gaussian_realism(flat, mean, cov),
             "radius": al.radial_realism(flat, mean, cov)}
    for kind in ("mixture", "kernel"):
        found[kind] = al.RealismIndex(al.fit_density(train, kind).log_prob, held)(flat)
    found |= {kind: index(frames) for kind, index in image_kinds.items()}
    found["nearness to an end"] = (torch.linspace(0, 1, FRAMES) - 0.5).abs().expand(PAIRS, FRAMES)
    rows = {}
    for index, values in found.items():
        rows[index] = {"all": agreement(values, distance),
                       "inner": agreement(values[:, INNER], distance[:, INNER])}
        print(f"{name:20s} {index:20s} {rows[index]}", flush=True)
    return rows


def agreement(values, distance):
    """[correlation, low, high]; 0 for an index that is the same for all frames: it ranks none."""
    if values.unique().numel() == 1:
        return [0.0, 0.0, 0.0]
    found = al.rank_agreement(values, distance)
    return [round(value, 4) for value in (found.correlation, found.low, found.high)]


def walk(name, classifier, earlier):
    """What the kinds of path come to in one autoencoder's code, for every bandwidth. earlier: what
    is recorded of it; searches that are in it are not made again."""
    model, images, pairs = al.checkpoint(name), load(name.split("-")[0], 4000), budget(WALKS, 2)
    with torch.no_grad():
        train = al.encode_all(model, images.train_images[:4000])
        z0, z1 = (model.encode(images.test_images[k:k + pairs]) for k in (3000, 3256))
    centre = train.mean(0).view(model.code_shape)
    known, found = train.unflatten(1, model.code_shape), {}
    for share in BANDWIDTHS:
        width = share and share * float(train.std())
        density = al.fit_density(train[:CENTRES], "kernel", bandwidth=width)
        draws = al.RealismIndex.of(density, 10_000, seed=SEED).samples
        index = al.RealismIndex(lambda z, f=density.log_prob: f(z.flatten(1)),
                                draws.unflatten(1, model.code_shape))
        kinds = {"linear": al.interpolate(z0, z1, FRAMES),
                 "spherical": al.interpolate(z0, z1, FRAMES, "spherical"),
                 "about the mean": al.interpolate(z0, z1, FRAMES, "spherical", centre),
                 "hop": al.hop_path(z0, z1, known, FRAMES)}
        row = earlier.get("indices", {}).get(f"kernel {share or 'chosen'}")
        if row is None:
            start = time.perf_counter()
            best = al.realistic_path(z0, z1, index, FRAMES, through=known, starts=1,
                                     iterations=budget(200, 4), seed=SEED)
            costs = {"linear": best.linear_cost, "spherical": best.spherical_cost,
                     "realistic": best.cost}
            row = {"bandwidth": round(density.bandwidth, 4),
                   "of_std": round(density.bandwidth / float(train.std()), 3),
                   "converged": int(best.converged.sum()),
                   "seconds": round(time.perf_counter() - start, 1),
                   "kinds": {kind: {"cost": round(float(cost.median()), 3)}
                             for kind, cost in costs.items()}}
            kinds["realistic"] = best.codes
        rows = {kind: row["kinds"].get(kind, {}) for kind in KINDS}
        rows |= {kind: look(model, codes, index, classifier) | (
            {"cost": rows[kind]["cost"]} if "cost" in rows[kind] else {})
            for kind, codes in kinds.items()}
        found[f"kernel {share or 'chosen'}"] = row | {"kinds": rows}
        print(name, share, json.dumps(found[f"kernel {share or 'chosen'}"]), flush=True)
    return {"pairs": pairs, "indices": found}


@torch.no_grad()
def look(model, codes, index, classifier):
    ri, frames = index(codes), al.decode_path(model, codes)
    straight = (codes[:, -1] - codes[:, 0]).flatten(1).norm(dim=1)
    length = codes.flatten(2).diff(dim=1).norm(dim=2).sum(1) / straight
    row = {"mean_ri": ri.mean(), "min_ri": ri.amin(1).mean(), "length": length.mean()}
    if classifier is None:
        scores = al.line_scores(frames)
        row |= {"mean_distance": scores.mean_distance, "smoothness": scores.smoothness}
    else:
        scores = path_scores(frames, *classifier)
        row |= {key: getattr(scores, key)
                for key in ("confidence", "class_changes", "feature_length", "kernel_distance")}
    return {key: round(float(value), 6) for key, value in row.items()}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--again", nargs="*", default=[], metavar="MODEL",
                        choices=[*LINES, *WALKED],
                        help="search anew in the codes of these checkpoints")
    args = parser.parse_args()
    torch.set_num_threads(1)
    file = args.out / "records" / "realism.json"
    record = before(file, {"paths": {}, "calibration": {}})
    earlier, old = record["paths"], record["calibration"]
    start, lines, digits = time.perf_counter(), al.load("lines"), load("mnist", 4000)
    classifier = al.train_classifier(digits, budget(20_000)), digits.test_images[512:2512]
    wanted = LINES[:budget(len(LINES), 1)]
    anew = [name for name in wanted if name in args.again or name not in old]
    image_kinds = image_indices(lines) if anew else {}
    record = {
        "pairs": PAIRS, "frames": FRAMES, "inner": [INNER.start, INNER.stop - 1], "seed": SEED,
        "centres": CENTRES, "calibration": {
            name: calibrate(name, lines, image_kinds) if name in anew else old[name]
            for name in wanted},
        "paths": {name: walk(name, classifier if name.startswith("mnist") else None,
                             {} if name in args.again else earlier.get(name, {}))
                  for name in WALKED[-budget(len(WALKED), 3):]},
        "seconds": round(time.perf_counter() - start), **machine(), **receipt(__file__)}
    write(file, record)


if __name__ == "__main__":
    main()
