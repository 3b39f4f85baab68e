"""The command line: `python -m acai_lite data|train|study`."""
import argparse
import json
import shlex
import sys
from pathlib import Path

from ..files.catalogue import CATALOGUE, data_sets, how_to_get

RECIPES = ("paper", "lab", "hour", "live")
SCORES = ("reconstruction_error", "probe_accuracy", "online_probe_accuracy", "cluster_accuracy", "mean_distance",
          "smoothness", "end_error")


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m acai_lite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="fetch data sets, or show which are there")
    data.add_argument("action", choices=("fetch", "status"))
    fetched = " ".join(name for name, entry in CATALOGUE.items() if entry.get)
    data.add_argument("names", nargs="*", help=f"of {fetched} (fetch only)")
    train = commands.add_parser("train", help="train and score one model; writes checkpoint, result and strips",
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    train.add_argument("--method", required=True, help="baseline, dropout, denoising, vae, aae, vqvae, acai, acai-vae ...")
    train.add_argument("--data", required=True,
                       help=f"{', '.join(CATALOGUE)}, or a folder of images, as ./photos")
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
    study = commands.add_parser("study", help="train and score a grid of runs; makes the table. The same command goes on "
                                "after a stop", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    study.add_argument("--data", nargs="+", default=[], help="one or more data sets; none: only make the table")
    study.add_argument("--paper", action="store_true", help="the paper's table at the paper's budget, instead of --data, "
                       "--code-size, --methods, --samples and --recipe")
    study.add_argument("--minutes", type=float, help="train no longer than that; the same command goes on where it stood, "
                       "and ends with status 0, not 2, once all runs are there")
    study.add_argument("--code-size", type=int, nargs="+", default=[None], help="the paper's for the data set if left out")
    study.add_argument("--methods", nargs="+", default=["all"], help="all: the paper's seven")
    study.add_argument("--seeds", type=int, default=1, help="how many, from 0 on")
    study.add_argument("--samples", type=int, default=2 ** 24, help="images that each run trains on")
    study.add_argument("--recipe", choices=RECIPES, default="paper")
    study.add_argument("--restarts", type=int, default=50, help="of k-means (the paper's: 1000)")
    study.add_argument("--workers", type=int, default=0, help="processes on this machine; 0: one run after the other")
    study.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that sees the folder --out, "
                       "e.g. tcp://node1:8786 (pip install 'acai-lite[cluster]'; workers: dask worker --nthreads 1)")
    study.add_argument("--threads", type=int, help="of each run; with --workers the processors, shared evenly")
    study.add_argument("--device", choices=("cpu", "cuda"), help="a GPU is taken if there is one")
    study.add_argument("--out", type=Path, default=Path("runs/study"), help="folder for results and table")
    for command in (train, study):
        command.add_argument("--fast", action="store_true", help="the same step with fewer multiplications (docs/speed.md)")
    args = parser.parse_args(argv)
    try:
        return {"data": _data, "train": _train, "study": _study}[args.command](args)
    except (ValueError, TypeError, OSError, FloatingPointError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _data(args):
    from .. import data
    if args.action == "status":
        for name, place in data_sets().items():
            print(f"{name:14s} {place or f'absent: {how_to_get(name)}'}")
        return 0
    unknown = [name for name in args.names if name not in CATALOGUE]
    if unknown or not args.names:
        raise ValueError(f"name data sets out of {', '.join(CATALOGUE)}; got {' '.join(args.names) or 'none'}")
    for name in args.names:
        print(data.load(name, download=True))
    return 0


def _train(args):
    from .. import ACAI, build, checkpoint, load
    from ..recipes import change
    from .study import train
    images, recipe = load(args.data), change(args.recipe, args.set)
    if args.start:
        model = checkpoint(args.start)
        if args.method == "acai" and model.config["method"] != "acai":
            model = ACAI(model, seed=args.seed)
    else:
        model = build(args.method, images, args.code_size, recipe, args.seed)
    name = args.name or f"{images.name}-{args.method}-{model.code_size}" + (f"-seed{args.seed}" if args.seed else "")
    print(f"{name}: {args.samples:,} samples, recipe {recipe.name}; ctrl-C ends early and keeps what was learnt; "
          f"the same command goes on with {args.out / name}.state after a crash", flush=True)
    receipt = train(model, images, args.samples, recipe, args.out, name, _command(), args.seed, args.device, args.film,
                    fast=args.fast)
    print("\n".join(f"{key:22s} {receipt[key]:.6g}" for key in SCORES if receipt[key] is not None))
    print(f"wrote {args.out / name}.safetensors, .json and .png in {receipt['seconds']:.0f} s of training")
    return 0


def _study(args):
    from ..files.records import write_whole
    from .study import SEVEN, grid, paper_grid, study
    from .tables import table
    methods, failed = SEVEN if args.methods == ["all"] else args.methods, {}
    if args.paper and args.data:
        raise ValueError("--paper says which data: leave out --data")
    cells = paper_grid(args.seeds) if args.paper else [
        cell for data in args.data
        for cell in grid(methods, data, args.code_size, args.samples, args.recipe, args.seeds, args.restarts)]
    if cells:
        try:
            failed = study(cells, args.out, _command(), args.workers, args.scheduler, args.device, args.threads,
                           args.minutes, args.fast)
        except KeyboardInterrupt:
            print("stopped; the same command goes on where it stood")
            return 2
    found = table(args.out)
    write_whole(args.out / "table.md", found.markdown().encode())
    if cells:
        found.figure().savefig(args.out / "table.png", dpi=100, bbox_inches="tight")
    print(found.markdown())
    print(f"{len(failed)} runs failed: the same command tries them again" if failed else f"wrote {args.out}/table.md")
    return int(bool(failed))


def _command():
    return "python -m acai_lite " + shlex.join(sys.argv[1:])
