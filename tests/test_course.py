"""The checks of the labs: right answers of any make pass, each typical wrong one fails with its own words."""
import copy
import math
import re

import numpy as np
import pytest
import torch
from asking import fails, passes, spoken, wrapper

import acai_lite as al
from acai_lite.course import checks, lab_00, lab_01, lab_02, lab_05

DEGREES = math.pi / 180


def lerp(x0, x1, steps):
    return torch.stack([torch.lerp(x0, x1, k / (steps - 1)) for k in range(steps)])


def turn_with_if(angle0, angle1, steps):
    gap = (angle1 - angle0) % (2 * math.pi)
    if gap > math.pi:
        gap -= 2 * math.pi
    return torch.tensor([angle0 + gap * k / (steps - 1) for k in range(steps)])


def distance_in_a_loop(frames, lines):
    return sum(min(1 - torch.cosine_similarity(y.flatten().double(), d.flatten().double(), dim=0).item() for d in lines)
               for y in frames) / len(frames)


def distance_with_normalize(frames, lines):
    y, d = (torch.nn.functional.normalize(t.double().flatten(1)) for t in (frames, lines))
    return torch.cdist(y, d).square().div(2).amin(1).mean()


def smooth_numpy(angles):
    unwrapped = np.unwrap(angles)
    return np.abs(np.diff(unwrapped)).max() / abs(unwrapped[-1] - unwrapped[0]) - 1 / (len(angles) - 1)


def smooth_complex(angles):
    steps = torch.angle(torch.exp(1j * angles[1:]) / torch.exp(1j * angles[:-1]))
    return (steps.abs().max() / steps.sum().abs()).item() - 1 / len(steps)


EXERCISES = {**lab_01.EXERCISES, **lab_02.EXERCISES}
RIGHT = [("01-1", lerp), ("01-1", lambda a, b, n: torch.from_numpy(np.linspace(a.numpy(), b.numpy(), n))),
         ("01-2", turn_with_if),
         ("01-2", lambda a, b, n: torch.from_numpy(np.linspace(*np.unwrap([a, b]), n))),
         ("01-2", lambda a, b, n: turn_with_if(a, b, n) % (2 * math.pi)),        # the same lines, wrapped numbers
         ("01-3", distance_in_a_loop), ("01-3", distance_with_normalize),
         ("01-4", smooth_numpy), ("01-4", smooth_complex),
         ("01-5", lambda a, b, n: b.repeat(n, 1, 1, 1)),
         ("01-5", lambda a, b, n: al.draw_lines(torch.linspace(1.0, 1.3, n)))]


def functional_networks():
    """Lab 02's networks written another way: stride instead of a pool, transposed convolutions, ELU, one Module each."""
    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.ModuleList(torch.nn.Conv2d(a, 8, 3, stride=2, padding=1) for a in (1, 8, 8, 8))
            self.last = torch.nn.Conv2d(8, 16, 1)

        def forward(self, x):
            for layer in self.first:
                x = torch.nn.functional.elu(layer(x))
            return self.last(x)

    decoder = [torch.nn.Upsample(scale_factor=16), torch.nn.Conv2d(16, 8, 5, padding=2), torch.nn.Tanh()]
    return Encoder(), torch.nn.Sequential(*decoder, torch.nn.Conv2d(8, 1, 3, padding=1))


def linear_networks():
    encoder = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, stride=8, padding=1), torch.nn.ReLU(), torch.nn.Flatten(),
                                  torch.nn.Linear(32, 64), torch.nn.Unflatten(1, (16, 2, 2)))
    return encoder, functional_networks()[1]


def step_clearing_first(model, optimiser, x):
    for p in model.parameters():
        p.grad = None
    loss = torch.nn.functional.mse_loss(model.decode(model.encode(x)), x)
    loss.backward()
    optimiser.step()
    return loss.detach()


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
    return torch.nn.Sequential(*(torch.nn.Identity() if "ReLU" in str(layer) else layer for layer in decoder))


RIGHT += [("02-1", functional_networks), ("02-1", lambda: list(lab_02.make_networks())), ("02-2", step_clearing_first),
          ("02-2", step_with_autograd), ("02-2", step_with_a_closure), ("02-3", mix_in_a_loop),
          ("02-3", lambda m, a, b, n: al.interpolate_images(m, a[None], b[None], n)[0]), ("02-4", straight_copy),
          ("02-4", lambda decoder: straight_copy(copy.deepcopy(decoder))), ("02-1", linear_networks),
          ("01-5", lambda a, b, n: al.draw_lines(torch.linspace(0, 0.01, n))),
          ("02-4", lambda decoder: torch.nn.Sequential(*(m for m in decoder.children() if m._parameters or "Up" in str(m))))]


@pytest.mark.parametrize("name, answer", RIGHT + [(name, wrapper(e.reference)) for name, e in EXERCISES.items()])
def test_right_answers_pass(name, answer, capsys):
    passes(name, answer, capsys)


def t(steps):
    return torch.linspace(0, 1, steps).view(-1, 1, 1, 1)


def rows(t):
    return t.double().flatten(1)


def cosines(y, d):
    return rows(y) @ rows(d).T / (rows(y).norm(dim=1, keepdim=True) * rows(d).norm(dim=1))


def raw_steps(angles):
    return angles.diff().abs().max() / (angles[-1] - angles[0]).abs() - 1 / (len(angles) - 1)


def wrapped(angles):
    return (angles.diff() + math.pi) % (2 * math.pi) - math.pi


WRONG = [
    ("01-1", lambda a, b, n: t(n) * a + (1 - t(n)) * b, "frame 0 must be the left image; yours is the right one"),
    ("01-1", lambda a, b, n: lerp(a, b, n + 2)[1:-1], "first and the last frame must be the two images"),
    ("01-1", lambda a, b, n: lerp(a, b, n)[1:-1], "both ends among them; yours has 3"),
    ("01-1", lambda a, b, n: lerp(a, b, 3)[[0] + [1] * (n - 2) + [2]], "even"),
    ("01-1", lambda a, b, n: lab_01.jump(a, b, n), "middle frame must be half"),
    ("01-1", lambda a, b, n: a + t(n) * b, "at t = 1 nothing of x0 may be left"),
    ("01-1", lambda a, b, n: lerp(a, b, n)[:, 0], r"shape \(5, 1, 32, 32\).*\(5, 32, 32\)"),
    ("01-1", lambda a, b, n: list(lerp(a, b, n)), "torch tensor; it returned list"),
    ("01-1", lambda a, b, n: None, "returned nothing"),
    ("01-2", lambda a, b, n: torch.linspace(a, b, n), "ends are 20° apart, you travelled 340°: take the short way"),
    ("01-2", lambda a, b, n: lab_01.rotation(b, a, n), "must start at angle0"),
    ("01-2", lambda a, b, n: lab_01.rotation(a, b, n) / DEGREES, "radians here; yours look like degrees"),
    ("01-2", lambda a, b, n: lab_01.rotation(a, b, n + 1)[:-1], "both ends included"),
    ("01-2", lambda a, b, n: torch.linspace(a, b, n) % math.pi, "350° to 10°"),
    ("01-2", lambda a, b, n: a + torch.linspace(0, 1, n) * ((b - a + 180) % 360 - 180), "in radians a full turn is 2π"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(d).norm(dim=1) / 31.7).max(1).values).mean(),
     "multiplying y by 2 changed your score: divide by the length of each image"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(y).norm(dim=1, keepdim=True) / 31.7).max(1).values).mean(),
     "divide by the length of each line"),
    ("01-3", lambda y, d: (1 - cosines(y, y[[0, -1]]).max(1).values).mean(), "two ends only"),
    ("01-3", lambda y, d: cosines(y, d).max(1).values.mean(), "1 minus the cosine"),
    ("01-3", lambda y, d: (1 - cosines(y, d)).mean(), "average over all lines"),
    ("01-3", lambda y, d: (1 - cosines(y, d)).min(), "best frame only"),
    ("01-3", lambda y, d: 1 - cosines(y, d).max(1).values, r"one number for a whole path.*\(7,\)"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(0).values).mean(), "far too large"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(1).values).sum(), "sum over the frames"),
    ("01-3", lambda y, d: (1 - cosines(y, d).min(1).values).mean(), "smallest distance belongs to the largest cosine"),
    ("01-3", lambda y, d: (1 - cosines(y, d).max(1).values).median(), "take the mean over frames"),
    ("01-3", lambda y, d: (1 - cosines(y, d).abs().max(1).values).mean(), "keep the sign of the cosine"),
    ("01-3", lambda y, d: (1 - (rows(y) @ rows(d).T / rows(y).norm() / rows(d).norm(dim=1)).max(1).values).mean(),
     "one length for all frames together"),
    ("01-3", lambda y, d: (1 - cosines(y + 1, d + 1).max(1).values).mean(), "you shifted the pixels"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs() - 1 / 15, "not always 15"),
    ("01-4", lambda a: (a.diff() % (2 * math.pi)).max() / (a.diff() % (2 * math.pi)).sum() - 1 / (len(a) - 1),
     "almost a full turn"),
    ("01-4", lambda a: wrapped(a).abs().mean() / wrapped(a).sum().abs() - 1 / (len(a) - 1), "your jump scores 0"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs(), "subtract what one of 15"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).sum().abs() - 1 / len(a), "fifteen steps"),
    ("01-4", raw_steps, "Undo such wraps first"),
    ("01-4", lambda a: wrapped(a).max() / wrapped(a).sum() - 1 / (len(a) - 1), "clockwise paths must score like the others"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a[[0, -1]]).abs() - 1 / (len(a) - 1),
     "add up to"),
    ("01-4", lambda a: wrapped(a).sum().abs() / wrapped(a).abs().max() - 1 / (len(a) - 1), "upside down"),
    ("01-4", lambda a: wrapped(a).abs().min() / wrapped(a).sum().abs() - 1 / (len(a) - 1), "The .largest. step counts"),
    ("01-4", lambda a: wrapped(a).abs().max() / wrapped(a).abs().sum() - 1 / (len(a) - 1), "not by the length of the way"),
    ("01-5", lambda a, b, n: lerp(a, b, n), "frames are not lines"),
    ("01-5", lambda a, b, n: lab_01.jump(a, b, n), "Smoothness is 0.93"),
    ("01-5", lambda a, b, n: al.draw_lines(lab_01.rotation(0.5, 2.5, n)), "honest path"),
]


def networks(last_encoder=None, last_decoder=None, bend=torch.nn.LeakyReLU, outputs=16):
    encoder, decoder = (list(n) for n in lab_02.make_networks())
    encoder, decoder = ([bend() if "ReLU" in str(layer) else layer for layer in n] for n in (encoder, decoder))
    encoder[-1] = torch.nn.Conv2d(128, outputs, 3, padding=1)
    return (torch.nn.Sequential(*encoder, *([last_encoder] if last_encoder else [])),
            torch.nn.Sequential(*decoder, *([last_decoder] if last_decoder else [])))


def step(model, optimiser, x, clear="before", target=None, reduce=torch.mean, sign=1, move=True, back=True, give=True):
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


WRONG += [
    ("02-1", lambda: networks(last_encoder=torch.nn.LeakyReLU(0.2)), "code is never clearly negative: the last layer"),
    ("02-1", lambda: networks(last_encoder=torch.nn.Sigmoid()), "the last layer of the encoder has an activation"),
    ("02-1", lambda: networks(last_decoder=torch.nn.Tanh()), "the last layer of the decoder has an activation"),
    ("02-1", lambda: networks(bend=torch.nn.Identity), "no bend between the encoder's convolutions"),
    ("02-1", lambda: networks(outputs=8), r"shape \(3, 16, 2, 2\); the encoder returned \(3, 8, 2, 2\)"),
    ("02-1", lambda: networks()[0], "return two networks"),
    ("02-1", lambda: networks()[::-1], "shapes do not fit together"),
    ("02-2", lambda m, o, x: step(m, o, x, clear="never"), "doubled gradient: the old one is still there"),
    ("02-2", lambda m, o, x: step(m, o, x, clear="after backward"), "clear the old one before backward"),
    ("02-2", lambda m, o, x: step(m, o, x, move=False), "the step of the given optimiser is missing"),
    ("02-2", lambda m, o, x: step(m, o, x, back=False), "call backward on the loss"),
    ("02-2", lambda m, o, x: step(m, o, x, reduce=torch.sum), "mean over all pixels, not the sum"),
    ("02-2", lambda m, o, x: step(m, o, x, sign=-1), "the wrong way"),
    ("02-2", lambda m, o, x: step(m, o, x, target=0 * x), "compare decode.encode.x.. with x itself"),
    ("02-2", lambda m, o, x: step(m, o, x, give=False), "return the loss"),
    ("02-2", lambda m, o, x: torch.tensor(step(m, o, x), requires_grad=True), "as a number, loss.item"),
    ("02-3", lambda m, a, b, n: lerp(a, b, n), "a pixel blend of the two images"),
    ("02-3", lambda m, a, b, n: lerp(*m.encode(torch.stack([a, b])), n), "the mixed codes: decode them"),
    ("02-2", lambda m, o, x: step(m, o, x) + step(m, o, x), "more than once"),
    ("02-3", lambda m, a, b, n: torch.cat([a[None], lab_02.mix_codes(m, a, b, n)[1:-1], b[None]]),
     r"frame 0 must equal decode\(encode\(a\)\); yours equals a itself"),
    ("02-3", lambda m, a, b, n: lab_02.mix_codes(m, b, a, n), "runs backwards"),
    ("02-3", lambda m, a, b, n: m.decode(m.encode(lerp(a, b, n))), "mixed the pixels and then encoded"),
    ("02-3", lambda m, a, b, n: lerp(*m.decode(m.encode(torch.stack([a, b]))), n), "mixed the two reconstructions"),
    ("02-3", lambda m, a, b, n: lab_02.mix_codes(m, a, b, n)[[0, 1, 1, 3, 4]], "t = 0, 1/4, 1/2"),
    ("02-4", lambda decoder: torch.nn.Sequential(*decoder), "there is a bend left"),
    ("02-4", lambda decoder: list(decoder), "return a network"),
    ("02-4", lambda decoder: networks(bend=torch.nn.Identity)[1], "the decoder's own convolutions"),
]


@pytest.mark.parametrize("name, answer, words", WRONG)
def test_each_wrong_answer_is_told_which_idea_is_off(name, answer, words, capsys):
    fails(name, answer, words, capsys)


def test_checking_the_courses_own_version_again_does_not_praise_the_learner(capsys):
    assert al.course.check("01-1", lab_01.blend) is lab_01.blend
    assert "this is still the course's version. Run the cell with your function first" in spoken(capsys)


@pytest.mark.parametrize("name", [*EXERCISES, *lab_00.EXERCISES, *lab_05.EXERCISES])
def test_a_stub_and_a_crash_are_replaced_and_say_so(name, capsys):
    def stub(*arguments):
        raise NotImplementedError("your lines go here")

    def crash(*arguments):
        raise TypeError("unsupported operand")

    assert al.course.check(name, stub) is checks.find(name).reference
    assert "not written yet" in spoken(capsys)
    assert al.course.check(name, crash) is checks.find(name).reference
    assert "stopped with TypeError" in spoken(capsys)
    assert al.course.check(name, 7) is checks.find(name).reference
    assert "expected a function, got int" in spoken(capsys)


@pytest.mark.parametrize("name", ["01-9", "77-1", "", "01"])
def test_an_unknown_exercise_is_an_error(name):
    with pytest.raises(ValueError, match="no exercise"):
        al.course.check(name, abs)


def test_pace(monkeypatch):
    monkeypatch.delenv("ACAI_LITE_PACE", raising=False)
    assert al.course.pace(smoke=1, lab=2, full=3) == 2
    monkeypatch.setenv("ACAI_LITE_PACE", "smoke")
    assert al.course.pace(smoke=1, lab=2, full=3) == 1
    with pytest.raises(ValueError, match="a value for each of smoke, lab, full"):
        al.course.pace(smoke=1)
    monkeypatch.setenv("ACAI_LITE_PACE", "turbo")
    with pytest.raises(ValueError, match="got 'turbo'"):
        al.course.pace(smoke=1, lab=2, full=3)


def test_four_paths_join_their_ends():
    for name, frames in al.course.four_paths(0.3, 2.0, 7).items():
        assert frames.shape == (7, 1, 32, 32), name
        assert torch.allclose(frames[[0, -1]], al.draw_lines([0.3, 2.0]), atol=1e-6), name


def test_the_doctor_finds_this_machine_ready(capsys):
    from acai_lite.course import doctor
    assert doctor.main() in (0, 1)
    said = spoken(capsys)
    for question in ("Python 3.11", "torch", "processors", "free memory", "training ACAI on lines", "data set mnist"):
        assert question in said


def test_the_doctor_says_what_is_missing(monkeypatch, capsys):
    from acai_lite.course import doctor
    monkeypatch.setattr(doctor, "NEEDED", ("torch", "no-such-package"))
    assert doctor.main() == 1
    assert re.search(r"FAIL +no-such-package +missing: `make lab` installs it", spoken(capsys))
