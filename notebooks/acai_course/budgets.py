"""Lab 08: the course's versions of what learners write there: budgets, run cards, curves with ±."""
import math
from statistics import mean, pstdev

import torch


def budget(samples, batch_size, images, rate):
    """What a run costs: {"steps", "passes" over the training images, "hours" at `rate` samples a second}."""
    return {"steps": samples // batch_size, "passes": samples / images, "hours": samples / rate / 3600}


def run_card():
    """A plan, written before the run: what is claimed, what is run, what is read, when it ends."""
    def stop(points):
        last = points[-1]
        if last["samples"] >= 100_000:
            return True
        recent = [point["validation"] for point in points[-20:]]
        return len(points) > 40 and max(recent) < max(point["validation"] for point in points[:-20])
    return {"hypothesis": "With codes of 32 numbers on MNIST, ACAI's converged linear classifier is at least 0.3 points "
                          "better than the baseline's after as many samples, on the mean of three seeds.",
            "methods": ["baseline", "acai"], "samples": 100_000, "seeds": [0, 1, 2], "measure": "probe_accuracy",
            "stop": stop}


def spread_curve(results, measure="probe_accuracy"):
    """{method: [(samples, mean, spread, runs), ...] by growing budget}; spread over seeds, NaN of a single run."""
    curves = {}
    for method in {r["method"] for r in results}:
        points = []
        for samples in sorted({r["samples"] for r in results if r["method"] == method}):
            by_seed = {r["seed"]: r[measure] for r in results if (r["method"], r["samples"]) == (method, samples)}
            values = list(by_seed.values())
            points.append((samples, mean(values), pstdev(values) if len(values) > 1 else math.nan, len(values)))
        curves[method] = points
    return curves


@torch.no_grad()
def multiply_adds(network, x):
    """Multiply-adds of all convolutions in one forward pass of x, one image or code (1,...), as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode
    with FlopCounterMode(display=False) as counter:
        network(x)
    return counter.get_total_flops() // 2
