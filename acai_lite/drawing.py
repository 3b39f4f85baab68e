"""Drawn data, whose true in-between is known: lines of any angle (ACAI paper, section 3), waves of
any frequency."""
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Numbers = Tensor | np.ndarray | Sequence[float]


def _line_pixels(angles: Tensor) -> Tensor:
    """(N,) float64 radians -> (N,32,32) float64 in [-1, 1], by the authors' routine's rules."""
    angles = angles.reshape(-1, 1)
    column, row = 16 + 15 * angles.cos(), 16 - 15 * angles.sin()       # far end; near end (16, 16)
    flat = (column - 16).abs() > (row - 16).abs()                      # major axis: it changes more
    major, minor = torch.where(flat, column, row), torch.where(flat, row, column)
    start, end = major.clamp(max=16), major.clamp(min=16)
    minor_start = torch.where(major < 16, minor, 16) - 1               # half of the thickness, 2
    run = major - 16
    slope = torch.where(run != 0, (minor - 16) / run, 0)
    m = torch.arange(32, device=angles.device)[None]                   # (1,32) along the major axis
    weight = torch.where(m < start.ceil(), start.ceil() - start, 1.0)
    weight = torch.where((m >= start.floor()) & (m < end.ceil()), weight, 0.0)
    low = (minor_start + (m - start - 0.5) * slope)[..., None]         # covers [low, low + 2]
    pixel = m[..., None, :]
    cover = (torch.minimum(low + 2, pixel + 1) - torch.maximum(low, pixel)).clamp(0, 1)
    cover = cover * weight[..., None]                                  # (N, major axis, minor axis)
    cover = torch.where(flat[..., None], cover.transpose(1, 2), cover)  # -> (N, rows, columns)
    return (2 * cover - 1).clamp(-1, 1)


def line_images(angles: Tensor) -> Tensor:
    """`draw_lines` of finite float64 angles (N,), on their device, without a look at them."""
    parts = [_line_pixels(part).float() for part in angles.split(64)]  # in parts: little memory
    return torch.cat(parts)[:, None] if parts else angles.new_empty(0, 1, 32, 32).float()


def draw_lines(angles: Numbers) -> Tensor:
    """Draw one anti-aliased line from the centre for every angle.

    angles: (N,) radians, any finite value; 0 points right, pi/2 up. Returns (N,1,32,32) float32 in
    [-1, 1] on the CPU, computed in float64. Raises ValueError if an angle is not finite. Source:
    papers' `draw_line`, length 15 pixels.
    """
    values = _float64(angles)
    if not values.isfinite().all():
        raise ValueError("angles must be finite numbers in radians; got NaN or infinity")
    return line_images(values)


LOWEST, HIGHEST = 1.0, 6.0                      # frequencies of waves (Nyquist's limit is 16)


def wave_images(frequencies: Tensor, phase: float = 0.0) -> Tensor:
    """`draw_waves` of finite float64 frequencies (N,), on their device, without a look at them."""
    t = (torch.arange(32, dtype=torch.float64, device=frequencies.device) + 0.5) / 32 - 0.5
    return torch.sin(2 * math.pi * frequencies.reshape(-1, 1, 1) * t + phase).float()


def draw_waves(frequencies: Numbers, phase: float = 0.0) -> Tensor:
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
    return wave_images(values, phase)


def _float64(values: Numbers) -> Tensor:
    """(N,) float64 on the CPU; on their own device only as they were (MPS has no float64)."""
    if torch.is_tensor(values):
        values = values.detach().cpu()
    return torch.as_tensor(values, dtype=torch.float64).reshape(-1)
