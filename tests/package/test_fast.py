"""fit(fast=True): the same losses and gradients as the plain step, whatever the autoencoder under
the critic."""
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import acai_lite as al
from acai_lite.fast import (
    FastRun,
    Quick,
    has_bf16,
    in_bfloat16,
    joint_gradients,
    run_joined,
    shares_a_critic,
)
from acai_lite.training import Session, generator, train

CRITICS = ("acai", "acai-vae", "acai-dropout", "acai-denoising", "acai-vqvae")
LAB = replace(al.RECIPES["lab"], critic_curve=((0.0, 2.0),))


def bytes_of(colours=1, count=80):
    images = torch.randint(256, (count, colours, 32, 32),
                           generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
    return al.ImageSet("noise", images, torch.arange(count) % 10, classes="0123456789")


def step(model, x):
    return model.run(x, **model.draw(x, generator(1)))


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("name", ["encoder", "decoder", "critic"])
def test_a_quick_network_equals_the_plain_one_at_the_border_too(name, colours):
    model = al.build("acai", bytes_of(colours), recipe=replace(LAB, depth=8)).double()
    network = model.critic if name == "critic" else getattr(model.base, name)
    for layer in network:  # without biases the border would not matter
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.normal_(layer.bias, generator=torch.Generator().manual_seed(1))
    shape = model.code_shape if name == "decoder" else (colours, 32, 32)
    x = torch.randn(3, *shape, generator=generator(2), dtype=torch.float64).requires_grad_()
    plain = network(x)
    with Quick(model)():
        found = network(x)
    assert found.shape == plain.shape and not torch.equal(found, plain)
    torch.testing.assert_close(found, plain, rtol=1e-10, atol=1e-10)
    wanted = [x, *network.parameters()]
    for one, other in zip(torch.autograd.grad(plain.square().sum(), wanted),
                          torch.autograd.grad(found.square().sum(), wanted), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-10, atol=1e-8 * float(one.abs().max()))
    assert torch.equal(network(x), plain) and not any(getattr(layer, "inplace", False)
                                                      for layer in network)


@pytest.mark.parametrize("method", CRITICS)
def test_one_batch_for_what_goes_through_a_network_twice(method):
    images = bytes_of()
    model = al.build(method, images, recipe=LAB).double()
    x = images.train_images[:6].double()
    drawn = model.draw(x, generator(1))
    plain, joined = vars(model.run(x, **drawn)), vars(run_joined(model, x, **drawn))
    assert set(plain) == set(joined)
    for name in plain:
        torch.testing.assert_close(joined[name], plain[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("method", CRITICS)
def test_one_way_back_gives_both_players_gradients(method):
    images = bytes_of()
    model = al.build(method, images, recipe=LAB).double()
    x, players = images.train_images[:6].double(), model.players()
    out = step(model, x)
    values = model.losses(x, out, 3.0)
    plain = {name: torch.autograd.grad(values[name], owned, retain_graph=True)
             for name, owned in players.items()}
    found = joint_gradients(model, x, out, 3.0, players, values)
    assert set(found) == {"autoencoder", "critic"}
    for name in plain:
        for one, other in zip(plain[name], found[name], strict=True):
            torch.testing.assert_close(other, one, rtol=1e-10, atol=1e-14)
    assert max(g.abs().max() for g in found["critic"]) > 1e-6


def test_an_image_whose_alpha_is_guessed_exactly_does_no_harm():
    images = bytes_of()
    model = al.build("acai", images, recipe=LAB).double()
    x, players = images.train_images[:6].double(), model.players()
    out = step(model, x)
    out.alpha = out.d_alpha.detach().clone()
    values = model.losses(x, out, 1.0)
    plain = torch.autograd.grad(values["autoencoder"], players["autoencoder"], retain_graph=True)
    for one, other in zip(plain, joint_gradients(model, x, out, 1.0, players,
                                                 values)["autoencoder"], strict=True):
        torch.testing.assert_close(other, one, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("method", [*CRITICS, "acai-aae", "baseline", "vae", "aae"])
def test_16_fast_steps_are_16_plain_steps(method):
    """In float64; the probe too. A model that `joint_gradients` does not serve has quick networks
    only."""
    images = bytes_of()
    runs, small = [], replace(LAB, batch_size=4)
    for fast in (False, True):
        model = al.build(method, images, recipe=replace(LAB, depth=2)).double()
        runs.append((al.fit(model, images, 16 * 4, small, device="cpu", quiet=True, fast=fast),
                     model))
    (plain, one), (quick, other) = runs
    assert shares_a_critic(one) == (method in CRITICS)
    for left, right in zip(plain.points, quick.points, strict=True):
        assert left == pytest.approx(right, rel=1e-6, abs=1e-6)
    assert plain.points[0]["autoencoder"] != plain.points[-1]["autoencoder"]
    for left, right in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(right.double(), left.double(), rtol=1e-4, atol=1e-6)


@pytest.mark.long
def test_losses_in_float32_agree_to_1e_3_over_200_steps():
    """At the paper's rate; 4e-4 was seen, 6e-5 after half of the steps: rounding grows. At ten
    times that rate, rounding alone has moved the critic's loss by more after 200 steps."""
    images = al.load("digits")
    plain, quick = (al.fit(al.build("acai", images), images, 200 * 64, device="cpu", quiet=True,
                           fast=fast) for fast in (False, True))
    for left, right in zip(plain.points, quick.points, strict=True):
        assert left["autoencoder"] == pytest.approx(right["autoencoder"], abs=1e-3)
        assert left["critic"] == pytest.approx(right["critic"], abs=1e-3)


def test_compiled_networks_take_the_same_steps():
    """With the backend that traces, and leaves the kernels to PyTorch: others need a compiler."""
    images, small, finals = bytes_of(), replace(LAB, depth=2, batch_size=4), []
    for compiled in (None, "aot_eager"):
        model = al.build("acai", images, recipe=small).double()
        train(Session(model, images, 16, small, device="cpu", quiet=True,
                      run=partial(FastRun, compiled=compiled)))
        finals.append(model)
    for left, right in zip(*(model.state_dict().values() for model in finals), strict=True):
        torch.testing.assert_close(right, left, rtol=1e-6, atol=1e-9)


def test_losses_of_ones_own_cannot_be_fast():
    with pytest.raises(ValueError, match="leave out one of losses and fast"):
        al.fit(al.build("acai", "digits"), al.load("digits"), 64, losses=al.ACAI.losses, fast=True,
               device="cpu", quiet=True)


class Products(TorchDispatchMode):
    """Notes the dtypes in which convolutions are computed, forwards and backwards."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if "convolution" in function.__name__:
            self.seen |= {leaf.dtype for leaf in tree_leaves(args) if torch.is_tensor(leaf)}
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("shortcuts", [True, False])
@pytest.mark.parametrize("method", ["acai", "acai-vae", "vqvae", "baseline"])
def test_networks_compute_in_bfloat16_and_all_else_stays_float32(method, shortcuts):
    """Autocast computes so on every CPU, if slowly."""
    images, small = bytes_of(), replace(LAB, depth=2, batch_size=4)
    model = al.build(method, images, recipe=small)
    run = FastRun(model, None, small, shortcuts=shortcuts, precision="bf16")
    before = [p.detach().clone() for p in run.owned]
    run.step = 5                                # past the warm-up, where the rate is 0
    with Products() as products:
        logged = run.advance(images.train_images[:4], None, 10, 0)
    assert products.seen == {torch.bfloat16}
    assert {value.dtype for value in logged.values()} == {torch.float32}
    moments = [value for optimiser in run.optimisers.values()
               for state in optimiser.state.values() for value in state.values()]
    assert {t.dtype for t in [*run.owned, *run.average, *moments]} == {torch.float32}
    assert not all(map(torch.equal, before, run.owned))
    plain = FastRun(al.build(method, images, recipe=small), None, small, shortcuts=shortcuts)
    plain.step = 5
    with Products() as products:
        exact = plain.advance(images.train_images[:4], None, 10, 0)
    assert products.seen == {torch.float32}
    for player, value in exact.items():
        assert float(logged[player]) == pytest.approx(float(value), rel=0.02)
        assert float(logged[player]) != float(value)


def test_a_network_in_bfloat16_gives_float32_within_its_rounding():
    network = al.build("acai", "lines", recipe="lab").base.encoder
    x = al.load("lines").test_images[:4]
    with torch.no_grad():
        found, exact = in_bfloat16(network)(x), network(x)
    assert found.dtype == torch.float32
    assert 0 < float((found - exact).norm() / exact.norm()) < 0.02


def test_a_precision_that_there_is_not_is_refused(monkeypatch):
    images, model = al.load("lines"), al.build("baseline", "lines")
    with pytest.raises(ValueError, match="unknown precision 'fp16'"):
        al.fit(model, images, 64, device="cpu", precision="fp16")
    monkeypatch.setattr("acai_lite.fast.has_bf16", lambda device: False)
    with pytest.raises(ValueError, match="cpu does not compute in bfloat16"):
        al.fit(model, images, 64, device="cpu", precision="bf16")


@pytest.mark.skipif(not has_bf16(torch.device("cpu")), reason="a CPU without bfloat16")
def test_a_run_in_bfloat16_is_another_run(tmp_path):
    """Its history says so, and its state does not go on as a run in float32."""
    images, small = bytes_of(), replace(LAB, depth=2, batch_size=4)
    state = tmp_path / "run.state"

    def go(precision, **how):
        return al.fit(al.build("acai", images, recipe=small), images, 32, small, device="cpu",
                      quiet=True, precision=precision, resume=state, **how)

    assert go("bf16", on_report=lambda point: point["samples"] >= 16).interrupted
    with pytest.raises(ValueError, match="precision 'bf16' .here 'float32'"):
        go("float32")
    assert go("bf16").precision == "bf16"


class Elsewhere(TorchDispatchMode):
    """Notes every operation that meets tensors of two devices; reading a number off the "meta"
    device raises an error."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        made = operation(*args, **(kwargs or {}))
        if len({part.device for part in tree_leaves((args, kwargs, made))
                if torch.is_tensor(part)}) > 1:
            self.found.append(str(operation))
        return made


@pytest.mark.parametrize("method",
                         ["acai", "acai-denoising", "acai-vae", "baseline", "dropout", "aae"])
@pytest.mark.parametrize("recipe", ["paper", "lab"])
def test_a_recorded_step_stays_on_its_device(method, recipe):
    """A CUDA graph may neither fetch a tensor from the processor nor wait for the device. PyTorch's
    device without memory tells, on any machine."""
    model = al.build(method, "mnist", recipe=recipe)
    drawn = {name: value.to("meta")
             for name, value in model.draw(torch.zeros(4, 1, 32, 32), torch.Generator()).items()}
    model.to("meta")
    recipe, number = al.RECIPES[recipe], partial(torch.zeros, (), device="meta")
    run = FastRun(model, nn.Linear(32, 10, device="meta"), recipe)
    for optimiser in run.optimisers.values():  # Adam's own kernel knows no such device
        optimiser.step = lambda: None
    labels = torch.zeros(4, dtype=torch.long, device="meta")
    with Elsewhere() as seen:
        run.update(x=torch.zeros(4, 1, 32, 32, device="meta"), labels=labels, drawn=drawn,
                 ramp=number(), fresh=number(), rates={player: number() for player in run.players})
    assert seen.found == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("method", ["acai", "acai-denoising", "baseline", "vae"])
def test_a_graph_on_a_gpu_is_the_eager_step(method, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    images, runs = bytes_of(), []
    for fast in (False, True):
        model = al.build(method, images, recipe=LAB)
        history = al.fit(model, images, 40 * 16, replace(LAB, batch_size=16), device="cuda",
                         quiet=True, fast=fast)
        runs.append((history, model))
    (plain, one), (quick_one, other) = runs
    for left, right in zip(plain.points, quick_one.points, strict=True):
        one_image = {"probe_accuracy": 1 / 16 + 1e-9}  # on which the classifier may waver
        assert all(abs(left[k] - right[k])
                   <= one_image.get(k, 2e-3 + 2e-2 * abs(right[k])) for k in left)
    for left, right in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert (left - right).abs().max() < 2e-2
