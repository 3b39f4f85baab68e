"""The training step with fewer multiplications, on a GPU recorded as a CUDA graph:
`fit(..., fast=True)`.

The same mathematics, losses and gradients as `training.Run`, up to rounding (held to it in float64
by a test); what is taught, and what runs without the flag, is the plain step. docs/speed.md is the
lesson.

1. `encode_folded`: an encoder begins with a 1x1 convolution without activation, then a 3x3 one: two
   linear maps are one.
2. `decode_on_the_small_grid`: a 3x3 convolution of an enlarged image is a 2x2 one of the small
   image, four times.
3. `run_joined`: what goes through one network twice goes through it once, as one batch.
4. `joint_gradients`: ACAI sends two gradients back through its critic, one to train the critic, one
   for the autoencoder. They differ by one factor for each image, so one way back is enough.
5. On a GPU the steps are recorded and played (together.py): it waits for no Python between them.
"""
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import training
from .autoencoders import ACAI, Autoencoder, Model, Out, mix, one_each
from .data import ImageSet
from .networks import Critic, Decoder, Encoder
from .recipes import Recipe
from .together import recordable, train_together
from .training import History, Losses, Run, Session, pick_device, train

PRECISIONS = ("float32", "bf16")


def fit(model: Model, images: ImageSet | Tensor | np.ndarray, samples: int,
        recipe: Recipe | str = "paper", losses: Losses | None = None,
        probe: bool | nn.Module = True, seed: int = 0, device: torch.device | str | None = None,
        resume: str | PathLike | None = None, on_report: Callable[[dict[str, float]], Any]
        | None = None, quiet: bool = False, fast: bool = False,
        precision: str = "float32") -> History:
    session = new_session(model, images, samples, losses, recipe=recipe, probe=probe, seed=seed,
                          device=device, resume=resume, on_report=on_report, quiet=quiet, fast=fast,
                          precision=precision)
    if fast and session.device.type == "cuda" and recordable(model):
        return train_together([session])[0]
    return train(session)


fit.__doc__ = (training.fit.__doc__ or "").replace(
    "run: the class that makes the steps.", "fast: the same step with fewer\n    multiplications, "
    "on a GPU recorded once and played again; equal up to rounding. precision:\n    \"bf16\" "
    "computes the networks of images in bfloat16; parameters, losses and optimisers stay\n    "
    "float32.")


def new_session(model: Model, images: ImageSet | Tensor | np.ndarray, samples: int,
                losses: Losses | None = None, device: torch.device | str | None = None,
                fast: bool = False, precision: str = "float32", **named: Any) -> Session:
    """What `fit` trains, with its arguments and errors; `train_together` trains several."""
    if fast and losses is not None:
        raise ValueError("fast=True knows the model's own losses only: leave out one of "
                         "losses and fast")
    device = pick_device(device)
    check_precision(precision, device)
    run: Any = Run if not fast and precision == "float32" else partial(
        FastRun, shortcuts=fast, precision=precision)
    return Session(model, images, samples, losses=losses, device=device, run=run, **named)


def check_precision(precision: str, device: torch.device | str = "cpu") -> None:
    """Raises ValueError for a precision that there is not, or that this processor or GPU does not
    compute in."""
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}: choose one of {', '.join(PRECISIONS)}")
    if precision == "bf16" and not has_bf16(torch.device(device)):
        raise ValueError(f"this {torch.device(device).type} does not compute in bfloat16 "
                         "(a CPU needs AVX512-BF16 or AMX): leave precision at 'float32'")


def has_bf16(device: torch.device) -> bool:
    """Whether the processor or GPU computes in bfloat16."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


class FastRun(Run):
    """`Run` whose steps take fewer multiplications, and tensors for numbers. shortcuts: False
    leaves the step as it is, for a `precision` alone. compiled: a backend of torch.compile for the
    networks, "inductor"; what it gives has been measured on a CPU only, where it is slower."""

    def __init__(self, model: Model, probe: nn.Module | None, recipe: Recipe,
                 losses: Losses | None = None, shortcuts: bool = True, precision: str = "float32",
                 compiled: str | None = None):
        self.precision = precision
        self.joint: Any = model if shortcuts and shares_a_critic(model) else None  # an ACAI
        self.quick = Quick(model, shortcuts, precision, compiled)
        super().__init__(model, probe, recipe, losses)

    def optimiser(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        on_gpu = parameters[0].device.type == "cuda"
        return torch.optim.Adam(parameters, lr=1.0, fused=True, capturable=on_gpu)

    def update(self, *values: Any, **inputs: Any) -> dict[str, Tensor]:
        with self.quick():
            return super().update(*values, **inputs)

    def forward(self, x: Tensor, drawn: dict[str, Tensor]) -> Out:
        return run_joined(self.joint, x, **drawn) if self.joint else super().forward(x, drawn)

    def gradients(self, x: Tensor, out: Out, ramp: float,
                  values: dict[str, Tensor]) -> dict[str, Any]:
        return (joint_gradients(self.joint, x, out, ramp, self.players, values) if self.joint
                else super().gradients(x, out, ramp, values))

    @torch.no_grad()
    def update_average(self, fresh: Any) -> None:
        weight = [fresh] * len(self.owned) if torch.is_tensor(fresh) else fresh
        torch._foreach_lerp_(self.average, list(self.owned), weight)   # one call for all


# --- the networks ---------------------------------------------------------------------------------

class Quick:
    """`with quick():` every encoder, critic and decoder of images in `model` runs the quick way,
    and in `precision`; weights and names stay, and networks of signals are left alone. shortcuts:
    False leaves out the quick way. compiled: as in `FastRun`."""

    def __init__(self, model: nn.Module, shortcuts: bool = True, precision: str = "float32",
                 compiled: str | None = None):
        self.shortcuts = shortcuts
        self.networks = [module for module in model.modules() if isinstance(
            module, Encoder | Decoder) and isinstance(module[0], nn.Conv2d)]
        self.forwards: list[Callable[[Tensor], Tensor]] = [
            _quick_forward(network) if shortcuts else network.forward for network in self.networks]
        if precision == "bf16":
            self.forwards = [in_bfloat16(forward) for forward in self.forwards]
        if compiled:
            self.forwards = [torch.compile(forward, backend=compiled, dynamic=False)
                             for forward in self.forwards]
        self.activations = [layer for network in self.networks
                            for layer in network if isinstance(layer, nn.LeakyReLU)]

    @contextmanager
    def __call__(self) -> Iterator[None]:
        for network, forward in zip(self.networks, self.forwards, strict=True):
            network.forward = forward  # type: ignore[method-assign]
        for layer in self.activations:
            # a convolution does not need what it gave to find its gradient
            layer.inplace = self.shortcuts
        try:
            yield
        finally:
            for network in self.networks:
                del network.forward
            for layer in self.activations:
                layer.inplace = False


def in_bfloat16(forward: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """`forward` computed in bfloat16 by autocast, from and to float32."""
    def halved(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16):
            return forward(x).float()
    return halved


def _quick_forward(network: Encoder | Decoder) -> Callable[[Tensor], Tensor]:
    if isinstance(network, Decoder):
        return lambda z: decode_on_the_small_grid(network, z)
    if isinstance(network, Critic):
        return lambda x: encode_folded(network, x).mean(dim=(1, 2, 3))
    return lambda x: encode_folded(network, x)


def encode_folded(encoder: Encoder, x: Tensor) -> Tensor:
    """What an encoder makes of x (B,C,S,S), with its first two convolutions as one.

    The 3x3 convolution pads what the 1x1 gave, bias included, with zeros. So the bias is the weight
    of one more input channel, which is 1 in the image and, like every other, 0 around it.
    """
    stem, first, *rest = cast("Iterable[Any]", encoder)
    inside = x.new_ones(()).expand(len(x), 1, *x.shape[2:])
    x = torch.cat([x, inside], 1).contiguous(memory_format=torch.channels_last)        # (B,C+1,S,S)
    fold = torch.cat([stem.weight[:, :, 0, 0], stem.bias[:, None]], 1)                 # (depth,C+1)
    x = F.conv2d(x, torch.einsum("oikl,ic->ockl", first.weight, fold), first.bias, padding=1)
    for layer in rest:
        x = layer(x)
    return x


def decode_on_the_small_grid(decoder: Decoder, z: Tensor) -> Tensor:
    """What a decoder makes of z, each pair "enlarge, 3x3 convolution" as one transposed convolution
    4x4 of stride 2.

    An enlarged image has each pixel four times, so three neighbours of a row are two different ones
    only: 2 x 2 instead of 3 x 3 multiplications for each new pixel. Weights that met the same pixel
    are added up beforehand.
    """
    x, layers = z, iter(cast("Iterable[Any]", decoder))
    for layer in layers:
        if isinstance(layer, nn.Upsample):
            kernel = next(layers)
            # w0 w1 w2, turned and each added to its neighbours: w2 w1+w2 w0+w1 w0
            weight = F.avg_pool2d(kernel.weight.flip(2, 3), 2, 1, padding=1, divisor_override=1)
            x = F.conv_transpose2d(x, weight.transpose(0, 1), kernel.bias, stride=2, padding=1)
        else:
            x = layer(x)
    return x


# --- ACAI's step ----------------------------------------------------------------------------------

def shares_a_critic(model: Model) -> bool:
    """Whether `run_joined` and `joint_gradients` serve this model: ACAI itself, on an autoencoder
    that is one player."""
    return type(model) is ACAI and set(model.base.players()) == {"autoencoder"}


def run_joined(model: ACAI, x: Tensor, alpha: Tensor, **drawn: Tensor) -> Out:
    """What `ACAI.run` makes; both inputs of the critic are one batch, on the baseline both of the
    decoder, too."""
    if type(model.base) is Autoencoder:
        z = model.encode(x)
        x_hat, x_alpha = model.decode(torch.cat([z, mix(z, alpha)])).chunk(2)
        out = Out(z=z, x_hat=x_hat, features=z)
    else:
        out = model.base.run(x, **drawn)
        x_alpha = model.decode(mix(out.z, alpha))
    out.alpha, out.x_alpha = alpha, x_alpha
    unmixed = model.gamma * x + (1 - model.gamma) * out.x_hat.detach()
    out.d_alpha, out.d_unmixed = model.d(torch.cat([x_alpha, unmixed])).chunk(2)
    return out


def joint_gradients(model: ACAI, x: Tensor, out: Out, ramp: float,
                    players: dict[str, list[nn.Parameter]],
                    values: dict[str, Tensor]) -> dict[str, list[Tensor]]:
    """{player: gradients} of one ACAI step, the critic's graph walked once; `players` may have a
    "probe", with its loss in `values`.

    It has the derivatives of `ACAI.losses` written out: change both together (a test holds them
    equal). Of d(x_alpha), of shape (B,), the critic's loss has the derivative 2 (d - alpha) / B and
    the autoencoder's 2 ramp lam loss_scale d / B. What arrives at x_alpha is linear in these, so
    the critic's is sent back and then multiplied, for each image, by the ratio of the two.
    (Where d = alpha exactly, next to nothing is sent instead.)
    """
    gap = out.d_alpha.detach() - out.alpha                             # (B,)
    gap = torch.where(gap == 0, torch.finfo(gap.dtype).tiny ** 0.5, gap)
    ratio = ramp * model.lam * model.loss_scale * out.d_alpha.detach() / gap
    hook = out.x_alpha.register_hook(lambda gradient: gradient * one_each(ratio, gradient))
    own = model.base.losses(x, out, ramp)["autoencoder"]
    ends = [own, out.d_alpha, out.d_unmixed] + [values[name] for name in players if name == "probe"]
    starts = [torch.ones_like(own), gap * (2 / len(x)), out.d_unmixed.detach() * (2 / len(x))]
    starts += [torch.ones_like(end) for end in ends[3:]]
    owned = [parameter for parameters in players.values() for parameter in parameters]
    gradients = iter(torch.autograd.grad(ends, owned, starts))
    hook.remove()
    return {name: [next(gradients) for _ in parameters] for name, parameters in players.items()}
