"""ACAI the way ports of it are commonly written, to time our step against: the same networks, losses, batch and optimiser.

Written from the paper, with what most public ports have in common: images (N,C,H,W) in memory order, a DataLoader, one
forward and one backward pass for each player, the mix detached for the critic, two Adams as torch makes them by default,
and the losses read off at every step. tests/bench/test_bench.py holds its losses and gradients against ours.
"""
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


def encoder(scales, depth, latent, colours):
    layers, before = [nn.Conv2d(colours, depth, 1)], depth
    for scale in range(scales):
        now = depth << scale
        layers += [nn.Conv2d(before, now, 3, padding=1), nn.LeakyReLU(0.2),
                   nn.Conv2d(now, now, 3, padding=1), nn.LeakyReLU(0.2), nn.AvgPool2d(2)]
        before = now
    now = depth << scales
    return nn.Sequential(*layers, nn.Conv2d(before, now, 3, padding=1), nn.LeakyReLU(0.2),
                         nn.Conv2d(now, latent, 3, padding=1))


def decoder(scales, depth, latent, colours):
    layers, before = [], latent
    for scale in reversed(range(scales)):
        now = depth << scale
        layers += [nn.Conv2d(before, now, 3, padding=1), nn.LeakyReLU(0.2),
                   nn.Conv2d(now, now, 3, padding=1), nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2)]
        before = now
    return nn.Sequential(*layers, nn.Conv2d(before, depth, 3, padding=1), nn.LeakyReLU(0.2),
                         nn.Conv2d(depth, colours, 3, padding=1))


class PlainPort:
    """step(x, alpha=None): one training step; x (B,C,32,32) in [-1, 1]. Returns (autoencoder's loss, critic's loss)."""

    def __init__(self, scales=3, depth=16, latent=2, colours=1, lam=0.5, gamma=0.2, rate=1e-4):
        self.encoder, self.critic = (encoder(scales, depth, latent, colours) for _ in range(2))
        self.decoder = decoder(scales, depth, latent, colours)
        self.lam, self.gamma = lam, gamma
        self.autoencoder_adam = torch.optim.Adam([*self.encoder.parameters(), *self.decoder.parameters()], lr=rate)
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), lr=rate)

    def d(self, x):
        return self.critic(x).flatten(1).mean(1)

    def step(self, x, alpha=None):
        alpha = (torch.rand(len(x)) / 2 if alpha is None else alpha).view(-1, 1, 1, 1)
        z = self.encoder(x)
        x_hat = self.decoder(z)
        x_mix = self.decoder(alpha * z + (1 - alpha) * z.flip(0))
        loss = F.mse_loss(x_hat, x) + self.lam * self.d(x_mix).square().mean()
        self.autoencoder_adam.zero_grad()
        loss.backward()
        self.autoencoder_adam.step()
        blend = self.gamma * x + (1 - self.gamma) * x_hat.detach()
        critic_loss = F.mse_loss(self.d(x_mix.detach()), alpha.flatten()) + self.d(blend).square().mean()
        self.critic_adam.zero_grad()
        critic_loss.backward()
        self.critic_adam.step()
        return loss.item(), critic_loss.item()


def batches(images, size):
    """Endless batches (size,C,32,32) of a DataLoader over float32 images held in memory."""
    loader = DataLoader(TensorDataset(images), size, shuffle=True, drop_last=True)
    while True:
        for (x,) in loader:
            yield x
