"""Lab 05a: the course's versions of what learners write there."""
import torch


def draw_alpha(count):
    """(count,) in [0, 1/2]: how far each image of a batch is mixed; drawn evenly in [0, 1] and
    folded at 1/2."""
    u = torch.rand(count)
    return torch.minimum(u, 1 - u)


def mix(z, alpha):
    """z (B,c,w,w), alpha (B,) -> (B,c,w,w): each code mixed with that of its partner, the batch in
    reverse order."""
    a = alpha.view(-1, 1, 1, 1)
    return a * z + (1 - a) * z.flip(0)


def critic_step(model, optimiser, x, x_hat, x_alpha, alpha):
    """One step of the critic alone; returns its loss before the step."""
    unmixed = model.gamma * x + (1 - model.gamma) * x_hat
    loss = ((model.d(x_alpha.detach()) - alpha).square().mean()
            + model.d(unmixed.detach()).square().mean())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def acai_losses(x, x_hat, alpha, d_mixed, d_unmixed, lam):
    """(loss of the autoencoder, loss of the critic), ACAI paper, section 3."""
    autoencoder = (x_hat - x).square().mean() + lam * d_mixed.square().mean()
    critic = (d_mixed - alpha).square().mean() + d_unmixed.square().mean()
    return autoencoder, critic
