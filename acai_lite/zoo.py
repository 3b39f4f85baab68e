"""A zoo of autoencoders, in the ACAI authors' form; the contract they keep is in autoencoders.py. Defaults: the paper's."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .autoencoders import ACAI, Autoencoder, Out, check, mean_squared_error, new_critic, seeded
from .networks import bend, initialise


class Dropout(Autoencoder):
    """Each number of the code is set to 0 with probability 1 - keep while training; those that stay grow by 1 / keep."""
    method = "dropout"

    def __init__(self, *size, keep=0.5, **named):
        super().__init__(*size, **named)
        if not 0 < keep <= 1:
            raise ValueError(f"keep must be in (0, 1]; got {keep}")
        self.config["keep"] = self.keep = keep

    def draw(self, x, generator):
        kept = torch.rand(len(x), *self.code_shape, generator=generator) < self.keep
        return {"mask": kept.to(x) / self.keep}

    def run(self, x, mask):
        z = self.encode(x)
        return Out(z=z, x_hat=self.decode(z * mask), features=z)


class Denoising(Autoencoder):
    """Sees x with noise N(0, spread^2) on every pixel, unclipped, and must draw x; its codes are those of clean images."""
    method = "denoising"

    def __init__(self, *size, spread=1.0, **named):
        super().__init__(*size, **named)
        self.config["spread"] = self.spread = spread

    def draw(self, x, generator):
        return {"noise": self.spread * torch.randn(x.shape, generator=generator).to(x)}

    def run(self, x, noise):
        z = self.encode(x + noise)
        with torch.no_grad():
            features = self.encode(x)                                  # the classifier reads the clean image's code
        return Out(z=z, x_hat=self.decode(z), features=features)


class VAE(Autoencoder):
    """Variational autoencoder (Kingma and Welling 2014): a code is a normal cloud, and every cloud is pulled to N(0, I).

    L = sum over pixels of the cross-entropy between (x + 1) / 2 and its drawing + beta * KL(cloud || N(0, I)), mean over B.
    `encode(x)` is the cloud's mean, `encode(x, noise)` a sample. The classifier reads the features before the two heads.
    """
    method = "vae"

    def __init__(self, *size, beta=1.0, seed=0, **named):
        super().__init__(*size, seed=seed, **named)
        self.config["beta"] = self.beta = beta
        numbers = self.code_size
        self.mean = initialise(nn.Linear(numbers, numbers), seeded(seed, 4))
        self.log_variance = initialise(nn.Linear(numbers, numbers), seeded(seed, 5))
        self.loss_scale = float(math.prod(self.image_shape))           # a sum over pixels where the others have a mean

    def players(self):
        return {"autoencoder": [*super().players()["autoencoder"], *self.mean.parameters(), *self.log_variance.parameters()]}

    def features(self, x):
        return super().encode(x)

    def cloud(self, features):
        """Features (B,c,w,w) -> mean and logarithm of the variance, (B,c,w,w) each."""
        return (head(features.flatten(1)).view_as(features) for head in (self.mean, self.log_variance))

    def encode(self, x, noise=None):
        mean, log_variance = self.cloud(self.features(x))
        return mean if noise is None else mean + (log_variance / 2).exp() * noise

    def decode(self, z):
        check(z, self.code_shape, "codes", self)
        return 2 * torch.sigmoid(self.decoder(z)) - 1

    def draw(self, x, generator):
        return {"noise": torch.randn(len(x), *self.code_shape, generator=generator).to(x)}

    def run(self, x, noise):
        features = self.features(x)
        mean, log_variance = self.cloud(features)
        z = mean + (log_variance / 2).exp() * noise
        logits = self.decoder(z)
        return Out(z=z, x_hat=2 * torch.sigmoid(logits) - 1, features=features, logits=logits, mean=mean,
                   log_variance=log_variance)

    def losses(self, x, out, ramp=1.0):
        drawing = F.binary_cross_entropy_with_logits(out.logits, (x + 1) / 2, reduction="sum")
        kl = 0.5 * (out.log_variance.exp() + out.mean.square() - 1 - out.log_variance).sum()
        return {"autoencoder": (drawing + self.beta * kl) / len(x)}


class AAE(Autoencoder):
    """Adversarial autoencoder (Makhzani et al. 2015): a discriminator tells codes from draws of N(0, I)."""
    method = "aae"

    def __init__(self, *size, seed=0, **named):
        super().__init__(*size, seed=seed, **named)
        layers = nn.Sequential(nn.Flatten(), nn.Linear(self.code_size, 100), bend(), nn.Linear(100, 100), bend(),
                               nn.Linear(100, 1), nn.Flatten(0))
        self.discriminator = initialise(layers, seeded(seed, 6))      # (B,c,w,w) -> (B,): a logit, high for "from N(0, I)"

    def players(self):
        return {**super().players(), "discriminator": list(self.discriminator.parameters())}

    def draw(self, x, generator):
        return {"prior": torch.randn(len(x), *self.code_shape, generator=generator).to(x)}

    def run(self, x, prior):
        out = super().run(x)
        out.d_prior, out.d_code = self.discriminator(prior), self.discriminator(out.z)
        return out

    def losses(self, x, out, ramp=1.0):
        return {"autoencoder": mean_squared_error(out.x_hat, x) + F.softplus(-out.d_code).mean(),      # "take me for real"
                "discriminator": F.softplus(-out.d_prior).mean() + F.softplus(out.d_code).mean()}      # real; made


class Codebook(nn.Module):
    """`size` vectors of `width` numbers that follow, by moving averages, what is replaced by them (lib/discretization.py).

    count: how many vectors each codeword has seen at the start. 0 is the paper's: then a codeword that is never the nearest
    runs away in the first steps and is lost for good. 1 leaves it where it is.
    """

    def __init__(self, size, width, generator, count=0.0, decay=0.999):
        super().__init__()
        self.decay = decay
        vectors = (torch.rand(size, width, generator=generator) * 2 - 1) * math.sqrt(3 / size)         # unit scaling
        self.register_buffer("vectors", vectors)
        self.register_buffer("sums", vectors * count if count else vectors.clone())
        self.register_buffer("counts", torch.full((size,), float(count)))

    def nearest(self, e):
        """e (n,width) -> (n,): the number of the nearest codeword of each."""
        return (self.vectors.square().sum(1) - 2 * e.detach() @ self.vectors.T).argmin(1)

    @torch.no_grad()
    def follow(self, e, index):
        """e (n,width), index (n,): each codeword moves to the average of what it replaced; counts are smoothed by 1e-5."""
        size = len(self.counts)
        self.counts.lerp_(torch.bincount(index, minlength=size).to(self.counts), 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, index, e), 1 - self.decay)
        total = self.counts.sum()
        smoothed = (self.counts + 1e-5) / (total + size * 1e-5) * total
        self.vectors.copy_(self.sums / smoothed[:, None])


class VQVAE(Autoencoder):
    """Vector-quantised autoencoder (van den Oord et al. 2017, as in the ACAI code): what is decoded are nearest codewords.

    A code becomes `vectors` vectors of its own size, each is replaced by the nearest of `codebook` vectors, and a small
    network makes a code for the decoder of them. L = MSE + 10 * mean[(e - nearest)^2]; the codebook follows by averages.
    `encode` is the code before; so paths are straight there, and every mix is quantised anew. count: see `Codebook`.
    """
    method = "vqvae"

    def __init__(self, *size, codebook=16_384, vectors=10, hidden=512, count=0.0, seed=0, **named):
        super().__init__(*size, seed=seed, **named)
        self.config |= dict(codebook=codebook, vectors=vectors, hidden=hidden, count=count)
        numbers = self.code_size
        self.split = initialise(nn.Linear(numbers, vectors * numbers), seeded(seed, 7))
        self.codebook = Codebook(codebook, numbers, seeded(seed, 8), count=count)
        layers = nn.Sequential(nn.ReLU(), nn.Linear(vectors * numbers, hidden), nn.ReLU(), nn.Linear(hidden, numbers))
        self.join = initialise(layers, seeded(seed, 9))

    def players(self):
        return {"autoencoder": [*super().players()["autoencoder"], *self.split.parameters(), *self.join.parameters()]}

    def quantise(self, z):
        """Codes (B,c,w,w) -> vectors e (B*vectors,d), the number of each one's codeword, codes (B,c,w,w) made of those."""
        e = self.split(z.flatten(1)).view(-1, self.code_size)
        index = self.codebook.nearest(e)
        straight = e + (self.codebook.vectors[index] - e).detach()     # straight-through: the codeword, with e's gradient
        return e, index, self.join(straight.view(len(z), -1)).view_as(z)

    def features(self, x):
        return self.quantise(self.encode(x))[2]

    def decode(self, z):
        return super().decode(self.quantise(z)[2])

    def run(self, x):
        z = self.encode(x)
        e, index, features = self.quantise(z)
        return Out(z=z, x_hat=super().decode(features), features=features, e=e, index=index)

    def losses(self, x, out, ramp=1.0):
        commitment = mean_squared_error(out.e, self.codebook.vectors[out.index])
        return {"autoencoder": mean_squared_error(out.x_hat, x) + 10 * commitment}

    def after_step(self, out):
        self.codebook.follow(out.e.detach(), out.index)


class LSGANAutoencoder(Autoencoder):
    """A control (lrae.py in the anonymous copy of the ACAI code): the critic judges reconstructions and sees no mixture."""
    method = "lsgan"

    def __init__(self, *size, lam=0.5, seed=0, **named):
        super().__init__(*size, seed=seed, **named)
        self.config["lam"] = self.lam = lam
        self.critic = new_critic(self.config, seed)

    def players(self):
        return {**super().players(), "critic": list(self.critic.parameters())}

    def run(self, x):
        out = super().run(x)
        mean, std = self.config["mean"], self.config["std"]
        out.d_x, out.d_hat = self.critic((x - mean) / std), self.critic((out.x_hat - mean) / std)
        return out

    def losses(self, x, out, ramp=1.0):
        return {"autoencoder": mean_squared_error(out.x_hat, x) + ramp * self.lam * out.d_hat.square().mean(),
                "critic": out.d_x.square().mean() + (out.d_hat - 1).square().mean()}


METHODS = {kind.method: kind for kind in (Autoencoder, Dropout, Denoising, VAE, AAE, VQVAE, LSGANAutoencoder)}
METHODS["acai"] = ACAI


def method_name(config):
    """"vae" for a VAE, "acai" for ACAI on the baseline, "acai-vae" for ACAI on a VAE, from a model's `.config`."""
    base = config.get("base", {"method": "baseline"})["method"]
    return config["method"] + ("" if base == "baseline" else f"-{base}")


def from_config(config, seed=0):
    """Rebuild a model from its `.config` (plain numbers and names, so that a checkpoint never runs code)."""
    config = dict(config)
    kind = METHODS[config.pop("method")]
    if "base" in config:
        config["base"] = from_config(config["base"], seed)
    return kind(**config, seed=seed)
