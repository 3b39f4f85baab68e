"""Lab 04: what each check looks for."""
import math

import torch
from torch.nn.functional import softplus

from acai_lite.gans import RING

from ..checks import Exercise, Off, noise, pair
from .answers import aae_losses, gan_losses, gan_step, modes_covered
from .checks_step import try_gan_step


def _values(result, names):
    result = pair(result, f"return two losses, `return {names}`.")
    if any(not torch.is_tensor(r) or r.numel() != 1 for r in result):
        raise Off("each loss is one number (a tensor with a gradient): take the mean "
                  "over the batch.")
    return [float(r.detach()) for r in result]


def _near(a, b):
    return abs(a - float(b)) < 1e-4 * (1 + abs(float(b)))


def _compare(value, right, wrong, whose, formula):
    """Raise the words of the first wrong value that fits."""
    if not _near(value, right):
        for other, words in wrong:
            if _near(value, other):
                raise Off(f"{whose} loss: {words}")
        raise Off(f"{whose} loss is {value:.3f}; {formula} is {float(right):.3f}. Put d = 0 in, "
                  "where -log s(d) is log 2: which of your terms is another?")


def _try_flow(losses, leaves, needed):
    """Each loss must depend on the leaves at the places that it needs."""
    for loss, places in zip(losses, needed, strict=True):
        found = (torch.autograd.grad(loss, leaves, allow_unused=True, retain_graph=True)
                 if loss.requires_grad else [None] * 3)
        if any(found[k] is None for k in places):
            raise Off("a part of a loss is cut off (detach?). Who may move is settled where the "
                      "gradients are taken.")


def _try_gan_losses(yours):
    real, fake = 2 * noise(5, 1) + 0.5, 2 * noise(3, 1, seed=1) - 0.3       # of different lengths
    g, d = _values(yours(real, fake), "generator, discriminator")
    if not (math.isfinite(g) and math.isfinite(d)):
        raise Off("a loss is NaN or infinite. d is a logit, any number; its probability is s(d), "
                  "the sigmoid of it.")
    fooled, caught, spotted, missed = (softplus(v).mean() for v in (-fake, fake, -real, real))
    if _near(g, spotted + caught) and _near(d, fooled):
        raise Off("the two are swapped: the generator's loss comes first.")
    _compare(g, fooled, [
        (fooled + spotted,
         "the real points are in it, which it cannot change: what it made is all it answers for."),
        (caught, "it pushes θ away from the data: the generator wants its samples called real."),
        (-caught,
         "its push fades out just where the discriminator is sure. Pay for being called real."),
        (-spotted - caught, "it is the discriminator's with a minus sign: its push fades out where "
         "the judge is sure."),
        (-fooled, "it is rewarded for a large loss, but each player *lowers* its loss. What "
         "should be small?"),
        (spotted, "it looks at real points, which it did not make: it must look at its own."),
        (3 * fooled, "it is a sum over the batch: take the mean.")],
             "G's", "-log s(d), averaged over what was made,")
    _compare(d, spotted + caught, [
        (missed + fooled, "it calls the real points made and the made ones real."),
        (spotted, "what was made is missing: whoever calls everything real gets away with it."),
        (caught, "the real points are missing: whoever calls everything made gets away with it."),
        (spotted + fooled, "it wants everything called real: what was made should be called made."),
        (missed + caught,
         "it wants everything called made: the real points should be called real."),
        (-spotted - caught, "it is rewarded for errors: the sign."),
        ((spotted + caught) / 2, "it is half of the formula: the two means are added."),
        (5 * spotted + 3 * caught, "it is a sum over the batch: take means."),
        ((5 * spotted + 3 * caught) / 8, "take two means, one over the real points, one over "
         "the made ones.")], "D's", "-log s(d) over real points plus -log(1 - s(d)) over made ones")
    for sure in (40.0, -200.0):  # where 1 - s(d) or s(d) is rounded to 0
        if not all(map(math.isfinite,
                       _values(yours(torch.full((4, 1), -sure), torch.full((4, 1), sure)), ""))):
            raise Off(f"with d = {sure:.0f} a loss is infinite: s(d) is rounded before its log. "
                      "Which function takes both in one?")
    leaves = real.requires_grad_(), fake.requires_grad_()
    _try_flow(yours(*leaves), leaves, ((1,), (0, 1)))


def _try_modes_covered(yours):
    circle, spread = RING.clone(), 0.1

    def ask(samples, centres=circle, width=spread):
        words = "return two numbers: how many modes were covered, and the share of good samples."
        return tuple(map(float, pair(yours(samples, centres, width), words)))

    modes, good = ask(circle[2].repeat(1000, 1))
    if modes != 1:
        raise Off(f"1,000 perfect samples on one mode must score 1 of 8; yours {modes:.0f}. Count "
                  "modes, not samples.")
    if abs(good - 1) > 1e-6:
        raise Off(f"1,000 perfect samples have a good share of 1, yours is {good:g}: a share is a "
                  "mean, between 0 and 1.")
    if ask(1.5 * circle.repeat(125, 1)) != (0, 0):
        raise Off("a whole unit away from every centre: 0 modes, no good sample. Each is *nearest* "
                  "to one, but far from it.")
    for along, wanted in (((0.27, 0.0), 1), ((0.33, 0.0), 0), ((0.0, -0.28), 1), ((0.25, 0.25), 0)):
        if ask(circle[:1].repeat(100, 1) + torch.tensor(along))[1] != wanted:
            raise Off(f"a sample that lies {math.hypot(*along) / spread:.1f} spreads from its "
                      f"centre is {'good' if wanted else 'not good'}: the limit is 3 spreads of "
                      "plain (Euclidean) distance.")
    a, b, nowhere = circle[:1], circle[3:4], torch.zeros(1, 2)
    if ask(torch.cat([a.repeat(995, 1), b.repeat(5, 1)]))[0] != 1:
        raise Off("five stray samples of 1,000 cover no mode: it takes 1% of all samples.")
    if ask(torch.cat([a.repeat(980, 1), b.repeat(20, 1)]))[0] != 2:
        raise Off("980 samples on one mode and 20 on another cover two modes: 1% of the "
                  "samples is enough.")
    modes, good = ask(torch.cat([a.repeat(95, 1), b.repeat(5, 1), nowhere.repeat(900, 1)]))
    if modes != 1 or abs(good - 0.1) > 1e-6:
        raise Off("95 samples on one mode, 5 on another, 900 nowhere: 1 mode, as 5 is not 1% of "
                  "*all*, and a good share of 0.1. What do you divide by?")
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    if ask(centres[1:].repeat(30, 1) + torch.tensor([0.0, 2.0]), centres, 1.0) != (2, 1):
        raise Off("with three other centres and spread 1 yours is wrong: which of the numbers in "
                  "it belong to the ring only?")


def _try_aae_losses(yours):
    x, x_hat = noise(4, 1, 8, 8), noise(4, 1, 8, 8, seed=1)
    prior, code = noise(4, seed=2), 2 * noise(4, seed=3) + 0.4
    a, d = _values(yours(x, x_hat, prior, code, 0.5), "autoencoder, discriminator")
    error = (x_hat - x).square().mean()
    genuine, fooled, caught, unmasked = (softplus(v).mean() for v in (-prior, -code, code, prior))
    if _near(a, genuine + caught):
        raise Off("the two are swapped: the autoencoder's loss comes first.")
    if _near(d, unmasked + fooled):
        raise Off("here the prior's draws are the real ones and the codes are the forgeries, not "
                  "the other way round.")
    if not _near(d, _values(yours(x + 1, 2 * x_hat, prior, code, 0.5), "")[1]):
        raise Off("images are in the discriminator's loss: it judges codes, and never "
                  "sees an image.")
    _compare(d, genuine + caught, [], "the discriminator's",
             "that of 04-1 (What is real here? What is made?)")
    others = "it looks at the prior's draws, which it did not make."
    _compare(a, error + 0.5 * fooled, [
        (error + 0.5 * caught, "the encoder is paid for codes that look made; it wants them taken "
         "for draws of the prior."),
        (error - 0.5 * caught,
         "its push fades out where the discriminator is sure. Pay for being taken for the prior."),
        (error, "nothing in it asks for codes that look like the prior."),
        (error + fooled, "the weight is missing."),
        (0.5 * error + fooled, "the weight belongs to the other term."),
        (0.5 * (error + fooled), "the weight is on both terms."),
        (0.5 * fooled, "the reconstruction error of lab 02 is missing: then one good-looking code "
         "will do for all."),
        (error + 0.5 * genuine, others), (error + 0.5 * unmasked, others),
        *((n * error + 0.5 * fooled, "its reconstruction error is a sum over pixels. Take the "
           "mean, or the other term is nothing beside it.") for n in (64, 256))],
             "the autoencoder's", "mean squared error plus weight times -log s(d(code))")
    leaves = [t.clone().requires_grad_() for t in (x_hat, prior, code)]
    _try_flow(yours(x, *leaves, 2.0), leaves, ((0, 2), (1, 2)))


EXERCISES = {
    "04-1": Exercise("both losses", gan_losses, _try_gan_losses, "make a table for d = -3, 0 and 3 "
                     "of your two losses: for which player should which end of it be cheap?"),
    "04-2": Exercise("own gradients", gan_step, try_gan_step, "print one weight's .grad of each "
                     "player after every backward: who got something, and from whom?"),
    "04-3": Exercise("modes covered", modes_covered, _try_modes_covered,
                     "do six samples by hand: five on one centre, one a whole unit away from all "
                     "of them. What are the two numbers?"),
    "04-4": Exercise("the adversarial autoencoder", aae_losses, _try_aae_losses,
                     "name the two things that this discriminator sees, then look at 04-1: which "
                     "of them stands where `real` stood?"),
}
