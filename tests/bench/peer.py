"""A downloaded port as a contestant: Kyle McDonald's ACAI gist (e8ca989584b3b0e6526c0a737ed412f0)
and what descends from it.

The gist carries no licence, so nothing of it is here. `Peer` takes Encoder, Decoder and
Discriminator from the file that you name (only its definitions are run, not its training), and
steps them in the gist's order; the mix is detached for the critic, since as written the gist stops
with an error on current PyTorch.
"""
import ast
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def definitions(path):
    """{name: object}: the functions and classes of a Python file, and what it calls its
    activation."""
    tree = ast.parse(Path(path).read_text())
    kept = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
            or isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("nn.")]
    names = {"torch": torch, "nn": nn, "F": F, "np": np}
    exec(compile(ast.Module(kept, []), str(path), "exec"), names)  # the user's own choice of file
    missing = {"Encoder", "Decoder", "Discriminator"} - set(names)
    if missing:
        raise ValueError(f"{path} defines no {', '.join(sorted(missing))}: --peer takes the gist "
                         "and its descendants")
    return names


class Peer:
    """step(x): one step; every loss is read off, as there."""

    def __init__(self, path, scales, depth, latent, colours):
        names = definitions(path)
        self.encoder, self.decoder = (names[name](scales, depth, latent, colours)
                                      for name in ("Encoder", "Decoder"))
        self.critic = names["Discriminator"](scales, depth, latent, colours)
        own = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.adams = [torch.optim.Adam(p, lr=1e-4, weight_decay=1e-5)
                      for p in (own, [*self.critic.parameters()])]

    def step(self, x):
        z = self.encoder(x)
        x_hat = self.decoder(z)
        d_unmixed = self.critic(torch.lerp(x_hat, x, 0.2).detach())
        alpha = torch.rand(len(x), 1, 1, 1) / 2
        x_mix = self.decoder(z + alpha * (z.roll(len(z) // 2, 0) - z))
        drawing, fooled = F.mse_loss(x_hat, x), self.critic(x_mix).square().mean() / 2
        self.adams[0].zero_grad()
        (drawing + fooled).backward()
        self.adams[0].step()
        reading = F.mse_loss(self.critic(x_mix.detach()), alpha.flatten())
        level = d_unmixed.square().mean()
        self.adams[1].zero_grad()
        (reading + level).backward()
        self.adams[1].step()
        return [value.item()
                for value in (drawing, fooled, drawing + fooled, reading, level, reading + level)]
