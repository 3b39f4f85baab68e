"""More explorers: a map of codes, a density and its index."""
import torch
from traitlets import Any, List, TraitError, Unicode, validate

from acai_lite.densities import fit_density
from acai_lite.interpolation import decode_path, interpolate
from acai_lite.lines import line_scores
from acai_lite.probes import encode_all
from acai_lite.realism import RealismIndex
from acai_lite.realistic_paths import realistic_path

from .explorer import Explorer
from .explorers import FRAMES, among, two_of
from .pages import png, rounded, sheet, strip
from .questions import is_index, is_pair, is_place, wanted

POINTS, DRAWS = 300, 1000


class CodeMapExplorer(Explorer):
    """Test images as points, placed by the two main directions (PCA) of their codes; paths between
    any two of them.

    images: an `ImageSet`, labelled by class, or of lines (drawn at their angles). paths: kinds of
    path; "realistic" needs realism, an index of codes, and takes through, known codes, as
    `realistic_path` does. pairs: [(i, j)] of the first POINTS test images. One more trait: pair,
    any two of those.
    """
    kind, asks = "code_map", True
    pair = Any().tag(sync=True)

    def __init__(self, images, model, pairs=((0, 1), (2, 3), (4, 5), (6, 7), (8, 9)),
                 paths=("linear", "spherical"), realism=None, through=None, **about):
        self.images, self.model, self.paths, self.shown = images, model, paths, pairs
        self.realism, self.through = realism, through
        self.codes = encode_all(model, images.test_images[:POINTS])    # (N,Z)
        self.mean = self.codes.mean(0)
        self.axes = torch.linalg.svd(self.codes - self.mean, full_matrices=False).Vh[:2]  # (2,Z)
        self.reach = float(self.place(self.codes).abs().max())
        super().__init__(**{"title": f"A map of codes: {images.name}", "about": "",
                            "pair": tuple(pairs[0]), "start": FRAMES // 2,
                            "alt": "A map of codes: each test image is a mark, its place the two "
                                "main directions of its code; a path joins two of them."} | about)

    @property
    def last(self):
        return FRAMES - 1

    @validate("pair")
    def _a_pair(self, proposal):
        return two_of(proposal.value, len(self.codes))

    def place(self, codes):
        """(..., Z) -> (..., 2)"""
        return (codes - self.mean) @ self.axes.T

    def paths_of(self, i, j):
        """{path: (codes (T,Z), frames (T,C,32,32))} from code i to code j. Pure."""
        z0, z1 = (self.codes[k][None].unflatten(1, self.model.code_shape) for k in (i, j))
        found = {}
        for path in self.paths:
            if path == "realistic":
                z = realistic_path(z0, z1, self.realism, FRAMES, through=self.through,
                                   starts=1).codes
            else:
                z = interpolate(z0, z1, FRAMES, path)
            found[path] = z[0].flatten(1), decode_path(self.model, z)[0]
        return found

    def decoded(self, i, j):
        found = self.paths_of(i, j).values()
        return {"name": f"{i} to {j}", "ends": [i, j],
                "sheet": png(sheet(torch.stack([frames for _, frames in found]))),
                "curves": [rounded(self.place(codes) / self.reach) for codes, _ in found]}

    def data(self):
        places = rounded(self.place(self.codes) / self.reach)
        if self.images.name == "lines":
            # paths of two frames
            pictures = self.images.test_images[:POINTS][:, None].expand(-1, 2, -1, -1, -1)
            classes, marks = None, line_scores(pictures).angles[:, 0].tolist()
        else:
            classes, marks = (list(map(str, self.images.classes)),
                              self.images.test_labels[:POINTS].tolist())
        return {"points": [[*xy, round(mark, 3)] for xy, mark in zip(places, marks, strict=True)],
                "classes": classes, "kinds": list(self.paths), "frames": FRAMES,
                "start": self.frame, "pairs": [self.decoded(i, j) for i, j in self.shown]}

    def ask(self, question):
        i, j = wanted(question,
                      "ends", lambda ends: is_pair(ends, lambda k: is_index(k, len(self.codes))))
        return {"pair": self.decoded(i, j)}

    def still(self):
        return strip(torch.stack([frames for _, frames in
                                  self.paths_of(*self.shown[0]).values()]))


class RealismExplorer(Explorer):
    """Kernel densities of points in the plane: ri(z) as a share of draws, and three kinds of path.

    densities: {name: (points (N,2), [(a, b)] ends)}; DRAWS draws of each, `seed`. More traits:
    density, a name; point, z as [x, y]; ends, [a, b].
    """
    kind, asks = "realism", True
    density = Unicode().tag(sync=True)
    point, ends = List().tag(sync=True), List().tag(sync=True)

    def __init__(self, densities, bandwidth=0.15, seed=0, **about):
        self.densities = {}
        for name, (points, ends) in densities.items():
            density = fit_density(points, "kernel", bandwidth=bandwidth)
            self.densities[name] = density, RealismIndex.of(density, DRAWS, seed), ends
        self.first = self.data_of(next(iter(self.densities)))
        super().__init__(**{"title": "The realism index in the plane", "about": "",
                            "density": self.first["name"], "point": self.first["point"],
                            "ends": [list(self.first["pairs"][0][end]) for end in "ab"],
                            "start": FRAMES // 2,
                            "alt": "A density in the plane, a thousand draws from it, a point z, "
                                   "and three paths between two ends."} | about)

    @property
    def last(self):
        return FRAMES - 1

    @validate("density")
    def _a_density(self, proposal):
        return among("density", proposal.value, list(self.densities))

    @validate("point", "ends")
    def _places(self, proposal):
        name, value = proposal.trait.name, proposal.value
        if not (is_place(value) if name == "point" else is_pair(value, is_place)):
            wanted_value = "[x, y]" if name == "point" else "[[x, y], [x, y]]"
            raise TraitError(f"{name} is {wanted_value}, finite numbers; got {value!r}")
        return value

    def path(self, name, a, b):
        """The realistic path (T,2) from a to b, (2,) each. Pure."""
        ends = (torch.tensor([end], dtype=torch.float64) for end in (a, b))
        return realistic_path(*ends, self.densities[name][1], FRAMES).codes[0]

    def data_of(self, name):
        density, index, ends = self.densities[name]
        centre = (density.centres.amax(0) + density.centres.amin(0)) / 2
        reach = 1.25 * float((density.centres - centre).abs().max())
        box = [round(float(v), 3) for v in (centre[0] - reach, centre[0] + reach,
                                            centre[1] - reach, centre[1] + reach)]
        pairs = [{"name": f"{k + 1}", "a": a, "b": b, "path": rounded(self.path(name, a, b))}
                 for k, (a, b) in enumerate(ends)]
        return {"name": name, "centres": rounded(density.centres, 4), "width": density.bandwidth,
                "box": box, "draws": rounded(index.samples, 4),
                "point": rounded(density.centres[:1], 3)[0], "pairs": pairs}

    def data(self):
        return {"densities": [self.first, *(self.data_of(name)
                                            for name in list(self.densities)[1:])]}

    def ask(self, question):
        which = wanted(question, "density", lambda k: is_index(k, len(self.densities)))
        ends = wanted(question, "ends", lambda ends: is_pair(ends, is_place))
        return {"path": rounded(self.path(list(self.densities)[which], *ends))}

    def still(self):
        density, index, _ = next(iter(self.densities.values()))
        picture = torch.full((200, 200), 255, dtype=torch.uint8)
        away = index.samples - density.centres.mean(0)
        spots = (100 + 80 * away / away.abs().max()).long().clamp(0, 199)
        picture[199 - spots[:, 1], spots[:, 0]] = 0
        return picture
