"""What holds for any input: classifiers and clusters of codes, realism indices, densities, models,
figures, training."""
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

import acai_lite as al
from acai_lite.autoencoders import Autoencoder
from acai_lite.networks import Architecture
from acai_lite.recipes import RECIPES, Recipe
from acai_lite.zoo import BASES

SEEDS = st.integers(0, 10 ** 6)


def clouds(seed, count=60, classes=3, size=4, spread=1.0):
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    centres = 3 * torch.randn(classes, size, generator=random)
    return centres[labels] + spread * torch.randn(count, size, generator=random), labels


# --- what a code knows ----------------------------------------------------------------------------

@given(SEEDS, st.permutations(range(3)), st.floats(0.5, 4))
def test_a_probe_does_not_care_for_names_order_or_units(seed, names, spread):
    codes, labels = clouds(seed, spread=spread)
    test, test_labels = clouds(seed + 1, count=30, spread=spread)
    found = al.linear_probe(codes, labels, test, test_labels)
    names, order = (torch.tensor(names),
                    torch.randperm(len(codes), generator=torch.Generator().manual_seed(seed)))
    assert 0 <= found <= 1 and found * 30 == pytest.approx(round(found * 30))
    near = pytest.approx(found, abs=1 / 30 + 1e-9)  # lbfgs ends within its tolerance: a tie may tip
    assert al.linear_probe(codes, names[labels], test, names[test_labels]) == near
    assert al.linear_probe(codes[order], labels[order], test.flip(0), test_labels.flip(0)) == near
    assert al.linear_probe(10 * codes + 3, labels, 10 * test + 3, test_labels) == near


@given(SEEDS, st.permutations(range(3)), st.floats(0.2, 4))
def test_clusters_do_not_care_for_names_and_keep_their_range(seed, names, spread):
    codes, labels = clouds(seed, spread=spread)
    found = al.cluster_accuracy(codes, codes, labels, restarts=2)
    assert 1 / 3 <= found <= 1  # matched as well as can be: never below chance
    assert al.cluster_accuracy(codes, codes, torch.tensor(names)[labels], restarts=2) == found
    assert al.cluster_accuracy(codes, codes, 7 * labels + 2, restarts=2) == found


@given(SEEDS, st.integers(3, 40), st.integers(1, 8), st.floats(0.1, 10))
def test_the_dimension_of_a_code_knows_no_units_places_or_directions(seed, count, size, scale):
    random = torch.Generator().manual_seed(seed)
    z = torch.randn(count, size, generator=random, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(size, size, generator=random, dtype=torch.float64))[0]
    found = al.code_dimension(z)
    assert 1 - 1e-9 <= found.effective_dimension <= min(size, count - 1) + 1e-9
    assert 0 < found.top_two_share <= 1 + 1e-9
    moved = scale * z[torch.randperm(count, generator=random)] @ turn + 3
    assert al.code_dimension(moved.view(count, 1, size)) == pytest.approx(found, rel=1e-6)


# --- realism --------------------------------------------------------------------------------------

@given(SEEDS, st.integers(2, 200),
       st.sampled_from([torch.exp, torch.atan, lambda f: 3 * f - 5, lambda f: f ** 3]))
def test_an_index_ranks_only(seed, count, change):
    random = torch.Generator().manual_seed(seed)
    samples, z = (torch.randn(n, 3, generator=random, dtype=torch.float64) for n in (count, 20))

    def score(x): return -x.square().sum(1)
    index, changed = (al.RealismIndex(score, samples),
                      al.RealismIndex(lambda x: change(score(x)), samples))
    values = index(z)
    assert torch.equal(values, changed(z)) and values.min() >= 0 and values.max() <= 1
    assert torch.equal((values * count).round() / count, values)       # counts
    order = score(z).argsort()
    assert (values[order].diff() >= 0).all() and (index.log(z)[order].diff() >= -1e-9).all()
    assert (index.log(z) <= 0).all() and (index.standard_error(z) > 0).all()
    own = index(samples).sort().values  # of the samples themselves: 1/M, 2/M, ..., 1
    assert torch.allclose(own, torch.arange(1, count + 1).double() / count)


@given(SEEDS)
def test_an_index_is_uniform_over_fresh_draws(seed):
    random = torch.Generator().manual_seed(seed)
    samples, fresh = (torch.randn(2000, 2, generator=random) for _ in range(2))
    values = al.RealismIndex(lambda x: -x.square().sum(1), samples)(fresh).sort().values
    # Kolmogorov, 1e-6
    assert (values - torch.linspace(0, 1, 2000).double()).abs().max() < 2.7 / 2000 ** 0.5 * 2 ** 0.5


@given(SEEDS, st.integers(1, 6))
def test_realism_of_a_gaussian_is_the_closed_form_in_any_coordinates(seed, n):
    random = torch.Generator().manual_seed(seed)
    z, mean = (torch.randn(*shape, generator=random, dtype=torch.float64)
               for shape in ((5, n), (n,)))
    factor = torch.randn(n, n, generator=random,
                         dtype=torch.float64) + 3 * n * torch.eye(n, dtype=torch.float64)
    found = al.gaussian_realism(z, torch.zeros(n), torch.eye(n))
    assert np.allclose(found, chi2.sf(z.square().sum(1), n), atol=1e-12)
    moved = al.gaussian_realism(z @ factor.T + mean, mean, factor @ factor.T)
    assert torch.allclose(moved, found, atol=1e-8)
    radial = al.radial_realism(z, torch.zeros(n), torch.eye(n))
    assert (radial >= 0).all() and (radial <= 1).all()
    for other in (al.laplace_realism(z), al.cauchy_realism(z), al.uniform_realism(z, -1, 1)):
        assert other.shape == (5,) and (other >= 0).all() and (other <= 1).all()


@given(SEEDS, st.integers(2, 20), st.floats(0.1, 10))
def test_mean_and_cov_serve_codes_that_lie_in_a_plane_and_know_no_units(seed, size, scale):
    random = torch.Generator().manual_seed(seed)
    codes = torch.randn(50, 2, generator=random) @ torch.randn(2, size, generator=random)
    mean, cov = al.mean_and_cov(codes)
    again = al.mean_and_cov(scale * codes + 1)
    assert torch.allclose(again[0], scale * mean + 1, atol=1e-5)
    assert torch.allclose(again[1], scale ** 2 * cov, rtol=1e-3, atol=1e-5)
    found = al.gaussian_realism(codes, mean, cov)
    assert ((found >= 0) & (found <= 1)).all()


@given(SEEDS, st.sampled_from(["gaussian", "mixture", "kernel"]))
def test_densities_are_of_the_shape_of_their_codes(seed, kind):
    codes = torch.randn(40, 2, 1, 2, generator=torch.Generator().manual_seed(seed))
    density = al.fit_density(codes, kind, components=2)
    drawn = density.sample((7,))
    assert drawn.shape == (7, 2, 1, 2) and density.log_prob(codes).shape == (40,)
    assert (density.log_prob(codes).isfinite().all()
            and density.log_prob(codes + 100).max() < density.log_prob(codes).min())


@given(arrays(np.float64, st.tuples(st.integers(2, 5), st.integers(2, 6)),
              elements=st.floats(-5, 5), unique=True))
def test_agreement_is_a_rank_correlation(index):
    up, down = (al.rank_agreement(index, sign * index, resamples=20) for sign in (-1, 1))
    assert up.correlation == pytest.approx(1) and down.correlation == pytest.approx(-1)
    assert -1 - 1e-9 <= down.low <= down.high <= 1 + 1e-9


# --- models, training, figures --------------------------------------------------------------------

SIZES = {"lines": 4, "digits": 16, "waves": 4}  # a code_size is a multiple


@given(st.sampled_from([*BASES, "acai", "acai-vae", "acai-dropout"]), st.sampled_from(list(SIZES)),
       st.integers(1, 2), st.sampled_from(["paper", "lab"]), st.integers(1, 3))
def test_every_method_is_built_at_every_size(method, dataset, channels, recipe, count):
    recipe = Recipe(**{**RECIPES[recipe].settings(), "depth": 2,
                       "methods": {"vqvae": {"codebook": 8, "hidden": 8}}})
    places = 16 if (method, dataset) == ("vqvae", "lines") else SIZES[dataset]
    model = al.build(method, dataset, channels * places, recipe)
    x = torch.zeros(count, *model.image_shape)
    z = model.encode(x)
    assert model.code_size == channels * places and z.shape == (count, *model.code_shape)
    assert model.decode(z).shape == x.shape and model.decode(z).isfinite().all()
    with pytest.raises(ValueError, match="code_size must be a multiple of"):
        al.build(method, dataset, places + 1, recipe)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 12),
       st.sampled_from(["acai", "vae", "baseline"]))
def test_fit_takes_any_count_of_images_and_batches(count, size, samples, method):
    x = torch.linspace(-1, 1, count)[:, None, None, None].expand(-1, 1, 32, 32)
    images = al.ImageSet("some", x, torch.arange(count))
    recipe, model = Recipe(depth=1, batch_size=size), Autoencoder(Architecture(1, 4, 1, 1))
    model = al.ACAI(model) if method == "acai" else BASES[method](Architecture(1, 4, 1, 1))

    def train(): return al.fit(model, images, samples, recipe, quiet=True, device="cpu")
    if samples < size or count < size:
        with pytest.raises(ValueError, match="batch of"):
            train()
        return
    history = train()
    assert (history.steps == samples // size
            and history.samples == history.steps * size == history.points[-1]["samples"])
    assert (len(history.points) == min(100, history.steps) and not history.interrupted
            and not model.training)
    assert all(math.isfinite(value) for point in history.points for value in point.values())


ALT = st.text(min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=6)                       # matplotlib takes its time
@given(st.integers(1, 3), st.integers(1, 4),
       st.sampled_from([(1, 32, 32), (3, 32, 32), (1, 32)]), ALT, st.floats(0, 3))
def test_figures_take_any_count_and_carry_their_words(count, columns, shape, alt, reach):
    x = reach * torch.randn(count, 3, *shape)
    drawn = [al.figures.grid(x[:, 0], alt, columns),
             al.figures.strips(x, alt), al.figures.strips({"a": x[0]}, alt), al.figures.curves(
                 {"one": ([0], [reach]), "two": (range(30), range(30))}, alt, "x", "y")]
    for figure in drawn:
        assert isinstance(figure, al.figures.Figure) and figure.alt == alt.strip()
    for empty in ("", "  \n"):
        with pytest.raises(ValueError, match="every figure needs an alt text"):
            al.figures.grid(x[:, 0], empty)
