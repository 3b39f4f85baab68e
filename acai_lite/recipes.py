"""Recipes: how a model is built and trained. `build` and `fit` take the same one; without it
they are the paper's."""
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .files.validation import number, whole

PLAYERS = ("autoencoder", "critic", "discriminator", "generator", "probe")
METHODS = ("baseline", "dropout", "denoising", "vae", "aae", "vqvae", "lsgan", "acai")
Curve = tuple[tuple[float, float], ...]
CONSTANT: Curve = ((0.0, 1.0),)


@dataclass(frozen=True)
class Recipe:
    """One way to build and train. The defaults are the ACAI paper's.

    gain: initial standard deviation times this. standardise: images standardised inside the network
    by the data set's mean and standard deviation. learning_rate: Adam's, for every player; rates:
    {player: multiple of it}. rate_curve: what the learning rate is multiplied by, and critic_curve:
    what lambda is multiplied by in the autoencoder's loss, as the run goes on. Each is a tuple of
    knots (share of the run in [0, 1], factor >= 0), shares rising, with straight lines between
    knots and a constant before the first and after the last. averaging: decay per step of the
    exponential average of all weights, in [0, 1), which is what `fit` returns (0: the last
    weights). depth (None: the paper's) and methods ({method: settings}) differ from the paper's.
    Raises ValueError for a setting that is none; `fit` refuses the rate of a player that no model
    has, `build` a method's setting that it has not.
    """
    name: str = "paper"
    gain: float = 1.0
    standardise: bool = False
    learning_rate: float = 1e-4
    rates: Mapping[str, float] = field(default_factory=dict)
    rate_curve: Curve = CONSTANT
    critic_curve: Curve = CONSTANT
    batch_size: int = 64
    averaging: float = 0.0
    depth: int | None = None
    methods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not isinstance(self.standardise, bool):
            raise ValueError("name must be a text, standardise True or False; got "
                             f"{self.name!r}, {self.standardise!r}")
        for name in ("rates", "methods"):
            if not isinstance(getattr(self, name), Mapping):
                raise ValueError(f"{name} must be a dict; got {getattr(self, name)!r}")
        if unknown := [method for method in self.methods if method not in METHODS]:
            raise ValueError(f"methods has settings of {unknown[0]!r}: choose of "
                             f"{', '.join(METHODS)}")
        if wrong := [one for one in self.methods.values() if not isinstance(one, Mapping)]:
            raise ValueError(f"each value of methods must be a dict; got {wrong[0]!r}")
        plain: dict[str, Any] = {
            "gain": number("gain", self.gain, 0, above=True),
            "learning_rate": number("learning_rate", self.learning_rate, 0),
            "rates": {player: number(f"rates[{player!r}]", rate, 0)
                      for player, rate in self.rates.items()},
            "batch_size": whole("batch_size", self.batch_size, 1),
            "averaging": number("averaging", self.averaging, 0, 1, below=True),
            "depth": self.depth if self.depth is None else whole("depth", self.depth, 1),
            "rate_curve": _curve("rate_curve", self.rate_curve),
            "critic_curve": _curve("critic_curve", self.critic_curve)}
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    def rate(self, player: str, share: float) -> float:
        """Learning rate of a player when `share` in [0, 1) of the run is done."""
        return self.learning_rate * self.rates.get(player, 1.0) * _at(share, self.rate_curve)

    def critic_weight(self, share: float) -> float:
        """The factor `ramp` that `losses` gets when `share` of the run is done."""
        return _at(share, self.critic_curve)

    def settings(self) -> dict[str, Any]:
        return asdict(self)


def _curve(name: str, knots: Any) -> Curve:
    """Knots as a tuple of tuples of floats. Raises ValueError if they are no curve."""
    try:
        curve = tuple((number(name, share, 0, 1), number(name, factor, 0))
                      for share, factor in knots)
    except (TypeError, ValueError):
        curve = ()
    shares = [share for share, _ in curve]
    if not curve or shares != sorted(set(shares)):
        raise ValueError(f"{name} must be knots (share in [0, 1], factor >= 0), shares rising; "
                         f"got {knots!r}")
    return curve


def _at(share: float, curve: Curve) -> float:
    """The value of a curve, straight between its knots, constant beyond them."""
    k = bisect_right(curve, share, key=lambda knot: knot[0])
    if k in (0, len(curve)):
        return curve[min(k, len(curve) - 1)][1]
    (left, low), (right, high) = curve[k - 1:k + 1]
    return low + (high - low) * (share - left) / (right - left)


# Rises over a twentieth of the run, then falls to 0.
WARM_UP_AND_DECAY: Curve = ((0.0, 0.0), (0.05, 1.0), (1.0, 0.0))

VQVAE = dict(codebook=512, vectors=4, hidden=128, count=1.0)

RECIPES = {
    "paper": Recipe(),
    # What works in minutes (docs/recipes.md); lambda rises to 0.25. VQ-VAE's codebook: one that a
    # laptop can search.
    "lab": Recipe(name="lab", gain=math.sqrt(2), standardise=True, learning_rate=1e-3,
                  rate_curve=WARM_UP_AND_DECAY, critic_curve=((0.1, 0.0), (0.5, 0.5)),
                  batch_size=16, averaging=0.997,
                  methods={"vqvae": VQVAE}),
    # From a trained autoencoder to ACAI in a minute: many small steps, the critic faded in over the
    # first third.
    "live": Recipe(name="live", gain=math.sqrt(2), standardise=True, learning_rate=1e-3,
                   rate_curve=WARM_UP_AND_DECAY, critic_curve=((0.05, 0.0), (0.35, 0.5)),
                   batch_size=8, averaging=0.99),
    # Lines from nothing. Small initial weights, a low rate and a strong critic (lambda up to 1)
    # until the codes of all lines form a plane circle; then lambda falls to 0.25. lines-live, for a
    # minute, has half of the channels, and lambda rises to 0.5.
    "lines-live": Recipe(name="lines-live", standardise=True, learning_rate=4e-4,
                         rate_curve=((0.0, 0.0), (0.05, 1.0), (1.0, 0.1)),
                         critic_curve=((0.0, 0.0), (0.2, 1.0)), batch_size=8, averaging=0.99,
                         depth=8),
    "lines": Recipe(name="lines", standardise=True, learning_rate=3e-4,
                    rate_curve=((0.0, 0.0), (0.02, 1.0), (0.5, 0.5), (1.0, 0.15)),
                    critic_curve=((0.0, 0.0), (0.03, 2.0), (0.5, 2.0), (0.7, 0.5)),
                    batch_size=16, averaging=0.997, methods={"vqvae": VQVAE}),
}

# For MNIST, from ten minutes up: the critic at six times the paper's lambda, 3 (docs/recipes.md).
RECIPES["hour"] = replace(RECIPES["lab"], name="hour",
                          critic_curve=((0.1, 0.0), (0.5, 6.0)))


def get_recipe(recipe: Recipe | str) -> Recipe:
    """A `Recipe`, given one or its name. Raises ValueError for an unknown name."""
    if isinstance(recipe, Recipe):
        return recipe
    if not isinstance(recipe, str) or recipe not in RECIPES:
        raise ValueError(
            f"unknown recipe {recipe!r}: choose one of {', '.join(RECIPES)}, or pass a Recipe")
    return RECIPES[recipe]


def change(recipe: Recipe | str, settings: Mapping[str, Any]) -> Recipe:
    """A recipe with some settings changed, {field: value}; its name says so. Raises ValueError for
    an unknown field."""
    recipe = get_recipe(recipe)
    if not isinstance(settings, Mapping):
        raise ValueError(f"settings must be a dict, {{name: value}}; got {settings!r}")
    wrong = set(settings) - set(recipe.settings()) | set(settings) & {"name"}
    if wrong:
        raise ValueError(f"a recipe has no setting {', '.join(sorted(wrong))}: it has "
                         f"{', '.join(recipe.settings())}")
    return replace(recipe, **settings, name=recipe.name + " (changed)") if settings else recipe
