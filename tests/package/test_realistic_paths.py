"""Realistic paths: the examples whose optimum is known, the cheat, the ring, two moons, and what is
refused."""

import math
import time

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons

from acai_lite import (
    RealismIndex,
    fit_density,
    hop_path,
    interpolate,
    path_cost,
    realistic_path,
)

SEEDS = [0, 1, 2]


def point(*numbers):
    return torch.tensor([numbers], dtype=torch.float64)


def half(z):
    return torch.full((len(z),), 0.5, dtype=torch.float64)


def on_sphere(z):
    """(N,2) -> (N,3): from the middle (0, 0, 1) of a unit sphere, the place (z, 0) of the floor is
    seen on the sphere."""
    middle = torch.tensor([0.0, 0.0, 1.0], dtype=z.dtype)
    away = torch.cat([z, torch.zeros_like(z[:, :1])], 1) - middle
    return middle + away / away.norm(dim=1, keepdim=True)


def forbidden_disk(z):
    return 0.5 * torch.exp(-5 * (1 - z.norm(dim=1)).clamp(min=0))


def hill(z):
    """The realism index of N(0, I) in two dimensions, softened by 0.1."""
    return 0.05 + 0.9 * torch.exp(-z.square().sum(1) / 2)


# --- Eq. (5) by hand ------------------------------------------------------------------------------

@pytest.mark.parametrize("places", [2, 5, 31])
def test_a_straight_path_of_length_root_two_at_quality_one_half(places):
    codes = interpolate(point(0.0, 1.0), point(1.0, 0.0), places)
    assert float(path_cost(codes, half)) == pytest.approx(math.log(2) ** 2 * 2)


def test_the_cost_by_hand():
    """Three places, middles at 1 and 3, Q = 1 / (1 + z): log^2(2) * 4 / 0.5 + log^2(4) * 4 /
    0.5."""
    codes = torch.tensor([[[0.0], [2.0], [4.0]]])
    expected = (math.log(2) ** 2 + math.log(4) ** 2) * 8
    assert float(path_cost(codes, lambda z: 1 / (1 + z[:, 0]))) == pytest.approx(expected)
    assert float(path_cost(codes, lambda z: 1 / (1 + z[:, 0]),
                           metric=lambda z: 3 * z)) == pytest.approx(9 * expected)


def test_the_smallest_cost_of_a_route_is_its_length_squared():
    """Cauchy-Schwarz: an even walk costs length^2 log^2 Q; any other timing of the same route costs
    more."""
    t = torch.linspace(0, 1, 101, dtype=torch.float64)[None, :, None]
    even, uneven = 3 * t, 3 * t.square()
    assert float(path_cost(even, half)) == pytest.approx(9 * math.log(2) ** 2)
    assert float(path_cost(uneven, half)) > 1.3 * 9 * math.log(2) ** 2


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1, math.nan])
def test_a_quality_outside_0_to_1_is_refused(value):
    with pytest.raises(ValueError, match=r"quality of a code must lie in \(0, 1\]"):
        path_cost(torch.zeros(1, 3, 2), lambda z: torch.full((len(z),), value))


def test_a_nan_density_is_refused_on_the_way():
    index = RealismIndex(lambda z: torch.where(z[:, 0].abs() < 0.1, math.nan, -z.square().sum(1)),
                         torch.ones(100, 2))
    with pytest.raises(ValueError, match="density is NaN"):
        realistic_path(point(-1.0, 0.0), point(1.0, 0.0), index, 5)


# --- examples 1 to 3 of papers.md B4, and the cheat -----------------------------------------------

@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("z0", "z1", "quality", "metric", "optimum"), [
    ((0.0, 1.0), (1.0, 0.0), half, None, 0.9609),
    ((0.0, 1.0), (1.0, 0.0), half, on_sphere, 0.5269),
    ((-1.3, 0.0), (1.3, 0.0), forbidden_disk, None, 5.608),
], ids=["plane", "half-sphere", "disk"])
def test_known_optima(z0, z1, quality, metric, optimum, seed):
    start = time.perf_counter()
    found = realistic_path(point(*z0), point(*z1), quality, 200, metric, seed=seed)
    assert time.perf_counter() - start < 20
    assert float(found.cost) == pytest.approx(optimum, rel=0.02)
    assert bool(found.converged)
    recomputed = path_cost(found.codes, quality, metric)  # of what is returned, at even distances
    assert float(recomputed) >= 0.98 * optimum
    assert float(found.cost) <= float(found.linear_cost) * 1.0001


def test_the_disk_is_walked_around():
    found = realistic_path(point(-1.3, 0.0), point(1.3, 0.0), forbidden_disk, 200)
    assert float(found.linear_cost) > 40  # straight through: 46.27 at its best timing
    assert float(found.codes.norm(dim=2).min()) > 0.95
    assert float(found.codes.diff(dim=1).norm(dim=2).sum()) == pytest.approx(3.4166, rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cheat_is_refused(seed):
    """Judged once a part, L-BFGS leaps over the hill; the path returned must cost, judged finely,
    the honest 7.45."""
    found = realistic_path(point(2.0, 0.0), point(-2.0, 0.5), hill, 30, seed=seed)
    assert float(found.cost) == pytest.approx(7.45, rel=0.05)
    assert bool(found.converged)
    steps = found.codes.diff(dim=1).norm(dim=2)
    assert float(steps.max()) < 1.05 * float(steps.min())              # even distances


def test_a_leap_is_seen_and_told():
    """With one place a part the cheat is there: the true cost is far above, and the path says that
    it has not converged. A second and a third round look closer, which costs the leap its
    profit."""
    leap, again = (realistic_path(point(2.0, 0.0), point(-2.0, 0.5), hill, 30, fineness=1, rounds=n)
                   for n in (1, 3))
    assert not bool(leap.converged) and float(leap.cost) > 20
    assert bool(again.converged) and float(again.cost) == pytest.approx(7.45, rel=0.05)


# --- codes without a prior: a ring, two moons -----------------------------------------------------

def ring(count, seed):
    """Off the origin, so that the spherical path does not follow it by chance."""
    random = np.random.default_rng(seed)
    angle, radius = random.uniform(0, 2 * np.pi, count), random.normal(1, 0.2, count)
    return torch.tensor(np.stack([radius * np.cos(angle) + 3, radius * np.sin(angle) + 1], 1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_around_a_ring(seed):
    index = RealismIndex.of(fit_density(ring(2000, seed), "mixture", components=12), 10_000)
    a, b = point(3.0, 2.0), point(3.0, 0.0)                            # opposite places of the ring
    assert float(index(interpolate(a, b, 51)).min()) < 0.02
    found = realistic_path(a, b, index, 51, seed=seed)
    assert float(index(found.codes).min()) >= 0.3
    assert float(found.cost) < float(found.linear_cost) / 4


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mixture", "kernel"])
@pytest.mark.parametrize("seed", SEEDS)
def test_along_a_moon(kind, seed):
    codes, moon = make_moons(1000, noise=0.08, random_state=seed)
    codes = torch.tensor(codes)
    index = RealismIndex.of(fit_density(codes, kind, components=12), 10_000)
    # two places of the upper moon
    a, b = point(math.cos(0.3), math.sin(0.3)), point(math.cos(2.84), math.sin(2.84))
    assert float(index(interpolate(a, b, 51)).min()) < 0.02
    along = realistic_path(a, b, index, 51, seed=seed).codes
    assert float(index(along).min()) >= 0.3


# --- shapes, ends, options ------------------------------------------------------------------------

@pytest.fixture(scope="module")
def index():
    codes = torch.randn(2000, 2, 2, 2, generator=torch.Generator().manual_seed(0))
    return RealismIndex(lambda z: -z.flatten(1).square().sum(1), codes)


def pairs(dtype=torch.float32):
    random = torch.Generator().manual_seed(1)
    return (2 * torch.randn(3, 2, 2, 2, generator=random).to(dtype) for _ in range(2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_types_and_exact_ends(index, dtype):
    z0, z1 = pairs(dtype)
    found = realistic_path(z0, z1, index, 7, iterations=40)
    assert found.codes.shape == (3, 7, 2, 2, 2) and found.codes.dtype == dtype
    assert torch.equal(found.codes[:, 0], z0) and torch.equal(found.codes[:, -1], z1)
    for value in (found.cost, found.linear_cost, found.spherical_cost):
        assert value.shape == (3,) and value.dtype == torch.float64 and value.isfinite().all()
    assert found.converged.shape == (3,) and found.converged.dtype == torch.bool
    assert (found.cost <= 1.02 * torch.minimum(found.linear_cost, found.spherical_cost)).all()


@pytest.mark.slow
def test_the_same_seed_finds_the_same_path(index):
    z0, z1 = pairs()
    assert torch.equal(*(realistic_path(z0, z1, index, 5, iterations=20).codes for _ in range(2)))


def test_coincident_ends_stay():
    found = realistic_path(point(1.0, 0.0), point(1.0, 0.0), hill, 5)
    assert torch.equal(found.codes, point(1.0, 0.0)[:, None].expand(1, 5, 2))
    assert float(found.cost) == float(found.linear_cost) == 0 and bool(found.converged)


@pytest.mark.slow
def test_one_pair_does_not_depend_on_its_company(index):
    z0, z1 = pairs()
    together, alone = realistic_path(z0, z1, index, 5), realistic_path(z0[:1], z1[:1], index, 5)
    assert (torch.equal(together.codes[:1], alone.codes)
            and torch.equal(together.cost[:1], alone.cost))


@pytest.mark.parametrize(("z0", "z1", "steps", "said"), [
    (torch.zeros(0, 2), torch.zeros(0, 2), 5, "no pairs"),
    (torch.zeros(1, 2), torch.zeros(2, 2), 5,
     r"one shape \(K, \*code\); got \(1, 2\) and \(2, 2\)"),
    (torch.zeros(1, 2), torch.zeros(1, 2), 1, "at least 2 steps; got 1"),
])
def test_what_is_no_pair_is_refused(z0, z1, steps, said):
    with pytest.raises(ValueError, match=said):
        realistic_path(z0, z1, hill, steps)


@pytest.mark.slow
def test_a_walk_through_known_codes_finds_a_far_way_round():
    """A horseshoe of good codes, 2 across and 22 long: bending the straight line does not find it,
    hopping does."""
    up = torch.linspace(0, 10, 101, dtype=torch.float64)
    top = torch.stack([up[:21], torch.full_like(up[:21], 10)], 1)
    known = torch.cat([torch.stack([torch.full_like(up, x), up], 1) for x in (0, 2)] + [top])

    def horseshoe(z):
        return 0.05 + 0.9 * torch.exp(-torch.cdist(z, known).amin(1).square() / 0.1)
    a, b = known[:1], known[101:102]
    blind = realistic_path(a, b, horseshoe, 60, starts=0)
    shown = realistic_path(a, b, horseshoe, 60, starts=0, through=known)
    assert float(blind.codes[:, :, 1].max()) < 5 < 9 < float(shown.codes[:, :, 1].max())
    assert float(shown.cost) < float(blind.cost) / 2


def test_models_keep_their_gradients_clean():
    layer = torch.nn.Linear(2, 3).double()
    realistic_path(point(0.0, 1.0), point(1.0, 0.0), half, 5, metric=layer, iterations=20)
    assert all(parameter.grad is None for parameter in layer.parameters())


def test_with_gradients_switched_off_it_still_searches():
    with torch.no_grad():
        found = realistic_path(point(-1.3, 0.0), point(1.3, 0.0), forbidden_disk, 20)
    assert float(found.cost) == pytest.approx(5.608, rel=0.02) and not found.codes.requires_grad


def test_a_path_that_has_not_converged_says_so():
    """A quality with walls between the 240 places where it is asked for, which 4 times as many
    places see."""
    def fence(z):
        return torch.where((240 * z[:, 0] - 0.5).abs() % 1 > 0.2, 0.05, 0.95).double()
    assert not realistic_path(point(0.0, 1.0), point(1.0, 0.0), fence, 5).converged


# --- hops through samples, with no index ----------------------------------------------------------

def test_hops_follow_the_samples_and_not_the_chord():
    angle = torch.rand(400, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2
    ring = torch.stack([angle.cos(), angle.sin()], 1).view(400, 2, 1)
    z0, z1 = ring[angle.argmin()][None], ring[angle.argmax()][None]
    path = hop_path(z0, z1, ring, 16)
    assert path.shape == (1, 16, 2, 1)
    assert torch.equal(path[:, 0], z0) and torch.equal(path[:, -1], z1)
    radius = path.flatten(2).norm(dim=2)
    assert radius.min() > 0.999 and interpolate(z0, z1, 16).flatten(2).norm(dim=2).min() < 0.6
    steps = path.flatten(2).diff(dim=1).norm(dim=2)
    assert steps.max() < 1.01 * steps.min()                            # at equal distances


def test_without_a_sample_nearby_the_hop_is_the_straight_path():
    z0, z1 = point(0.0, 0.0), point(1.0, 0.0)
    far = torch.tensor([[50.0, 50.0]], dtype=torch.float64)
    assert torch.allclose(hop_path(z0, z1, far, 5), interpolate(z0, z1, 5))
    for samples in (far[:0], far[:, :1]):
        with pytest.raises(ValueError, match="samples must be codes"):
            hop_path(z0, z1, samples, 5)
    with pytest.raises(ValueError, match="at least 2 steps"):
        hop_path(z0, z1, far, 1)
