"""Lab 02: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import copy

import torch
from acai_course.lab_02 import answers

import acai_lite as al


def lerp(x0, x1, steps):
    return torch.stack([torch.lerp(x0, x1, k / (steps - 1)) for k in range(steps)])


def functional_networks():
    """Lab 02's networks written another way: stride instead of a pool, transposed convolutions,
    ELU, one Module each."""
    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.ModuleList(torch.nn.Conv2d(a, 8, 3, stride=2, padding=1)
                                             for a in (1, 8, 8, 8))
            self.last = torch.nn.Conv2d(8, 16, 1)

        def forward(self, x):
            for layer in self.first:
                x = torch.nn.functional.elu(layer(x))
            return self.last(x)

    decoder = [torch.nn.Upsample(scale_factor=16), torch.nn.Conv2d(16, 8, 5, padding=2),
               torch.nn.Tanh()]
    return Encoder(), torch.nn.Sequential(*decoder, torch.nn.Conv2d(8, 1, 3, padding=1))


def linear_networks():
    encoder = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, stride=8, padding=1), torch.nn.ReLU(),
                                  torch.nn.Flatten(), torch.nn.Linear(32, 64),
                                  torch.nn.Unflatten(1, (16, 2, 2)))
    return encoder, functional_networks()[1]


def step_clearing_first(model, optimiser, x):
    for p in model.parameters():
        p.grad = None
    loss = torch.nn.functional.mse_loss(model.decode(model.encode(x)), x)
    loss.backward()
    optimiser.step()
    return loss.detach()


def step_of_the_decoder(model, optimiser, x):
    with torch.no_grad():
        z = model.encode(x)
    optimiser.zero_grad()
    loss = torch.nn.functional.mse_loss(model.decode(z), x)
    loss.backward()
    optimiser.step()
    return loss.item()


def step_with_autograd(model, optimiser, x):
    loss = ((x - model.decode(model.encode(x))) ** 2).sum() / x.numel()
    parameters = list(model.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    optimiser.step()
    return float(loss.detach())


def step_with_a_closure(model, optimiser, x):
    def closure():
        optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), x)
        loss.backward()
        return loss
    return optimiser.step(closure).item()


def mix_in_a_loop(model, x0, x1, steps):
    z0, z1 = model.encode(x0[None]), model.encode(x1[None])
    return torch.cat([model.decode(torch.lerp(z0, z1, k / (steps - 1))) for k in range(steps)])


def straight_copy(decoder):
    return torch.nn.Sequential(*(torch.nn.Identity() if "ReLU" in str(layer) else layer
                                 for layer in decoder))


def networks_with_norm():
    layers = [[torch.nn.Conv2d(a, 8, 4, 2, 1), torch.nn.BatchNorm2d(8), torch.nn.ReLU()]
              for a in (1, 8, 8, 8)]
    decoder = [torch.nn.ConvTranspose2d(16, 8, 4, 4), torch.nn.GELU(),
               torch.nn.ConvTranspose2d(8, 1, 4, 4)]
    return (torch.nn.Sequential(*sum(layers, []), torch.nn.Conv2d(8, 16, 1)),
            torch.nn.Sequential(*decoder))


def dimension_by_covariance(z):
    eigenvalues = torch.linalg.eigvalsh(torch.cov(z.T))                # the smallest first
    return eigenvalues.sum() ** 2 / (eigenvalues ** 2).sum(), eigenvalues[-2:].sum() / (
        eigenvalues.sum())


def dimension(z, centre=True, power=2, top=2, invert=True, shares=True, swap=False):
    p = torch.linalg.svdvals(z - z.mean(0) if centre else z) ** power
    p = p / p.sum() if shares else p
    found = 1 / p.square().sum() if invert else p.square().sum()
    both = float(found), float(p[:top].sum())
    return both[::-1] if swap else both


RIGHT = [("02-1", functional_networks), ("02-1", networks_with_norm),
         ("02-1", lambda: list(answers.make_networks())), ("02-2", step_clearing_first),
         ("02-2", step_with_autograd), ("02-2", step_with_a_closure), ("02-3", mix_in_a_loop),
         ("02-3", lambda m, a, b, n: al.interpolate_images(m, a[None], b[None], n)[0]),
         ("02-4", straight_copy),
         ("02-4", lambda decoder: straight_copy(copy.deepcopy(decoder))), ("02-1", linear_networks),
         ("02-4", lambda decoder: torch.nn.Sequential(*(m for m in decoder.children()
                                                        if m._parameters or "Up" in str(m)))),
         ("02-5", dimension_by_covariance), ("02-5", lambda z: list(answers.dimension(z)))]


def networks(last_encoder=None, last_decoder=None, bend=torch.nn.LeakyReLU, outputs=16):
    encoder, decoder = (list(n) for n in answers.make_networks())
    encoder, decoder = ([bend() if "ReLU" in str(layer) else layer for layer in n]
                        for n in (encoder, decoder))
    encoder[-1] = torch.nn.Conv2d(128, outputs, 3, padding=1)
    return (torch.nn.Sequential(*encoder, *([last_encoder] if last_encoder else [])),
            torch.nn.Sequential(*decoder, *([last_decoder] if last_decoder else [])))


def step(model, optimiser, x, clear="before", target=None, reduce=torch.mean, sign=1, move=True,
         back=True, give=True):
    x_hat = model.decode(model.encode(x))
    loss = sign * reduce((x_hat - (x if target is None else target)) ** 2)
    if clear == "before":
        optimiser.zero_grad()
    if back:
        loss.backward()
    if clear == "after backward":
        optimiser.zero_grad(set_to_none=False)
    if move:
        optimiser.step()
    return loss.item() if give else None


WRONG = [
    ("02-1", lambda: networks(last_encoder=torch.nn.LeakyReLU(0.2)),
     "code is never clearly negative: the last layer"),
    ("02-1", lambda: networks(last_encoder=torch.nn.Sigmoid()),
     "the last layer of the encoder has an activation"),
    ("02-1", lambda: networks(last_decoder=torch.nn.Tanh()),
     "the last layer of the decoder has an activation"),
    ("02-1", lambda: networks(bend=torch.nn.Identity),
     "no bend between the encoder's convolutions"),
    ("02-1", lambda: networks(outputs=8),
     r"shape \(3, 16, 2, 2\); the encoder returned \(3, 8, 2, 2\)"),
    ("02-1", lambda: networks()[0], "return two networks"),
    ("02-1", lambda: networks()[::-1], "shapes do not fit together"),
    ("02-2", lambda m, o, x: step(m, o, x, clear="never"),
     "doubled gradient: the old one is still there"),
    ("02-2", lambda m, o, x: step(m, o, x, clear="after backward"),
     "clear the old one before backward"),
    ("02-2", lambda m, o, x: step(m, o, x, move=False),
     "the step of the given optimiser is missing"),
    ("02-2", lambda m, o, x: step(m, o, x, back=False), "call backward on the loss"),
    ("02-2", lambda m, o, x: step(m, o, x, reduce=torch.sum), "mean over all pixels, not the sum"),
    ("02-2", lambda m, o, x: step(m, o, x, sign=-1), "the wrong way"),
    ("02-2", lambda m, o, x: step(m, o, x, target=0 * x),
     "compare decode.encode.x.. with x itself"),
    ("02-2", step_of_the_decoder, "a part of the model got no gradient"),
    ("02-2", lambda m, o, x: step(m, o, x, give=False), "return the loss that"),
    ("02-2", lambda m, o, x: torch.tensor(step(m, o, x), requires_grad=True), "as a plain number"),
    ("02-3", lambda m, a, b, n: lerp(a, b, n), "a pixel blend of the two images"),
    ("02-3", lambda m, a, b, n: lerp(*m.encode(torch.stack([a, b])), n),
     "a code is no picture yet"),
    ("02-2", lambda m, o, x: step(m, o, x) + step(m, o, x), "more than once"),
    ("02-3", lambda m, a, b, n: torch.cat([a[None], answers.mix_codes(m, a, b, n)[1:-1], b[None]]),
     r"frame 0 must equal decode\(encode\(a\)\); yours equals a itself"),
    ("02-3", lambda m, a, b, n: answers.mix_codes(m, b, a, n), "runs backwards"),
    ("02-3", lambda m, a, b, n: m.decode(m.encode(lerp(a, b, n))),
     "mixed the pixels and then encoded"),
    ("02-3", lambda m, a, b, n: lerp(*m.decode(m.encode(torch.stack([a, b]))), n),
     "mixed the two reconstructions"),
    ("02-3", lambda m, a, b, n: answers.mix_codes(m, a, b, n)[[0, 1, 1, 3, 4]],
     "by a quarter of the way"),
    ("02-4", lambda decoder: torch.nn.Sequential(*decoder), "there is a bend left"),
    ("02-4", lambda decoder: list(decoder), "return a network"),
    ("02-4", lambda decoder: networks(bend=torch.nn.Identity)[1], "the decoder's own convolutions"),
    ("02-5", lambda z: dimension(z, centre=False), "subtract the mean"),
    ("02-5", lambda z: dimension(z, power=1), "Variance is a square"),
    ("02-5", lambda z: dimension(z, top=1), "counts one of them"),
    ("02-5", lambda z: dimension(z, invert=False), "one over it"),
    ("02-5", lambda z: dimension(z, shares=False), "a plane circle has dimension 2, as"),
    ("02-5", lambda z: dimension(z, swap=True), "the other way round"),
    ("02-5", lambda z: dimension(z)[0], "return two numbers"),
    ("02-5", lambda z: (2, 1), "so shares 0.9 and 0.1"),
    ("02-5", lambda z: (dimension(z)[0], 1), "variances 4 : 4 : 4 : 1"),
]
