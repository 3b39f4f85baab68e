"""What tests of several files need. Fixtures: conftest.py."""
import os

import torch
from torch import nn


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(size=6, seed=0):
    """Random images in [-1, 1]: (size,1,32,32) float64."""
    return torch.rand(size, 1, 32, 32, generator=seeded(seed), dtype=torch.float64) * 2 - 1


def forward(model, x, seed=0):
    """One forward pass with the noise that the model draws for it."""
    return model.run(x, **model.draw(x, seeded(seed)))


def weights(model):
    """All parameters as one vector."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def kept(folder):
    """Names of what is in a folder, locks left out."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


class Fake(nn.Module):
    """A model made of two functions; its parameter says only where it lives."""

    def __init__(self, encode, decode):
        super().__init__()
        self.encode, self.decode, self.place = encode, decode, nn.Parameter(torch.zeros(1))


class Touch:
    """Unpickling one creates a file."""

    def __init__(self, path):
        self.path = os.fspath(path)

    def __reduce__(self):
        return open, (self.path, "w")
