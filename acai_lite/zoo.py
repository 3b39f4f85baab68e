"""A zoo of autoencoders, in the ACAI authors' form; the contract they keep is in autoencoders.py.
Defaults: the paper's."""
import math
import os
from dataclasses import fields
from functools import cache
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .autoencoders import (
    ACAI,
    Autoencoder,
    Model,
    Out,
    check_batch,
    mean_squared_error,
    new_critic,
    seeded,
)
from .data import ImageSet, load
from .files.catalogue import CATALOGUE
from .files.validation import plain
from .networks import PAPER, Architecture, activation, initialise
from .recipes import Recipe, get_recipe


class Dropout(Autoencoder):
    """Each dimension of the code is set to 0 with probability 1 - keep while training; the others
    grow by 1 / keep."""
    method, settings = "dropout", ("keep",)

    def __init__(self, architecture: Architecture = PAPER, keep: float = 0.5, seed: int = 0):
        super().__init__(architecture, seed)
        if not 0 < keep <= 1:
            raise ValueError(f"keep must be in (0, 1]; got {keep}")
        self.keep = keep

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        kept = torch.rand(len(x), *self.code_shape, generator=generator) < self.keep
        return {"mask": kept.to(x) / self.keep}

    def run(self, x: Tensor, mask: Tensor) -> Out:
        z = self.encode(x)
        return Out(z=z, x_hat=self.decode(z * mask), features=z)


class Denoising(Autoencoder):
    """Sees x with noise N(0, noise_std^2) on every pixel, unclipped, and must reconstruct x; its
    codes are those of clean images."""
    method, settings = "denoising", ("noise_std",)

    def __init__(self, architecture: Architecture = PAPER, noise_std: float = 1.0, seed: int = 0):
        super().__init__(architecture, seed)
        self.noise_std = noise_std

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        return {"noise": self.noise_std * torch.randn(x.shape, generator=generator).to(x)}

    def run(self, x: Tensor, noise: Tensor) -> Out:
        z = self.encode(x + noise)
        with torch.no_grad():
            features = self.encode(x)  # the classifier sees the clean image's code
        return Out(z=z, x_hat=self.decode(z), features=features)


class VAE(Autoencoder):
    """Variational autoencoder (Kingma and Welling 2014): a code is drawn from a Gaussian posterior
    q(z|x), which is pulled to the prior N(0, I).

    L = sum over pixels of the cross-entropy between (x + 1) / 2 and its
    reconstruction + beta * KL(q || N(0, I)), mean over B. `encode(x)` is the posterior's mean,
    `encode(x, noise)` a sample. The classifier sees the features before both heads.
    """
    method, settings = "vae", ("beta",)

    def __init__(self, architecture: Architecture = PAPER, beta: float = 1.0, seed: int = 0):
        super().__init__(architecture, seed)
        self.beta = beta
        self.mean = initialise(nn.Linear(self.code_size, self.code_size), seeded(seed, 4))
        self.log_variance = initialise(nn.Linear(self.code_size, self.code_size), seeded(seed, 5))
        # a sum over pixels where the others have a mean
        self.loss_scale = float(math.prod(self.image_shape))

    def players(self) -> dict[str, list[nn.Parameter]]:
        heads = [*self.mean.parameters(), *self.log_variance.parameters()]
        return {"autoencoder": super().players()["autoencoder"] + heads}

    def features(self, x: Tensor) -> Tensor:
        return super().encode(x)

    def posterior(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B,c,w,w) -> mean and logarithm of the variance of q(z|x), (B,c,w,w) each."""
        flat = features.flatten(1)
        return self.mean(flat).view_as(features), self.log_variance(flat).view_as(features)

    def encode(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        mean, log_variance = self.posterior(self.features(x))
        return mean if noise is None else mean + (log_variance / 2).exp() * noise

    def decode(self, z: Tensor) -> Tensor:
        check_batch(z, self.code_shape, "codes", self)
        return 2 * torch.sigmoid(self.decoder(z)) - 1

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        return {"noise": torch.randn(len(x), *self.code_shape, generator=generator).to(x)}

    def run(self, x: Tensor, noise: Tensor) -> Out:
        features = self.features(x)
        mean, log_variance = self.posterior(features)
        z = mean + (log_variance / 2).exp() * noise
        logits = self.decoder(z)
        return Out(z=z, x_hat=2 * torch.sigmoid(logits) - 1, features=features, logits=logits,
                   mean=mean, log_variance=log_variance)

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        reconstruction = F.binary_cross_entropy_with_logits(out.logits,
                                                            (x + 1) / 2, reduction="sum")
        kl = 0.5 * (out.log_variance.exp() + out.mean.square() - 1 - out.log_variance).sum()
        return {"autoencoder": (reconstruction + self.beta * kl) / len(x)}


class AAE(Autoencoder):
    """Adversarial autoencoder (Makhzani et al. 2015): a discriminator tells codes from samples of
    the prior N(0, I)."""
    method = "aae"

    def __init__(self, architecture: Architecture = PAPER, seed: int = 0):
        super().__init__(architecture, seed)
        layers = nn.Sequential(nn.Flatten(), nn.Linear(self.code_size, 100), activation(),
                               nn.Linear(100, 100), activation(), nn.Linear(100, 1), nn.Flatten(0))
        # (B,c,w,w) -> (B,): a logit, high for the prior
        self.discriminator = initialise(layers, seeded(seed, 6))

    def players(self) -> dict[str, list[nn.Parameter]]:
        return {**super().players(), "discriminator": list(self.discriminator.parameters())}

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        return {"prior": torch.randn(len(x), *self.code_shape, generator=generator).to(x)}

    def run(self, x: Tensor, prior: Tensor) -> Out:
        out = super().run(x)
        out.d_prior, out.d_code = self.discriminator(prior), self.discriminator(out.z)
        return out

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        fooling = F.softplus(-out.d_code).mean()  # codes taken for samples of the prior
        return {"autoencoder": mean_squared_error(out.x_hat, x) + fooling,
                "discriminator": F.softplus(-out.d_prior).mean() + F.softplus(out.d_code).mean()}


class Codebook(nn.Module):
    """`size` vectors of `width` dimensions that follow, by moving averages, what they replace
    (lib/discretization.py).

    count: how many vectors each codeword has seen at the start. 0 is the paper's: then a codeword
    that is never the nearest runs away in the first steps and is lost for good. 1 leaves it where
    it is.
    """
    vectors: Tensor
    sums: Tensor
    counts: Tensor

    def __init__(self, size: int, width: int, generator: torch.Generator, count: float = 0.0,
                 decay: float = 0.999):
        super().__init__()
        self.decay = decay
        # unit scaling
        vectors = (torch.rand(size, width, generator=generator) * 2 - 1) * math.sqrt(3 / size)
        self.register_buffer("vectors", vectors)
        self.register_buffer("sums", vectors * count if count else vectors.clone())
        self.register_buffer("counts", torch.full((size,), float(count)))

    def nearest(self, e: Tensor) -> Tensor:
        """e (n,width) -> (n,): the index of the nearest codeword of each."""
        return (self.vectors.square().sum(1) - 2 * e.detach() @ self.vectors.T).argmin(1)

    @torch.no_grad()
    def follow(self, e: Tensor, index: Tensor) -> None:
        """e (n,width), index (n,): each codeword moves to the average of what it replaced; counts
        are smoothed by 1e-5."""
        size = len(self.counts)
        self.counts.lerp_(torch.bincount(index, minlength=size).to(self.counts), 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, index, e), 1 - self.decay)
        total = self.counts.sum()
        smoothed = (self.counts + 1e-5) / (total + size * 1e-5) * total
        self.vectors.copy_(self.sums / smoothed[:, None])


class VQVAE(Autoencoder):
    """Vector-quantised autoencoder (van den Oord et al. 2017, as in the ACAI code): what is decoded
    are nearest codewords.

    A code becomes `vectors` vectors of its own size, each is replaced by the nearest of `codebook`
    codewords, and a small network makes the decoder's input of them.
    L = MSE + 10 * mean[(e - nearest)^2]; the codebook follows by averages. `encode` is the code
    before; so paths are straight there, and every mix is quantised anew. count: see `Codebook`.
    """
    method = "vqvae"

    def __init__(self, architecture: Architecture = PAPER, codebook: int = 16_384,
                 vectors: int = 10, hidden: int = 512, count: float = 0.0, seed: int = 0):
        super().__init__(architecture, seed)
        self.built = dict(codebook=codebook, vectors=vectors, hidden=hidden, count=count)
        size = self.code_size
        self.split = initialise(nn.Linear(size, vectors * size), seeded(seed, 7))
        self.codebook = Codebook(codebook, size, seeded(seed, 8), count=count)
        layers = nn.Sequential(nn.ReLU(), nn.Linear(vectors * size, hidden), nn.ReLU(),
                               nn.Linear(hidden, size))
        self.join = initialise(layers, seeded(seed, 9))

    @property
    def config(self) -> dict[str, Any]:
        return super().config | self.built

    def players(self) -> dict[str, list[nn.Parameter]]:
        dense = [*self.split.parameters(), *self.join.parameters()]
        return {"autoencoder": super().players()["autoencoder"] + dense}

    def quantise(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Codes (B,c,w,w) -> vectors e (B*vectors,d), the index of each one's codeword, codes
        (B,c,w,w) made of those."""
        e = self.split(z.flatten(1)).view(-1, self.code_size)
        index = self.codebook.nearest(e)
        # straight-through: the codeword, with e's gradient
        straight = e + (self.codebook.vectors[index] - e).detach()
        return e, index, self.join(straight.view(len(z), -1)).view_as(z)

    def features(self, x: Tensor) -> Tensor:
        return self.quantise(self.encode(x))[2]

    def decode(self, z: Tensor) -> Tensor:
        return super().decode(self.quantise(z)[2])

    def run(self, x: Tensor) -> Out:
        z = self.encode(x)
        e, index, features = self.quantise(z)
        return Out(z=z, x_hat=super().decode(features), features=features, e=e, index=index)

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        commitment = mean_squared_error(out.e, self.codebook.vectors[out.index])
        return {"autoencoder": mean_squared_error(out.x_hat, x) + 10 * commitment}

    def after_step(self, out: Out) -> None:
        self.codebook.follow(out.e.detach(), out.index)


class LSGANAutoencoder(Autoencoder):
    """A control (lrae.py in the anonymous copy of the ACAI code): its critic sees reconstructions
    and no mixture."""
    method, settings = "lsgan", ("lam",)

    def __init__(self, architecture: Architecture = PAPER, lam: float = 0.5, seed: int = 0):
        super().__init__(architecture, seed)
        self.lam = lam
        self.critic = new_critic(architecture, seed)

    def players(self) -> dict[str, list[nn.Parameter]]:
        return {**super().players(), "critic": list(self.critic.parameters())}

    def run(self, x: Tensor) -> Out:
        out = super().run(x)
        out.d_x = self.critic(self.standardise(x))
        out.d_hat = self.critic(self.standardise(out.x_hat))
        return out

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        return {"autoencoder": mean_squared_error(out.x_hat, x)
                    + ramp * self.lam * out.d_hat.square().mean(),
                "critic": out.d_x.square().mean() + (out.d_hat - 1).square().mean()}


BASES = {kind.method: kind
         for kind in (Autoencoder, Dropout, Denoising, VAE, AAE, VQVAE, LSGANAutoencoder)}


@cache
def _measured(name: str, folder: str | None) -> tuple[float, float]:
    """(mean, standard deviation) of a set that lies in the data folder."""
    return load(name).statistics


def build(method: str, dataset: str | ImageSet = "mnist", code_size: int | None = None,
          recipe: Recipe | str = "paper", seed: int = 0) -> Any:
    """A method with the paper's sizes for a data set.

    method: "baseline", "dropout", "denoising", "vae", "aae", "vqvae", "acai" (on the baseline),
    "acai-vae" (or on any other) or the control "lsgan". dataset: a name, or an `ImageSet`
    (your own or a folder's: MNIST's sizes, CIFAR-10's if in colour, any image size). code_size:
    dimensions of a code (None: the paper's; a multiple of the squared code width). recipe: name or
    `Recipe`; one that standardises loads SVHN, ImageNet or iSUN given by name, to measure its
    pixels; its `methods` hold a method's own settings. seed: of the initial weights.
    Returns a `Model`. Raises ValueError for an unknown name or an impossible size.
    """
    recipe = get_recipe(recipe)
    critic = method == "acai" or method.startswith("acai-")
    base = "baseline" if method == "acai" else method.removeprefix("acai-")
    if base not in BASES or critic and base == "lsgan":
        raise ValueError(f"unknown method {method!r}: choose one of {', '.join(BASES)}, acai, or "
                         "acai- and one of the others")
    given: Any = dataset if isinstance(dataset, ImageSet) else CATALOGUE.get(dataset)
    if given is None:
        raise ValueError(f"unknown data set {dataset!r}: choose one of {', '.join(CATALOGUE)}, or "
                         "pass an ImageSet, as load() makes one of a folder")
    name, colours, dimensions = given.name, given.colours, given.dimensions
    mean, std = ((given.statistics or _measured(name, os.environ.get("ACAI_LITE_DATA")))
                 if recipe.standardise else (0.0, 1.0))
    sizes = CATALOGUE.get(name) or CATALOGUE["mnist" if colours == 1 else "cifar10"]
    width, paper = sizes.width, sizes.code_size
    if (base, name) == ("vqvae", "lines"):
        width, paper = 4, 256  # the paper's, for this one method
    code_size = paper if code_size is None else plain(code_size)
    places = width ** dimensions
    if type(code_size) is not int or code_size < 1 or code_size % places:
        shape = "x".join([str(width)] * dimensions)
        raise ValueError(f"code_size must be a multiple of {places} ({shape} places) for {name}; "
                         f"got {code_size}")
    architecture = Architecture(colours, width, recipe.depth or sizes.depth, code_size // places,
                                mean, std, recipe.gain, dimensions, given.size)
    model = BASES[base](architecture, seed=seed, **_own_settings(BASES[base], recipe))
    return ACAI(model, seed=seed, **_own_settings(ACAI, recipe)) if critic else model


def _own_settings(kind: type, recipe: Recipe) -> dict[str, Any]:
    """What a recipe sets of a method. Raises ValueError for a setting that it has not."""
    found = dict(recipe.methods.get(kind.method, {}))                  # type: ignore[attr-defined]
    known = [name for name in signature(kind).parameters
             if name not in ("architecture", "base", "seed")]
    if unknown := [name for name in found if name not in known]:
        raise ValueError(f"a recipe sets {unknown[0]!r} of {kind.__name__}, which has "
                         f"{', '.join(known) or 'no settings'}")
    return found


def method_name(config: dict[str, Any]) -> str:
    """"vae" for a VAE, "acai" for ACAI on the baseline, "acai-vae" for ACAI on a VAE, from a
    model's `.config`."""
    base = config.get("base", {"method": "baseline"})["method"]
    return config["method"] + ("" if base == "baseline" else f"-{base}")


def from_config(config: dict[str, Any], seed: int = 0) -> Model:
    """Rebuild a model from its `.config` (plain numbers and names, so that a checkpoint never runs
    code)."""
    config = dict(config)
    method = config.pop("method")
    if method == ACAI.method:
        base = from_config(config.pop("base"), seed)
        assert isinstance(base, Autoencoder), "ACAI has an autoencoder below it"
        return ACAI(base, **config, seed=seed)
    if method == "denoising" and "spread" in config:  # its name in the committed checkpoints
        config["noise_std"] = config.pop("spread")
    sizes = {field.name: config.pop(field.name)
             for field in fields(Architecture) if field.name in config}
    return BASES[method](Architecture(**sizes), **config, seed=seed)
