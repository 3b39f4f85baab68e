"""The table: a grid of runs, one result file each, here, on local workers or on a Dask cluster; and the table made of them.

A run that has its result file is not run again, an unfinished one goes on where it stood: the same command, given again,
finishes the study. Workers share the folder of the results.
"""
import json
import math
import signal
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import torch

from ..data import load
from ..lines import score_lines
from ..probes import cluster_accuracy, encode_all, linear_probe, reconstruction_error
from ..interpolation import interpolate_images
from ..recipes import build, change
from ..fast import fit
from ..training import POINTS, new_probe
from ..waves import score_waves
from ..checkpoints import make_receipt, save_checkpoint
from ..files.records import write_whole
from .films import Camera
from ..files.progress import spell
from ..files.records import read_record
from ..files.threads import available_cpus

SEVEN = ("baseline", "dropout", "denoising", "vae", "aae", "vqvae", "acai")
THREE = ("baseline", "denoising", "acai")
# The paper's table, what tells most first: data, code sizes, methods
PAPER_GRID = (("mnist", [32], SEVEN), ("mnist", [256], THREE), ("cifar10", [256, 1024], THREE), ("lines", [None], SEVEN))
LAST = 20                                       # evaluations whose median the paper reports
_images = lru_cache(maxsize=1)(load)


@dataclass(frozen=True)
class Cell:
    """One run of the grid: what is trained on what, how, how long and with which seed."""
    method: str
    data: str
    code_size: int | None                       # None: the paper's
    samples: int
    recipe: str = "paper"
    seed: int = 0
    restarts: int = 50                          # of k-means

    @property
    def name(self):
        size = self.code_size or build(self.method, self.data, recipe="lab").code_size
        return f"{self.data}-{self.method}-{size}-{self.recipe}-{self.samples}" + (f"-seed{self.seed}" if self.seed else "")


def train(model, images, samples, recipe, out, name, command, seed=0, device=None, film=0, restarts=50,
          partial=True, quiet=False, until=math.inf, fast=False):
    """Train, score and record one model: writes `name`.safetensors, .json and .png into `out`; returns the receipt.

    An unfinished run goes on from `name`.state. partial: a run stopped by hand is scored and kept as far as it went, beside
    that file; else only that file is. film: shots of the paths while it learns. restarts: of k-means (0: no clustering).
    fast: as in `fit`.
    """
    from ..figures import strips
    if film and len(model.image_shape) == 2:
        raise ValueError(f"{images.name}: a film is of images, not of signals")
    write_whole(out / f"{name}.log", b"")                              # a folder that cannot be written fails now
    state, total = out / f"{name}.state", samples - samples % recipe.batch_size
    camera = Camera(model, images, out / f"{name}-film.png", total, film, state.exists()) if film else None
    if camera:
        camera({"samples": 0})
    labelled = images.train_labels is not None                         # without labels: no classifier, no clustering
    probe = new_probe(model, images, seed) if labelled else None

    @torch.no_grad()
    def look(point):
        if labelled and point["samples"] > total * (1 - LAST / POINTS):
            features = encode_all(model, images.test_images, what="features").to(probe.weight)
            point["test_accuracy"] = float((probe(features).argmax(1).cpu() == images.test_labels).double().mean())
        if camera:
            camera(point)
        if time.monotonic() > until and point["samples"] < total:
            signal.raise_signal(signal.SIGINT)

    history = fit(model, images, samples, recipe, probe=probe, seed=seed, device=device, resume=state, on_report=look,
                  quiet=quiet, fast=fast)
    if history.interrupted and not partial:
        raise KeyboardInterrupt(f"{name} was stopped; the same command goes on with it")
    online = [point["test_accuracy"] for point in history.points if "test_accuracy" in point]
    test, test_labels = images.test_images, images.test_labels
    scores, seen = {"reconstruction_error": reconstruction_error(model, test)}, {}
    for what in ("features", "samples")[:labelled * (1 + bool(restarts))]:
        same = seen and torch.equal(encode_all(model, test[:2], what=what), seen["features"][1][:2])
        both = images.train_images, test
        seen[what] = seen["features"] if same else [encode_all(model, part, what=what) for part in both]
    if labelled:
        scores["probe_accuracy"] = linear_probe(seen["features"][0], images.train_labels, seen["features"][1], test_labels)
    if online:
        scores["online_probe_accuracy"] = median(online)
    if restarts and labelled:
        scores["cluster_accuracy"] = cluster_accuracy(*seen["samples"], test_labels, restarts)
    if images.name in ("lines", "waves"):
        found = (score_lines if images.name == "lines" else score_waves)(model, images)
        scores |= {key: getattr(found, key) for key in ("mean_distance", "smoothness", "end_error")}
    receipt = make_receipt(model, images.name, history, scores, command)
    save_checkpoint(model, out / f"{name}.safetensors", receipt)
    ends = test[:16].to(next(model.parameters()))
    half = max(1, len(ends) // 2)
    strips(interpolate_images(model, ends[:half], ends[-half:], 11),
           f"{half} paths between test images of {images.name}, decoded by the trained model.").savefig(
        out / f"{name}.png", dpi=100, bbox_inches="tight")
    if camera:
        camera.save({**receipt, "points": history.points})
    write_whole(out / f"{name}.json", (json.dumps({**receipt, "points": history.points}, indent=1) + "\n").encode())
    (out / f"{name}.log").unlink()
    if not history.interrupted:
        state.unlink(missing_ok=True)                                  # last: a crash before this line repeats no training
    return receipt


def run(cell, out, command, device=None, threads=None, fast=False, quiet=True, until=math.inf):
    """Run one cell unless its result is there. Returns (result, seconds that this took now); pins this process' threads."""
    began, path = time.monotonic(), Path(out) / f"{cell.name}.json"
    if path.exists():
        return read_record(path), 0.0
    if threads:
        torch.set_num_threads(threads)
    recipe = change(cell.recipe, {})
    model = build(cell.method, cell.data, cell.code_size, recipe, cell.seed)
    receipt = train(model, _images(cell.data), cell.samples, recipe, Path(out), cell.name, command, cell.seed, device,
                    restarts=cell.restarts, partial=False, quiet=quiet, until=until, fast=fast)
    return receipt, time.monotonic() - began


def grid(methods, data, code_sizes, samples, recipe="paper", seeds=1, restarts=50):
    """Cells for every combination; seeds: how many, from 0 on. Raises ValueError for what cannot be built, before hours."""
    cells = [Cell(method, data, size, samples, recipe, seed, restarts)
             for seed in range(seeds) for size in code_sizes for method in methods]
    for cell in cells:
        build(cell.method, cell.data, cell.code_size, "lab")
    return cells


def paper_grid(seeds=1):
    """Cells for the paper's table at the paper's budget and recipe, what tells most first, then more seeds."""
    every = [cell for data, sizes, methods in PAPER_GRID for cell in grid(methods, data, sizes, 2 ** 24, seeds=seeds)]
    return sorted(every, key=lambda cell: cell.seed)


def study(cells, out, command="", workers=0, scheduler=None, device=None, threads=None, minutes=None, fast=False,
          say=print):
    """Run all cells that have no result yet. Returns {name: exception} of those that failed; the others are there.

    workers: 0 runs them in this process, one after the other; n > 0 in n processes; scheduler: address of a Dask scheduler,
    whose workers see the folder `out` under the same path. threads: of each run (default: as torch is set; the processors
    shared evenly among n workers; what a Dask worker has). minutes: train no longer than that (one process only), raise
    KeyboardInterrupt if something is left; the same call goes on. fast: as in `fit`.
    """
    if minutes is not None and (workers or scheduler or not minutes > 0):
        raise ValueError(f"minutes must be positive and go with one process: no workers, no scheduler; got {minutes}")
    out = Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    todo = [cell for cell in cells if not (out / f"{cell.name}.json").exists()]
    say(f"{len(cells)} runs, {len(cells) - len(todo)} of them done before; results in {out}")
    failed, took, began = {}, [], time.monotonic()
    if workers and not threads:
        threads = max(1, available_cpus() // workers)

    def tell(cell, result):
        try:
            receipt, seconds = result()
            took.append(seconds)
            left = (time.monotonic() - began) / len(took) * (len(todo) - len(took) - len(failed))
            text = f"online {receipt['online_probe_accuracy'] or 0:.1%}, {spell(seconds)}; about {spell(left)} left"
        except Exception as error:
            failed[cell.name] = error
            text = f"FAILED: {error}"
        say(f"[{len(took) + len(failed)}/{len(todo)}] {cell.name}: {text}")

    if scheduler:
        from dask.distributed import Client
        from dask.distributed import as_completed as completed
        with Client(scheduler) as client:
            how = dict(pure=False, retries=2)
            futures = {client.submit(run, cell, out, command, device, threads, fast, key=cell.name, **how): cell
                       for cell in todo}
            for future in completed(list(futures)):
                tell(futures[future], future.result)
    elif workers:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            futures = {pool.submit(run, cell, out, command, device, threads, fast): cell for cell in todo}
            for future in as_completed(futures):
                tell(futures[future], future.result)
    else:
        until = began + 60 * (math.inf if minutes is None else minutes)
        for cell in todo:
            if time.monotonic() > until:
                raise KeyboardInterrupt(f"{cell.name} and what follows is left; the same call goes on")
            tell(cell, lambda cell=cell: run(cell, out, command, device, threads, fast, quiet=False, until=until))
    return failed
