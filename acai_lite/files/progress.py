"""How far a run is and how long it still takes: a bar in a notebook, plain lines in a terminal. And
the stop button."""
import html
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

WARM_UP = 3                                     # the first steps say nothing about the rate
EVERY = {"notebook": 0.5, "terminal": 10.0}     # seconds between displays; the first after FIRST
FIRST, PATIENCE = 1.0, 1.8                      # seconds; up to PATIENCE the warm-up is waited for
Part = TypeVar("Part")
Point = Mapping[str, float] | None              # of a history: losses by name


class Progress:
    """Shows done and remaining steps of a run. `clock` is replaced in tests; what: the bar's name
    for screen readers."""

    def __init__(self, total: int, batch_size: int, done: int = 0, quiet: bool = False,
                 clock: Callable[[], float] = time.monotonic, what: str = "training") -> None:
        self.total, self.batch_size, self.start = total, batch_size, done
        self.clock, self.what = clock, what
        self.began = self.mark = clock()
        self.mark_step = done
        self.shown: float | None = None
        self.handle: Any = None
        self.kind = "quiet" if quiet else _surface()

    def seconds_left(self, step: int) -> float | None:
        """Estimated seconds until the last step, from the mean rate since the warm-up; None before
        a step is done."""
        steps, seconds = step - self.mark_step, self.clock() - self.mark
        return seconds / steps * (self.total - step) if steps > 0 else None

    def show(self, step: int, point: Point = None) -> None:
        now = self.clock()
        if step - self.start == WARM_UP and self.mark_step == self.start and step < self.total:
            self.mark, self.mark_step = now, step
        if self.kind == "quiet":
            return
        if now - (self.shown or self.began) < (EVERY[self.kind] if self.shown else FIRST):
            return
        left = self.seconds_left(step)
        if left is not None and (step - self.start > WARM_UP or now - self.began > PATIENCE):
            self.shown = now
            self._write(step, f"{spell(left)} left", point)

    def close(self, step: int, point: Point = None) -> None:
        if self.kind != "quiet":
            word = "done" if step == self.total else "stopped"
            self._write(step, f"{word} in {spell(self.clock() - self.began)}", point)

    def clear(self) -> None:
        if self.handle is not None:
            from IPython.display import HTML
            self.handle.update(HTML(""))

    def _write(self, step: int, text: str, point: Point) -> None:
        losses = " · ".join(f"{name} {value:.4g}" for name, value in (point or {}).items()
                            if name not in ("samples", "probe", "probe_accuracy"))
        seen = f" · {step * self.batch_size:,} samples" if self.batch_size else ""
        line = f"{step / self.total:4.0%}{seen} · {text}" + (f" · {losses}" if losses else "")
        if self.kind == "terminal":
            print(line, flush=True)
            return
        from IPython.display import HTML, display
        bar = HTML(f'<progress value="{step}" max="{self.total}" '
                   f'aria-label="{html.escape(self.what)}"></progress> <code>{line}</code>')
        if self.handle is None:
            self.handle = display(bar, display_id=True)
        else:
            self.handle.update(bar)


def watched(parts: Sequence[Part], size: int = 0) -> Iterator[Part]:
    """Yield parts, anything with a length, of `size` samples each (0: of something else). In a
    notebook a bar shows where we are if that takes more than FIRST seconds, and goes at the end."""
    progress = Progress(len(parts), size, quiet=_surface() != "notebook", what="scoring")
    for step, part in enumerate(parts):
        yield part
        progress.show(step + 1)
    progress.clear()


def _surface() -> str:
    shell = sys.modules["IPython"].get_ipython() if sys.modules.get("IPython") else None
    return "notebook" if getattr(shell, "kernel", None) is not None else "terminal"


def spell(seconds: float) -> str:
    """Seconds in words: 8 s, 4 min 10 s, 2 h 5 min."""
    seconds = round(seconds)
    if seconds < 100:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def stop_button() -> Iterator[list[int]]:
    """Yields a list that is empty until SIGINT (ctrl-C, the stop button) arrives; a second one
    interrupts at once."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def press(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
