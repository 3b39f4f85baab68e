"""Encoder, decoder and critic, exactly as in the ACAI paper (lib/layers.py of the authors' code).

Plain convolutions with "same" zero padding and biases, LeakyReLU with slope 0.2; no normalisation,
no dense layer, no skip connection, no activation on the code or on the image. Shapes: B batch, C
colours, S image size (32 in the paper), c code channels, w code width. With dimensions=1 the same
networks serve signals: (B,C,S), codes (B,c,w).
"""
import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

SLOPE = 0.2  # TensorFlow's default; PyTorch's own default, 0.01, is another network


@dataclass(frozen=True)
class Architecture:
    """Sizes of an autoencoder's networks, and how its images are standardised.

    colours C, size S and width w of image and code, powers of two, w <= S: each scale halves the
    width. depth: channels of the first scale, doubled at each one. code_channels c. dimensions: 2
    for images, 1 for signals. mean, std: pixels are standardised on their way in and back on their
    way out (0 and 1: the paper). gain: the paper's initial standard deviation times this. Raises
    ValueError.
    """
    colours: int = 1
    width: int = 4
    depth: int = 16
    code_channels: int = 2
    mean: float = 0.0
    std: float = 1.0
    gain: float = 1.0
    dimensions: int = 2
    size: int = 32

    def __post_init__(self) -> None:
        if self.dimensions not in (1, 2):
            raise ValueError(f"dimensions must be 2 (images) or 1 (signals); got {self.dimensions}")
        if self.size not in (16, 32, 64, 128):
            raise ValueError(f"the images' size must be 16, 32, 64 or 128; got {self.size}")
        widths = [2 ** k for k in range(self.size.bit_length())]
        if self.width not in widths:
            raise ValueError(
                f"the code's width must be one of {', '.join(map(str, widths))}; got {self.width}")

    @property
    def scales(self) -> int:
        """How often the image is halved."""
        return (self.size // self.width).bit_length() - 1

    @property
    def image_shape(self) -> tuple[int, ...]:
        return self.colours, *[self.size] * self.dimensions

    @property
    def code_shape(self) -> tuple[int, ...]:
        return self.code_channels, *[self.width] * self.dimensions

    def settings(self) -> dict[str, Any]:
        """For a model's config: all fields; dimensions and size only where they are not the
        paper's."""
        return {key: value for key, value in asdict(self).items()
                if (key, value) not in (("dimensions", 2), ("size", 32))}


PAPER = Architecture()


def conv(inputs: int, outputs: int, kernel: int = 3, dimensions: int = 2) -> nn.Module:
    """A convolution that keeps height and width ("same" padding: none for a 1x1 kernel)."""
    return (nn.Conv1d, nn.Conv2d)[dimensions - 1](inputs, outputs, kernel, padding=kernel // 2)


def activation() -> nn.LeakyReLU:
    return nn.LeakyReLU(SLOPE)


class Encoder(nn.Sequential):
    """(B,C,S,S) -> (B,c,w,w)."""

    def __init__(self, architecture: Architecture = PAPER):
        a, pool = architecture, (nn.AvgPool1d, nn.AvgPool2d)[architecture.dimensions - 1]
        # 1x1, no activation
        layers, channels = [conv(a.colours, a.depth, 1, a.dimensions)], a.depth
        for scale in range(a.scales):
            width = a.depth * 2 ** scale
            layers += [conv(channels, width, 3, a.dimensions), activation(),
                       conv(width, width, 3, a.dimensions), activation(), pool(2)]
            channels = width
        last = a.depth * 2 ** a.scales
        layers += [conv(channels, last, 3, a.dimensions), activation(),
                   conv(last, a.code_channels, 3, a.dimensions)]
        super().__init__(*layers)


class Decoder(nn.Sequential):
    """(B,c,w,w) -> (B,C,S,S), unbounded: images live in [-1, 1], but the last layer has no tanh."""

    def __init__(self, architecture: Architecture = PAPER):
        a, layers, channels = architecture, [], architecture.code_channels
        for scale in reversed(range(a.scales)):
            width = a.depth * 2 ** scale
            layers += [conv(channels, width, 3, a.dimensions), activation(), conv(
                width, width, 3, a.dimensions), activation(), nn.Upsample(scale_factor=2)]
            channels = width
        layers += [conv(channels, a.depth, 3, a.dimensions), activation(),
                   conv(a.depth, a.colours, 3, a.dimensions)]
        super().__init__(*layers)


class Critic(Encoder):
    """(B,C,S,S) -> (B,): an encoder of its own whose whole output is averaged for each image. No
    sigmoid."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).mean(dim=tuple(range(1, images.ndim)))


@torch.no_grad()
def initialise(module: nn.Module, generator: torch.Generator, gain: float = 1.0) -> nn.Module:
    """Draw every kernel from N(0, std^2), std = gain / sqrt((1 + 0.2^2) * fan_in),
    fan_in = k*k*C_in (signals: k*C_in); biases are zero. Dense layers: Glorot's uniform rule
    (TensorFlow's default).

    gain 1 is the paper's. Kaiming's rule for this slope is gain sqrt(2): with the paper's, every
    convolution and LeakyReLU halve the second moment, so a fresh network gives almost the same
    image whatever it is given.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d):
            fan_in = layer.weight[0].numel()       # weight: (C_out, C_in, k, k) or (C_out, C_in, k)
            std = gain / math.sqrt((1 + SLOPE ** 2) * fan_in)
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * std)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return module
