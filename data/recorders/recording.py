"""What the recorders share: arguments, data, runs at once, receipts and writing.

Every recorder takes --out FOLDER, the folder of results to write into (default data/results), and
--quick, which makes runs and data sets tiny, to see that a recorder works. The numbers of a quick
run mean nothing, so it writes into a temporary folder unless you name one.
"""
import argparse
import json
import math
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

import acai_lite as al
from acai_lite.data import ImageSet
from acai_lite.files.checkout import checkout, commit_of_checkout
from acai_lite.files.records import read_record, write_whole

QUICK = "--quick" in sys.argv                   # worker processes start with the same arguments


def arguments(doc: str, workers: int = 0, out: Path | None = None) -> argparse.ArgumentParser:
    """A parser with the shared arguments. workers: the default of --workers; 0: there is none."""
    as_it_is = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=doc, formatter_class=as_it_is)
    out = Path(tempfile.mkdtemp()) / "results" if QUICK else out or checkout() / "data" / "results"
    parser.add_argument("--out", type=Path, default=out, metavar="FOLDER",
                        help="default: %(default)s")
    parser.add_argument("--quick", action="store_true",
                        help="tiny runs, whose numbers mean nothing")
    if workers:
        parser.add_argument("--workers", type=int, default=workers,
                            help="runs at once, one thread each")
    return parser


def budget(count: int, quick: int = 128) -> int:
    """`count` (samples of a run, pairs, models), or `quick` at most with --quick."""
    return min(count, quick) if QUICK else count


def load(name: str, quick: int = 1_100) -> ImageSet:
    """The data set; with --quick only its first `quick` training and test images."""
    images = al.load(name)
    if not QUICK or name in ("lines", "waves"):                        # these are drawn, not read
        return images
    return ImageSet(name, images.train_images.stored[:quick], images.train_labels[:quick],
                    images.test_images.stored[:quick], images.test_labels[:quick], images.classes)


def trained_classifier(images: ImageSet, samples: int) -> tuple:
    """The classifier of path scores, seed 0, and what a record says of it."""
    classifier = al.train_classifier(images, budget(samples), seed=0)
    return classifier, {"samples": samples, "seed": 0, "accuracy": classifier.accuracy}


def at_once(workers: int, function: Callable, jobs: Iterable[tuple]) -> Iterator:
    """Yields function(*job) for each job as it ends, each in a fresh process, `workers` of them at
    a time."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for future in as_completed([pool.submit(function, *job) for job in jobs]):
            yield future.result()


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def receipt(script: str, *words: str) -> dict:
    """Commit, command and date. script: __file__ of the recorder; words: what follows it in the
    command."""
    command = " ".join(("python", f"data/recorders/{Path(script).name}", *words))
    return {"commit": commit_of_checkout(), "command": command, "date": today()}


def machine() -> dict:
    """Where a recorder runs that uses one processor."""
    return {"threads": torch.get_num_threads(), "device": "cpu", "machine": platform.machine(),
            "versions": {"python": platform.python_version(), "torch": torch.__version__}}


def before(path: Path, empty: dict) -> dict:
    """The record at `path`, so that its runs are not run again, or `empty`."""
    return read_record(path) if path.exists() else empty


def write(path: Path, record: dict) -> None:
    """Write a record; NaN and infinity become null, as in receipts."""
    write_whole(path, (json.dumps(finite(record), indent=1) + "\n").encode())


def finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
