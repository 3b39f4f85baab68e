"""Lab 08: what each check looks for."""
import math
import re
from numbers import Integral
from statistics import mean, pstdev, stdev

from ..checks import Exercise, Off, near
from .answers import budget, report, run_card, spread_curve

FULL = 2 ** 24                                  # the paper's samples, in batches of 64


def _try_budget(yours):
    result = yours(FULL, 64, 60_000, 150)
    if not isinstance(result, dict) or set(result) != {"steps", "passes", "hours"}:
        raise Off("return a dictionary with the keys 'steps', 'passes' and 'hours'.")
    if near(result["steps"], FULL):
        raise Off("a sample is one image seen once, a step is one batch: 2^24 samples are "
                  "262,144 steps of 64.")
    if near(result["steps"], FULL * 64):
        raise Off("you multiplied by the batch size: a step takes 64 samples at once, so there are "
                  "fewer steps than samples.")
    if not near(result["steps"], FULL // 64):
        raise Off(f"2^24 samples are 262,144 steps of 64; yours says {result['steps']:,.0f}. How "
                  "many samples does a step take?")
    if near(result["passes"], FULL / 64 / 60_000):
        raise Off("you counted steps per image: a pass (an epoch) has shown every image once, "
                  "whatever the batch size.")
    if not near(result["passes"], FULL / 60_000):
        raise Off("2^24 samples of 60,000 images are about 280 passes; yours says "
                  f"{result['passes']:,.1f}. How often was each image shown?")
    if near(result["hours"], FULL / 150) or near(result["hours"], FULL / 150 / 60):
        raise Off("that is a time in " + ("seconds" if near(result["hours"], FULL / 150)
                                          else "minutes") + ", not hours.")
    if near(result["hours"], FULL / 64 / 150 / 3600):
        raise Off("the rate is in samples a second, and you divided steps by it.")
    if not near(result["hours"], FULL / 150 / 3600):
        raise Off("2^24 samples at 150 a second are about 31 hours; yours says "
                  f"{result['hours']:,.2f}. What is the unit of your rate?")
    other = yours(1000, 48, 500, 20)
    if float(other["steps"]) != 20:
        raise Off("1,000 samples in batches of 48: 20 whole steps, the rest is no batch. Yours "
                  f"says {other['steps']:,.2f}.")
    if not near(other["passes"], 2) or not near(other["hours"], 50 / 3600):
        raise Off("with other numbers your function gives the old answer: use all four arguments.")


class _Point(dict):
    """A point of a history that remembers which of its entries were read."""

    def __init__(self, read, **entries):
        super().__init__(entries)
        self.read = read

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)

    def values(self):
        self.read.update(self)
        return super().values()

    def items(self):
        self.read.update(self)
        return super().items()


def _history(read, upto, validation, test, count=60):
    return [_Point(read, samples=upto * (k + 1) // count, loss=1 / (k + 1),
                   validation=validation(k / count), test=test(k / count)) for k in range(count)]


def _try_card(yours):
    card = yours()
    names = {"hypothesis", "methods", "samples", "seeds", "measure", "stop"}
    if not isinstance(card, dict) or set(card) != names:
        raise Off(f"a card has the entries {', '.join(sorted(names))}; no other, none missing.")
    words = " ".join(str(card["hypothesis"]).split())
    if not re.search(r"\d", words) or len(words) < 40:
        raise Off("a hypothesis has to be able to fail: which method, better by how much (a "
                  "number), in what measure?")
    if not {"baseline", "acai"} <= set(card["methods"]):
        raise Off("a number of ACAI alone says nothing: run the baseline beside it, with "
                  "the same budget.")
    seeds = list(card["seeds"])
    if len(set(seeds)) != len(seeds):
        raise Off("the same seed twice is the same run twice: it makes the spread look small.")
    if len(seeds) < 3:
        raise Off("one run has no spread, and two hardly have one: name at least three seeds, "
                  "before you have seen a result.")
    if not isinstance(card["samples"], Integral) or card["samples"] < 1000:
        raise Off("samples is one whole number, the budget of every run, e.g. 100_000.")
    if card["measure"] not in ("probe_accuracy", "online_probe_accuracy", "cluster_accuracy"):
        raise Off("one measure decides, named beforehand: 'probe_accuracy', "
                  "'online_probe_accuracy' or 'cluster_accuracy'.")
    stop, size = card["stop"], card["samples"]
    if not callable(stop):
        raise Off("stop is a function: it is given the list of points so far and says "
                  "whether the run ends.")
    read = set()
    rising = _history(read, size, lambda t: 0.5 + 0.4 * t, lambda t: 0.5 + 0.4 * t)
    ends = [bool(stop(rising[:k])) for k in range(1, len(rising) + 1)]
    if "test" in read:
        raise Off("your stop rule reads the test set. A run that ends when the test accuracy is "
                  "high has been chosen by it; validation images are there for that.")
    if not ends[-1]:
        raise Off("the budget is used up and your rule goes on: it must end the run at `samples` "
                  "at the latest.")
    if ends[0]:
        raise Off("your rule ends the run at its first point.")
    if any(bool(stop(_history(set(), size, lambda t: 0.5 + 0.4 * t, lambda t: 0.9 - 0.8 * t)[:k]))
           != end for k, end in enumerate(ends, 1)):
        raise Off("your stop rule depends on the test accuracy: with other test numbers it "
                  "decided otherwise.")


def _try_curve(yours):
    def r(method, samples, seed, value):
        return {"method": method, "samples": samples, "seed": seed, "probe_accuracy": value,
                "cluster_accuracy": 0.5}
    runs = [r("acai", 4000, 0, 0.95), r("baseline", 1000, 0, 0.80), r("acai", 1000, 1, 0.90),
            r("acai", 1000, 0, 0.80), r("acai", 1000, 2, 0.85), r("baseline", 1000, 1, 0.82),
            r("acai", 4000, 1, 0.97)]
    result = yours([dict(run) for run in runs])
    if not isinstance(result, dict) or set(result) != {"acai", "baseline"}:
        raise Off("return {method: list of points}, one entry for each method that occurs.")
    acai = [tuple(point) for point in result["acai"]]
    if any(len(point) != 4 for point in acai):
        raise Off("a point is (samples, mean, spread, number of runs).")
    if len(acai) == 1:
        raise Off("you averaged over budgets: runs of 1,000 and of 4,000 samples are two points, "
                  "never one mean.")
    if len(acai) == 5:
        raise Off("one point a budget, please, and all its seeds in it; you kept one point a run.")
    if [point[0] for point in acai] == [4000, 1000]:
        raise Off("sort by budget: the list came in no order, and a curve runs from few "
                  "samples to many.")
    if [point[0] for point in acai] != [1000, 4000]:
        raise Off("ACAI has two budgets here, 1,000 and 4,000 samples: which runs make a point?")
    (_, middle, spread, count), values = acai[0], [0.80, 0.90, 0.85]
    if int(count) != 3 or not near(middle, mean(values)):
        raise Off(f"three ACAI runs of 1,000 samples, mean 0.85: yours says {float(middle):.3f} "
                  f"from {count}. Of which runs, and of which measure?")
    if near(spread, max(values) - min(values)):
        raise Off("the ± of the paper is the standard deviation, not the whole range.")
    if near(spread, pstdev(values) ** 2) or near(spread, stdev(values) ** 2):
        raise Off("that is the variance: take its square root, or ± has the wrong unit.")
    if not (near(spread, pstdev(values)) or near(spread, stdev(values))):
        raise Off(f"the standard deviation over the three seeds is {pstdev(values):.4f} (the "
                  f"paper's), or {stdev(values):.4f} as an estimate; yours says "
                  f"{float(spread):.4f}. Of which runs?")
    single = [tuple(point) for point in yours([r("vae", 10, 0, 0.5)])["vae"]][0]
    if single[2] is not None and not math.isnan(float(single[2])):
        raise Off("a single run has no spread: ± 0 would say that reruns agree, and nobody has run "
                  "one. Use math.nan.")
    again = [tuple(point) for point in yours([*runs[2:5], dict(runs[3])])["acai"]][0]
    if int(again[3]) != 3:
        raise Off("the same run (method, samples, seed) came twice and was counted twice.")


def _try_report(yours):
    words = " ".join(str(yours()).split())
    if len(words) < 150:
        raise Off("three sentences: what was found, how sure it is, how it stands to the paper.")
    if not re.search(r"seed|reruns?\b|\bruns?\b|±", words):
        raise Off("how many runs stand behind each point? Your text does not say so.")
    if not re.search(r"\d[\d,. ]*(000|k\b|million)?[^.]{0,30}samples|samples[^.]{0,40}\d", words):
        raise Off("no budget: say how many samples your runs had.")
    if re.search(r"paper", words) and not re.search(r"16[.,]8|16,777,216|2\^24|2\*\*24|million",
                                                    words):
        raise Off("these two points have different budgets; your text does not say so. How many "
                  "samples had the paper's?")
    if not re.search(r"paper", words):
        raise Off("set your number beside the paper's, with both budgets.")
    if re.search(r"\bprove[sdn]?\b|\bproof\b", words):
        raise Off("runs with a few seeds prove nothing: say what they show, and in "
                  "how many of them.")


EXERCISES = {
    "08-1": Exercise("a budget", budget, _try_budget, "take 100 samples, batches of 10, 50 images "
                     "and 5 samples a second: all three answers can be counted on your fingers."),
    "08-2": Exercise("a run card", run_card, _try_card,
                     "call stop on a made-up list of points, once half-way and once at the budget, "
                     "and print which entries of a point it reads."),
    "08-3": Exercise("a curve with its spread", spread_curve, _try_curve,
                     "feed it two runs of one method, values 0.8 and 0.9, then the same two runs "
                     "twice: what must each point say?"),
    "08-4": Exercise("three honest sentences", report, _try_report,
                     "read your text as somebody who has not seen the table: could you say how "
                     "many runs there were, and how long each of them was?"),
}
