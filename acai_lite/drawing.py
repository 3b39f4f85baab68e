"""Drawn data, whose true in-between is known: lines of any angle (ACAI paper, section 3), waves of any frequency."""
import numpy as np
import torch


def _line_pixels(angles):
    """(N,) float64 radians -> (N,32,32) float64 in [-1, 1]; every rule below is the authors' routine."""
    angles = np.asarray(angles, dtype=np.float64).reshape(-1, 1)
    column, row = 16 + 15 * np.cos(angles), 16 - 15 * np.sin(angles)   # far end; the near end is the centre (16, 16)
    flat = np.abs(column - 16) > np.abs(row - 16)                      # the major axis is the one that changes more
    major, minor = np.where(flat, column, row), np.where(flat, row, column)
    start, end = np.minimum(major, 16), np.maximum(major, 16)
    minor_start = np.where(major < 16, minor, 16) - 1                  # half of the thickness, 2
    run = major - 16
    slope = np.divide(minor - 16, run, out=np.zeros_like(run), where=run != 0)
    m = np.arange(32)[None]                                          # (1,32) index along the major axis
    weight = np.where(m < np.ceil(start), np.ceil(start) - start, 1.0)
    weight = np.where((m >= np.floor(start)) & (m < np.ceil(end)), weight, 0.0)
    low = (minor_start + (m - start - 0.5) * slope)[..., None]         # (N,32,1) the line covers [low, low + 2]
    pixel = np.arange(32)[None, None]
    cover = np.clip(np.minimum(low + 2, pixel + 1) - np.maximum(low, pixel), 0, 1) * weight[..., None]
    cover = np.where(flat[..., None], cover.transpose(0, 2, 1), cover)  # major axis columns -> image rows first
    return np.clip(2 * cover - 1, -1, 1)


def draw_lines(angles):
    """Draw one anti-aliased line from the centre for every angle.

    angles: (N,) radians, any finite value; 0 points right, pi/2 up. Returns (N,1,32,32) float32 in [-1, 1],
    computed in float64. Raises ValueError if an angle is not finite. Source: papers' `draw_line`, length 15 pixels.
    """
    angles = torch.as_tensor(angles, dtype=torch.float64).detach().cpu().reshape(-1).numpy()
    if not np.isfinite(angles).all():
        raise ValueError("angles must be finite numbers in radians; got NaN or infinity")
    images = np.empty((len(angles), 1, 32, 32), np.float32)
    for part in range(0, len(angles), 64):                             # in parts: the working memory stays small
        images[part:part + 64, 0] = _line_pixels(angles[part:part + 64])
    return torch.from_numpy(images)


LOWEST, HIGHEST = 1.0, 6.0                      # frequencies of waves; 16 cycles in 32 values would be the most (Nyquist)


def draw_waves(frequencies, phase=0.0):
    """Draw one sine wave for every frequency: x(k) = sin(2 pi f t + phase), t = (k + 1/2) / 32 - 1/2, k = 0 ... 31.

    frequencies: (N,) cycles per signal, any finite value; the data set has LOWEST to HIGHEST. phase: radians, in the middle
    of the signal; the data set has 0 only: waves of one frequency and two phases blend into a wave of that frequency, so
    phase cannot show a double exposure. Returns (N,1,32) float32 in [-1, 1], computed in float64. Raises ValueError if a
    frequency is not finite.
    """
    frequencies = torch.as_tensor(frequencies, dtype=torch.float64).detach().cpu().reshape(-1, 1, 1)
    if not frequencies.isfinite().all():
        raise ValueError("frequencies must be finite numbers in cycles per signal; got NaN or infinity")
    t = (torch.arange(32, dtype=torch.float64) + 0.5) / 32 - 0.5
    return torch.sin(2 * np.pi * frequencies * t + phase).float()
