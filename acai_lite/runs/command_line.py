"""The command line: `python -m acai_lite data|train|study`."""
import argparse
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..checkpoints import SCORES
from ..data import SIZES, load
from ..fast import PRECISIONS
from ..files.catalogue import CATALOGUE, data_sets, how_to_get
from ..files.records import in_one_line, write_whole
from ..files.validation import whole
from ..recipes import RECIPES, change
from ..zoo import BASES
from .study import PAPER_BUDGET, SEVEN, Experiment, grid, paper_grid, study, train
from .tables import table

SETS = f"{', '.join(CATALOGUE)}, or a folder of images, as ./photos"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its status: 0, 1 after an error, 2 if it was stopped."""
    args = _parser().parse_args(argv)
    try:
        return {"data": _data, "train": _train, "study": _study}[args.command](args)
    except (ValueError, TypeError, OSError, FloatingPointError, ImportError, RuntimeError,
            MemoryError) as error:
        print(f"error: {in_one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on where it stood")
        return 2


def _count(low: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number, `low` at least."""
    def count(text: str) -> int:
        try:
            return whole("it", int(text), low)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"a whole number, {low} or more, is wanted; got {text!r}") from None
    return count


def _parser() -> argparse.ArgumentParser:
    shown: Any = {"formatter_class": argparse.ArgumentDefaultsHelpFormatter}
    parser = argparse.ArgumentParser(prog="python -m acai_lite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="fetch data sets, or show which are there")
    data.add_argument("action", choices=("fetch", "status"))
    fetched = ", ".join(name for name, known in CATALOGUE.items() if known.get)
    data.add_argument("names", nargs="*", help=f"to fetch: {fetched}")
    one = commands.add_parser("train", help="train and score one model; writes its checkpoint, "
                              "result and strips", **shown)
    one.add_argument("--method", required=True,
                     help=f"{', '.join(BASES)}, acai, or the critic on another method, as acai-vae")
    one.add_argument("--data", required=True, help=SETS)
    one.add_argument("--code-size", type=_count(1), help="dimensions of a code; the paper's for "
                     "the data set if left out")
    one.add_argument("--samples", type=_count(1), required=True,
                     help=f"images to train on; the paper's budget is {PAPER_BUDGET}")
    one.add_argument("--set", type=json.loads, default={}, metavar="JSON", help="settings that "
                     """differ from the recipe's, e.g. '{"critic_curve": [[0, 1]]}'""")
    one.add_argument("--start", metavar="CHECKPOINT", help="name or path of a checkpoint to go on "
                     "from: with method acai a trained autoencoder gets a new critic")
    one.add_argument("--film", type=_count(0), default=0, metavar="N",
                     help="keep N shots of the paths during training")
    one.add_argument("--name", help="of the files; made of data, method, code size and seed if "
                     "left out")
    one.add_argument("--seed", type=_count(0), default=0,
                     help="of initial weights, data order and noise")
    one.add_argument("--out", type=Path, default=Path("runs"), help="folder for the results")
    many = commands.add_parser("study", help="train and score a grid of runs; makes the table. The "
                               "same command goes on after a stop", **shown)
    many.add_argument("--data", nargs="+", default=[], help=f"one or more of {SETS}; none: only "
                      "make the table")
    many.add_argument("--paper", action="store_true", help="the paper's table at the paper's "
                      "budget, instead of --data, --code-size, --methods, --samples and --recipe")
    many.add_argument("--minutes", type=float, help="train no longer than that; the same command "
                      "goes on where it stood, and ends with status 0, not 2, once all runs are "
                      "there")
    many.add_argument("--code-size", type=_count(1), nargs="+", default=[None],
                      help="the paper's for the data set if left out")
    many.add_argument("--methods", nargs="+", default=["all"], help="all: the paper's seven")
    many.add_argument("--seeds", type=_count(1), default=1, help="how many, from 0 on")
    many.add_argument("--samples", type=_count(1), default=PAPER_BUDGET,
                      help="images that each run trains on")
    many.add_argument("--restarts", type=_count(0), default=50,
                      help="of k-means (the paper's: 1000)")
    many.add_argument("--workers", type=_count(0), default=0,
                      help="processes on this machine; 0: one run after the other")
    many.add_argument("--at-once", type=_count(1), default=1, metavar="K", help="runs that are "
                      "trained side by side on a GPU, on each worker's with --scheduler "
                      "(docs/speed.md)")
    many.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that sees the "
                      "folder --out, e.g. tcp://node1:8786 (pip install 'acai-lite[cluster]'; "
                      "workers: dask worker --nthreads 1)")
    many.add_argument("--threads", type=_count(1),
                      help="of each run; with --workers the processors, shared evenly")
    many.add_argument("--out", type=Path, default=Path("runs/study"),
                      help="folder for results and table")
    for command in (one, many):
        command.add_argument("--recipe", choices=tuple(RECIPES), default="paper", help="how to "
                             "build and train; docs/recipes.md compares them")
        command.add_argument("--size", type=int, choices=SIZES, default=32,
                             help="pixels a side that the images of a folder are brought to")
        command.add_argument("--device", choices=("cpu", "cuda"),
                             help="a GPU is taken if there is one")
        command.add_argument("--fast", action="store_true",
                             help="the same step with fewer multiplications (docs/speed.md)")
        command.add_argument("--precision", choices=PRECISIONS, default="float32",
                             help="bf16: the networks compute in bfloat16, where the processor can "
                                  "(docs/speed.md)")
    return parser


def _data(args: argparse.Namespace) -> int:
    if args.action == "status":
        for name, place in data_sets().items():
            print(f"{name:14s} {place or f'absent: {how_to_get(name)}'}")
        return 0
    if not args.names or not {*args.names} <= {*CATALOGUE}:
        raise ValueError(f"name data sets out of {', '.join(CATALOGUE)}; "
                         f"got {' '.join(args.names) or 'none'}")
    for name in args.names:
        print(load(name, download=True))
    return 0


def _train(args: argparse.Namespace) -> int:
    recipe = change(args.recipe, args.set)
    experiment = Experiment(args.method, args.data, args.code_size, args.samples, recipe, args.seed,
                            size=args.size, film=args.film, precision=args.precision,
                            start=args.start or "")
    images, model = experiment.images(), experiment.build()
    name = args.name or f"{images.name}-{args.method}-{model.code_size}{experiment.suffix}"
    print(f"{name}: {args.samples:,} samples, recipe {recipe.name}; ctrl-C ends early and keeps "
          f"the model as it is then; the same command goes on with {args.out / name}.state after "
          "a crash", flush=True)
    receipt = train(model, images, replace(experiment, label=name), args.out, _command(),
                    args.device, args.fast)
    found = {key: receipt[key] for key in SCORES if receipt[key] is not None}
    print("\n".join(f"{key:22s} {value:.6g}" for key, value in found.items()))
    print(f"wrote {args.out / name}.safetensors, .json and .png in {receipt['seconds']:.0f} s of "
          "training")
    return 0


def _study(args: argparse.Namespace) -> int:
    if args.paper and args.data:
        raise ValueError("--paper says which data: leave out --data")
    methods = SEVEN if args.methods == ["all"] else args.methods
    experiments = paper_grid(args.seeds) if args.paper else [
        one for data in args.data
        for one in grid(methods, data, args.code_size, args.samples, args.recipe, args.seeds,
                        args.restarts, args.size, args.precision)]
    failed: dict[str, Exception] = {}
    if experiments:
        failed = study(experiments, args.out, _command(), args.workers, args.scheduler,
                       args.device, args.threads, args.minutes, args.fast, args.at_once)
    found = table(args.out)
    write_whole(args.out / "table.md", found.markdown().encode())
    if experiments:
        found.figure().savefig(args.out / "table.png", dpi=100, bbox_inches="tight")
    print(found.markdown())
    if others := {one.method for one in experiments} - set(SEVEN):
        print(f"the table has the paper's seven methods only; the results of {', '.join(others)} "
              f"are the .json files in {args.out}")
    print(f"{len(failed)} runs failed: the same command tries them again" if failed else
          f"wrote {args.out}/table.md")
    return int(bool(failed))


def _command() -> str:
    return "python -m acai_lite " + shlex.join(sys.argv[1:])
