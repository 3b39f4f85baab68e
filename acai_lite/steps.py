"""One step of training, whoever the players are, and all that changes while a model trains.

Everything random about step k is drawn from (seed, k) alone, before the step; then `move` is a function of its arguments and
of the weights. So a run can stop anywhere and go on, and a GPU can record a step once and play it again (fast.py).
"""
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from .autoencoders import ACAI, Autoencoder
from .fast import joint_gradients, run_joined, shares_a_critic
from .files.graphs import Recorded


def generator(*numbers):
    """A generator seeded by a tuple of integers, e.g. (seed, stream, step)."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]) >> 1)


def recordable(model):
    """Whether a step of `model` waits for nothing: all but those with moving averages of their own (VQ-VAE's codebook)."""
    parts = [type(part).after_step for part in model.modules() if hasattr(part, "after_step")]
    return all(after in (Autoencoder.after_step, ACAI.after_step) for after in parts)


class Run:
    """All that changes while a model trains: weights, optimisers, averages, place in the run.

    losses: a function (model, x, out, ramp) -> {player: scalar}. fast: the quick step of fast.py. record: the step is called
    through graphs.py; None means on a GPU, if it is fast and all it does can be recorded.
    """

    def __init__(self, model, probe, recipe, history, losses, fast=False, record=None):
        self.model, self.probe, self.recipe, self.history = model, probe, recipe, history
        self.players = dict(model.players())
        if probe is not None:
            self.players["probe"] = list(probe.parameters())
        owned = [p for parameters in self.players.values() for p in parameters]
        if len({id(p) for p in owned}) != len(owned):
            raise ValueError("a parameter belongs to two players")
        device = owned[0].device
        on_gpu = device.type == "cuda"
        record = fast and on_gpu and recordable(model) if record is None else record
        self.optimisers = {player: torch.optim.Adam(parameters, lr=1.0, fused=True, capturable=record and on_gpu)
                           for player, parameters in self.players.items()}
        self.average = [p.detach().clone() for p in owned] if recipe.averaging else []
        self.owned, self.losses, self.step = owned, losses, 0
        self.joint = fast and shares_a_critic(model)
        self.call = Recorded(self.move, device) if record else self.move

    def advance(self, x, labels, total, seed):
        """Step number `self.step` of `total`. Returns {player: loss} without waiting for the device."""
        share = self.step / total
        keep = min(self.recipe.averaging, 1 - 1 / (self.step + 2))     # early on, a plain mean of the first steps
        logged = self.call(
            x=x, labels=labels, drawn=self.model.draw(x, generator(seed, 2, self.step)),
            ramp=self.recipe.critic_weight(share), fresh=1 - keep,
            rates={player: self.recipe.rate(player, share) for player in self.players})
        self.step += 1
        return logged

    def move(self, x, labels, drawn, ramp, fresh, rates):
        """One step of all players: one forward pass, every gradient, and only then every update."""
        model = self.model
        out = run_joined(model, x, **drawn) if self.joint else model.run(x, **drawn)
        values = self.losses(model, x, out, ramp)
        if self.probe is not None:
            logits = self.probe(out.features.detach().flatten(1))
            values["probe"] = nn.functional.cross_entropy(logits, labels)
        if set(values) != set(self.players):
            raise ValueError(f"losses for {sorted(values)}, but the players are {sorted(self.players)}")
        if self.joint:
            gradients = joint_gradients(model, x, out, ramp, self.players, values)
        else:
            gradients = {player: torch.autograd.grad(values[player], parameters, retain_graph=True)
                         for player, parameters in self.players.items()}
        for player, optimiser in self.optimisers.items():
            for parameter, gradient in zip(self.players[player], gradients[player], strict=True):
                if gradient.stride() != parameter.stride():            # fused Adam reads both as they lie in memory
                    gradient = torch.empty_like(parameter).copy_(gradient)
                parameter.grad = gradient
            optimiser.param_groups[0]["lr"] = rates[player]
            optimiser.step()
            optimiser.zero_grad()
        model.after_step(out)
        if self.average:
            with torch.no_grad():
                weight = [fresh] * len(self.owned) if torch.is_tensor(fresh) else fresh
                torch._foreach_lerp_(self.average, self.owned, weight)
        logged = {player: value.detach() for player, value in values.items()}
        if self.probe is not None:
            logged["probe_accuracy"] = (logits.argmax(1) == labels).double().mean()
        return logged

    @contextmanager
    def averaged(self):
        """The model with its averaged weights, for as long as the block lasts."""
        mine = [p.detach().clone() for p in self.owned] if self.average else []
        self.keep(self.average)
        self.model.eval()
        try:
            yield
        finally:
            self.keep(mine)
            self.model.train()

    @torch.no_grad()
    def keep(self, weights):
        if weights:
            torch._foreach_copy_(self.owned, weights)

    def state(self):
        return {"model": self.model.state_dict(), "probe": self.probe.state_dict() if self.probe else None,
                "optimisers": {player: o.state_dict() for player, o in self.optimisers.items()},
                "average": self.average, "step": self.step, "points": self.history.points,
                "seconds": self.history.seconds}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        if self.probe is not None:
            self.probe.load_state_dict(state["probe"])
        for player, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][player])
        for mine, saved in zip(self.average, state["average"], strict=True):
            mine.copy_(saved)
        self.step, self.history.points, self.history.seconds = state["step"], state["points"], state["seconds"]
