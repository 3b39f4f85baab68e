"""Baseline and ACAI on MNIST, codes of 32 numbers, at growing budgets and with several seeds: lab
08's curve.

    python data/recorders/record_curve.py RECIPE SEEDS SAMPLES...
        e.g. hour 0,1,2 10000 100000

Every run trains on all 60,000 training images and sees the test images once, at its end, with the
converged classifier. Runs that records/curve.json has are not run again.
"""
import torch
from recording import arguments, at_once, before, budget, load, receipt, today, write

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout

SAME = ("method", "samples", "seed", "recipe")


def run(method, samples, seed, recipe):
    torch.set_num_threads(1)
    commit = commit_of_checkout()  # of the code that is loaded now
    images = load("mnist")
    model = al.build(method, images, recipe=recipe, seed=seed)
    history = al.fit(model, images, budget(samples), recipe, seed=seed, probe=False, quiet=True,
                     fast=True)
    codes, test = (al.encode_all(model, part, what="features")
                   for part in (images.train_images, images.test_images))
    return {"method": method, "samples": samples, "seed": seed, "recipe": recipe,
            "probe_accuracy": al.linear_probe(codes, images.train_labels, test, images.test_labels),
            "reconstruction_error": al.reconstruction_error(model, images.test_images),
            "seconds": round(history.seconds, 1), "threads": history.threads, "commit": commit,
            "date": today()}


def main():
    parser = arguments(__doc__, workers=2)
    for name, kind in (("recipe", str),
                       ("seeds", lambda text: [int(seed) for seed in text.split(",")])):
        parser.add_argument(name, type=kind)
    parser.add_argument("samples", type=int, nargs="+")
    args = parser.parse_args()
    path = args.out / "records" / "curve.json"
    runs = before(path, {"runs": []})["runs"]
    done = {tuple(r[key] for key in SAME) for r in runs}
    wanted = [(method, samples, seed, args.recipe) for samples in args.samples
              for seed in args.seeds for method in ("acai", "baseline")]
    for found in at_once(args.workers, run, [want for want in wanted if want not in done]):
        runs = sorted([*runs, found], key=lambda r: (r["recipe"], r["method"],
                                                     r["samples"], r["seed"]))
        write(path, {"runs": runs, "command": receipt(__file__)["command"]})
        print(found, flush=True)


if __name__ == "__main__":
    main()
