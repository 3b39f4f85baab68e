"""Lab 05b: the course's versions of what learners write there."""
import torch

from acai_lite.autoencoders import ACAI

from ..lab_05a.answers import critic_step, draw_alpha, mix
from .hunt import HUNT


def reading_error(model, x, alpha):
    """Mean of (d(x_alpha) - alpha)^2: how badly the critic of `model` reads mixtures of x
    (B,1,32,32)."""
    with torch.no_grad():
        x_alpha = model.decode(mix(model.encode(x), alpha))
        return float((model.d(x_alpha) - alpha).square().mean())


def audit(model, batches, rate=1e-3):
    """A critic that starts anew, trained beside the frozen autoencoder of `model`: an ACAI with
    that critic."""
    fresh = ACAI(model.base, model.lam, model.gamma, seed=1)
    optimiser = torch.optim.Adam(fresh.critic.parameters(), lr=rate)
    for x in batches:
        alpha = draw_alpha(len(x))
        with torch.no_grad():
            z = fresh.encode(x)
            x_hat, x_alpha = fresh.decode(torch.cat([z, mix(z, alpha)])).chunk(2)
        critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)
    return fresh


def culprits():
    return dict(HUNT)
