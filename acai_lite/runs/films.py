"""Films: a model's paths during training, kept as one PNG that anybody can open.

A film has N shots; each shows P pairs of test images, each joined by T decoded frames, and the
scores at that moment. In the picture a shot is P rows of T frames, and the shots stand below each
other in the order of training.
"""
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..autoencoders import Model
from ..data import ImageSet, levels
from ..files.checkout import checkout
from ..files.records import blamed, write_whole
from ..interpolation import interpolate_images
from ..lines import line_results

PAIRS, FRAMES = 6, 16
MOST = 32 * 2 ** 20                             # pixels of a film


@dataclass(frozen=True, eq=False)
class Film:
    """frames (N,P,T,C,S,S) float32 in [-1, 1], rounded to 256 levels. samples: for each shot how
    many images were trained on, or a name. scores: a dict for each shot (on lines what
    `line_results` finds). receipt: that of the run, with its `points`."""
    frames: Tensor
    samples: list[int | str]
    scores: list[dict[str, float | None]]
    receipt: dict[str, Any]


class Camera:
    """Takes `shots` shots of a run of `total` samples, evenly spaced, after one at the start:
    `fit(on_report=camera)`.

    The film at `path` is written anew after each; with going_on the shots that are there already
    stay. Raises ValueError for more shots than a film of images of this size can have, or for less
    than two test images.
    """

    def __init__(self, model: Model, images: ImageSet, path: Path, total: int,
                 shots: int = 10, going_on: bool = False):
        most = MOST // (PAIRS * FRAMES * math.prod(model.image_shape[1:])) - 1
        if shots > most:
            raise ValueError(f"a film of these images has at most {most} shots after the first; "
                             f"got {shots}")
        tests = 0 if images.test_images is None else len(images.test_images)
        if images.test_images is None or tests < 2:
            raise ValueError(f"{images.name} has {tests} test images: a film needs at least two")
        self.model, self.images = model, images
        self.ends = images.test_images[:2 * min(PAIRS, tests // 2)]
        self.path, self.total, self.count = path, total, shots
        self.shots: dict[int | str, tuple[Tensor, dict[str, float | None]]] = {}
        if going_on and path.exists():
            old = film(path)
            taken = zip(old.frames, old.scores, strict=True)
            self.shots = dict(zip(old.samples, taken, strict=True))

    def __call__(self, point: dict[str, Any]) -> None:
        if point["samples"] * self.count // self.total >= len(self.shots):
            x0, x1 = self.ends.to(next(self.model.parameters())).chunk(2)
            frames = interpolate_images(self.model, x0, x1, FRAMES)
            scores: dict[str, float | None] = {}
            if self.images.name == "lines":
                scores = {key: value if math.isfinite(value) else None
                          for key, value in line_results(self.model, self.images).items()}
            self.shots[point["samples"]] = frames.float().cpu(), scores
            self.save({})

    def save(self, receipt: dict[str, Any]) -> None:
        """Write the film with the run's receipt."""
        save_film(self.path, self.shots, receipt)


def save_film(path: str | Path, shots: dict[Any, tuple[Tensor, dict[str, Any]]],
              receipt: dict[str, Any]) -> None:
    """shots: {samples or a name: (frames (P,T,C,S,S), scores)}; receipt: a JSON-able dict."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo
    frames = torch.stack([frames for frames, _ in shots.values()])      # (N,P,T,C,S,S)
    n, p, t, colours, size = frames.shape[:5]
    rows = levels(frames).permute(0, 1, 4, 2, 5, 3)                     # (N,P,S,T,S,C)
    picture = rows.reshape(n * p * size, t * size, colours).numpy()
    notes, buffer = PngInfo(), io.BytesIO()
    about = {"pairs": p, "samples": list(shots), "receipt": receipt,
             "scores": [scores for _, scores in shots.values()]}
    notes.add_itxt("film", json.dumps(about if size == 32 else about | {"size": size}), zip=True)
    image = Image.fromarray(picture.squeeze(2) if colours == 1 else picture)
    image.save(buffer, "PNG", optimize=True, pnginfo=notes)
    write_whole(path, buffer.getvalue())


def film(name: str | Path) -> Film:
    """Load a film: a name such as "lines-acai-64" from data/results of the checkout, or a path.

    Raises FileNotFoundError, listing what is there, or ValueError if the file is no film.
    """
    from PIL import Image
    path, folders = Path(name), [Path(name).parent]
    if path.suffix != ".png":
        root = checkout(f"the film {str(name)!r}") / "data" / "results"
        folders = [root / "runs", root / "records"]
        paths = [folder / f"{name}-film.png" for folder in folders]
        path = next(filter(Path.exists, paths), paths[0])
    if not path.exists():
        films = (film.name for folder in folders for film in folder.glob("*-film.png"))
        there = ", ".join(sorted(film.removesuffix("-film.png") for film in films)) or "none"
        raise FileNotFoundError(f"no film {str(name)!r}; there are: {there}")
    with blamed(path, f"{path} is damaged or no film of acai_lite ({{why}}): restore it with git"):
        with Image.open(path, formats=["PNG"]) as picture:
            if picture.mode not in ("L", "RGB") or picture.width * picture.height > MOST:
                raise ValueError(f"a picture of {picture.width} x {picture.height} pixels, mode "
                                 f"{picture.mode}")
            pixels, notes = torch.from_numpy(np.array(picture)), json.loads(picture.info["film"])
        samples, scores, receipt = notes["samples"], notes["scores"], notes["receipt"]
        n, p, size = len(samples), notes["pairs"], notes.get("size", 32)
        if n != len(scores) or not isinstance(receipt, dict) or not all(
                isinstance(k, int | str) for k in samples) or not all(
                isinstance(score, dict) for score in scores):
            raise ValueError("its notes do not fit together")
        if pixels.shape[0] != n * p * size or pixels.shape[1] % size:
            raise ValueError(f"its notes say {n} shots of {p} pairs of {size} x {size} pixels")
        tiles = pixels.view(n, p, size, pixels.shape[1] // size, size, -1)
        frames = tiles.permute(0, 1, 3, 5, 2, 4) / 127.5 - 1
    return Film(frames=frames, samples=samples, scores=scores, receipt=receipt)
