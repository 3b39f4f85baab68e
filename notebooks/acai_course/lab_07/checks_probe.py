"""Lab 07: what the check of the linear probe looks for."""
import torch
from torch import nn

from ..checks import Off, images_like


class _Coder(nn.Module):
    """An encoder with one weight whose code is no linear map of the picture; keeps what it was
    shown."""

    def __init__(self, kind="fair"):
        super().__init__()
        self.weight, self.kind = nn.Parameter(torch.ones(1)), kind

    def encode(self, x):
        flat = x.flatten(1)
        # a sign hides the class from the pixels
        z = flat[:, :4] * (1 if self.kind == "bent" else flat[:, 4:5].sign())
        steady = 0 * z[:, :1] + (3.0 if self.kind == "steady" else flat[:, 5:6])
        return (self.weight * torch.cat([3000 + 10 * z[:, :2], 0.05 * z[:, 2:], steady],
                                        1)).view(-1, 5, 1, 1)


def _pictures(kind, count, seed):
    """Pictures (N,1,32,32) and labels (N,) in 0..3 (bent: 0..1) that a linear layer can tell by the
    code, not by pixels."""
    g = torch.Generator().manual_seed(seed)
    labels = torch.randint(2 if kind == "bent" else 4, (count,), generator=g)
    x = 0.3 * torch.randn(count, 1024, generator=g)
    sign = torch.randint(2, (count,), generator=g) * 2.0 - 1
    if kind == "bent":                                                 # a chessboard of four clouds
        x[:, 0], x[:, 1] = x[:, 0] + 2 * sign, x[:, 1] + 2 * sign * (2.0 * labels - 1)
    else:
        x[torch.arange(count), labels] += 3
        x[:, :4] *= sign[:, None]
        x[:, 4] = sign
    return x.view(-1, 1, 32, 32), labels


def _guesses(yours, coder, x, labels, test_x):
    torch.manual_seed(0)
    with torch.enable_grad():
        try:
            result = yours(coder.encode, x.clone(), labels.clone(), test_x.clone())
        except RuntimeError as error:
            if "backward through the graph a second time" not in str(error):
                raise
            raise Off("backward ran on into the encoder: freeze it. Codes that are made without "
                      "gradients are plain numbers, and the layer learns from these.") from None
    if torch.is_tensor(result) and result.ndim == 2 and result.shape[0] == len(test_x):
        raise Off("return one class for every test image, not its scores: the class with "
                  "the highest one.")
    images_like(result, (len(test_x),))
    return result


def try_probe(yours):
    for kind in ("fair", "steady", "bent"):
        coder, (x, labels), (test_x, test_labels) = (_Coder(kind), _pictures(kind, 240, 0),
                                                     _pictures(kind, 200, 1))
        result = _guesses(yours, coder, x, labels, test_x)
        if float((coder.weight.detach() - 1).abs().max()) > 0:
            raise Off("the encoder changed: you measured fine-tuning. A probe asks what the code "
                      "knows *as it is*.")
        if coder.weight.grad is not None:
            raise Off("a gradient reached the encoder; nothing used it this time, but a frozen "
                      "code needs none. Make the codes without gradients.")
        right = float((result == test_labels).float().mean())
        if kind == "bent":
            if right > 0.8:
                raise Off("your classifier told apart what no single linear layer can: is there a "
                          "bend in it? A probe must be too simple to do the encoder's work.")
            break
        if right < 0.9:
            _why_poor(kind, right, result)
        alone = _guesses(yours, _Coder(kind), x, labels, test_x[test_labels == 1])
        crowd = torch.cat([test_x, 1e25 * test_x[:1]])
        beside = _guesses(yours, _Coder(kind), x, labels, crowd)[:len(test_x)]
        if any(float((a != b).float().mean()) > 0.04
               for a, b in ((alone, result[test_labels == 1]), (beside, result))):
            raise Off("what you say of a test image changed when other test images stood beside "
                      "it: the scaling must come from the training codes alone.")


def _why_poor(kind, right, result):
    if kind == "steady" and len(result.unique()) == 1:
        raise Off("one number of the code is the same in every image, its spread is 0, and you "
                  "divided by it.")
    if len(result.unique()) == 1:
        raise Off("your probe says the same class of every image: has the layer learnt at all? It "
                  "needs a few hundred steps on codes of mean 0 and spread 1.")
    raise Off("on codes that a linear layer can read almost without a mistake yours is right in "
              f"{right:.0%}: are its numbers on one scale, are they codes and not pixels, and did "
              "the layer take enough steps?")
