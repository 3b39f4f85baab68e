"""Scores of paths of waves, whose true in-between is known: mean distance and smoothness as in
lines.py."""
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from .autoencoders import Model
from .data import ImageSet
from .drawing import HIGHEST, LOWEST, draw_waves
from .lines import DICTIONARY, look_up, own_paths, refuse_others, smoothness_of


@dataclass(frozen=True)
class WaveScores:
    """mean_distance: cosine distance to the nearest wave of any phase, averaged over all frames (0
    is perfect). smoothness: as of lines, in steps of frequency. distances (K,T), frequencies (K,T)
    in cycles per signal: of the nearest wave of every frame. end_error: mean squared error of a
    model's first and last frames against the true signals; NaN where only frames are known."""
    mean_distance: float
    smoothness: float
    distances: Tensor = field(repr=False, compare=False)
    frequencies: Tensor = field(repr=False, compare=False)
    end_error: float = float("nan")


@lru_cache(maxsize=1)
def _dictionary():
    """Frequencies (10000,), evenly from LOWEST to HIGHEST, and for each two orthogonal unit vectors
    (10000,32), whose plane holds all waves of that frequency, whatever their phase and height."""
    frequencies = torch.linspace(LOWEST, HIGHEST, DICTIONARY, dtype=torch.float64)
    sine = draw_waves(frequencies).double()[:, 0]
    sine = sine / sine.norm(dim=1, keepdim=True)
    cosine = draw_waves(frequencies, phase=torch.pi / 2).double()[:, 0]
    cosine = cosine / cosine.norm(dim=1, keepdim=True)       # one is odd about the middle, one even
    return frequencies, sine, cosine


def _nearest(signals):
    """(n,32) -> cosine distance (n,) float64 and index (n,) of the nearest frequency."""
    _, sine, cosine = _dictionary()
    y = signals.double()
    y = y / y.norm(dim=1, keepdim=True).clamp(min=1e-300)    # zeros: 1 from every wave; the first
    best, index = ((y @ sine.T).square() + (y @ cosine.T).square()).sqrt().max(1)
    return 1 - best, index


@torch.no_grad()
def wave_scores(frames: Tensor | np.ndarray) -> WaveScores:
    """Mean distance and smoothness of paths of waves: the formulas of `line_scores`.

    frames: (K,T,1,32), K paths of T >= 2 signals, raw. The dictionary has 10,000 frequencies from 1
    to 6 cycles, which do not wrap around. A wave of any phase and height is at distance 0, so
    neither score notices a path that turns the phase, or one that goes past its endpoint and back.
    A path whose endpoints have one nearest frequency counts as smoothness 0 unless all are such.
    Raises ValueError for another shape, NaN or infinity.
    """
    distances, nearest = look_up(frames, (1, 32), _nearest)
    frequencies = _dictionary()[0][nearest]
    return WaveScores(float(distances.mean()), smoothness_of(frequencies.numpy()), distances,
                      frequencies)


def score_waves(model: Model, images: ImageSet, pairs: int = 256,
                steps: int = 16) -> WaveScores:
    """`score_lines` for waves: test wave i is joined to wave i + pairs by `steps` decoded codes.
    Raises ValueError for a set of anything but waves, or of fewer than 2 * pairs."""
    refuse_others(images, "waves", (1, 32), _nearest)
    frames, end_error = own_paths(model, images, pairs, steps)
    return replace(wave_scores(frames), end_error=end_error)
