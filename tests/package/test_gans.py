"""The GANs: the formulas written out, who moves, points, scores of the ring, and that `fit` trains
and resumes them."""
import math
import signal

import pytest
import torch
from helpers import forward, seeded, weights
from torch import nn

import acai_lite as al
from acai_lite.gans import (
    COLLAPSED_RECIPE,
    GAN,
    IMAGE_RECIPE,
    RING,
    RING_RECIPE,
    SCALAR_RECIPE,
    STD,
    Points,
    image_gan,
    normal_points,
    ring_gan,
    ring_of_eight,
    ring_scores,
    scalar_gan,
)


def train(model, points, samples, recipe, **options):
    return al.fit(model, points, samples, recipe, device="cpu", quiet=True, **options)


# --- the contract ---------------------------------------------------------------------------------

def test_cross_entropy_losses_equal_the_formulas():
    model, x = ring_gan().double(), ring_of_eight().train_images[:7].double()
    out = forward(model, x)
    real = [1 / (1 + math.exp(-model.discriminator(point[None]).item())) for point in x]
    made = [1 / (1 + math.exp(-model.discriminator(model.generator(z[None])).item()))
            for z in out.z]
    losses = model.losses(x, out)
    assert set(losses) == {"generator", "discriminator"}
    assert losses["generator"].item() == pytest.approx(-sum(map(math.log, made)) / 7, rel=1e-12)
    assert losses["discriminator"].item() == pytest.approx(
        -sum(map(math.log, real)) / 7 - sum(math.log(1 - p) for p in made) / 7, rel=1e-12)


def test_least_squares_losses_equal_the_formulas():
    model, x = ring_gan("least-squares").double(), ring_of_eight().train_images[:7].double()
    out = forward(model, x)
    real = [model.discriminator(point[None]).item() for point in x]
    made = [model.discriminator(model.generator(z[None])).item() for z in out.z]
    losses = model.losses(x, out)
    assert losses["generator"].item() == pytest.approx(sum((d - 1) ** 2 for d in made) / 7,
                                                       rel=1e-12)
    assert losses["discriminator"].item() == pytest.approx(
        sum((d - 1) ** 2 for d in real) / 7 + sum(d ** 2 for d in made) / 7, rel=1e-12)


def test_a_blind_discriminator_loses_two_log_2_and_sure_ones_stay_finite():
    model, x = scalar_gan().double(), torch.zeros(4, 1, dtype=torch.float64)
    losses = model.losses(x, forward(model, x))                        # w = b = 0: every d is 0
    assert losses["generator"].item() == pytest.approx(math.log(2))
    assert losses["discriminator"].item() == pytest.approx(2 * math.log(2))
    out = forward(model, x)
    out.d_real, out.d_fake = out.d_real - 1000, out.d_fake + 1000      # wrong, and sure of it
    assert model.losses(x, out)["discriminator"].item() == pytest.approx(2000)


def test_theta_moves_towards_the_data_if_the_discriminator_is_right_and_away_if_it_is_wrong():
    model, x = scalar_gan().double(), normal_points().train_images[:64].double()
    for w, way in ((0.5, 1), (-0.5, -1)):
        with torch.no_grad():
            model.discriminator.weight.fill_(w)
        gradient, = torch.autograd.grad(model.losses(x, forward(model, x))["generator"],
                                        model.players()["generator"])
        assert -gradient.item() * way > 0  # a step goes against the gradient
    with torch.no_grad():
        model.discriminator.weight.zero_()
    gradient = torch.autograd.grad(model.losses(x, forward(model, x))["discriminator"],
                                   model.discriminator.weight)[0]
    assert -gradient.item() > 0  # data lie above the samples: w must grow


def test_the_scalar_gradients_equal_those_by_hand():
    model, x = scalar_gan().double(), normal_points().train_images[:32].double()
    with torch.no_grad():
        # theta, w, b
        for parameter, value in zip(model.parameters(), (1.2, 0.4, -0.7), strict=True):
            parameter.fill_(value)
    out, players = forward(model, x), model.players()
    losses = model.losses(x, out)
    fake = out.z + 1.2
    p_real, p_fake = torch.sigmoid(0.4 * x - 0.7), torch.sigmoid(0.4 * fake - 0.7)
    theta, = torch.autograd.grad(losses["generator"], players["generator"], retain_graph=True)
    w, b = torch.autograd.grad(losses["discriminator"], players["discriminator"])
    assert theta.item() == pytest.approx(-(0.4 * (1 - p_fake)).mean().item(), rel=1e-12)
    assert w.item() == pytest.approx((-(1 - p_real) * x + p_fake * fake).mean().item(), rel=1e-12)
    assert b.item() == pytest.approx((-(1 - p_real) + p_fake).mean().item(), rel=1e-12)


def test_one_step_of_fit_gives_each_player_its_own_gradient_only_and_moves_both_at_once():
    """Adam's first step is rate * sign: theta follows w as it was before, and the discriminator's
    loss never moves it."""
    model, recipe = scalar_gan().double(), al.Recipe(learning_rate=0.1, batch_size=64)
    train(model, normal_points(), 64, recipe)
    assert model.generator.theta.item() == 0  # w was 0: no slope to follow, whatever D's loss says
    assert model.discriminator.weight.item() == pytest.approx(0.1, rel=1e-4)
    train(model, normal_points(), 64, recipe)
    assert model.generator.theta.item() == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize("model", [scalar_gan(), ring_gan(), image_gan(width=8, depth=4)])
def test_players_own_every_parameter_once(model):
    owned = [id(p) for parameters in model.players().values() for p in parameters]
    assert len(owned) == len(set(owned)) == len(list(model.parameters()))
    shape = (5, *model.image_shape)
    out = forward(model, torch.zeros(shape))
    assert (out.fake.shape == model.sample(5, seeded()).shape == shape
            and out.d_real.shape == out.d_fake.shape == (5,))
    assert (torch.equal(model.sample(5, seeded(1)), model.sample(5, seeded(1)))
            and model.loss_scale == 1.0)


def test_start_values_depend_on_the_seed_and_unfit_arguments_are_named():
    assert torch.equal(weights(ring_gan(seed=1)), weights(ring_gan(seed=1)))
    assert not torch.equal(weights(ring_gan(seed=1)), weights(ring_gan(seed=2)))
    assert image_gan(width=8, depth=4).sample(4, seeded()).abs().max() <= 1
    with pytest.raises(ValueError, match="got 'hinge'"):
        GAN(nn.Identity(), nn.Linear(1, 1), (1,), (1,), loss="hinge")
    with pytest.raises(ValueError, match=r"data must have shape \(B, 2\); got \(3, 1\)"):
        forward(ring_gan(), torch.zeros(3, 1))
    with pytest.raises(ValueError, match=r"takes images \(1,\); ring has \(2,\)"):
        train(scalar_gan(), ring_of_eight(), 256, SCALAR_RECIPE)


# --- points and scores ----------------------------------------------------------------------------

@pytest.mark.parametrize("points, d", [(normal_points(), 1), (ring_of_eight(), 2)])
def test_points_are_fresh_and_depend_on_the_generator_alone(points, d):
    passes = [list(points.batches("train", 1000, seeded(seed))) for seed in (0, 0, 1)]
    assert ([len(batches) for batches in passes] == [65, 65, 65]
            and all(y is None for _, y in passes[0]))
    x, again, other = (torch.cat([x for x, _ in batches]) for batches in passes)
    assert x.shape == (65_000, d) and x.dtype == torch.float32
    assert torch.equal(x, again) and not torch.equal(x, other) and len(x.unique(dim=0)) > 64_000
    assert points.train_images.shape == (65_536, d) and points.train_images[:10].shape == (10, d)
    assert points.train_labels is None and points.test_images is None
    if d == 1:
        assert (x.mean().item() == pytest.approx(3, abs=0.02)
                and x.std().item() == pytest.approx(1, abs=0.02))


def test_unfit_points_are_named():
    with pytest.raises(ValueError,
                       match=r"bad: sample must make \(count, d\) float32; got \(65536,\)"):
        Points("bad", lambda count, generator: torch.zeros(count))
    with pytest.raises(ValueError, match="float64"):
        Points("bad", lambda count, generator: torch.zeros(count, 2, dtype=torch.float64))
    for split, size in (("test", 5), ("train", 70_000), ("valid", 5)):
        with pytest.raises(ValueError, match="split|does not fit"):
            next(ring_of_eight().batches(split, size, seeded()))


def test_the_ring_scores_8_and_a_single_mode_1():
    assert (torch.allclose(RING.norm(dim=1), torch.full((8,), 2.0))
            and torch.cdist(RING, RING)[0, 1] > 6 * STD)
    real = ring_scores(ring_of_eight().train_images[:])
    assert real.modes == 8 and real.good == pytest.approx(1 - math.exp(-4.5), abs=2e-3)
    assert (ring_scores(RING.repeat(5, 1)) == ring_scores(RING.numpy())
            and ring_scores(RING).good == 1.0)
    one = ring_scores(RING[3] + 0.01 * torch.randn(1000, 2, generator=seeded()))
    assert (one.modes, one.good) == (1, 1.0)  # 1,000 perfect samples on one mode
    assert ring_scores(torch.zeros(100, 2)) == ring_scores(RING * 1.2)
    assert (ring_scores(torch.zeros(100, 2)).modes == 0
            and ring_scores(torch.zeros(100, 2)).good == 0.0)


def test_a_mode_needs_one_sample_in_a_hundred_within_three_spreads():
    rest = RING[:1].repeat(99, 1)
    assert ring_scores(torch.cat([rest, RING[4:5]])).modes == 2
    assert ring_scores(torch.cat([rest, rest, RING[4:5]])).modes == 1
    assert ring_scores(RING + torch.tensor([0.0, 2.99 * STD])).good == 1.0
    assert ring_scores(RING + torch.tensor([0.0, 3.01 * STD])).good == 0.0


def test_noise_everywhere_is_rarely_good():
    square = torch.rand(100_000, 2, generator=seeded()) * 6 - 3
    assert ring_scores(square).good == pytest.approx(8 * math.pi * (3 * STD) ** 2 / 36, abs=0.005)


@pytest.mark.parametrize("samples", [torch.zeros(5, 3), torch.zeros(2), torch.zeros(0, 2),
                                     torch.zeros(2, 2, 2), torch.tensor([[0.0, float("nan")]]),
                                     torch.tensor([[0.0, float("inf")]])])
def test_ring_scores_refuse_what_is_no_sample(samples):
    with pytest.raises(ValueError, match="finite and have shape"):
        ring_scores(samples)


# --- training -------------------------------------------------------------------------------------

def few_digits():
    images = al.load("digits")
    return al.ImageSet("few digits", images.train_images.stored[:64])


@pytest.mark.parametrize("make, data, recipe, steps", [
    (scalar_gan, normal_points, SCALAR_RECIPE, 5), (ring_gan, ring_of_eight, RING_RECIPE, 5),
    (lambda loss: image_gan(width=8, depth=4, loss=loss), few_digits, IMAGE_RECIPE, 2)])
@pytest.mark.parametrize("loss", ["cross-entropy", "least-squares"])
def test_fit_moves_both_players(make, data, recipe, steps, loss):
    model = make(loss)
    before = {player: [p.detach().clone() for p in parameters]
              for player, parameters in model.players().items()}
    history = train(model, data(), steps * recipe.batch_size, recipe)
    assert history.steps == steps and set(history.points[0]) == {"samples", "generator",
                                                                 "discriminator"}
    assert all(not torch.equal(a, b) for player, parameters in model.players().items()
               for a, b in zip(parameters, before[player], strict=True))
    assert not model.training and history.probe is None


def test_the_scalar_gan_passes_3_and_settles_there():
    model, theta = scalar_gan(), []
    train(model, normal_points(), 256 * 1000, SCALAR_RECIPE,
          on_report=lambda _: theta.append(model.generator.theta.item()))
    assert max(theta) > 3.2 and theta[-1] == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize("freeze", [None, 20])
def test_simultaneous_gradient_steps_settle_unless_the_discriminator_is_frozen(freeze):
    """Lab 04's numbers: rates 0.1 for theta, 0.3 for w and b, batches of 256."""
    model, draw, points, theta = scalar_gan(), seeded(), normal_points(), []
    rates = {"generator": 0.1, "discriminator": 0.3}
    for step in range(500):
        x = points.sample(256, draw)
        losses = model.losses(x, model.run(x, **model.draw(x, draw)))
        gradients = {player: torch.autograd.grad(losses[player], parameters, retain_graph=True)
                     for player, parameters in model.players().items()}
        with torch.no_grad():
            for player, parameters in model.players().items():
                for p, gradient in zip(parameters, gradients[player], strict=True):
                    if player == "generator" or freeze is None or step < freeze:
                        p -= rates[player] * gradient
        theta.append(model.generator.theta.item())
    if freeze is None:
        assert (max(theta) == pytest.approx(3.7, abs=0.1)
                and min(theta[400:]) > 2.9 and max(theta[400:]) < 3.1)
    else:
        assert (theta[199] == pytest.approx(4.5, abs=0.15)
                and theta[499] == pytest.approx(5.7, abs=0.15))


@pytest.mark.slow
def test_a_stopped_gan_goes_on_bit_for_bit(tmp_path):
    # two passes over the points, and more
    whole, parts, samples = ring_gan(), ring_gan(), 128 * 1200
    done, calls = train(whole, ring_of_eight(), samples, RING_RECIPE, seed=3), []

    def stop_at_60(point):
        calls.append(point)
        if len(calls) == 60:
            signal.raise_signal(signal.SIGINT)

    first = train(parts, ring_of_eight(), samples, RING_RECIPE, seed=3, resume=tmp_path / "run",
                  on_report=stop_at_60)
    assert first.interrupted and 512 < first.steps < 1200
    parts = ring_gan(seed=9)  # another start: all must come from the file
    second = train(parts, ring_of_eight(), samples, RING_RECIPE, seed=3, resume=tmp_path / "run")
    assert (torch.equal(weights(whole), weights(parts)) and second.points == done.points
            and not second.interrupted)
    with pytest.raises(ValueError, match="other settings: model"):
        train(ring_gan("least-squares"), ring_of_eight(), samples, RING_RECIPE, seed=3,
              resume=tmp_path / "run")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_the_ring_is_covered_and_a_discriminator_30_times_faster_loses_modes(seed):
    found = {}
    for recipe in (RING_RECIPE, COLLAPSED_RECIPE):
        model = ring_gan(seed=seed)
        train(model, ring_of_eight(), 128 * 8000, recipe, seed=seed)
        found[recipe.name] = ring_scores(model.sample(10_000, seeded(7)))
    assert found["ring"].modes >= 7 and found["ring"].good > 0.7
    # good samples of few modes
    assert found["collapsed"].modes <= 3 and found["collapsed"].good > 0.5
