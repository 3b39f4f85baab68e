"""The checks of labs 00 and 05: right answers of any make pass, each typical wrong one fails with its own words."""
import pytest
import torch
from asking import fails, passes, wrapper

import acai_lite as al
from acai_lite.course import lab_00, lab_05

EXERCISES = {**lab_00.EXERCISES, **lab_05.EXERCISES}


def mean(t):
    return t.mean()


def backward_one_by_one(a, b):
    c, d = a.detach().requires_grad_(), b.detach().requires_grad_()
    ((c - b.detach()) ** 2).backward()
    (0.1 * d ** 2 - (a.detach() - d) ** 2).backward()
    return c.grad, d.grad


def mix_rolled(z, alpha):
    return torch.stack([torch.lerp(a, b, float(w)) for a, b, w in zip(z, z.roll(1, 0), alpha, strict=True)])


def step(model, optimiser, x, x_hat, x_alpha, alpha, gamma=0.2, cut=True, second=1, target=1, reduce=mean, sign=1,
         clear=True, back=True, move=1, give=True):
    if cut:
        x_hat, x_alpha = x_hat.detach(), x_alpha.detach()
    loss = sign * (reduce((model.d(x_alpha) - target * alpha) ** 2)
                   + second * reduce(model.d(gamma * x + (1 - gamma) * x_hat) ** 2))
    if clear is True:
        optimiser.zero_grad()
    if back:
        loss.backward()
    if clear == "late":
        optimiser.zero_grad(set_to_none=False)
    for _ in range(move):
        optimiser.step()
    return loss if give else None


def step_by_autograd(model, optimiser, x, x_hat, x_alpha, alpha):
    """No detach: only the critic's parameters are asked for their gradient."""
    loss = torch.nn.functional.mse_loss(model.d(x_alpha), alpha)
    loss = loss + model.d(torch.lerp(x_hat, x, 0.2)).pow(2).mean()
    parameters = list(model.critic.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    optimiser.step()
    return float(loss.detach())


def losses(x, x_hat, alpha, d_mixed, d_unmixed, lam, target=0, weight=None, sign=1, second=1, reduce=mean, critic_target=1):
    fooled = (d_mixed - target * alpha).square().mean()
    autoencoder = reduce((x_hat - x) ** 2) + sign * (lam if weight is None else weight) * fooled
    return autoencoder, (d_mixed - critic_target * alpha).square().mean() + second * d_unmixed.square().mean()


def error(model, x, alpha, codes=True, mixed=True, power=2):
    with torch.no_grad():
        a = alpha.view(-1, 1, 1, 1)
        z = model.encode(x)
        picture = model.decode(a * z + (1 - a) * z.flip(0)) if codes else a * x + (1 - a) * x.flip(0)
        return (model.d(picture if mixed else model.decode(z)) - alpha).abs().pow(power).mean()


def auditor(model, batches, base=None, own_critic=False, train=True, both=False, give=True):
    fresh = model if own_critic else al.ACAI(base or model.base, seed=7)
    optimiser = torch.optim.SGD([p for p in (fresh if both else fresh.critic).parameters()], lr=0.01)
    for x in batches if train else []:
        alpha = torch.rand(len(x)) / 2
        z = fresh.encode(x)
        x_hat, mixed = fresh.decode(z), fresh.decode(lab_05.mix(z, alpha))
        step(fresh, optimiser, x, x_hat, mixed, alpha, cut=not both)
    return fresh if give else None


RIGHT = [("00-1", lambda a, b: torch.lerp(a, b, 0.5)), ("00-1", lambda a, b: torch.stack([a, b]).mean(0)),
         ("00-2", lambda h, i, o, k, p: (h - (k - 1 - 2 * p), o * (i * k * k + 1))),
         ("00-2", lambda h, i, o, k, p: [torch.nn.Conv2d(i, o, k, padding=p)(torch.zeros(1, i, h, h)).shape[2],
                                         sum(q.numel() for q in torch.nn.Conv2d(i, o, k, padding=p).parameters())]),
         ("00-3", lambda c, w: torch.einsum("bchw,b->bchw", c, w)),
         ("00-3", lambda c, w: torch.tensordot(torch.diag(w), c, 1)),
         ("00-4", lambda a, b: (2 * (a - b), 0.2 * b + 2 * (a - b))), ("00-4", backward_one_by_one),
         ("05-1", lambda n: torch.rand(n) / 2), ("05-1", lambda n: (torch.rand(n) - 0.5).abs()),
         ("05-2", mix_rolled), ("05-2", lambda z, a: lab_05.mix(z, 1 - a)),
         ("05-3", step_by_autograd), ("05-3", lambda *a: step(*a).item()),
         ("05-4", lambda x, y, a, d, u, lam: [((x - y) ** 2).mean() + (lam ** 0.5 * d).square().mean(),
                                              ((d - a) ** 2 + u ** 2).mean()]),
         ("05-4", lambda x, y, a, d, u, lam: (torch.nn.functional.mse_loss(y, x) + lam * d @ d / len(d),
                                              (d @ d - 2 * d @ a + a @ a + u @ u) / len(d))),
         ("05-5", error),
         ("05-5", lambda m, x, a: torch.nn.functional.mse_loss(m.d(m.decode(mix_reversed(m.encode(x), a))), a).detach()),
         ("05-6", auditor), ("05-6", lambda m, b: lab_05.audit(m, b, rate=3e-4)),
         ("05-7", lambda: dict(zip("DCBA", ("unfolded", "leak", "pixel sum", "target alpha"), strict=True)))]


def mix_reversed(z, alpha):
    return torch.stack([torch.lerp(a, b, float(1 - w)) for a, b, w in zip(z, z.flip(0), alpha, strict=True)])


@pytest.mark.parametrize("name, answer", RIGHT + [(name, wrapper(e.reference)) for name, e in EXERCISES.items()])
def test_right_answers_pass(name, answer, capsys):
    passes(name, answer, capsys)


def total_by_backward(a, b):
    ((a - b) ** 2).backward(retain_graph=True)
    (0.1 * b ** 2 - (a - b) ** 2).backward()
    return a.grad, b.grad


def crossed(a, b):
    return (torch.autograd.grad((a - b) ** 2, b)[0], torch.autograd.grad(0.1 * b ** 2 - (a - b) ** 2, a)[0])


def filled(a, b):
    torch.autograd.backward((a - b) ** 2, inputs=[a])
    torch.autograd.backward(0.1 * b ** 2 - (a - b) ** 2, inputs=[b])
    return a.grad, b.grad


WRONG = [
    ("00-1", lambda a, b: a + b / 2, "the middle between an image and itself must be that image"),
    ("00-1", lambda a, b: (a - b) / 2 + a, "mean of the two pixels"),
    ("00-2", lambda h, i, o, k, p: (h, i * o * k * k), "one bias"),
    ("00-2", lambda h, i, o, k, p: (h + 2 * p - k + 1, o * k * k + o), "looks at all input channels"),
    ("00-2", lambda h, i, o, k, p: (h - k + 1, i * o * k * k + o), "turns a height of 32 into 32; yours says 30"),
    ("00-2", lambda h, i, o, k, p: h, "return two numbers"),
    ("00-3", lambda c, w: c * w, "each pixel column got its own weight; with 32 images 32 wide nothing complains"),
    ("00-3", lambda c, w: c * w.view(-1, 1), "each pixel row got its own weight"),
    ("00-3", lambda c, w: c * w.view(1, -1, 1, 1), "each channel got its own weight"),
    ("00-3", lambda c, w: c * w.mean(), "code k of the batch"),
    ("00-4", total_by_backward, "a gradient mixes both losses"),
    ("00-4", crossed, "asked each loss about the other player"),
    ("00-4", filled, "filled on the way"),
    ("00-4", lambda a, b: torch.autograd.grad((a - b) ** 2, a), "return two gradients"),
    ("00-4", lambda a, b: (torch.autograd.grad((a - b) ** 2, a), 0), "take .0."),
    ("05-1", lambda n: torch.rand(1), "every image of the batch needs its own α"),
    ("05-1", lambda n: torch.rand(1).expand(n), "every image of the batch needs its own α"),
    ("05-1", lambda n: torch.rand(n), "for the same picture: nobody could say which"),
    ("05-1", lambda n: torch.rand(n).clamp(max=0.5), "clamping piles up, folding mirrors"),
    ("05-1", lambda n: torch.linspace(0, 0.5, n), "draw new ones each time"),
    ("05-1", lambda n: torch.rand(n) ** 2 / 2, "should be equally frequent; yours are in fifths: 4"),
    ("05-1", lambda n: torch.rand(n, dtype=torch.float64) / 2, "α is torch.float64"),
    ("05-1", lambda n: (torch.rand(n) / 2).tolist(), "torch tensor; it returned list"),
    ("05-2", lambda z, a: z.copy_(lab_05.mix(z, a)), "you changed the codes"),
    ("05-2", lambda z, a: lab_05.mix(z, a).where(torch.arange(len(z)).view(-1, 1, 1, 1) != 3, z), "itself as its partner"),
    ("05-2", lambda z, a: lab_05.mix(z, a) * 0 + z, "each code was mixed with itself"),
    ("05-2", lambda z, a: a * z + (1 - a) * z.flip(0), "each column of the code got its own weight"),
    ("05-2", lambda z, a: a.view(-1, 1) * z + (1 - a.view(-1, 1)) * z.flip(0), "each row of the code got its own weight"),
    ("05-2", lambda z, a: a.view(-1, 1, 1, 1) * (z + z.flip(0)), "add up to 0.20, not to 1"),
    ("05-2", lambda z, a: (z + z.flip(0)) / 2, "code 0 should become"),
    ("05-2", lambda z, a: lab_05.mix(z.flatten(1)[:, :, None, None], a)[..., 0, 0], r"shape \(2, 3, 2, 2\)"),
    ("05-3", lambda *a: step(*a, cut=False), "you are helping the critic read α"),
    ("05-3", lambda *a: step(*a, second=0), "second term is missing"),
    ("05-3", lambda *a: step(*a, gamma=0), "sees reconstructions only"),
    ("05-3", lambda *a: step(*a, gamma=1), "sees real images only"),
    ("05-3", lambda *a: step(*a, gamma=0.8), "the other way round"),
    ("05-3", lambda *a: step(*a, target=0), "it should say how far they are mixed"),
    ("05-3", lambda *a: step(*a, reduce=torch.sum), "mean over the batch, not the sum"),
    ("05-3", lambda *a: step(*a, sign=-1), "walks uphill"),
    ("05-3", lambda *a: step(*a, clear=False), "doubled gradient: the old one is still there"),
    ("05-3", lambda *a: step(*a, clear="late"), "clear the old one before backward"),
    ("05-3", lambda *a: step(*a, back=False), "call backward"),
    ("05-3", lambda *a: step(*a, move=0), "the optimiser's step is missing"),
    ("05-3", lambda *a: step(*a, move=2), "more than once"),
    ("05-3", lambda *a: step(*a, give=False), "return the loss"),
    ("05-3", lambda *a: step(*a, second=3), "squares, then means"),
    ("05-4", lambda *a: losses(*a, target=1), "it should look unmixed, target 0"),
    ("05-4", lambda *a: losses(*a, target=1, sign=-1), "confusing the critic, in any direction"),
    ("05-4", lambda *a: losses(*a, weight=0), "nothing tells it to look unmixed"),
    ("05-4", lambda *a: losses(*a, weight=1), "λ is missing"),
    ("05-4", lambda *a: losses(*a, weight=4), "the penalty must be λ/64 = 0.0078"),
    ("05-4", lambda *a: losses(*a, reduce=torch.sum), "is a sum over pixels"),
    ("05-4", lambda *a: losses(*a, second=0), "second term is missing"),
    ("05-4", lambda *a: losses(*a, second=2), "its loss here must be"),
    ("05-4", lambda *a: losses(*a)[::-1], "the two are swapped"),
    ("05-4", lambda *a: losses(*a)[0], "return two losses"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y, a, u, d, lam), "d_mixed belongs to alpha"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, u, d, lam)[0], losses(x, y, a, d, u, lam)[1]), "by its mixtures"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y, a, d, u, 0.5), "judged by its mixtures, d_mixed, with the weight lam"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, d, u, lam)[0], losses(x, y, a, d.detach(), u, lam)[1]), "cut off"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, d.detach(), u, lam)[0], losses(x, y, a, d, u, lam)[1]), "cut off"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y.detach(), a, d, u, lam), "cut off"),
    ("05-5", lambda *a: error(*a, power=1), "squared difference"),
    ("05-5", lambda *a: error(*a, codes=False), "mixed pixels"),
    ("05-5", lambda *a: error(*a, mixed=False), "images that are not mixed"),
    ("05-5", lambda m, x, a: error(m, x.flip(0) * 0.5, a), "something else than decode"),
    ("05-6", lambda m, b: auditor(m, b, both=True), "the autoencoder moved: freeze it"),
    ("05-6", lambda m, b: auditor(m, b, own_critic=True), "went on training the old critic"),
    ("05-6", lambda m, b: auditor(m, b, train=False), "0 of 3 batches"),
    ("05-6", lambda m, b: auditor(m, b, base=al.Autoencoder(width=8, depth=4, code_channels=2, seed=9)), "another autoenc"),
    ("05-6", lambda m, b: auditor(m, [x for x, _ in zip(b, range(1), strict=False)]), "of 3 batches|2 of 3"),
    ("05-6", lambda m, b: auditor(m, b, give=False), "return the model with the fresh critic"),
    ("05-7", lambda: {**lab_05.HUNT, "A": "leak", "C": "target alpha"}, "run A is not 'leak'. There the critic"),
    ("05-7", lambda: {**lab_05.HUNT, "B": "unfolded", "D": "pixel sum"}, "run B is not 'unfolded'. Its numbers end where"),
    ("05-7", lambda: {**lab_05.HUNT, "C": "unfolded", "D": "leak"}, "run C is not 'unfolded'. There the drawing suffers"),
    ("05-7", lambda: {**lab_05.HUNT, "D": "leak"}, "one bug twice"),
    ("05-7", lambda: {**lab_05.HUNT, "D": "typo"}, "there is no bug 'typo'"),
    ("05-7", lambda: {"A": "leak"}, "the letters A, B, C and D"),
]


@pytest.mark.parametrize("name, answer, words", WRONG)
def test_each_wrong_answer_is_told_which_idea_is_off(name, answer, words, capsys):
    fails(name, answer, words, capsys)
