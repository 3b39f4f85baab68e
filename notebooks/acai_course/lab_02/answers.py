"""Lab 02: the course's versions of what learners write there."""
import torch
from torch import nn


def make_networks():
    """(encoder, decoder): (B,1,32,32) -> (B,16,2,2) -> (B,1,32,32), one convolution a scale."""
    encoder, decoder, channels = [], [], [1, 16, 32, 64, 128]
    for inputs, outputs in zip(channels, channels[1:], strict=False):
        encoder += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(0.2), nn.AvgPool2d(2)]
    for inputs, outputs in zip([16, 128, 64, 32], [128, 64, 32, 16], strict=True):
        decoder += [nn.Conv2d(inputs, outputs, 3, padding=1),
                    nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2)]
    return (nn.Sequential(*encoder, nn.Conv2d(128, 16, 3, padding=1)),
            nn.Sequential(*decoder, nn.Conv2d(16, 1, 3, padding=1)))


def train_step(model, optimiser, x):
    """One step of gradient descent on the mean squared error of x (B,1,32,32); returns the loss
    before the step."""
    loss = (model.decode(model.encode(x)) - x).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def mix_codes(model, x0, x1, steps):
    """Frames (T,1,32,32): the codes of two images (1,32,32) mixed, then decoded."""
    z0, z1 = model.encode(torch.stack([x0, x1]))                       # (c,w,w) each
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    return model.decode((1 - t) * z0 + t * z1).detach()


def dimension(codes):
    """(effective dimension, share of the first two components) of codes (N,Z)."""
    p = torch.linalg.svdvals(codes - codes.mean(0)).square()           # variances, up to a factor
    p = p / p.sum()
    return float(1 / p.square().sum()), float(p[:2].sum())


def straighten(decoder):
    """The decoder without its bends."""
    return nn.Sequential(*[layer for layer in decoder if not isinstance(layer, nn.LeakyReLU)])
