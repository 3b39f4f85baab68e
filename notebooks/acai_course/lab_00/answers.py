"""Lab 00: the course's versions of what learners write there."""
import torch


def middle(x0, x1):
    """Half-way between two images: every pixel is the mean of the two."""
    return (x0 + x1) / 2


def conv_facts(height, inputs, outputs, kernel, padding):
    """(height of the output, number of parameters) of nn.Conv2d(inputs, outputs, kernel,
    padding=padding)."""
    return height + 2 * padding - kernel + 1, inputs * outputs * kernel * kernel + outputs


def weigh(codes, weights):
    """codes (B,C,H,W), each times its own weight of weights (B,)."""
    return codes * weights.view(-1, 1, 1, 1)


def own_gradients(a, b):
    """a lowers (a - b)^2, b lowers 0.1 b^2 - (a - b)^2: each one's gradient of its own loss, for
    itself."""
    loss_a, loss_b = (a - b) ** 2, 0.1 * b ** 2 - (a - b) ** 2
    return torch.autograd.grad(loss_a, a, retain_graph=True)[0], torch.autograd.grad(loss_b, b)[0]
