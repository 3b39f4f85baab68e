"""acai_lite: what makes an interpolation between two data points good, and how do you train for it?

    import acai_lite as al
    images = al.load("lines")
    model = al.build("acai", "lines", recipe="lab")
    al.fit(model, images, samples=60_000, recipe="lab")
    print(al.score_lines(model, images))
"""
from importlib import import_module

from ._threads import available_cpus, follow_container
from .autoencoders import ACAI, Autoencoder
from .checkpoints import checkpoint, make_receipt, save_checkpoint
from .data import ImageSet, load
from .drawing import draw_lines
from .evaluation import LineScores, encode_all, line_scores, linear_probe, reconstruction_error, score_lines
from .films import film
from .interpolation import decode_path, interpolate, interpolate_images
from .recipes import RECIPES, Recipe, build
from .training import History, fit

__version__ = "0.1.0"
__all__ = ["ACAI", "Autoencoder", "History", "ImageSet", "LineScores", "RECIPES", "Recipe", "available_cpus", "build",
           "checkpoint", "course", "decode_path", "draw_lines", "encode_all", "figures", "film", "fit", "interpolate",
           "interpolate_images", "line_scores", "linear_probe", "load", "make_receipt", "reconstruction_error",
           "save_checkpoint", "score_lines"]

follow_container()


def __getattr__(name):                          # matplotlib and the course load when they are used
    if name in ("course", "figures"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
