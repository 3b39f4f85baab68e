"""Lab 04: what the check of a step of both players looks for."""
from copy import deepcopy

import torch
from torch import nn

from ..checks import Off, Spy, noise, pair
from .answers import gan_losses

RATE = 0.3


def _gradient(loss, network):
    return torch.cat([p.flatten() for p in torch.autograd.grad(loss, list(network.parameters()),
                                                               retain_graph=True)])


def _moved(network, gradient):
    """A copy of the network, one step on."""
    weights = nn.utils.parameters_to_vector(network.parameters()) - RATE * gradient
    network = deepcopy(network)
    nn.utils.vector_to_parameters(weights.detach(), network.parameters())
    return network


def _same(a, b):
    return float((a - b).norm()) < 1e-3 * float(b.norm())


def try_gan_step(yours):
    torch.manual_seed(0)
    made, judge = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
    spies, before = (Spy(made.parameters(), RATE), Spy(judge.parameters(), RATE)), [0.0, 0.0]
    x, z, names = 2 + noise(8, 2), noise(8, 2, seed=1), ("generator", "discriminator")
    for turn in range(2):
        losses = gan_losses(judge(x), judge(made(z)))
        own = [_gradient(loss, network)
               for loss, network in zip(losses, (made, judge), strict=True)]
        cross = [_gradient(loss, network) for loss, network in zip(losses[::-1],
                                                                   (made, judge), strict=True)]
        # taking turns is fine, too
        other_judge, other_made = _moved(judge, own[1]), _moved(made, own[0])
        later = [_gradient(gan_losses(other_judge(x), other_judge(made(z)))[0], made),
                 _gradient(gan_losses(judge(x), judge(other_made(z)))[1], judge)]
        try:
            result = yours(made, judge, *spies, x, z)
        except RuntimeError as error:
            for sign, words in (("inplace", "a weight was moved before the other player's gradient "
                                 "was taken."), ("second time", "the first backward threw away the "
                                                 "forward pass that both losses share.")):
                if sign in str(error):
                    raise Off(words) from None
            raise
        for k, name in enumerate(names):
            if len(spies[k].seen) != turn + 1:
                raise Off(f"the {name} did not move: its optimiser's step is missing."
                          if len(spies[k].seen) <= turn
                          else f"the {name} moved more than once in one step.")
            got, right = spies[k].last(), (own[k], later[k])
            if got is None:
                raise Off(f"the {name} stepped without a gradient: take the gradient of "
                          "its loss first.")
            if float(got.norm()) < 1e-6:
                raise Off(f"the {name}'s gradient was empty when it stepped: clear the old one "
                          "before backward, not after.")
            if any(_same(got, g) for g in right):
                continue
            rival = names[1 - k]
            if any(_same(got, g + cross[k] + old) for g in right for old in (0, before[k])):
                raise Off(f"the {name} moved in the {rival}'s step: its gradient "
                          "holds both losses.")
            if _same(got, cross[k]):
                raise Off(f"the {name} went down the {rival}'s loss: each player has its own.")
            if _same(got, -own[k]):
                raise Off(f"the {name} walks uphill: both players lower their own loss.")
            if turn and any(_same(got, g + before[k]) for g in right):
                raise Off(f"the second step of the {name} still held the gradient of the first "
                          "one: clear it.")
            raise Off(f"the {name}'s gradient is not that of its own loss: what else did you do to "
                      "the loss, or to the gradient, before the step?")
        before = [spy.last() for spy in spies]
    result = pair(result,
                  "return both losses, the generator's first, so that the loop can show them.")
    if any(torch.is_tensor(r) and r.requires_grad for r in result):
        raise Off("return the losses as plain numbers: a tensor keeps all that it was computed "
                  "from in memory.")
    g, d = (float(loss.detach()) for loss in losses)
    if abs(float(result[1]) - d) > abs(float(result[1]) - g):
        raise Off("the second number should be the discriminator's loss.")
