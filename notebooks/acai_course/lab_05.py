"""Labs 05a and 05b, the critic: what each check looks for."""
import torch

from acai_lite.autoencoders import ACAI, Autoencoder
from acai_lite.drawing import draw_lines
from acai_lite.networks import Architecture

from .checks import Exercise, Off, images_like, pair
from .critic import HUNT, acai_losses, audit, critic_step, culprits, draw_alpha, mix, reading_error


def _try_draw_alpha(yours):
    torch.manual_seed(0)
    alpha = yours(4000)
    if alpha is None or not torch.is_tensor(alpha):
        images_like(alpha, (4000,))
    if alpha.numel() != 4000 or alpha.unique().numel() == 1:
        raise Off("every image of the batch needs its own α, a tensor of shape (B,): with one for all, the critic could "
                  "tell from any image of the batch.")
    images_like(alpha, (4000,))
    if alpha.dtype != torch.float32:
        raise Off(f"α is {alpha.dtype}, the codes are torch.float32: mixing the two would change the codes' type.")
    if float(alpha.min()) < 0 or float(alpha.max()) > 0.5 + 1e-6:
        raise Off(f"your α goes from {float(alpha.min()):.2f} to {float(alpha.max()):.2f}. Swap the two ends of a mixture "
                  "and α becomes 1 - α, for the same picture: nobody could say which. Only 0 to ½ can be read off.")
    if float((alpha == 0.5).float().mean()) > 0.2:
        raise Off("half of your values are exactly ½: clamping piles up, folding mirrors.")
    if torch.equal(alpha, yours(4000)):
        raise Off("two calls gave the same values: draw new ones each time.")
    shares = torch.histc(alpha.float(), 5, 0, 0.5) / len(alpha)
    if float((shares - 0.2).abs().max()) > 0.03:
        raise Off("all values from 0 to ½ should be equally frequent; yours are in fifths: "
                  + ", ".join(f"{float(s):.0%}" for s in shares) + ".")


def _try_mix(yours):
    z = torch.randn(6, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    two, weights = z[:2], torch.tensor([0.1, 0.4])                     # a batch as wide as the code hides a mistake:
    given = two.clone()
    small = yours(given, weights.clone())
    images_like(small, two.shape)
    if not torch.equal(given, two):
        raise Off("you changed the codes that you were given. Make new ones.")
    for name, w in (("column", weights), ("row", weights.view(2, 1))):
        if any(torch.allclose(small, w * p + (1 - w) * p.flip(0), atol=1e-5)
                                          for p in (two, two.flip(0))):
            raise Off(f"a (B,) weight lines up with the last axis, so each {name} of the code got its own weight. Which "
                      "axis of z should it meet?")
    alpha = torch.tensor([0.1, 0.2, 0.3, 0.4, 0.15, 0.25])
    result = yours(z.clone(), alpha.clone())
    images_like(result, z.shape)
    a = alpha.view(-1, 1, 1, 1)
    if torch.allclose(result, z, atol=1e-5):
        raise Off("each code was mixed with itself: that is the code again. Find it a partner, say the batch in reverse "
                  "order.")
    for k in range(6):
        others = [z[j] for j in range(6) if j != k]
        partners = [q for q in others if any(torch.allclose(result[k], w * z[k] + (1 - w) * q, atol=1e-5)
                                             for w in (a[k], 1 - a[k]))]
        if not partners and torch.allclose(result[k], z[k], atol=1e-5):
            raise Off("a code got itself as its partner: in the reverse order of an even batch that cannot happen.")
        if not partners:
            shares = torch.linalg.lstsq(z.flatten(1).T, result[k].flatten()[:, None]).solution.flatten()
            if abs(float(shares.sum()) - 1) > 0.01:
                raise Off(f"the shares in your mixture add up to {float(shares.sum()):.2f}, not to 1: alpha and 1 - alpha.")
            raise Off(f"code {k} should become alpha[{k}] parts of one code and 1 - alpha[{k}] parts of one other.")
    swapped = yours(z.clone(), 1 - alpha)
    if torch.allclose(swapped, result, atol=1e-5):
        raise Off("alpha makes no difference: 1 - alpha gave the same mixture.")


class _Spy(torch.optim.SGD):
    """Plain gradient descent on the critic that keeps the gradients it was given."""

    def __init__(self, parameters):
        super().__init__(parameters, lr=0.0)
        self.seen = []

    def step(self, closure=None):
        self.seen.append([None if p.grad is None else p.grad.clone() for g in self.param_groups for p in g["params"]])


def _try_critic_step(yours):
    model = ACAI(Autoencoder(Architecture(width=8, depth=4, gain=1.5)))
    x, alpha = draw_lines(torch.arange(6.0)), torch.tensor([0.1, 0.5, 0.3, 0.0, 0.2, 0.4])
    critic, own = list(model.critic.parameters()), list(model.base.parameters())
    spy = _Spy(critic)

    def gradient(loss):
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, critic, retain_graph=True)])

    def unmixed(share):
        return model.d(share * x + (1 - share) * x_hat.detach()).square().mean()

    for turn in range(2):
        z = model.encode(x)
        x_hat, x_alpha = model.decode(z), model.decode(mix(z, alpha))
        first = (model.d(x_alpha.detach()) - alpha).square().mean()
        want = gradient(first + unmixed(model.gamma))
        gamma = model.gamma
        wrong = [(gradient(first), "the second term is missing: show the critic images that are not mixed, and ask for 0."),
                 (gradient(first + unmixed(0.0)), "the critic sees reconstructions only: a share gamma of the real image "
                  "belongs to each, or it may learn to tell blur from ink."),
                 (gradient(first + unmixed(1.0)), "the critic sees real images only: then “drawn by the decoder” is "
                  "enough to say “mixed”. Most of it, 1 - gamma, is the reconstruction."),
                 (gradient(first + unmixed(1 - gamma)), "gamma is the share of the *real* image, 1 - gamma that of the "
                  "reconstruction; yours are the other way round."),
                 (gradient(model.d(x_alpha.detach()).square().mean() + unmixed(gamma)), "the critic is asked for 0 on "
                  "mixtures; it should say how far they are mixed: alpha."),
                 (6 * want, "take the mean over the batch, not the sum."),
                 (-want, "the critic walks uphill: it should lower its loss.")]
        kept = torch.autograd.grad((x_hat - x).square().mean(), own, retain_graph=True)
        for p, g in zip(own, kept, strict=True):                       # as after the autoencoder's own backward
            p.grad = g.clone()
        result = yours(model, spy, x, x_hat, x_alpha, alpha)
        if not any(p.grad is not None and p.grad.any() for p in own):
            raise Off("the autoencoder's gradient was there before your step, and is gone: it was not yours to clear. Who "
                      "knows which parameters are the critic's?")
        if any(p.grad is None or not torch.equal(p.grad, g) for p, g in zip(own, kept, strict=True)):
            raise Off("the autoencoder's gradient changed after the critic's backward: with it, you are helping the critic "
                      "read α. What the critic looks at must be cut off from the autoencoder.")
        if len(spy.seen) != turn + 1:
            raise Off("the critic did not move: the optimiser's step is missing." if len(spy.seen) <= turn else
                      "the optimiser stepped more than once in one step.")
        if any(g is None for g in spy.seen[-1]):
            raise Off("the optimiser stepped without gradients: call backward on the loss first.")
        got = torch.cat([g.flatten() for g in spy.seen[-1]])
        near = 1e-3 * float(want.norm())
        if float(got.norm()) < near / 10:
            raise Off("the gradient was empty when the optimiser stepped: clear the old one before backward, not after it.")
        if turn == 1 and float((got - 2 * want).norm()) < near:
            raise Off("two equal steps gave a doubled gradient: the old one is still there.")
        for other, words in wrong:
            if float((got - other).norm()) < 1e-3 * float(other.norm()) and float((got - want).norm()) > near:
                raise Off(words)
        if float((got - want).norm()) > near:
            raise Off("the gradient is not that of the critic's loss: are its two terms, on mixed and on unmixed pictures, "
                      "squares, means, and of equal weight?")
    if result is None or abs(float(torch.as_tensor(result).detach()) - float((first + unmixed(gamma)).detach())) > 1e-4:
        raise Off("return the loss: the loop below prints it.")


def _try_acai_losses(yours):
    g = torch.Generator().manual_seed(0)
    x, x_hat = (torch.rand(4, 1, 32, 32, generator=g) * 2 - 1 for _ in range(2))
    alpha, blind = torch.tensor([0.1, 0.4, 0.3, 0.2]), torch.full((4,), 0.125)
    result = pair(yours(x, x_hat, alpha, blind, blind, 0.5), "return two losses, `return autoencoder, critic`.")
    if any(not torch.is_tensor(r) or r.numel() != 1 for r in result):
        raise Off("each loss is one number (a tensor with a gradient): take the mean.")
    error = float((x_hat - x).square().mean())
    a, c = (float(r) for r in result)
    critic = float((blind - alpha).square().mean()) + 1 / 64
    penalty = a - error
    if abs(c - error) < 0.1 and abs(a - critic) < 1e-5:
        raise Off("the two are swapped: the autoencoder's comes first.")
    if a > 50 * error:
        raise Off("your reconstruction error is a sum over pixels. Take the mean: λ = ½ belongs to the mean, beside a sum "
                  "it is nothing.")
    if abs(penalty - 0.5 * float((blind - alpha).square().mean())) < 1e-5:
        raise Off("you reward the autoencoder for being read correctly: it should look unmixed, target 0.")
    if abs(penalty + 0.5 * float((blind - alpha).square().mean())) < 1e-5 or abs(penalty + 0.5 * critic) < 1e-5:
        raise Off("you pay the autoencoder for confusing the critic, in any direction. It should look *unmixed*: the "
                  "critic's answer should be 0.")
    if abs(penalty - 0.5 / 64 - critic) < 1e-5:
        raise Off("the critic's loss is in the autoencoder's, too: whatever the critic gains by reading, the autoencoder "
                  "would gain with it.")
    if abs(penalty) < 1e-6:
        raise Off("the critic's answer is not in the autoencoder's loss: nothing tells it to look unmixed.")
    if abs(penalty - 1 / 64) < 1e-6:
        raise Off("λ is missing: with a critic that always says 0.125 the penalty must be λ/64 = 0.0078.")
    if abs(penalty - 0.5 / 64) > 1e-6:
        raise Off(f"with a critic that always says 0.125 the penalty must be λ/64 = 0.0078; yours is {penalty:.4f}. Go "
                  "through it with that one number, on paper.")
    if abs(c - float((blind - alpha).square().mean())) < 1e-6:
        raise Off("the critic's second term is missing: on unmixed images its answer should be 0.")
    if abs(c - critic) > 1e-6:
        raise Off(f"with a critic that always says 0.125, its loss here must be {critic:.4f}; yours is {c:.4f}: what "
                  "does each of its two terms cost?")
    d_mixed, d_unmixed = torch.tensor([0.0, 0.3, 0.5, 0.1]), torch.tensor([0.2, 0.0, 0.1, 0.0])
    got, want = yours(x, x_hat, alpha, d_mixed, d_unmixed, 2.0), acai_losses(x, x_hat, alpha, d_mixed, d_unmixed, 2.0)
    if abs(float(got[1] - want[1])) > 1e-6:
        raise Off("the critic's loss: which of its two answers should be alpha, and which one 0?")
    if abs(float(got[0] - want[0])) > 1e-6:
        raise Off("the autoencoder is judged by its mixtures, d_mixed, with the weight lam that it is given.")
    leaves = [t.clone().requires_grad_() for t in (x_hat, d_mixed, d_unmixed)]
    for which, parts in ((0, (0, 1)), (1, (1, 2))):
        loss = yours(x, leaves[0], alpha, leaves[1], leaves[2], 2.0)[which]
        found = torch.autograd.grad(loss, leaves, allow_unused=True) if loss.requires_grad else [None] * 3
        if any(found[k] is None for k in parts):
            raise Off("a part of a loss is cut off (detach?): no gradient flows back from it, so its player cannot learn. "
                      "Nothing needs cutting here, as al.fit asks each loss for its own player's gradient only.")


def _small_acai(seed=0):
    return ACAI(Autoencoder(Architecture(width=8, depth=4, gain=1.5)), seed=seed)


def _try_reading_error(yours):
    model, x = _small_acai(), draw_lines(torch.arange(8.0))
    alpha = torch.linspace(0, 0.5, 8)
    model.d = lambda images: torch.full((len(images),), 0.25)
    value = yours(model, x, alpha)
    if value is None or torch.as_tensor(value).numel() != 1:
        raise Off("return one number, the mean over the images; yours is "
                  f"{'nothing' if value is None else f'of shape {tuple(torch.as_tensor(value).shape)}'}.")
    value = float(value)
    if abs(value - float((0.25 - alpha).square().mean())) > 1e-6:
        raise Off(f"a critic that always says ¼ misreads these α by {float((0.25 - alpha).square().mean()):.4f} on average; "
                  f"yours gives {value:.4f}: how is a miss of ¼ counted, and how one of ⅛?")
    seen = []
    model.d = lambda images: seen.append(images) or torch.zeros(len(images))
    yours(model, x, alpha)
    if any(tuple(images.shape[1:]) != (1, 32, 32) for images in seen):
        raise Off(f"the critic was shown {tuple(seen[0].shape)}, no pictures (B,1,32,32): what turns a code into one?")
    seen = torch.cat([torch.zeros(0, 1, 32, 32), *seen])               # one by one is fine
    if len(seen) != len(x):
        raise Off(f"the critic should be asked about one picture for each of the {len(x)} images; it was asked about "
                  f"{len(seen)}.")
    with torch.no_grad():
        z = model.encode(x)
        drawn, pixels = model.decode(z), alpha.view(-1, 1, 1, 1) * x + (1 - alpha.view(-1, 1, 1, 1)) * x.flip(0)
        good = [model.decode(mix(z, alpha)), model.decode(mix(z, 1 - alpha))]
    if torch.allclose(seen, drawn, atol=1e-5) or torch.allclose(seen, x, atol=1e-5):
        raise Off("the critic was shown images that are not mixed: encode, mix the codes, decode.")
    if torch.allclose(seen, pixels, atol=1e-4):
        raise Off("the critic was shown mixed pixels; it judges decoded mixtures of *codes*.")
    if not any(torch.allclose(seen, want, atol=1e-4) for want in good):
        raise Off("the critic was shown another picture: follow one image through your function, from x to what d sees.")


def _try_audit(yours):
    model, x = _small_acai(), draw_lines(torch.arange(8.0))
    before = [p.detach().clone() for p in model.parameters()]
    taken = []
    fresh = yours(model, (taken.append(0) or x for _ in range(3)))
    if not isinstance(fresh, ACAI):
        raise Off("return the model with the fresh critic, an al.ACAI around the same autoencoder.")
    base = len(list(model.base.parameters()))
    if any(not torch.equal(p, q) for p, q in zip(list(model.base.parameters()), before[:base], strict=True)):
        raise Off("the autoencoder moved: freeze it, or you audit another model. Only the fresh critic's parameters belong "
                  "into the optimiser.")
    if fresh.critic is model.critic or any(not torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True)):
        raise Off("you went on training the old critic; the audit needs one that starts anew: al.ACAI(model.base).")
    if any(not torch.equal(p, q) for p, q in zip(fresh.base.parameters(), before[:base], strict=True)):
        raise Off("the fresh critic looks at another autoencoder: give al.ACAI the same one, model.base.")
    if len(taken) < 3:
        raise Off(f"you used {len(taken)} of 3 batches: return after the loop, not inside it.")
    untrained = yours(model, []).critic.state_dict()
    if all(torch.equal(v, fresh.critic.state_dict()[k]) for k, v in untrained.items()):
        raise Off("the fresh critic has not learnt anything: for every batch one critic_step, with an optimiser of the "
                  "fresh critic's parameters.")


CLUES = {
    "target alpha": "There the critic reads better and better, while the drawing stays as calm as with λ = 0: nobody hides "
                    "anything. Who gains when the critic is right?",
    "pixel sum": "Its numbers end where those of λ = 0 end: the critic reads, and nobody listens. What makes its term so "
                 "small?",
    "leak": "There the drawing suffers for a while, long before λ is faded in, and in the end the critic reads very well. "
            "Who else is moving the autoencoder?",
    "unfolded": "There the critic errs more than one answer for everything would in the folded game, however long it "
                "trains. What could defeat even a sharp eye?"}


def _try_culprits(yours):
    answer = yours()
    if not isinstance(answer, dict) or set(answer) != set(HUNT):
        raise Off("return a dictionary with the letters A, B, C and D.")
    answer = {letter: " ".join(str(name).lower().replace("_", " ").split()) for letter, name in answer.items()}
    unknown = sorted(set(answer.values()) - set(HUNT.values()))
    if unknown:
        raise Off(f"there is no bug {unknown[0]!r}: they are {', '.join(map(repr, sorted(HUNT.values())))}.")
    if len(set(answer.values())) < 4:
        raise Off("you named one bug twice: each of the four occurs once.")
    for letter, name in HUNT.items():
        if answer[letter] != name:
            raise Off(f"run {letter} is not {answer[letter]!r}. {CLUES[name]}")


EXERCISES = {
    "05-1": Exercise("alpha", draw_alpha, _try_draw_alpha,
                     "draw 10,000 values and look at them with torch.histc(alpha, 10, 0, 1): which of the ten bins should "
                     "be empty?"),
    "05-2": Exercise("mixed codes", mix, _try_mix,
                     "take two codes, all zeros and all ones, with alpha 0.1 and 0.4: which number must fill each of the "
                     "two mixtures?"),
    "05-3": Exercise("the critic's step", critic_step, _try_critic_step,
                     "keep a copy of the .grad of one decoder weight from before your step and compare it afterwards; then "
                     "run the step twice."),
    "05-4": Exercise("both losses", acai_losses, _try_acai_losses,
                     "put one number in for everything: d_mixed = 0.5, d_unmixed = 0, alpha = 0, and x_hat = x. What must "
                     "each player pay?"),
    "05-5": Exercise("reading error", reading_error, _try_reading_error,
                     "replace model.d by a function that stores what it is shown, and look at those pictures beside x: "
                     "what has happened to them?"),
    "05-6": Exercise("audit", audit, _try_audit,
                     "print the sum of all weights of model.base, of model.critic and of fresh.critic before and after: "
                     "which one may change?"),
    "05-7": Exercise("culprits", culprits, _try_culprits,
                     "take one bug and say aloud who earns what by it: is the critic helped, is it ignored, or can it not "
                     "win? Then look at the curves."),
}
