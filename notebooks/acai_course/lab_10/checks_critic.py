"""Lab 10: what the check of a critic for any autoencoder looks for."""
from dataclasses import replace

import torch

from acai_lite.autoencoders import ACAI, Autoencoder
from acai_lite.drawing import draw_lines, draw_waves
from acai_lite.networks import Architecture
from acai_lite.zoo import VAE, Denoising

from ..checks import Off


class _Watched:
    """A critic that remembers what it was shown."""

    def __init__(self, base):
        self.d, self.seen = ACAI(base, seed=3).d, []

    def __call__(self, x):
        self.seen.append(x.detach().clone())
        return self.d(x)


def _near(a, b, share=1e-3):
    a, b = (float(torch.as_tensor(value).detach()) for value in (a, b))
    return abs(a - b) <= share * max(abs(b), 1e-9)


def _ask(yours, base, x, out, alpha, lam):
    critic = _Watched(base)
    loss = yours(base, critic, x.clone(), out, alpha.clone(), lam)
    if isinstance(loss, dict):
        raise Off("one number: the autoencoder's loss. The critic's own loss is another "
                  "player's business.")
    if not torch.is_tensor(loss) or loss.numel() != 1:
        raise Off("return one number, a scalar tensor that gradients can flow through; got "
                  f"{'nothing' if loss is None else type(loss).__name__}.")
    return loss, critic


def _partners(base, z, alpha, shown):
    """Whether every picture shown is a mix alpha : 1 - alpha of its code and of one other."""
    for k in range(len(z)):
        others = [j for j in range(len(z)) if j != k]
        mixes = torch.stack([w * z[k] + (1 - w) * z[j] for j in others
                             for w in (alpha[k], 1 - alpha[k])])
        if (base.decode(mixes) - shown[k]).flatten(1).abs().amax(1).min() > 1e-4:
            return False
    return True


def try_with_critic(yours):
    size, random = Architecture(width=8, depth=4, gain=1.5), torch.Generator().manual_seed(0)
    alpha, lines, waves = (torch.tensor([0.1, 0.45, 0.3, 0.2]),
                           draw_lines(torch.arange(4.0)), draw_waves([1, 2, 3, 4]))
    for base, x in ((VAE(size), lines), (Denoising(size), lines),
                    (Autoencoder(replace(size, dimensions=1)), waves)):
        name = {"vae": "the VAE", "denoising": "the denoising autoencoder"}.get(
            base.method, "the baseline on signals")
        out = base.run(x, **base.draw(x, random))
        plain, scale = base.losses(x, out)["autoencoder"], base.loss_scale
        free, _ = _ask(yours, base, x, out, alpha, 0.0)
        squared = (out.x_hat - x).square().mean()
        if not _near(free, plain, 1e-6) and any(_near(free, factor * squared, 1e-5)
                                                for factor in (1, scale)):
            raise Off(f"with λ = 0 you get a squared error, which is the baseline's loss; {name} "
                      "has another. Ask `base` for its own.")
        if not torch.equal(free, plain):
            close = " Yours is near it: something else is added, or it is computed another way." \
                if _near(free, plain, 0.1) else ""
            raise Off(f"λ = 0 must give the plain method to the last digit, and for {name} it does "
                      f"not.{close} The method's own loss of this very `out`, and nothing else, "
                      "has to be left.")
        full, critic = _ask(yours, base, x, out, alpha, 0.5)
        if not critic.seen:
            raise Off("the critic was not asked: decode a mixture of codes and show it to `d`.")
        shown = torch.cat(critic.seen)
        if shown.shape != x.shape:
            raise Off(f"the critic should see one mixture for each of the {len(x)} images; it was "
                      f"shown {len(shown)}.")
        _same_mixes(base, x, out, alpha, shown)
        guesses, term = critic.d(shown).detach(), float((full - plain).detach())
        fooled = float(guesses.square().mean())
        if scale > 1 and _near(term, 0.5 * fooled, 0.05):
            raise Off(f"the VAE sums over {scale:,.0f} pixels where the others take a mean, so "
                      "next to its loss your term is too small to matter: λ has to be put on the "
                      "method's own scale.")
        if scale > 1 and abs(term) < 0.1 * fooled:
            raise Off("the VAE's loss is large, a sum over pixels, and beside it your term "
                      "vanishes: did you divide where λ has to grow?")
        if _near(term, 0.5 * scale * float((guesses - alpha).square().mean())):
            raise Off("you reward the autoencoder for being read correctly: it wants the critic to "
                      "find nothing, 0.")
        if _near(term, 0.5 * scale * fooled * len(x)):
            raise Off("take the mean over the batch, not the sum.")
        if (_near(term, 0.5 * scale * float(guesses.mean()))
                or _near(term, 0.5 * scale * float(guesses.abs().mean()))):
            raise Off("the critic's guesses are squared before the mean is taken: see the "
                      "losses of lab 05a.")
        if _near(term, scale * fooled):
            raise Off("your term does not change with λ: a weight of 0 and one of 1 must differ.")
        if not _near(term, 0.5 * scale * fooled, 0.01):
            raise Off(f"for {name}, λ = ½ should add {0.5 * scale * fooled:.5f} to the loss; yours "
                      f"adds {term:.5f}: of λ, the method's scale and the squared guesses, which "
                      "one is another?")
        encoder, decoder = ([p for p in part.parameters() if p.ndim > 1]
                            for part in (base.encoder, base.decoder))
        for part, weights in (("encoder", encoder), ("decoder", decoder)):
            with_, without = (torch.autograd.grad(loss, weights, retain_graph=True,
                                                  allow_unused=True) for loss in (full, plain))
            if all(a is None or b is not None and torch.allclose(a, b, rtol=1e-5, atol=1e-9)
                   for a, b in zip(with_, without, strict=True)):
                raise Off(f"the critic's term does not move the {part}: its gradient is cut off "
                          "somewhere (`detach`, `no_grad`).")


def try_cycle(yours):
    base = Autoencoder(Architecture(width=8, depth=4, gain=1.5))
    z = torch.randn(5, *base.code_shape, generator=torch.Generator().manual_seed(2))
    z.requires_grad_()
    found = yours(base, z)
    if not torch.is_tensor(found) or found.numel() != 1:
        raise Off("return one number, a scalar tensor that gradients can flow through; got "
                  f"{'nothing' if found is None else tuple(getattr(found, 'shape', ()))}.")
    value = float(found.detach())
    with torch.no_grad():
        x = base.decode(z)
        far = (base.encode(x) - z).flatten(1).square()
        pictures = (base.decode(base.encode(x)) - x).square()
    wanted, size = float(far.sum(1).mean()), far.shape[1]
    if _near(found, wanted / size):
        raise Off(f"yours is the mean over the {size} dimensions of a code; a squared distance is "
                  "their sum. The mean is over the batch alone.")
    if _near(found, wanted * len(z)):
        raise Off("yours is a sum over the batch: take the mean, so that it does not depend on how "
                  "many images there are.")
    if _near(found, float(far.sum(1).sqrt().mean())):
        raise Off("yours is the distance; the term is its square.")
    if any(_near(found, float(value)) for value in (pictures.mean(),
                                                    pictures.flatten(1).sum(1).mean())):
        raise Off("you compared two pictures; the cycle compares two codes: the mixed one, and "
                  "what the encoder makes of its picture.")
    if not _near(found, wanted):
        raise Off(f"for these codes the term should be {wanted:.4f}; yours is {value:.4f}: "
                  "follow one code, to its picture and back.")
    for name, part in (("encoder", base.encoder), ("decoder", base.decoder)):
        gradients = torch.autograd.grad(found, list(part.parameters()), retain_graph=True,
                                        allow_unused=True) if found.requires_grad else [None]
        if all(g is None or not g.any() for g in gradients):
            raise Off(f"your term does not move the {name}: its gradient is cut off somewhere "
                      "(`detach`, `no_grad`).")


def _same_mixes(base, x, out, alpha, shown):
    with torch.no_grad():
        z, mixed = out.z.detach(), _partners(base, out.z.detach(), alpha, shown)
        a, clean = alpha.view(-1, *[1] * (z.ndim - 1)), base.encode(x)
        pixels = alpha.view(-1, *[1] * (x.ndim - 1))
        if mixed:
            return
        if torch.allclose(shown, base.decode(z), atol=1e-4):
            raise Off("each code was mixed with itself: that is the code again. Find it a partner, "
                      "say the batch in reverse order.")
        if any(torch.allclose(shown, pixels * p + (1 - pixels) * p.flip(0), atol=1e-4)
               for p in (x, out.x_hat)):
            raise Off("you mixed pictures; the critic is there to judge what the decoder makes of "
                      "mixed *codes*.")
        if _partners(base, clean, alpha, shown):
            raise Off("you encoded the images anew. The codes to mix are those that this forward "
                      "pass made, `out.z`: a VAE's are drawn from its clouds, a denoising "
                      "autoencoder's come from noisy images.")
        if torch.allclose(shown, base.decode(a * z + z.flip(0)), atol=1e-4):
            raise Off("the shares of a mixture add up to 1: alpha and 1 - alpha.")
        raise Off("what the critic sees should be decoded from alpha parts of one code and 1 - "
                  "alpha parts of one other of the batch.")
