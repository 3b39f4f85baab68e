"""The training step with fewer multiplications: `fit(..., fast=True)`. The same mathematics, losses and gradients, up to
rounding (tests/package/test_fast.py); what is taught, and what runs without the flag, is the plain step. docs/speed.md is
the lesson.

1. `encode_folded`: an encoder begins with a 1x1 convolution without activation, then a 3x3 one: two linear maps are one.
2. `decode_on_the_small_grid`: a 3x3 convolution of an enlarged picture is a 2x2 one of the small picture, four times.
3. `run_joined`: what goes through one network twice goes through it once, as one batch.
4. `joint_gradients`: ACAI sends two gradients back through its critic, one to teach the critic, one to move the autoencoder.
   They differ by one factor for each image, so one way back is enough.
"""
from contextlib import contextmanager
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from .autoencoders import ACAI, Autoencoder, Out, one_each
from .networks import Decoder, Encoder


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


def decode_on_the_small_grid(decoder, z):
    """What `decoder(z)` makes, each pair "enlarge, 3x3 convolution" as one transposed convolution 4x4 of stride 2.

    An enlarged picture has each pixel four times, so three neighbours of a row are two different ones only: 2 x 2 instead
    of 3 x 3 multiplications for each new pixel. Weights that met the same pixel are added up beforehand.
    """
    x, layers = z, iter(decoder)
    for layer in layers:
        if isinstance(layer, nn.Upsample):
            kernel = next(layers)
            turned = kernel.weight.flip(2, 3).transpose(0, 1)                                            # (in,out,3,3)
            rows = F.pad(turned, (0, 0, 0, 1)) + F.pad(turned, (0, 0, 1, 0))                             # w2 w1+w2 w0+w1 w0
            weight = F.pad(rows, (0, 1)) + F.pad(rows, (1, 0))                                           # (in,out,4,4)
            x = F.conv_transpose2d(x, weight, kernel.bias, stride=2, padding=1)
        else:
            x = layer(x)
    return x


@contextmanager
def quick(model, wanted=True):
    """Every encoder, critic and decoder of images in `model` runs the quick way while the block lasts; weights and names
    stay, and networks of signals are left alone."""
    changed = [module for module in model.modules() if isinstance(module, Encoder | Decoder)
               and isinstance(module[0], nn.Conv2d)] if wanted else []
    bends = [layer for module in changed for layer in module if isinstance(layer, nn.LeakyReLU)]
    for module in changed:
        if isinstance(module, Encoder):
            module.encode = partial(encode_folded, module)
        else:
            module.forward = partial(decode_on_the_small_grid, module)
    for layer in bends:
        layer.inplace = True                    # a convolution does not need what it made to find its gradient
    try:
        yield
    finally:
        for module in changed:
            delattr(module, "encode" if isinstance(module, Encoder) else "forward")
        for layer in bends:
            layer.inplace = False


def shares_a_critic(model):
    """Whether `run_joined` and `joint_gradients` serve this model: ACAI itself, on an autoencoder that is one player."""
    return type(model) is ACAI and set(model.base.players()) == {"autoencoder"}


def run_joined(model, x, alpha, **drawn):
    """What `ACAI.run` makes; both inputs of the critic are one batch, on the baseline both of the decoder, too."""
    a = one_each(alpha, x)
    if type(model.base) is Autoencoder:
        z = model.encode(x)
        x_hat, x_alpha = model.decode(torch.cat([z, a * z + (1 - a) * z.flip(0)])).chunk(2)
        out = Out(z=z, x_hat=x_hat, features=z)
    else:
        out = model.base.run(x, **drawn)
        x_alpha = model.decode(a * out.z + (1 - a) * out.z.flip(0))
    out.alpha, out.x_alpha = alpha, x_alpha
    unmixed = model.gamma * x + (1 - model.gamma) * out.x_hat.detach()
    out.d_alpha, out.d_unmixed = model.d(torch.cat([x_alpha, unmixed])).chunk(2)
    return out


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
