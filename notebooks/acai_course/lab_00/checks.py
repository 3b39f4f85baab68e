"""Lab 00: what each check looks for."""
import torch
from torch import nn

from acai_lite.drawing import draw_lines

from ..checks import Exercise, Off, images_like, pair
from .answers import conv_facts, middle, own_gradients, weigh


def _try_middle(yours):
    x0, x1 = draw_lines([0.3, 2.0])
    given = x0.clone()
    same = yours(given, given)
    if not torch.equal(given, x0):
        raise Off("you changed the image that you were given (x0 += … does). Make a new one.")
    images_like(same, (1, 32, 32))
    if not torch.allclose(same, x0, atol=1e-5):
        raise Off("the middle between an image and itself must be that image; with yours it is "
                  "another one. Follow one pixel by hand, say 0.5 and 0.5: what is "
                  "divided by what?")
    if not torch.allclose(yours(x0, x1), (x0 + x1) / 2, atol=1e-5):
        raise Off("take one place, 0.5 in one image and -0.5 in the other: what belongs half-way "
                  "between the two, and what does yours put there?")


def _try_conv_facts(yours):
    for numbers in [(32, 16, 32, 3, 1), (32, 1, 16, 3, 0), (8, 4, 6, 1, 0), (20, 3, 5, 5, 2)]:
        height, inputs, outputs, kernel, padding = numbers
        result = yours(*numbers)
        size, parameters = map(float,
                               pair(result, "return two numbers: `return new_height, parameters`."))
        layer = nn.Conv2d(inputs, outputs, kernel, padding=padding)
        count, name = (sum(p.numel() for p in layer.parameters()),
                       f"Conv2d({inputs}, {outputs}, {kernel}, padding={padding})")
        if parameters == count - outputs:
            raise Off(f"{name} has more parameters than that: every output channel "
                      "also has one bias.")
        if inputs > 1 and parameters in (outputs * kernel ** 2, outputs * kernel ** 2 + outputs):
            raise Off("every output channel looks at all input channels: it has a kernel "
                      "for each of them.")
        if inputs != outputs and parameters == count - outputs + inputs:
            raise Off("a bias belongs to an output channel, one to each; yours are as many as the "
                      "input channels.")
        if parameters != count:
            raise Off(f"{name} has {count} parameters, yours says {parameters:g}: kernels, one for "
                      "each pair of an input and an output channel, and biases.")
        want = layer(torch.zeros(1, inputs, height, height)).shape[-1]
        if size != want:
            raise Off(f"{name} turns a height of {height} into {want}; yours says {size:g}. In how "
                      f"many places does a window of {kernel} fit into {height} rows with "
                      f"{padding} more at each end?")


def _try_weigh(yours):
    g = torch.Generator().manual_seed(0)
    codes, weights = torch.randn(3, 3, 3, 3, generator=g), torch.tensor([1.0, 2.0, 3.0])
    given = codes.clone()
    result = yours(given, weights.clone())
    if not torch.equal(given, codes):
        raise Off("you changed the codes that you were given. Make new ones.")
    images_like(result, (3, 3, 3, 3))
    for axis, name in ((3, "pixel column"), (2, "pixel row"), (1, "channel")):
        shape = [1] * 4
        shape[axis] = 3
        if torch.allclose(result, codes * weights.view(shape)):
            if axis == 3:
                raise Off("a (B,) weight lines up with the last axis, so each pixel column got its "
                          "own weight; with 32 images 32 wide nothing complains.")
            raise Off(f"each {name} got its own weight, not each image of the batch.")
    codes = torch.randn(5, 2, 4, 4, generator=g)
    weights = torch.linspace(-1, 2, 5)
    if not torch.allclose(yours(codes.clone(), weights.clone()), weigh(codes, weights), atol=1e-6):
        raise Off("code k of the batch must become weights[k] times itself: does each weight still "
                  "know its own code?")


def _try_own_gradients(yours):
    a, b = (torch.tensor(v, requires_grad=True) for v in (1.0, 3.0))
    try:
        result = yours(a, b)
    except RuntimeError as error:
        if "second time" not in str(error):
            raise
        raise Off("the first gradient gave back the memory of the steps that both losses share, "
                  "and the second one needs them. Which argument, named "
                  "above, keeps them?") from None
    result = pair(result, "return two gradients: `return gradient_a, gradient_b`.")
    for value in result:
        if value is None or isinstance(value, tuple | list):
            raise Off("torch.autograd.grad returns a tuple, one entry for each tensor you ask "
                      "about: take [0].")
    mine, theirs = (float(torch.as_tensor(value).detach()) for value in result)
    if abs(mine) < 1e-5 or abs(theirs - (0.6 - 8)) < 1e-5 or abs(theirs - 0.6) < 1e-5:
        raise Off("a gradient mixes both losses: with backward, or with the losses added, the two "
                  "pull at the same number and cancel. Ask each loss about its own player only.")
    if abs(mine - 4) < 1e-5 and abs(theirs - 4) < 1e-5:
        raise Off("you asked each loss about the other player.")
    if abs(mine - 4) < 1e-5 and abs(theirs - 3.4) < 1e-5:
        raise Off("return the slopes themselves, not the steps downhill: a step goes "
                  "against the slope.")
    if abs(theirs - 4.6) < 1e-5:
        raise Off("b wants to get away: (a - b)^2 enters its loss with a minus.")
    if abs(mine + 4) > 1e-5 or abs(theirs + 3.4) > 1e-5:
        raise Off(f"at a = 1, b = 3 the slopes are -4 for a and -3.4 for b; yours are {mine:g} and "
                  f"{theirs:g}. Take each loss's derivative on paper, for its own letter: which "
                  "sign is another?")
    if any(p.grad is not None for p in (a, b)):
        raise Off("the numbers are right, but .grad was filled on the way: the next backward would "
                  "add to it. Which function of bridge 00-4 hands the gradient over instead?")


EXERCISES = {
    "00-1": Exercise("the middle", middle, _try_middle,
                     "call it with two images of 2 pixels, torch.tensor([0.0, 1.0]) and "
                     "torch.tensor([1.0, 0.0]), and work out both numbers first."),
    "00-2": Exercise("convolution sizes", conv_facts, _try_conv_facts,
                     "build a small one, nn.Conv2d(2, 3, 3, padding=1), and print p.shape for each "
                     "p of its .parameters(): whose numbers are those?"),
    "00-3": Exercise("a weight for each code", weigh, _try_weigh, "take codes of ones of shape (2, "
                     "1, 3, 3) with weights 1 and 2: which of the 18 results must be 2?"),
    "00-4": Exercise("two players, two gradients", own_gradients, _try_own_gradients,
                     "move only a by a tiny step, say 0.001, and watch its own loss; then only b "
                     "and b's own loss: which slopes do you see?"),
}
