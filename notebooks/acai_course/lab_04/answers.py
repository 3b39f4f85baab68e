"""Lab 04: the course's versions of what learners write there."""
import torch
from torch.nn.functional import softplus


def gan_losses(d_real, d_fake):
    """Logits of real and of made things, any shapes -> (loss of the generator, loss of the
    discriminator)."""
    return softplus(-d_fake).mean(), softplus(-d_real).mean() + softplus(d_fake).mean()


def gan_step(generator, discriminator, move_g, move_d, x, z):
    """One step of both players with an optimiser each; returns both losses before it."""
    loss_g, loss_d = gan_losses(discriminator(x), discriminator(generator(z)))
    move_g.zero_grad()
    move_d.zero_grad()
    loss_g.backward(inputs=list(generator.parameters()), retain_graph=True)
    loss_d.backward(inputs=list(discriminator.parameters()))
    move_g.step()
    move_d.step()
    return loss_g.item(), loss_d.item()


def modes_covered(samples, centres, spread):
    """samples (N,2), centres (K,2) -> (how many modes are covered, share of samples within 3
    spreads of a centre)."""
    distance, mode = torch.cdist(samples, centres).min(dim=1)
    good = distance <= 3 * spread                                      # (N,)
    counts = torch.bincount(mode[good], minlength=len(centres))
    return int((counts >= 0.01 * len(samples)).sum()), float(good.float().mean())


def aae_losses(x, x_hat, d_prior, d_code, weight):
    """(loss of the autoencoder, loss of the discriminator): the prior's draws are real, the codes
    are made."""
    fooling, discriminator = gan_losses(d_prior, d_code)
    return (x_hat - x).square().mean() + weight * fooling, discriminator
