"""The autoencoder, and the critic that any autoencoder can be given (ACAI); the other methods are in zoo.py.

The one contract (B batch, C colours, c code channels, w code width; a code is (B,c,w,w), a signal's (B,c,w)):
    players()            {player: [parameters]}          who owns what; each player lowers its own loss only
    draw(x, generator)   {name: tensor}                  all randomness of one step, drawn here and nowhere else
    run(x, **drawn)      Out                             one forward pass, shared by all players
    losses(x, out, ramp) {player: scalar}                pure: no state, no randomness; ramp in [0, 1] fades the critic in
    after_step(out)                                      updates that are not gradients
    encode(x), decode(z)                                 deterministic; the VAE samples if it is given noise
    features(x)                                          what the paper's linear classifier reads
What each method's `encode` returns and its classifier reads differs, as in the authors' code: a VAE's classifier sees the
features before the mean, a VQ-VAE's those behind the codebook.
"""
import math
from types import SimpleNamespace

import torch
from torch import nn

from .networks import Critic, Decoder, Encoder, initialise


class Out(SimpleNamespace):
    """What one forward pass made: z (B,c,w,w), x_hat (B,C,32,32), features (what the probe reads), and a method's own."""


class Autoencoder(nn.Module):
    """The baseline: mean squared error between an image and its reconstruction; also the base class of the others.

    colours C, width w (32 / w is a power of two), depth, code_channels c: papers' table of sizes. mean, std: the image is
    standardised on its way in and back on its way out (0 and 1: the paper). gain: papers' initial std times this.
    The loss is the mean over batch, pixels and colours of the raw images whatever mean and std are (paper, section 2).
    dimensions: 2 for images, 1 for signals (B,C,32), whose codes are (B,c,w).
    """
    method = "baseline"
    loss_scale = 1.0                            # how much larger the loss is than a pixel mean

    def __init__(self, colours=1, width=4, depth=16, code_channels=2, mean=0.0, std=1.0, gain=1.0, seed=0, dimensions=2):
        super().__init__()
        scales = (32 // max(width, 1)).bit_length() - 1
        if dimensions not in (1, 2):
            raise ValueError(f"dimensions must be 2 (images) or 1 (signals); got {dimensions}")
        if width < 1 or width * 2 ** scales != 32:
            raise ValueError(f"the code's width must be 1, 2, 4, 8, 16 or 32; got {width}")
        self.config = dict(method=self.method, colours=colours, width=width, depth=depth, code_channels=code_channels,
                           mean=mean, std=std, gain=gain)
        self.config |= {"dimensions": 1} if dimensions == 1 else {}    # an image's config stays as it always was
        self.encoder = initialise(Encoder(scales, depth, code_channels, colours, dimensions), seeded(seed, 1), gain)
        self.decoder = initialise(Decoder(scales, depth, code_channels, colours, dimensions), seeded(seed, 2), gain)

    @property
    def image_shape(self):
        return self.config["colours"], *[32] * self.config.get("dimensions", 2)

    @property
    def code_shape(self):
        return self.config["code_channels"], *[self.config["width"]] * self.config.get("dimensions", 2)

    @property
    def code_size(self):
        return math.prod(self.code_shape)

    def encode(self, x, noise=None):
        """(B,C,32,32) images in [-1, 1] -> (B,c,w,w) codes; `noise` (B,c,w,w) is for a VAE, which then samples.
        Raises ValueError or TypeError for another shape or dtype."""
        check(x, self.image_shape, "images", self)
        return self.encoder((x - self.config["mean"]) / self.config["std"])

    def decode(self, z):
        """(B,c,w,w) codes -> (B,C,32,32) images, unclipped. Raises ValueError or TypeError for another shape or dtype."""
        check(z, self.code_shape, "codes", self)
        return self.decoder(z) * self.config["std"] + self.config["mean"]

    def forward(self, x):
        """Images and their reconstructions have one shape: decode(encode(x))."""
        return self.decode(self.encode(x))

    def features(self, x):
        """(B,C,32,32) -> what the paper's linear classifier reads, here the code."""
        return self.encode(x)

    def players(self):
        return {"autoencoder": [*self.encoder.parameters(), *self.decoder.parameters()]}

    def draw(self, x, generator):
        return {}

    def run(self, x):
        z = self.encode(x)
        return Out(z=z, x_hat=self.decode(z), features=z)

    def losses(self, x, out, ramp=1.0):
        return {"autoencoder": mean_squared_error(out.x_hat, x)}

    def after_step(self, out):
        pass


class ACAI(Autoencoder):
    """Any autoencoder, with a critic that guesses how far each decoded mix of two codes is mixed (ACAI paper, section 3).

    base: the autoencoder to constrain; it is trained in place. lam: weight of fooling the critic (lambda, paper 0.5).
    gamma: share of the real image in the critic's second term (paper 0.2). The critic is built like base's encoder.
        L_autoencoder = L_base + lam * mean[d(x_alpha)^2],      x_alpha = decode(alpha * z + (1 - alpha) * z reversed)
        L_critic      = mean[(d(x_alpha) - alpha)^2] + mean[d(gamma * x + (1 - gamma) * x_hat)^2]
    """

    def __init__(self, base, lam=0.5, gamma=0.2, seed=0):
        nn.Module.__init__(self)
        if "critic" in base.players():
            raise TypeError("base has a critic already: to give the autoencoder of an ACAI a new one, pass base.base")
        if lam < 0 or not 0 <= gamma <= 1:
            raise ValueError(f"lam must be >= 0 and gamma in [0, 1]; got lam={lam}, gamma={gamma}")
        self.base, self.lam, self.gamma = base, lam, gamma
        self.loss_scale = base.loss_scale
        self.config = dict(method="acai", base=base.config, lam=lam, gamma=gamma)
        self.critic = new_critic(base.config, seed)

    image_shape = property(lambda self: self.base.image_shape)
    code_shape = property(lambda self: self.base.code_shape)

    def encode(self, x, noise=None):
        return self.base.encode(x, noise)

    def features(self, x):
        return self.base.features(x)

    def decode(self, z):
        return self.base.decode(z)

    def d(self, x):
        """(B,C,32,32) images -> (B,): the critic's guess of alpha in [0, 1/2]; 0 means "not mixed"."""
        return self.critic((x - self.base.config["mean"]) / self.base.config["std"])

    def players(self):
        return {**self.base.players(), "critic": list(self.critic.parameters())}

    def draw(self, x, generator):
        drawn = self.base.draw(x, generator)
        u = torch.rand(len(x), generator=generator, dtype=torch.float64)
        return {**drawn, "alpha": (0.5 - (u - 0.5).abs()).to(x)}       # folded: uniform in [0, 1/2], one per image

    def run(self, x, alpha, **drawn):
        out = self.base.run(x, **drawn)
        a = one_each(alpha, out.z)                                     # (B,1,1,1): one weight for a whole code
        out.alpha = alpha
        out.x_alpha = self.decode(a * out.z + (1 - a) * out.z.flip(0))  # partners: the batch reversed
        out.d_alpha = self.d(out.x_alpha)                              # (B,)
        out.d_unmixed = self.d(self.gamma * x + (1 - self.gamma) * out.x_hat.detach())
        return out

    def losses(self, x, out, ramp=1.0):
        losses = self.base.losses(x, out, ramp)
        fooled = out.d_alpha.square().mean()
        losses["autoencoder"] = losses["autoencoder"] + ramp * self.lam * self.loss_scale * fooled
        losses["critic"] = (out.d_alpha - out.alpha).square().mean() + out.d_unmixed.square().mean()
        return losses

    def after_step(self, out):
        self.base.after_step(out)


def mean_squared_error(a, b):
    """Mean over batch, pixels and colours: the scale that lambda = 0.5 belongs to."""
    return (a - b).square().mean()


def one_each(weights, tensor):
    """(B,) -> (B,1,1,1), or with as many 1s as `tensor` (B,...) needs: one weight for each of its B parts."""
    return weights.view(-1, *[1] * (tensor.ndim - 1))


def new_critic(size, seed):
    """A critic built like the encoder of a model with that config."""
    critic = Critic((32 // size["width"]).bit_length() - 1, size["depth"], size["code_channels"], size["colours"],
                    size.get("dimensions", 2))
    return initialise(critic, seeded(seed, 3), size["gain"])


def seeded(seed, stream):
    """A generator of its own for every network: a critic more or less changes no other start value."""
    return torch.Generator().manual_seed(1000 * seed + stream)


def check(tensor, shape, what, model):
    dtype = next(model.parameters()).dtype
    if tuple(tensor.shape[1:]) != tuple(shape):
        raise ValueError(f"{what} must have shape (B, {', '.join(map(str, shape))}); got {tuple(tensor.shape)}")
    if tensor.dtype != dtype:
        raise TypeError(f"{what} must be {dtype}, the model's dtype; got {tensor.dtype}")
