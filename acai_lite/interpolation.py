"""Paths between codes: straight, along a sphere. Through realistic places: realistic_paths.py."""

import torch

from .files.progress import watched


def interpolate(z0, z1, steps, path="linear"):
    """Codes along a path from z0 to z1.

    z0, z1: (K,*code), the same shape and floating dtype; dim 0 is the pair. steps: T >= 2 places t = 0, 1/(T-1), ..., 1.
    path: "linear", (1-t) z0 + t z1; "spherical", along the great circle between the two directions (White 2016,
    arXiv 1609.04468; the form that the ACAI code logs), which falls back to linear where a pair is parallel.
    Returns (K,T,*code); the first and the last code are z0 and z1 exactly. Raises ValueError or TypeError.
    """
    if path not in ("linear", "spherical"):
        raise ValueError(f"unknown path {path!r}: choose 'linear' or 'spherical', or call realistic_path")
    if z0.shape != z1.shape or z0.ndim < 2:
        raise ValueError(f"z0 and z1 must have one shape (K, *code); got {tuple(z0.shape)} and {tuple(z1.shape)}")
    if z0.dtype != z1.dtype or not z0.is_floating_point():
        raise TypeError(f"z0 and z1 must have one floating dtype; got {z0.dtype} and {z1.dtype}")
    if steps < 2:
        raise ValueError(f"a path needs at least 2 steps; got {steps}")
    a, b = z0.flatten(1)[:, None], z1.flatten(1)[:, None]              # (K,1,Z)
    t = torch.linspace(0, 1, steps, dtype=z0.dtype, device=z0.device)[None, :, None]     # (1,T,1)
    codes = (1 - t) * a + t * b                                        # (K,T,Z)
    if path == "spherical":
        u, v = a.double(), b.double()                                  # float32 blurs opposite codes
        cosine = (u * v).sum(-1, keepdim=True) / (u.norm(dim=-1, keepdim=True) * v.norm(dim=-1, keepdim=True))
        angle = cosine.clamp(-1, 1).acos()                             # (K,1,1)
        arc = (((1 - t) * angle).sin() * u + (t * angle).sin() * v) / angle.sin()
        codes = torch.where(angle.sin() > 1e-4, arc.to(codes.dtype), codes)  # or a zero code
    codes[:, :1], codes[:, -1:] = a, b
    return codes.unflatten(2, z0.shape[1:])


@torch.no_grad()
def decode_path(model, codes):
    """(K,T,*code) -> frames (K,T,C,32,32), decoded in parts, to keep memory small."""
    flat = codes.flatten(0, 1)
    frames = torch.cat([model.decode(part) for part in watched(flat.split(64), 64)])
    return frames.unflatten(0, codes.shape[:2])


@torch.no_grad()
def interpolate_images(model, x0, x1, steps, path="linear"):
    """Frames (K,T,C,32,32) between two batches of images (K,C,32,32): encode, walk, decode. The ends are reconstructions."""
    z0, z1 = (torch.cat([model.encode(part) for part in x.split(64)]) for x in (x0, x1))
    return decode_path(model, interpolate(z0, z1, steps, path))
