"""Lab 03: what the check of the VAE's loss looks for."""
import torch
from torch.nn import functional as F

from acai_lite.drawing import draw_lines

from ..checks import Off


def one_number(loss):
    """The loss, detached; `Off` unless it is one finite number with a gradient."""
    if not torch.is_tensor(loss) or loss.numel() != 1 or not torch.isfinite(loss):
        raise Off("return the loss, one finite number for the whole batch, as a tensor." if loss
                  is not None else "your function returned nothing: end it with `return …`.")
    if not loss.requires_grad:
        raise Off("no gradient flows from your loss to the weights (detach, no_grad or item?): "
                  "nothing could learn.")
    return loss.reshape(()).detach()


class _Canvas(torch.nn.Module):
    """A decoder that remembers the codes, and draws logits that lean on them a little, or not at
    all."""

    def __init__(self, lean=0.0):
        super().__init__()
        self.weight, self.seen = torch.nn.Parameter(torch.tensor(lean)), []

    def forward(self, z):
        self.seen.append(z)
        return (self.weight * z.mean(dim=(1, 2, 3)).view(-1, 1, 1, 1)
                + torch.linspace(-3, 1, 1024).view(1, 1, 32, 32))


def try_vae(yours):
    x, shape = draw_lines(torch.arange(3.0)), (3, 4, 2, 2)
    g = torch.Generator().manual_seed(0)
    mean, log_variance, noise = (torch.randn(shape, generator=g).requires_grad_(k < 2)
                                 for k in range(3))
    canvas, zero = _Canvas(0.5), torch.zeros(shape)
    one_number(yours(canvas, x, mean, log_variance, noise, 1.0))
    if not canvas.seen:
        raise Off("decode the sampled code z with the given decoder.")
    z = canvas.seen[-1].detach()
    with torch.no_grad():
        for other, words in (
                (mean, "you decoded the cloud's centre: its width makes no difference then."),
                (mean + log_variance.exp() * noise,
                 "exp(log_variance) is the *variance*, no standard deviation."),
                (mean + log_variance * noise,
                 "log_variance is a logarithm, and may be negative: it is no width yet."),
                (mean + noise,
                 "every cloud got width 1: the noise must be scaled by the cloud's own spread."),
                (noise, "you decoded plain noise: it belongs around the cloud's mean.")):
            if torch.allclose(z, other, atol=1e-5):
                raise Off(words)
        if not torch.allclose(z, mean + (log_variance / 2).exp() * noise, atol=1e-4):
            raise Off("what you decoded is not the cloud's mean plus the given noise times its "
                      "standard deviation.")
    # without the KL, the drawing's gradient is left
    drawn = yours(canvas, x, mean, log_variance, noise, 0.0)
    reached = torch.autograd.grad(drawn, (mean, log_variance, canvas.weight), allow_unused=True)
    if any(part is None or not part.any() for part in reached):
        raise Off("a gradient is cut: the drawing's error must reach the mean, the log_variance "
                  "and the decoder.")

    def ask(m=0.0, v=0.0, beta=1.0):
        return float(yours(_Canvas(), x, zero + m, zero + v, noise, beta).detach())

    logits = _Canvas()(zero).detach().expand(3, -1, -1, -1)
    cross = F.binary_cross_entropy_with_logits(logits, (x + 1) / 2, reduction="none")
    base, want = ask(), float(cross.sum() / 3)
    raw = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    twice = F.binary_cross_entropy_with_logits(torch.sigmoid(logits), (x + 1) / 2, reduction="none")
    squares = ((2 * torch.sigmoid(logits) - 1 - x).square(),
               (torch.sigmoid(logits) - (x + 1) / 2).square(), (logits - x) ** 2)
    for value, words in (
            (float(cross.mean()),
             "you average the drawing's error over 1,024 pixels, and sum the KL over the code: so "
             "the KL weighs 1,024 times more. Expect one mean image for every input."),
            (float(cross.sum()),
             "a sum over the batch grows with the batch: divide by the number of images."),
            (-want,
             "the sign of the drawing's term is wrong: the loss falls where drawings get worse."),
            (float(raw.sum() / 3),
             "the cross-entropy wants targets from 0 to 1; x goes from -1 to 1."),
            (float(twice.sum() / 3),
             "`…_with_logits` applies the sigmoid itself: yours is applied twice."),
            *((float(s.sum() / 3), "that is a squared error. The VAE of this lab takes the "
               "cross-entropy of pixels.") for s in squares)):
        if abs(base - value) < 1e-3 * max(1, abs(value)) and abs(base - want) > 1e-3 * want:
            raise Off(words)
    size, shifted, narrow = 16, ask(m=1.0) - base, ask(v=-2.0) - base
    if abs(base - want) > 1e-3 * want:
        if abs(ask(beta=0.0) - want) < 1e-3 * want:
            raise Off("the KL at mean 0, variance 1 must be 0: that cloud *is* the prior.")
        raise Off("with a cloud that equals the prior, the loss is the drawing's error alone, here "
                  f"{want:.1f}; yours is {base:.1f}. Sum the cross-entropy over pixels, divide by "
                  "the number of images.")
    if abs(shifted) < 1e-3 and abs(narrow) < 1e-3:
        raise Off("the KL is missing: nothing pulls the clouds to the prior.")
    factors = {-1: " Yours pays clouds for running away: mind the sign.",
               1 / size: " Sum over the code, not the mean.",
               2: " Where is the factor ½?", 3: " Divide it by the number of images, too.",
               3 / size: " A sum over the code, a mean over the images."}
    if abs(shifted - size / 2) > 1e-2:
        raise Off(f"the KL at mean 1, variance 1 must be d_z/2, here {size // 2}; yours is "
                  f"{shifted:.2f}." + next((words for factor, words in factors.items()
                                            if abs(shifted - factor * size / 2) < 1e-3), ""))
    if abs(narrow - 9.0827) > 1e-2:             # 8 (exp(-2) + 1)
        raise Off(f"the KL at mean 0 and log_variance -2 must be 9.08 for these {size} numbers; "
                  f"yours is {narrow:.2f}: look at the part with the variance.")
    if abs(ask(m=1.0, beta=3.0) - base - 3 * size / 2) > 1e-2:
        raise Off("beta should weigh the KL, and only that: with beta = 3 it must "
                  "count three times.")
