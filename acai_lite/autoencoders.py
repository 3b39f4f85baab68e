"""The contract of a method, the baseline, and ACAI: the critic that any autoencoder can be given.
The other methods: zoo.py.

B batch, C colours, S image size, c code channels, w code width: a code is (B,c,w,w), a signal's
(B,c,w). What each method's `encode` returns and its classifier is shown differs, as in the authors'
code: a VAE's classifier sees the features before the mean, a VQ-VAE's those behind the codebook.
"""
import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from .files.validation import plain
from .networks import PAPER, Architecture, Critic, Decoder, Encoder, initialise


class Out(SimpleNamespace):
    """What one forward pass gave: z (B,c,w,w), the codes that ACAI mixes; x_hat (B,C,S,S), the
    reconstructions; features, which the classifier beside the training sees; and a method's own."""


class Model(nn.Module):
    """What `fit` asks of a method. A model without codes (a GAN) has code_shape ().

    `draw` makes all randomness of one step, by name, and nothing else does; `run` is the one
    forward pass that all players share; `losses` is pure: no state, no randomness. Each player
    lowers its own loss only, by changing its own parameters.
    """
    method = ""
    loss_scale = 1.0         # how much larger the loss is than a mean over pixels
    receipt: dict[str, Any]  # of a checkpoint that was loaded
    settings: tuple[str, ...] = ()      # attributes that `config` tells, as they are at that time
    image_shape: Any         # (C,S,S), or (C,S) for signals
    code_shape: Any = ()     # (c,w,w), or (c,w)
    run: Callable[..., Out]  # run(x, **drawn)

    @property
    def code_size(self) -> int:
        """Dimensions of a code."""
        return math.prod(self.code_shape)

    @property
    def config(self) -> dict[str, Any]:
        """Numbers and names from which `zoo.from_config` builds the model again, settings as they
        are now."""
        return {"method": self.method} | {name: plain(getattr(self, name))
                                          for name in self.settings}

    def players(self) -> dict[str, list[nn.Parameter]]:
        """{player: the parameters that it owns}."""
        raise NotImplementedError

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """{name: tensor}, what `run` is given beside x; generator: on the CPU."""
        return {}

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> Mapping[str, Tensor]:
        """{player: scalar}; ramp >= 0 multiplies what an adversary adds to the autoencoder's loss
        (`Recipe.critic_weight`)."""
        raise NotImplementedError

    def after_step(self, out: Out) -> None:
        """Updates that are not gradients."""

    def encode(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """(B,C,S,S) images in [-1, 1] -> (B,c,w,w) codes; `noise` (B,c,w,w) is for a VAE, which
        then samples. Raises ValueError or TypeError for another shape or dtype."""
        raise NotImplementedError(f"{type(self).__name__} has no encoder: it cannot encode images")

    def decode(self, z: Tensor) -> Tensor:
        """(B,c,w,w) codes -> (B,C,S,S) images, unclipped. Raises ValueError or TypeError for
        another shape or dtype."""
        raise NotImplementedError(f"{type(self).__name__} has no codes to decode")

    def features(self, x: Tensor) -> Tensor:
        """(B,C,S,S) -> what the paper's linear classifier is trained on, here the code."""
        return self.encode(x)

    def forward(self, x: Tensor) -> Tensor:
        """Reconstructions have the images' shape: decode(encode(x))."""
        return self.decode(self.encode(x))


class Autoencoder(Model):
    """The baseline: mean squared error between an image and its reconstruction; also the base class
    of the zoo.

    The loss is the mean over batch, pixels and colours of the raw images, whatever mean and std of
    the architecture are (paper, section 2). seed: of the initial weights.
    """
    method = "baseline"

    def __init__(self, architecture: Architecture = PAPER, seed: int = 0):
        super().__init__()
        self.architecture = architecture
        self.image_shape, self.code_shape = architecture.image_shape, architecture.code_shape
        self.encoder = initialise(Encoder(architecture), seeded(seed, 1), architecture.gain)
        self.decoder = initialise(Decoder(architecture), seeded(seed, 2), architecture.gain)

    @property
    def config(self) -> dict[str, Any]:
        return super().config | self.architecture.settings()

    def standardise(self, x: Tensor) -> Tensor:
        mean, std = self.architecture.mean, self.architecture.std
        return x if (mean, std) == (0, 1) else (x - mean) / std

    def encode(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        check_batch(x, self.image_shape, "images", self)
        return self.encoder(self.standardise(x))

    def decode(self, z: Tensor) -> Tensor:
        check_batch(z, self.code_shape, "codes", self)
        mean, std = self.architecture.mean, self.architecture.std
        x = self.decoder(z)
        return x if (mean, std) == (0, 1) else x * std + mean

    def players(self) -> dict[str, list[nn.Parameter]]:
        return {"autoencoder": [*self.encoder.parameters(), *self.decoder.parameters()]}

    def run(self, x: Tensor) -> Out:
        z = self.encode(x)
        return Out(z=z, x_hat=self.decode(z), features=z)

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        return {"autoencoder": mean_squared_error(out.x_hat, x)}


class ACAI(Model):
    """Any autoencoder, with a critic that guesses how far each decoded mix of two codes is mixed
    (ACAI paper, section 3).

    base: the autoencoder to constrain; it is trained in place. lam: weight of fooling the critic
    (lambda, paper 0.5). gamma: share of the real image in the critic's second term (paper 0.2). The
    critic is built like base's encoder. While it trains, lam is multiplied by `ramp`, and by
    base.loss_scale, as the loss of a VAE is a sum over pixels.
        L_autoencoder = L_base + lam * mean[d(x_alpha)^2],
            x_alpha = decode(alpha * z + (1 - alpha) * z reversed)
        L_critic      = mean[(d(x_alpha) - alpha)^2] + mean[d(gamma * x + (1 - gamma) * x_hat)^2]
    Raises TypeError for a base that has a critic already, ValueError for lam < 0 or gamma outside
    [0, 1].
    """
    method, settings = "acai", ("lam", "gamma")

    def __init__(self, base: Autoencoder, lam: float = 0.5, gamma: float = 0.2, seed: int = 0):
        super().__init__()
        if "critic" in base.players():
            raise TypeError("base has a critic already: to give the autoencoder of an ACAI a new "
                            "one, pass base.base")
        if lam < 0 or not 0 <= gamma <= 1:
            raise ValueError(f"lam must be >= 0 and gamma in [0, 1]; got lam={lam}, gamma={gamma}")
        self.base, self.lam, self.gamma = base, lam, gamma
        self.loss_scale = base.loss_scale
        self.image_shape, self.code_shape = base.image_shape, base.code_shape
        self.critic = new_critic(base.architecture, seed)

    @property
    def config(self) -> dict[str, Any]:
        return super().config | {"base": self.base.config}

    def encode(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        return self.base.encode(x, noise)

    def decode(self, z: Tensor) -> Tensor:
        return self.base.decode(z)

    def features(self, x: Tensor) -> Tensor:
        return self.base.features(x)

    def d(self, x: Tensor) -> Tensor:
        """(B,C,S,S) images -> (B,): the critic's guess of alpha, unbounded; 0 means "not mixed"."""
        return self.critic(self.base.standardise(x))

    def players(self) -> dict[str, list[nn.Parameter]]:
        return {**self.base.players(), "critic": list(self.critic.parameters())}

    def draw(self, x: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        drawn = self.base.draw(x, generator)
        u = torch.rand(len(x), generator=generator, dtype=torch.float64)
        # folded: uniform in [0, 1/2]
        return {**drawn, "alpha": (0.5 - (u - 0.5).abs()).to(x.dtype).to(x.device)}

    def run(self, x: Tensor, alpha: Tensor, **drawn: Tensor) -> Out:
        out = self.base.run(x, **drawn)
        out.alpha = alpha                                              # (B,)
        out.x_alpha = self.decode(mix(out.z, alpha))
        out.d_alpha = self.d(out.x_alpha)                              # (B,)
        # detached, as this term is the critic's alone, however the gradients are taken
        out.d_unmixed = self.d(self.gamma * x + (1 - self.gamma) * out.x_hat.detach())
        return out

    def losses(self, x: Tensor, out: Out, ramp: float = 1.0) -> dict[str, Tensor]:
        losses = self.base.losses(x, out, ramp)
        fooling = out.d_alpha.square().mean()
        losses["autoencoder"] = losses["autoencoder"] + ramp * self.lam * self.loss_scale * fooling
        losses["critic"] = (out.d_alpha - out.alpha).square().mean() + out.d_unmixed.square().mean()
        return losses

    def after_step(self, out: Out) -> None:
        self.base.after_step(out)


def mean_squared_error(a: Tensor, b: Tensor) -> Tensor:
    """Mean over batch, pixels and colours: the scale that lambda = 0.5 belongs to."""
    return (a - b).square().mean()


def mix(z: Tensor, alpha: Tensor) -> Tensor:
    """z (B,...), alpha (B,) -> (B,...): each code mixed with its partner, the batch in reverse
    order (in a batch of odd size the middle one has none)."""
    a = one_each(alpha, z)
    return a * z + (1 - a) * z.flip(0)


def one_each(weights: Tensor, tensor: Tensor) -> Tensor:
    """(B,) -> (B,1,1,1), or with as many 1s as `tensor` (B,...) needs: one weight for each of its B
    parts."""
    return weights.view(-1, *[1] * (tensor.ndim - 1))


def new_critic(architecture: Architecture, seed: int) -> nn.Module:
    """A critic built like the encoder of an autoencoder with that architecture."""
    return initialise(Critic(architecture), seeded(seed, 3), architecture.gain)


def seeded(seed: int, stream: int) -> torch.Generator:
    """A generator of its own for every network: a critic more or less changes no other initial
    weight."""
    return torch.Generator().manual_seed(1000 * seed + stream)


def check_batch(tensor: Tensor, shape: tuple[int, ...], what: str, model: nn.Module) -> None:
    """Raises ValueError or TypeError unless `tensor` is a batch of that shape in the model's
    dtype."""
    dtype = next(model.parameters()).dtype
    if tuple(tensor.shape[1:]) != tuple(shape):
        raise ValueError(
            f"{what} must have shape (B, {', '.join(map(str, shape))}); got {tuple(tensor.shape)}")
    if tensor.dtype != dtype:
        raise TypeError(f"{what} must be {dtype}, the model's dtype; got {tensor.dtype}")
