"""Explorers: interpolation that answers to the arrow keys, in a lab and, as one HTML file, without
a kernel.

A pair is decoded once, by a pure function such as `film`; its frames travel to the page, where
static/*.js swaps them. What a page lacks (another pair) it asks its kernel for (questions.py).
"""
import base64
import hashlib
import html
import json
import random
import re
import uuid

import numpy as np
import torch

from acai_lite.interpolation import decode_path, interpolate
from acai_lite.lines import line_scores
from acai_lite.realistic_paths import realistic_path

from .pages import STATIC, has_forms, png, sheet, strip
from .questions import channel, is_index, is_pair, wanted

FRAMES = 41
TOPS = {"critic": 0.5}      # of the curves, where it is not 1: alpha goes no further
STILL = """<p>{words}</p><p><img src="{picture}" alt="{alt}" \
style="width:100%;max-width:900px;image-rendering:pixelated"></p>"""
IN_A_LAB = "A still picture. To move it, run the cell."
UNTRUSTED = ("A still picture: no script may run here. In JupyterLab, press <b>Trust HTML</b> "
             "above.")
# beside the box: Jupyter mends its address
TWIN = '<p><a href="{}">The same as a page that needs no kernel</a></p>'
# a page alone: its own script (by its hash), styles and pictures inside the file; no frame, form or
# connection
POLICY = ("default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; "
          "base-uri 'none'; form-action 'none'")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">\
<style>:root{{color-scheme:light dark}}</style>
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body class="acai-page"><nav><a href="index.html" target="_top">All
explorers</a></nav><h1>{title}</h1>
<p>{about}</p>{body}</body></html>
"""


class Explorer:
    """A view of `data()`, shown by static/<kind>.js. In a running kernel the page may `ask()` for
    more.

    title, about: heading and text of the page without a kernel. alt: what the still picture shows.
    twin: where that page is.
    """
    kind, asks = None, False

    def __init__(self, title, about, alt, twin=None):
        self.title, self.about, self.alt, self.twin, self._channel = title, about, alt, twin, None

    def data(self):
        """What the view shows: a dict that JSON can carry."""
        raise NotImplementedError

    def ask(self, question):
        """The answer to a question of the page: a dict that JSON can carry."""
        raise NotImplementedError

    def still(self):
        """A picture (H,W) or (H,W,3) of bytes, for where no script runs."""
        raise NotImplementedError

    def _body(self, box, words=IN_A_LAB):
        twin = TWIN.format(html.escape(self.twin)) if self.twin else ""
        still = STILL.format(words=words, picture=png(self.still()),
                             alt=html.escape(self.alt, quote=True))
        style, common, own = ((STATIC / name).read_text("utf-8") for name in
                              ("explorer.css", "common.js", f"{self.kind}.js"))
        data = json.dumps(self.data() | {"asks": self.asks, "alt": self.alt},
                          separators=(",", ":")).replace("<", "\\u003c")
        return (f'<div class="acai-explorer" id="{box}">{still}</div>{twin}<style>{style}</style>'
                f'<script type="module">{common}{own}start("{box}", {data});</script>')

    def _repr_html_(self):
        box = f"acai-{uuid.uuid4().hex[:8]}"
        if self.asks and has_forms():
            self._channel = channel(box, self.ask)
        return self._body(box)

    def page(self):
        """The whole explorer as the text of one HTML file that needs no kernel and no net."""
        body = self._body("explorer", UNTRUSTED)
        (script,) = re.findall(r'<script type="module">(.*)</script>', body, re.DOTALL)
        policy = POLICY.format(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode())
        return PAGE.format(title=html.escape(self.title),
                           about=html.escape(self.about), body=body, policy=policy)


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


class FilmExplorer(Explorer):
    """Methods side by side, moved by t, and by the moment of training if there are several.

    films: {pair: frames (R,T,C,32,32), or (S,R,T,C,32,32) with S moments}. methods: R names.
    moments: S numbers of samples. measures: {name: function of frames (N,C,32,32) -> (N,) numbers},
    shown under each frame and as a curve along the path. truth: first the distance (1e-3) to the
    nearest line, and its angle (degrees).
    """
    kind = "interpolation"

    def __init__(self, films, methods, moments=None, measures=None, truth=False, start=None,
                 **about):
        self.films, self.methods, self.moments, self.truth = films, list(methods), moments, truth
        self.measures, self.paths, self.classes, self.start = (measures or {},
                                                               ["linear"], None, start)
        super().__init__(**{"title": "Between two images", "about": "",
                            "alt": "Rows: the methods, " + ", ".join(self.methods) + ". Columns: "
                            "places on the way from one image to the other."} | about)

    def shots(self, pair, path):
        """Frames (S,R,T,C,32,32) of a pair on a path. Pure."""
        frames = self.films[pair]
        return frames if frames.ndim == 6 else frames[None]

    def pairs(self):
        return list(self.films)

    def name(self, pair):
        return str(pair)

    def pair(self, pair, paths):
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
        pairs = [self.pair(pair, self.paths) for pair in self.pairs()]
        frames = self.shots(self.pairs()[0], self.paths[0]).shape[2]
        return {"methods": self.methods, "frames": frames, "start": frames // 2
                    if self.start is None else self.start, "measures": scales, "paths": self.paths,
                "pairs": pairs, "classes": self.classes, "moments": self.moments}

    def still(self):
        tiles = self.shots(self.pairs()[0], self.paths[0])[-1]         # (R,T,C,32,32)
        return strip(tiles)


class InterpolationExplorer(FilmExplorer):
    """The pixel blend and some models side by side between two images, moved by t. New pairs are
    asked of the kernel.

    images: an `ImageSet`. models: {name: autoencoder}. pairs: [(i, j)] of test images. paths: kinds
    of path; "realistic" needs realism, an index of codes, and all models must share it. measures:
    as in `FilmExplorer`; on lines the truth is shown, too.
    """
    asks = True

    def __init__(self, images, models, pairs=((0, 1), (2, 3), (4, 5), (6, 7), (8, 9)),
                 measures=None, paths=("linear",), realism=None, **about):
        self.images, self.models, self.realism, self.random = (images, models, realism,
                                                               random.Random(0))
        super().__init__(dict.fromkeys(map(tuple, pairs)), ["pixel blend", *models], None, measures,
                         images.name == "lines",
                         **{"title": f"Interpolation: {images.name}"} | about)
        self.paths = list(paths)
        self.classes = None if images.name == "lines" else list(map(str, images.classes)) or None

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
        return {"pair": self.pair(tuple(pair), [path])}

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
