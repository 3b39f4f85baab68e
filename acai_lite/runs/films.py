"""Films: what a model's paths look like while it learns, kept as one PNG that anybody can open.

A film has N shots; each shows P pairs of test images, each joined by T decoded frames, and the scores at that moment.
In the picture a shot is P rows of T frames, and the shots stand below each other in the order of training.
"""
import io
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from ..data import levels
from ..lines import score_lines
from ..interpolation import interpolate_images
from ..files.records import write_whole
from ..files.checkout import checkout
from ..files.records import in_one_line

PAIRS, FRAMES = 6, 16
MOST = 32 * 2 ** 20                             # pixels of a film


class Film(SimpleNamespace):
    """frames (N,P,T,C,32,32) float32 in [-1, 1], rounded to 256 levels; samples: N numbers of images seen; scores: N dicts
    (on lines mean_distance, smoothness, end_error over 256 pairs); receipt: that of the run, with its `points`."""


class Camera:
    """Takes `shots` shots of a run of `total` samples, evenly spaced, after one at the start: `fit(on_report=camera)`.
    The film at `path` is written anew after each; with going_on the shots that are there already stay."""

    def __init__(self, model, images, path, total, shots=10, going_on=False):
        self.model, self.images, self.path, self.total, self.count = model, images, path, total, shots
        self.shots = {}                                                # samples: (frames (P,T,C,32,32), scores)
        if going_on and path.exists():
            old = film(path)
            self.shots = dict(zip(old.samples, zip(old.frames, old.scores, strict=True), strict=True))

    def __call__(self, point):
        if point["samples"] * self.count // self.total >= len(self.shots):
            x, weight, scores = self.images.test_images, next(self.model.parameters()), {}
            frames = interpolate_images(self.model, x[:PAIRS].to(weight), x[PAIRS:2 * PAIRS].to(weight), FRAMES)
            if self.images.name == "lines":
                found = score_lines(self.model, self.images)
                scores = {key: getattr(found, key) for key in ("mean_distance", "smoothness", "end_error")}
                scores = {key: value if math.isfinite(value) else None for key, value in scores.items()}
            self.shots[point["samples"]] = frames.float().cpu(), scores
            self.save({})

    def save(self, receipt):
        """Write the film with the run's receipt."""
        save_film(self.path, self.shots, receipt)


def save_film(path, shots, receipt):
    """shots: {samples: (frames (P,T,C,32,32), scores)}; receipt: a JSON-able dict."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo
    frames = torch.stack([frames for frames, _ in shots.values()])     # (N,P,T,C,32,32)
    n, p, t, colours = frames.shape[:4]
    picture = levels(frames).permute(0, 1, 4, 2, 5, 3).reshape(n * p * 32, t * 32, colours).numpy()
    notes, buffer = PngInfo(), io.BytesIO()
    notes.add_itxt("film", json.dumps({"pairs": p, "samples": list(shots), "receipt": receipt,
                                       "scores": [scores for _, scores in shots.values()]}), zip=True)
    Image.fromarray(picture.squeeze(2) if colours == 1 else picture).save(buffer, "PNG", optimize=True, pnginfo=notes)
    write_whole(path, buffer.getvalue())


def film(name):
    """Load a film: a name such as "lines-acai-64" from data/results of the checkout, or a path. Returns a `Film`.

    Raises FileNotFoundError, listing what is there, or ValueError if the file is no film.
    """
    from PIL import Image
    path = Path(name)
    if path.suffix != ".png":
        path = checkout() / "data" / "results" / f"{name}-film.png"
    if not path.exists():
        folder = path.parent
        there = ", ".join(sorted(p.name.removesuffix("-film.png") for p in folder.glob("*-film.png"))) or "none"
        raise FileNotFoundError(f"no film {str(name)!r}; there are: {there}")
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if picture.mode not in ("L", "RGB") or picture.width * picture.height > MOST:
                raise ValueError(f"a picture of {picture.width} x {picture.height} pixels, mode {picture.mode}")
            pixels, notes = torch.from_numpy(np.array(picture)), json.loads(picture.text["film"])
        samples, scores, receipt = notes["samples"], notes["scores"], notes["receipt"]
        n, p, t = len(samples), notes["pairs"], pixels.shape[1] // 32
        if n != len(scores) or not isinstance(receipt, dict) or not all(
                isinstance(k, int | str) and isinstance(score, dict) for k, score in zip(samples, scores, strict=True)):
            raise ValueError("its notes do not fit together")
        frames = pixels.view(n, p, 32, t, 32, -1).permute(0, 1, 3, 5, 2, 4) / 127.5 - 1
    except Exception as error:                                         # Pillow raises many kinds for a bad file
        raise ValueError(f"{path} is damaged or no film of acai_lite ({in_one_line(error)}): restore it with git") from error
    return Film(frames=frames, samples=samples, scores=scores, receipt=receipt)
