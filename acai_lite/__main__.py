"""The command line: `python -m acai_lite data|train|doctor`."""
import argparse
import json
import shlex
import sys
from pathlib import Path

METHODS, RECIPES = ("baseline", "acai"), ("paper", "lab", "live")


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m acai_lite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="fetch data sets, or show which are there")
    data.add_argument("action", choices=("fetch", "status"))
    data.add_argument("names", nargs="*", help="e.g. mnist cifar10 fashion_mnist (fetch only)")
    train = commands.add_parser("train", help="train and score one model; writes checkpoint, result and strips",
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    train.add_argument("--method", choices=METHODS, required=True)
    train.add_argument("--data", required=True, help="lines, digits, mnist, fashion_mnist or cifar10")
    train.add_argument("--code-size", type=int, help="numbers in a code; the paper's for the data set if left out")
    train.add_argument("--samples", type=int, required=True, help="images to train on; the paper's budget is 16777216")
    train.add_argument("--recipe", choices=RECIPES, default="paper")
    train.add_argument("--set", type=json.loads, default={}, metavar="JSON",
                       help="""settings that differ from the recipe's, e.g. '{"ramp": [0, 0], "weight": 1}'""")
    train.add_argument("--start", metavar="CHECKPOINT", help="name or path of a checkpoint to go on from: with method acai "
                       "a trained autoencoder gets a new critic")
    train.add_argument("--film", type=int, default=0, metavar="N", help="keep N shots of the paths while it learns")
    train.add_argument("--name", help="of the files; made of data, method, code size and seed if left out")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", choices=("cpu", "cuda"), help="a GPU is taken if there is one")
    train.add_argument("--out", type=Path, default=Path("runs"), help="folder for the results")
    commands.add_parser("doctor", help="is this machine ready for the course?")
    args = parser.parse_args(argv)
    try:
        return {"data": _data, "train": _train, "doctor": _doctor}[args.command](args)
    except (ValueError, TypeError, OSError, FloatingPointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _data(args):
    from . import data
    if args.action == "status":
        for name, place in data.status().items():
            print(f"{name:14s} {place or f'absent: python -m acai_lite data fetch {name}'}")
        return 0
    unknown = [name for name in args.names if name not in data.NAMES]
    if unknown or not args.names:
        raise ValueError(f"name data sets out of {', '.join(data.NAMES)}; got {' '.join(args.names) or 'none'}")
    for name in args.names:
        print(data.load(name, download=True))
    return 0


def _train(args):
    from . import ACAI, build, checkpoint, fit, load, make_receipt, save_checkpoint
    from .checkpoints import write_whole
    from .films import Camera
    from .recipes import change
    images, recipe = load(args.data), change(args.recipe, args.set)
    if args.start:
        model = checkpoint(args.start)
        if args.method == "acai" and model.config["method"] != "acai":
            model = ACAI(model, seed=args.seed)
    else:
        model = build(args.method, args.data, args.code_size, recipe, args.seed)
    size = model.code_shape[0] * model.code_shape[1] * model.code_shape[2]
    name = args.name or f"{args.data}-{args.method}-{size}" + (f"-seed{args.seed}" if args.seed else "")
    write_whole(args.out / f"{name}.log", b"")                         # a folder that cannot be written fails now
    state = args.out / f"{name}.state"
    print(f"{name}: {args.samples:,} samples, recipe {recipe.name}; ctrl-C ends early and keeps what was learnt; "
          f"the same command goes on with {state} after a crash", flush=True)
    camera = None
    if args.film:
        last = args.samples - args.samples % recipe.batch_size
        camera = Camera(model, images, args.out / f"{name}-film.png", last, args.film, state.exists())
        camera({"samples": 0})
    history = fit(model, images, args.samples, recipe, seed=args.seed, device=args.device, resume=state, on_report=camera)
    scores, figure = _score(model, images, history)
    command = "python -m acai_lite " + shlex.join(sys.argv[1:])
    receipt = make_receipt(model, args.data, history, scores, command)
    save_checkpoint(model, args.out / f"{name}.safetensors", receipt)
    write_whole(args.out / f"{name}.json", (json.dumps({**receipt, "points": history.points}, indent=1) + "\n").encode())
    figure.savefig(args.out / f"{name}.png", dpi=100, bbox_inches="tight")
    if camera:
        camera.save({**receipt, "points": history.points})
    (args.out / f"{name}.log").unlink()
    if not history.interrupted:
        state.unlink()
    print("\n".join(f"{key:22s} {value:.6g}" for key, value in scores.items()))
    print(f"wrote {args.out / name}.safetensors, .json and .png in {history.seconds:.0f} s of training")
    return 0


def _score(model, images, history):
    """All scores that fit the data, on the test images, and a picture of eight paths between them."""
    import torch

    from . import encode_all, interpolate_images, linear_probe, reconstruction_error, score_lines
    from .figures import strips
    test, scores = images.test_images, {"reconstruction_error": reconstruction_error(model, images.test_images)}
    codes, test_codes = encode_all(model, images.train_images), encode_all(model, test)
    scores["probe_accuracy"] = linear_probe(codes, images.train_labels, test_codes, images.test_labels)
    if history.probe is not None:
        with torch.no_grad():
            guesses = history.probe.cpu()(test_codes.to(history.probe.weight.dtype)).argmax(1)
        scores["online_probe_accuracy"] = float((guesses == images.test_labels).double().mean())
    if images.name == "lines":
        found = score_lines(model, images)
        scores |= {key: getattr(found, key) for key in ("mean_distance", "smoothness", "end_error")}
    device = next(model.parameters()).device
    frames = interpolate_images(model, test[:8].to(device), test[8:16].to(device), 11)
    return scores, strips(frames, f"Eight paths between test images of {images.name}, decoded by the trained model.")


def _doctor(args):
    from .course.doctor import main as doctor
    return doctor()


if __name__ == "__main__":
    sys.exit(main())
