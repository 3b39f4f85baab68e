"""The realism index: values by hand, closed forms beside counting, and what it may not be asked."""

import math
import time

import numpy as np
import pytest
import sklearn.mixture
import sklearn.neighbors
import torch
from scipy import stats
from torch import distributions as D
from torch.autograd import gradcheck

import acai_lite as al
from acai_lite import RealismIndex, fit_density, rank_agreement

CLOSED = ["gaussian", "radial", "laplace", "cauchy"]
KINDS = ["gaussian", "mixture", "kernel"]


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def gaussian(n, seed=0):
    """A random mean (n,) and covariance (n,n), its variances in all directions between 1 and about
    50."""
    a = normal(n, n, seed=seed) * 3 / math.sqrt(n)
    return 5 * normal(n, seed=seed + 1), a @ a.T + torch.eye(n, dtype=torch.float64)


def log_normal(mean, cov):
    """log f of N(mean, cov), but for a constant."""
    inverse = torch.linalg.inv(cov)
    return lambda z: -((z - mean) @ inverse * (z - mean)).sum(-1) / 2


def exact(kind, n, count, seed):
    """Closed form, log density but for a constant, and `count` draws, by NumPy's generator
    alone."""
    random = np.random.default_rng(seed)
    if kind in ("gaussian", "radial"):
        mean, cov = gaussian(n, seed)
        draws = (torch.from_numpy(random.standard_normal((count, n)))
                 @ torch.linalg.cholesky(cov).T + mean)
        density, form = log_normal(mean, cov), getattr(al, f"{kind}_realism")
        if kind == "radial":
            return (lambda z: form(z, mean, cov), lambda z: (n - 1)
                    * (-2 * density(z)).log() / 2 + density(z), draws)
        return lambda z: form(z, mean, cov), density, draws
    if kind == "laplace":
        draws = torch.from_numpy(random.laplace(scale=0.3, size=(count, n)))
        return lambda z: al.laplace_realism(z, 0.3), lambda z: -z.abs().sum(-1) / 0.3, draws
    if kind == "cauchy":
        draws = torch.from_numpy(7 * random.standard_normal((count, n))
                                 / np.abs(random.standard_normal((count, 1))))
        return (lambda z: al.cauchy_realism(z, 7), lambda z: -(n + 1) / 2
                * (z / 7).square().sum(-1).log1p(), draws)
    draws = torch.from_numpy(random.uniform(-1, 2, size=(count, n)))
    inside = lambda z: ((z >= -1) & (z <= 2)).all(-1)  # noqa: E731
    return lambda z: al.uniform_realism(z, -1, 2), lambda z: inside(z).double().log(), draws


def assert_spread_evenly(indices):
    found = stats.kstest(indices.numpy(), "uniform")
    assert found.pvalue > 0.001, found


class Ring:
    """Radius N(1, 0.2^2), every angle alike: f(r) = phi((r - 1) / 0.2) / (2 pi r)."""

    def log_prob(self, z):
        r = z.norm(dim=-1)
        return -((r - 1) / 0.2).square() / 2 - r.log()

    def sample(self, shape):
        r, angle = (1 + 0.2 * torch.randn(shape, dtype=torch.float64),
                    2 * math.pi * torch.rand(shape, dtype=torch.float64))
        return torch.stack([r * angle.cos(), r * angle.sin()], -1)


def five_bumps():
    """A mixture of five Gaussians on a circle, torch's."""
    angles = torch.arange(5, dtype=torch.float64) * 2 * math.pi / 5
    bumps = D.Independent(D.Normal(torch.stack([angles.cos(), angles.sin()], 1),
                                   torch.tensor(0.2).double()), 1)
    return D.MixtureSameFamily(D.Categorical(torch.arange(1.0, 6.0).double()), bumps)


# --- what counting is -----------------------------------------------------------------------------


@pytest.fixture
def four():
    """Scores 0, 1, 1 and 2."""
    return RealismIndex(lambda z: z[:, 0], torch.tensor([[1.0], [0.0], [2.0], [1.0]]))


def test_the_index_by_hand(four):
    z = torch.tensor([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 9.0, -math.inf, math.inf])[:, None]
    assert four(z).tolist() == [0, 0.25, 0.25, 0.75, 0.75, 1, 1, 0, 1]


def test_the_standard_error_by_hand(four):
    z = torch.tensor([0.0, 1.0, -5.0, 5.0])[:, None]
    assert torch.allclose(four.standard_error(z), torch.tensor(3 / 64).double().sqrt(), rtol=0,
                          atol=1e-12)
    many = RealismIndex(lambda z: z[:, 0], torch.linspace(1, 10_000, 10_000)[:, None])
    z = torch.tensor([5000.0, 9000.0, 0.0, 20_000.0])[:, None]
    assert many.standard_error(z).tolist() == pytest.approx([0.005, 0.003, 1e-4, 1e-4], rel=1e-3)


@pytest.mark.parametrize(
    "change",
    [torch.exp, lambda f: f**3, lambda f: 7 * f - 1000, lambda f: f + 12.5,
     torch.sigmoid, lambda f: (f / 10).tan()],
    ids=["exp", "cube", "affine", "unnormalised", "sigmoid", "tan"],
)
def test_any_increasing_change_of_the_score_gives_the_identical_index(change):
    torch.manual_seed(0)
    bumps = five_bumps()
    density, samples, z = bumps.log_prob, bumps.sample((2000,)), bumps.sample((500,))
    assert -15 < density(samples).min() and density(samples).max() < 15  # where tan(f / 10) rises
    first, second = (RealismIndex(density, samples),
                     RealismIndex(lambda z: change(density(z)), samples))
    assert torch.equal(first(z), second(z)) and first(z).unique().numel() > 400
    assert torch.equal(first.standard_error(z), second.standard_error(z))


@pytest.mark.parametrize("leading", [(), (1,), (7,), (3, 4), (2, 1, 5), (1200,), (0,), (2, 0, 3)])
@pytest.mark.parametrize("shape", [(1,), (3,), (2, 4, 4)])
def test_one_number_per_point_whatever_the_shape(shape, leading):
    index = RealismIndex(lambda z: -z.flatten(1).square().sum(1), normal(500, *shape))
    z = normal(*leading, *shape, seed=1)
    each = [index(point) for point in z.reshape(-1, *shape)] if z.numel() else []
    found = index(z)
    assert found.shape == index.log(z).shape == index.standard_error(z).shape == leading
    assert found.dtype == index.log(z).dtype == index.standard_error(z).dtype == torch.float64
    assert found.flatten().tolist() == each


@pytest.mark.parametrize("leading", [(), (7,), (3, 4), (0,), (2, 0, 3)])
@pytest.mark.parametrize("kind", [*CLOSED, "uniform"])
def test_closed_forms_give_one_number_per_point(kind, leading):
    form, _, draws = exact(kind, 3, 12, 0)
    z = draws[: math.prod(leading)].reshape(*leading, 3)
    found = form(z)
    assert found.shape == leading and found.dtype == torch.float64
    assert torch.allclose(found.flatten(), form(draws)[: math.prod(leading)], rtol=1e-12)


def test_draws_are_the_same_for_the_same_seed_and_leave_torchs_own_alone():
    state = torch.get_rng_state()
    one, same, other = (RealismIndex.of(five_bumps(), 500, seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(one.scores, same.scores) and not torch.equal(one.scores, other.scores)
    assert len(RealismIndex.of(five_bumps()).scores) == 100_000


# --- the index of its own draws spreads evenly ----------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 8, 64, 1024])
@pytest.mark.parametrize("kind", CLOSED)
def test_closed_forms_of_exact_draws_spread_evenly(kind, n):
    form, _, draws = exact(kind, n, 1000, seed=100 + n)
    assert_spread_evenly(form(draws))


@pytest.mark.parametrize("n", [1, 2, 8, 64])
@pytest.mark.parametrize("kind", CLOSED)
def test_counting_spreads_exact_draws_evenly(kind, n):
    _, density, draws = exact(kind, n, 12_000, seed=n + 1)
    assert_spread_evenly(RealismIndex(density, draws[1000:])(draws[:1000]))


@pytest.fixture(scope="module")
def fitted():
    """fitted(kind, n) -> a density of 300 clustered codes, and 1,000 draws of it that are not its
    own `sample`'s."""
    known = {}

    def get(kind, n):
        if (kind, n) not in known:
            codes = normal(300, n) + 3 * (torch.arange(300) % 2)[:, None]
            density = fit_density(codes, kind, components=2, bandwidth=None if n < 64 else 0.5)
            random = np.random.default_rng(n)
            if kind == "kernel":
                draws = codes.numpy()[random.integers(300, size=1000)]
                draws = draws + density.bandwidth * random.standard_normal((1000, n))
            else:
                which = random.choice(len(density.weights), size=1000, p=density.weights.numpy())
                means, factors = density.means.numpy(), density.factors.numpy()
                noise = random.standard_normal((1000, n))
                draws = np.stack([noise @ factor.T
                                  for factor in factors])[which, np.arange(1000)] + means[which]
            known[kind, n] = codes, density, torch.from_numpy(draws)
        return known[kind, n]

    return get


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 8, 64, 1024])
@pytest.mark.parametrize("kind", KINDS)
def test_fitted_densities_spread_draws_of_them_evenly(kind, n, fitted):
    _, density, draws = fitted(kind, n)
    assert_spread_evenly(RealismIndex.of(density, 12_000 if n < 1024
                                         else 2000)(draws[: 1000 if n < 1024 else 400]))


@pytest.mark.parametrize(
    "name", ["normal 2", "normal 8", "normal 64", "laplace 2", "laplace 64", "cauchy 2",
             "cauchy 64", "ring", "bumps"]
)
def test_torchs_distributions_spread_their_draws_evenly(name):
    kind, n = (name.split() + ["2"])[:2]
    n, random = int(n), np.random.default_rng(5)
    if kind == "normal":
        mean, cov = gaussian(n)
        density, draws = (D.MultivariateNormal(mean, cov),
                          random.multivariate_normal(mean.numpy(), cov.numpy(), size=1000))
    elif kind == "laplace":
        density = D.Independent(D.Laplace(torch.ones(n).double(), 2.0), 1)
        draws = random.laplace(1, 2, size=(1000, n))
    elif kind == "cauchy":
        density, draws = D.Independent(D.Cauchy(torch.zeros(n).double(), 1.0),
                                       1), random.standard_cauchy((1000, n))
    else:
        density = Ring() if kind == "ring" else five_bumps()
        radius, angle = random.normal(1, 0.2, size=1000), random.uniform(0, 2 * math.pi, 1000)
        if kind == "bumps":
            radius, angle = (np.ones(1000),
                             2 * math.pi / 5 * random.choice(5, size=1000, p=np.arange(1, 6) / 15))
        draws = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
        draws = draws + (0.2 * random.standard_normal((1000, 2)) if kind == "bumps" else 0)
    assert_spread_evenly(RealismIndex.of(density, 12_000)(torch.from_numpy(draws)))


def test_an_index_of_another_density_does_not_spread_evenly():
    """What the tests above would say of a wrong index: samples twice as wide."""
    index = RealismIndex(lambda z: -z.square().sum(1), 2 * normal(12_000, 8))
    assert stats.kstest(index(normal(1000, 8, seed=1)).numpy(), "uniform").pvalue < 1e-20


@pytest.mark.parametrize("n", [1, 2, 64, 1024])
def test_all_of_a_uniform_density_is_equally_real_and_the_rest_is_not_at_all(n):
    form, density, draws = exact("uniform", n, 1000, 0)
    index = RealismIndex(density, draws[100:])
    inside, outside = draws[:100], draws[:100].clone()
    outside[:, n // 2] += 4
    assert (form(inside) == 1).all() and (form(outside) == 0).all()
    assert (index(inside) == 1).all() and (index(outside) == 0).all()
    assert (index.log(inside) == 0).all() and (index.log(outside) == -math.inf).all()


def test_the_edge_of_a_box_belongs_to_it():
    low, high = torch.tensor([0.0, -1.0]), torch.tensor([1.0, 3.0])
    z = torch.tensor([[0.0, -1.0], [1.0, 3.0], [0.5, 3.1], [-0.1, 0.0], [1.1, 4.0]])
    assert al.uniform_realism(z, low, high).tolist() == [1, 1, 0, 0, 0]


def test_torchs_uniform_distribution_is_all_ties():
    density = D.Independent(D.Uniform(torch.zeros(3), 1.0, validate_args=False), 1,
                            validate_args=False)
    assert RealismIndex.of(density, 1000)(
        torch.tensor([[0.5, 0.1, 0.9], [0.5, 0.1, 1.1]])).tolist() == [1, 0]


# --- closed forms beside counting -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "n"),
    [
        *(("gaussian", n) for n in (1, 2, 8, 32)),
        *(("radial", n) for n in (1, 2, 3, 8, 32, 256)),
        *(("laplace", n) for n in (1, 2, 32)),
        *(("cauchy", n) for n in (1, 2, 32)),
        *(("uniform", n) for n in (1, 8)),
    ],
)
def test_closed_forms_equal_counting_within_4_standard_errors(kind, n):
    form, density, draws = exact(kind, n, 20_008, seed=10 + n)
    index, centre = RealismIndex(density, draws[8:]), draws[8:].median(0).values
    z = torch.cat([draws[:8], centre
                   + torch.tensor([0.3, 0.8, 1.2, 2.0])[:, None] * (draws[:4] - centre)])
    assert ((index(z) - form(z)).abs() <= 4 * index.standard_error(z)).all()


# --- values known beforehand ----------------------------------------------------------------------


def test_a_plane_gaussian_is_exp_of_minus_half_the_square():
    r = torch.linspace(0, 6, 61, dtype=torch.float64)
    z = torch.stack([0.6 * r, -0.8 * r], 1)
    found = al.gaussian_realism(z, torch.zeros(2), torch.eye(2))
    assert torch.allclose(found, (-r.square() / 2).exp(), rtol=1e-9, atol=0)
    assert al.gaussian_realism(torch.tensor([0.0, 1.0]), 0.0,
                               torch.eye(2)) == pytest.approx(0.607, abs=5e-4)


@pytest.mark.parametrize("scale", [1.0, 0.2, 30.0])
def test_symmetric_densities_of_one_number_are_twice_their_tail(scale):
    z = scale * torch.linspace(-6, 6, 49, dtype=torch.float64)
    found = {
        stats.norm: al.gaussian_realism(z[:, None], 0.0,
                                        torch.tensor([[scale**2]], dtype=torch.float64)),
        stats.laplace: al.laplace_realism(z[:, None], scale),
        stats.cauchy: al.cauchy_realism(z[:, None], scale),
    }
    for density, index in found.items():
        assert index.numpy() == pytest.approx(2 * density.sf(np.abs(z.numpy()) / scale), rel=1e-9)


def test_the_radius_of_one_number_ranks_as_the_number_itself():
    """One number has no bubble: its chi density is highest at 0, and the index falls on either
    side."""
    z, cov = torch.linspace(-3, 3, 25, dtype=torch.float64)[:, None], torch.tensor([[2.0]])
    found = al.radial_realism(z + 5, torch.tensor([5.0]), cov)
    assert torch.allclose(found, al.gaussian_realism(z, torch.zeros(1), cov), rtol=1e-9)
    assert found.argmax() == 12 and found[12] == 1


@pytest.mark.parametrize(
    ("n", "plain", "radial", "digits"),
    [
        (2, 0.607, 1.0, (3, 6)),
        (8, 0.857, 0.33, (3, 2)),
        (16, 0.949, 0.117, (3, 3)),
        (32, 0.992, 0.019, (3, 3)),
        (64, 0.9997, 0.0006, (4, 4)),
        (100, 0.99999, 0.000016, (5, 6)),
    ],
)
def test_half_way_between_two_draws_the_density_is_high_and_the_bubble_empty(n, plain, radial,
                                                                             digits):
    """|z|^2 = n / 2. Some quote 0.116 and 0.00001 for 0.1171 and 0.0000156, which summing g gives,
    too (below)."""
    mean, cov = gaussian(n)
    unit = torch.nn.functional.normalize(normal(n, seed=5), dim=0) * math.sqrt(n / 2)
    z = mean + torch.linalg.cholesky(cov) @ unit
    assert float(al.gaussian_realism(z, mean, cov)) == pytest.approx(plain,
                                                                     abs=0.51 * 10 ** -digits[0])
    assert float(al.radial_realism(z, mean, cov)) == pytest.approx(radial,
                                                                   abs=0.51 * 10 ** -digits[1])


@pytest.mark.parametrize(("n", "low", "high"),
                         [(2, 0.36, 0.37), (8, 0.42, 0.44), (100, 0.48, 0.49)])
def test_draws_at_their_usual_radius_are_half_real(n, low, high):
    assert low < al.gaussian_realism(torch.ones(n), torch.zeros(n), torch.eye(n)) < high


@pytest.mark.parametrize("n", [2, 3, 8, 16, 100, 1024])
def test_the_radial_index_equals_a_sum_over_the_chi_density(n):
    """P(g(R) <= g(r)) by adding up g where it is low, on 200,000 radii; 1 at the bubble, the same
    at both its sides."""
    r = np.linspace(0, math.sqrt(n) + 9, 200_001)
    g = stats.chi.pdf(r, n)
    for radius in [math.sqrt(n / 2),
                   *(math.sqrt(n - 1) + np.array([-1.5, -0.7, -0.1, 0.0, 0.1, 0.7, 1.5, 3.0]))]:
        if radius > 0:
            z = torch.zeros(n, dtype=torch.float64)
            z[-1] = radius
            expected = g[g <= stats.chi.pdf(radius, n)].sum() / g.sum()
            assert (float(al.radial_realism(z, torch.zeros(n), torch.eye(n)))
                    == pytest.approx(expected, rel=1e-3, abs=1e-9))


def test_the_radial_index_is_finite_from_the_centre_to_far_away_and_smooth_at_the_bubble():
    for n in (2, 64, 1024):
        z = torch.zeros(7, n, dtype=torch.float64)
        step = torch.tensor([0, 1e-9, 1 - 1e-5, 1 - 1e-7, 1, 1 + 1e-5, 1e4]).double()
        z[:, 0] = math.sqrt(n - 1) * step
        found = al.radial_realism(z, torch.zeros(n), torch.eye(n))
        assert found[0] == 0 and found[1] < 1e-8 and found[6] == 0
        assert ((1 - found[2:6]).abs() < 1e-3).all() and found.max() <= 1


RING = {0.2: 0.000, 0.5: 0.03, 0.8: 0.44, 1.0: 0.84, 1.2: 0.24, 1.5: 0.01}


@pytest.mark.parametrize("angle", [0.0, 1.0, 4.0])
def test_the_ring(angle):
    index = RealismIndex.of(Ring())
    r = torch.tensor(list(RING), dtype=torch.float64)
    z = torch.stack([r * math.cos(angle), r * math.sin(angle)], 1)
    assert index(z).tolist() == pytest.approx(list(RING.values()), abs=0.0055)
    grid = np.linspace(1e-4, 3, 300_001)
    level, weight = stats.norm.pdf(grid, 1, 0.2) / grid, stats.norm.pdf(grid, 1, 0.2)
    expected = [weight[level <= stats.norm.pdf(at, 1, 0.2) / at].sum() / weight.sum()
                for at in RING]
    assert ((index(z) - torch.tensor(expected)).abs() <= 4 * index.standard_error(z)).all()


def test_a_chord_of_the_ring_leaves_it():
    """Antipodes are real; the hole between them is not (f is high again only at r = 0 itself, where
    1 / r has its pole)."""
    path = al.interpolate(torch.tensor([[-1.0, 0.0]]).double(),
                          torch.tensor([[1.0, 0.0]]).double(), 10)[0]
    index = RealismIndex.of(Ring(), 20_000)(path)
    assert index[0] > 0.8 and index[-1] > 0.8 and index[3:7].max() < 0.01


# --- gradients of closed forms --------------------------------------------------------------------


def test_the_gradient_of_the_plane_gaussian_by_hand():
    mean, cov = gaussian(2)
    z = (mean + 2 * normal(20, 2, seed=3)).requires_grad_()
    index = al.gaussian_realism(z, mean, cov)
    index.sum().backward()
    inverse = torch.linalg.inv(cov)
    assert torch.allclose(z.grad,
                          -(z.detach() - mean) @ inverse * index.detach()[:, None], rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 8, 32])
def test_gradients_of_closed_forms_are_those_of_differences(n):
    mean, cov = gaussian(n)
    z = (mean + normal(4, n, seed=3)).requires_grad_()
    assert gradcheck(lambda z: al.gaussian_realism(z, mean, cov), z)
    assert gradcheck(al.laplace_realism, normal(4, n, seed=3).requires_grad_())


@pytest.mark.parametrize("n", [1, 2, 3, 8])
@pytest.mark.parametrize("form", [lambda z: al.gaussian_realism(z, torch.zeros(
    z.shape[-1]), torch.eye(z.shape[-1])), al.laplace_realism], ids=["gaussian", "laplace"])
def test_the_middle_is_wholly_real_and_has_no_slope(form, n):
    """Where a straight path between opposite codes goes through."""
    z = torch.zeros(5, n, requires_grad=True)
    index = form(z)
    index.sum().backward()
    assert (index == 1).all() and (z.grad == 0).all()


# --- the smooth logarithm -------------------------------------------------------------------------


@pytest.mark.parametrize("name",
                         ["gaussian 2", "gaussian 64", "laplace 8", "cauchy 8", "ring", "bumps"])
def test_the_logarithm_agrees_with_the_count(name):
    kind, n = (name.split() + ["2"])[:2]
    if kind in CLOSED:
        _, density, draws = exact(kind, int(n), 30_000, seed=1)
        index, z = RealismIndex(density, draws[2000:]), draws[:2000]
    else:
        index = RealismIndex.of(Ring() if kind == "ring" else five_bumps(), 30_000)
        z = 0.7 * normal(2000, 2, seed=1)
    ri, log = index(z), index.log(z)
    high = ri > 0.02
    assert high.sum() > 500 and (log <= 0).all()
    assert ((log[high].exp() - ri[high]).abs() <= 0.03 * ri[high]).all()
    top = (ri > 0.9) & (ri < 0.999)  # where the logarithm itself is small
    assert top.sum() > 10 and ((log[top] - ri[top].log()).abs() <= -0.1 * ri[top].log()).all()
    order = index._score(z).argsort()
    assert (log[order].diff() >= 0).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_tail_of_the_plane_gaussian_goes_on_as_it_does(seed):
    """log ri = -r^2 / 2 at r = 6, where one draw in 66 million lies."""
    index = RealismIndex(log_normal(torch.zeros(2), torch.eye(2)),
                         normal(100_000, 2, seed=seed, dtype=torch.float32))
    z = torch.tensor([[3.0, 0.0], [0.0, 6.0], [-7.2, 9.6]])
    assert index.log(z).tolist() == pytest.approx([-4.5, -18, -72], rel=0.08)
    assert index(z)[1:].tolist() == [0, 0]


def test_the_logarithm_is_finite_and_has_slopes_however_far_outside():
    mean, cov = gaussian(1024)
    index = RealismIndex(log_normal(mean, cov),
                         normal(500, 1024) @ torch.linalg.cholesky(cov).T + mean)
    z = (mean
         + torch.tensor([30.0, 1e2, 1e4, 1e6])[:, None] * normal(4, 1024, seed=1)).requires_grad_()
    log = index.log(z)
    log.sum().backward()
    assert log.isfinite().all() and (log.diff() < 0).all() and log[-1] < -1e9
    assert z.grad.isfinite().all() and (z.grad.abs().amax(1) > 0).all()


@pytest.mark.parametrize("name", ["bumps", "ring", "gaussian", "kernel", "far outside"])
def test_slopes_of_the_logarithm_climb_the_density(name):
    density = {"ring": Ring(), "bumps": five_bumps()}.get(name) or fit_density(
        normal(200, 2), "kernel" if name == "kernel" else "gaussian"
    )
    index = RealismIndex.of(density, 20_000)
    z = ((5 if name == "far outside" else 0.8) * normal(300, 2, seed=1)).requires_grad_()
    slope = torch.autograd.grad(index.log(z).sum(), z)[0]
    uphill = torch.autograd.grad(density.log_prob(z).sum(), z)[0]
    below = index(z) < 0.999
    assert slope.isfinite().all() and below.sum() > 250
    along = torch.nn.functional.cosine_similarity(slope, uphill, dim=1)
    assert (along[below] > 1 - 1e-6).all()
    assert gradcheck(index.log, z.detach()[:20].requires_grad_())


def test_the_logarithm_of_a_shifted_and_scaled_score_is_the_same():
    density, samples, z = five_bumps().log_prob, normal(2000, 2), 3 * normal(500, 2, seed=1)
    found = [RealismIndex(lambda z, a=a: a * density(z) + 3, samples).log(z) for a in (1, 50)]
    assert torch.allclose(*found, rtol=1e-6)


def test_the_logarithm_where_scores_tie():
    """Scores 0 (30 times), 1 (50 times), 2 (20 times): corners at full counts, straight lines
    between them."""
    score = torch.tensor([0.0] * 30 + [1.0] * 50 + [2.0] * 20)
    index = RealismIndex(lambda z: z[:, 0], score[torch.randperm(
        100, generator=torch.Generator().manual_seed(0))][:, None])
    log = index.log(torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])[:, None]).tolist()
    expected = [math.log(0.3), (math.log(0.3) + math.log(0.8)) / 2, math.log(0.8), 0, 0]
    assert log[1:] == pytest.approx(expected, abs=1e-12)
    assert -math.inf < log[0] < log[1]


def test_samples_outside_count_and_do_not_disturb():
    """A quarter of the samples lies where the density is 0: below them nothing, at the lowest
    others just above 1/4."""
    score = torch.cat([torch.full((250,), -math.inf), torch.linspace(1, 4, 750)])[:, None]
    index = RealismIndex(lambda z: z[:, 0], score)
    z = torch.tensor([-math.inf, 0.9, 1.0, 2.5, 4.0])[:, None].requires_grad_()
    assert index(z).tolist() == pytest.approx([0.25, 0.25, 0.251, 0.625, 1], abs=1e-9)
    log = index.log(z)
    found = log.detach()
    assert log[0] == -math.inf and log[1:].isfinite().all() and (log.diff() > 0).all()
    assert float(found[3].exp()) == pytest.approx(0.625, rel=0.02) and found[4] == 0
    log[1:].sum().backward()
    assert z.grad.isfinite().all()


# --- densities of codes ---------------------------------------------------------------------------


def test_the_gaussian_is_torchs(fitted):
    for n in (1, 8, 1024):
        codes, density, draws = fitted("gaussian", n)
        cov = torch.from_numpy(np.atleast_2d(np.cov(codes.numpy().T)))
        cov = cov + 1e-6 * cov.diagonal().mean() * torch.eye(n)
        expected = D.MultivariateNormal(codes.mean(0), cov).log_prob(draws[:5])
        assert torch.allclose(density.log_prob(draws[:5]), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_the_mixture_is_scikit_learns(n, fitted):
    codes, density, draws = fitted("mixture", n)
    ridge = 1e-6 * float(codes.var(0).mean())
    theirs = sklearn.mixture.GaussianMixture(2, reg_covar=ridge, random_state=0).fit(codes.numpy())
    assert density.log_prob(draws).numpy() == pytest.approx(theirs.score_samples(draws.numpy()),
                                                            rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 8, 64, 1024])
def test_the_kernel_density_is_scikit_learns(n, fitted):
    """leaf_size of all codes: with smaller leaves scikit-learn 1.x misses the sum by up to 14 for
    64 numbers."""
    codes, density, draws = fitted("kernel", n)
    theirs = sklearn.neighbors.KernelDensity(bandwidth=density.bandwidth,
                                             leaf_size=300).fit(codes.numpy())
    draws = draws[:100]
    assert density.log_prob(draws).numpy() == pytest.approx(theirs.score_samples(draws.numpy()),
                                                            rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_1024_numbers_neither_underflow_nor_stop_the_gradient(kind, fitted):
    codes, density, draws = fitted(kind, 1024)
    z = torch.cat([draws[:3], codes[:3] + 0.1,
                   torch.full((1, 1024), 50.0).double()]).requires_grad_()
    log = density.log_prob(z)
    log.sum().backward()
    assert log.isfinite().all() and z.grad.isfinite().all() and (z.grad.abs().amax(1) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_of_the_density_they_come_from(kind, fitted):
    """A narrower density q: the mean of q / f over draws of f is 1, whatever q is."""
    _, density, _ = fitted(kind, 2)
    torch.manual_seed(0)
    z = density.sample((20_000,))
    for mean in (0.0, 1.5, 3.0):
        q = D.Independent(D.Normal(torch.full((2,), mean).double(), 0.4), 1)
        ratio = (q.log_prob(z) - density.log_prob(z)).exp()
        assert abs(ratio.mean() - 1) < 4 * ratio.std() / math.sqrt(len(z))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fitted_density_is_the_same_for_float32_codes_and_leaves_them_alone(kind):
    codes = normal(100, 3, dtype=torch.float32).requires_grad_()
    found = fit_density(codes, kind, components=2).log_prob(codes)
    expected = fit_density(codes.detach().double().numpy(), kind,
                           components=2).log_prob(codes.double())
    assert found.dtype == torch.float64 and torch.allclose(found, expected, rtol=1e-9)


def test_the_ridge_is_a_share_of_the_mean_variance():
    codes = normal(200, 2) * torch.tensor([1.0, 3.0])
    density = fit_density(codes, ridge=0.5)
    expected = torch.cov(codes.T) + 0.5 * codes.var(0).mean() * torch.eye(2)
    assert torch.allclose(density.factors[0] @ density.factors[0].T, expected)
    mean, cov = al.mean_and_cov(codes, ridge=0.5)
    assert torch.allclose(cov, expected) and torch.allclose(mean, codes.mean(0))


def test_the_gaussian_of_a_plane_circle_is_regular_by_its_ridge():
    """What a code of lines comes to: a circle in two of 16 dimensions, with a little noise."""
    angles = torch.arange(400, dtype=torch.float64) * (2 * math.pi / 400)
    codes = 1e-8 * normal(400, 16)
    codes[:, :2] += torch.stack([angles.cos(), angles.sin()], 1)
    with pytest.raises(ValueError, match="singular"):
        al.gaussian_realism(codes, codes.mean(0), torch.cov(codes.T))
    mean, cov = al.mean_and_cov(codes)
    on, centre = (al.gaussian_realism(z, mean, cov) for z in (codes, mean[None]))
    assert (on > 0).all() and (on < 1).all() and centre.item() == pytest.approx(1)


def test_dependent_columns_need_the_ridge():
    codes = normal(50, 2)
    codes = torch.cat([codes, codes.sum(1, keepdim=True)], 1)
    assert fit_density(codes).log_prob(codes).isfinite().all()
    for kind, message in (("gaussian", "singular.*more samples than dimensions"),
                          ("mixture", "ill-defined|singular")):
        with pytest.raises(ValueError, match=message):
            fit_density(codes, kind, components=1, ridge=0)


def test_the_bandwidth_is_one_that_suits_unseen_codes():
    """Near Silverman's 0.28 for 2,000 normal codes of 2 numbers; it grows with the codes' scale."""
    codes, unseen = normal(2000, 2), normal(2000, 2, seed=1)
    width = fit_density(codes, "kernel").bandwidth
    assert 0.17 < width < 0.5
    assert fit_density(100 * codes, "kernel").bandwidth == pytest.approx(100 * width)
    other = [fit_density(codes, "kernel", bandwidth=f * width).log_prob(unseen).mean()
             for f in (0.3, 1, 3)]
    assert other[1] > other[0] and other[1] > other[2]


# --- precision and speed --------------------------------------------------------------------------


def test_a_float32_density_is_ranked_as_exactly_as_it_is_given():
    mean, cov = gaussian(8)
    density = D.MultivariateNormal(mean.float(), cov.float())
    index = RealismIndex.of(density, 20_000)
    z = density.sample((50,))
    assert index(z).dtype == torch.float64
    assert ((index(z) - al.gaussian_realism(z, mean, cov)).abs()
            <= 4 * index.standard_error(z) + 1e-5).all()


@pytest.mark.parametrize("n", [1, 8, 1024])
def test_closed_forms_of_float32_points_are_those_of_the_same_float64_points(n):
    z, mean, cov = normal(20, n, dtype=torch.float32), torch.zeros(n), 2 * torch.eye(n)
    for form in (lambda z: al.gaussian_realism(z, mean, cov), lambda z: al.radial_realism(
            z, mean, cov), al.laplace_realism, al.cauchy_realism):
        assert torch.equal(form(z), form(z.double()))


def test_1024_float32_numbers_are_ranked():
    mean, cov = torch.zeros(1024), torch.eye(1024)
    index = RealismIndex(lambda z: -z.square().sum(1) / 2, normal(3000, 1024, dtype=torch.float32))
    z = normal(50, 1024, seed=1, dtype=torch.float32)
    assert ((index(z) - al.gaussian_realism(z, mean, cov)).abs()
            <= 4 * index.standard_error(z) + 1e-4).all()


def test_10000_points_against_100000_samples_take_50_ms_on_one_core():
    """Processor seconds, best of 5."""
    index, z = RealismIndex.of(fit_density(normal(2000, 32))), normal(10_000, 32, seed=1)
    threads, took = torch.get_num_threads(), []
    torch.set_num_threads(1)
    try:
        for _ in range(5):
            started = time.process_time()
            index(z)
            took.append(time.process_time() - started)
    finally:
        torch.set_num_threads(threads)
    assert min(took) < 0.05, took


# --- what is refused ------------------------------------------------------------------------------


def square(z):
    return -z.square().sum(-1)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (normal(1, 3), r"2 or more points; got \(1, 3\)"),
        (normal(0, 3), r"2 or more points; got \(0, 3\)"),
        (normal(5), r"\(M, \*shape\).*got \(5,\)"),
        (torch.ones(5, 3).long(), r"samples must be a floating tensor.*got .*int64"),
        ([[1.0], [2.0]], "samples must be a floating tensor.*got list"),
        (np.ones((5, 3)), "samples must be a floating tensor.*got ndarray"),
        (torch.tensor([[0.0], [math.nan], [1.0]]), "density is NaN at 1 of 3 points"),
    ],
)
def test_samples_that_cannot_be_ranked_are_refused(samples, message):
    with pytest.raises(ValueError, match=message):
        RealismIndex(square, samples)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (normal(5, 4), r"must have shape \(\.\.\., 3\) as the samples have; got \(5, 4\)"),
        (normal(4), r"\(\.\.\., 3\).*got \(4,\)"),
        (torch.tensor(1.0), r"\(\.\.\., 3\).*got \(\)"),
        (torch.tensor([[0.0, 1.0, math.nan], [0.0, 1.0, 2.0]]), "density is NaN at 1 of 2 points"),
    ],
)
@pytest.mark.parametrize("method", ["__call__", "log", "standard_error"])
def test_points_that_cannot_be_ranked_are_refused(method, z, message):
    index = RealismIndex(square, normal(50, 3))
    with pytest.raises(ValueError, match=message):
        getattr(index, method)(z)


def test_points_of_another_event_shape_are_refused():
    index = RealismIndex(lambda z: square(z.flatten(1)), normal(50, 2, 4, 4))
    with pytest.raises(ValueError, match=r"\(\.\.\., 2, 4, 4\).*got \(3, 32\)"):
        index(normal(3, 32))


def test_samples_that_all_lie_outside_are_refused():
    with pytest.raises(ValueError, match="no sample has a finite score"):
        RealismIndex(lambda z: torch.full((len(z),), -math.inf), normal(50, 3))


def test_a_density_of_every_number_by_itself_is_refused():
    """D.Laplace without D.Independent: three densities of one number instead of one of three."""
    with pytest.raises(ValueError,
                       match=r"one number per point.*got \(100, 3\) for 100 points.*Independent"):
        RealismIndex.of(D.Laplace(torch.zeros(3), 1.0), 100)


SINGULAR = torch.tensor([[1.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize("form", [al.gaussian_realism, al.radial_realism])
@pytest.mark.parametrize(
    ("z", "mean", "cov", "message"),
    [
        (normal(5, 2), torch.zeros(2), SINGULAR,
         "singular or not positive definite.*more samples than dimensions"),
        (normal(5, 2), torch.zeros(2), -torch.eye(2), "singular or not positive definite"),
        (normal(5, 2), torch.zeros(2), torch.tensor([[1.0, 0.9], [0.0, 1.0]]), "covariance"),
        (normal(5, 2), torch.zeros(2), torch.full((2, 2), math.nan), "covariance"),
        (normal(5, 2), torch.zeros(3), torch.eye(2),
         r"must fit together; got \(5, 2\), \(3,\) and \(2, 2\)"),
        (normal(5, 2), torch.zeros(2), torch.eye(3),
         r"must fit together; got \(5, 2\), \(2,\) and \(3, 3\)"),
        (normal(5, 2), torch.zeros(2), torch.ones(2),
         r"must fit together; got \(5, 2\), \(2,\) and \(2,\)"),
        (torch.tensor(1.0), torch.zeros(1), torch.eye(1),
         r"must fit together; got \(\), \(1,\) and \(1, 1\)"),
    ],
)
def test_a_gaussian_that_cannot_be_is_refused(form, z, mean, cov, message):
    with pytest.raises(ValueError, match=message):
        form(z, mean, cov)


@pytest.mark.parametrize("form", [al.laplace_realism, al.cauchy_realism])
@pytest.mark.parametrize("scale", [0, -1.0, math.nan])
def test_a_scale_that_is_not_positive_is_refused(form, scale):
    with pytest.raises(ValueError, match="scale must be > 0"):
        form(normal(5, 2), scale)


@pytest.mark.parametrize(
    ("codes", "settings", "message"),
    [
        (normal(10, 2), dict(kind="kde"), "unknown kind 'kde'.*'gaussian', 'mixture' or 'kernel'"),
        (torch.ones(10, 2), {}, "all codes are equal"),
        (normal(10), {}, r"\(N, \*code\).*got \(10,\)"),
        (normal(1, 2), {}, r"N >= 2.*got \(1, 2\)"),
        (torch.tensor([[0.0, 1.0], [math.nan, 2.0], [1.0, 5.0]]), {}, "codes must be finite"),
        (torch.tensor([[0.0, 1.0], [math.inf, 2.0], [1.0, 5.0]]), {}, "codes must be finite"),
        (normal(10, 2), dict(kind="kernel", bandwidth=0), "bandwidth must be > 0; got 0"),
        (normal(10, 2), dict(kind="kernel", bandwidth=-0.5), "bandwidth must be > 0; got -0.5"),
        (normal(10, 2), dict(kind="kernel", bandwidth=math.nan), "bandwidth must be > 0; got nan"),
        (normal(9, 2), dict(kind="kernel"), "bandwidth takes 10 or more codes; got 9"),
        (normal(5, 2), dict(kind="mixture", components=6), "n_components = 6, n_samples = 5"),
        (normal(5, 2), dict(kind="mixture", components=0), "n_components.*Got 0"),
    ],
)
def test_codes_that_have_no_such_density_are_refused(codes, settings, message):
    with pytest.raises(ValueError, match=message):
        fit_density(codes, **settings)


# --- scores that are no densities -----------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_codes_of_any_shape_are_as_good_as_flat_ones(kind):
    codes, z = normal(200, 2, 3, 3), normal(7, 5, 2, 3, 3, seed=1)
    shaped, flat = (fit_density(codes, kind, components=2),
                    fit_density(codes.flatten(1), kind, components=2))
    assert torch.equal(shaped.log_prob(z[0]), flat.log_prob(z[0].flatten(1)))
    indices = RealismIndex.of(shaped, 500), RealismIndex.of(flat, 500)
    assert indices[0].samples.shape == (500, 2, 3, 3) and indices[1].samples.shape == (500, 18)
    assert torch.equal(indices[0](z), indices[1](z.flatten(2)))


def test_the_critics_score_is_minus_its_guess_of_the_decoded_code():
    model = al.build("acai", "digits", recipe="lab")
    codes, z = (normal(count, *model.code_shape, seed=count, dtype=torch.float32)
                for count in (40, 6))
    score = al.critic_score(model)
    assert torch.equal(score(z), -model.d(model.decode(z)))
    assert torch.allclose(score(z.double()), score(z))
    index = RealismIndex(score, codes)
    guesses = model.d(model.decode(codes))
    expected = [(guesses >= guess).double().mean().item() for guess in model.d(model.decode(z))]
    assert index(z).tolist() == pytest.approx(expected, abs=0.026)  # one sample may tie by rounding
    z.requires_grad_()
    index.log(z).sum().backward()
    assert z.grad.isfinite().all() and (z.grad != 0).any()


def test_a_gans_discriminator_scores_what_its_noise_makes():
    gan = al.gans.ring_gan()
    noise = normal(50, 2, dtype=torch.float32)
    score = al.critic_score(gan)
    assert torch.equal(score(noise), gan.d(gan.generator(noise)))
    index = RealismIndex(score, noise)
    assert (torch.equal(index(noise).argsort(), score(noise).argsort())
            and float(index(noise).max()) == 1)


def test_a_model_without_an_adversary_has_no_such_score():
    with pytest.raises(ValueError, match="Autoencoder has no critic or discriminator"):
        al.critic_score(al.build("baseline", "digits", recipe="lab"))


def pooled(x):
    """(N,1,32,32) -> (N,16): the mean of every eighth."""
    return torch.nn.functional.avg_pool2d(x, 8).flatten(1)


@pytest.fixture(scope="module")
def digits():
    return al.load("digits")


def test_unseen_digits_are_as_real_as_held_out_ones_and_noise_is_not(digits):
    real = digits.test_images[:]
    index = al.feature_index(pooled, digits.train_images[:], real[:180])
    assert stats.kstest(index(real[180:]).numpy(), "uniform").pvalue > 0.001
    assert index(real[180:]).mean() == pytest.approx(0.5, abs=0.1)
    noise = 2 * torch.rand(50, 1, 32, 32, generator=torch.Generator().manual_seed(0)) - 1
    assert index(noise).max() <= 0.02 and index(-real[:50]).max() <= 0.02
    assert index(real[180:190].reshape(2, 5, 1, 32, 32)).shape == (2, 5)


@pytest.mark.parametrize(
    ("images", "held", "said"),
    [
        ((20, 1, 32, 32), (20, 3, 32, 32),
         r"one shape; got \(20, 1, 32, 32\) and \(20, 3, 32, 32\)"),
        ((16, 1, 32, 32), (20, 1, 32, 32), "16 features need more images than that; got 16"),
    ],
)
def test_images_that_have_no_feature_index_are_refused(images, held, said):
    with pytest.raises(ValueError, match=said):
        al.feature_index(pooled, normal(*images), normal(*held, seed=1))


def test_the_feature_index_ranks_by_distance_to_the_features_of_images(digits):
    train, real = digits.train_images[:600], digits.test_images[:]
    seen = pooled(train).double()
    inverse = torch.linalg.inv(torch.cov(seen.T) + 1e-6 * seen.var(0).mean() * torch.eye(16))
    away = pooled(real).double() - seen.mean(0)
    distance = (away @ inverse * away).sum(1)
    expected = [(distance[:100] >= d).double().mean().item() for d in distance[100:150]]
    assert (al.feature_index(pooled, train, real[:100])(real[100:150]).tolist()
            == pytest.approx(expected, abs=0.011))


# --- which index deserves trust -------------------------------------------------------------------


def test_agreement_is_1_minus_1_or_about_0():
    distance = np.random.default_rng(0).random((30, 8))
    assert rank_agreement(-distance, distance) == al.Agreement(*[pytest.approx(1)] * 3)
    assert rank_agreement(distance, distance) == al.Agreement(*[pytest.approx(-1)] * 3)
    nothing = rank_agreement(np.random.default_rng(1).random((30, 8)), distance)
    assert abs(nothing.correlation) < 0.2 and nothing.low < 0 < nothing.high


def noisy(paths=40, frames=6, seed=0, together=False):
    """An index that knows half of the distance; `together`: frames of a path all have the path's
    index and distance."""
    random = np.random.default_rng(seed)
    distance, noise = random.standard_normal((2, paths, 1 if together else frames))
    index = -distance + noise
    return [np.broadcast_to(a, (paths, frames)).copy() for a in (index, distance)]


@pytest.mark.parametrize("rounded", [9, 0])
def test_agreement_is_spearmans_correlation_ties_included(rounded):
    index, distance = (np.round(a, rounded) for a in noisy())
    expected = stats.spearmanr(index.ravel(), -distance.ravel()).statistic
    assert rank_agreement(index, distance,
                          resamples=2).correlation == pytest.approx(expected, abs=1e-12)
    tensors = rank_agreement(torch.from_numpy(index), torch.from_numpy(distance), resamples=2)
    assert tensors.correlation == pytest.approx(expected, abs=1e-12)


def test_agreement_is_the_same_for_any_increasing_change_of_either():
    index, distance = noisy()
    expected = rank_agreement(index, distance, 50)
    assert rank_agreement(np.exp(index), distance**3, 50) == expected
    assert rank_agreement(100 * index - 7, np.arctan(distance), 50) == expected
    assert rank_agreement(-index, distance, 50).correlation == pytest.approx(-expected.correlation,
                                                                             abs=1e-12)


def test_the_interval_contains_the_correlation_and_stays_for_a_seed():
    for seed in range(5):
        found = rank_agreement(*noisy(seed=seed), 200)
        assert -1 <= found.low < found.correlation < found.high <= 1
    assert (rank_agreement(*noisy(), 50) == rank_agreement(*noisy(), 50)
            != rank_agreement(*noisy(), 50, seed=1))


def test_whole_paths_are_resampled():
    """Six frames that say one and the same count once: the interval is sqrt(6) times as wide as for
    frames on their own."""
    apart, together = (rank_agreement(*noisy(together=flag), 400) for flag in (False, True))
    assert 1.7 < (together.high - together.low) / (apart.high - apart.low) < 3.5
    single = rank_agreement(*noisy(frames=1, together=True), 400)
    assert (together.low, together.high) == pytest.approx((single.low, single.high), abs=1e-9)


@pytest.mark.slow
def test_the_interval_holds_the_truth_about_19_times_in_20():
    truth = rank_agreement(*noisy(paths=20_000, frames=1, together=True), 1).correlation
    found = [rank_agreement(*noisy(paths=60, frames=2, seed=seed, together=True), 100)
             for seed in range(1, 81)]
    assert 0.85 <= np.mean([a.low <= truth <= a.high for a in found]) <= 1


def test_a_constant_index_agrees_with_nothing():
    found = rank_agreement(np.ones((5, 4)), noisy(5, 4)[1], 20)
    assert all(math.isnan(a) for a in (found.correlation, found.low, found.high))


def test_one_path_of_constant_index_does_not_cost_the_interval():
    index, distance = noisy(3, 6)
    index[1] = 0.0
    found = rank_agreement(index, distance, 200)
    assert -1 <= found.low <= found.correlation <= found.high <= 1


@pytest.mark.parametrize(
    ("index", "distance", "message"),
    [
        (np.ones((3, 4)), np.ones((4, 3)), r"\(K, T\), K >= 2, no NaN; got \(3, 4\) and \(4, 3\)"),
        (np.ones(4), np.ones(4), r"got \(4,\) and \(4,\)"),
        (np.ones((1, 4)), np.ones((1, 4)), r"got \(1, 4\) and \(1, 4\)"),
        (np.ones((2, 3, 4)), np.ones((2, 3, 4)), r"got \(2, 3, 4\) and \(2, 3, 4\)"),
        (np.array([[0.1, math.nan], [0.2, 0.3]]), np.ones((2, 2)), "no NaN"),
        (np.ones((2, 2)), np.array([[0.1, 0.2], [math.nan, 0.3]]), "no NaN"),
    ],
)
def test_frames_that_are_no_paths_are_refused(index, distance, message):
    with pytest.raises(ValueError, match=message):
        rank_agreement(index, distance)
