"""Networks: the paper's sizes, start values and layers, and the mistakes that ports of it share."""
import math

import pytest
import torch

import acai_lite as al
from acai_lite.networks import Architecture, Critic, Decoder, Encoder, initialise

# papers.md A1: code width, depth, code channels, colours -> parameters of encoder, decoder, both,
# critic, ACAI
COUNTS = [(2, 16, 16, 1, 627_472, 313_985, 941_457, 627_472, 1_568_929),
          (4, 16, 16, 1, 166_288, 83_329, 249_617, 166_288, 415_905),
          (4, 16, 2, 1, 150_146, 75_265, 225_411, 150_146, 375_557),
          (4, 64, 2, 3, 2_370_178, 1_186_947, 3_557_125, 2_370_178, 5_927_303),
          (4, 64, 16, 3, 2_434_704, 1_219_203, 3_653_907, 2_434_704, 6_088_611),
          (4, 64, 64, 3, 2_655_936, 1_329_795, 3_985_731, 2_655_936, 6_641_667)]

LINES = Architecture(width=2, code_channels=16)


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("width, depth, channels, colours, encoder, decoder, both, critic, whole",
                         COUNTS)
def test_parameter_counts_are_the_papers(width, depth, channels, colours, encoder, decoder, both,
                                         critic, whole):
    model = al.ACAI(al.Autoencoder(al.Architecture(colours, width, depth, channels)))
    assert (count(model.base.encoder), count(model.base.decoder), count(model.base),
            count(model.critic), count(model)) == (encoder, decoder, both, critic, whole)


@pytest.mark.parametrize("dataset, code_size, parameters, probe", [
    ("lines", None, 1_568_929, 650), ("mnist", None, 375_557, 330), ("mnist", 256, 415_905, 2_570),
    ("cifar10", None, 6_088_611, 2_570), ("cifar10", 1024, 6_641_667, 10_250),
    ("digits", None, 375_557, 330)])
def test_build_takes_the_papers_sizes_for_each_data_set(dataset, code_size, parameters, probe):
    model = al.build("acai", dataset, code_size)
    assert count(model) == parameters
    assert math.prod(model.code_shape) * 10 + 10 == probe


@pytest.mark.parametrize("network, shape", [(Encoder(), (1, 32, 32)), (Decoder(LINES), (16, 2, 2)),
                                            (Critic(LINES), (1, 32, 32))])
def test_initial_weights_have_the_papers_standard_deviation(network, shape):
    """std = 1 / sqrt(1.04 * k * k * C_in): over C_in, not over C_out as in the ports
    (weights are (out, in, k, k))."""
    initialise(network, torch.Generator().manual_seed(0))
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            outputs, inputs, k, _ = layer.weight.shape
            assert layer.bias.abs().max() == 0
            if layer.weight.numel() >= 2000:                           # enough numbers for 5 %
                assert layer.weight.std().item() == pytest.approx((1.04 * k * k * inputs) ** -0.5,
                                                                  rel=0.05)
    assert network(torch.zeros(1, *shape)).shape[0] == 1


def test_initial_weights_follow_the_gain_and_the_generator_only():
    def drawn(seed, gain):
        return initialise(Encoder(), torch.Generator().manual_seed(seed), gain)[1].weight
    assert torch.equal(drawn(1, 2.0), 2 * drawn(1, 1.0))
    assert not torch.equal(drawn(1, 1.0), drawn(2, 1.0))


@pytest.mark.parametrize("network", [Encoder(), Decoder(), Critic()])
def test_every_activation_has_slope_02_not_pytorchs_default(network):
    slopes = {m.negative_slope for m in network.modules() if isinstance(m, torch.nn.LeakyReLU)}
    assert slopes == {0.2}


def test_the_first_convolution_is_1x1_without_padding_and_without_activation():
    first, second = list(Encoder())[:2]
    assert first.kernel_size == (1, 1) and first.padding == (0, 0)
    # a padded 1x1 makes 34x34 with a rim of biases
    assert first(torch.zeros(1, 1, 32, 32)).shape == (1, 16, 32, 32)
    assert isinstance(second, torch.nn.Conv2d)


def test_code_and_image_have_no_last_activation():
    assert isinstance(Encoder()[-1], torch.nn.Conv2d) and isinstance(Decoder()[-1], torch.nn.Conv2d)


def test_the_critic_gives_one_number_per_image_of_any_sign():
    critic = initialise(Critic(), torch.Generator().manual_seed(0), gain=3.0)
    guesses = critic(torch.randn(64, 1, 32, 32, generator=torch.Generator().manual_seed(1)))
    assert guesses.shape == (64,) and guesses.std() > 0
    images = torch.randn(64, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    # the whole output averaged
    assert torch.allclose(guesses[0], Encoder.forward(critic, images)[0].mean())
