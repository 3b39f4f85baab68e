"""Training: one step of all players (`Run.update`), and the loop around it (`fit`).

A step draws its randomness, runs one forward pass that all players share, takes every player's
loss, then the gradient of each loss with respect to that player's own parameters, and only then
moves all of them, all at once (as in the paper). The order of the data and the noise of step k
depend on (seed, k) alone, so a resumed run repeats an uninterrupted one.
"""
import hashlib
import inspect
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .autoencoders import Model, Out
from .data import ImageSet
from .files.progress import Progress, stop_button
from .files.records import check_writable
from .files.states import go_on, save_state
from .files.validation import plain, whole
from .networks import initialise
from .recipes import PLAYERS, Recipe, get_recipe

Losses = Callable[[Any, Tensor, Out, float], Mapping[str, Tensor]]
POINTS = 100                # how many points a full history has
SAVE_SECONDS = 5            # a resumable run is saved at a point of its history, this often at most


@dataclass
class History:
    """What a run left behind, beside the trained model.

    points: one {"samples", player: mean loss since the last point, ..., "probe_accuracy"} per
    hundredth of the run. probe: the online probe, codes (B, d) -> logits (B, classes), or None.
    interrupted: True if it was stopped by hand. samples, seconds, steps, recipe (settings), seed,
    device, threads, precision: for receipts.
    """
    points: list[dict[str, float]] = field(default_factory=list)
    probe: nn.Module | None = None
    samples: int = 0
    steps: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    recipe: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"

    def __repr__(self) -> str:
        return (
            f"History({self.samples:,} samples in {self.seconds:.0f} s, {len(self.points)} points)")

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """(samples, values) of a player's loss or of "probe_accuracy"; points where it was not
        measured are left out."""
        rows = [p for p in self.points if name in p]
        return [p["samples"] for p in rows], [p[name] for p in rows]


class Run:
    """All that changes while a model trains: weights, optimisers, averages, place in the run; and
    one step of it.

    probe: the online classifier, a player of its own, or None. losses:
    (model, x, out, ramp) -> {player: scalar}; None: the model's own. Raises ValueError if a
    parameter belongs to two players.
    """

    precision = "float32"

    def __init__(self, model: Model, probe: nn.Module | None, recipe: Recipe,
                 losses: Losses | None = None):
        self.model, self.probe, self.recipe, self.step = model, probe, recipe, 0
        self.losses: Losses = losses or type(model).losses
        self.players = dict(model.players())
        if unknown := [one for one in recipe.rates if one not in (*self.players, *PLAYERS)]:
            raise ValueError(f"the recipe has a rate for the player {unknown[0]!r}, which there is "
                             f"not: this model has {', '.join(self.players)}")
        if probe is not None:
            self.players["probe"] = list(probe.parameters())
        self.owned = [p for parameters in self.players.values() for p in parameters]
        if len({id(p) for p in self.owned}) != len(self.owned):
            raise ValueError("a parameter belongs to two players")
        self.optimisers = {player: self.optimiser(parameters)
                           for player, parameters in self.players.items()}
        self.average = [p.detach().clone() for p in self.owned] if recipe.averaging else []

    def optimiser(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=1.0, fused=True)  # the rate is set at each step

    def advance(self, x: Tensor, labels: Tensor | None, total: int, seed: int) -> dict[str, Tensor]:
        """Step number `self.step` of `total`. Returns {player: loss} without waiting for the
        device."""
        logged = self.update(x=x, labels=labels, **self.given(x, self.step, total, seed))
        self.step += 1
        return logged

    def given(self, x: Tensor, step: int, total: int, seed: int) -> dict[str, Any]:
        """What `update` needs beside the batch, for step number `step` of `total`: noise for images
        like x, where they are, and the settings of that moment."""
        share = step / total
        # early on, a plain mean of the first steps
        decay = min(self.recipe.averaging, 1 - 1 / (step + 2))
        return {"drawn": self.model.draw(x, generator(seed, 2, step)),
                "ramp": self.recipe.critic_weight(share), "fresh": 1 - decay,
                "rates": {player: self.recipe.rate(player, share) for player in self.players}}

    def update(self, x: Tensor, labels: Tensor | None, drawn: dict[str, Tensor], ramp: float,
             fresh: float, rates: dict[str, float]) -> dict[str, Tensor]:
        """One step of all players: one forward pass, every gradient, and only then every update."""
        out = self.forward(x, drawn)
        values = dict(self.losses(self.model, x, out, ramp))
        if self.probe is not None:
            logits = self.probe(out.features.detach().flatten(1))
            values["probe"] = nn.functional.cross_entropy(logits, labels)  # type: ignore[arg-type]
        if set(values) != set(self.players):
            raise ValueError(
                f"losses for {sorted(values)}, but the players are {sorted(self.players)}")
        gradients = self.gradients(x, out, ramp, values)
        for player, optimiser in self.optimisers.items():
            for parameter, gradient in zip(self.players[player], gradients[player], strict=True):
                # fused Adam reads both as they lie in memory
                if gradient.stride() != parameter.stride():
                    gradient = torch.empty_like(parameter).copy_(gradient)
                parameter.grad = gradient
            optimiser.param_groups[0]["lr"] = rates[player]
            optimiser.step()
            optimiser.zero_grad()
        self.model.after_step(out)
        if self.average:
            self.update_average(fresh)
        logged = {player: value.detach() for player, value in values.items()}
        if self.probe is not None:
            logged["probe_accuracy"] = (logits.argmax(1) == labels).float().mean()
        return logged

    def forward(self, x: Tensor, drawn: dict[str, Tensor]) -> Out:
        """The forward pass that all players share."""
        return self.model.run(x, **drawn)

    def gradients(self, x: Tensor, out: Out, ramp: float,
                  values: dict[str, Tensor]) -> dict[str, Any]:
        """{player: the gradient of its own loss, one tensor for each of its own parameters}."""
        return {player: torch.autograd.grad(values[player], parameters, retain_graph=True)
                for player, parameters in self.players.items()}

    @torch.no_grad()
    def update_average(self, fresh: float) -> None:
        """Move the averages towards the weights: average = (1 - fresh) * average + fresh *
        weight."""
        for average, weight in zip(self.average, self.owned, strict=True):
            average.lerp_(weight, fresh)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The model with its averaged weights, for as long as the block lasts."""
        mine = [p.detach().clone() for p in self.owned] if self.average else []
        self.set_weights(self.average)
        self.model.eval()
        try:
            yield
        finally:
            self.set_weights(mine)
            self.model.train()

    @torch.no_grad()
    def set_weights(self, weights: list[Tensor]) -> None:
        """Give the players these weights; an empty list leaves them alone."""
        for parameter, weight in zip(self.owned, weights, strict=False):
            parameter.copy_(weight)

    def state(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(),
                "probe": self.probe.state_dict() if self.probe else None,
                "optimisers": {player: o.state_dict() for player, o in self.optimisers.items()},
                "average": self.average, "step": self.step}

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        if self.probe is not None:
            self.probe.load_state_dict(state["probe"])
        for player, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][player])
        for mine, saved in zip(self.average, state["average"], strict=True):
            mine.copy_(saved)
        self.step = state["step"]


def generator(*numbers: int) -> torch.Generator:
    """A generator seeded by a tuple of integers, e.g. (seed, stream, step)."""
    return torch.Generator().manual_seed(
        int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]) >> 1)


def _parts(images: ImageSet, size: int, seed: int, step: int) -> Iterator[Tensor]:
    """Endless parts of the data (`ImageSet.parts`) from step `step` on; every pass is shuffled
    anew."""
    per_pass = len(images.train_images) // size
    if per_pass == 0:
        raise ValueError(f"{images.name}: a batch of {size} needs at least as many training "
                         f"images; got {len(images.train_images)}")
    while True:
        done, start = divmod(step, per_pass)
        for part in images.parts("train", size, generator(seed, 1, done), start):
            yield part
            step += 1


def fit(model: Model, images: ImageSet | Tensor | np.ndarray, samples: int,
        recipe: Recipe | str = "paper", losses: Losses | None = None,
        probe: bool | nn.Module = True, seed: int = 0, device: torch.device | str | None = None,
        resume: str | PathLike | None = None, on_report: Callable[[dict[str, float]], Any]
        | None = None, quiet: bool = False, run: type[Run] = Run) -> History:
    """Train `model` in place on `images.train_images`; leaves it in eval mode on `device` and
    returns a `History`.

    samples: how many images the model sees (steps = samples // batch size, at least one); lines and
    waves are drawn afresh at every pass. recipe: name or `Recipe`. losses: None for the model's
    own, or a function (model, x, out, ramp) -> {player: scalar tensor}. probe: train a linear
    classifier on the stopped features beside the model, if there are labels and codes; or that
    classifier, a module (B, d) -> (B, classes) such as `new_probe` makes.
    seed: of data order and noise. device: None takes a GPU if there is one. resume: path of a file
    that keeps the run; if it exists the run goes on from there, bit for bit on a CPU, and it must
    be the same run, by its `identity`. on_report: called with each new point of the history, while
    the model holds the weights that fit would return now; the run ends there if it returns True.
    quiet: no progress. run: the class that makes the steps. Stopping (ctrl-C, the notebook's stop
    button) ends after the step under way and returns what was learnt. Raises ValueError or
    TypeError for unfit arguments, FloatingPointError, naming player and step, if a loss is not
    finite, OSError if the folder of `resume` cannot be written; a disk that is full later is a
    RuntimeWarning.
    """
    return train(Session(model, images, samples, recipe, losses, probe, seed, device, resume,
                         on_report, quiet, run))


class Session:
    """One run of `fit`, from the checks of its arguments to its history; together.py takes the
    steps of several side by side.

    run: the run; total: how many steps it has; pending: losses since the last point of the history;
    ended: whether it is over, or `on_report` wanted it to be.
    """

    def __init__(self, model: Model, images: ImageSet | Tensor | np.ndarray, samples: int,
                 recipe: Recipe | str = "paper", losses: Losses | None = None,
                 probe: bool | nn.Module = True, seed: int = 0,
                 device: torch.device | str | None = None, resume: str | PathLike | None = None,
                 on_report: Callable[[dict[str, float]], Any] | None = None, quiet: bool = False,
                 run: Callable[..., Run] = Run):
        recipe, seed = get_recipe(recipe), whole("seed", seed, 0)
        samples = whole("samples", samples, 1)
        images = images if isinstance(images, ImageSet) else ImageSet("images", images)
        if images.train_images.shape[1:] != model.image_shape:
            raise ValueError(f"the model takes images {model.image_shape}; {images.name} has "
                             f"{images.train_images.shape[1:]}")
        if samples < recipe.batch_size:
            raise ValueError(
                f"samples must be at least one batch of {recipe.batch_size}; got {samples}")
        self.size, self.total = recipe.batch_size, samples // recipe.batch_size
        self.device = pick_device(device)
        model.to(self.device,
                 memory_format=torch.channels_last).train()            # type: ignore[call-overload]
        self.dtype = next(model.parameters()).dtype
        self.model, self.seed, self.on_report = model, seed, on_report
        self.history = History(recipe=recipe.settings(), seed=seed, device=self.device.type,
                               threads=torch.get_num_threads())
        if probe and images.train_labels is not None and model.code_shape:
            self.history.probe = (probe if isinstance(probe, nn.Module)
                                  else new_probe(model, images, seed)).to(self.device, self.dtype)
        self.run = run(model, self.history.probe, recipe, losses)
        self.history.precision = self.run.precision
        self.resume = Path(resume) if resume else None
        self.identity: dict[str, Any] = {}
        if self.resume is not None:
            self.identity = identity(model, images, samples, recipe, losses,
                                     self.history.probe is not None, seed, self.run.precision)
            check_writable(self.resume)
            if self.resume.exists():
                then = go_on(self.run, self.resume, self.identity, self.device)
                self.history.points, self.history.seconds = then["points"], then["seconds"]
        self.images = images.on(self.device)
        self.parts = _parts(self.images, self.size, seed, self.run.step)
        self.every = max(1, self.total // POINTS)
        self.progress = Progress(self.total, self.size, self.run.step, quiet)
        self.pending: list[dict[str, Tensor]] = []
        self.ended = self.run.step == self.total
        self.before = self.history.seconds
        self.started = self.saved = time.monotonic()

    def batch(self, part: Tensor) -> tuple[Tensor, Tensor | None]:
        """(images, labels for the probe or None) of one of `parts`, on the device."""
        x, labels = self.images.batch("train", part)
        x = x.to(self.device, self.dtype, memory_format=(
            torch.channels_last if x.ndim == 4 else torch.preserve_format))
        return x, (None if labels is None or self.history.probe is None
                   else labels.to(self.device))

    def step(self) -> None:
        self.pending.append(self.run.advance(*self.batch(next(self.parts)), self.total, self.seed))

    def until_point(self) -> int:
        """How many steps are left until the next point of the history."""
        step = self.run.step
        return min(self.every - step % self.every, self.total - step)

    def look(self, last: Any = False) -> None:
        """After a step or several: a point of the history if it is time or this is the `last` look,
        and how far we are. last: asked once more after `on_report`, so that a stop in it counts."""
        step = self.run.step
        if self.pending and (last or step % self.every == 0 or step == self.total):
            self._report(last)
        self.progress.show(step, self.history.points[-1] if self.history.points else None)

    def _report(self, last: Any) -> None:
        history = self.history
        history.points.append(_point(self.pending, self.run.step, self.size))
        history.seconds = self.before + time.monotonic() - self.started
        self.pending.clear()
        self.ended = self.run.step == self.total
        if self.on_report is not None:
            began = time.monotonic()
            with self.run.averaged():
                self.ended |= self.on_report(history.points[-1]) is True
            self.started += time.monotonic() - began  # the run's seconds are those of training
        if self.resume is not None and (last or self.ended
                                        or time.monotonic() - self.saved > SAVE_SECONDS):
            try:
                save_state(self.resume, self.run.state() | {
                    "points": history.points, "seconds": history.seconds}, self.identity)
            except OSError as error:  # a full disk costs the safety net, not the run
                warnings.warn(f"the run goes on, but this moment of it is not kept: {error}",
                              RuntimeWarning, stacklevel=4)
            self.saved = time.monotonic()

    def close(self) -> History:
        """The history; the model holds the averaged weights, in eval mode."""
        if self.pending:                                               # stopped between two points
            self._report(last=True)
        history, step = self.history, self.run.step
        history.interrupted = step < self.total
        history.steps, history.samples = step, step * self.size
        history.seconds = self.before + time.monotonic() - self.started
        self.progress.close(step, history.points[-1] if history.points else None)
        self.run.set_weights(self.run.average)
        self.model.eval()
        return history


def train(session: Session) -> History:
    """All steps of a run, one by one."""
    with stop_button() as stop:
        while not session.ended and not stop:
            session.step()
            session.look(stop)
    return session.close()


def pick_device(device: torch.device | str | None = None) -> torch.device:
    """A device; None takes a GPU if there is one. Raises ValueError for one that is not there."""
    there = torch.cuda.is_available()
    try:
        found = torch.device(device or ("cuda" if there else "cpu"))
    except RuntimeError as error:
        raise ValueError(f"device must be 'cpu', 'cuda' or another of torch's; got {device!r}"
                         ) from error
    if found.type == "cuda" and not there or found.type == "mps" and not (
            torch.backends.mps.is_available()):
        raise ValueError(f"torch finds no device {found.type!r} on this machine: leave it out, or "
                         "give 'cpu'")
    return found


def new_probe(model: Model, images: ImageSet, seed: int = 0) -> nn.Module:
    """The paper's single-layer classifier of what `model.features` makes of the images:
    (B, d) -> (B, classes)."""
    if images.train_labels is None:
        raise ValueError(f"{images.name} has no labels: a probe needs them")
    with torch.no_grad():
        size = model.features(images.train_images[:1].to(next(model.parameters()))).numel()
    classes = len(images.classes) or int(images.train_labels.max()) + 1
    return initialise(nn.Linear(size, classes), generator(seed, 4))


def identity(model: Model, images: ImageSet, samples: int, recipe: Recipe,
             losses: Losses | None = None, probe: bool = True, seed: int = 0,
             precision: str = "float32") -> dict[str, Any]:
    """What makes a run the same run, in plain Python: the model's settings as they are now, the
    images themselves (`ImageSet.digest`), samples, recipe, seed, the name and the source of own
    losses, whether there is a probe, precision."""
    return json.loads(json.dumps({
        "model": model.config, "images": images.digest, "samples": samples,
        "recipe": recipe.settings(), "seed": seed, "losses": _source(losses), "probe": probe,
        "precision": precision}))


def fingerprint(run: Mapping[str, Any]) -> str:
    """Sixteen digits of an `identity`, for receipts."""
    return hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()[:16]


def _source(losses: Losses | None) -> str | None:
    """The name of a function, and eight digits of its source and of the values it closes over."""
    if losses is None:
        return None
    try:
        text = inspect.getsource(losses)
    except (OSError, TypeError):                # typed at a prompt, or an object
        text = repr(getattr(getattr(losses, "__code__", None), "co_code", type(losses)))
    cells = [cell.cell_contents for cell in getattr(losses, "__closure__", None) or ()]
    text += repr([value for value in map(plain, cells) if isinstance(value, int | float | str)])
    name = getattr(losses, "__qualname__", type(losses).__qualname__)
    return f"{name} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _point(pending: list[dict[str, Tensor]], step: int, batch_size: int) -> dict[str, float]:
    """Mean of the losses since the last point; the first that is not finite stops the run."""
    table = {name: torch.stack([row[name] for row in pending]).cpu().double()
             for name in pending[0]}
    bad = [(int(torch.nonzero(~values.isfinite())[0]), name) for name, values in table.items()
           if not values.isfinite().all()]
    if bad:
        row, name = min(bad)
        raise FloatingPointError(
            f"the loss of player {name!r} was {float(table[name][row])} at step "
            f"{step - len(pending) + row + 1}: try a smaller learning rate, or look at that loss")
    return {"samples": step * batch_size,
            **{name: float(values.mean()) for name, values in table.items()}}
