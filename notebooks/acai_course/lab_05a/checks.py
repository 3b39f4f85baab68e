"""Lab 05a: what each check looks for."""
import torch

from ..checks import Exercise, Off, images_like, pair
from .answers import acai_losses, critic_step, draw_alpha, mix
from .checks_step import try_critic_step


def _try_draw_alpha(yours):
    torch.manual_seed(0)
    alpha = yours(4000)
    if alpha is None or not torch.is_tensor(alpha):
        images_like(alpha, (4000,))
    if alpha.numel() != 4000 or alpha.unique().numel() == 1:
        raise Off("every image of the batch needs its own α, a tensor of shape (B,): with one for "
                  "all, the critic could tell from any image of the batch.")
    images_like(alpha, (4000,))
    if alpha.dtype != torch.float32:
        raise Off(f"α is {alpha.dtype}, the codes are torch.float32: mixing the two would change "
                  "the codes' type.")
    if float(alpha.min()) < 0 or float(alpha.max()) > 0.5 + 1e-6:
        raise Off(f"your α goes from {float(alpha.min()):.2f} to {float(alpha.max()):.2f}. Swap "
                  "the two ends of a mixture and α becomes 1 - α, for the same picture: nobody "
                  "could say which. Only 0 to ½ can be read off.")
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
    two, weights = z[:2], torch.tensor([0.1, 0.4])  # a batch as wide as the code hides a mistake:
    given = two.clone()
    small = yours(given, weights.clone())
    images_like(small, two.shape)
    if not torch.equal(given, two):
        raise Off("you changed the codes that you were given. Make new ones.")
    for name, w in (("column", weights), ("row", weights.view(2, 1))):
        if any(torch.allclose(small, w * p + (1 - w) * p.flip(0), atol=1e-5)
                                          for p in (two, two.flip(0))):
            raise Off(f"a (B,) weight lines up with the last axis, so each {name} of the code got "
                      "its own weight. Which axis of z should it meet?")
    alpha = torch.tensor([0.1, 0.2, 0.3, 0.4, 0.15, 0.25])
    result = yours(z.clone(), alpha.clone())
    images_like(result, z.shape)
    a = alpha.view(-1, 1, 1, 1)
    if torch.allclose(result, z, atol=1e-5):
        raise Off("each code was mixed with itself: that is the code again. Find it a partner, say "
                  "the batch in reverse order.")
    for k in range(6):
        others = [z[j] for j in range(6) if j != k]
        partners = [q for q in others if any(torch.allclose(
            result[k], w * z[k] + (1 - w) * q, atol=1e-5) for w in (a[k], 1 - a[k]))]
        if not partners and torch.allclose(result[k], z[k], atol=1e-5):
            raise Off("a code got itself as its partner: in the reverse order of an even batch "
                      "that cannot happen.")
        if not partners:
            shares = torch.linalg.lstsq(z.flatten(1).T,
                                        result[k].flatten()[:, None]).solution.flatten()
            if abs(float(shares.sum()) - 1) > 0.01:
                raise Off(f"the shares in your mixture add up to {float(shares.sum()):.2f}, not to "
                          "1: alpha and 1 - alpha.")
            raise Off(f"code {k} should become alpha[{k}] parts of one code and 1 - alpha[{k}] "
                      "parts of one other.")
    swapped = yours(z.clone(), 1 - alpha)
    if torch.allclose(swapped, result, atol=1e-5):
        raise Off("alpha makes no difference: 1 - alpha gave the same mixture.")


def _try_acai_losses(yours):
    g = torch.Generator().manual_seed(0)
    x, x_hat = (torch.rand(4, 1, 32, 32, generator=g) * 2 - 1 for _ in range(2))
    alpha, blind = torch.tensor([0.1, 0.4, 0.3, 0.2]), torch.full((4,), 0.125)
    result = pair(yours(x, x_hat, alpha, blind, blind, 0.5),
                  "return two losses, `return autoencoder, critic`.")
    if any(not torch.is_tensor(r) or r.numel() != 1 for r in result):
        raise Off("each loss is one number (a tensor with a gradient): take the mean.")
    error = float((x_hat - x).square().mean())
    a, c = (float(r) for r in result)
    critic = float((blind - alpha).square().mean()) + 1 / 64
    penalty = a - error
    if abs(c - error) < 0.1 and abs(a - critic) < 1e-5:
        raise Off("the two are swapped: the autoencoder's comes first.")
    if a > 50 * error:
        raise Off("your reconstruction error is a sum over pixels. Take the mean: λ = ½ belongs to "
                  "the mean, beside a sum it is nothing.")
    if abs(penalty - 0.5 * float((blind - alpha).square().mean())) < 1e-5:
        raise Off("you reward the autoencoder for being read correctly: it should look "
                  "unmixed, target 0.")
    if (abs(penalty + 0.5 * float((blind - alpha).square().mean())) < 1e-5
            or abs(penalty + 0.5 * critic) < 1e-5):
        raise Off("you pay the autoencoder for confusing the critic, in any direction. It should "
                  "look *unmixed*: the critic's answer should be 0.")
    if abs(penalty - 0.5 / 64 - critic) < 1e-5:
        raise Off("the critic's loss is in the autoencoder's, too: whatever the critic gains by "
                  "reading, the autoencoder would gain with it.")
    if abs(penalty) < 1e-6:
        raise Off("the critic's answer is not in the autoencoder's loss: nothing tells it "
                  "to look unmixed.")
    if abs(penalty - 1 / 64) < 1e-6:
        raise Off("λ is missing: with a critic that always says 0.125 the penalty must be "
                  "λ/64 = 0.0078.")
    if abs(penalty - 0.5 / 64) > 1e-6:
        raise Off("with a critic that always says 0.125 the penalty must be λ/64 = 0.0078; yours "
                  f"is {penalty:.4f}. Go through it with that one number, on paper.")
    if abs(c - float((blind - alpha).square().mean())) < 1e-6:
        raise Off("the critic's second term is missing: on unmixed images its answer should be 0.")
    if abs(c - critic) > 1e-6:
        raise Off(f"with a critic that always says 0.125, its loss here must be {critic:.4f}; "
                  f"yours is {c:.4f}: what does each of its two terms cost?")
    d_mixed, d_unmixed = torch.tensor([0.0, 0.3, 0.5, 0.1]), torch.tensor([0.2, 0.0, 0.1, 0.0])
    got, want = yours(x, x_hat, alpha, d_mixed, d_unmixed,
                      2.0), acai_losses(x, x_hat, alpha, d_mixed, d_unmixed, 2.0)
    if abs(float(got[1] - want[1])) > 1e-6:
        raise Off("the critic's loss: which of its two answers should be alpha, and which one 0?")
    if abs(float(got[0] - want[0])) > 1e-6:
        raise Off("the autoencoder is judged by its mixtures, d_mixed, with the weight lam "
                  "that it is given.")
    leaves = [t.clone().requires_grad_() for t in (x_hat, d_mixed, d_unmixed)]
    for which, parts in ((0, (0, 1)), (1, (1, 2))):
        loss = yours(x, leaves[0], alpha, leaves[1], leaves[2], 2.0)[which]
        found = (torch.autograd.grad(loss, leaves, allow_unused=True) if loss.requires_grad
                 else [None] * 3)
        if any(found[k] is None for k in parts):
            raise Off("a part of a loss is cut off (detach?): no gradient flows back from it, so "
                      "its player cannot learn. Nothing needs cutting here, as al.fit asks each "
                      "loss for its own player's gradient only.")


EXERCISES = {
    "05-1": Exercise("alpha", draw_alpha, _try_draw_alpha, "draw 10,000 values and look at them "
                     "with torch.histc(alpha, 10, 0, 1): which of the ten bins should be empty?"),
    "05-2": Exercise("mixed codes", mix, _try_mix, "take two codes, all zeros and all ones, with "
                     "alpha 0.1 and 0.4: which number must fill each of the two mixtures?"),
    "05-3": Exercise("the critic's step", critic_step, try_critic_step,
                     "keep a copy of the .grad of one decoder weight from before your step and "
                     "compare it afterwards; then run the step twice."),
    "05-4": Exercise("both losses", acai_losses, _try_acai_losses,
                     "put one number in for everything: d_mixed = 0.5, d_unmixed = 0, alpha = 0, "
                     "and x_hat = x. What must each player pay?"),
}
