"""One trial of a recipe, judged on images that no test set knows: how docs/recipes.md was found.

    python data/recorders/try_recipes.py NAME METHOD DATA SAMPLES '{"learning_rate": 0.002}'
    [--recipe lab]

MNIST: trained on the first 50,000 training images, judged on the other 10,000. Lines and waves:
judged on some of another seed than the test images. All with the fast step (docs/speed.md). The
settings in JSON are those that differ from the recipe's (`lam`, `gamma`: the critic's). Writes
NAME.json, a curve and the last scores, and the model, into --out (runs/recipes). Trials that the
course keeps lie in data/results/runs/recipes.
"""
import json
import time

import torch
from recording import arguments, budget, load, receipt, write

import acai_lite as al
from acai_lite.checkpoints import save_checkpoint
from acai_lite.data import DRAWN, Images, ImageSet
from acai_lite.files.checkout import checkout
from acai_lite.lines import line_results
from acai_lite.recipes import change
from acai_lite.runs.study import LAST

HELD_OUT = 10_000                               # training images that only judge
LOOKS = (0.25, 0.5, 0.75, 1.0)                  # shares of the run at which the scores are taken


def held_out(name):
    """The data set without its test images: they are replaced by images kept back from training."""
    if name in DRAWN:
        images, scored = DRAWN[name](), DRAWN[name]()
        places = images.places(5_000, torch.Generator().manual_seed(3))
        scored.test_images = Images(places, images.draw)
        scored.test_labels = images.sector(places)
        return scored, images
    all_of_it, last = load(name), budget(HELD_OUT, 200)
    x, labels = all_of_it.train_images.stored, all_of_it.train_labels
    kept = ImageSet(name, x[:-last], labels[:-last], x[-last:], labels[-last:], all_of_it.classes)
    return kept, kept


def score(model, images, last):
    """{name: value} on the images kept back; the probe sees 20,000 codes on the way, all of them at
    the end."""
    if images.name == "lines":
        return line_results(model, images)
    if images.name == "waves":
        found = al.score_waves(model, images)
        return {key: getattr(found, key) for key in ("mean_distance", "smoothness", "end_error")}
    seen = len(images.train_images) if last else 20_000
    codes, test = (al.encode_all(model, part, what="features")
                   for part in (images.train_images[:seen], images.test_images))
    scores = {"probe_accuracy": al.linear_probe(codes, images.train_labels[:seen], test,
                                                images.test_labels)}
    if last:
        scores["cluster_accuracy"] = al.cluster_accuracy(codes, test, images.test_labels,
                                                         restarts=10)
        scores["reconstruction_error"] = al.reconstruction_error(model, images.test_images)
    return scores


def main():
    parser = arguments(__doc__, out=checkout() / "runs" / "recipes")
    for name, kind in (("name", str), ("method", str), ("data", str), ("samples", int)):
        parser.add_argument(name, type=kind)
    parser.add_argument("settings", type=json.loads, nargs="?", default={})
    parser.add_argument("--recipe", default="lab")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    critic = {key: args.settings[key] for key in ("lam", "gamma") if key in args.settings}
    recipe = change(args.recipe,
                    {key: value for key, value in args.settings.items() if key not in critic})
    images, train_on = held_out(args.data)
    model = al.build(args.method, images, recipe=recipe, seed=args.seed)
    for name, value in critic.items():
        setattr(model, name, value)
    # the commit is that of the code loaded now
    samples, said = budget(args.samples), receipt(__file__)
    total, curve, began = samples - samples % recipe.batch_size, [], time.monotonic()

    def look(point):
        share = point["samples"] / total
        if len(curve) < len(LOOKS) - 1 and share >= LOOKS[len(curve)]:
            curve.append({"samples": point["samples"], **score(model, images, False), **{
                key: round(point[key], 4) for key in ("autoencoder", "critic") if key in point}})

    history = al.fit(model, train_on, samples, recipe, seed=args.seed, on_report=look, quiet=True,
                     fast=True)
    scores = score(model, images, True)
    online = [p["probe_accuracy"] for p in history.points[-LAST:] if "probe_accuracy" in p]
    record = {"name": args.name, "method": args.method, "data": args.data,
              "samples": history.samples, "seed": args.seed,
              "recipe": args.recipe, "changed": args.settings, **scores,
              "online_on_training_images": sum(online) / len(online) if online else None,
              "seconds": round(history.seconds, 1), "threads": history.threads, "curve": curve,
              "all_seconds": round(time.monotonic() - began, 1), **said}
    write(args.out / f"{args.name}.json", record)
    save_checkpoint(model, args.out / f"{args.name}.safetensors", record)
    print(args.name, {key: round(value, 5) for key, value in scores.items()},
          record["seconds"], flush=True)


if __name__ == "__main__":
    main()
