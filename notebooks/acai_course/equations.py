"""`show`: the source of something in the package, beside the equation that it implements."""
import html
import inspect
from collections.abc import Callable

from .pages import KEYS

# where a function or class stands: its equation as a notebook sets it, and as plain text
EQUATIONS = {
    "acai_lite.lines.nearest_line": (
        r"\mathrm{dist}(y) = \min_k \Big[ 1 - \frac{\langle y, D_k \rangle}"
        r"{\lVert y \rVert \lVert D_k \rVert} \Big]",
        "dist(y) = min over k of 1 - <y, D_k> / (|y| |D_k|)"),
    "acai_lite.lines.smoothness_of": (
        r"S = \frac{\max_n |\theta_{n+1} - \theta_n|}{|\theta_T - \theta_1|} - \frac{1}{T-1}",
        "S = max over n of |theta_(n+1) - theta_n| / |theta_T - theta_1| - 1 / (T - 1)"),
    "acai_lite.autoencoders.Autoencoder.losses": (
        r"L = \mathrm{mean}\big[(\hat x - x)^2\big]",
        "L = mean[(x_hat - x)^2]"),
    "acai_lite.zoo.Denoising.run": (
        r"\hat x = \mathrm{decode}(\mathrm{encode}(x + \mathrm{noise}))",
        "x_hat = decode(encode(x + noise))"),
    "acai_lite.zoo.VAE.losses": (
        r"L = \mathrm{drawing} + \tfrac{\beta}{2} \sum_{\text{code}} "
        r"\big(\mathrm{variance} + \mathrm{mean}^2 - 1 - \log \mathrm{variance}\big)",
        "L = drawing + beta / 2 * sum over the code of (variance + mean^2 - 1 - log variance)"),
    "acai_lite.gans.GAN.losses": (
        r"L_D = \mathrm{mean}\big[-\log s(d_\mathrm{real})\big] + "
        r"\mathrm{mean}\big[-\log(1 - s(d_\mathrm{fake}))\big],\quad "
        r"L_G = \mathrm{mean}\big[-\log s(d_\mathrm{fake})\big]",
        "L_D = mean[-log s(d_real)] + mean[-log(1 - s(d_fake))], L_G = mean[-log s(d_fake)]"),
    "acai_lite.autoencoders.ACAI.losses": (
        r"L_\mathrm{autoencoder} = L_\mathrm{base} + "
        r"\lambda\, \mathrm{mean}\big[d(x_\alpha)^2\big],\quad "
        r"L_d = \mathrm{mean}\big[(d(x_\alpha) - \alpha)^2\big] + "
        r"\mathrm{mean}\big[d(\gamma x + (1 - \gamma)\hat x)^2\big]",
        "L_autoencoder = L_base + lambda * mean[d(x_alpha)^2], "
        "L_d = mean[(d(x_alpha) - alpha)^2] + mean[d(gamma * x + (1 - gamma) * x_hat)^2]"),
    "acai_lite.realism.RealismIndex.__call__": (
        r"\mathrm{ri}(z; f) = P\big(f(X) \le f(z)\big)",
        "ri(z; f) = P(f(X) <= f(z))"),
    "acai_lite.realism.gaussian_realism": (
        r"\mathrm{ri}(z) = P\big(\chi^2_n \ge |z|^2\big)",
        "ri(z) = P(chi^2_n >= |z|^2)"),
    "acai_course.lab_09.images.sharpness": (
        r"\tfrac12\,\mathrm{mean}\,|x_{i,j+1} - x_{i,j}| + "
        r"\tfrac12\,\mathrm{mean}\,|x_{i+1,j} - x_{i,j}|",
        "1/2 mean |x(i, j+1) - x(i, j)| + 1/2 mean |x(i+1, j) - x(i, j)|"),
    "acai_lite.realistic_paths.path_cost": (
        r"\mathrm{cost} = \sum_i \log^2 Q\Big(\frac{z_i + z_{i+1}}{2}\Big)\, "
        r"\frac{|z_{i+1} - z_i|^2}{t_{i+1} - t_i}",
        "cost = sum over i of log^2 Q((z_i + z_(i+1)) / 2) * |z_(i+1) - z_i|^2 / (t_(i+1) - t_i)"),
}

BOX = """<p><b>{name}</b>, lines {first} to {last} of <code>{file}</code>, computes</p>
<p>{equation}</p>
<pre tabindex="0" class="acai-keys" role="region" aria-label="source of {name}"
 style="max-height:24em;overflow:auto;padding:.5em;border:1px solid #767676;margin:0">{source}</pre>
{keys}"""


class Shown:
    """What `show` found: .name, .source, .equation (LaTeX) and .words (the same in plain text); a
    notebook sets it."""

    def __init__(self, function):
        while isinstance(function, property | classmethod | staticmethod):
            function = function.fget if isinstance(function, property) else function.__func__
        function = inspect.unwrap(function)
        module = getattr(function, "__module__", "") or ""
        if (not (inspect.isfunction(function) or inspect.isclass(function))
                or not module.startswith("acai_")):
            raise TypeError("show takes a function or class of acai_lite, such as al.line_scores; "
                            f"got {function!r}")
        self.name, place = function.__qualname__, f"{module}.{function.__qualname__}"
        if place not in EQUATIONS:
            raise ValueError(
                f"no equation is known for {place}; there is one for {', '.join(EQUATIONS)}")
        self.equation, self.words = EQUATIONS[place]
        lines, self.first = inspect.getsourcelines(function)
        self.source = inspect.cleandoc("\n" + "".join(lines))
        self.last = self.first + len(lines) - 1
        self.file = ("notebooks/" if module.startswith("acai_course")
                     else "") + module.replace(".", "/") + ".py"

    def __repr__(self):
        where = f"{self.name}, lines {self.first} to {self.last} of {self.file}, computes"
        return f"{where}\n\n    {self.words}\n\n{self.source}"

    def _repr_html_(self):
        return BOX.format(name=html.escape(self.name), first=self.first, last=self.last,
                          file=self.file, equation=f"$${html.escape(self.equation, quote=False)}$$",
                          source=html.escape(self.source), keys=KEYS)


def show(function: Callable) -> Shown:
    """The source of a function, method or class of the package beside its equation; arrow keys
    scroll it when it has the focus. Raises TypeError for anything else, ValueError if no equation
    is known for it."""
    return Shown(function)
