"""Generative adversarial networks (Goodfellow et al. 2014) in the shape of a method
(autoencoders.py), and data for them.

A generator turns noise into points or images; a discriminator gives each of its inputs one number,
high for "real". `fit` takes both gradients from one shared forward pass and then moves both players
at once (simultaneous updates; in the paper they alternate). Shapes: B batch, N samples, d
dimensions of a point.
"""
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from .autoencoders import Model, Out, check_batch, seeded
from .data import Images, ImageSet
from .networks import Architecture, Critic, Decoder, activation, initialise
from .recipes import Recipe

STD = 0.1  # of each mode of the ring; papers use 0.01 to 0.1 at radius 1 or 2
RING = torch.tensor([[2 * math.cos(k * math.pi / 4), 2 * math.sin(k * math.pi / 4)]
                     for k in range(8)])  # (8,2): centres
SCALAR_RECIPE = Recipe("scalar", learning_rate=0.03, rates={"discriminator": 3.0},
                       rate_curve=((0.0, 1.0), (1.0, 0.0)), batch_size=256)
RING_RECIPE = Recipe("ring", learning_rate=1e-3, rates={"discriminator": 1.5},
                     rate_curve=((0.0, 1.0), (1.0, 0.0)), batch_size=128, averaging=0.995)
# it learns 30 times faster
COLLAPSED_RECIPE = replace(RING_RECIPE, name="collapsed", rates={"discriminator": 45.0})
IMAGE_RECIPE = Recipe("image", learning_rate=2e-4, batch_size=16, averaging=0.99)


class Points(ImageSet):
    """Endless points instead of images: every training batch is drawn afresh; no labels, no test
    set.

    sample: (count, generator) -> (count,d) float32. train_images: 65,536 points that stay the same.
    Raises ValueError.
    """

    def __init__(self, name: str, sample: Callable[[int, torch.Generator], Tensor]):
        points = sample(65_536, torch.Generator().manual_seed(1))
        if points.ndim != 2 or points.dtype != torch.float32:
            raise ValueError(f"{name}: sample must make (count, d) float32; got "
                             f"{tuple(points.shape)} {points.dtype}")
        self.name, self.classes, self.sample, self.train_images = name, (), sample, Images(points)
        self.train_labels = self.test_images = self.test_labels = None

    def parts(self, split: str, size: int, generator: torch.Generator,
              start: int = 0) -> Iterator[Tensor]:
        """The batches themselves: as many as 65,536 points fill, from number `start` on, (size,d).
        Raises ValueError as `ImageSet` does."""
        for k in range(len(self._split(split, size)[0]) // size):
            points = self.sample(size, generator)
            if k >= start:
                yield points

    def batch(self, split: str, part: Tensor) -> tuple[Tensor, None]:
        return part, None


def normal_points() -> Points:
    """`Points` with d = 1, drawn from N(3, 1)."""
    return Points("normal", lambda count, generator: 3 + torch.randn(count, 1, generator=generator))


def ring_of_eight() -> Points:
    """`Points` with d = 2: eight equally likely Gaussian modes, standard deviation STD, on a circle
    of radius 2."""
    return Points("ring", lambda count, generator: RING[torch.randint(
        8, (count,), generator=generator)] + STD * torch.randn(count, 2, generator=generator))


@dataclass(frozen=True)
class RingScores:
    """modes: how many of the eight were found, 0..8. good: share of samples within 3 STDs of a
    centre, in [0, 1]."""
    modes: int
    good: float


def ring_scores(samples: Tensor) -> RingScores:
    """Score samples (N,2) of the ring of eight. A mode is found if at least 1% of all samples are
    good and nearest to it.

    Real points score 8 and 0.989. Raises ValueError for another shape or values that are not
    finite.
    """
    samples = torch.as_tensor(samples).detach().cpu().double()
    if (samples.ndim != 2 or samples.shape[1] != 2 or len(samples) == 0
            or not samples.isfinite().all()):
        raise ValueError(
            f"samples must be finite and have shape (N, 2), N > 0; got {tuple(samples.shape)}")
    distance, mode = torch.cdist(samples, RING.double()).min(dim=1)
    good = distance <= 3 * STD                                      # (N,)
    found = torch.bincount(mode[good], minlength=8) >= 0.01 * len(samples)
    return RingScores(int(found.sum()), float(good.double().mean()))


class GAN(Model):
    """A generator against a discriminator, for `fit`; both players move at once, each down its own
    loss.

    generator: (B,*noise_shape) -> (B,*image_shape). discriminator: (B,*image_shape) -> one number
    each, (B,) or (B,1). loss, with d that number, x real, G(z) generated from noise; the
    generator's losses are the non-saturating ones:
        "cross-entropy" (Goodfellow et al. 2014)
            L_d = mean[-log s(d(x))] + mean[-log(1 - s(d(G(z))))], s the sigmoid
                                                  L_g = mean[-log s(d(G(z)))]
        "least-squares" (Mao et al. 2017)         L_d = mean[(d(x) - 1)^2] + mean[d(G(z))^2],
            L_g = mean[(d(G(z)) - 1)^2]
    """
    method, settings = "gan", ("noise_shape", "image_shape", "loss")

    def __init__(self, generator: nn.Module, discriminator: nn.Module, noise_shape: tuple[int, ...],
                 image_shape: tuple[int, ...], loss: str = "cross-entropy"):
        super().__init__()
        if loss not in ("cross-entropy", "least-squares"):
            raise ValueError(f"loss must be 'cross-entropy' or 'least-squares'; got {loss!r}")
        self.generator, self.discriminator, self.loss = generator, discriminator, loss
        self.noise_shape, self.image_shape = tuple(noise_shape), tuple(image_shape)

    @property
    def config(self) -> dict[str, Any]:
        return super().config | {"generator": repr(self.generator),
                                 "discriminator": repr(self.discriminator)}

    def d(self, x: Tensor) -> Tensor:
        """(B,*image_shape) -> (B,): a logit (cross-entropy), or a score, 1 for real and 0 for fake
        (least squares)."""
        return self.discriminator(x).reshape(len(x))

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """(count,*image_shape) from fresh noise; generator: a torch.Generator on the CPU."""
        return self.generator(self.draw(next(self.parameters()).new_empty(count),
                                        generator)["noise"])

    def players(self) -> dict[str, list[nn.Parameter]]:
        return {"generator": list(self.generator.parameters()),
                "discriminator": list(self.discriminator.parameters())}

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        return {"noise": torch.randn(len(x), *self.noise_shape, generator=generator).to(x)}

    def run(self, x: Tensor, noise: Tensor) -> Out:
        check_batch(x, self.image_shape, "data", self)
        fake = self.generator(noise)  # not detached: each player takes its own gradient
        return Out(z=noise, fake=fake, d_real=self.d(x), d_fake=self.d(fake))

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        if self.loss == "least-squares":
            return {"generator": (out.d_fake - 1).square().mean(),
                    "discriminator": (out.d_real - 1).square().mean() + out.d_fake.square().mean()}
        return {"generator": softplus(-out.d_fake).mean(),             # softplus(-d) = -log s(d)
                "discriminator": softplus(-out.d_real).mean() + softplus(out.d_fake).mean()}


class Shift(nn.Module):
    """The smallest generator: z (B,1) -> z + theta; theta, its only parameter, starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor) -> Tensor:
        return z + self.theta


def scalar_gan(loss: str = "cross-entropy") -> GAN:
    """`Shift` against d = w x + b; theta, w and b start at 0. For `normal_points`, where theta
    should become 3."""
    line = nn.Linear(1, 1)
    for parameter in line.parameters():
        nn.init.zeros_(parameter)
    return GAN(Shift(), line, (1,), (1,), loss)


def ring_gan(loss: str = "cross-entropy", noise: int = 2, width: int = 32, seed: int = 0) -> GAN:
    """For `ring_of_eight`: two networks with two hidden layers of `width`; noise: its
    dimensions."""
    generator, discriminator = (
        initialise(nn.Sequential(nn.Linear(inputs, width), activation(), nn.Linear(width, width),
                                 activation(), nn.Linear(width, outputs)), seeded(seed, stream))
        for inputs, outputs, stream in ((noise, 2, 4), (2, 1, 5)))
    return GAN(generator, discriminator, (noise,), (2,), loss)


def image_gan(width: int = 4, depth: int = 16, noise_channels: int = 8, colours: int = 1,
              size: int = 32, loss: str = "least-squares", seed: int = 0) -> GAN:
    """For images (colours,size,size): the paper's decoder, then tanh, on noise
    (noise_channels,width,width), against its critic. depth: channels of the first scale."""
    architecture = Architecture(colours, width, depth, noise_channels, size=size)
    generator = initialise(nn.Sequential(Decoder(architecture), nn.Tanh()),
                           seeded(seed, 4), math.sqrt(2))
    discriminator = initialise(Critic(architecture), seeded(seed, 5), math.sqrt(2))
    return GAN(generator, discriminator, (noise_channels, width, width), architecture.image_shape,
               loss)
