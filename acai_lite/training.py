"""Training: one loop for any number of players.

Each step: draw the randomness, run one forward pass that all players share, take every player's loss, then the gradient of
each loss with respect to that player's own parameters, and only then move all of them, all at once (as in the paper).
The order of the data and the noise of step k depend on (seed, k) alone, so a resumed run repeats an uninterrupted one.
"""
import time
import warnings
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import torch
from torch import nn

from .data import ImageSet
from .fast import quick
from .files.progress import Progress, stop_button
from .files.records import check_writable, in_one_line
from .files.states import load_state, save_state
from .networks import initialise
from .recipes import get_recipe
from .steps import Run, generator

POINTS = 100                                    # how many points a full history has
SAVE_SECONDS = 5                                # a resumable run is saved at a point of its history, this often at most


@dataclass
class History:
    """What a run left behind, beside the trained model.

    points: one {"samples", player: mean loss since the last point, ..., "probe_accuracy"} per hundredth of the run.
    probe: the online probe, codes (B, d) -> logits (B, classes), or None. interrupted: True if it was stopped by hand.
    samples, seconds, steps, recipe (settings), seed, device, threads: for receipts.
    """
    points: list = field(default_factory=list)
    probe: nn.Module | None = None
    samples: int = 0
    steps: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    recipe: dict = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    threads: int = 1

    def __repr__(self):
        return f"History({self.samples:,} samples in {self.seconds:.0f} s, {len(self.points)} points)"

    def curve(self, name):
        """(samples, values) of a player's loss or of "probe_accuracy"; points where it was not measured are left out."""
        rows = [p for p in self.points if name in p]
        return [p["samples"] for p in rows], [p[name] for p in rows]


def _stream(images, size, seed, step):
    """Endless (x, labels) from step `step` on; every pass over the data is shuffled anew."""
    per_pass = len(images.train_images) // size
    if per_pass == 0:
        raise ValueError(f"{images.name}: a batch of {size} needs at least as many training images; "
                         f"got {len(images.train_images)}")
    while True:
        done, skip = divmod(step, per_pass)
        for batch in islice(images.batches("train", size, generator(seed, 1, done)), skip, None):
            yield batch
            step += 1


def fit(model, images, samples, recipe="paper", losses=None, probe=True, seed=0, device=None, resume=None,
        on_report=None, quiet=False, fast=False):
    """Train `model` in place on `images.train_images`; leaves it in eval mode on `device` and returns a `History`.

    samples: how many images the model sees (steps = samples // batch size, at least one). recipe: name or `Recipe`.
    losses: None for the model's own, or a function (model, x, out, ramp) -> {player: scalar tensor}.
    probe: train a linear classifier on the stopped features beside the model, if there are labels and features; or that
    classifier, a module (B, d) -> (B, classes) such as `new_probe` makes.
    seed: of data order and noise. device: None takes a GPU if there is one. resume: path of a file that keeps the run; if
    it exists the run goes on from there, bit for bit on a CPU, and it must be a run with the same settings.
    on_report: called with each new point of the history; meanwhile the model holds the weights that fit would return now.
    quiet: no progress. fast: the same step with fewer multiplications (fast.py), on a GPU recorded once and
    played (fast.py); equal up to rounding.
    Stopping (ctrl-C, the notebook's stop button) ends after the step under way and returns what was learnt.
    Raises ValueError or TypeError for unfit arguments, FloatingPointError, naming player and step, if a loss is not finite,
    OSError if the folder of `resume` cannot be written; a disk that is full later is a RuntimeWarning.
    """
    recipe = get_recipe(recipe)
    images = images if isinstance(images, ImageSet) else ImageSet("images", images)
    if images.train_images.shape[1:] != model.image_shape:
        raise ValueError(f"the model takes images {model.image_shape}; {images.name} has {images.train_images.shape[1:]}")
    if samples < recipe.batch_size:
        raise ValueError(f"samples must be at least one batch of {recipe.batch_size}; got {samples}")
    if fast and losses is not None:
        raise ValueError("fast=True knows the model's own losses only: leave out one of losses and fast")
    total = samples // recipe.batch_size
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model.to(device, memory_format=torch.channels_last).train()
    dtype = next(model.parameters()).dtype
    history = History(recipe=recipe.settings(), seed=seed, device=device.type, threads=torch.get_num_threads())
    if probe and images.train_labels is not None and hasattr(model, "features"):
        history.probe = (probe if isinstance(probe, nn.Module) else new_probe(model, images, seed)).to(device, dtype)
    run = Run(model, history.probe, recipe, history, losses or type(model).losses, fast)
    resume = Path(resume) if resume else None
    identity = {"model": model.config, "data": images.name, "samples": samples, "recipe": recipe.settings(), "seed": seed,
                "probe": history.probe is not None}
    if resume is not None:
        check_writable(resume)
        if resume.exists():
            go_on(run, resume, identity, device)
    report_every = max(1, total // POINTS)
    stream = _stream(images.on(device), recipe.batch_size, seed, run.step)
    progress = Progress(total, recipe.batch_size, run.step, quiet)
    pending, before = [], history.seconds
    started = saved = time.monotonic()

    def report():
        nonlocal saved, started
        history.points.append(_point(pending, run.step, recipe.batch_size))
        history.seconds = before + time.monotonic() - started
        pending.clear()
        if on_report is not None:
            began = time.monotonic()
            with run.averaged():
                on_report(history.points[-1])
            started += time.monotonic() - began                        # the run's seconds are those of training
        if resume is not None and (time.monotonic() - saved > SAVE_SECONDS or run.step == total or stop):
            try:
                save_state(resume, run.state(), identity)
            except OSError as error:                                   # a full disk costs the safety net, not the run
                warnings.warn(f"the run goes on, but this moment of it is not kept: {error}", RuntimeWarning, stacklevel=3)
            saved = time.monotonic()

    with stop_button() as stop, quick(model, fast):
        while run.step < total and not stop:
            x, labels = next(stream)
            x = x.to(device, dtype, memory_format=torch.channels_last if x.ndim == 4 else torch.preserve_format)
            labels = labels.to(device) if history.probe is not None else None
            pending.append(run.advance(x, labels, total, seed))
            if run.step % report_every == 0 or run.step == total:
                report()
            progress.show(run.step, history.points[-1] if history.points else None)
        if pending:                                                    # stopped between two points
            report()
    history.interrupted = run.step < total
    history.steps, history.samples = run.step, run.step * recipe.batch_size
    history.seconds = before + time.monotonic() - started
    progress.close(run.step, history.points[-1] if history.points else None)
    run.keep(run.average)
    model.eval()
    return history


def new_probe(model, images, seed=0):
    """The paper's single-layer classifier of what `model.features` makes of the images: (B, d) -> (B, classes)."""
    with torch.no_grad():
        numbers = model.features(images.train_images[:1].to(next(model.parameters()))).numel()
    classes = len(images.classes) or int(images.train_labels.max()) + 1
    return initialise(nn.Linear(numbers, classes), generator(seed, 4))


def _point(pending, step, batch_size):
    """Mean of the losses since the last point; the first that is not finite stops the run."""
    table = {name: torch.stack([row[name].double() for row in pending]).cpu() for name in pending[0]}
    bad = [(int(torch.nonzero(~values.isfinite())[0]), name) for name, values in table.items()
           if not values.isfinite().all()]
    if bad:
        row, name = min(bad)
        raise FloatingPointError(f"the loss of player {name!r} was {float(table[name][row])} at step "
                                 f"{step - len(pending) + row + 1}: try a smaller learning rate, or look at that loss")
    return {"samples": step * batch_size, **{name: float(values.mean()) for name, values in table.items()}}


def go_on(run, path, identity, device):
    """Put a run where `save_state` left it. Raises ValueError, and leaves the model as it was, if that cannot be."""
    state, before = load_state(path, identity, device), {k: t.clone() for k, t in run.model.state_dict().items()}
    try:
        run.restore(state)
    except Exception as error:                                         # a state can lack anything
        run.model.load_state_dict(before)
        raise ValueError(f"{path} is of another version of acai_lite ({in_one_line(error)[:80]}): delete it to start "
                         "anew") from error
