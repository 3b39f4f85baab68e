"""Lab 10: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import math

import torch
from acai_course.lab_10 import answers

import acai_lite as al


def axes(weights, z):
    return weights.view(-1, *[1] * (z.ndim - 1))


def critic(own=lambda base, x, out: base.losses(x, out)["autoencoder"],
           codes=lambda base, x, out: out.z, share=lambda a: 1 - a,
           judge=lambda guesses, alpha: guesses.square().mean(), scale=lambda base: base.loss_scale,
           weight=lambda lam: lam, partner=lambda z: z.flip(0),
           decode=lambda base, z: base.decode(z)):
    def yours(base, d, x, out, alpha, lam):
        z = codes(base, x, out)
        a = axes(alpha, z)
        guesses = d(decode(base, a * z + share(a) * partner(z)))
        return own(base, x, out) + weight(lam) * scale(base) * judge(guesses, alpha)
    return yours


def critic_one_by_one(base, d, x, out, alpha, lam):
    """Another partner, each mixture decoded and judged alone, all on the scale of a pixel mean
    until the end."""
    total = 0.0
    for k in range(len(x)):
        other = (k + 1) % len(x)
        total = total + d(base.decode(torch.lerp(out.z[k:k + 1], out.z[other:other + 1],
                                                 float(alpha[k]))))[0] ** 2 / len(x)
    return base.loss_scale * (base.losses(x, out)["autoencoder"] / base.loss_scale + lam * total)


def critic_by_the_library(base, d, x, out, alpha, lam):
    """The library's own class, with the critic put in."""
    a = axes(alpha, out.z)
    out.alpha, out.d_alpha = alpha, d(base.decode(out.z.flip(0) + a * (out.z - out.z.flip(0))))
    out.d_unmixed = torch.zeros(1)
    return al.ACAI(base, lam=lam).losses(x, out)["autoencoder"]


def waves(frequency=lambda f0, f1, t: (1 - t) * f0 + t * f1, scale="linear", draw=al.draw_waves):
    def yours(f0, f1, steps):
        t = torch.linspace(0, 1, steps, dtype=torch.float64)
        rows = [draw(frequency(a, b, t)) for a, b in zip(f0, f1, strict=True)]
        return scale, torch.stack(rows)
    return yours


def octaves_by_logs(f0, f1, steps):
    """In base-2 logarithms, drawn by hand."""
    pitch = torch.stack([f0.log2() + (f1.log2() - f0.log2()) * k / (steps - 1)
                         for k in range(steps)], 1)
    place = (torch.arange(32, dtype=torch.float64) - 15.5) / 32
    return ["octaves", torch.sin(2 * math.pi * 2 ** pitch[..., None, None] * place)]


def signal_blend(f0, f1, steps):
    t = torch.linspace(0, 1, steps).view(1, -1, 1, 1)
    return "linear", (1 - t) * al.draw_waves(f0)[:, None] + t * al.draw_waves(f1)[:, None]


def weaker(f0, f1, steps):
    fade = 1 - 0.8 * torch.sin(math.pi * torch.linspace(0, 1, steps)).view(1, -1, 1, 1)
    return "linear", fade * answers.true_path(f0, f1, steps)[1]


def once(f0, f1, steps):
    """Only for the pair that the text names."""
    return waves()(f0[:1], f1[:1], steps)


CARD = {"date": "2026-01-31", "question": "Do ACAI's paths between photographs of two "
            "classes stay sharp?", "prediction": "ACAI's middle frames keep at least 90% of the "
            "drawn ends' sharpness, the baseline's less than 80%.", "measure": "the ratio of lab "
            "09's sharpness, on 200 test pairs", "cheat": "grain: noise has the highest sharpness",
        "baseline": "the plain autoencoder, as many samples", "samples": 50_000, "seeds": [0, 1, 2],
        "wrong_if": "ACAI's ratio is under 0.9 in two of three seeds, or the baseline's over 0.8"}
OTHER = {"date": "2025-12-01",
         "question": "Is a critic worth its time for the adversarial autoencoder on lines?",
         "prediction": "With equal seconds the mean distance is lower in all three runs, by "
                       "a third or more", "measure": "mean distance, smoothness beside it",
         "cheat": "one valid line in each frame has distance 0", "baseline": "AAE without critic",
         "samples": 12_345, "seeds": (7, 8, 11, 12), "wrong_if": "Nowhere more than a tenth is "
             "gained, or the end error doubles: I would drop the idea."}


def card(**changed):
    return lambda: {**CARD, **changed}


RIGHT = [
    ("10-1", critic()), ("10-1", critic_one_by_one), ("10-1", critic_by_the_library),
    ("10-1", critic(partner=lambda z: z.roll(1, 0), share=lambda a: 1 - a)),
    ("10-2", waves()), ("10-2", octaves_by_logs),
    ("10-2", waves(lambda f0, f1, t: f0 * (f1 / f0) ** t, "octaves")),
    ("10-3", lambda: CARD), ("10-3", lambda: OTHER), ("10-3", card(seeds=torch.arange(5))),
    ("10-4", lambda base, z: torch.nn.functional.mse_loss(base.encode(base.decode(z)), z)
     * z[0].numel()),
    ("10-4", lambda base, z: sum(torch.dist(base.encode(base.decode(one[None])), one[None]) ** 2
                                 for one in z) / len(z))]


def fresh(base, x, out):
    again = base.run(x, **base.draw(x, torch.Generator().manual_seed(5)))
    return base.losses(x, again)["autoencoder"]


def cut(base, z):
    with torch.no_grad():
        return base.decode(z)


WRONG = [
    ("10-1", critic(scale=lambda base: 1), "sums over 1,024 pixels.*own scale"),
    ("10-1", critic(scale=lambda base: 1 / base.loss_scale), "did you divide"),
    ("10-1", critic(own=lambda base, x, out: (out.x_hat - x).square().mean()),
     "the baseline's loss; the VAE has another"),
    ("10-1", critic(own=fresh), "Yours is near it: something else is added"),
    ("10-1", critic(own=lambda base, x, out: base.losses(x, out)["autoencoder"] / base.loss_scale),
     "it does not. The method"),
    ("10-1", critic(weight=lambda lam: 1), "Yours is near it"),
    ("10-1", critic(weight=lambda lam: float(lam > 0)), "does not change with λ"),
    ("10-1", critic(codes=lambda base, x, out: base.encode(x)), "encoded the images anew"),
    ("10-1", critic(codes=lambda base, x, out: x, decode=lambda base, mixed: mixed),
     "you mixed pictures"),
    ("10-1", critic(partner=lambda z: z), "mixed with itself"),
    ("10-1", critic(share=lambda a: 1), "add up to 1"),
    ("10-1", critic(share=lambda a: 0.3), "one other of the batch"),
    ("10-1", critic(judge=lambda guesses, alpha: (guesses - alpha).square().mean()),
     "read correctly"),
    ("10-1", critic(judge=lambda guesses, alpha: guesses.square().sum()), "mean over the batch"),
    ("10-1", critic(judge=lambda guesses, alpha: guesses.mean()), "squared before"),
    ("10-1", critic(decode=cut), "does not move the encoder"),
    ("10-1", critic(codes=lambda base, x, out: out.z.detach()), "does not move the encoder"),
    ("10-1", lambda base, d, x, out, alpha, lam: base.losses(x, out)["autoencoder"],
     "was not asked"),
    ("10-1", lambda base, d, x, out, alpha, lam: base.losses(x, out), "^one number"),
    ("10-1", lambda base, d, x, out, alpha, lam: None, "return one number"),
    ("10-2", signal_blend,
     r"between 2 and 4 cycles lies one frequency \(3, or 2.83 by octaves: say which\), not both"),
    ("10-2", waves(lambda f0, f1, t: torch.where(t < 0.5, f0, f1)), "a jump"),
    ("10-2", waves(scale="octaves"), "the other one"),
    ("10-2", waves(lambda f0, f1, t: f0 * (f1 / f0) ** t), "the other one"),
    ("10-2", waves(scale="3"), "say which scale"),
    ("10-2", lambda f0, f1, steps: waves()(f0, f1, steps)[1], "two things"),
    ("10-2", waves(lambda f0, f1, t: (1 - t) * f1 + t * f0), "frame 0 must be the wave of f0"),
    ("10-2", weaker, "weaker than the waves"), ("10-2", once, "shape"),
    ("10-2", waves(draw=lambda f: al.draw_waves(f, phase=1.0)), "phase 0"),
    ("10-2", waves(lambda f0, f1, t: f0 + t ** 2 * (f1 - f0)), "should go evenly"),
    ("10-3", card(wrong_if=""), "^what result would prove you wrong[?]$"),
    ("10-3", card(wrong_if="Nothing can prove this wrong."),
     "^what result would prove you wrong[?]$"),
    ("10-3", card(wrong_if="If the prediction is wrong."), "in a circle"),
    ("10-3", card(wrong_if="if my hypothesis turns out to be false"), "in a circle"),
    ("10-3", card(question="Sharpness of photographs"), "question mark"),
    ("10-3", card(prediction="ACAI will be better than the baseline on these photographs."),
     "cannot fail"),
    ("10-3", card(measure="look whether the pictures are nice"), "not a measure yet"),
    ("10-3", card(cheat="none"), "could be fooled"),
    ("10-3", card(baseline="none"), "alone says nothing"),
    ("10-3", card(samples="many"), "samples is one whole number"),
    ("10-3", card(samples={"acai": 5000, "baseline": 500}), "baseline's included"),
    ("10-3", card(seeds=[0]), "three seeds"), ("10-3", card(seeds=[0, 0, 0]), "different"),
    ("10-3", card(seeds=3), "seeds is a list"),
    ("10-3", card(date="tomorrow"), "year-month-day"), ("10-3", card(date="2999-01-01"), "future"),
    ("10-4", lambda base, z: (base.encode(base.decode(z)) - z).square().mean(), "is their sum"),
    ("10-4", lambda base, z: (base.encode(base.decode(z)) - z).square().sum(),
     "a sum over the batch"),
    ("10-4", lambda base, z: (base.encode(base.decode(z)) - z).flatten(1).norm(dim=1).mean(),
     "is its square"),
    ("10-4", lambda base, z: (base.decode(base.encode(base.decode(z)))
                              - base.decode(z)).square().mean(), "compared two pictures"),
    ("10-4", lambda base, z: answers.cycle(base, z).detach(), "does not move the encoder"),
    ("10-4", lambda base, z: (base.encode(base.decode(z).detach())
                              - z).flatten(1).square().sum(1).mean(), "does not move the decoder"),
    ("10-4", lambda base, z: 2 * answers.cycle(base, z), "to its picture and back"),
    ("10-4", lambda base, z: None, "return one number"),
    ("10-3", lambda: {"question": "?"}, "has the entries"),
    ("10-3", lambda: "a card", "has the entries")]
