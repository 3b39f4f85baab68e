"""Drawn data, whose true in-between is known: lines of any angle (ACAI paper, section 3), waves of
any frequency."""
from collections.abc import Sequence

import numpy as np
import torch

Numbers = torch.Tensor | np.ndarray | Sequence[float]


def _line_pixels(angles: Numbers) -> np.ndarray:
    """(N,) float64 radians -> (N,32,32) float64 in [-1, 1], by the authors' routine's rules."""
    angles = np.asarray(angles, dtype=np.float64).reshape(-1, 1)
    column, row = 16 + 15 * np.cos(angles), 16 - 15 * np.sin(angles)   # far end; near end (16, 16)
    flat = np.abs(column - 16) > np.abs(row - 16)                      # major axis: it changes more
    major, minor = np.where(flat, column, row), np.where(flat, row, column)
    start, end = np.minimum(major, 16), np.maximum(major, 16)
    minor_start = np.where(major < 16, minor, 16) - 1                  # half of the thickness, 2
    run = major - 16
    slope = np.divide(minor - 16, run, out=np.zeros_like(run), where=run != 0)
    m = np.arange(32)[None]                                          # (1,32) along the major axis
    weight = np.where(m < np.ceil(start), np.ceil(start) - start, 1.0)
    weight = np.where((m >= np.floor(start)) & (m < np.ceil(end)), weight, 0.0)
    low = (minor_start + (m - start - 0.5) * slope)[..., None]         # covers [low, low + 2]
    pixel = np.arange(32)[None, None]
    cover = np.clip(np.minimum(low + 2, pixel + 1) - np.maximum(low, pixel), 0, 1)
    cover = cover * weight[..., None]                                  # (N, major axis, minor axis)
    cover = np.where(flat[..., None], cover.transpose(0, 2, 1), cover)  # -> (N, rows, columns)
    return np.clip(2 * cover - 1, -1, 1)


def draw_lines(angles: Numbers) -> torch.Tensor:
    """Draw one anti-aliased line from the centre for every angle.

    angles: (N,) radians, any finite value; 0 points right, pi/2 up. Returns (N,1,32,32) float32 in
    [-1, 1] on the CPU, computed in float64. Raises ValueError if an angle is not finite. Source:
    papers' `draw_line`, length 15 pixels.
    """
    values = _float64(angles).numpy()
    if not np.isfinite(values).all():
        raise ValueError("angles must be finite numbers in radians; got NaN or infinity")
    images = np.empty((len(values), 1, 32, 32), np.float32)
    for part in range(0, len(values), 64):                             # in parts: little memory
        images[part:part + 64, 0] = _line_pixels(values[part:part + 64])
    return torch.from_numpy(images)


LOWEST, HIGHEST = 1.0, 6.0                      # frequencies of waves (Nyquist's limit is 16)


def draw_waves(frequencies: Numbers, phase: float = 0.0) -> torch.Tensor:
    """Draw one sine wave for every frequency: x(k) = sin(2 pi f t + phase), with
    t = (k + 1/2) / 32 - 1/2, k = 0 ... 31.

    frequencies: (N,) cycles per signal, any finite value; the data set has LOWEST to HIGHEST.
    phase: radians, in the middle of the signal; the data set has 0 only: waves of one frequency and
    two phases blend into a wave of that frequency, so phase cannot show a double exposure. Returns
    (N,1,32) float32 in [-1, 1] on the CPU, computed in float64. Raises ValueError if a frequency is
    not finite.
    """
    values = _float64(frequencies)
    if not values.isfinite().all():
        raise ValueError("frequencies must be finite numbers in cycles per signal; got NaN or "
                         "infinity")
    t = (torch.arange(32, dtype=torch.float64) + 0.5) / 32 - 0.5
    return torch.sin(2 * np.pi * values.reshape(-1, 1, 1) * t + phase).float()


def _float64(values: Numbers) -> torch.Tensor:
    """(N,) float64 on the CPU; on their own device only as they were (MPS has no float64)."""
    if torch.is_tensor(values):
        values = values.detach().cpu()
    return torch.as_tensor(values, dtype=torch.float64).reshape(-1)
