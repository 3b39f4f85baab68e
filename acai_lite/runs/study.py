"""A study: many experiments, one result file each, here, on local workers or on a Dask cluster.

An experiment that has its result file is not run again, an unfinished one goes on where it stood:
the same command, given again, finishes the study. Workers share the folder of the results.
"""
import json
import math
import os
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import torch

from ..autoencoders import ACAI, Autoencoder, Model
from ..checkpoints import checkpoint, checkpoint_path, make_receipt, save_checkpoint
from ..data import Images, ImageSet, load
from ..fast import check_precision, fit, new_session
from ..files.catalogue import CATALOGUE
from ..files.folders import folder_name
from ..files.progress import spell
from ..files.records import check_writable, digest_of_file, read_record, write_whole
from ..files.threads import available_cpus
from ..interpolation import interpolate_images
from ..lines import line_results
from ..probes import cluster_accuracy, encode_all, linear_probe, reconstruction_error
from ..recipes import RECIPES, Recipe, get_recipe
from ..together import recordable, train_together
from ..training import POINTS, History, Session, fingerprint, identity, new_probe
from ..waves import score_waves
from ..zoo import build, method_name
from .films import Camera

SEVEN = ("baseline", "dropout", "denoising", "vae", "aae", "vqvae", "acai")
THREE = ("baseline", "denoising", "acai")
PAPER_BUDGET = 2 ** 24                          # samples: 262,144 steps of 64
# The paper's table, the most telling experiments first: data, code sizes, methods
PAPER_GRID: tuple[tuple[str, Sequence[int | None], Sequence[str]], ...] = (
    ("mnist", [32], SEVEN), ("mnist", [256], THREE), ("cifar10", [256, 1024], THREE),
    ("lines", [None], SEVEN))
Job = Generator[dict[str, Any], History, dict[str, Any]]
LAST = 20                                       # evaluations whose median the paper reports
CHEAP = replace(RECIPES["lab"], standardise=False)      # to build with, and measures no data
_images = lru_cache(maxsize=1)(load)


@dataclass(frozen=True)
class Experiment:
    """Which method is trained on which data, how, for how long, and with which seed.

    data: name of a data set, or the path of a folder of images, which are brought to size x size.
    code_size: None for the paper's. samples: images to train on. restarts: of k-means; 0 for no
    clustering. film: shots of the paths during training. label: of its files, instead of the one
    made of the other fields. precision: as in `fit`. start: name or path of a checkpoint to go on
    from; of method acai's autoencoder alone, it gets a new critic.
    """
    method: str
    data: str
    code_size: int | None = None
    samples: int = PAPER_BUDGET
    recipe: str | Recipe = "paper"
    seed: int = 0
    restarts: int = 50
    size: int = 32
    film: int = 0
    label: str = ""
    precision: str = "float32"
    start: str = ""

    def images(self) -> ImageSet:
        return _images(self.data, size=self.size)

    def build(self) -> Model:
        """The untrained model, or the one to start from. Raises ValueError if that is of another
        method or code size."""
        if not self.start:
            return build(self.method, self.images(), self.code_size, self.recipe, self.seed)
        model = checkpoint(self.start)
        if self.method.startswith("acai") and isinstance(model, Autoencoder):
            model = ACAI(model, seed=self.seed)
        found = method_name(model.config)
        if (self.method, self.code_size or model.code_size) != (found, model.code_size):
            raise ValueError(f"{self.start} gives {found} with {model.code_size} dimensions; asked "
                             f"were {self.method}, {self.code_size or model.code_size}")
        return model

    def identity(self, model: Model) -> dict[str, Any]:
        """What makes a run of this experiment the same run (`training.identity`)."""
        images = self.images()
        labelled = images.train_labels is not None and images.test_labels is not None
        found = identity(model, images, self.samples, get_recipe(self.recipe), None,
                         labelled and bool(model.code_shape), self.seed, self.precision)
        return found | ({"start": digest_of_file(checkpoint_path(self.start))} if self.start
                        else {})

    def dimensions(self) -> int:
        """Of a code; loads a folder, but no other data. Raises ValueError if it cannot be built."""
        data = self.data if self.data in CATALOGUE and self.size == 32 else self.images()
        return build(self.method, data, self.code_size, CHEAP).code_size

    @cached_property
    def name(self) -> str:
        """Of its files, without the ending."""
        if self.label:
            return self.label
        data = self.data if self.data in CATALOGUE else folder_name(self.data, CATALOGUE)
        code_size, recipe = self.code_size or self.dimensions(), get_recipe(self.recipe)
        return f"{data}-{self.method}-{code_size}-{recipe.name}-{self.samples}{self.suffix}"

    @property
    def suffix(self) -> str:
        """What the names of files end in: size, precision and seed, unless they are the usual
        ones."""
        return ((f"-{self.size}px" if self.size != 32 else "")
                + (f"-{self.precision}" if self.precision != "float32" else "")
                + (f"-seed{self.seed}" if self.seed else ""))


def train(model: Model, images: ImageSet, experiment: Experiment, out: Path,
          command: str = "", device: str | None = None, fast: bool = False, quiet: bool = False,
          until: float | None = None) -> dict[str, Any]:
    """Train, score and record one model: writes NAME.safetensors, .json and .png into `out`, with
    the experiment's name, and returns the receipt. An unfinished run goes on from NAME.state.

    model: built by the experiment, or trained before. images: the experiment's. command: for the
    receipt. device, fast, quiet: as in `fit`. until: None scores and keeps a run that was stopped
    by hand as far as it went, beside its state. A time (of `time.monotonic`) ends training at the
    next point of its history; a run that is unfinished then keeps its state only, and
    KeyboardInterrupt is raised. Without labels there is no classifier and no clustering. Raises,
    before training, OSError if `out` cannot be written, ValueError for a set without test images
    or a film of signals.
    """
    job = _job(model, images, experiment, out, command, until)
    return _end(job, fit(**next(job), device=device, fast=fast, quiet=quiet))


def _end(job: Job, history: History) -> dict[str, Any]:
    """The receipt of a job whose run is over."""
    try:
        job.send(history)
    except StopIteration as end:
        return dict(end.value)
    raise RuntimeError("a job asks for one run only")


def _job(model: Model, images: ImageSet, experiment: Experiment, out: Path, command: str,
         until: float | None) -> Job:
    """What `train` does but for the training: yields `fit`'s arguments and is sent the history."""
    from ..figures import strips
    name, recipe = experiment.name, get_recipe(experiment.recipe)
    test = images.test_images
    if test is None:
        raise ValueError(f"{images.name} has no test images, which the scores are of")
    if experiment.film and len(model.image_shape) == 2:
        raise ValueError(f"{images.name}: a film is of images, not of signals")
    check_writable(out / f"{name}.json")
    total = experiment.samples - experiment.samples % recipe.batch_size
    mine = fingerprint(experiment.identity(model))
    _check_same(out / f"{name}.json", mine)
    state, camera = out / f"{name}{f'-{mine}' if experiment.start else ''}.state", None
    if experiment.film:
        path = out / f"{name}-film.png"
        camera = Camera(model, images, path, total, experiment.film, state.exists())
        camera({"samples": 0})
    labelled = images.train_labels is not None and images.test_labels is not None
    probe = new_probe(model, images, experiment.seed) if labelled else None

    @torch.no_grad()
    def look(point: dict[str, float]) -> bool:
        if probe is not None and point["samples"] > total * (1 - LAST / POINTS):
            features = encode_all(model, test, what="features").to(next(probe.parameters()))
            right = probe(features).argmax(1).cpu() == images.test_labels
            point["test_accuracy"] = float(right.double().mean())
        if camera:
            camera(point)
        return until is not None and time.monotonic() > until and point["samples"] < total

    history = yield {"model": model, "images": images, "samples": experiment.samples,
                     "recipe": recipe, "probe": probe or False, "seed": experiment.seed,
                     "resume": state, "on_report": look, "precision": experiment.precision}
    if history.interrupted and until is not None:
        raise KeyboardInterrupt(f"{name} was stopped; the same command goes on with it")
    scores = _scores(model, images, test, experiment.restarts)
    online = [point["test_accuracy"] for point in history.points if "test_accuracy" in point]
    if online:
        scores["online_probe_accuracy"] = median(online)
    receipt = make_receipt(model, images.name, history, scores, command) | {
        "images": images.digest, "fingerprint": mine}
    save_checkpoint(model, out / f"{name}.safetensors", receipt)
    ends = test[:16].to(next(model.parameters()))
    half = max(1, len(ends) // 2)
    figure = strips(interpolate_images(model, ends[:half], ends[-half:], 11),
                    f"{half} paths between test images of {images.name}, decoded by the model.")
    figure.savefig(out / f"{name}.png", dpi=100, bbox_inches="tight")
    record = {**receipt, "points": history.points}
    if camera:
        camera.save(record)
    write_whole(out / f"{name}.json", (json.dumps(record, indent=1) + "\n").encode())
    if not history.interrupted:
        state.unlink(missing_ok=True)           # last: a crash before this line costs no training
    return receipt


def _check_same(path: Path, mine: str) -> dict[str, Any] | None:
    """The result in a file, or None. Raises ValueError if it is of another run than `mine`, a
    fingerprint; older results have none."""
    if not path.exists():
        return None
    found = read_record(path)
    if found.get("fingerprint", mine) != mine:
        raise ValueError(
            f"{path} holds another run ({found.get('samples')} samples, seed {found.get('seed')}, "
            f"of {found.get('date')}: other data, settings, samples or start): give another name "
            "or folder, or move it away")
    return found


def _scores(model: Model, images: ImageSet, test: Images, restarts: int) -> dict[str, float]:
    """What a trained model scores, by the names of `make_receipt`. restarts: of k-means."""
    train, labels = images.train_images, images.test_labels
    scores = {"reconstruction_error": reconstruction_error(model, test)}
    if images.train_labels is not None and labels is not None:
        codes, features = (encode_all(model, x, what="features") for x in (train, test))
        scores["probe_accuracy"] = linear_probe(codes, images.train_labels, features, labels)
        if restarts:
            two = encode_all(model, test[:2], what="samples")
            if not torch.equal(two, features[:2]):                     # VAE, VQ-VAE
                codes, features = (encode_all(model, x, what="samples") for x in (train, test))
            scores["cluster_accuracy"] = cluster_accuracy(codes, features, labels, restarts)
    if images.name == "lines":
        scores |= line_results(model, images)
    elif images.name == "waves":
        found = score_waves(model, images)
        scores |= {key: getattr(found, key) for key in ("mean_distance", "smoothness", "end_error")}
    return scores


def run(experiment: Experiment, out: str | Path, command: str = "", device: str | None = None,
        threads: int | None = None, fast: bool = False, quiet: bool = True,
        until: float = math.inf) -> tuple[dict[str, Any], float]:
    """Run one experiment unless its result is there. Returns (result, seconds that it took now).

    threads: of this process from now on (None: as it is). until: as in `train`.
    """
    began, path = time.monotonic(), Path(out) / f"{experiment.name}.json"
    if path.exists():
        model = experiment.build()
        return _check_same(path, fingerprint(experiment.identity(model))) or {}, 0.0
    if threads:
        torch.set_num_threads(threads)
    receipt = train(experiment.build(), experiment.images(), experiment, Path(out), command, device,
                    fast, quiet, until)
    return receipt, time.monotonic() - began


def run_together(experiments: Sequence[Experiment], out: str | Path, command: str = "",
                 device: str | None = None, until: float = math.inf) -> list[dict[str, Any]]:
    """The results of experiments whose models are `recordable` (together.py), trained side by side
    with the fast step. Arguments and errors: `train`'s; an error ends them all."""
    there: dict[tuple[str, int], ImageSet] = {}         # on the device once
    jobs: list[Job] = []
    sessions: list[Session] = []
    for one in experiments:
        images = one.images()
        job = _job(one.build(), images, one, Path(out), command, until)
        given = next(job)
        if device == "cuda":
            given["images"] = there.setdefault((one.data, one.size), images.on(device))
        jobs.append(job)
        sessions.append(new_session(**given, device=device, quiet=bool(sessions), fast=True))
    return [_end(job, history)
            for job, history in zip(jobs, train_together(sessions), strict=True)]


def run_group(group: Sequence[Experiment], out: Path, command: str = "", device: str | None = None,
              threads: int | None = None, fast: bool = False, quiet: bool = True,
              until: float = math.inf, say: Callable[[str], Any] = print
              ) -> list[tuple[dict[str, Any] | Exception, float]]:
    """[(result or error, seconds)] of experiments trained side by side; if that fails, or there is
    one only, of one after the other. A group that was killed goes on with what has no result."""
    if threads:
        torch.set_num_threads(threads)
    left = [one for one in group if not (out / f"{one.name}.json").exists()]
    began, found = time.monotonic(), []
    if len(left) > 1:
        try:
            run_together(left, out, command, device, until)
        except Exception as error:                      # each alone says which of them it was
            say(f"side by side: FAILED: {error}; now one after the other")
    shared = (time.monotonic() - began) / max(1, len(left))
    for one in group:
        result: dict[str, Any] | Exception
        try:
            result, seconds = run(one, out, command, device, None, fast, quiet, until)
        except Exception as error:
            result, seconds = error, 0.0
        found.append((result, seconds + shared))
    return found


def grid(methods: Sequence[str], data: str, code_sizes: Sequence[int | None], samples: int,
         recipe: str = "paper", seeds: int = 1, restarts: int = 50, size: int = 32,
         precision: str = "float32") -> list[Experiment]:
    """Experiments for every combination; seeds: how many, from 0 on; the rest: see `Experiment`.

    Raises, before hours of training, ValueError for what cannot be built, FileNotFoundError for a
    folder that is absent.
    """
    if "/" in data or os.sep in data:
        data = os.path.realpath(os.path.expanduser(data))              # workers may run elsewhere
    check_precision(precision)
    first = [Experiment(method, data, code_size, samples, recipe, 0, restarts, size,
                        precision=precision)
             for code_size in code_sizes for method in methods]
    first = [replace(experiment, code_size=experiment.dimensions()) for experiment in first]
    return [replace(experiment, seed=seed) for seed in range(seeds) for experiment in first]


def paper_grid(seeds: int = 1) -> list[Experiment]:
    """The paper's table at its budget and recipe, the most telling first, then more seeds."""
    every = [experiment for data, sizes, methods in PAPER_GRID
             for experiment in grid(methods, data, sizes, PAPER_BUDGET, seeds=seeds)]
    return sorted(every, key=lambda experiment: experiment.seed)


def _groups(experiments: Sequence[Experiment], size: int) -> list[list[Experiment]]:
    """In their order: what can be recorded in groups of `size`, the rest alone."""
    groups: list[list[Experiment]] = []
    open_group: list[Experiment] = []
    for one in experiments:
        if size < 2 or not recordable(build(one.method, "lines", recipe=CHEAP)):
            groups.append([one])
            continue
        if not open_group or len(open_group) == size:
            open_group = []
            groups.append(open_group)
        open_group.append(one)
    return groups


def study(experiments: Sequence[Experiment], out: str | Path, command: str = "", workers: int = 0,
          scheduler: str | None = None, device: str | None = None, threads: int | None = None,
          minutes: float | None = None, fast: bool = False, at_once: int = 1,
          say: Callable[[str], Any] = print) -> dict[str, Exception]:
    """Run all experiments that have no result yet. Returns {name: exception} of those that failed.

    workers: 0 runs them in this process, one after the other; n > 0 in n processes. scheduler:
    address of a Dask scheduler, whose workers see the folder `out` under the same path. threads:
    of each run (default: as torch is set; the processors shared evenly among n workers; what a
    Dask worker has). minutes: train no longer than that (one process only), and raise
    KeyboardInterrupt if something is left; the same call goes on. fast: as in `fit`. at_once: how
    many runs this process, or each Dask worker, trains side by side on its GPU, with the fast step
    (what a GPU cannot record comes alone).
    """
    if at_once > 1 and workers:
        raise ValueError("at_once goes with one process for each GPU: no workers")
    if minutes is not None and (workers or scheduler or not minutes > 0):
        raise ValueError("minutes must be positive and go with one process: no workers, no "
                         f"scheduler; got {minutes}")
    out = Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    todo = [one for one in experiments if not (out / f"{one.name}.json").exists()]
    done = len(experiments) - len(todo)
    for one in experiments:                     # what is there must be of these experiments
        with suppress(FileNotFoundError):       # a table can be made without the data
            if one not in todo:
                run(one, out)
    say(f"{len(experiments)} runs, {done} of them done before; results in {out}")
    failed: dict[str, Exception] = {}
    took: list[float] = []
    began = time.monotonic()
    if workers and not threads:
        threads = max(1, available_cpus() // workers)

    def tell(group: list[Experiment],
             results: Callable[[], list[tuple[dict[str, Any] | Exception, float]]]) -> None:
        try:
            found = results()
        except Exception as error:                      # the worker's
            found = [(error, 0.0)] * len(group)
        for one, (result, seconds) in zip(group, found, strict=True):
            if isinstance(result, Exception):
                failed[one.name] = result
                text = f"FAILED: {result}"
            else:
                took.append(seconds)
                left = (time.monotonic() - began) / len(took) * (
                    len(todo) - len(took) - len(failed))
                online = result["online_probe_accuracy"]
                text = "" if online is None else f"online {online:.1%}, "
                text += f"{spell(seconds)}; about {spell(left)} left"
            say(f"[{len(took) + len(failed)}/{len(todo)}] {one.name}: {text}")

    how, groups = (out, command, device, threads, fast), _groups(todo, at_once)
    if scheduler:
        from dask.distributed import Client
        from dask.distributed import as_completed as completed
        with Client(scheduler) as client:
            sent = {client.submit(run_group, group, *how, key=group[0].name, pure=False, retries=2):
                    group for group in groups}
            for answer in completed(list(sent)):
                tell(sent[answer], answer.result)
    elif workers:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            given = {pool.submit(run_group, group, *how): group for group in groups}
            for future in as_completed(given):
                tell(given[future], future.result)
    else:
        until = began + 60 * (math.inf if minutes is None else minutes)
        for group in groups:
            if time.monotonic() > until:
                raise KeyboardInterrupt(f"{group[0].name} and the rest are left; the same call "
                                        "goes on")
            tell(group, partial(run_group, group, *how, quiet=False, until=until, say=say))
    return failed
