"""Runs side by side: on a GPU the steps of several runs are parallel branches of one CUDA graph.

A small network leaves most of a GPU idle, and asking for each of its operations takes Python longer
than the GPU needs for it. So what a stretch of steps needs (images, noise, settings) is prepared
beforehand, with the numbers that `fit` draws: a few tensors on the device with a row for each step.
A step reads its row and waits for nothing. The steps are recorded once, and played. Without a GPU
the same steps are called one after the other: everything but the recording is tested so.
"""
from collections.abc import Iterator, Mapping, Sequence
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
        self.rows = [Rows(device) for _ in self.sessions]
        self.losses: list[Tensor | None] = [None] * len(self.sessions)     # (STRETCH, how many)
        self.names: list[list[str]] = [[] for _ in self.sessions]          # of the losses
        self.place = torch.zeros(1, dtype=torch.long, device=device)   # which row comes next
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def play(self, count: int) -> None:
        """`count` steps of each run, STRETCH at most; their losses go to its `pending`."""
        for rows, session in zip(self.rows, self.sessions, strict=True):
            rows.fill(prepared(session, count))
        self.place.zero_()
        for _ in range(count):
            self._step()
        for session, names, losses in zip(self.sessions, self.names, self.losses, strict=True):
            session.run.step += count
            session.pending += [dict(zip(names, row, strict=True))
                                for row in losses[:count].clone()]  # type: ignore[index]

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
        found = self.sessions[k].run.update(**self.rows[k].at(self.place))
        row = torch.stack([*found.values()])[None]
        if self.losses[k] is None:
            self.names[k], self.losses[k] = [*found], row.new_zeros(STRETCH, len(found))
        self.losses[k].index_copy_(0, self.place, row)  # type: ignore[union-attr]


def prepared(session: Session, count: int) -> dict[str, Any]:
    """What the next steps of a run need, as `Run.update` takes it, but with a row for each of the
    `count` steps: images, which lie or are drawn on the device, and numbers from the processor."""
    run: Run = session.run
    like = torch.zeros((), dtype=session.dtype).expand(session.size, *session.model.image_shape)
    given = [run.given(like, run.step + k, session.total, session.seed) for k in range(count)]
    parts = torch.stack([next(session.parts) for _ in range(count)]).to(session.device)
    x, labels = session.batch(parts.flatten())                         # those of all steps at once
    return {"x": x.unflatten(0, parts.shape),
            "labels": None if labels is None else labels.view_as(parts), **stacked(given)}


def stacked(rows: Sequence[Any]) -> Any:
    """Dictionaries of tensors and numbers -> one of tensors (count, ...)."""
    first = rows[0]
    if isinstance(first, Mapping):
        return {name: stacked([row[name] for row in rows]) for name in first}
    return torch.stack(list(rows)) if torch.is_tensor(first) else torch.tensor(rows)


class Rows:
    """STRETCH rows on the device of what is `prepared`. All that comes from the processor lies in
    one tensor (of a dtype), so that it is copied by one call, and a step reads it by one."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.kept: list[tuple[Tensor, list[tuple[str, ...]], list[torch.Size]]] = []

    def fill(self, prepared: dict[str, Any]) -> None:
        """Take the rows in, at most STRETCH, of the same shapes each time: a recorded step finds
        them where they were."""
        groups: dict[Any, list[tuple[tuple[str, ...], Tensor]]] = {}
        for path, rows in leaves(prepared):
            alone = path[0] in ("x", "labels")          # on the device already
            groups.setdefault(path if alone else rows.dtype, []).append((path, rows))
        for k, group in enumerate(groups.values()):
            paths, parts = zip(*group, strict=True)
            joined = parts[0] if len(parts) == 1 else torch.cat(
                [part.reshape(len(part), -1) for part in parts], 1)
            if len(self.kept) == k:
                buffer = joined.new_zeros((STRETCH, *joined.shape[1:]), device=self.device)
                self.kept.append((buffer, list(paths), [part.shape[1:] for part in parts]))
            if self.device.type == "cuda" and not joined.is_cuda:
                joined = joined.pin_memory()            # so that the copy does not wait
            self.kept[k][0][:len(joined)].copy_(joined, non_blocking=True)

    def at(self, place: Tensor) -> dict[str, Any]:
        """Row number `place` (1,), without asking which one that is, in the dictionaries that it
        came in."""
        found: dict[str, Any] = {"labels": None}
        for buffer, paths, shapes in self.kept:
            row = buffer.index_select(0, place)[0]
            pieces = [row] if len(paths) == 1 else row.split([shape.numel() for shape in shapes])
            for (*path, name), piece, shape in zip(paths, pieces, shapes, strict=True):
                inner = found
                for key in path:
                    inner = inner.setdefault(key, {})
                inner[name] = piece.view(shape)
        found.setdefault("drawn", {})
        if found["x"].ndim == 4:
            found["x"] = found["x"].contiguous(memory_format=torch.channels_last)
        return found


def leaves(tree: Mapping[str, Any], *path: str) -> Iterator[tuple[tuple[str, ...], Tensor]]:
    """(path, tensor) of every tensor in dictionaries of dictionaries."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, *path, name)
        elif value is not None:
            yield (*path, name), value
