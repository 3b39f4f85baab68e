"""What every explorer is: an ipywidget, and one HTML page that needs no kernel.

In a notebook its output is the page, so that it moves with or without a kernel; while a kernel
runs, page and widget follow each other. In a box (VBox, HBox) it has a view of its own. Both are
static/*.js.
"""
import base64
import hashlib
import html
import json
import re
import uuid

from traitlets import Bool, Float, Int, TraitError, Unicode, observe, validate

from acai_lite.files.records import in_one_line

from .pages import STATIC, png
from .questions import is_index, wanted

try:
    from anywidget import AnyWidget
except ImportError as error:
    raise ImportError("explorers need ipywidgets and anywidget: pip install "
                      "'acai-lite[course]', or start the labs with make lab") from error

STILL = """{words}<p><img src="{picture}" alt="{alt}" \
style="width:100%;max-width:900px;image-rendering:pixelated"></p>"""
IN_A_LAB = "<p>A still picture. To move it, run the cell.</p>"
# beside the box: Jupyter makes its address right
TWIN = ('<p><a href="{}">The same as a page that needs no kernel</a> (in JupyterLab, press Trust '
        'HTML above it)</p>')
# a page alone: its own script (by its hash), styles and pictures inside the file; no frame, form or
# connection
POLICY = ("default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; "
          "base-uri 'none'; form-action 'none'")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">\
<style>:root{{color-scheme:light dark}}</style>
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body class="acai-page"><p id="acai-untrusted">In JupyterLab, press <b>Trust HTML</b> above:
until then this is a still picture.</p><nav><a href="index.html">All explorers</a></nav>
<h1>{title}</h1>
<p>{about}</p>{body}</body></html>
"""


def static(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


class Explorer(AnyWidget):
    """An explorer of `data()`, shown by static/<kind>.js; its traits follow the page, and the page
    follows them: `explorer.t = 0.3`, `explorer.observe(f, "t")`, `jslink`, boxes.

    t: place on the way, in [0, 1]; value: the same, for `interactive_output`; frame: the picture
    there, 0 to last. playing: whether it moves by itself. title, about: heading and text of the
    page. alt: what the still picture shows. twin: where the page without a kernel is.
    """
    kind, asks = None, False
    t, value = Float(0.0, min=0, max=1).tag(sync=True), Float(0.0, min=0, max=1).tag(sync=True)
    frame, playing = Int(0, min=0).tag(sync=True), Bool(False).tag(sync=True)
    box = Unicode().tag(sync=True)                                     # where its page is

    def __init__(self, title, about, alt, twin=None, start=0, **state):
        self.title, self.about, self.alt, self.twin = title, about, alt, twin
        self._esm, self._css = self._script() + static("widget.js"), static("explorer.css")
        super().__init__(box=f"acai-{uuid.uuid4().hex[:8]}", frame=start, **state)
        self.on_msg(Explorer._answer)

    @property
    def last(self) -> int:
        """The last frame, where t is 1."""
        raise NotImplementedError

    def data(self):
        """What the page shows: a dict that JSON can carry."""
        raise NotImplementedError

    def ask(self, question):
        """The answer to a question of the page: a dict that JSON can carry."""
        raise ValueError("not an answerable question: this explorer has all in its page")

    def still(self):
        """A picture (H,W) or (H,W,3) of bytes, for where no script runs."""
        raise NotImplementedError

    @validate("frame")
    def _a_frame(self, proposal):
        if proposal.value > self.last:
            raise TraitError(f"frame is a whole number from 0 to {self.last}; got {proposal.value}")
        return proposal.value

    @observe("t", "value", "frame")
    def _keep_together(self, change):
        far = max(self.last, 1)
        if change.name == "frame":
            if round(self.t * far) != change.new:
                self.t = change.new / far
        else:
            with self.hold_trait_notifications():
                self.t = self.value = change.new
                self.frame = round(change.new * far)

    def _script(self):
        return "".join(map(static, ("keys.js", "common.js", f"{self.kind}.js")))

    def _all(self):
        return self.data() | {"asks": self.asks, "alt": self.alt}

    def _answer(self, question, buffers):
        number = None
        try:
            if not isinstance(question, dict):
                raise ValueError("a question is a dict")
            number = wanted(question, "nr", lambda nr: is_index(nr, 2 ** 31))
            reply = self._all() if question.get("data") is True else self.ask(question)
        except Exception as error:  # told in the page, where it is read
            reply = {"error": f"{type(error).__name__}: {in_one_line(error)}"}
        self.send({"nr": number, **reply})

    def _body(self, box, words=IN_A_LAB):
        twin = TWIN.format(html.escape(self.twin)) if self.twin else ""
        still = STILL.format(words=words, picture=png(self.still()),
                             alt=html.escape(self.alt, quote=True))
        data = json.dumps(self._all(), separators=(",", ":")).replace("<", "\\u003c")
        return (f'<div class="acai-explorer" id="{box}">{still}</div>{twin}'
                f'<style>{static("explorer.css")}</style><script type="module">'
                f'{self._script()}start("{box}", {data});</script>')

    def _repr_mimebundle_(self, **options):
        """The page alone. A widget's own view would come first in JupyterLab, and without a kernel
        show "model not found" and nothing else."""
        return {"text/plain": f"{type(self).__name__}: {self.alt}",
                "text/html": self._body(self.box)}

    def page(self):
        """The whole explorer as the text of one HTML file that needs no kernel and no net."""
        body = self._body("explorer", "")
        (script,) = re.findall(r'<script type="module">(.*)</script>', body, re.DOTALL)
        policy = POLICY.format(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode())
        return PAGE.format(title=html.escape(self.title), about=html.escape(self.about),
                           body=body, policy=policy)
