"""Lab 03: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import torch
from acai_course.lab_03 import answers, checks, riddle
from torch.nn import functional as F

SCORES = {"baseline": (5.2e-3, 0.71, 0.6e-3), "dropout": (3.0e-3, 0.74, 1.0e-3),
          "denoising": (4.5e-3, 0.76, 1.1e-3), "vae": (1.2e-3, 0.49, 4e-3),
          "vqvae": (2.6e-3, 1.08, 4.9e-3), "aae": (3.3e-3, 0.14, 1e-3)}
KEYS = "mean_distance", "smoothness", "end_error"
STAGE = [(checks,
          "zoo_scores", lambda: {k: dict(zip(KEYS, v, strict=True)) for k, v in SCORES.items()})]
CARD = {**answers.card(), "method": "vae", "asks": riddle.ASKS["vae"],
        "pays": riddle.PAYS[0], "in_between": "leaps"}


def noisy(model, x, spread=1.0, target=0, reduce=torch.mean, make=torch.randn_like, clip=False,
          code=0):
    seen = x + spread * make(x)
    seen = seen.clamp(-1, 1) if clip else seen
    z = model.encode(x if code else seen)
    return reduce((model.decode(z + code * torch.randn_like(z)) - (seen if target else x)) ** 2)


def vae(decoder, x, mean, log_variance, noise, beta=1.0, z=None, scale=None, target=None,
        over="sum", kl=None, cut=False):
    sample = mean + (log_variance / 2).exp() * noise if z is None else z
    sample = sample.detach() if cut else sample
    logits = decoder(sample) if scale is None else scale(decoder(sample))
    target = (x + 1) / 2 if target is None else target
    drawing = F.binary_cross_entropy_with_logits(logits, target,
                                                 reduction=over) * (len(x) if over == "mean" else 1)
    terms = 0.5 * (log_variance.exp() + mean ** 2 - 1 - log_variance)
    return drawing / len(x) + beta * (terms.sum() / len(x) if kl is None else kl(terms))


def by_distributions(decoder, x, mean, log_variance, noise, beta=1.0):
    cloud, prior = (torch.distributions.Normal(m, s) for m, s in (
        (mean, log_variance.exp().sqrt()), (torch.zeros_like(mean), torch.ones_like(mean))))
    pixels = torch.distributions.Bernoulli(logits=decoder(mean + cloud.stddev * noise),
                                           validate_args=False)
    kl = torch.distributions.kl_divergence(cloud, prior).flatten(1).sum(1).mean()
    return beta * kl - pixels.log_prob((x + 1) / 2).flatten(1).sum(1).mean()


def by_hand(decoder, x, mean, log_variance, noise, beta=1.0):
    spread, ink = torch.exp(0.5 * log_variance), 0.5 * x + 0.5
    logits = decoder(torch.addcmul(mean, spread, noise))
    per_image = (F.softplus(logits) - ink * logits).sum((1, 2, 3))
    return (per_image - beta * 0.5 * (1 + log_variance - mean.pow(2)
                                      - spread ** 2).sum((1, 2, 3))).mean()


def by_loop(e, codebook):
    rows = []
    for row in e:
        word = min(codebook, key=lambda c: float((c - row).square().sum().detach()))
        rows.append(row - row.detach() + word)
    return torch.stack(rows)


class Past(torch.autograd.Function):
    @staticmethod
    def forward(ctx, e, codebook):
        return codebook[(codebook.square().sum(1) - 2 * e @ codebook.T).argmin(1)]

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def words(e, codebook):
    return codebook[torch.cdist(e, codebook).argmin(1)]


RIGHT = [
    ("03-1", lambda m, x, spread: F.mse_loss(m.decode(m.encode(torch.normal(x, spread))), x)),
    ("03-1", lambda m, x, spread: (m(x + torch.empty_like(x).normal_(0, spread))
                                   - x).pow(2).flatten(1).mean(1).mean()),
    ("03-1", lambda m, x, spread: sum(noisy(m, one[None], spread) for one in x) / len(x)),
    ("03-2", by_distributions), ("03-2", by_hand),
    ("03-3", lambda: CARD),
    ("03-3", lambda: {**CARD,
                      "method": "vqvae", "asks": riddle.ASKS["vqvae"], "because": 5 * "so "}),
    ("03-3", lambda: {**CARD,
                      "method": "dropout", "asks": riddle.ASKS["dropout"], "in_between": "leaps"}),
    ("03-3", lambda: {**CARD, "method": "dropout",
                      "asks": riddle.ASKS["dropout"], "in_between": "ghosts"}),  # close
    ("03-4", by_loop), ("03-4", Past.apply), ("03-4", lambda e, c: words(e, c) + (e - e.detach()))]


def changes(x):
    x += torch.randn_like(x)
    return x


FROZEN = torch.randn(64, 1, 32, 32, generator=torch.Generator().manual_seed(5))


def with_card(**other):
    return lambda: {**CARD, **other}


WRONG = [
    ("03-1", lambda *a: noisy(*a, target=1),
     "your target changes with the noise: you ask the network to reproduce it"),
    ("03-1", lambda *a: noisy(*a, target=1, reduce=torch.sum),
     "your target changes with the noise"),
    ("03-1", lambda m, x, s: noisy(m, x, 0 * s), "the encoder saw the clean image"),
    ("03-1", lambda *a: noisy(*a, code=1), "the noise is on the code"),
    ("03-1", lambda *a: noisy(*a, reduce=torch.sum), "take the mean over images and pixels"),
    ("03-1", lambda *a: noisy(*a).sqrt(), "not the mean squared difference"),
    ("03-1", lambda *a: noisy(*a, make=torch.rand_like), "it brightens the picture"),
    ("03-1", lambda *a: noisy(*a, make=lambda x: torch.rand_like(x) * 2 - 1),
     "standard deviation 1; yours has 0.58"),
    ("03-1", lambda *a: noisy(*a, make=lambda x: torch.randn(1, 1, 32, 32).expand_as(x)),
     "all images of the batch got the"),
    ("03-1", lambda *a: noisy(*a, make=lambda x: torch.randn(len(x), 1, 1, 1).expand_as(x)),
     "change of brightness"),
    ("03-1", lambda *a: noisy(*a, make=lambda x: FROZEN[:len(x)]), "two calls made the same noise"),
    ("03-1", lambda *a: noisy(*a, clip=True), "you clipped the noisy image"),
    ("03-1", lambda m, x, s: noisy(m, x, 1.0),
     "grow with spread: from 1.0 to 0.25 yours changed by the factor 1"),
    ("03-1", lambda m, x, s: noisy(m, x, s ** 0.5),
     "A spread is a standard deviation, no variance"),
    ("03-1", lambda m, x, s: noisy(m, changes(x), s), "you changed the images"),
    ("03-1", lambda m, x, s: (m.decode(m.encode(s * torch.randn_like(x))) - x).square().mean(),
     "noise and nothing else"),
    ("03-1", lambda *a: noisy(*a).item(), "as a tensor"),
    ("03-1", lambda *a: noisy(*a).detach(), "no gradient flows"),
    ("03-1", lambda *a: None, "returned nothing"),
    ("03-1", lambda m, x, s: x.mean(), "no gradient|encode and decode"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=m + v.exp() * n),
     "is the .variance., no standard deviation"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=m + v * n), "is a logarithm"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=m), "you decoded the cloud's centre"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=m + n), "every cloud got width 1"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=n), "plain noise"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, b, z=m + torch.randn_like(n)),
     "is not the cloud.s mean plus the"),
    ("03-2", lambda *a: vae(*a, cut=True), "a gradient is cut"),
    ("03-2", lambda *a: vae(*a, over="mean"),
     "1,024 times more. Expect one mean image for every input"),
    ("03-2", lambda d, x, *a: vae(d, x, *a, target=x), "x goes from -1 to 1"),
    ("03-2", lambda *a: vae(*a, scale=torch.sigmoid), "applied twice"),
    ("03-2", lambda *a: len(a[1]) * vae(*a), "a sum over the batch"),
    ("03-2", lambda *a: -vae(*a), "sign of the drawing's term"),
    ("03-2", lambda d, x, m, v, n, b: (2 * torch.sigmoid(d(m + (v / 2).exp() * n)) - 1 - x).square()
     .sum() / len(x) + vae(torch.nn.Identity(), x, m, v, n, b,
                           z=torch.zeros_like(x)) - 1024 * 0.6931472, "that is a squared error"),
    ("03-2", lambda *a: vae(*a, kl=lambda t: t.mean()),
     "must be d_z/2, here 8; yours is 0.50. Sum over the code"),
    ("03-2", lambda *a: vae(*a, kl=lambda t: t.sum()), "Divide it by the number of images, too"),
    ("03-2", lambda *a: vae(*a, kl=lambda t: 2 * t.sum() / len(t)), "Where is the factor"),
    ("03-2", lambda *a: vae(*a, kl=lambda t: -t.sum() / len(t)), "mind the sign"),
    ("03-2", lambda *a: vae(*a[:5], beta=0.0) + 0 * a[2].sum() + 0 * a[3].sum(),
     "the KL is missing"),
    ("03-2", lambda *a: vae(*a, kl=lambda t: (t + 0.5).sum() / len(t)),
     "that cloud .is. the prior"),
    ("03-2", lambda d, x, m, v, n, b: vae(d, x, m, v, n, 0.0)
     + b * ((2 * v).exp() + m ** 2 - 1 - 2 * v).sum() / 6, "log_variance -2 must be 9.08"),
    ("03-2", lambda *a: vae(*a[:5]), "beta should weigh the KL"),
    ("03-2", lambda *a: vae(*a) + 7, "the loss is the drawing's error alone"),
    ("03-3", with_card(in_between="turns"),
     "your card says turns, which is smooth; your method's Smoothness is 0.49"),
    ("03-3", with_card(in_between="blurs"), "your card says blurs, which is smooth"),
    ("03-3", with_card(in_between="ghosts"),
     "frames that are no lines; your method's Mean Distance is 1.20 e-3"),
    ("03-3", with_card(method="aae"), "no card for 'aae'"),
    ("03-3", with_card(asks=riddle.ASKS["vqvae"]), "is what the loss of 'vqvae' asks"),
    ("03-3", with_card(asks="be nice"), "“asks” must be one of"),
    ("03-3", with_card(pays=riddle.PAYS[1]), "its end error is 6.7 times the baseline's"),
    ("03-3", with_card(because="it leaps"), "five words at least"),
    ("03-3", lambda: {"method": "vae"}, "five keys"),
    ("03-4", words,
     "the encoder's gradient is exactly 0: argmin is flat, so copy the gradient past it"),
    ("03-4", lambda e, c: e + (words(e, c) - e), "gradient is exactly 0"),
    ("03-4", lambda e, c: (e + words(e, c) - e).detach(), "gradient is exactly 0"),
    ("03-4", lambda e, c: 2 * e + (words(e, c) - 2 * e).detach(), "the very gradient"),
    ("03-4", lambda e, c: torch.cdist(e, c).argmin(1), "look the codewords themselves up"),
    ("03-4", lambda e, c: e, "you returned e itself"),
    ("03-4", lambda e, c: c[torch.cdist(e, c).argmax(1)], "farthest away"),
    ("03-4", lambda e, c: c[(e @ c.T).argmax(1)], "long ones win"),
    ("03-4", lambda e, c: c[F.cosine_similarity(e[:, None], c, dim=2).argmax(1)],
     "most similar direction"),
    ("03-4", lambda e, c: c[torch.cdist(e, c, p=1).argmin(1)], "by absolute differences"),
    ("03-4", lambda e, c: c[torch.cdist(e, c).mean(0).argmin()].expand_as(e),
     "all rows got one codeword"),
    ("03-4", lambda e, c: torch.softmax(-torch.cdist(e, c), 1) @ c, "no mixture of several"),
]
