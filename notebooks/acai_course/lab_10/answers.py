"""Lab 10: the course's versions of what learners write there."""
import time

import torch

from acai_lite.autoencoders import one_each
from acai_lite.drawing import draw_waves


def with_critic(base, d, x, out, alpha, lam):
    """The loss of an autoencoder with a critic: its own, plus `lam` (on its own scale) times what d
    sees in its mixes.

    out: what base.run(x, ...) made; d: images (B,C,32,32) -> (B,) guesses of alpha; alpha: (B,).
    Returns a scalar.
    """
    a = one_each(alpha, out.z)  # (B,1,1,1), or (B,1,1) of a signal
    fooled = d(base.decode(a * out.z + (1 - a) * out.z.flip(0))).square().mean()
    return base.losses(x, out)["autoencoder"] + lam * base.loss_scale * fooled


def cycle(base, z_alpha):
    """Mean over a batch of the squared distance between codes z_alpha (B,*code) and the codes of
    the pictures that they decode to (AEAI, arXiv 2008.01487)."""
    again = base.encode(base.decode(z_alpha))
    return (again - z_alpha).flatten(1).square().sum(1).mean()


def true_path(f0, f1, steps):
    """("linear", frames (K,T,1,32)): waves whose frequency goes evenly from f0 to f1, (K,) cycles
    per signal each."""
    t = torch.linspace(0, 1, steps, dtype=torch.float64)               # (T,)
    f = (1 - t) * f0[:, None] + t * f1[:, None]                        # (K,T)
    return "linear", draw_waves(f).view(len(f0), steps, 1, 32)


def octaves(f0, f1, steps):
    """("octaves", frames (K,T,1,32)): the same, with the same *ratio* from each frame to the
    next."""
    frequency = f0[:, None] * (f1 / f0)[:, None] ** torch.linspace(0, 1, steps, dtype=torch.float64)
    return "octaves", draw_waves(frequency).view(len(f0), steps, 1, 32)


def project_card():
    """A plan, written before the first run: what is asked, expected, measured and paid, and what
    would prove it wrong."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "question": "Does a critic help the VAE on waves, whose in-betweens are sharp already?",
        "prediction": "ACAI on the VAE has a mean distance at least 20% below the plain VAE's, in "
                      "the mean of three seeds.",
        "measure": "mean distance of 256 test paths, wave_scores; beside it smoothness and the "
                   "error of the end signals",
        "cheat": "a path that stands still, or jumps, has distance 0; smoothness and the end "
                 "error give it away",
        "baseline": "the plain VAE, with the same samples, seeds and recipe, and the signal blend",
        "samples": 60_000,
        "seeds": [0, 1, 2],
        "wrong_if": "the mean distance falls by less than 20%, or the gap is smaller than what "
                    "seeds differ by",
    }
