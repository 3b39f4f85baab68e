"""Encoder, decoder and critic, exactly as in the ACAI paper (lib/layers.py of the authors' code).

Plain convolutions on 32x32 images, "same" zero padding, biases, LeakyReLU with slope 0.2; no normalisation, no dense layer,
no skip connection, no activation on the code or on the image. Shapes: B batch, C colours, c code channels, w code width.
With dimensions=1 the same networks serve signals of 32 numbers: (B,C,32), codes (B,c,w). VQ-VAE's codebook is here, too.
"""
import math
from functools import partial

import torch
from torch import nn

SLOPE = 0.2                                     # TensorFlow's default; PyTorch's own default, 0.01, is another network


def conv(inputs, outputs, kernel=3, dimensions=2):
    """A convolution that keeps height and width ("same" padding: none for a 1x1 kernel)."""
    return (nn.Conv1d, nn.Conv2d)[dimensions - 1](inputs, outputs, kernel, padding=kernel // 2)


def bend():
    return nn.LeakyReLU(SLOPE)


class Encoder(nn.Sequential):
    """(B,C,32,32) -> (B,c,w,w) with w = 32 / 2**scales.

    scales: how often the image is halved. depth: channels of the first scale, doubled at each one. code_channels: c.
    """

    def __init__(self, scales, depth, code_channels, colours=1, dimensions=2):
        convolve, halve = partial(conv, dimensions=dimensions), (nn.AvgPool1d, nn.AvgPool2d)[dimensions - 1]
        layers, channels = [convolve(colours, depth, kernel=1)], depth # 1x1, no activation
        for scale in range(scales):
            width = depth * 2 ** scale
            layers += [convolve(channels, width), bend(), convolve(width, width), bend(), halve(2)]
            channels = width
        last = depth * 2 ** scales
        layers += [convolve(channels, last), bend(), convolve(last, code_channels)]
        super().__init__(*layers)

    def encode(self, images):
        return super().forward(images)

    def forward(self, images):
        return self.encode(images)


class Decoder(nn.Sequential):
    """(B,c,w,w) -> (B,C,32,32), unbounded: images live in [-1, 1], but the last layer has no tanh."""

    def __init__(self, scales, depth, code_channels, colours=1, dimensions=2):
        convolve, layers, channels = partial(conv, dimensions=dimensions), [], code_channels
        for scale in reversed(range(scales)):
            width = depth * 2 ** scale
            layers += [convolve(channels, width), bend(), convolve(width, width), bend(), nn.Upsample(scale_factor=2)]
            channels = width
        layers += [convolve(channels, depth), bend(), convolve(depth, colours)]
        super().__init__(*layers)


class Critic(Encoder):
    """(B,C,32,32) -> (B,): an encoder of its own, its whole output averaged to one number per image. No sigmoid."""

    def forward(self, images):
        return self.encode(images).mean(dim=tuple(range(1, images.ndim)))


@torch.no_grad()
def initialise(module, generator, gain=1.0):
    """Draw every kernel from N(0, std^2), std = gain / sqrt((1 + 0.2^2) * fan_in), fan_in = k*k*C_in (signals:
    k*C_in); biases are zero. Dense layers: Glorot's uniform rule (TensorFlow's default), whatever the gain.

    gain 1 is the paper's. Kaiming's rule for this slope is gain sqrt(2): with the paper's, every convolution and LeakyReLU
    halve the second moment, so a fresh network draws almost the same image whatever it is given.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            fan_in = layer.weight[0].numel()                           # weight: (C_out, C_in, k, k) or (C_out, C_in, k)
            std = gain / math.sqrt((1 + SLOPE ** 2) * fan_in)
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * std)
            layer.bias.zero_()
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            layer.bias.zero_()
    return module
