"""Recipes: how a model is built and trained. `build` and `fit` take the same one; without it
they are the paper's."""
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """One way to build and train. The defaults are the ACAI paper's; every share is a share of the
    run, in [0, 1].

    gain: initial standard deviation times this. standardise: images standardised inside the network
    by the data set's mean and standard deviation. learning_rate: Adam's, for every player; rates:
    {player: multiple of it}. warm_up: share over which the rate rises from 0; decay: the rate then
    falls linearly to 0. ramp: (from, to), the shares between which the critic's weight in the
    autoencoder's loss rises from 0 to `weight` times lambda. averaging: decay per step of the
    exponential average of all weights, which is what `fit` returns (0: the last weights). depth
    (None: the paper's) and methods ({method: settings}) differ from the paper's.
    """
    name: str = "paper"
    gain: float = 1.0
    standardise: bool = False
    learning_rate: float = 1e-4
    rates: Mapping[str, float] = field(default_factory=dict)
    warm_up: float = 0.0
    decay: bool = False
    ramp: tuple[float, float] = (0.0, 0.0)
    weight: float = 1.0
    batch_size: int = 64
    averaging: float = 0.0
    depth: int | None = None
    methods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def rate(self, player: str, share: float) -> float:
        """Learning rate of a player when `share` in [0, 1) of the run is done."""
        scale = min(1.0, share / self.warm_up) if self.warm_up else 1.0
        if self.decay and share > self.warm_up:
            scale *= (1 - share) / (1 - self.warm_up)
        return self.learning_rate * self.rates.get(player, 1.0) * scale

    def critic_weight(self, share: float) -> float:
        """The factor `ramp` that `losses` gets when `share` of the run is done: 0 before the ramp,
        `weight` after it."""
        start, end = self.ramp
        return self.weight * (1.0 if share >= end else max(0.0, (share - start) / (end - start)))

    def settings(self) -> dict[str, Any]:
        return asdict(self)


RECIPES = {
    "paper": Recipe(),
    # What works in minutes (docs/recipes.md); lambda rises to 0.25. With the paper's initial
    # weights, or with a critic at full weight from the first step, lines stay the mean image for
    # tens of thousands of samples. VQ-VAE's codebook: one that a laptop can search.
    "lab": Recipe(name="lab", gain=math.sqrt(2), standardise=True, learning_rate=1e-3, warm_up=0.05,
                  decay=True, ramp=(0.1, 0.5), weight=0.5, batch_size=16, averaging=0.997,
                  methods={"vqvae": dict(codebook=512, vectors=4, hidden=128, count=1.0)}),
    # From a trained autoencoder to ACAI in a minute: many small steps, the critic faded in over the
    # first third.
    "live": Recipe(name="live", gain=math.sqrt(2), standardise=True, learning_rate=1e-3,
                   warm_up=0.05, decay=True,
                   ramp=(0.05, 0.35), weight=0.5, batch_size=8, averaging=0.99),
}

# For MNIST, from ten minutes up: the critic at six times the paper's lambda, 3 (docs/recipes.md).
RECIPES["hour"] = replace(RECIPES["lab"], name="hour", weight=6.0)


def get_recipe(recipe: Recipe | str) -> Recipe:
    """A `Recipe`, given one or its name. Raises ValueError for an unknown name."""
    if isinstance(recipe, Recipe):
        return recipe
    if recipe not in RECIPES:
        raise ValueError(
            f"unknown recipe {recipe!r}: choose one of {', '.join(RECIPES)}, or pass a Recipe")
    return RECIPES[recipe]


def change(recipe: Recipe | str, settings: Mapping[str, Any]) -> Recipe:
    """A recipe with some settings changed, {field: value}; its name says so. Raises ValueError for
    an unknown field."""
    recipe = get_recipe(recipe)
    wrong = set(settings) - set(recipe.settings()) | set(settings) & {"name"}
    if wrong:
        raise ValueError(f"a recipe has no setting {', '.join(sorted(wrong))}: it has "
                         f"{', '.join(recipe.settings())}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value
                              for key, value in settings.items()}
    return replace(recipe, **values, name=recipe.name + " (changed)") if values else recipe
