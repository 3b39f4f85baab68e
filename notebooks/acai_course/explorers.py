"""Explorers: interpolation that answers to the arrow keys, in a lab and, as one HTML file, without
a kernel.

A pair is decoded once, by a pure function such as `film`; its frames travel to the page, where
static/*.js swaps them. What a page lacks (another pair) it asks its kernel for (questions.py).
"""
import random

import numpy as np
import torch
from traitlets import Any, Int, TraitError, Unicode, validate

from acai_lite.interpolation import decode_path, interpolate
from acai_lite.lines import line_scores
from acai_lite.realistic_paths import realistic_path

from .explorer import Explorer
from .pages import png, sheet, strip
from .questions import is_index, is_pair, wanted

FRAMES = 41
TOPS = {"critic": 0.5}      # of the curves, where it is not 1: alpha goes no further


def film(models, x0, x1, steps=FRAMES, path="linear", realism=None):
    """{method: frames (T,C,32,32)} between two images (C,32,32): the pixel blend, and each model's
    path. Pure.

    models: {name: autoencoder}. path: "linear", "spherical" or, with `realism`, "realistic"; the
    pixel blend is always straight.
    """
    with torch.no_grad():
        x0, x1 = x0[None], x1[None]
        rows = {"pixel blend": interpolate(x0, x1, steps)[0]}
        for name, model in models.items():
            z0, z1 = model.encode(x0), model.encode(x1)
            codes = (realistic_path(z0, z1, realism, steps).codes if path == "realistic"
                     else interpolate(z0, z1, steps, path))
            rows[name] = decode_path(model, codes)[0]
    return rows


def unwrapped(angles):
    """Angles (R,T) in radians -> degrees along each path without a jump at 360."""
    return torch.as_tensor(np.degrees(np.unwrap(angles.numpy(), axis=1)))


def among(name, value, allowed):
    """The value of a trait if it is one of those allowed, else TraitError."""
    if value not in allowed:
        shown = ", ".join(map(repr, allowed)) if len(allowed) < 20 else f"{len(allowed)} values"
        raise TraitError(f"{name} is one of {shown}; got {value!r}")
    return value


def two_of(value, count):
    """A pair (i, j) of different places in [0, count), else TraitError."""
    if not is_pair(list(value) if isinstance(value, tuple) else value,
                   lambda k: is_index(k, count)) or value[0] == value[1]:
        raise TraitError(f"pair is (i, j), two different test images from 0 to {count - 1}; "
                         f"got {value!r}")
    return tuple(value)


class FilmExplorer(Explorer):
    """Methods side by side, moved by t, and by the moment of training if there are several.

    films: {pair: frames (R,T,C,32,32), or (S,R,T,C,32,32) with S moments}. methods: R names.
    moments: S numbers of samples. measures: {name: function of frames (N,C,32,32) -> (N,) numbers},
    shown under each frame and as a curve along the path. truth: first the distance (1e-3) to the
    nearest line, and its angle (degrees). start: the first frame shown, the middle one if None.

    More traits: pair, one of films; path; training, a moment from 0 to S - 1.
    """
    kind, classes = "interpolation", None
    pair, path = Any().tag(sync=True), Unicode("linear").tag(sync=True)
    training = Int(0, min=0).tag(sync=True)

    def __init__(self, films, methods, moments=None, measures=None, truth=False, start=None,
                 paths=("linear",), **about):
        self.films, self.methods, self.moments, self.truth = films, list(methods), moments, truth
        self.measures, self.paths = measures or {}, list(paths)
        super().__init__(**{
            "title": "Between two images", "about": "", "pair": self.pairs()[0],
            "path": self.paths[0], "training": len(moments or [0]) - 1,
            "start": self.last // 2 if start is None else start,
            "alt": "Rows: the methods, " + ", ".join(self.methods) + ". Columns: "
                   "places on the way from one image to the other."} | about)

    @property
    def last(self):
        return self.films[self.pairs()[0]].shape[-4] - 1

    @validate("pair")
    def _a_pair(self, proposal):
        return among("pair", proposal.value, self.pairs())

    @validate("path")
    def _a_path(self, proposal):
        return among("path", proposal.value, self.paths)

    @validate("training")
    def _a_moment(self, proposal):
        return among("training", proposal.value, range(len(self.moments or [0])))

    def shots(self, pair, path):
        """Frames (S,R,T,C,32,32) of a pair on a path. Pure."""
        frames = self.films[pair]
        return frames if frames.ndim == 6 else frames[None]

    def pairs(self):
        return list(self.films)

    def name(self, pair):
        return str(pair)

    def decoded(self, pair, paths):
        """What the page needs of one pair."""
        films = {}
        for path in paths:
            tiles = self.shots(pair, path).flatten(0, 1)               # (S*R,T,C,32,32)
            films[path] = {"sheet": png(sheet(tiles)), "numbers": self.numbers(tiles)}
        return {"name": self.name(pair), "ends": pair, "films": films}

    def numbers(self, tiles):
        """[measure][tile][frame] of (R,T,C,32,32), None where it is not finite."""
        with torch.no_grad():
            lines = line_scores(tiles) if self.truth else None
            found = [lines.distances * 1e3, unwrapped(lines.angles)] if self.truth else []
            found += [torch.as_tensor(f(tiles.flatten(0, 1))).view(tiles.shape[:2])
                      for f in self.measures.values()]
        return [[[round(v, 4) if v == v else None for v in row] for row in values.tolist()]
                for values in found]

    def data(self):
        scales = ([{"name": "distance", "digits": 1}, {"name": "angle", "digits": 0, "wrap": 360}]
                  if self.truth else [])
        scales += [{"name": name, "digits": 2, "top": TOPS.get(name, 1)} for name in self.measures]
        pairs = [self.decoded(pair, self.paths) for pair in self.pairs()]
        return {"methods": self.methods, "frames": self.last + 1, "start": self.frame,
                "measures": scales, "paths": self.paths, "pairs": pairs, "classes": self.classes,
                "moments": self.moments}

    def still(self):
        tiles = self.shots(self.pairs()[0], self.paths[0])[-1]         # (R,T,C,32,32)
        return strip(tiles)


class InterpolationExplorer(FilmExplorer):
    """The pixel blend and some models side by side between two images, moved by t. New pairs are
    asked of the kernel; `explorer.pair = (i, j)` shows any two test images.

    images: an `ImageSet`. models: {name: autoencoder}. pairs: [(i, j)] of test images. paths: kinds
    of path; "realistic" needs realism, an index of codes, and all models must share it. measures:
    as in `FilmExplorer`; on lines the truth is shown, too.
    """
    asks = True

    def __init__(self, images, models, pairs=((0, 1), (2, 3), (4, 5), (6, 7), (8, 9)),
                 measures=None, paths=("linear",), realism=None, **about):
        self.images, self.models, self.realism, self.random = (images, models, realism,
                                                               random.Random(0))
        if images.name != "lines":
            self.classes = list(map(str, images.classes)) or None
        super().__init__(dict.fromkeys(map(tuple, pairs)), ["pixel blend", *models], None, measures,
                         images.name == "lines", paths=paths,
                         **{"title": f"Interpolation: {images.name}"} | about)

    @property
    def last(self):
        return FRAMES - 1

    @validate("pair")
    def _a_pair(self, proposal):
        return two_of(proposal.value, len(self.images.test_images))

    def shots(self, pair, path):
        x0, x1 = (self.images.test_images[k] for k in pair)
        return torch.stack(list(film(self.models, x0, x1, FRAMES, path,
                                     self.realism).values()))[None]

    def name(self, pair):
        labels = self.images.test_labels
        return " to ".join(f"{k}" if self.classes is None else f"{self.classes[labels[k]]} ({k})"
                           for k in pair)

    def ask(self, question):
        """question: {"path": kind, "ends": [i, j]}, or "classes": [from, to], None for any."""
        path = wanted(question, "path", lambda path: isinstance(path, str) and path in self.paths)
        if question.get("ends") is not None:
            pair = wanted(question, "ends", lambda ends: is_pair(
                ends, lambda k: is_index(k, len(self.images.test_images))))
        else:
            classes = question.get("classes") or [None, None]
            pair = self.pick(wanted({"classes": classes}, "classes", lambda both: is_pair(
                both, lambda k: k is None or is_index(k, len(self.classes or ())))))
        return {"pair": self.decoded(tuple(pair), [path])}

    def pick(self, classes):
        """Two test images by chance, of the classes wanted (None: any)."""
        found = []
        for label in classes:
            among = range(len(self.images.test_images))
            if label is not None:
                among = torch.where(torch.as_tensor(self.images.test_labels) == label)[0].tolist()
            among = [k for k in among if k not in found]
            if not among:
                raise ValueError("no test image is left of that class")
            found.append(self.random.choice(among))
        return found
