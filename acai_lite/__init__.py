"""acai_lite: what makes an interpolation between two data points good, and how do you train for it?

    import acai_lite as al
    images = al.load("lines")
    model = al.build("acai", "lines", recipe="lab")
    al.fit(model, images, samples=60_000, recipe="lab")
    print(al.score_lines(model, images))
"""
from importlib import import_module

from .autoencoders import ACAI, Autoencoder
from .data import ImageSet, load
from .drawing import draw_lines
from .evaluation import (
    LineScores,
    cluster_accuracy,
    encode_all,
    line_scores,
    linear_probe,
    probe_controls,
    reconstruction_error,
    score_lines,
)
from .interpolation import decode_path, interpolate, interpolate_images
from .paths import PathScores, compare_paths, path_scores, train_judge
from .recipes import RECIPES, Recipe, build
from .support.checkpoints import checkpoint, make_receipt, save_checkpoint
from .support.films import film
from .support.tables import table
from .support.threads import available_cpus, follow_container
from .training import History, fit

__version__ = "0.1.0"
__all__ = ["ACAI", "Autoencoder", "History", "ImageSet", "LineScores", "PathScores", "RECIPES", "Recipe", "adversaries",
           "available_cpus", "build", "checkpoint", "cluster_accuracy", "compare_paths", "course", "decode_path",
           "draw_lines", "encode_all", "figures", "film", "fit", "interpolate", "interpolate_images", "line_scores",
           "linear_probe", "load", "make_receipt", "path_scores", "probe_controls", "reconstruction_error",
           "save_checkpoint", "score_lines", "table", "train_judge"]

follow_container()


def __getattr__(name):                          # matplotlib and what only some labs need load when they are used
    if name in ("adversaries", "course", "figures"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
