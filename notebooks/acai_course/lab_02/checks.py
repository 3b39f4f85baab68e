"""Lab 02: what each check looks for."""
import torch
from torch import nn

from acai_lite.autoencoders import Autoencoder
from acai_lite.drawing import draw_lines
from acai_lite.networks import Architecture

from ..checks import Exercise, Off, Spy, images_like, noise, pair
from .answers import dimension, make_networks, mix_codes, straighten, train_step


@torch.no_grad()
def _try_network(network, shape, wanted, what):
    """Shape, bends between the layers, and no activation at the end: a last layer times -2 gives
    the output times -2."""
    x = noise(3, *shape)
    y = network(x)
    images_like(y, (3, *wanted), f"the {what}")
    linear = network(x + 1) - network(x) - network(0 * x + 1) + network(0 * x)
    if float(linear.abs().max()) < 1e-5:
        raise Off(f"there is no bend between the {what}'s convolutions: without LeakyReLU they are "
                  "one linear map.")
    last = [layer for layer in network.modules() if layer._parameters.get("weight") is not None][-1]
    for parameter in last.parameters():
        parameter.mul_(-2)
    if not torch.allclose(network(x), -2 * y, atol=1e-4):
        name = ("code is never clearly negative" if what == "encoder"
                else "image cannot take every value")
        raise Off(f"your {name}: the last layer of the {what} has an activation. End with a layer "
                  "that is linear.")


def _try_networks(yours):
    torch.manual_seed(0)
    pair = yours()
    if (not isinstance(pair, tuple | list) or len(pair) != 2
            or not all(isinstance(n, nn.Module) for n in pair)):
        raise Off("return two networks: `return encoder, decoder`.")
    encoder, decoder = pair
    try:
        _try_network(encoder, (1, 32, 32), (16, 2, 2), "encoder")
        _try_network(decoder, (16, 2, 2), (1, 32, 32), "decoder")
    except RuntimeError as error:
        raise Off(f"the shapes do not fit together ({str(error).splitlines()[0]}): follow them "
                  "layer by layer, on paper.") from None


def _try_train_step(yours):
    x = draw_lines(torch.arange(6.0))
    model = Autoencoder(Architecture(width=8, depth=4, gain=1.5))
    spy = Spy(model.parameters(), lr=0.01)
    for turn in range(2):
        wanted = (model.decode(model.encode(x)) - x).square().mean()
        gradient = torch.autograd.grad(wanted, list(model.parameters()))
        result = yours(model, spy, x)
        if len(spy.seen) != turn + 1:
            raise Off("the weights did not move: the step of the given optimiser is missing."
                      if len(spy.seen) <= turn
                      else "the optimiser stepped more than once in one training step.")
        if len({g is None for g in spy.seen[-1]}) == 2:
            raise Off("a part of the model got no gradient: both encoder and decoder have to learn "
                      "(is one of them under no_grad, or cut off by detach?).")
        if any(g is None for g in spy.seen[-1]):
            raise Off("the optimiser stepped without gradients: call backward on the loss of the "
                      "given model, and clear old gradients before that, not after it.")
        ratio = float(sum((a * b).sum() for a, b in zip(spy.seen[-1], gradient, strict=True))
                      / sum(b.square().sum() for b in gradient))
        if turn == 0 and abs(ratio) < 1e-6:
            raise Off("the gradient was empty when the optimiser stepped: clear the old one before "
                      "backward, not after it.")
        if turn == 1 and ratio > 1.3:
            raise Off("two equal steps gave a doubled gradient: the old one is still there.")
        if ratio > 50:
            raise Off(f"your gradient is {ratio:.0f} times too large: take the mean over all "
                      "pixels, not the sum.")
        if ratio < 0:
            raise Off("your gradient points the wrong way: that step makes the "
                      "reconstruction worse.")
        if abs(ratio - 1) > 0.02:
            raise Off(
                "the gradient is not that of the mean squared error: compare decode(encode(x)) "
                "with x itself. What else is in your loss, or missing from it?")
        if torch.is_tensor(result) and result.requires_grad:
            raise Off("return the loss as a plain number: the tensor keeps all that it was "
                      "computed from in memory.")
        if result is None or abs(float(result) - wanted.item()) > 1e-4:
            raise Off("return the loss that the step started from: the loop below prints it.")


def _try_mix_codes(yours):
    model = Autoencoder(Architecture(width=8, depth=4, gain=2.0), seed=1)
    x0, x1 = draw_lines([0.4, 2.0])
    with torch.no_grad():
        frames = yours(model, x0, x1, 5)
        if torch.is_tensor(frames) and frames.shape[1:] == model.code_shape:
            raise Off("you returned the mixed codes: a code is no picture yet.")
        images_like(frames, (5, 1, 32, 32),
                    "your function (on a smaller model, with codes of its own shape)")
        ends = model.decode(model.encode(torch.stack([x0, x1])))
        t = torch.linspace(0, 1, 5).view(-1, 1, 1, 1)
        pixels = model.decode(model.encode((1 - t) * x0 + t * x1))
    if torch.allclose(frames, (1 - t) * x0 + t * x1, atol=1e-4):
        raise Off("that is a pixel blend of the two images: no code was mixed.")
    if torch.allclose(frames[0], x0, atol=1e-4) or torch.allclose(frames[-1], x1, atol=1e-4):
        raise Off("frame 0 must equal decode(encode(a)); yours equals a itself. Pasted ends hide "
                  "what the model can do.")
    if (torch.allclose(frames[0], ends[1], atol=1e-4)
            and torch.allclose(frames[-1], ends[0], atol=1e-4)):
        raise Off("the path runs backwards: t = 0 belongs to the first image.")
    if torch.allclose(frames, pixels, atol=1e-4):
        raise Off("you mixed the pixels and then encoded the mixture: encode first, mix the codes.")
    if torch.allclose(frames, (1 - t) * ends[0] + t * ends[1], atol=1e-4):
        raise Off("you mixed the two reconstructions: that is a pixel blend. Mix the "
                  "codes, then decode.")
    if not torch.allclose(frames, mix_codes(model, x0, x1, 5), atol=1e-4):
        raise Off("the ends are right, the frames between them are not: do your codes go evenly, "
                  "by a quarter of the way in each of 4 steps?")


def _try_straighten(yours):
    _, decoder = make_networks()
    with torch.no_grad():
        before = decoder(noise(2, 16, 2, 2))
        straight = yours(decoder)
        if not isinstance(straight, nn.Module):
            raise Off("return a network: what makes one of a list of layers?")
        z0, z1 = noise(1, 16, 2, 2), noise(1, 16, 2, 2, seed=1)
        images_like(straight(z0), (1, 1, 32, 32), "the straightened decoder")
        if not torch.equal(before, decoder(noise(2, 16, 2, 2))):
            raise Off("the given decoder itself has changed: build a new one from its layers.")
        mixed = straight(0.3 * z0 + 0.7 * z1)
        gap = (mixed - 0.3 * straight(z0) - 0.7 * straight(z1)).abs().max() / mixed.abs().max()
    if float(gap) > 1e-5:
        raise Off(f"mixing before and after your decoder differs by {float(gap):.0e} of the "
                  "picture: there is a bend left.")
    # copies of them are welcome
    own, kept = list(decoder.parameters()), list(straight.parameters())
    if len(own) != len(kept) or not all(a.shape == b.shape and torch.equal(a, b)
                                        for a, b in zip(own, kept, strict=True)):
        raise Off("keep the decoder's own convolutions, all of them: only the bends go.")


def _two_numbers(result):
    words = "return two numbers: the effective dimension and the share of the first two components."
    try:
        return tuple(float(value) for value in pair(result, words))
    except (TypeError, ValueError, RuntimeError):
        raise Off(words) from None


def _try_dimension(yours):
    angle = torch.arange(360, dtype=torch.float64) * (torch.pi / 180)
    circle = torch.stack([angle.cos(), angle.sin(), 0 * angle, 0 * angle], 1)
    found, share = _two_numbers(yours(circle.clone()))
    if abs(found - 2) > 1e-3 and abs(share - 2) < 1e-3:
        raise Off("the order is the other way round: first the effective dimension, then the "
                  "share.")
    if abs(found - 0.5) < 1e-3:
        raise Off("a plane circle has dimension 2; yours says ½, which is the sum of the squared "
                  "shares. What is one over it?")
    if abs(found - 2) > 1e-3:
        raise Off(f"a plane circle has dimension 2, as two components share its variance evenly; "
                  f"yours says {found:.2f}.")
    if abs(share - 0.5) < 1e-3:
        raise Off("on a circle the first two components have all of the variance; yours counts "
                  "one of them.")
    if abs(share - 1) > 1e-3:
        raise Off(f"on a circle the first two components have all of the variance, 1; yours says "
                  f"{share:.2f}. Shares are parts of the whole sum.")
    ellipse = circle * torch.tensor([3.0, 1.0, 1.0, 1.0])              # variances 9 : 1
    found, _ = _two_numbers(yours(ellipse))
    if abs(found - 1.6) < 1e-3:
        raise Off("on an ellipse of axes 3 and 1 the variances are 9 and 1; yours takes the "
                  "lengths, 3 and 1. Variance is a square.")
    if abs(found - 1 / (0.9 ** 2 + 0.1 ** 2)) > 1e-3:
        raise Off(f"an ellipse of axes 3 and 1 has variances 9 : 1, so shares 0.9 and 0.1 and the "
                  f"dimension 1 / (0.81 + 0.01) = 1.22; yours says {found:.2f}.")
    found, _ = _two_numbers(yours(circle + 5))
    if abs(found - 2) > 1e-3:
        raise Off("the same circle moved elsewhere has another dimension in yours: subtract the "
                  "mean of the codes first.")
    cross = torch.cat([torch.eye(4), -torch.eye(4)]).double() * torch.tensor([2.0, 2, 2, 1])
    found, share = _two_numbers(yours(cross))
    if abs(found - 169 / 49) > 1e-3 or abs(share - 8 / 13) > 1e-3:
        raise Off(f"codes with variances 4 : 4 : 4 : 1 have dimension 3.45 and a share of 0.62 in "
                  f"the first two components; yours says {found:.2f} and {share:.2f}.")


EXERCISES = {
    "02-1": Exercise("encoder and decoder", make_networks, _try_networks,
                     "send torch.zeros(1, 1, 32, 32) through layer by layer, in a loop that prints "
                     "the type and the shape after each."),
    "02-2": Exercise("one training step", train_step, _try_train_step,
                     "print the first weight of the model and its .grad before and after each of "
                     "your lines: which line changes which?"),
    "02-3": Exercise("mix codes", mix_codes, _try_mix_codes,
                     "print the shape after every line, then show your first frame beside x0 and "
                     "beside the model's own drawing of x0."),
    "02-4": Exercise("a straight decoder", straighten, _try_straighten, "print the decoder: which "
                     "of its layers does something else to twice the input than twice the output?"),
    "02-5": Exercise("dimension of a code", dimension, _try_dimension, "make four codes at the "
                     "corners of a square, and work out both numbers by hand: variances, shares, "
                     "squares."),
}
