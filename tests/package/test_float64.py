"""Scores on a device that has no float64: nothing makes one there, and the numbers are the
CPU's."""
import math

import pytest
import torch
from elsewhere import Device, There, put

import acai_lite as al
from acai_lite.image_paths import ImageClassifier, kernel_distance


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def model(method="acai", data="digits"):
    return al.build(method, data, recipe="lab").eval().requires_grad_(False)


def square(z):
    return -z.flatten(1).square().sum(1)


def index(put):
    return al.RealismIndex(square, put(normal(60, 2, 4, 4)))


def walk(put):
    return al.realistic_path(put(normal(1, 2, 4, 4)), put(normal(1, 2, 4, 4, seed=1)),
                             index(put), 4, put(model()).decode, segments=3, fineness=2, rounds=1,
                             starts=1, iterations=4)


def costs(found):
    return torch.cat([found.cost, found.linear_cost, found.spherical_cost])


def table(put):
    classifier = put(ImageClassifier().eval().requires_grad_(False))
    return al.compare_paths({"acai": put(model())}, al.load("digits"), classifier, 4, 3)


Z, MEAN, COV = normal(6, 8), normal(8, seed=1), 2 * torch.eye(8)
X, LABELS = (2 * torch.rand(12, 1, 32, 32, generator=torch.Generator().manual_seed(0)) - 1,
             torch.arange(12) % 3)
THERE = {
    "linear": lambda put: al.interpolate(put(Z[:3]), put(Z[3:]), 5),
    "spherical": lambda put: al.interpolate(put(Z[:3]), put(Z[3:]), 5, "spherical"),
    "images": lambda put: al.interpolate_images(put(model()), put(X[:2]),
                                                put(X[2:4]), 3, "spherical"),
    "a realistic path": lambda put: walk(put).codes,
    "the critic's score": lambda put: al.critic_score(put(model()))(put(normal(5, 2, 4, 4))),
}
HERE = {
    "the costs of a path": lambda put: costs(walk(put)),
    "path_cost": lambda put: al.path_cost(put(normal(2, 3, 2, 4, 4)), lambda z: 1 / (1 - square(z)),
                                          put(model()).decode),
    "an index": lambda put: index(put)(put(normal(5, 2, 4, 4))),
    "its logarithm": lambda put: index(put).log(put(normal(5, 2, 4, 4))),
    "its error": lambda put: index(put).standard_error(put(normal(5, 2, 4, 4))),
    "the critic's index": lambda put: al.RealismIndex(
        al.critic_score(put(model())), put(normal(9, 2, 4, 4)))(put(normal(5, 2, 4, 4))),
    "an index of images": lambda put: al.feature_index(
        lambda x: x.flatten(1)[:, :5], put(X), put(-X))(put(X[:4])),
    "gaussian": lambda put: al.gaussian_realism(put(Z), put(MEAN), put(COV)),
    "radial": lambda put: al.radial_realism(put(Z), put(MEAN), put(COV)),
    "uniform": lambda put: al.uniform_realism(put(Z), put(MEAN), 5.0),
    "laplace": lambda put: al.laplace_realism(put(Z)),
    "cauchy": lambda put: al.cauchy_realism(put(Z)),
    "a Gaussian": lambda put: al.fit_density(put(normal(40, 2, 4))).log_prob(put(normal(5, 2, 4))),
    "a mixture": lambda put: al.fit_density(put(normal(40, 3)), "mixture",
                                            2).log_prob(put(normal(5, 3))),
    "a kernel density": lambda put: al.fit_density(put(normal(40, 3)),
                                                   "kernel").log_prob(put(normal(5, 3))),
    "nearest_line": lambda put: al.lines.nearest_line(put(X))[0],
    "line_scores": lambda put: al.line_scores(put(X.view(4, 3, 1, 32, 32))).distances,
    "score_lines": lambda put: al.score_lines(put(model("acai", "lines")),
                                              al.load("lines"), 3, 3).distances,
    "wave_scores": lambda put: al.wave_scores(put(normal(2, 3, 1, 32))).distances,
    "score_waves": lambda put: al.score_waves(put(model("vae", "waves")),
                                              al.load("waves"), 3, 3).distances,
    "path_scores": lambda put: al.path_scores(put(X.view(4, 3, 1, 32, 32)),
                                              put(ImageClassifier()), put(X)),
    "compare_paths": table,
    "kernel_distance": lambda put: kernel_distance(put(Z), put(Z + 1)),
    "codes": lambda put: al.encode_all(put(model()), X),
    "samples": lambda put: al.encode_all(put(model("vae")), put(X), what="samples"),
    "reconstruction_error": lambda put: al.reconstruction_error(put(model()), X),
    "linear_probe": lambda put: al.linear_probe(put(X), put(LABELS), put(X), put(LABELS)),
    "cluster_accuracy": lambda put: al.cluster_accuracy(put(X), put(X), put(LABELS), 2),
    "rank_agreement": lambda put: al.rank_agreement(put(Z), put(Z.square()), 20),
    "a figure": lambda put: al.figures.strips(put(X.view(4, 3, 1, 32, 32)), "Noise.").alt,
}


def same(found, expected):
    return torch.equal(found, expected) if torch.is_tensor(expected) else found == expected


@pytest.mark.parametrize("call", THERE)
def test_codes_and_frames_stay_on_a_device_without_float64(call):
    expected = THERE[call](lambda what: what)
    with Device():
        found = THERE[call](put)
    assert isinstance(found, There) and same(found.as_subclass(torch.Tensor), expected)


@pytest.mark.parametrize("call", HERE)
def test_scores_of_a_device_without_float64_are_computed_on_the_cpu(call):
    expected = HERE[call](lambda what: what)
    with Device():
        found = HERE[call](put)
    assert not isinstance(found, There) and same(found, expected)


def test_the_slope_of_an_index_reaches_a_code_on_the_device():
    slopes = []
    for where in (lambda what: what, put):
        with Device():
            z = where(normal(5, 2, 4, 4)).requires_grad_()
            index(where).log(z).sum().backward()
            slopes.append(z.grad)
    assert (torch.equal(*(slope.as_subclass(torch.Tensor) for slope in slopes))
            and slopes[0].abs().min() > 0)


def test_the_pretended_device_refuses_what_a_real_one_refuses():
    with Device():
        z = put(Z)
        assert z.device.type == "mps" and (2 * z.float()[:3]).device.type == "mps"
        for make in (lambda: z.double(), lambda: z.to(torch.float64), lambda: put(
                Z.double()), lambda: torch.zeros(2, dtype=torch.float64,
                                                 device=z.device), lambda: torch.cat([z, z])
                     .type(torch.float64), lambda: Z.double().to(z.device)):
            with pytest.raises(TypeError, match="float64"):
                make()
        for mix in (lambda: z + Z, lambda: z @ torch.eye(8), lambda: torch.cat([z, Z])):
            with pytest.raises(RuntimeError, match="same device"):
                mix()
        with pytest.raises(TypeError, match="numpy"):
            z.numpy()
        assert z.cpu().double().device.type == "cpu" and math.isfinite(float(z.sum()))
