"""Lab 06b: what each check looks for."""
import math

import torch

from ..checks import Exercise, Off, images_like, something
from .answers import apart, divided, evidence, honest_cost, path_cost
from .checks_evidence import try_evidence

LN2 = math.log(2)
BASICS = "The straight path of length √2 at Q = ½ must cost 0.9609, with 5 places as with 50"


def _half(z):
    return torch.full((len(z),), 0.5, dtype=z.dtype)


def _hill(z):
    return 0.05 + 0.9 * torch.exp(-z.square().sum(1) / 2)


def _straight(places):
    t = torch.linspace(0, 1, places)[:, None]
    return torch.cat([t, 1 - t], 1)                                    # (1, 0) to (0, 1)


def _number(value):
    value = torch.as_tensor(something(value)).detach()
    if value.numel() != 1:
        raise Off("a path has one cost: a single number, not a tensor of shape "
                  f"{tuple(value.shape)}. Add the steps up.")
    images_like(value, value.shape)
    return float(value)


def _near(a, b):
    return abs(a - b) <= 2e-4 * max(abs(b), 1e-3)


def _try_path_cost(yours):
    z = _straight(5)
    given = z.clone()
    got, length, steps = _number(yours(z, _half)), math.sqrt(2), 4
    if not torch.equal(z, given):
        raise Off("you changed the path that you were given. Make new tensors.")
    right, squares = LN2 ** 2 * length ** 2, length ** 2
    words = [((right / steps, right / steps ** 2, LN2 ** 2 * length), "a step has a duration, too. "
              "The same way in half the time is twice as fast, and must cost more."),
             ((right * 5 / 4, right * steps / 6),
              "5 places are the ends of 4 steps, and those take the time from 0 to 1."),
             ((right * steps,), "the duration of a step comes in once too often."),
             ((LN2 * squares, LN2 * squares / steps, -LN2 * squares, -LN2 * squares / steps),
              "the logarithm is not squared. Look at the formula again: which of its factors are?"),
             ((right * steps / length,), "the length of a step is not squared."),
             ((LN2 * length, -LN2 * length), "that is the weighted length, |log Q| times length. "
              "In the cost both are squared, step by step."),
             ((squares / 4, squares / 2, squares / 4 / steps, squares / 2 / steps),
              "where is the logarithm? It makes the cost vanish at Q = 1 and grow without end "
              "towards Q = 0; Q itself does the opposite."),
             ((squares, squares * math.log10(2) ** 2),
              "another base. log means the natural logarithm here."),
             ((2 * right,),
              "length here is the root of the sum of squares, not a sum of absolute differences.")]
    for values, idea in words:
        if any(_near(got, value) for value in values):
            raise Off(f"{BASICS}; yours costs {got:.4f}: {idea}")
    if not _near(got, right):
        raise Off(f"{BASICS}; yours costs {got:.4f}: write the four steps down, each with its "
                  "length and its duration.")
    if not _near(_number(yours(_straight(50), _half)), right):
        raise Off(f"{BASICS}; yours is right with 5 places only: which number in it should "
                  "come from the path?")
    _try_where_quality_is_asked(yours)
    uneven = torch.tensor([[0.0, 0.0], [1.0, 0.0], [4.0, 0.0]])
    got = _number(yours(uneven, _half))
    if not _near(got, LN2 ** 2 * 20):
        idea = ("you square the length of the whole way. Each step is squared by itself: then "
                "uneven steps cost more." if _near(got, LN2 ** 2 * 16)
                else "one short step and one long one, a path of three places.")
        raise Off(f"steps of 1 and 3 at Q = ½ must cost {LN2 ** 2 * 20:.3f}; yours cost "
                  f"{got:.3f}: {idea}")
    _try_slope(yours)


def _try_where_quality_is_asked(yours):
    asked = []

    def quality(z):
        asked.append(z.detach().reshape(-1, 2)[:, 0].clone())
        return 1 / (1 + z[..., 0])

    z = torch.tensor([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]])
    got, want = _number(yours(z, quality)), (LN2 ** 2 + math.log(4) ** 2) * 8
    if not _near(got, want):
        places = torch.cat(asked).tolist() if asked else []
        if not places:
            raise Off("your cost never asks for the quality.")
        if not {1.0, 3.0} <= {round(place, 3) for place in places}:
            raise Off("you ask for the quality at other points than the middles of the steps. At "
                      "the places themselves a bad stretch between two good places "
                      "would go unseen.")
        raise Off(f"three places at 0, 2 and 4 with Q = 1 / (1 + z) must cost {want:.2f}; yours "
                  f"cost {got:.2f}: each step's own quality belongs to its own length.")


def _try_slope(yours):
    z = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    got = yours(z, _hill)
    if not torch.is_tensor(got) or not got.requires_grad:
        raise Off("the search below walks downhill on your cost: return a tensor that still has "
                  "its gradient, without `float`, `.item()`, `.detach()` or `no_grad`.")
    want = path_cost(z, _hill)
    mine, theirs = (torch.autograd.grad(cost.sum().double(), z)[0] for cost in (got, want))
    if not _near(_number(got), float(want.detach())):
        raise Off(f"a crooked path in three dimensions must cost {float(want.detach()):.3f}; yours "
                  f"costs {_number(got):.3f}: the straight ones in two dimensions were right. "
                  "Along which axis is a length taken?")
    if not torch.allclose(mine, theirs, rtol=1e-3, atol=1e-4):
        raise Off("the number is right, but its gradient is not: some part of it is cut off "
                  "from z (detach?).")


def _try_honest_cost(yours):
    z, parts, steps = _straight(5), 4, 4
    given = z.clone()
    got, right = _number(yours(z, _half, parts)), 2 * LN2 ** 2
    if not torch.equal(z, given):
        raise Off("you changed the path that you were given. Make a new one.")
    many, split = (steps * parts, "At Q = ½ everywhere a straight, even walk costs 0.9609, however "
                   "finely it is divided")
    words = [((right * (many + steps - 1) / many, right * (many - 1) / (many - steps)),
              "a place that occurs twice is a step of no length that takes its time all the same: "
              "the others must hurry."),
             ((right / parts,), f"the steps became {parts} times shorter, and so did the time that "
              "each of them takes."),
             ((right * parts, right * parts ** 2), f"{parts} times as many steps, but each still "
              "counts as a whole one: its length, or its time, is that of the undivided part."),
             ((right * ((many - 1) / many) ** 2,), "your fine path stops before it has arrived.")]
    for values, idea in words:
        if any(_near(got, value) for value in values):
            raise Off(f"{split}; yours costs {got:.4f}: {idea}")
    if not _near(got, right):
        raise Off(f"{split}; yours costs {got:.4f}: what becomes of a step's length, "
                  "and of its time?")
    bent = torch.tensor([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0], [1.0, 1.0]])
    got, right = _number(yours(bent, _half, 3)), float(path_cost(bent, _half))
    if not _near(got, right):
        ends, length = float((bent[-1] - bent[0]).norm()), 6.0
        idea = ("you cut the corners: the fine path must pass through every place of z."
                if _near(got, (LN2 * ends) ** 2) else "you gave the walk another timing: every "
                "straight part keeps its own time, however long it is." if 0.93 < got
                / (LN2 * length) ** 2 < 1.01 else "divide each straight part into equal ones.")
        raise Off("at Q = ½ everywhere dividing must change nothing, corners or not; here "
                  f"{right:.3f} became {got:.3f}: {idea}")
    leap = torch.tensor([[2.0, 0.0], [1.9, 0.1], [-1.9, 0.3], [-2.0, 0.5]])
    got, coarse = _number(yours(leap, _hill, 8)), float(path_cost(leap, _hill))
    if _near(got, coarse):
        raise Off("a leap over a bad place costs as little as before. Dividing is of no use if the "
                  "quality is still asked in the middle of the undivided parts only.")
    if not _near(got, float(honest_cost(leap, _hill, 8))):
        raise Off(f"a leap that pretends to cost {coarse:.2f} costs "
                  f"{float(honest_cost(leap, _hill, 8)):.2f} in 8 parts a step; yours says "
                  f"{got:.2f}. Where, and how often, do you ask for the quality?")
    for other in (1, 3):
        if not _near(_number(yours(leap, _hill, other)),
                     float(path_cost(divided(leap, other), _hill))):
            raise Off(f"with parts = {other} the cost is wrong: divide by as many parts "
                      "as you are told.")


def _try_apart(yours):
    degrees = torch.tensor([[10.0, 50, 30], [350, 0, 10], [10, 0, 350], [90, 200, 270],
                            [40, 80, 40], [1, 100, 200]], dtype=torch.float64)
    wanted = torch.tensor([20.0, 20, 20, 180, 0, 161], dtype=torch.float64)
    found = yours(degrees * (math.pi / 180))
    if not torch.is_tensor(something(found)) or tuple(found.shape) != (6,):
        raise Off("one number a path, (K,), as a tensor: yours returned "
                  f"{tuple(found.shape) if torch.is_tensor(found) else type(found).__name__}.")
    found = found.double()
    if torch.allclose(found, wanted * (math.pi / 180), atol=1e-3):
        raise Off("the values are right in radians: the lab goes on in degrees.")
    if float(found.min()) < -1e-6:
        raise Off("a path that turns the other way has a negative angle in yours: how far apart "
                  "two lines are has no sign.")
    for have, want, row in zip(found.tolist(), wanted.tolist(), degrees.tolist(), strict=True):
        if abs(have - want) > 1e-2:
            raise Off(f"the endpoints {row[0]:.0f} and {row[-1]:.0f} degrees are {want:.0f} "
                      f"degrees apart, the short way; yours says {have:.0f}.")


EXERCISES = {
    "06-5": Exercise("path cost", path_cost, _try_path_cost,
                     "cost a straight path of length 1 at Q = 1/2 by hand with 2 places, then with "
                     "3: which factor changes with the number of places?"),
    "06-6": Exercise("honest cost", honest_cost, _try_honest_cost,
                     "print the fine path of z = (0, 0), (1, 0), (1, 1) with parts = 2: how many "
                     "places has it, and which of them are the old ones?"),
    "06-7": Exercise("evidence", evidence, try_evidence,
                     "say what each of your two cells has in common with the other, and what "
                     "differs: what would a doubter say is the cause?"),
    "06-8": Exercise("angle between the endpoints", apart, _try_apart,
                     "work out 350 and 10 degrees by hand: what does your formula make of the "
                     "difference before it takes the absolute value?"),
}
