"""Lab 08: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import math
from statistics import mean, stdev

import numpy as np


def budget(steps=lambda s, b: s // b, passes=lambda s, b, n: s / n,
           hours=lambda s, b, rate: s / rate / 3600):
    return lambda samples, batch_size, images, rate: {"steps": steps(samples, batch_size),
                                                      "passes": passes(samples, batch_size, images),
                                                      "hours": hours(samples, batch_size, rate)}


def card(**changes):
    def stop(points):
        return points[-1]["samples"] >= 5000
    return lambda: {"hypothesis": "ACAI's probe is at least 0.3 points better than the "
                        "baseline's on MNIST.", "methods": ("acai", "baseline"), "samples": 5000,
                    "seeds": (3, 4, 5, 6), "measure": "cluster_accuracy", "stop": stop, **changes}


def curve(spread=stdev, join=True, keep=True, dedupe=True, single=math.nan,
          measure="probe_accuracy"):
    def yours(results):
        found = {}
        for r in results:
            found.setdefault(r["method"], {}).setdefault(
                r["samples"] if join else (r["samples"], r["seed"]), {})[
                    r["seed"] if dedupe
                    else len(found[r["method"]].get(r["samples"], {}))] = r[measure]
        out = {}
        for method, by in found.items():
            points = [(s, mean(v.values()), spread(list(v.values())) if len(v) > 1 else single,
                       len(v)) for s, v in by.items()]
            out[method] = sorted(points) if keep else points
        return out
    return yours


def curve_by_numpy(results):
    found = {}
    for method in {r["method"] for r in results}:
        own = {(r["samples"], r["seed"]): r["probe_accuracy"]
               for r in results if r["method"] == method}
        keys, values = np.array(list(own)), np.array(list(own.values()))
        groups = [(budget, values[keys[:, 0] == budget]) for budget in np.unique(keys[:, 0])]
        found[method] = [[s, v.mean(), v.std() if len(v) > 1 else np.nan, len(v)]
                         for s, v in groups]
    return found


def averaged(results):
    out = {}
    for method in {r["method"] for r in results}:
        values = [r["probe_accuracy"] for r in results if r["method"] == method]
        out[method] = [(4000, mean(values), 0.1, len(values))]
    return out


GOOD = ("In three seeds ACAI read 96.0% after 100,000 samples, the baseline 95.5%. The paper's "
        "98.25% is an online reading after 16.8 million samples. The gap may be the budget's; "
        "nobody here has run it.")
OTHER = """Budgets first: each of our runs saw 1e5 = 100 000 samples, those of the paper 2^24. What
    they share is the order: ACAI's codes were read better than the baseline's in all four runs, by
    0.4 points ± 0.2. Whether that order lasts up to the paper's budget, runs like these cannot
    say."""

RIGHT = [
    ("08-1", budget(steps=lambda s, b: int(s / b))),
    ("08-1", budget(hours=lambda s, b, rate: s / (rate * 60 * 60))),
    ("08-2", card()),
    ("08-2", card(stop=lambda points: len(points) >= 40 or points[-1].get("samples") >= 5000)),
    ("08-3", curve()), ("08-3", curve_by_numpy), ("08-3", curve(single=None)),
    ("08-4", lambda: GOOD), ("08-4", lambda: OTHER)]

WRONG = [
    ("08-1", budget(steps=lambda s, b: s), "262,144 steps of 64"),
    ("08-1", budget(steps=lambda s, b: s * b), "fewer steps than samples"),
    ("08-1", budget(steps=lambda s, b: s / b), "20 whole steps"),
    ("08-1", budget(passes=lambda s, b, n: s / b / n), "counted steps per image"),
    ("08-1", budget(hours=lambda s, b, rate: s / rate), "seconds, not hours"),
    ("08-1", budget(hours=lambda s, b, rate: s / b / rate / 3600), "divided steps by it"),
    ("08-1", lambda *a: budget()(2 ** 24, 64, 60_000, 150), "20 whole steps"),
    ("08-2", card(stop=lambda points: points[-1]["test"] > 0.8 or points[-1]["samples"] >= 5000),
     "reads the test set"),
    ("08-2", card(stop=lambda points: max(points[-1].values()) >= 5000), "reads the test set"),
    ("08-2", card(stop=lambda points: False), "must end the run"),
    ("08-2", card(stop=lambda points: True), "first point"),
    ("08-2", card(stop=True), "stop is a function"),
    ("08-2", card(methods=["acai"]), "baseline beside it"),
    ("08-2", card(seeds=[0]), "at least three seeds"),
    ("08-2", card(seeds=[0, 0, 1]), "same seed twice"),
    ("08-2", card(hypothesis="ACAI learns better codes than the baseline does."), "able to fail"),
    ("08-2", card(measure="looks"), "one measure decides"),
    ("08-2", card(samples=0.5), "whole number"),
    ("08-2", lambda: {"hypothesis": ""}, "entries"),
    ("08-3", averaged, "averaged over budgets"), ("08-3", curve(join=False), "one point a budget"),
    ("08-3", curve(keep=False), "sort by budget"),
    ("08-3", curve(spread=lambda v: max(v) - min(v)), "whole range"),
    ("08-3", curve(spread=lambda v: stdev(v) ** 2), "square root"),
    ("08-3", curve(single=0.0), "no spread"),
    ("08-3", curve(dedupe=False), "counted twice"),
    ("08-3", curve(measure="cluster_accuracy"), "mean 0.85"),
    ("08-4", lambda: "ACAI wins.", "three sentences"),
    ("08-4", lambda: GOOD.replace("In three seeds ", "").replace("run", "done"), "how many runs"),
    ("08-4", lambda: GOOD.replace("samples", "images"), "no budget"),
    ("08-4", lambda: GOOD.replace(" after 16.8 million samples", ""), "different budgets"),
    ("08-4", lambda: GOOD.replace("paper", "other"), "beside the paper's"),
    ("08-4", lambda: GOOD + " This proves it.", "prove nothing")]
