"""Four mistakes that people make in ACAI, each as a learner would write it: the checks of 05-1,
05-3 and 05-4 must find them, and data/recorders/record_critic.py trains with them for the bug hunt
of lab 05b."""
import torch


def unfolded(count, generator=None):
    """Of draw_alpha (05-1): alpha (count,) goes from 0 to 1."""
    return torch.rand(count, generator=generator, dtype=torch.float64).float()


def target_alpha(x, x_hat, alpha, d_mixed, d_unmixed, lam):
    """Of acai_losses (05-4): the autoencoder is paid for being read as alpha."""
    read = (d_mixed - alpha).square().mean()
    return (x_hat - x).square().mean() + lam * read, read + d_unmixed.square().mean()


def pixel_sum(x, x_hat, alpha, d_mixed, d_unmixed, lam):
    """Of acai_losses: the reconstruction error is a sum over the pixels, beside a critic's term
    that is a mean."""
    critic = (d_mixed - alpha).square().mean() + d_unmixed.square().mean()
    return (x_hat - x).square().sum() / len(x) + lam * d_mixed.square().mean(), critic


def leak(x, x_hat, alpha, d_mixed, d_unmixed, lam):
    """Of acai_losses: the critic's loss moves the autoencoder, too, which then helps to be read."""
    critic = (d_mixed - alpha).square().mean() + d_unmixed.square().mean()
    return (x_hat - x).square().mean() + lam * d_mixed.square().mean() + critic, critic


def copied_repair(model, optimiser, x, x_hat, x_alpha, alpha):
    """The same leak in critic_step (05-3), as it is copied from one repository to the next: where
    PyTorch complains of an "inplace operation", as the autoencoder stepped between the two
    backwards, both steps are moved behind both backwards."""
    own = torch.optim.SGD(model.base.parameters(), lr=1e-3)
    d_mixed = model.d(x_alpha)
    own.zero_grad()
    ((x_hat - x).square().mean() + model.lam * d_mixed.square().mean()).backward(retain_graph=True)
    optimiser.zero_grad()
    critic = (d_mixed - alpha).square().mean() + model.d(model.gamma * x + (1 - model.gamma)
                                                         * x_hat).square().mean()
    critic.backward()  # runs on through x_alpha into the autoencoder
    own.step()
    optimiser.step()
    return critic.item()
