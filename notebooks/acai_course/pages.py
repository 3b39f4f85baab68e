"""Into a page: pictures as data addresses, forms with a text beside them, and whether a page
listens at all."""
import base64
import io
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from acai_lite.data import levels

STATIC = Path(__file__).parent / "static"
KEYS = f"<script>{(STATIC / 'keys.js').read_text('utf-8')}</script>"
MISSING = ("Forms and buttons are missing here, as they need ipywidgets and anywidget: "
           "pip install 'acai-lite[course]', or start the labs with make lab.")


def sheet(tiles: Tensor) -> Tensor:
    """Films (R,T,C,32,32) as one picture (32 T, 32 R, C) of bytes: line y of frame k at y T + k,
    tiles side by side."""
    r, t, colours = tiles.shape[:3]
    return levels(tiles).permute(3, 1, 0, 4, 2).reshape(32 * t, 32 * r, colours)


def strip(tiles: Tensor, columns: int = 9) -> Tensor:
    """Films (R,T,C,32,32) as one picture of R rows, `columns` frames each, (32 R, 32 columns, C)
    bytes."""
    some = tiles[:, torch.linspace(0, tiles.shape[1] - 1, columns).round().long()]
    return levels(some).permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)


def png(pixels: Tensor) -> str:
    """(H,W), (H,W,1) or (H,W,3) bytes -> a data: address."""
    from PIL import Image
    packed = io.BytesIO()
    Image.fromarray((pixels[..., 0] if pixels.shape[-1] == 1
                     else pixels).numpy()).save(packed, "PNG")
    return "data:image/png;base64," + base64.b64encode(packed.getvalue()).decode()


def rounded(values, digits: int = 3) -> list[list[float]]:
    """Rows of numbers as JSON carries them."""
    return [[round(float(v), digits) for v in row] for row in values]


def fallback(widget, words: str, page: str | None = None):
    """The widget, with plain text (and HTML) for a page that knows no widgets."""
    bundle = widget._repr_mimebundle_
    instead = {"text/plain": words} | ({"text/html": page} if page else {})
    object.__setattr__(widget,
                       "_repr_mimebundle_", lambda **options: (bundle(**options) or {}) | instead)
    return widget


def in_kernel() -> bool:
    """Whether a notebook's page may be listening."""
    shell = sys.modules.get("IPython")                                 # a kernel has imported it
    return hasattr(shell and shell.get_ipython(), "kernel")


def has_forms() -> bool:
    """Whether a page can show forms and ask its kernel. A kernel without the extra `course` says
    so, once."""
    if not in_kernel():
        return False
    if all(find_spec(name) for name in ("ipywidgets", "anywidget")):
        return True
    _say_what_is_missing()
    return False


@cache
def _say_what_is_missing():
    print(MISSING)
