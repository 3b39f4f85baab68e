"""The baseline and ACAI: the formulas written out, who owns which gradient, and the limits."""
import pytest
import torch
from helpers import batch, forward

import acai_lite as al
from acai_lite.zoo import from_config


def small(method="acai", **settings):
    """A small float64 model whose outputs vary enough to tell formulas apart."""
    base = al.Autoencoder(al.Architecture(width=8, depth=4, code_channels=3, gain=2.0,
                                          **settings)).double()
    return al.ACAI(base).double() if method == "acai" else base


def test_baseline_loss_is_the_mean_over_batch_pixels_and_colours():
    model, x = small("baseline"), batch()
    out = model.run(x)
    by_hand = ((model.decode(model.encode(x)) - x) ** 2).sum() / (6 * 1 * 32 * 32)
    assert model.losses(x, out)["autoencoder"].item() == pytest.approx(by_hand.item(), rel=1e-12)
    assert torch.equal(out.features, out.z)


@pytest.mark.parametrize("ramp", [0.0, 0.3, 1.0])
def test_acai_losses_equal_the_formulas(ramp):
    model, x = small(), batch()
    out = forward(model, x)
    z, a = model.encode(x), out.alpha
    # partner: reversed batch
    mixed = torch.stack([a[i] * z[i] + (1 - a[i]) * z[len(x) - 1 - i] for i in range(len(x))])
    x_alpha, x_hat = model.decode(mixed), model.decode(z)
    d = [model.critic(image[None])[0] for image in x_alpha]
    d_unmixed = [model.critic((0.2 * x[i] + 0.8 * x_hat[i])[None])[0] for i in range(len(x))]
    losses = model.losses(x, out, ramp)
    assert losses["autoencoder"].item() == pytest.approx(
        (((x_hat - x) ** 2).mean() + ramp * 0.5 * sum(v ** 2 for v in d) / len(x)).item(),
        rel=1e-12)
    assert losses["critic"].item() == pytest.approx(
        (sum((v - w) ** 2 for v, w in zip(d, a, strict=True)) / len(x)
         + sum(v ** 2 for v in d_unmixed) / len(x)).item(), rel=1e-12)


def test_the_penalty_is_the_mean_of_squares_not_the_square_of_the_mean():
    model, x = small(), batch()
    out = forward(model, x)
    # mean 0, square 1
    out.d_alpha = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], dtype=torch.float64)
    plain = model.base.losses(x, out)["autoencoder"]
    assert (model.losses(x, out)["autoencoder"] - plain).item() == pytest.approx(0.5)


def test_a_blind_critic_of_one_eighth_costs_lambda_over_64_and_loses_5_over_96():
    model, x = small(), batch(4)
    out = forward(model, x)
    out.alpha = torch.linspace(0, 0.5, 4, dtype=torch.float64)
    out.d_alpha = out.d_unmixed = torch.full((4,), 0.125, dtype=torch.float64)
    plain = model.base.losses(x, out)["autoencoder"]
    assert (model.losses(x, out)["autoencoder"] - plain).item() == pytest.approx(0.5 / 64)
    alpha = torch.linspace(0, 0.5, 100_001, dtype=torch.float64)
    assert ((0.125 - alpha).square().mean() + 0.125 ** 2).item() == pytest.approx(5 / 96, rel=1e-3)


def test_alpha_is_folded_uniform_and_one_per_image():
    alpha = al.ACAI(al.Autoencoder()).draw(torch.zeros(100_000, 1, 1, 1),
                                           torch.Generator().manual_seed(0))["alpha"]
    assert alpha.shape == (100_000,) and alpha.min() >= 0 and alpha.max() <= 0.5
    counts = torch.histc(alpha, bins=10, min=0, max=0.5)
    assert (counts - 10_000).abs().max() < 500  # 5 standard deviations are 474; clamping piles up
    assert alpha.dtype == torch.float32


def test_each_loss_reaches_its_own_players_and_the_critics_loss_never_moves_the_autoencoder():
    model, x = small(), batch()
    players = model.players()
    out = forward(model, x)
    losses = model.losses(x, out)
    alone = torch.autograd.grad(losses["autoencoder"], players["autoencoder"], retain_graph=True)
    torch.autograd.grad(losses["critic"], players["critic"], retain_graph=True)
    again = torch.autograd.grad(losses["autoencoder"], players["autoencoder"], retain_graph=True)
    assert all(torch.equal(a, b) for a, b in zip(alone, again, strict=True))
    assert all(p.grad is None for p in model.parameters())  # nothing is accumulated anywhere
    leaked = torch.autograd.grad(losses["autoencoder"] + losses["critic"], players["autoencoder"])
    # the ports' bug would be seen
    assert max((a - b).abs().max() for a, b in zip(alone, leaked, strict=True)) > 1e-6


def test_players_own_every_parameter_once():
    model = small()
    owned = [id(p) for parameters in model.players().values() for p in parameters]
    assert len(owned) == len(set(owned)) == len(list(model.parameters()))


def test_swapping_the_pair_and_taking_1_minus_alpha_gives_the_same_picture():
    """Which is why alpha is folded: nobody could say which of the two it was."""
    model, x = small(), batch()
    alpha = torch.linspace(0.05, 0.45, len(x), dtype=x.dtype)
    out, swapped = model.run(x, alpha=alpha), model.run(x.flip(0), alpha=1 - alpha)
    assert torch.allclose(out.x_alpha, swapped.x_alpha, atol=1e-12)
    other = model.run(x.flip(0), alpha=alpha)  # the pair alone makes a difference
    assert (out.x_alpha - other.x_alpha).abs().amax((1, 2, 3)).min() > 1e-3


@pytest.mark.parametrize("gamma, expected", [(0.0, "x_hat"), (1.0, "x")])
def test_gamma_0_and_1_show_the_critic_reconstructions_or_images(gamma, expected):
    model, x = small(), batch()
    model.gamma = gamma
    out = forward(model, x)
    seen = model.d(x if expected == "x" else out.x_hat)
    assert torch.allclose(out.d_unmixed, seen, atol=1e-12)


def test_alpha_0_and_partners():
    model, x = small(), batch()
    out = model.run(x, alpha=torch.zeros(len(x), dtype=torch.float64))
    # nothing of the own code is left
    assert torch.allclose(out.x_alpha, out.x_hat.flip(0), atol=1e-12)


def test_standardising_changes_the_network_not_the_scale_of_the_loss():
    plain, model, x = small("baseline"), small("baseline", mean=-0.9, std=0.3), batch()
    model.load_state_dict(plain.state_dict())
    assert torch.allclose(model.encode(x), plain.encoder((x + 0.9) / 0.3))
    assert torch.allclose(model.decode(model.encode(x)), plain.decoder(model.encode(x)) * 0.3 - 0.9)
    out = model.run(x)
    assert (model.losses(x, out)["autoencoder"].item()
            == pytest.approx((out.x_hat - x).square().mean().item()))


def test_the_critics_start_values_do_not_change_the_autoencoders():
    base, model = al.build("baseline", "digits", seed=3), al.build("acai", "digits", seed=3)
    assert all(torch.equal(a, b) for a, b in zip(base.parameters(), model.base.parameters(),
                                                 strict=True))
    assert not torch.equal(next(base.parameters()),
                           next(al.build("baseline", "digits", seed=4).parameters()))


def test_config_rebuilds_the_model():
    model = al.ACAI(al.Autoencoder(al.Architecture(3, 8, 4, 2, 0.1, 0.5, 1.5)), lam=0.25, gamma=0.4)
    twin = from_config(model.config)
    assert twin.config == model.config and (twin.lam, twin.gamma) == (0.25, 0.4)
    twin.load_state_dict(model.state_dict())
    x = torch.zeros(1, 3, 32, 32)
    assert torch.equal(twin.decode(twin.encode(x)), model.decode(model.encode(x)))


@pytest.mark.parametrize("x, error, words", [
    (torch.zeros(2, 3, 32, 32), ValueError, r"\(B, 1, 32, 32\); got \(2, 3, 32, 32\)"),
    (torch.zeros(1, 32, 32), ValueError, "shape"), (torch.zeros(2, 1, 28, 28), ValueError, "28"),
    (torch.zeros(2, 1, 32, 32, dtype=torch.float64), TypeError, "float32.*got torch.float64"),
    (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), TypeError, "uint8")])
def test_encode_names_what_it_got(x, error, words):
    with pytest.raises(error, match=words):
        al.build("acai", "digits").encode(x)


def test_decode_names_what_it_got():
    with pytest.raises(ValueError, match=r"codes must have shape \(B, 2, 4, 4\); got \(2, 32\)"):
        al.build("baseline", "digits").decode(torch.zeros(2, 32))


@pytest.mark.parametrize("call, words", [
    (lambda: al.build("gan"), "unknown method 'gan'.*baseline, dropout"),
    (lambda: al.build("acai", "stl10"), "unknown data set"),
    (lambda: al.build("acai", "mnist", 33), "multiple of 16.*got 33"),
    (lambda: al.build("acai", "mnist", 0), "got 0"),
    (lambda: al.build("acai", recipe="fast"), "unknown recipe 'fast'"),
    (lambda: al.Architecture(width=5), "width.*got 5"),
    (lambda: al.ACAI(al.Autoencoder(), lam=-1), "lam"),
    (lambda: al.ACAI(al.Autoencoder(), gamma=2), "gamma")])
def test_building_names_what_it_got(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_build_takes_a_set_of_ones_own():
    images = al.ImageSet("mine", torch.randint(0, 256, (40, 3, 32, 32), dtype=torch.uint8))
    model = al.build("acai", images, recipe="lab")
    assert model.image_shape == (3, 32, 32) and model.code_shape == (16, 4, 4)
    assert model.base.config["mean"] == pytest.approx(float(images.train_images[:].mean()),
                                                      abs=1e-6)
