"""The zoo: every loss worked out by hand in float64, who gets which gradient, what is read, and the
limits."""
import math

import pytest
import torch
from helpers import batch, forward

import acai_lite as al
from acai_lite.zoo import BASES, Codebook, from_config, method_name

SIZE = al.Architecture(width=8, depth=4, code_channels=3, gain=2.0)
NUMBERS = 3 * 8 * 8


def make(method, **settings):
    torch.manual_seed(0)
    if method.startswith("acai"):
        return al.ACAI(make(method.removeprefix("acai").removeprefix("-") or "baseline",
                            **settings)).double()
    light = dict(codebook=20, vectors=2, hidden=16, count=1.0) if method == "vqvae" else {}
    return BASES[method](SIZE, **(light | settings)).double()


def value(model, x, out, player="autoencoder"):
    return model.losses(x, out)[player].item()


# every method, and the critic on every one that has none
ZOO = [*BASES, "acai", *(f"acai-{name}" for name in BASES if name not in ("baseline", "lsgan"))]


@pytest.mark.parametrize("method", ZOO)
def test_every_method_keeps_the_contract(method):
    model, x = make(method), batch(4)
    drawn = model.draw(x, torch.Generator().manual_seed(1))
    again = model.draw(x, torch.Generator().manual_seed(1))
    assert (all(torch.equal(drawn[key], again[key]) for key in drawn)
            and drawn.keys() == again.keys())
    out = model.run(x, **drawn)
    losses, players = model.losses(x, out), model.players()
    assert set(losses) == set(players) and all(loss.shape == () for loss in losses.values())
    owned = [p for parameters in players.values() for p in parameters]
    # each has one owner
    assert len(owned) == len({id(p) for p in owned}) == len(list(model.parameters()))
    for player, parameters in players.items():  # and every one of them is used
        assert all(g.abs().sum() > 0 for g in torch.autograd.grad(losses[player], parameters,
                                                                  retain_graph=True)), player
    assert out.z.shape == model.encode(x).shape == (4, *model.code_shape)
    assert out.x_hat.shape == model.decode(out.z).shape == x.shape
    assert model.features(x).flatten(1).shape == out.features.flatten(1).shape
    assert torch.equal(model.encode(x), model.encode(x)) and model.code_size == NUMBERS
    copy = from_config(model.config).double()
    copy.load_state_dict(model.state_dict())
    assert torch.equal(copy.decode(copy.encode(x)), model.decode(model.encode(x)))
    assert method_name(model.config) == method


@pytest.mark.parametrize("method", [
    pytest.param(name, marks=[pytest.mark.slow] * name.startswith("acai-")) for name in ZOO])
def test_every_method_trains_resumes_and_is_kept(method, tmp_path):
    images = al.load("digits")
    recipe = al.Recipe(name="test", gain=1.4, standardise=True, learning_rate=1e-3, batch_size=8,
                       averaging=0.9,
                       methods={"vqvae": dict(codebook=20, vectors=2, hidden=16, count=1.0)})

    def once(samples, **named):
        model = al.build(method, "digits", recipe=recipe)
        return model, al.fit(model, images, samples, recipe, quiet=True, device="cpu", **named)

    whole, _ = once(48)

    class Stop(Exception):
        pass

    def stop(point):
        if point["samples"] == 24:
            raise Stop

    try:                                        # a crash: the state of the point before is there
        import acai_lite.training as training
        keep, training.SAVE_SECONDS = training.SAVE_SECONDS, -1
        once(48, resume=tmp_path / "state", on_report=stop)
    except Stop:
        pass
    finally:
        training.SAVE_SECONDS = keep
    resumed, _ = once(48, resume=tmp_path / "state")
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
    al.save_checkpoint(whole, tmp_path / "m.safetensors", {})
    again = al.checkpoint(tmp_path / "m.safetensors")
    x = images.test_images[:5]
    assert torch.allclose(again.decode(again.encode(x)), whole.decode(whole.encode(x)), atol=0.05)


def test_dropout_masks_the_code_and_scales_what_stays():
    model, x = make("dropout", keep=0.25), batch(50)
    mask = model.draw(x, torch.Generator().manual_seed(0))["mask"]
    assert (set(mask.unique().tolist()) == {0.0, 4.0}
            and mask.mean().item() == pytest.approx(1, abs=0.05))
    out = model.run(x, mask)
    # no dropout outside
    assert torch.equal(out.z, model.encode(x)) and torch.equal(out.features, out.z)
    assert value(model, x, out) == pytest.approx(
        ((model.decode(model.encode(x) * mask) - x) ** 2).mean().item(), rel=1e-12)
    with pytest.raises(ValueError, match="keep"):
        make("dropout", keep=0)


def test_denoising_sees_noise_draws_the_clean_image_and_is_read_clean():
    model, x = make("denoising"), batch(4)
    out = forward(model, x)
    noise = model.draw(x, torch.Generator().manual_seed(0))["noise"]
    assert noise.std().item() == pytest.approx(1, abs=0.05)
    x_hat = model.decode(model.encode(x + noise))
    assert value(model, x, out) == pytest.approx(((x_hat - x) ** 2).mean().item(), rel=1e-12)
    assert torch.equal(out.features, model.encode(x)) and not torch.equal(out.z, out.features)
    assert not out.features.requires_grad


def test_the_vaes_loss_is_a_sum_over_pixels_and_code_and_a_mean_over_images():
    model, x = make("vae"), batch(4)
    out = forward(model, x)
    drawing = kl = 0.0
    for i in range(len(x)):
        for pixel, logit in zip(((x[i] + 1) / 2).flatten().tolist(),
                                out.logits[i].flatten().tolist(), strict=True):
            drawing += (pixel * math.log1p(math.exp(-logit))
                        + (1 - pixel) * math.log1p(math.exp(logit)))
        for mu, lv in zip(out.mean[i].flatten().tolist(),
                          out.log_variance[i].flatten().tolist(), strict=True):
            kl += 0.5 * (math.exp(lv) + mu ** 2 - 1 - lv)
    assert value(model, x, out) == pytest.approx((drawing + kl) / len(x), rel=1e-9)
    assert (torch.allclose(out.x_hat, 2 * torch.sigmoid(out.logits) - 1)
            and torch.allclose(model.decode(out.z), out.x_hat))
    noise = model.draw(x, torch.Generator().manual_seed(0))["noise"]
    assert torch.allclose(out.z, out.mean + out.log_variance.mul(0.5).exp() * noise)
    assert torch.equal(model.encode(x, noise), out.z) and torch.equal(model.encode(x), out.mean)
    assert model.loss_scale == 1024


def test_the_kl_at_mean_1_and_variance_1_is_half_the_numbers_and_at_0_and_1_nothing():
    model, x = make("vae"), batch(4)
    out = forward(model, x)
    out.logits = out.logits * 0
    plain = 1024 * math.log(2)
    for mean, wanted in ((1.0, NUMBERS / 2), (0.0, 0.0)):
        out.mean, out.log_variance = torch.full_like(out.z, mean), torch.zeros_like(out.z)
        assert value(model, x, out) - plain == pytest.approx(wanted, abs=1e-9)
        model.beta = 0.0
        assert value(model, x, out) == pytest.approx(plain)
        model.beta = 1.0


@pytest.mark.parametrize("method, settings",
                         [("dropout", dict(keep=1.0)), ("denoising", dict(noise_std=0.0))])
def test_in_the_limit_a_method_is_the_baseline(method, settings):
    model, plain, x = make(method, **settings), make("baseline"), batch(4)
    out, wanted = forward(model, x), forward(plain, x)
    assert value(model, x, out) == value(plain, x, wanted)
    assert torch.equal(out.x_hat, wanted.x_hat)


@pytest.mark.parametrize("base", [name for name in BASES if name != "lsgan"])
def test_with_lambda_0_acai_on_a_method_is_that_method(base):
    x = batch(6)
    plain, model = make(base), al.ACAI(make(base), lam=0.0).double()
    out, wanted = forward(model, x), forward(plain, x)
    assert value(model, x, out) == value(plain, x, wanted)
    gradients = [torch.autograd.grad(m.losses(x, o)["autoencoder"], m.players()["autoencoder"])
                 for m, o in ((model, out), (plain, wanted))]
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


@pytest.mark.parametrize("base", ["dropout", "denoising", "vae", "vqvae"])
def test_the_critic_sees_mixtures_of_the_codes_that_the_methods_own_forward_made(base):
    model, x = make(f"acai-{base}"), batch(6)
    out = forward(model, x)
    a = out.alpha.view(-1, 1, 1, 1)
    assert torch.allclose(out.x_alpha, model.decode(a * out.z + (1 - a) * out.z.flip(0)))
    extra = value(model, x, out) - value(model.base, x, out)
    assert extra == pytest.approx(0.5 * model.base.loss_scale * out.d_alpha.square().mean().item(),
                                  rel=1e-9)
    players = model.players()
    into_critic = torch.autograd.grad(model.losses(x, out)["autoencoder"],
                                      players["critic"], retain_graph=True)
    # it exists; fit takes each player's own only
    assert any(g.abs().sum() > 0 for g in into_critic)


def test_aae_the_priors_draws_are_real_and_the_codes_forgeries():
    model, x = make("aae"), batch(4)
    out = forward(model, x)
    prior = model.draw(x, torch.Generator().manual_seed(0))["prior"]

    def sigmoid(logits):
        return [1 / (1 + math.exp(-v)) for v in logits.tolist()]

    real, fake = sigmoid(model.discriminator(prior)), sigmoid(model.discriminator(model.encode(x)))
    assert value(model, x, out, "discriminator") == pytest.approx(
        -sum(math.log(p) for p in real) / 4 - sum(math.log(1 - p) for p in fake) / 4, rel=1e-9)
    assert value(model, x, out) == pytest.approx(
        ((out.x_hat - x) ** 2).mean().item() - sum(math.log(p) for p in fake) / 4, rel=1e-9)
    gradient = torch.autograd.grad(model.losses(x, out)["autoencoder"],
                                   list(model.encoder.parameters()), retain_graph=True)
    plain = torch.autograd.grad(((out.x_hat - x) ** 2).mean(), list(model.encoder.parameters()))
    # it reaches the encoder
    assert not all(torch.allclose(a, b) for a, b in zip(gradient, plain, strict=True))


@pytest.mark.parametrize("dataset, size, wanted", [("lines", 64, 16_701), (
    "mnist", 32, 13_501), ("mnist", 256, 35_901), ("cifar10", 1024, 112_701)])
def test_aae_has_the_papers_discriminator(dataset, size, wanted):
    assert sum(p.numel()
               for p in al.build("aae", dataset, size).discriminator.parameters()) == wanted


@pytest.mark.parametrize("dataset, size, wanted",
                         [("lines", 64, 8_320), ("mnist", 32, 2_112), ("mnist", 256, 131_584)])
def test_the_vae_has_the_papers_heads(dataset, size, wanted):
    plain, vae = (sum(p.numel() for p in al.build(m, dataset, size).parameters())
                  for m in ("baseline", "vae"))
    assert vae - plain == wanted


def test_the_vqvae_has_the_papers_size_and_lab_a_lighter_one():
    model = al.build("vqvae", "lines")
    assert model.code_size == 256 and model.code_shape == (16, 4, 4)
    count = [sum(p.numel() for p in part.parameters()) for part in (model.split, model.join)]
    assert (count[0], model.codebook.vectors.numel(), count[1]) == (657_920, 4_194_304, 1_442_560)
    assert al.build("vqvae", "lines", recipe="lab").codebook.vectors.shape == (512, 256)
    assert abs(model.codebook.vectors.abs().max().item() - math.sqrt(3 / 16_384)) < 1e-4


def test_the_vqvae_decodes_the_nearest_codewords_and_the_gradient_passes_by():
    model, x = make("vqvae"), batch(4)
    out = forward(model, x)
    e = model.split(model.encode(x).flatten(1)).view(-1, NUMBERS).detach()
    book = model.codebook.vectors
    by_hand = [min(range(20), key=lambda k: float((v - book[k]).square().sum())) for v in e]
    assert out.index.tolist() == by_hand
    joined = model.join(book[out.index].view(4, -1)).view(4, *model.code_shape)
    assert torch.allclose(out.features, joined) and torch.allclose(out.x_hat, model.decoder(joined))
    assert torch.allclose(model.features(x), joined) and torch.equal(model.encode(x), out.z)
    wanted = (out.x_hat - x).square().mean() + 10 * (e - book[out.index]).square().mean()
    assert value(model, x, out) == pytest.approx(wanted.item(), rel=1e-12)
    drawing = torch.autograd.grad(((out.x_hat - x) ** 2).mean(), list(model.encoder.parameters()))
    assert all(g.abs().sum() > 0 for g in drawing)  # argmin is flat; the gradient is copied past it
    mixed = model.decode(0.5 * out.z + 0.5 * out.z.flip(0))  # a mixture is quantised anew
    assert torch.allclose(mixed,
                          model.decoder(model.quantise(0.5 * out.z + 0.5 * out.z.flip(0))[2]))


@pytest.mark.parametrize("count", [0.0, 1.0])
def test_the_codebook_follows_by_moving_averages(count):
    book = Codebook(5, 2, torch.Generator().manual_seed(0), count=count).double()
    start = book.vectors.clone()
    e = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)
    index = torch.tensor([0, 0, 3])
    book.follow(e, index)
    seen = [2, 0, 0, 1, 0]
    sums = [torch.tensor(v, dtype=torch.float64)
            for v in ([4.0, 6.0], [0.0, 0.0], [0.0, 0.0], [5.0, 6.0], [0.0, 0.0])]
    counts = [0.999 * count + 0.001 * s for s in seen]
    for k in range(5):
        smoothed = (counts[k] + 1e-5) / (sum(counts) + 5 * 1e-5) * sum(counts)
        mean = 0.999 * start[k] * (count or 1) + 0.001 * sums[k]
        assert torch.allclose(book.vectors[k], mean / smoothed, rtol=1e-9)
    moved = (book.vectors[1] - start[1]).norm() / start[1].norm()      # never the nearest
    assert moved < 0.01 if count else moved > 10


def test_the_control_judges_reconstructions_only():
    model, x = make("lsgan"), batch(4)
    out = forward(model, x)
    real, made = model.critic(x), model.critic(out.x_hat)
    critic, fooled = ((real ** 2).mean() + ((made - 1) ** 2).mean(),
                      ((out.x_hat - x) ** 2).mean() + 0.5 * (made ** 2).mean())
    assert value(model, x, out, "critic") == pytest.approx(critic.item(), rel=1e-12)
    assert value(model, x, out) == pytest.approx(fooled.item(), rel=1e-12)
    with pytest.raises(TypeError, match="critic already"):
        al.ACAI(model)


@pytest.mark.parametrize("method", ["acaivae", "acaibaseline", "acai-", "acai-acai", "acai-lsgan"])
def test_a_name_that_is_nearly_a_method_is_refused(method):
    with pytest.raises(ValueError, match=f"unknown method '{method}': choose one of baseline, "):
        al.build(method, "digits")


def test_a_set_is_measured_anew_in_another_data_folder(monkeypatch):
    """A recipe that standardises measures sets whose statistics the catalogue does not have."""
    for folder, grey in (("here", 100), ("there", 200)):
        images = torch.full((4, 3, 32, 32), grey, dtype=torch.uint8)
        images[0] = 0
        monkeypatch.setenv("ACAI_LITE_DATA", folder)
        monkeypatch.setattr("acai_lite.zoo.load", lambda name, x=images: al.ImageSet("svhn", x))
        found = al.build("baseline", "svhn", recipe="lab").config["mean"]
        assert found == pytest.approx(0.75 * (grey / 127.5) - 1)
