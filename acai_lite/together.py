"""Runs side by side: on a GPU the steps of several runs are parallel branches of one CUDA graph.

A small network leaves most of a GPU idle, and asking for each of its operations takes Python longer
than the GPU needs for it. So what a stretch of steps needs from the processor (which images, noise,
settings) is prepared and copied beforehand, with the numbers that `fit` draws; on the device each
step reads its row and waits for nothing. The steps are recorded once, and played. Without a GPU the
same steps are called one after the other: everything but the recording is tested so.
"""
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .autoencoders import ACAI, Model
from .files.progress import stop_button
from .training import History, Run, Session

STRETCH = 100                                   # steps prepared at once, at most
WARM_UP = 3                 # steps before the recording: they make optimiser states, choose kernels


def recordable(model: Model) -> bool:
    """Whether a step of `model` can be recorded: no part of it has an `after_step` of its own, as
    VQ-VAE has, whose moving averages wait for the device."""
    parts = [type(part).after_step for part in model.modules() if isinstance(part, Model)]
    return all(after in (Model.after_step, ACAI.after_step) for after in parts)


def train_together(sessions: Sequence[Session]) -> list[History]:
    """Train all runs to their ends, side by side, and return their histories in that order; of runs
    on one device, whose models are `recordable` and whose steps take tensors for numbers (FastRun).

    Each run has the points, states and numbers that it has alone, up to rounding; its seconds are
    those of all. Stopping ends all runs after the stretch under way.
    """
    if len({session.device for session in sessions}) != 1:
        raise ValueError("runs side by side must be on one device")
    branches = Branches([session for session in sessions if not session.ended])
    with stop_button() as stop:
        while branches.sessions and not stop:
            branches.play(min(STRETCH, *(s.until_point() for s in branches.sessions)))
            for session in branches.sessions:
                session.look(stop)
            if any(session.ended for session in branches.sessions):
                branches = Branches([s for s in branches.sessions if not s.ended])
    return [session.close() for session in sessions]


class Branches:
    """The next steps of several runs, a branch each."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.sessions = list(sessions)
        device = self.sessions[0].device if self.sessions else torch.device("cpu")
        self.streams = ([torch.cuda.Stream() for _ in self.sessions] if device.type == "cuda"
                        else [])
        self.rows: list[Any] = [None] * len(self.sessions)     # what STRETCH steps need, a row each
        self.losses: list[dict[str, Tensor]] = [{} for _ in self.sessions]       # (STRETCH,) each
        self.place = torch.zeros(1, dtype=torch.long, device=device)   # which row comes next
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def play(self, count: int) -> None:
        """`count` steps of each run, STRETCH at most; their losses go to its `pending`."""
        for k, session in enumerate(self.sessions):
            self.rows[k] = kept(self.rows[k], prepared(session, count), session.device)
        self.place.zero_()
        for _ in range(count):
            self._step()
        for session, losses in zip(self.sessions, self.losses, strict=True):
            session.run.step += count
            found = {name: values[:count].clone() for name, values in losses.items()}
            session.pending += [{name: values[i] for name, values in found.items()}
                                for i in range(count)]

    def _step(self) -> None:
        if not self.streams:
            self._all()
            return
        self.calls += 1
        if self.calls <= WARM_UP:                       # on a stream of its own, as PyTorch asks
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                self._all()
            torch.cuda.current_stream().wait_stream(aside)
            return
        if self.graph is None:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):          # recorded, not run
                self._all()
        self.graph.replay()

    def _all(self) -> None:
        """One step of all runs: the branches part here and meet again."""
        if not self.streams:
            for k in range(len(self.sessions)):
                self._one(k)
        else:
            trunk = torch.cuda.current_stream()
            for k, branch in enumerate(self.streams):
                branch.wait_stream(trunk)
                with torch.cuda.stream(branch):
                    self._one(k)
            for branch in self.streams:
                trunk.wait_stream(branch)
        self.place += 1

    def _one(self, k: int) -> None:
        session, row = self.sessions[k], at(self.rows[k], self.place)
        x, labels = session.batch(row.pop("part"))
        for name, value in session.run.update(x=x, labels=labels, **row).items():
            losses = self.losses[k].setdefault(name, value.new_zeros(STRETCH))
            losses.index_copy_(0, self.place, value.reshape(1))


def prepared(session: Session, count: int) -> dict[str, Any]:
    """What the next steps of a run need from the processor: tensors (count, ...), in dictionaries
    as `Run.update` takes them, and "part"."""
    run: Run = session.run
    like = torch.zeros((), dtype=session.dtype).expand(session.size, *session.model.image_shape)
    return stacked([{"part": next(session.parts),
                     **run.given(like, run.step + k, session.total, session.seed)}
                    for k in range(count)])


def stacked(rows: Sequence[Any]) -> Any:
    """Dictionaries of tensors and numbers -> one of tensors (count, ...)."""
    first = rows[0]
    if isinstance(first, Mapping):
        return {name: stacked([row[name] for row in rows]) for name in first}
    return torch.stack(list(rows)) if torch.is_tensor(first) else torch.tensor(rows)


def kept(buffer: Any, rows: Any, device: torch.device) -> Any:
    """Rows (count, ...) copied into the buffer (STRETCH, ...) on the device, which is made if there
    is none yet: a recorded step finds them where they were."""
    if isinstance(rows, Mapping):
        return {name: kept(buffer and buffer[name], value, device) for name, value in rows.items()}
    if buffer is None:
        buffer = rows.new_zeros((STRETCH, *rows.shape[1:]), device=device)
    if device.type == "cuda":
        rows = rows.pin_memory()                        # so that the copy does not wait
    buffer[:len(rows)].copy_(rows, non_blocking=True)
    return buffer


def at(rows: Any, place: Tensor) -> Any:
    """Row number `place` (1,) of tensors (STRETCH, ...), without asking which one that is."""
    if isinstance(rows, Mapping):
        return {name: at(value, place) for name, value in rows.items()}
    return rows.index_select(0, place)[0]
