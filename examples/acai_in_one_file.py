"""ACAI in one file: an autoencoder and a critic that looks at its interpolations.

    python examples/acai_in_one_file.py                      about a minute on one CPU core
    python examples/acai_in_one_file.py --samples 60000 --seed 1 --out lines.png

It needs torch, numpy and Pillow only. It draws its data (lines of any angle from the centre of a
32x32 image), trains, and saves a picture of interpolations between test lines.

Data, layers, initial weights and losses are those of Berthelot, Raffel, Roy and Goodfellow,
"Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer", ICLR
2019 (arXiv 1807.07543). With --paper, the settings are the paper's as well: batch 64, learning rate
1e-4, lambda 0.5 from the first step. A minute is too short for them: the paper trains on 16,777,216
lines. The default settings, which learn within a minute, differ in six ways: half as many channels
in the layers; batch 16; images standardised inside the networks; a learning rate that rises to 7e-4
and falls to 0; lambda rising to 0.5 over the first fifth of the run; an exponential moving average
of the weights, which is what the picture and the reconstruction error are of.

Shapes: B images, C colours, c channels of a code, w its width. Images lie in [-1, 1].
"""

import argparse
import math
import time

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

# Data -------------------------------------------------------------------------------------------


def draw_lines(angles: Tensor) -> Tensor:
    """(N,) angles in radians -> (N,1,32,32), anti-aliased by the rules of the authors' routine.

    A line is 2 pixels wide across its major axis, which is the one along which it is longer.
    """
    column, row = 16 + 15 * angles.double().cos(), 16 - 15 * angles.double().sin()  # the far end
    flat = (column - 16).abs() > (row - 16).abs()  # is the major axis horizontal?
    far, side = torch.where(flat, column, row)[:, None], torch.where(flat, row, column)[:, None]
    start, end, slope = far.clamp(max=16), far.clamp(min=16), (side - 16) / (far - 16)
    pixel = torch.arange(32)  # along either axis
    weight = torch.where(pixel < start.ceil(), start.ceil() - start, 1.0)  # (N,32), major axis
    weight = weight * (pixel >= start.floor()) * (pixel < end.ceil())
    low = torch.where(far < 16, side, 16) - 1 + (pixel - start - 0.5) * slope
    low = low[..., None]  # across its major axis, the line covers [low, low + 2]
    cover = (torch.minimum(low + 2, pixel + 1) - torch.maximum(low, pixel)).clamp(0, 1)
    cover = cover * weight[..., None]  # (N, major axis, other axis)
    cover = torch.where(flat[:, None, None], cover.mT, cover)  # (N, rows, columns)
    return (2 * cover - 1).float()[:, None]


def random_lines(count: int, generator: torch.Generator) -> Tensor:
    return draw_lines(2 * math.pi * torch.rand(count, generator=generator, dtype=torch.float64))


# Networks ---------------------------------------------------------------------------------------


def block(*channels: int) -> list[nn.Module]:
    """3x3 convolutions from channels[0] to channels[1] and so on, each followed by LeakyReLU."""
    pairs = zip(channels[:-1], channels[1:], strict=True)
    return [layer for a, b in pairs for layer in (nn.Conv2d(a, b, 3, padding=1), nn.LeakyReLU(0.2))]


def encoder(scales: int, depth: int, code_channels: int, colours: int) -> nn.Sequential:
    """(B,C,32,32) -> (B,c,w,w), w = 32 / 2^scales. No normalisation, no activation on the code."""
    layers, before = [nn.Conv2d(colours, depth, 1)], depth
    for scale in range(scales):
        now = depth * 2**scale
        layers, before = [*layers, *block(before, now, now), nn.AvgPool2d(2)], now
    return nn.Sequential(*layers, *block(before, depth * 2**scales, code_channels)[:-1])


def decoder(scales: int, depth: int, code_channels: int, colours: int) -> nn.Sequential:
    """(B,c,w,w) -> (B,C,32,32). No activation on the image, so values can leave [-1, 1]."""
    layers, before = [], code_channels
    for scale in reversed(range(scales)):
        now = depth * 2**scale
        layers, before = [*layers, *block(before, now, now), nn.Upsample(scale_factor=2)], now
    return nn.Sequential(*layers, *block(before, depth, colours)[:-1])


class ACAI(nn.Module):
    """The autoencoder and its critic; the default sizes are the paper's for lines.

    mean, std: of the pixels, to standardise images on their way in (0 and 1: as in the paper).
    """

    def __init__(self, scales=4, depth=16, code_channels=16, colours=1, mean=0.0, std=1.0):
        super().__init__()
        self.mean, self.std = mean, std
        self.encoder = encoder(scales, depth, code_channels, colours)
        self.decoder = decoder(scales, depth, code_channels, colours)
        self.critic = encoder(scales, depth, code_channels, colours)  # with weights of its own
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                fan_in = layer.weight[0].numel()
                nn.init.normal_(layer.weight, std=1 / math.sqrt((1 + 0.2**2) * fan_in))
                nn.init.zeros_(layer.bias)

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder((x - self.mean) / self.std)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z) * self.std + self.mean

    def d(self, x: Tensor) -> Tensor:
        """(B,C,32,32) -> (B,): the critic's guess of alpha, the mean of its whole output."""
        return self.critic((x - self.mean) / self.std).mean((1, 2, 3))


# Training ---------------------------------------------------------------------------------------


def optimisers(model: ACAI, rate: float) -> tuple[torch.optim.Adam, torch.optim.Adam]:
    """One for each player: the autoencoder and the critic."""
    autoencoder = [*model.encoder.parameters(), *model.decoder.parameters()]
    return torch.optim.Adam(autoencoder, rate), torch.optim.Adam(model.critic.parameters(), rate)


def train_step(model, adams, x: Tensor, alpha: Tensor, lam=0.5, gamma=0.2) -> tuple[float, float]:
    """One step of both players on images x (B,C,32,32) with alpha (B,); returns their losses."""
    autoencoder_adam, critic_adam = adams
    a = alpha.view(-1, 1, 1, 1)  # one weight for a whole code
    z = model.encode(x)
    x_hat = model.decode(z)
    x_alpha = model.decode(a * z + (1 - a) * z.flip(0))  # partners: the batch in reversed order

    # The autoencoder reconstructs, and makes its interpolations look unmixed to the critic:
    # L_autoencoder = mean (x - x_hat)^2 + lambda * mean d(x_alpha)^2
    loss = F.mse_loss(x_hat, x) + lam * model.d(x_alpha).square().mean()
    autoencoder_adam.zero_grad()
    loss.backward()
    autoencoder_adam.step()

    # The critic guesses alpha, and 0 for what is not mixed, on the same x_alpha and x_hat:
    # L_critic = mean (d(x_alpha) - alpha)^2 + mean d(gamma * x + (1 - gamma) * x_hat)^2
    unmixed = gamma * x + (1 - gamma) * x_hat.detach()
    critic_loss = F.mse_loss(model.d(x_alpha.detach()), alpha) + model.d(unmixed).square().mean()
    critic_adam.zero_grad()  # loss.backward() went through the critic, too
    critic_loss.backward()
    critic_adam.step()
    return loss.item(), critic_loss.item()


def train(model: ACAI, samples: int, generator: torch.Generator, paper=False) -> nn.Module:
    """Train on `samples` fresh lines; returns the model with averaged weights."""
    batch, rate, lam, decay = (64, 1e-4, 0.5, 0.0) if paper else (16, 7e-4, 0.5, 0.99)
    adams, steps = optimisers(model, rate), max(1, samples // batch)

    def average(mean: Tensor, new: Tensor, count: Tensor) -> Tensor:
        return mean + max(1 / (count + 1), 1 - decay) * (new - mean)  # at first a plain mean

    averaged = AveragedModel(model, avg_fn=average)
    losses, printed = [], time.monotonic()
    for step in range(steps):
        share = step / steps  # of the run, in [0, 1)
        schedule = 1 if paper else min(share / 0.05, (1 - share) / 0.95)
        ramp = 1 if paper else min(share / 0.2, 1)
        for adam in adams:
            adam.param_groups[0]["lr"] = schedule * rate
        x = random_lines(batch, generator).to(memory_format=torch.channels_last)  # faster
        alpha = torch.rand(batch, generator=generator) / 2  # uniform in [0, 1/2]
        losses.append(train_step(model, adams, x, alpha, ramp * lam))
        averaged.update_parameters(model)
        if step in (0, steps - 1) or time.monotonic() - printed > 3:
            loss, critic_loss = torch.tensor(losses).mean(0)  # on average since the last print
            seen = f"{(step + 1) * batch:9,} lines"
            print(f"{seen}: loss {loss:.4f}, critic's loss {critic_loss:.4f}", flush=True)
            losses, printed = [], time.monotonic()
    return averaged.module


# Interpolation ----------------------------------------------------------------------------------


@torch.no_grad()
def strip(model: nn.Module, x0: Tensor, x1: Tensor, steps=14) -> Image.Image:
    """A row for each pair x0, x1 (K,1,32,32): x0, the decoded mixtures of their codes, x1.

    The row on top mixes the pixels of the first pair, not its codes.
    """
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    z0, z1 = model.encode(x0)[:, None], model.encode(x1)[:, None]  # (K,1,c,w,w)
    decoded = model.decode(((1 - t) * z0 + t * z1).flatten(0, 1)).unflatten(0, (-1, steps))
    x0, x1 = (torch.cat([x[:1], x])[:, None] for x in (x0, x1))
    paths = torch.cat([(1 - t) * x0[:1] + t * x1[:1], decoded])  # (K+1,T,1,32,32)
    columns = []
    for images in (x0, paths, x1):  # images with a grey border, side by side; two wider gaps
        tiles = F.pad(images[:, :, 0], (1, 1, 1, 1)).transpose(1, 2).flatten(0, 1).flatten(1)
        columns += [tiles, torch.zeros(len(tiles), 8)]
    pixels = torch.cat(columns[:-1], dim=1).clamp(-1, 1) * 127.5 + 127.5
    picture = Image.fromarray(pixels.byte().numpy())
    return picture.resize((3 * picture.width, 3 * picture.height), Image.Resampling.NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=14_400, help="lines to train on")
    parser.add_argument("--seed", type=int, default=0, help="of weights, training and test lines")
    parser.add_argument("--out", default="interpolations.png", help="the picture to write")
    parser.add_argument("--paper", action="store_true", help="the paper's settings (slow)")
    args = parser.parse_args()

    torch.manual_seed(args.seed)  # initial weights
    generator = torch.Generator().manual_seed(args.seed)  # training lines and alphas
    some = random_lines(2_000, generator)
    small = dict(depth=8, mean=some.mean().item(), std=some.std().item())
    model = ACAI(**{} if args.paper else small).to(memory_format=torch.channels_last)
    model = train(model, args.samples, generator, args.paper)

    test = random_lines(512, torch.Generator().manual_seed(10**6 + args.seed))
    with torch.no_grad():
        error = F.mse_loss(model.decode(model.encode(test)), test)
    of_mean = F.mse_loss(some.mean(0).expand_as(test), test)
    print(f"reconstruction error on {len(test)} test lines: {error:.4f}; mean image: {of_mean:.4f}")
    strip(model, test[:6], test[6:12]).save(args.out)
    print(f"interpolations between test lines: {args.out}")


if __name__ == "__main__":
    main()
