"""Labs 05a and 05b, the critic: the course's versions of what learners write there, and what the labs show."""

import torch

from acai_lite.autoencoders import ACAI
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record


def draw_alpha(count):
    """(count,) in [0, 1/2]: how far each image of a batch is mixed; drawn evenly in [0, 1] and folded at 1/2."""
    u = torch.rand(count)
    return torch.minimum(u, 1 - u)


def mix(z, alpha):
    """z (B,c,w,w), alpha (B,) -> (B,c,w,w): each code mixed with that of its partner, the batch in reverse order."""
    a = alpha.view(-1, 1, 1, 1)
    return a * z + (1 - a) * z.flip(0)


def critic_step(model, optimiser, x, x_hat, x_alpha, alpha):
    """One step of the critic alone; returns its loss before the step."""
    unmixed = model.gamma * x + (1 - model.gamma) * x_hat
    loss = (model.d(x_alpha.detach()) - alpha).square().mean() + model.d(unmixed.detach()).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def acai_losses(x, x_hat, alpha, d_mixed, d_unmixed, lam):
    """(loss of the autoencoder, loss of the critic), ACAI paper, section 3."""
    autoencoder = (x_hat - x).square().mean() + lam * d_mixed.square().mean()
    critic = (d_mixed - alpha).square().mean() + d_unmixed.square().mean()
    return autoencoder, critic


def reading_error(model, x, alpha):
    """Mean of (d(x_alpha) - alpha)^2: how badly the critic of `model` reads mixtures of x (B,1,32,32)."""
    with torch.no_grad():
        x_alpha = model.decode(mix(model.encode(x), alpha))
        return float((model.d(x_alpha) - alpha).square().mean())


def audit(model, batches, rate=1e-3):
    """A critic that starts anew, trained beside the frozen autoencoder of `model`: an ACAI with that critic."""
    fresh = ACAI(model.base, model.lam, model.gamma, seed=1)
    optimiser = torch.optim.Adam(fresh.critic.parameters(), lr=rate)
    for x in batches:
        alpha = draw_alpha(len(x))
        with torch.no_grad():
            z = fresh.encode(x)
            x_hat, x_alpha = fresh.decode(torch.cat([z, mix(z, alpha)])).chunk(2)
        critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)
    return fresh


HUNT = {"A": "target alpha", "B": "pixel sum", "C": "leak", "D": "unfolded"}     # lab 05b's runs and their bugs


def bug_hunt(record):
    """{letter: name of a run in the record}, for the curves of lab 05b."""
    return {letter: name for letter, name in HUNT.items() if name in record.runs}


def culprits():
    return dict(HUNT)


@torch.no_grad()
def alpha_game(model, images, first=550, count=8):
    """(pictures (count,1,32,32), alpha (count,)): decoded mixtures of test images, to guess alpha from, of all degrees."""
    g = torch.Generator().manual_seed(3)
    alpha = (torch.randperm(count, generator=g) + torch.rand(count, generator=g)) / (2 * count)
    return model.decode(mix(model.encode(images.test_images[first:first + count]), alpha)), alpha


class Record:
    """Short runs over seeds, as data/recorders/record_critic.py left them in <name>.json.

    runs: {name: [what each seed's run scored, and its curve]}; samples: images of a run."""

    def __init__(self, name):
        content = read_record(result_file("records", f"{name}.json"), ("runs", "samples", "commit"))
        self.runs = {key: list(seeds.values()) for key, seeds in content["runs"].items()}
        self.samples, self.commit = content["samples"], content["commit"]

    def scores(self, name, key):
        """One value a seed: mean_distance, smoothness, end_error, or of the curve's last point."""
        return [run[key] if key in run else run["curve"][-1][key] for run in self.runs[name]]

    def spread(self, name, key, scale=1, digits=2):
        """Lowest and highest over the seeds, in words."""
        values = [scale * value for value in self.scores(name, key)]
        return f"{min(values):.{digits}f} to {max(values):.{digits}f}"

    def curve(self, name, key):
        """(samples, mean over seeds) of what was looked at on the way."""
        rows = list(zip(*(run["curve"] for run in self.runs[name]), strict=True))
        return [row[0]["samples"] for row in rows], [sum(p[key] for p in row) / len(row) for row in rows]

    def peaks(self, name, key):
        """The largest value on the way, one a seed."""
        return [max(point[key] for point in run["curve"]) for run in self.runs[name]]


def two_curves(record):
    """Lab 05b's riddle: the critic's loss in two runs, one of them with a critic that hardly learns."""
    return {"run P": record.curve("acai", "critic"), "run Q": record.curve("lazy", "critic")}


def recorded(name):
    """The record of that name."""
    return Record(name)
