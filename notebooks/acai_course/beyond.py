"""Lab 10: the course's versions of what learners write there, and data to break the idea with."""
import math
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, pstdev

import torch

from acai_lite.autoencoders import one_each
from acai_lite.data import ImageSet, load
from acai_lite.drawing import draw_waves
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record


@dataclass(frozen=True)
class Runs:
    """mean and spread (standard deviation over seeds, NaN of a single run) of `count` runs; NaN and 0 if nobody ran."""
    mean: float = math.nan
    spread: float = math.nan
    count: int = 0

    @classmethod
    def of(cls, values):
        values = list(values)
        if not values:
            return cls()
        return cls(mean(values), pstdev(values) if len(values) > 1 else math.nan, len(values))

    def text(self, factor=1, digits=2):
        """"5.52±0.10 (2)": mean, spread, number of runs; "not run" if there are none."""
        if not self.count:
            return "not run"
        spread = f"±{factor * self.spread:.{digits}f}" if self.count > 1 else ""
        return f"{factor * self.mean:.{digits}f}{spread} ({self.count})"


def signal_record(path=None):
    """What data/recorders/record_waves.py wrote, waves.json; without it a record of no runs."""
    path = result_file("records", "waves.json") if path is None else path
    empty = {"runs": [], "references": {}, "frames": {}}
    return read_record(path, empty) if path.exists() else empty


def signal_runs(record, dataset, method, measure):
    """`Runs` of a record's runs of a method on "waves" or "terrain"."""
    return Runs.of(r[measure] for r in record["runs"] if (r["dataset"], r["method"]) == (dataset, method))


def signal_frames(record, dataset):
    """{name: frames (T,1,32)} of a record's picture, its rows in the order baseline, acai, signal blend, truth."""
    kept = record["frames"].get(dataset, {})
    return {name: torch.tensor([[int(value) / 1000 for value in text.split()] for text in kept[name]])[:, None]
            for name in ("baseline", "acai", "signal blend", "truth") if name in kept}


def with_critic(base, d, x, out, alpha, lam):
    """The loss of an autoencoder with a critic: its own, plus `lam` (on its own scale) times what d sees in its mixes.

    out: what base.run(x, ...) made; d: images (B,C,32,32) -> (B,) guesses of alpha; alpha: (B,). Returns a scalar.
    """
    a = one_each(alpha, out.z)                                         # (B,1,1,1), or (B,1,1) of a signal
    fooled = d(base.decode(a * out.z + (1 - a) * out.z.flip(0))).square().mean()
    return base.losses(x, out)["autoencoder"] + lam * base.loss_scale * fooled


def true_path(f0, f1, steps):
    """("linear", frames (K,T,1,32)): waves whose frequency goes evenly from f0 to f1, (K,) cycles per signal each."""
    t = torch.linspace(0, 1, steps, dtype=torch.float64)               # (T,)
    f = (1 - t) * f0[:, None] + t * f1[:, None]                        # (K,T)
    return "linear", draw_waves(f).view(len(f0), steps, 1, 32)


def octaves(f0, f1, steps):
    """("octaves", frames (K,T,1,32)): the same, with the same *ratio* from each frame to the next."""
    frequency = f0[:, None] * (f1 / f0)[:, None] ** torch.linspace(0, 1, steps, dtype=torch.float64)
    return "octaves", draw_waves(frequency).view(len(f0), steps, 1, 32)


def project_card():
    """A plan, written before the first run: what is asked, expected, measured and paid, and what would prove it wrong."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "question": "Does a critic help the VAE on waves, whose in-betweens are sharp already?",
        "prediction": "ACAI on the VAE has a mean distance at least 20% below the plain VAE's, in the mean of three seeds.",
        "measure": "mean distance of 256 test paths, wave_scores; beside it smoothness and the error of the end signals",
        "cheat": "a path that stands still, or jumps, has distance 0; smoothness and the end error give it away",
        "baseline": "the plain VAE, with the same samples, seeds and recipe, and the signal blend",
        "samples": 60_000,
        "seeds": [0, 1, 2],
        "wrong_if": "the mean distance falls by less than 20%, or the gap is smaller than what seeds differ by",
    }


def png_folder(place, each=12, classes="0123"):
    """Some of scikit-learn's digits as PNG files, place/CLASS/0.png and so on. Returns `place` as a Path."""
    from PIL import Image
    digits, place = load("digits"), Path(place)
    for label, name in enumerate(classes):
        (place / name).mkdir(parents=True, exist_ok=True)
        some = digits.train_images.stored[digits.train_labels == label][:each, 0].numpy()
        for k, image in enumerate(some):
            Image.fromarray(image).save(place / name / f"{k}.png")
    return place


def two_islands(train=4000, tests=400):
    """Waves of 1.5 to 2 or of 4.5 to 5 cycles, none between: an `ImageSet` whose halves have no meaningful middle."""
    random = torch.Generator().manual_seed(0)

    def draw(count):
        fast = torch.randint(2, (count,), generator=random)
        places = 1.5 + 0.5 * torch.rand(count, generator=random, dtype=torch.float64) + 3 * fast
        return draw_waves(places), fast

    return ImageSet("two islands", *draw(train), *draw(tests), ("slow", "fast"))
