"""Lab 04: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import numpy as np
import torch
from acai_course.lab_04.answers import gan_losses
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import softplus as sp

from acai_lite.gans import RING


def mean(t):
    return t.mean()


def game(real, fake, g=None, d=None):
    """The right losses, with one of them replaced."""
    return (sp(-fake).mean() if g is None else g), (sp(-real).mean() + sp(fake).mean() if d is None
                                                    else d)


def by_logsigmoid(real, fake):
    log = torch.nn.functional.logsigmoid
    return [-log(fake).mean(), -(log(real).mean() + log(-fake).mean())]


def by_cross_entropy(real, fake):
    yes, no = torch.ones_like, torch.zeros_like
    return bce(fake, yes(fake)), bce(real, yes(real)) + bce(fake, no(fake))


def step(made, judge, move_g, move_d, x, z, clear=True, cut_d=True, both=False, sign=1, steps=1,
         swap=False, give=True, late=False, back=True, number=True, cross=False):
    g, d = gan_losses(judge(x), judge(made(z)))
    if clear:
        move_g.zero_grad()
        move_d.zero_grad()
    if both:
        (g + d).backward()
    elif back:
        first, second = (d, g) if cross else (g, d)
        (sign * first).backward(inputs=list(made.parameters()), retain_graph=True)
        second.backward(inputs=list(judge.parameters()) if cut_d else None)
    if late:
        move_g.zero_grad(set_to_none=False)
        move_d.zero_grad(set_to_none=False)
    for _ in range(steps):
        move_g.step()
    move_d.step()
    g, d = (g.item(), d.item()) if number else (g, d)
    return ((d, g) if swap else (g, d)) if give else None


def step_by_autograd(made, judge, move_g, move_d, x, z):
    losses = gan_losses(judge(x), judge(made(z)))
    found = [torch.autograd.grad(loss, list(own.parameters()), retain_graph=True)
             for loss, own in zip(losses, (made, judge), strict=True)]
    for own, gradients, move in zip((made, judge), found, (move_g, move_d), strict=True):
        for p, gradient in zip(own.parameters(), gradients, strict=True):
            p.grad = gradient
        move.step()
    return [float(loss.detach()) for loss in losses]


def step_by_turns(made, judge, move_g, move_d, x, z, cut=True):
    """As in 2014: the discriminator first, then the generator against the new discriminator."""
    fake = made(z)
    d = gan_losses(judge(x), judge(fake.detach() if cut else fake))[1]
    move_d.zero_grad()
    if cut:
        move_g.zero_grad()
    d.backward(retain_graph=not cut)
    move_d.step()
    g = gan_losses(judge(x), judge(made(z)))[0]
    g.backward()
    move_g.step()
    return g.item(), d.item()


def generator_first(made, judge, move_g, move_d, x, z):
    g = gan_losses(judge(x), judge(made(z)))[0]
    move_g.zero_grad()
    g.backward()
    move_g.step()
    d = gan_losses(judge(x), judge(made(z).detach()))[1]
    before = gan_losses(judge(x), judge(made(z)))[1].item()
    move_d.zero_grad()
    d.backward()
    move_d.step()
    return g.item(), before


def step_in_between(made, judge, move_g, move_d, x, z, keep=True):
    g, d = gan_losses(judge(x), judge(made(z)))
    move_d.zero_grad()
    d.backward(retain_graph=keep)
    if keep:
        move_d.step()
    move_g.zero_grad()
    g.backward()
    move_g.step()
    return g.item(), d.item()


def modes(samples, centres, spread, limit=3, enough=0.01, of_good=False, near=True, share=True,
          count=True, p=2.0):
    distance = torch.cdist(samples, centres, p=p)
    good = distance.min(1).values <= limit * spread
    nearest = distance.argmin(1)[good] if near else distance.argmin(1)
    counts = torch.bincount(nearest, minlength=len(centres))
    total = good.sum() if of_good else len(samples)
    found = (counts >= enough * total) & (counts > 0)
    return (found.sum() if count else counts.max()), (good.float().mean() if share else good.sum())


def modes_by_loop(samples, centres, spread):
    distance = (samples[:, None] - centres[None]).square().sum(2).sqrt()
    close = (distance <= 3 * spread) & (distance == distance.min(1, keepdim=True).values)
    return sum(float(column.sum()) >= len(samples) / 100
               for column in close.T), close.any(1).double().mean().item()


def modes_by_numpy(samples, centres, spread):
    distance = np.linalg.norm(samples.numpy()[:, None] - centres.numpy(), axis=2)
    good = distance.min(1) <= 3 * spread
    counts = np.bincount(distance.argmin(1)[good], minlength=len(centres))
    return np.array([(counts >= len(samples) / 100).sum(), good.mean()])


def codes(x, y, prior, code, weight, a=None, d=None, reduce=mean):
    a = reduce((y - x) ** 2) + weight * sp(-code).mean() if a is None else a
    return a, (sp(-prior).mean() + sp(code).mean() if d is None else d)


def codes_by_cross_entropy(x, y, prior, code, weight):
    yes, no = torch.ones_like(code), torch.zeros_like(code)
    return [torch.nn.functional.mse_loss(y, x) + weight * bce(code, yes),
            bce(prior, yes) + bce(code, no)]


RIGHT = [("04-1", by_logsigmoid), ("04-1", by_cross_entropy),
         ("04-2", step_by_autograd), ("04-2", step_by_turns), ("04-2", generator_first),
         ("04-2", step),
         ("04-3", modes), ("04-3", modes_by_loop), ("04-3", modes_by_numpy),
         ("04-4", codes), ("04-4", codes_by_cross_entropy)]


WRONG = [
    ("04-1", lambda r, f: game(r, f, g=sp(f).mean()),
     "pushes θ away from the data: the generator wants its samples called"),
    ("04-1", lambda r, f: game(r, f, g=-sp(f).mean()),
     "fades out just where the discriminator is sure"),
    ("04-1", lambda r, f: game(r, f, g=-sp(-r).mean() - sp(f).mean()),
     "the discriminator's with a minus"),
    ("04-1", lambda r, f: game(r, f, g=-sp(-f).mean()), "rewarded for a large loss"),
    ("04-1", lambda r, f: game(r, f, g=sp(-r).mean()), "looks at real points"),
    ("04-1", lambda r, f: game(r, f, g=sp(-r).mean() + sp(-f).mean()), "which it cannot change"),
    ("04-1", lambda r, f: game(r, f, g=sp(-f).sum()), "G's loss: it is a sum"),
    ("04-1", lambda r, f: game(r, f, g=sp(-f).mean() / 2), "G's loss is 0"),
    ("04-1", lambda r, f: game(r, f, d=sp(r).mean() + sp(-f).mean()),
     "calls the real points made and the made ones real"),
    ("04-1", lambda r, f: game(r, f, d=sp(-r).mean()), "what was made is missing"),
    ("04-1", lambda r, f: game(r, f, d=sp(f).mean()), "the real points are missing"),
    ("04-1", lambda r, f: game(r, f, d=sp(-r).mean() + sp(-f).mean()),
     "wants everything called real"),
    ("04-1", lambda r, f: game(r, f, d=sp(r).mean() + sp(f).mean()),
     "wants everything called made"),
    ("04-1", lambda r, f: game(r, f, d=-sp(-r).mean() - sp(f).mean()), "rewarded for errors"),
    ("04-1", lambda r, f: game(r, f, d=(sp(-r).mean() + sp(f).mean()) / 2), "half of the formula"),
    ("04-1", lambda r, f: game(r, f, d=sp(-r).sum() + sp(f).sum()), "D's loss: it is a sum"),
    ("04-1", lambda r, f: game(r, f, d=sp(torch.cat([-r, f])).mean()), "take two means"),
    ("04-1", lambda r, f: game(r, f, d=sp(-r).mean() + 2 * sp(f).mean()), "D's loss is"),
    ("04-1", lambda r, f: game(r, f)[::-1], "the two are swapped"),
    ("04-1", lambda r, f: game(r, f)[0], "return two losses"),
    ("04-1", lambda r, f: game(r, f, g=sp(-f)), "take the mean over"),
    ("04-1", lambda r, f: (-f.log().mean(), -r.log().mean()), "d is a logit"),
    ("04-1", lambda r, f: game(r, f, d=-r.sigmoid().log().mean() - (1 - f.sigmoid()).log().mean()),
     "d = 40 a loss"),
    ("04-1", lambda r, f: game(r, f.detach()), "cut off"),
    ("04-1", lambda r, f: game(r, f, d=sp(-r).mean() + sp(f.detach()).mean()), "cut off"),
    ("04-2", lambda *a: step(*a, both=True), "the generator moved in the discriminator's step"),
    ("04-2", lambda *a: step(*a, cut_d=False), "generator moved in the discriminator's step"),
    ("04-2", lambda *a: step_by_turns(*a, cut=False),
     "generator moved in the discriminator's step"),
    ("04-2", lambda *a: step(*a, cross=True), "the generator went down the discriminator's loss"),
    ("04-2", lambda *a: step(*a, sign=-1), "the generator walks uphill"),
    ("04-2", lambda *a: step(*a, clear=False), "still held the gradient"),
    ("04-2", lambda *a: step(*a, late=True), "the generator's gradient was empty"),
    ("04-2", lambda *a: step(*a, back=False), "stepped without a gradient"),
    ("04-2", lambda *a: step(*a, steps=0), "the generator did not move"),
    ("04-2", lambda *a: step(*a, steps=2), "the generator moved more than once"),
    ("04-2", lambda *a: step(*a, sign=3), "is not that of its own loss"),
    ("04-2", lambda *a: step(*a, give=False), "return both losses"),
    ("04-2", lambda *a: step(*a, number=False), "as plain numbers"),
    ("04-2", lambda *a: step(*a, swap=True), "the second number should be the discriminator's"),
    ("04-2", step_in_between, "before the other player's gradient was taken"),
    ("04-2", lambda *a: step_in_between(*a, keep=False), "threw away the forward pass"),
    ("04-3", lambda *a: modes(*a, count=False),
     "1,000 perfect samples on one mode must score 1 of 8"),
    ("04-3", lambda *a: modes(*a, share=False), "a share is a mean"),
    ("04-3", lambda *a: modes(*a, near=False), "is .nearest. to one, but far from it"),
    ("04-3", lambda *a: modes(*a, limit=2), "2.7 spreads from its centre is good"),
    ("04-3", lambda *a: modes(*a, limit=4), "3.3 spreads from its centre is not good"),
    ("04-3", lambda *a: modes(*a, p=float("inf")), "3.5 spreads from its centre is not good"),
    ("04-3", lambda *a: modes(*a, enough=0), "five stray samples"),
    ("04-3", lambda *a: modes(*a, enough=0.1), "1% of the samples is enough"),
    ("04-3", lambda *a: modes(*a, of_good=True), r"not 1% of \*all\*"),
    ("04-3", lambda s, c, w: modes(s, RING, 0.1), "belong to the ring only"),
    ("04-3", lambda *a: modes(*a)[0], "return two numbers"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, d=sp(p).mean() + sp(-c).mean()),
     "the codes are the forgeries"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, d=sp(-x).mean() + sp(y).mean()),
     "never sees an image"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, d=sp(-p).mean()),
     r"What is real here\? What is made"),
    ("04-4", lambda *a: codes(*a)[::-1], "the two are swapped"),
    ("04-4", lambda *a: codes(*a)[1], "return two losses"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=(x - y).square().mean()
                                         + w * sp(c).mean()), "that look made"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=(x - y).square().mean()
                                         - w * sp(c).mean()), "push fades out"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, 0), "nothing in it asks for codes"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, 1), "the weight is missing"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=w * (x - y).square().mean()
                                         + sp(-c).mean()), "belongs to the other term"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=w * codes(x, y, p, c, 1)[0]),
     "on both terms"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=w * sp(-c).mean()),
     "one good-looking code will do for all"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=(x - y).square().mean()
                                         + w * sp(-p).mean()), "did not make"),
    ("04-4", lambda *a: codes(*a, reduce=torch.sum), "is a sum over pixels"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, 3 * w), "the autoencoder's loss is"),
    ("04-4", lambda x, y, p, c, w: codes(x, y, p, c, w, a=codes(x, y, p, c.detach(), w)[0]),
     "cut off"),
    ("04-4", lambda x, y, p, c, w: codes(x, y.detach(), p, c, w), "cut off"),
]
