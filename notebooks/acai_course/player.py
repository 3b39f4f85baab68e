"""A film with a slider that the browser plays by itself: the pictures travel with the page, and no
kernel is asked.

The slider is the browser's own (named, by mouse, touch or arrow keys); its keys do not reach
JupyterLab's shortcuts.
"""
import base64
import html
import io
import json
import uuid
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from acai_lite.data import levels

from .pages import KEYS

PAGE = """{keys}<div id="{id}" class="acai-keys" style="max-width:{width}px">
<div style="display:flex" aria-hidden="true">{titles}</div>
<div style="overflow:hidden;width:100%;aspect-ratio:{columns}/{rows};background:#000">
<img alt="{alt}" src="data:image/png;base64,{data}"
 style="width:100%;max-width:none;image-rendering:pixelated;display:block">
</div>
<label for="{id}-s">{label}</label> <output for="{id}-s"></output><br>
<input id="{id}-s" type="range" min="0" max="{last}" value="{start}"
 style="width:100%;max-width:30em">
</div><script>(() => {{
const box = document.getElementById("{id}"), slider = box.querySelector("input");
const out = box.querySelector("output");
const words = {words}, picture = box.querySelector("img");
const show = () => {{
  const k = +slider.value;
  picture.style.transform = "translateY(" + (-100 * k / words.length) + "%)";
  out.textContent = words[k];
  slider.setAttribute("aria-valuetext", words[k]);
}};
slider.addEventListener("input", show);
show();
}})()</script>"""


class Player:
    """pictures (N,rows,columns,C,32,32) in [-1, 1]: N pictures, each a grid of images. words: N
    texts, one a picture, shown and read out. label: what the slider moves. alt: what the pictures
    show. titles: one a column. start: the first picture shown. zoom: width of an image on the
    screen, in pixels."""

    def __init__(self, pictures: Tensor, words: list[str], label: str, alt: str,
                 titles: Sequence[str] = (), start: int = 0, zoom: int = 64):
        pictures = torch.as_tensor(pictures).detach()
        if pictures.ndim != 6 or len(words) != len(pictures):
            raise ValueError("pictures must be (N,rows,columns,C,32,32) with N words; got "
                             f"{tuple(pictures.shape)}, {len(words)} words")
        if not alt.strip() or not label.strip():
            raise ValueError("a player needs a label and an alt text")
        self.pictures, self.words, self.label, self.alt = pictures, words, label, alt
        self.titles, self.start, self.zoom = titles, start, zoom

    def sprite(self) -> np.ndarray:
        """All pictures below each other as one image, (N * rows * 32, columns * 32[, 3]) bytes."""
        n, rows, columns, colours = self.pictures.shape[:4]
        pixels = levels(self.pictures).permute(0, 1, 4, 2, 5, 3).reshape(n * rows * 32,
                                                                         columns * 32, colours)
        return np.squeeze(pixels.numpy())

    def _repr_html_(self):
        from PIL import Image
        buffer = io.BytesIO()
        Image.fromarray(self.sprite()).save(buffer, "PNG", optimize=True)
        rows, columns = self.pictures.shape[1:3]
        titles = "".join(f'<span style="flex:1;text-align:center">{html.escape(title)}</span>'
                         for title in self.titles)
        return PAGE.format(keys=KEYS, id=f"player-{uuid.uuid4().hex[:8]}",
                           width=columns * self.zoom, columns=columns, rows=rows,
                           alt=html.escape(self.alt, quote=True),
                           label=html.escape(self.label), titles=titles, last=len(self.words) - 1,
                           start=self.start, words=json.dumps(self.words).replace("<", "\\u003c"),
                           data=base64.b64encode(buffer.getvalue()).decode())
