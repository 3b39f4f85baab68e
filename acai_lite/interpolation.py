"""Paths between codes, straight or along a sphere. Paths through realistic places:
realistic_paths.py."""

import torch
from torch import Tensor

from .autoencoders import Model
from .files.progress import watched


def interpolate(z0: Tensor, z1: Tensor, steps: int, path: str = "linear",
                centre: Tensor | None = None) -> Tensor:
    """Codes along a path from z0 to z1.

    z0, z1: (K,*code), of one shape and floating dtype. steps: T >= 2 places t = 0, 1/(T-1), ..., 1.
    path: "linear", (1-t) z0 + t z1; or "spherical", along the great circle between the two
    directions (White 2016, arXiv 1609.04468; the form that the ACAI code logs), and linear where a
    pair is parallel. centre: (*code), the point from which directions are taken, such as the mean
    of all codes; None for the origin. Returns (K,T,*code) that begins and ends with exactly z0 and
    z1. Raises ValueError or TypeError.
    """
    if path not in ("linear", "spherical"):
        raise ValueError(f"unknown path {path!r}: choose 'linear' or 'spherical', "
                         "or call realistic_path")
    if z0.shape != z1.shape or z0.ndim < 2:
        raise ValueError("z0 and z1 must have one shape (K, *code); "
                         f"got {tuple(z0.shape)} and {tuple(z1.shape)}")
    if z0.dtype != z1.dtype or not z0.is_floating_point():
        raise TypeError(f"z0 and z1 must have one floating dtype; got {z0.dtype} and {z1.dtype}")
    if steps < 2:
        raise ValueError(f"a path needs at least 2 steps; got {steps}")
    if centre is not None and (path != "spherical" or centre.shape != z0.shape[1:]):
        raise ValueError(f"a centre is for path='spherical' and has the shape of a code, "
                         f"{tuple(z0.shape[1:])}; got path={path!r} and {tuple(centre.shape)}")
    a, b = z0.flatten(1)[:, None], z1.flatten(1)[:, None]              # (K,1,Z)
    t = torch.linspace(0, 1, steps, dtype=z0.dtype)[None, :, None]     # (1,T,1)
    here = t.to(z0.device)
    codes = (1 - here) * a + here * b                                  # (K,T,Z)
    if path == "spherical":
        c = 0 if centre is None else centre.flatten().cpu().double()
        u, v = a.cpu().double() - c, b.cpu().double() - c             # float32 blurs opposite codes
        cosine = (u * v).sum(-1, keepdim=True) / (u.norm(dim=-1, keepdim=True)
                                                  * v.norm(dim=-1, keepdim=True))
        angle = cosine.clamp(-1, 1).acos()                             # (K,1,1)
        arc = (((1 - t) * angle).sin() * u + (t * angle).sin() * v) / angle.sin()
        arc = (arc + c).to(codes.dtype).to(codes.device)
        codes = torch.where((angle.sin() > 1e-4).to(codes.device), arc, codes)   # or a zero code
    codes[:, :1], codes[:, -1:] = a, b
    return codes.unflatten(2, z0.shape[1:])


@torch.no_grad()
def decode_path(model: Model, codes: Tensor) -> Tensor:
    """Decode codes (K,T,*code) into frames (K,T,*image), 64 at a time to save memory."""
    flat = codes.flatten(0, 1)
    frames = torch.cat([model.decode(part) for part in watched(flat.split(64), 64)])
    return frames.unflatten(0, codes.shape[:2])


@torch.no_grad()
def interpolate_images(model: Model, x0: Tensor, x1: Tensor, steps: int,
                       path: str = "linear", centre: Tensor | None = None) -> Tensor:
    """Frames (K,T,*image) between two batches of images (K,*image): encoded, interpolated, decoded.
    The first and last frames are reconstructions. Raises what `encode` and `interpolate` raise."""
    z0, z1 = (torch.cat([model.encode(part) for part in x.split(64)]) for x in (x0, x1))
    return decode_path(model, interpolate(z0, z1, steps, path, centre))
