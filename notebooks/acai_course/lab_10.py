"""Lab 10, beyond: what each check looks for, and the committed runs of the critic on other autoencoders as a table."""
import datetime
import re
from contextlib import suppress
from dataclasses import replace
from numbers import Integral
from operator import index

import torch

from acai_lite.autoencoders import ACAI, Autoencoder
from acai_lite.drawing import draw_lines, draw_waves
from acai_lite.files.checkout import result_file
from acai_lite.files.records import check_kinds, read_record
from acai_lite.networks import Architecture
from acai_lite.waves import wave_scores
from acai_lite.zoo import VAE, Denoising

from .beyond import Runs, octaves, project_card, true_path, with_critic
from .checks import Exercise, Off, images_like

BASES = ("baseline", "denoising", "vae", "dropout")


def critics_table(dataset, measure, folder=None):
    """{base: (plain Runs, Runs with a critic)} of the results in `folder` (data/results/runs/critics): one JSON file a run.

    dataset: "lines" or "mnist"; measure: a key of the results, such as "mean_distance", or of the recorded path
    scores, such as "kernel_distance". Runs whose file is not there are not counted. Raises ValueError if the results of a
    data set differ in samples or recipe: they could not be compared.
    """
    folder = result_file("runs", "critics") if folder is None else folder
    kinds = {"dataset": str, "method": str, "samples": int, "recipe": str, "seed": int}
    judged = result_file("records", "path_scores.json")
    paths = read_record(judged).get(dataset, {}).get("rows", {}) if judged.exists() else {}
    results = []
    for path in sorted(folder.glob("*.json")):
        found = read_record(path, kinds) | paths.get(path.stem, {})
        check_kinds(path, found, kinds | {measure: int | float | None})
        results.append(found)
    results = [r for r in results if r["dataset"] == dataset and r.get(measure) is not None]
    budgets = {(r["samples"], r["recipe"]) for r in results}
    if len(budgets) > 1:
        raise ValueError(f"the runs on {dataset} have several budgets, {sorted(budgets)}: compare one at a time")

    def runs(method):
        return Runs.of({r["seed"]: r[measure] for r in results if r["method"] == method}.values())

    return {base: (runs(base), runs("acai" if base == "baseline" else f"acai-{base}")) for base in BASES}


# --- checks ---------------------------------------------------------------------------------------------------------------

class _Watched:
    """A critic that remembers what it was shown."""

    def __init__(self, base):
        self.d, self.seen = ACAI(base, seed=3).d, []

    def __call__(self, x):
        self.seen.append(x.detach().clone())
        return self.d(x)


def _near(a, b, share=1e-3):
    a, b = (float(torch.as_tensor(value).detach()) for value in (a, b))
    return abs(a - b) <= share * max(abs(b), 1e-9)


def _ask(yours, base, x, out, alpha, lam):
    critic = _Watched(base)
    loss = yours(base, critic, x.clone(), out, alpha.clone(), lam)
    if isinstance(loss, dict):
        raise Off("one number: the autoencoder's loss. The critic's own loss is another player's business.")
    if not torch.is_tensor(loss) or loss.numel() != 1:
        raise Off("return one number, a scalar tensor that gradients can flow through; got "
                  f"{'nothing' if loss is None else type(loss).__name__}.")
    return loss, critic


def _partners(base, z, alpha, shown):
    """Whether every picture shown is a mix alpha : 1 - alpha of its code and of one other."""
    for k in range(len(z)):
        others = [j for j in range(len(z)) if j != k]
        mixes = torch.stack([w * z[k] + (1 - w) * z[j] for j in others for w in (alpha[k], 1 - alpha[k])])
        if (base.decode(mixes) - shown[k]).flatten(1).abs().amax(1).min() > 1e-4:
            return False
    return True


def _try_with_critic(yours):
    size, random = Architecture(width=8, depth=4, gain=1.5), torch.Generator().manual_seed(0)
    alpha, lines, waves = torch.tensor([0.1, 0.45, 0.3, 0.2]), draw_lines(torch.arange(4.0)), draw_waves([1, 2, 3, 4])
    for base, x in ((VAE(size), lines), (Denoising(size), lines), (Autoencoder(replace(size, dimensions=1)), waves)):
        name = {"vae": "the VAE", "denoising": "the denoising autoencoder"}.get(base.method, "the baseline on signals")
        out = base.run(x, **base.draw(x, random))
        plain, scale = base.losses(x, out)["autoencoder"], base.loss_scale
        free, _ = _ask(yours, base, x, out, alpha, 0.0)
        squared = (out.x_hat - x).square().mean()
        if not _near(free, plain, 1e-6) and any(_near(free, factor * squared, 1e-5) for factor in (1, scale)):
            raise Off(f"with λ = 0 you get a squared error, which is the baseline's loss; {name} has another. Ask `base` "
                      "for its own.")
        if not torch.equal(free, plain):
            close = " Yours is near it: something else is added, or it is computed another way." \
                if _near(free, plain, 0.1) else ""
            raise Off(f"λ = 0 must give the plain method to the last digit, and for {name} it does not.{close} The method's "
                      "own loss of this very `out`, and nothing else, has to be left.")
        full, critic = _ask(yours, base, x, out, alpha, 0.5)
        if not critic.seen:
            raise Off("the critic was not asked: decode a mixture of codes and show it to `d`.")
        shown = torch.cat(critic.seen)
        if shown.shape != x.shape:
            raise Off(f"the critic should see one mixture for each of the {len(x)} images; it was shown {len(shown)}.")
        _same_mixes(base, x, out, alpha, shown)
        guesses, term = critic.d(shown).detach(), float((full - plain).detach())
        fooled = float(guesses.square().mean())
        if scale > 1 and _near(term, 0.5 * fooled, 0.05):
            raise Off(f"the VAE sums over {scale:,.0f} pixels where the others take a mean, so next to its loss your term "
                      "is too small to matter: λ has to be put on the method's own scale.")
        if scale > 1 and abs(term) < 0.1 * fooled:
            raise Off("the VAE's loss is large, a sum over pixels, and beside it your term vanishes: did you divide where λ "
                      "has to grow?")
        if _near(term, 0.5 * scale * float((guesses - alpha).square().mean())):
            raise Off("you reward the autoencoder for being read correctly: it wants the critic to find nothing, 0.")
        if _near(term, 0.5 * scale * fooled * len(x)):
            raise Off("take the mean over the batch, not the sum.")
        if _near(term, 0.5 * scale * float(guesses.mean())) or _near(term, 0.5 * scale * float(guesses.abs().mean())):
            raise Off("the critic's guesses are squared before the mean is taken: see the losses of lab 05a.")
        if _near(term, scale * fooled):
            raise Off("your term does not change with λ: a weight of 0 and one of 1 must differ.")
        if not _near(term, 0.5 * scale * fooled, 0.01):
            raise Off(f"for {name}, λ = ½ should add {0.5 * scale * fooled:.5f} to the loss; yours adds {term:.5f}: of "
                      "λ, the method's scale and the squared guesses, which one is another?")
        encoder, decoder = ([p for p in part.parameters() if p.ndim > 1] for part in (base.encoder, base.decoder))
        for part, weights in (("encoder", encoder), ("decoder", decoder)):
            with_, without = (torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
                              for loss in (full, plain))
            if all(a is None or b is not None and torch.allclose(a, b, rtol=1e-5, atol=1e-9)
                   for a, b in zip(with_, without, strict=True)):
                raise Off(f"the critic's term does not move the {part}: its gradient is cut off somewhere (`detach`, "
                          "`no_grad`).")


def _same_mixes(base, x, out, alpha, shown):
    with torch.no_grad():
        z, mixed = out.z.detach(), _partners(base, out.z.detach(), alpha, shown)
        a, clean = alpha.view(-1, *[1] * (z.ndim - 1)), base.encode(x)
        pixels = alpha.view(-1, *[1] * (x.ndim - 1))
        if mixed:
            return
        if torch.allclose(shown, base.decode(z), atol=1e-4):
            raise Off("each code was mixed with itself: that is the code again. Find it a partner, say the batch in reverse "
                      "order.")
        if any(torch.allclose(shown, pixels * p + (1 - pixels) * p.flip(0), atol=1e-4) for p in (x, out.x_hat)):
            raise Off("you mixed pictures; the critic is there to judge what the decoder makes of mixed *codes*.")
        if _partners(base, clean, alpha, shown):
            raise Off("you encoded the images anew. The codes to mix are those that this forward pass made, `out.z`: a "
                      "VAE's are drawn from its clouds, a denoising autoencoder's come from noisy images.")
        if torch.allclose(shown, base.decode(a * z + z.flip(0)), atol=1e-4):
            raise Off("the shares of a mixture add up to 1: alpha and 1 - alpha.")
        raise Off("what the critic sees should be decoded from alpha parts of one code and 1 - alpha parts of one other of "
                  "the batch.")


def _try_true_path(yours):
    f0, f1 = (torch.tensor([f], dtype=torch.float64) for f in (2.0, 4.0))
    scale, frames = _scale_and_frames(yours(f0, f1, 5), (1, 5, 1, 32))
    middle, ends = frames[0, 2], draw_waves([2.0, 4.0])                # (1,32), (2,1,32)
    if torch.allclose(frames[0, [0, -1]], ends.flip(0), atol=1e-4):
        raise Off("frame 0 must be the wave of f0; yours is that of f1.")
    found = wave_scores(frames)
    if found.distances[0, 1:-1].max() > 0.01:
        raise Off("between 2 and 4 cycles lies one frequency (3, or 2.83 by octaves: say which), not both.")
    if any(torch.allclose(middle, end, atol=1e-4) for end in ends):
        raise Off("your middle frame is one of the two ends: a jump. In between lies a wave that is neither.")
    if middle.norm() < 3.5:                                            # the squares of a sine: 16 in all
        raise Off("your middle wave is weaker than the waves of this data set: they all have the same height.")
    for f0, f1, steps in ((2.0, 4.0, 5), ([1.0, 5.5, 2.0], [6.0, 1.5, 2.5], 9), ([3.0, 1.25], [3.0, 5.0], 2)):
        f0, f1 = (torch.tensor(f, dtype=torch.float64).view(-1) for f in (f0, f1))
        again, frames = _scale_and_frames(yours(f0.clone(), f1.clone(), steps), (len(f0), steps, 1, 32))
        if again != scale:
            raise Off("the same scale for every pair: choose one.")
        wanted, other = (true_path, octaves)[::1 if scale == "linear" else -1]
        if torch.allclose(frames, wanted(f0, f1, steps)[1], atol=1e-3):
            continue
        if torch.allclose(frames, other(f0, f1, steps)[1], atol=1e-3):
            raise Off(f"you say {scale!r}, but your middle between 2 and 4 cycles is the other one: on a linear scale the "
                      "*steps* are equal, by octaves the *ratios*.")
        distances = wave_scores(frames).distances if steps > 1 else torch.zeros(1)
        if distances.max() < 0.01 and not torch.allclose(frames[:, 0], draw_waves(f0), atol=1e-3):
            raise Off("your first frame is a wave, but not the one of f0 as the data set draws it: phase 0 lies in the "
                      "middle of the signal. `al.draw_waves` knows.")
        raise Off(f"right between 2 and 4 cycles in 5 frames, but not for {len(f0)} pair(s) in {steps} frames: the "
                  f"frequency should go evenly ({scale}) from f0 to f1, pair by pair.")


def _scale_and_frames(result, shape):
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Off("return two things: the name of your scale, and the frames.")
    scale, frames = result
    if scale not in ("linear", "octaves"):
        raise Off(f"say which scale your in-between lies on, 'linear' or 'octaves'; got {scale!r}.")
    images_like(frames, shape, "the second of the two")
    return scale, frames.float()


KEYS = ("date", "question", "prediction", "measure", "cheat", "baseline", "samples", "seeds", "wrong_if")
EMPTY = re.compile(r"(none|nothing|no|n/?a|tbd|todo|\?|-|\.)*\W*", re.IGNORECASE)


def _try_card(yours):
    card = yours()
    if not isinstance(card, dict) or set(card) != set(KEYS):
        raise Off(f"a card has the entries {', '.join(KEYS)}; no other, none missing.")
    text = {key: " ".join(str(card[key]).split()) for key in KEYS}
    low = {key: value.lower() for key, value in text.items()}
    never = re.match(r"(nothing|no result|it cannot|it can't|that is impossible)\b", low["wrong_if"])
    if EMPTY.fullmatch(text["wrong_if"]) or never or len(text["wrong_if"]) < 15:
        raise Off("what result would prove you wrong?")
    if re.fullmatch(r"(if )?(my|the|our|this) (prediction|hypothesis|claim|idea) (is|was|turns out|turned out)? ?(to be )?"
                    r"(not |un)?(true|wrong|false|right|hold|correct)?\W*", low["wrong_if"]):
        raise Off("what result would prove you wrong? “If the prediction is wrong” says it in a circle: name what you would "
                  "read off, and which value.")
    if not text["question"].endswith("?") or len(text["question"]) < 20:
        raise Off("a question, one that the run can answer, with a question mark.")
    if not re.search(r"\d|\b(two|three|four|five|half|twice|a third|a quarter)\b", low["prediction"]) or \
            len(text["prediction"]) < 30:
        raise Off("your prediction cannot fail: which of the two will be better, in what measure, by how much (a number)?")
    if EMPTY.fullmatch(text["measure"]) or len(text["measure"]) < 10 or \
            re.search(r"\b(look|looks|looking|nice|by eye|see if)\b", low["measure"]) and not re.search(
                r"distance|smooth|error|accura|classif|cluster|score|ratio|count|panel|blind|judge", low["measure"]):
        raise Off("looking is not a measure yet: what is counted, on which images, and how many of them?")
    if EMPTY.fullmatch(text["cheat"]) or len(text["cheat"]) < 15:
        raise Off("every measure of this course could be fooled. Which path, or which model, would get a good value from "
                  "yours without deserving it?")
    if EMPTY.fullmatch(text["baseline"]) or len(text["baseline"]) < 5:
        raise Off("a number alone says nothing: what stands beside it, with the same budget?")
    if not isinstance(card["samples"], Integral) or isinstance(card["samples"], bool) or card["samples"] < 100:
        raise Off("samples is one whole number, the budget of every run, the baseline's included, e.g. 60_000.")
    seeds = []
    with suppress(TypeError):                                          # no sequence, or not of whole numbers
        seeds = [index(seed) for seed in card["seeds"]]
    if not seeds or len(set(seeds)) != len(seeds):
        raise Off("seeds is a list of different whole numbers, named before you have seen a result.")
    if len(seeds) < 3:
        raise Off("one run has no spread, and two hardly have one: name at least three seeds.")
    try:
        date = datetime.date.fromisoformat(text["date"])
    except ValueError:
        raise Off(f"the date as year-month-day, {datetime.date.today()} for today; got {text['date']!r}.") from None
    if date > datetime.date.today() + datetime.timedelta(days=1):
        raise Off("the card is dated in the future; it has to be older than the run, not the reader.")


EXERCISES = {
    "10-1": Exercise("a critic for any autoencoder", with_critic, _try_with_critic,
                     "print your loss for λ = 0, ½ and 1, once for the baseline and once for the VAE, beside the method's "
                     "own loss: how far apart are they?"),
    "10-2": Exercise("the truth between two waves", true_path, _try_true_path,
                     "count the humps of your first, middle and last frame, and check what you counted against the scale "
                     "that you named."),
    "10-3": Exercise("a project card", project_card, _try_card,
                     "hand the card to a neighbour: which result of the run would make them say that you were wrong, and "
                     "where does the card say so?"),
}
