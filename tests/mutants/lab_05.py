"""Lab 05: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import numpy as np
import torch
from acai_course.lab_05a import bugs
from acai_course.lab_05a.answers import mix
from acai_course.lab_05b.hunt import HUNT

import acai_lite as al


def mean(t):
    return t.mean()


def mix_rolled(z, alpha):
    return torch.stack([torch.lerp(a, b, float(w))
                        for a, b, w in zip(z, z.roll(1, 0), alpha, strict=True)])


def step(model, optimiser, x, x_hat, x_alpha, alpha, gamma=0.2, cut=True, second=1, target=1,
         reduce=mean, sign=1, clear=True, back=True, move=1, give=True):
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


def step_on_one_batch(model, optimiser, x, x_hat, x_alpha, alpha):
    """Mixed and unmixed pictures go through the critic together."""
    said = model.d(torch.cat([x_alpha, model.gamma * x + (1 - model.gamma) * x_hat]).detach())
    loss = (said - torch.cat([alpha, torch.zeros(len(x))])).square().sum() / len(x)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach().numpy()


def clearing_everything(model, *given):
    model.zero_grad()
    return step(model, *given)


def losses(x, x_hat, alpha, d_mixed, d_unmixed, lam, target=0, weight=None, sign=1, second=1):
    fooled = (d_mixed - target * alpha).square().mean()
    autoencoder = ((x_hat - x) ** 2).mean() + sign * (lam if weight is None else weight) * fooled
    return autoencoder, (d_mixed - alpha).square().mean() + second * d_unmixed.square().mean()


def error(model, x, alpha, codes=True, mixed=True, power=2):
    with torch.no_grad():
        a = alpha.view(-1, 1, 1, 1)
        z = model.encode(x)
        picture = (model.decode(a * z + (1 - a) * z.flip(0)) if codes
                   else a * x + (1 - a) * x.flip(0))
        return (model.d(picture if mixed else model.decode(z)) - alpha).abs().pow(power).mean()


@torch.no_grad()
def error_one_by_one(model, x, alpha):
    z, total = model.encode(x), 0
    for k, a in enumerate(alpha):
        total += (model.d(model.decode((a * z[k] + (1 - a) * z[-1 - k])[None])) - a) ** 2
    return total / len(x)


def auditor(model, batches, base=None, own_critic=False, train=True, both=False, give=True):
    fresh = model if own_critic else al.ACAI(base or model.base, seed=7)
    optimiser = torch.optim.SGD([p for p in (fresh if both else fresh.critic).parameters()],
                                lr=0.01)
    for x in batches if train else []:
        alpha = torch.rand(len(x)) / 2
        z = fresh.encode(x)
        x_hat, mixed = fresh.decode(z), fresh.decode(mix(z, alpha))
        step(fresh, optimiser, x, x_hat, mixed, alpha, cut=not both)
    return fresh if give else None


def mix_reversed(z, alpha):
    return torch.stack([torch.lerp(a, b, float(1 - w))
                        for a, b, w in zip(z, z.flip(0), alpha, strict=True)])


def audit_by_hand(model, batches):
    """Without an optimiser, and all pictures drawn before the first step."""
    fresh, drawn = al.ACAI(model.base, seed=3), []
    for x in batches:
        alpha = torch.rand(len(x)) / 2
        z = model.encode(x).detach()
        drawn.append((x, alpha, model.decode(z).detach(), model.decode(mix(z, alpha)).detach()))
    for x, alpha, x_hat, mixed in drawn:
        loss = ((fresh.d(mixed) - alpha).square().mean()
                + fresh.d(0.2 * x + 0.8 * x_hat).square().mean())
        for p, g in zip(fresh.critic.parameters(),
                        torch.autograd.grad(loss, list(fresh.critic.parameters())), strict=True):
            p.data -= 0.1 * g
    return fresh


RIGHT = [
    ("05-1", lambda n: torch.rand(n) / 2),
    ("05-1", lambda n: torch.tensor(np.random.uniform(0, 0.5, n), dtype=torch.float32)),
    ("05-1", lambda n: (torch.rand(n) - 0.5).abs()),
    ("05-2", mix_rolled),
    ("05-2", lambda z, a: torch.einsum("b,b...->b...", a, z.flip(0) - z) + z),
    ("05-3", step_by_autograd),
    ("05-3", step_on_one_batch),
    ("05-3", lambda *a: step(*a).item()),
    ("05-4", lambda x, y, a, d, u, lam: [((x - y) ** 2).mean() + (lam ** 0.5 * d).square().mean(),
                                         ((d - a) ** 2 + u ** 2).mean()]),
    ("05-4", lambda x, y, a, d, u, lam: (torch.nn.functional.mse_loss(y, x) + lam * d @ d / len(d),
                                        (d @ d - 2 * d @ a + a @ a + u @ u) / len(d))),
    ("05-5", error),
    ("05-5", error_one_by_one),
    ("05-5", lambda m, x, a: torch.nn.functional.mse_loss(
        m.d(m.decode(mix_reversed(m.encode(x), a))), a).detach()),
    ("05-6", auditor),
    ("05-6", audit_by_hand),
    ("05-7", lambda: dict(zip("DCBA", ("unfolded", "leak", "pixel sum", "target alpha"),
                              strict=True))),
    ("05-7", lambda: {"A": "Target_alpha ", "B": "Pixel sum", "C": "LEAK", "D": "unfolded"})]

WRONG = [
    ("05-1", lambda n: torch.rand(1), "every image of the batch needs its own α"),
    ("05-1", lambda n: torch.rand(1).expand(n), "every image of the batch needs its own α"),
    ("05-1", bugs.unfolded, "for the same picture: nobody could say which"),
    ("05-1", lambda n: torch.rand(n).clamp(max=0.5), "clamping piles up, folding mirrors"),
    ("05-1", lambda n: torch.linspace(0, 0.5, n), "draw new ones each time"),
    ("05-1", lambda n: torch.rand(n) ** 2 / 2,
     "should be equally frequent; yours are in fifths: 4"),
    ("05-1", lambda n: torch.rand(n, dtype=torch.float64) / 2, "α is torch.float64"),
    ("05-1", lambda n: (torch.rand(n) / 2).tolist(), "torch tensor; it returned list"),
    ("05-2", lambda z, a: z.copy_(mix(z, a)), "you changed the codes"),
    ("05-2", lambda z, a: mix(z, a).where(torch.arange(len(z)).view(-1, 1, 1, 1) != 3, z),
     "itself as its partner"),
    ("05-2", lambda z, a: mix(z, a) * 0 + z, "each code was mixed with itself"),
    ("05-2", lambda z, a: a * z + (1 - a) * z.flip(0),
     "each column of the code got its own weight"),
    ("05-2", lambda z, a: a.view(-1, 1) * z + (1 - a.view(-1, 1)) * z.flip(0),
     "each row of the code got its own weight"),
    ("05-2", lambda z, a: a.view(-1, 1, 1, 1) * (z + z.flip(0)), "add up to 0.20, not to 1"),
    ("05-2", lambda z, a: (z + z.flip(0)) / 2, "code 0 should become"),
    ("05-2", lambda z, a: mix(z.flatten(1)[:, :, None, None], a)[..., 0, 0],
     r"shape \(2, 3, 2, 2\)"),
    ("05-3", bugs.copied_repair, "the autoencoder's gradient changed after the critic's backward"),
    ("05-3", clearing_everything, "it was not yours to clear"),
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
    ("05-3", lambda *a: step(*a, second=3), "and of equal weight"),
    ("05-4", bugs.leak, "whatever the critic gains by reading, the autoencoder would gain"),
    ("05-4", bugs.target_alpha, "it should look unmixed, target 0"),
    ("05-4", lambda *a: losses(*a, target=1, sign=-1), "confusing the critic, in any direction"),
    ("05-4", lambda *a: losses(*a, weight=0), "nothing tells it to look unmixed"),
    ("05-4", lambda *a: losses(*a, weight=1), "λ is missing"),
    ("05-4", lambda *a: losses(*a, weight=4), "with that one number, on paper"),
    ("05-4", bugs.pixel_sum, "is a sum over pixels"),
    ("05-4", lambda *a: losses(*a, second=0), "second term is missing"),
    ("05-4", lambda *a: losses(*a, second=2), "its loss here must be"),
    ("05-4", lambda *a: losses(*a)[::-1], "the two are swapped"),
    ("05-4", lambda *a: losses(*a)[0], "return two losses"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y, a, u, d, lam),
     "which of its two answers should be alpha"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, u, d, lam)[0],
                                         losses(x, y, a, d, u, lam)[1]), "by its mixtures"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y, a, d, u, 0.5),
     "judged by its mixtures, d_mixed, with the weight lam"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, d, u, lam)[0],
                                         losses(x, y, a, d.detach(), u, lam)[1]), "cut off"),
    ("05-4", lambda x, y, a, d, u, lam: (losses(x, y, a, d.detach(), u, lam)[0],
                                         losses(x, y, a, d, u, lam)[1]), "cut off"),
    ("05-4", lambda x, y, a, d, u, lam: losses(x, y.detach(), a, d, u, lam), "cut off"),
    ("05-5", lambda *a: error(*a, power=1), "how is a miss of ¼ counted"),
    ("05-5", lambda m, x, a: (m.d(mix(m.encode(x), a)) - a).square().mean().item(),
     "what turns a code into one"),
    ("05-5", lambda *a: error(*a, codes=False), "mixed pixels"),
    ("05-5", lambda *a: error(*a, mixed=False), "images that are not mixed"),
    ("05-5", lambda m, x, a: error(m, x.flip(0) * 0.5, a),
     "follow one image through your function"),
    ("05-6", lambda m, b: auditor(m, b, both=True), "the autoencoder moved: freeze it"),
    ("05-6", lambda m, b: auditor(m, b, own_critic=True), "went on training the old critic"),
    ("05-6", lambda m, b: auditor(m, b, train=False), "0 of 3 batches"),
    ("05-6", lambda m, b: auditor(m, b, base=al.Autoencoder(al.Architecture(width=8, depth=4),
                                                            seed=9)), "another autoenc"),
    ("05-6", lambda m, b: auditor(m, [x for x, _ in zip(b, range(1), strict=False)]),
     "you used [12] of 3 batches"),
    ("05-6", lambda m, b: auditor(m, b, give=False), "return the model with the fresh critic"),
    ("05-7", lambda: {**HUNT, "A": "leak", "C": "target alpha"},
     "run A is not 'leak'. There the critic"),
    ("05-7", lambda: {**HUNT, "B": "unfolded", "D": "pixel sum"},
     "run B is not 'unfolded'. Its numbers end where"),
    ("05-7", lambda: {**HUNT, "C": "unfolded", "D": "leak"},
     "run C is not 'unfolded'. There the drawing suffers"),
    ("05-7", lambda: {**HUNT, "D": "leak"}, "one bug twice"),
    ("05-7", lambda: {**HUNT, "D": "typo"}, "there is no bug 'typo'"),
    ("05-7", lambda: {"A": "leak"}, "the letters A, B, C and D")]
