"""Lab 05a: mixtures to guess alpha from, and ACAI as a picture."""
import torch

from acai_lite.figures import EDGE, described

from .answers import mix


@torch.no_grad()
def alpha_game(model, images, first=550, count=8):
    """(pictures (count,1,32,32), alpha (count,)): decoded mixtures of test images, to guess alpha
    from, of all degrees."""
    g = torch.Generator().manual_seed(3)
    alpha = (torch.randperm(count, generator=g) + torch.rand(count, generator=g)) / (2 * count)
    return model.decode(mix(model.encode(images.test_images[first:first + count]), alpha)), alpha


INK, CRITIC = "#222222", "#00795A"


def acai_schematic():
    """The architecture of ACAI (after the ACAI paper's first figure), with the critic's second term
    below."""
    figure = described(9.6, 3.4, """Top row: an image x and its partner x' each go through the same
encoder to the codes z and z'. They are mixed, alpha z + (1 - alpha) z', and the decoder draws
x_alpha. The critic d looks at that one picture and guesses alpha; the autoencoder wants it to
answer 0. Bottom row: gamma parts of the image x and 1 - gamma parts of its own reconstruction go to
the same critic, which should answer 0: not mixed.""")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 104), ylim=(0, 37))
    axes.axis("off")

    def box(x, y, text, colour, style="round,pad=0.3"):
        axes.text(x, y, text, ha="center", va="center", fontsize=11, color=INK, bbox={
            "boxstyle": style, "facecolor": "white", "edgecolor": colour, "linewidth": 1.8})

    def arrow(x0, y0, x1, y1, colour=INK, text=""):
        axes.annotate("", (x1, y1), (x0, y0),
                      arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.5})
        if text:
            axes.text((x0 + x1) / 2, (y0 + y1) / 2 + 1.3, text, ha="center", fontsize=10,
                      color=colour)

    def image(x, y, text, colour=INK):
        box(x, y, text, colour, style="square,pad=0.55")

    image(5, 32, "$x$", EDGE["start"])
    image(5, 20, "$x'$", EDGE["end"])
    for y, z in ((32, "$z$"), (20, "$z'$")):
        box(18, y, "encoder", INK)
        box(29, y, z, INK, style="round,pad=0.4")
        arrow(7.5, y, 13, y)
        arrow(23, y, 27, y)
    box(40, 26, r"$\alpha z + (1-\alpha)\,z'$", INK)
    arrow(31, 31, 36, 28, EDGE["start"], r"$\alpha$")
    arrow(31, 21, 36, 24, EDGE["end"])
    axes.text(35.5, 20.3, r"$1-\alpha$", fontsize=10, color=EDGE["end"], ha="center")
    box(56, 26, "decoder", INK)
    arrow(47.5, 26, 51, 26)
    image(66.5, 26, r"$x_\alpha$")
    arrow(60.8, 26, 63.7, 26)
    box(78, 26, "critic $d$", CRITIC)
    arrow(69.3, 26, 73.4, 26)
    arrow(82.5, 26, 85.5, 26, CRITIC)
    axes.text(89, 26, r"$d(x_\alpha)$", ha="center", va="center", fontsize=11)
    axes.text(89, 30.5,
              r"the critic wants $\alpha$", ha="center", va="center", fontsize=10.5, color=CRITIC)
    axes.text(89, 21.5, "the autoencoder\nwants 0", ha="center", va="center", fontsize=10.5)
    image(48, 8, r"$\gamma x + (1-\gamma)\,\hat x$")
    axes.text(27, 8, "an image, softened by its\nown reconstruction $\\hat x$:\n"
              "mixed with no other", ha="center", va="center", fontsize=10.5)
    arrow(55.5, 8, 73.2, 8)
    box(78, 8, "critic $d$", CRITIC)
    arrow(82.5, 8, 85.5, 8, CRITIC)
    axes.text(87, 8, "the critic wants 0", ha="left", va="center", fontsize=10.5, color=CRITIC)
    return figure
