"""The training step with fewer multiplications: `fit(..., fast=True)`. The same mathematics, losses and gradients, up to
rounding (tests/test_fast.py, float64); what is taught, and what runs without the flag, is the plain step.

1. `folded`: an encoder begins with a 1x1 convolution without activation, then a 3x3 one: two linear maps in a row are one.
   docs/speed.md says what happens at the border.
2. `joint_gradients`: ACAI sends two gradients back through its critic, one to teach the critic, one to move the autoencoder.
   They differ by one factor for each image, so one way back is enough.
"""
from contextlib import contextmanager
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from .autoencoders import ACAI, one_each
from .networks import Encoder


def encode_folded(encoder, x):
    """What `encoder(x)` makes, with its first two convolutions as one; x (B,C,32,32).

    The 3x3 convolution pads what the 1x1 made, bias included, with zeros. So the bias is the weight of one more input
    channel, which is 1 in the picture and, like every other, 0 around it.
    """
    stem, first, *rest = encoder
    inside = x.new_ones(()).expand(len(x), 1, *x.shape[2:])
    x = torch.cat([x, inside], 1).contiguous(memory_format=torch.channels_last)                          # (B,C+1,32,32)
    mix = torch.cat([stem.weight[:, :, 0, 0], stem.bias[:, None]], 1)                                    # (depth,C+1)
    x = F.conv2d(x, torch.einsum("oikl,ic->ockl", first.weight, mix), first.bias, padding=1)
    for layer in rest:
        x = layer(x)
    return x


@contextmanager
def folded(model, wanted=True):
    """Every encoder and critic of `model` of images runs folded while the block lasts; weights, names and results stay."""
    encoders = [module for module in model.modules() if isinstance(module, Encoder)
                and isinstance(module[0], nn.Conv2d)] if wanted else []
    for encoder in encoders:
        encoder.encode = partial(encode_folded, encoder)
    try:
        yield
    finally:
        for encoder in encoders:
            del encoder.encode


def shares_a_critic(model):
    """Whether `joint_gradients` serves this model: ACAI itself, on an autoencoder that is one player."""
    return type(model) is ACAI and set(model.base.players()) == {"autoencoder"}


def joint_gradients(model, x, out, ramp, players, values):
    """{player: gradients} of one ACAI step, the critic's graph walked once; `players` may have a "probe", with its loss in
    `values`.

    Going back from d(x_alpha), of shape (B,), image by image, the critic's loss starts with 2 (d - alpha) / B and the
    autoencoder's with 2 ramp lam d / B. What arrives at x_alpha is linear in the start, so the critic's is sent and then
    multiplied, for each image, by the ratio of the two. (Where d = alpha exactly it starts with next to nothing instead.)
    """
    gap = out.d_alpha.detach() - out.alpha                             # (B,)
    gap = torch.where(gap == 0, torch.finfo(gap.dtype).tiny ** 0.5, gap)
    ratio = ramp * model.lam * model.loss_scale * out.d_alpha.detach() / gap
    hook = out.x_alpha.register_hook(lambda gradient: gradient * one_each(ratio, gradient))
    drawing = model.base.losses(x, out, ramp)["autoencoder"]
    ends = [drawing, out.d_alpha, out.d_unmixed] + [values[name] for name in players if name == "probe"]
    starts = [torch.ones_like(drawing), gap * (2 / len(x)), out.d_unmixed.detach() * (2 / len(x))]
    starts += [torch.ones_like(end) for end in ends[3:]]
    owned = [parameter for parameters in players.values() for parameter in parameters]
    gradients = iter(torch.autograd.grad(ends, owned, starts))
    hook.remove()
    return {name: [next(gradients) for _ in parameters] for name, parameters in players.items()}
