"""Lab 03: the course's versions of what learners write there."""
import torch
from torch.nn import functional as F

from .riddle import ASKS, PAYS


def denoising_loss(model, x, spread=1.0):
    """Mean squared error between x and what the model draws of x with normal noise of that spread
    on every pixel."""
    noise = spread * torch.randn_like(x)
    x_hat = model.decode(model.encode(x + noise))
    return (x_hat - x).square().mean()


def vae_loss(decoder, x, mean, log_variance, noise, beta=1.0):
    """Cross-entropy of the drawing, summed over pixels, plus beta * KL, summed over the code; mean
    over the batch."""
    z = mean + (log_variance / 2).exp() * noise
    drawing = F.binary_cross_entropy_with_logits(decoder(z), (x + 1) / 2, reduction="sum")
    kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum()
    return (drawing + beta * kl) / len(x)


def card():
    """A card for the jigsaw."""
    return {"method": "vqvae", "asks": ASKS["vqvae"], "pays": PAYS[0], "in_between": "leaps",
            "because": "between two switches of a codeword nothing moves, then all moves at once"}


def straight_through(e, codebook):
    """e (n,d) -> (n,d): the nearest codeword of each, with a gradient that goes to e as if nothing
    had been replaced."""
    nearest = codebook[torch.cdist(e, codebook).argmin(1)]
    return e + (nearest - e).detach()
