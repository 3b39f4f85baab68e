"""Lab 00: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import torch


def backward_one_by_one(a, b):
    c, d = a.detach().requires_grad_(), b.detach().requires_grad_()
    ((c - b.detach()) ** 2).backward()
    (0.1 * d ** 2 - (a.detach() - d) ** 2).backward()
    return c.grad, d.grad


def total_by_backward(a, b):
    ((a - b) ** 2).backward(retain_graph=True)
    (0.1 * b ** 2 - (a - b) ** 2).backward()
    return a.grad, b.grad


def freed(a, b):
    loss_a = (a - b) ** 2
    return torch.autograd.grad(loss_a, a)[0], torch.autograd.grad(0.1 * b ** 2 - loss_a, b)[0]


def crossed(a, b):
    return (torch.autograd.grad((a - b) ** 2, b)[0],
            torch.autograd.grad(0.1 * b ** 2 - (a - b) ** 2, a)[0])


def filled(a, b):
    torch.autograd.backward((a - b) ** 2, inputs=[a])
    torch.autograd.backward(0.1 * b ** 2 - (a - b) ** 2, inputs=[b])
    return a.grad, b.grad


def weigh_in_place(codes, weights):
    codes = codes.clone()
    for k in range(len(codes)):
        codes[k] *= weights[k].item()
    return codes


RIGHT = [
    ("00-1", lambda a, b: torch.lerp(a, b, 0.5)),
    ("00-1", lambda a, b: torch.stack([a, b]).mean(0)),
    ("00-2", lambda h, i, o, k, p: (h - (k - 1 - 2 * p), o * (i * k * k + 1))),
    ("00-2", lambda h, i, o, k, p: [
        torch.nn.Conv2d(i, o, k, padding=p)(torch.zeros(1, i, h, h)).shape[2],
        sum(q.numel() for q in torch.nn.Conv2d(i, o, k, padding=p).parameters())]),
    ("00-3", lambda c, w: torch.einsum("bchw,b->bchw", c, w)),
    ("00-3", weigh_in_place),
    ("00-3", lambda c, w: torch.tensordot(torch.diag(w), c, 1)),
    ("00-2", lambda h, i, o, k, p: torch.tensor([h + 2 * p - k + 1, i * o * k * k + o])),
    ("00-4", lambda a, b: torch.stack([2 * (a - b), 0.2 * b + 2 * (a - b)])),
    ("00-4", lambda a, b: (2 * (a - b), 0.2 * b + 2 * (a - b))),
    ("00-4", backward_one_by_one)]

WRONG = [
    ("00-1", lambda a, b: a + b / 2, "the middle between an image and itself must be that image"),
    ("00-1", lambda a, b: (a - b) / 2 + a, "what belongs half-way between the two"),
    ("00-2", lambda h, i, o, k, p: (h, i * o * k * k), "one bias"),
    ("00-2", lambda h, i, o, k, p: (h + 2 * p - k + 1, o * k * k + o),
     "looks at all input channels"),
    ("00-2", lambda h, i, o, k, p: (h - k + 1, i * o * k * k + o),
     "turns a height of 32 into 32; yours says 30"),
    ("00-2", lambda h, i, o, k, p: (h + 2 * p - k + 1, i * o * k * k + i),
     "belongs to an output channel"),
    ("00-2", lambda h, i, o, k, p: h, "return two numbers"),
    ("00-3", lambda c, w: c * w,
     "each pixel column got its own weight; with 32 images 32 wide nothing complains"),
    ("00-3", lambda c, w: c * w.view(-1, 1), "each pixel row got its own weight"),
    ("00-3", lambda c, w: c * w.view(1, -1, 1, 1), "each channel got its own weight"),
    ("00-3", lambda c, w: c * w.mean(), "code k of the batch"),
    ("00-4", total_by_backward, "a gradient mixes both losses"),
    ("00-4", crossed, "asked each loss about the other player"),
    ("00-4", freed, "Which argument, named above"),
    ("00-4", filled, "filled on the way"),
    ("00-4", lambda a, b: torch.autograd.grad((a - b) ** 2, a), "return two gradients"),
    ("00-4", lambda a, b: (torch.autograd.grad((a - b) ** 2, a), 0), "take .0.")]
