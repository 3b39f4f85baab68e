"""The runs of lab 09 on CIFAR-10: writes records/cifar.json and records/cifar-film.png.

    python data/recorders/record_cifar.py [--workers N]

Every run trains on all 50,000 training images and sees the test images once, at its end. Runs that
the file has are not run again, so the command can be stopped and given again. The film has one shot
a run (its name stands where other films have samples).
"""
from dataclasses import asdict

import acai_course as course
import torch
from recording import (
    QUICK,
    arguments,
    at_once,
    before,
    budget,
    load,
    receipt,
    today,
    trained_classifier,
    write,
)

import acai_lite as al
from acai_lite.files.checkout import checkout, commit_of_checkout
from acai_lite.recipes import change
from acai_lite.runs.films import FRAMES, PAIRS, save_film
from acai_lite.training import new_probe

TRAINED, SCORED, CONTROLS = 100_000, 256, 10_000
SHOWN = ("samples", "probe_accuracy", "reconstruction_error")
THREE = ("baseline", "denoising", "acai")
PLAN = [*((method, size, 16, 60_000) for size in (256, 1024) for method in reversed(THREE)),
        *((method, 256, 64, 5_000) for method in ("acai", "baseline"))]
RECIPE = "hour"                                 # as found on MNIST; nothing was tried on CIFAR-10


def path_classifier(images, folder):
    """The classifier of path scores and what the record says of it. It is trained once; every
    process loads it."""
    path = folder / "cifar-classifier.pt"
    if not path.exists():
        torch.save(trained_classifier(images, TRAINED), path)
    return torch.load(path, weights_only=False)


def trained(images, method, size, depth, samples, folder):
    """Model, probe and history; a run that is over comes back from its state in `folder`."""
    recipe = change(RECIPE, {"depth": depth})
    model = al.build(method, images, size, recipe)
    probe, state = new_probe(model, images), folder / f"{method}-{size}-depth{depth}.state"
    return model, probe, al.fit(model, images, budget(samples), recipe, probe=probe, quiet=True,
                                fast=True, resume=state)


def run(method, size, depth, samples, folder):
    torch.set_num_threads(1)
    commit = commit_of_checkout()  # of the code that is loaded now
    images, name = load("cifar10"), f"{method}-{size}-depth{depth}"
    model, probe, history = trained(images, method, size, depth, samples, folder)
    codes, test = (al.encode_all(model, part, what="features")
                   for part in (images.train_images, images.test_images))
    x = images.test_images
    frames = al.interpolate_images(model, x[:SCORED], x[SCORED:2 * SCORED], FRAMES)  # (K,T,3,32,32)
    autoencoder = model.base if method == "acai" else model
    scores = al.compare_paths({name: model}, images,
                              path_classifier(images, folder)[0], SCORED, FRAMES)
    return {
        "name": name, "method": method, "code_size": size, "depth": depth,
        "samples": history.samples, "seed": 0,
        "recipe": history.recipe["name"], "changed": {"depth": depth},
        "probe_accuracy": al.linear_probe(codes, images.train_labels, test, images.test_labels),
        "probe_accuracy_of_few": al.linear_probe(codes[:CONTROLS], images.train_labels[:CONTROLS],
                                                 test, images.test_labels), "online_probe_accuracy":
            float((probe(test).argmax(1) == images.test_labels).double().mean()),
        "reconstruction_error": al.reconstruction_error(model, x), "paths": asdict(scores[name]),
        "sharpness": {"ends": course.sharpness(frames[:, ::FRAMES - 1]),
                      "middle": course.sharpness(frames[:, FRAMES // 2])},
        "multiply_adds": {"encoder": course.multiply_adds(autoencoder.encoder, x[:1]),
                          "decoder": course.multiply_adds(autoencoder.decoder,
                                                          model.encode(x[:1]))},
        "seconds": round(history.seconds, 1), "threads": history.threads, "commit": commit,
        "date": today()}


def references(images, classifier, about):
    """What needs no autoencoder: real images in a row, the pixel blend, and the classifier's
    controls."""
    scores = al.compare_paths({}, images, classifier, SCORED, FRAMES)
    controls = al.probe_controls(images, limit=CONTROLS)
    return {"references": {name: asdict(found) for name, found in scores.items()},
            "sharpness_of_images": course.sharpness(images.test_images[:2 * SCORED]),
            "pairs": SCORED, "frames": FRAMES, "judge": about,
            "controls": {**{key: controls[key] for key in ("untrained_encoder", "raw_pixels")},
                         "training_images": CONTROLS}}


def name_of(method, size, depth, samples):
    return f"{method}-{size}-depth{depth}"


def main():
    args = arguments(__doc__, workers=2).parse_args()
    torch.set_num_threads(1)  # as in the runs: sums to the last digit
    path, picture = (args.out / "records" / name for name in ("cifar.json", "cifar-film.png"))
    folder = (args.out.parent if QUICK else checkout() / "runs") / "cifar"
    folder.mkdir(parents=True, exist_ok=True)
    images, plan = load("cifar10"), PLAN[:budget(len(PLAN), 2)]
    record = before(path, {"runs": [], "command": receipt(__file__)["command"]})
    path_classifier(images, folder)
    done, order = {one["name"] for one in record["runs"]}, [name_of(*one) for one in plan]
    wanted = [(*one, folder) for one in plan if name_of(*one) not in done]
    for found in at_once(args.workers, run, wanted):
        record["runs"] = sorted([*record["runs"], found], key=lambda one: order.index(one["name"]))
        write(path, record)
        print(found["name"], {key: found[key] for key in SHOWN}, found["seconds"], flush=True)
    shots, x = {}, images.test_images
    for one, found in zip(plan, record["runs"], strict=True):
        model, _, _ = trained(images, *one, folder)
        # (P,T,3,32,32)
        frames = al.interpolate_images(model, x[:PAIRS], x[PAIRS:2 * PAIRS], FRAMES)
        shots[found["name"]] = frames, {key: found[key] for key in SHOWN}
    save_film(picture, shots, {"command": record["command"]})
    if "references" not in record:
        write(path, record | references(images, *path_classifier(images, folder)))


if __name__ == "__main__":
    main()
