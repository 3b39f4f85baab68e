"""acai_lite: what makes an interpolation between two data points good, and how do you train for it?

    import acai_lite as al
    images = al.load("lines")
    model = al.build("acai", "lines", recipe="lines")
    al.fit(model, images, samples=60_000, recipe="lines")
    print(al.score_lines(model, images))
"""
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .autoencoders import ACAI, Autoencoder, Model
from .checkpoints import checkpoint, make_receipt, save_checkpoint
from .data import ImageSet, load
from .densities import critic_score, feature_index, fit_density, mean_and_cov
from .drawing import draw_lines, draw_waves
from .fast import fit
from .files.threads import available_cpus, follow_container
from .image_paths import PathScores, compare_paths, path_scores, train_classifier
from .interpolation import decode_path, interpolate, interpolate_images
from .lines import (
    LineScores,
    by_angle,
    code_dimension,
    line_scores,
    lines_dimension,
    score_lines,
    straight_limit,
)
from .networks import Architecture
from .probes import cluster_accuracy, encode_all, linear_probe, probe_controls, reconstruction_error
from .realism import (
    Agreement,
    RealismIndex,
    cauchy_realism,
    gaussian_realism,
    laplace_realism,
    radial_realism,
    rank_agreement,
    uniform_realism,
)
from .realistic_paths import RealisticPath, hop_path, path_cost, realistic_path
from .recipes import RECIPES, Recipe
from .runs.films import film
from .runs.tables import table
from .training import History
from .waves import WaveScores, score_waves, wave_scores
from .zoo import build

if TYPE_CHECKING:
    from . import figures, gans

__version__ = "0.1.0"
__all__ = ["ACAI", "Agreement", "Architecture", "Autoencoder", "History", "ImageSet", "LineScores",
           "Model", "PathScores", "RECIPES", "RealismIndex", "RealisticPath", "Recipe",
           "WaveScores", "available_cpus", "build", "by_angle", "cauchy_realism", "checkpoint",
           "cluster_accuracy", "code_dimension", "compare_paths", "critic_score", "decode_path",
           "draw_lines", "draw_waves", "encode_all", "feature_index", "figures", "film", "fit",
           "fit_density", "gans", "gaussian_realism", "hop_path", "interpolate",
           "interpolate_images", "laplace_realism", "line_scores", "linear_probe",
           "lines_dimension", "load", "make_receipt", "mean_and_cov", "path_cost", "path_scores",
           "probe_controls", "radial_realism", "rank_agreement", "realistic_path",
           "reconstruction_error", "save_checkpoint", "score_lines", "score_waves",
           "straight_limit", "table", "train_classifier", "uniform_realism", "wave_scores"]

follow_container()


def __getattr__(name: str) -> Any:  # matplotlib and the GANs load when they are used
    if name in ("figures", "gans"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
