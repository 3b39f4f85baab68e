"""Lab 03, a zoo of autoencoders: the course's versions of what learners write there, and what the lab shows."""
import torch
from torch.nn import functional as F

from acai_lite.runs.films import film


def denoising_loss(model, x, spread=1.0):
    """Mean squared error between x and what the model draws of x with normal noise of that spread on every pixel."""
    noise = spread * torch.randn_like(x)
    x_hat = model.decode(model.encode(x + noise))
    return (x_hat - x).square().mean()


def vae_loss(decoder, x, mean, log_variance, noise, beta=1.0):
    """Cross-entropy of the drawing, summed over pixels, plus beta * KL, summed over the code; mean over the batch."""
    z = mean + (log_variance / 2).exp() * noise
    drawing = F.binary_cross_entropy_with_logits(decoder(z), (x + 1) / 2, reduction="sum")
    kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum()
    return (drawing + beta * kl) / len(x)


def card():
    """A card for the jigsaw."""
    return {"method": "vqvae", "asks": ASKS["vqvae"], "pays": PAYS[0], "in_between": "leaps",
            "because": "between two switches of a codeword nothing moves, then all moves at once"}


def straight_through(e, codebook):
    """e (n,d) -> (n,d): the nearest codeword of each, with a gradient that goes to e as if nothing had been replaced."""
    nearest = codebook[torch.cdist(e, codebook).argmin(1)]
    return e + (nearest - e).detach()


STRIPS = {"A": "vae", "B": "baseline", "C": "vqvae", "D": "dropout", "E": "denoising"}    # the riddle of the first picture
ASKS = {"baseline": "draw the image from its code", "dropout": "draw the image from half of the code",
        "denoising": "draw the clean image from a noisy one", "vae": "be a cloud close to N(0, I)",
        "vqvae": "be replaced by codewords from a list"}
PAYS = "its ends are drawn worse", "hardly anything"
IN_BETWEEN = {(True, True): "turns", (True, False): "leaps", (False, True): "blurs", (False, False): "ghosts"}
LINE, STEADY, PRICE = 3.2e-3, 0.3, 1.5         # Mean Distance, Smoothness, and end error against the baseline's


def zoo_strips(pair=1):
    """{letter: frames (T,1,32,32)}: one pair of lines, by five methods, under letters."""
    zoo = film("zoo")
    return {letter: zoo.frames[zoo.samples.index(name), pair] for letter, name in STRIPS.items()}


def zoo_names():
    """{letter: method}, the solution of the riddle."""
    return dict(STRIPS)


def zoo_scores():
    """{method: {mean_distance, smoothness, end_error}} over 256 pairs of lines."""
    zoo = film("zoo")
    return dict(zip(zoo.samples, zoo.scores, strict=True))
