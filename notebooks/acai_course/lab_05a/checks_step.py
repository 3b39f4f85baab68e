"""Lab 05a: what the check of the critic's step looks for."""
import torch

from acai_lite.autoencoders import ACAI, Autoencoder
from acai_lite.drawing import draw_lines
from acai_lite.networks import Architecture

from ..checks import Off, Spy
from .answers import mix


def try_critic_step(yours):
    model = ACAI(Autoencoder(Architecture(width=8, depth=4, gain=1.5)))
    x, alpha = draw_lines(torch.arange(6.0)), torch.tensor([0.1, 0.5, 0.3, 0.0, 0.2, 0.4])
    critic, own = list(model.critic.parameters()), list(model.base.parameters())
    spy = Spy(critic, lr=0)

    def gradient(loss):
        return torch.cat([g.flatten()
                          for g in torch.autograd.grad(loss, critic, retain_graph=True)])

    def unmixed(share):
        return model.d(share * x + (1 - share) * x_hat.detach()).square().mean()

    for turn in range(2):
        z = model.encode(x)
        x_hat, x_alpha = model.decode(z), model.decode(mix(z, alpha))
        first = (model.d(x_alpha.detach()) - alpha).square().mean()
        want = gradient(first + unmixed(model.gamma))
        gamma = model.gamma
        wrong = [
            (gradient(first), "the second term is missing: show the critic images that are not "
             "mixed, and ask for 0."),
            (gradient(first + unmixed(0.0)), "the critic sees reconstructions only: a share gamma "
             "of the real image belongs to each, or it may learn to tell blur from ink."),
            (gradient(first + unmixed(1.0)), "the critic sees real images only: then “drawn by the "
             "decoder” is enough to say “mixed”. Most of it, 1 - gamma, is the reconstruction."),
            (gradient(first + unmixed(1 - gamma)), "gamma is the share of the *real* image, 1 - "
             "gamma that of the reconstruction; yours are the other way round."),
            (gradient(model.d(x_alpha.detach()).square().mean() + unmixed(gamma)),
             "the critic is asked for 0 on mixtures; it should say how far they are mixed: alpha."),
            (6 * want, "take the mean over the batch, not the sum."),
            (-want, "the critic walks uphill: it should lower its loss.")]
        kept = torch.autograd.grad((x_hat - x).square().mean(), own, retain_graph=True)
        for p, g in zip(own, kept, strict=True):  # as after the autoencoder's own backward
            p.grad = g.clone()
        result = yours(model, spy, x, x_hat, x_alpha, alpha)
        if not any(p.grad is not None and p.grad.any() for p in own):
            raise Off("the autoencoder's gradient was there before your step, and is gone: it was "
                      "not yours to clear. Who knows which parameters are the critic's?")
        if any(p.grad is None or not torch.equal(p.grad, g)
               for p, g in zip(own, kept, strict=True)):
            raise Off("the autoencoder's gradient changed after the critic's backward: with it, "
                      "you are helping the critic read α. What the critic looks at must be cut off "
                      "from the autoencoder.")
        if len(spy.seen) != turn + 1:
            raise Off("the critic did not move: the optimiser's step is missing." if len(spy.seen)
                      <= turn else "the optimiser stepped more than once in one step.")
        got = spy.last()
        if got is None:
            raise Off("the optimiser stepped without gradients: call backward on the loss first.")
        near = 1e-3 * float(want.norm())
        if float(got.norm()) < near / 10:
            raise Off("the gradient was empty when the optimiser stepped: clear the old one before "
                      "backward, not after it.")
        if turn == 1 and float((got - 2 * want).norm()) < near:
            raise Off("two equal steps gave a doubled gradient: the old one is still there.")
        for other, words in wrong:
            if (float((got - other).norm()) < 1e-3 * float(other.norm())
                    and float((got - want).norm()) > near):
                raise Off(words)
        if float((got - want).norm()) > near:
            raise Off("the gradient is not that of the critic's loss: are its two terms, on mixed "
                      "and on unmixed pictures, squares, means, and of equal weight?")
    if result is None or abs(float(torch.as_tensor(result).detach())
                             - float((first + unmixed(gamma)).detach())) > 1e-4:
        raise Off("return the loss: the loop below prints it.")
