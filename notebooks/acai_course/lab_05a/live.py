"""Lab 05a: a path that is redrawn while its model trains, and a film's scores as curves."""
import time

import torch
from torch.nn.functional import pad

from acai_lite.data import levels
from acai_lite.figures import COLOURS, DescribedFigure, described
from acai_lite.interpolation import interpolate_images
from acai_lite.runs.films import Film

from ..pages import png

ROWS = 6                                        # of the picture at the end, the last one included
ALT = ("The path between two lines after {n:,} images of training. With training the middle frames "
       "go from dark over faint strokes to one line at an angle between.")


class WatchPath:
    """`al.fit(on_report=WatchPath(model, x0, x1))` shows the path between two images (1,32,32) and
    draws it anew every `every` seconds. At the end the picture has a row for each of six moments.

    shots: [(images seen, frames (16,1,32,32))].
    """

    def __init__(self, model, x0, x1, every: float = 1.5, frames: int = 16):
        self.model, self.ends, self.frames = model, (x0[None], x1[None]), frames
        self.every, self.last, self.handle = every, -float("inf"), None
        self.shots: list[tuple[int, torch.Tensor]] = []

    def __call__(self, point) -> None:
        if time.monotonic() - self.last >= self.every:
            self.look(point["samples"])

    def look(self, samples: int) -> None:
        """Draw the path as it is now."""
        weight = next(self.model.parameters())
        path = interpolate_images(self.model, *(x.to(weight) for x in self.ends), self.frames)[0]
        self.shots.append((samples, path.cpu()))
        self.show(self.page())
        self.last = time.monotonic()

    def page(self) -> str:
        """The latest path, below earlier ones at even distances, as HTML: drawn by hand, as a
        figure of matplotlib would take as long as the training that it shows."""
        last = len(self.shots) - 1
        rows = min(ROWS, last + 1)
        places = [round(k * last / max(1, rows - 1)) for k in range(rows)] if last else [0]
        return "".join(row(*self.shots[k]) for k in places)

    def show(self, page: str) -> None:
        from IPython.display import HTML, display
        if self.handle is None:
            self.handle = display(HTML(page), display_id=True)
        else:
            self.handle.update(HTML(page))


def row(samples: int, frames: torch.Tensor) -> str:
    """Frames (T,1,32,32) side by side, with the number of images seen before them."""
    apart = pad(levels(frames[:, 0]), (1, 1, 1, 1), value=255)         # (T,34,34)
    return (f'<div style="display:flex;align-items:center;gap:8px"><span style="width:8em;'
            f'text-align:right">{samples:,} images</span><img src="{png(torch.cat([*apart], 1))}" '
            f'alt="{ALT.format(n=samples)}" style="width:720px;max-width:80%;'
            'image-rendering:pixelated"></div>')


def score_curves(films: dict[str, Film]) -> DescribedFigure:
    """Mean Distance, Smoothness and the dimension of the codes of {name: film} of lines, over the
    images seen."""
    figure = described(12, 3.4, f"""Three panels with one curve for each of {', '.join(films)}: Mean
Distance on a logarithmic axis, Smoothness, and the effective dimension of the codes of lines, over
the images seen in training.""")
    panels = figure.subplots(1, 3)
    for axes, key, factor, label in zip(
            panels, ("mean_distance", "smoothness", "effective_dimension"), (1e3, 1, 1),
            ("Mean Distance, e-3", "Smoothness", "effective dimension of the codes"), strict=True):
        for k, (name, film) in enumerate(films.items()):
            points = [(n, factor * s[key]) for n, s in zip(film.samples, film.scores, strict=True)
                      if s.get(key) is not None]
            axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name,
                      linestyle=("-", "--", "-.")[k % 3], color=COLOURS[k % len(COLOURS)])
        axes.set(xlabel="images seen", ylabel=label)
        axes.locator_params(axis="x", nbins=3)
        axes.grid(alpha=0.25)
    panels[0].set_yscale("log")
    panels[1].axhline(0.0766, color="#666666", linestyle=":", linewidth=1)
    panels[1].annotate("limit of straight paths on a circle, 0.077", (1, 0.0766),
                       xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
    panels[1].set_ylim(bottom=0)
    panels[2].axhline(2, color="#666666", linestyle=":", linewidth=1)
    panels[2].annotate("plane circle, 2", (1, 2), xycoords=("axes fraction", "data"), ha="right",
                       va="bottom", fontsize=8)
    panels[0].legend(frameon=False)
    figure.tight_layout()
    return figure
