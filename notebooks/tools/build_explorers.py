"""The explorers that need no kernel: one HTML file each in notebooks/explorers, with five pairs, or
a whole game, inside; and index.html, which shows them all.

    python notebooks/tools/build_explorers.py [NAME ...]
        (minutes; MNIST needed for mnist and code_map_mnist; "index" alone: at once)
"""
import html
import math
import re
import sys
from pathlib import Path

import acai_course as course
import torch
from acai_course.explorers import film
from sklearn.datasets import make_moons

import acai_lite as al
from acai_lite.gans import COLLAPSED_RECIPE, RING, RING_RECIPE, ring_gan, ring_of_eight

FOLDER = Path(__file__).resolve().parents[1] / "explorers"
PAIRS = ((0, 1), (2, 3), (4, 5), (6, 7), (8, 9))
LINE_PAIRS = ((8, 9), (0, 1), (2, 3), (4, 5), (6, 7))       # the clearest of the five first
KEYS = "Press Play, drag on a picture or a curve, or use the arrow keys. "
POINTS_SEEN = 1_024_000                         # by each game of lab 04


def models(data, code):
    return {name: al.checkpoint(f"{data}-{name.lower()}-{code}")
            for name in ("baseline", "VAE", "ACAI")}


def lines():
    three = models("lines", 64)
    return course.InterpolationExplorer(
        al.load("lines"), three, LINE_PAIRS, {"critic": three["ACAI"].d},
        ("linear", "spherical"), title="Lines: four ways between two of them",
        about=KEYS + "Distance: to the nearest true line, in 1e-3; angle: of that line, in "
        "degrees; critic: the alpha that ACAI's critic sees; above 0.5, more than any mixture has, "
        "it is marked ▲. The first pair is the one of five that shows the difference most "
        "clearly.")


def lines_02():
    """For lab 02, before there is a critic, an index or another path."""
    return course.InterpolationExplorer(
        al.load("lines"), {"the baseline": al.checkpoint("lines-baseline-64")}, LINE_PAIRS,
        title="Lines: an autoencoder between two of them", about=KEYS + "Distance: to the nearest "
        "true line, in 1e-3; angle: of that line, in degrees.")


def lines_05a():
    """For lab 05a: two methods, and what the critic sees."""
    two = {name: model for name, model in models("lines", 64).items() if name != "VAE"}
    return course.InterpolationExplorer(
        al.load("lines"), two, LINE_PAIRS, {"critic": two["ACAI"].d},
        title="Lines: baseline and ACAI between two of them", about=KEYS + "Distance: to the "
        "nearest true line, in 1e-3; angle: of that line, in degrees; critic: the alpha that "
        "ACAI's critic sees; above 0.5, more than any mixture has, it is marked ▲.")


def mnist():
    images, three, films = al.load("mnist"), models("mnist", 32), {}
    for i, j in PAIRS:
        rows = film(three, images.test_images[i], images.test_images[j])
        films[f"{images.test_labels[i]} to {images.test_labels[j]}"] = torch.stack(
            [rows[name] for name in three])
    return course.FilmExplorer(films, three, title="MNIST: three autoencoders between two digits",
                               about=KEYS + "The endpoints are each autoencoder's own "
                               "reconstruction of the digit.")


def training():
    shot = al.film("lines-acai-64")                                    # (N,P,T,1,32,32)
    films = {f"pair {p + 1}": shot.frames[:, None, p] for p in range(5)}
    return course.FilmExplorer(films, ["ACAI"], shot.samples, truth=True,
                               title="ACAI while it learns lines",
                               about=KEYS + "The second slider goes through the training.")


def training_mnist():
    shots = {name: al.film(f"mnist-{name.lower()}-32-hour") for name in ("baseline", "ACAI")}
    seen = [0, 1, 2, 4, 7, 10]  # of eleven moments; three pairs: a small page
    films = {f"pair {p + 1}": torch.stack([shot.frames[seen, p] for shot in shots.values()], 1)
             for p in (1, 2, 5)}
    moments = [shots["ACAI"].samples[k] for k in seen]
    return course.FilmExplorer(films, shots, moments, title="MNIST: baseline and ACAI while they "
                               "learn", about=KEYS + "The second slider goes through the training. "
                               "The endpoints are each autoencoder's own reconstruction of the "
                               "digit.")


def code_map():
    images, model = al.load("lines"), al.checkpoint("lines-baseline-64")
    train = al.encode_all(model, images.train_images[:4000]).unflatten(1, model.code_shape)
    density = al.fit_density(train[:1000], "kernel", bandwidth=0.2 * float(train.std()))
    return course.CodeMapExplorer(
        images, model, PAIRS, ("linear", "spherical", "realistic"),
        al.RealismIndex.of(density, 10_000), train, title="A map of the baseline's codes of lines",
        about=KEYS + "Each mark is a test line, drawn at its angle. Its place: the two main "
        "directions of the codes; the paths run in all 64.")


def code_map_mnist():
    return course.CodeMapExplorer(
        al.load("mnist"), al.checkpoint("mnist-acai-32"), PAIRS,
        title="A map of ACAI's codes of MNIST",
        about=KEYS + "Each mark is a test digit; its place, the two main directions of the codes.")


def realism():
    torch.manual_seed(0)
    angle, radius = 2 * math.pi * torch.rand(250), 1 + 0.1 * torch.randn(250)
    plane = {"two moons": (torch.tensor(make_moons(250, noise=0.05, random_state=0)[0]),
                           [((0.95, 0.3), (-0.95, 0.3)), ((-1.0, 0.0), (2.0, 0.5))]),
             "ring": (torch.stack([radius * angle.cos(), radius * angle.sin()], 1).double(),
                      [((1.0, 0.0), (-1.0, 0.0)), ((0.0, 1.0), (0.6, -0.8))]),
             "one bump": (0.6 * torch.randn(250, 2).double(), [((-0.8, -0.5), (0.8, 0.5))])}
    return course.RealismExplorer(
        plane, about="Drag the point z, or the ends a and b; Play walks along the three paths. "
        "Dots: a thousand draws from the density. Without a kernel the realistic path is there for "
        "the listed ends only.")


def trained_critic(baseline, images, steps=1000):
    """A critic that learnt to guess alpha from the baseline's mixtures, which the baseline did
    nothing about (lab 05a, exercise 05-3)."""
    torch.manual_seed(0)
    model = al.ACAI(baseline)
    optimiser = torch.optim.Adam(model.critic.parameters(), lr=1e-3)
    batches = images.batches("train", 16, torch.Generator().manual_seed(1))
    for _ in range(steps):
        x, _ = next(batches)
        alpha = course.draw_alpha(len(x))
        with torch.no_grad():
            z = model.encode(x)
            x_hat, x_alpha = model.decode(z), model.decode(course.mix(z, alpha))
        with torch.enable_grad():
            course.critic_step(model, optimiser, x, x_hat, x_alpha, alpha)
    return model.d


def critic_game():
    images, three = al.load("lines"), models("lines", 64)
    games = {name: course.alpha_game(three[key], images, count=24)
             for name, key in (("the baseline", "baseline"), ("ACAI", "ACAI"))}
    critics = {"the baseline": trained_critic(three["baseline"], images), "ACAI": three["ACAI"].d}
    return course.CriticGame(games, critics, about="How much of another line is mixed into this "
                             "one, before it was decoded? alpha goes from 0 (nothing) to 0.5 "
                             "(half). The baseline's critic has learnt to see it; ACAI was trained "
                             "until its critic no longer could.")


def gan():
    runs = {}
    for name, recipe in (("healthy", RING_RECIPE), ("collapsed", COLLAPSED_RECIPE)):
        camera = course.GameCamera(ring_gan(seed=0))
        al.fit(camera.gan, ring_of_eight(), POINTS_SEEN, recipe, probe=False, on_report=camera,
               quiet=True, device="cpu")
        runs[name] = camera.shots
    return course.GameExplorer(runs, RING, about="A generator against a discriminator, on eight "
                               "places of a circle. Step, or play. In the collapsed game the "
                               "discriminator learns 30 times faster.")


TWINS = [lines, lines_02, lines_05a, mnist, training, training_mnist, code_map, code_map_mnist,
         realism, critic_game, gan]
# What index.html says of each; the labs' own ones are not on it.
INDEX = {
    lines: "Move from one line to another: which of four ways turns, and which fades or jumps?",
    training: "Drag through ACAI's training and see a double exposure become one line that turns.",
    mnist: "The same between handwritten digits, with three autoencoders.",
    training_mnist: "Digits while two models learn: from how many images on do they differ?",
    critic_game: "How much of another picture is mixed in? Guess, then see what the critic says.",
    code_map: "Where lines lie in the baseline's code, and where three kinds of path lead.",
    code_map_mnist: "The same map of ACAI's codes of digits.",
    realism: "Drag a point through a density: how unusual is it, and which path avoids the void?",
    gan: "Watch a generator chase a discriminator around eight places, or give up on seven."}
FRONT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorers</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 1rem auto;
  padding: 0 .8rem }}
ul {{ display: grid; gap: 1rem; padding: 0; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)) }}
a {{ display: block; height: 100%; box-sizing: border-box; padding: .8rem; color: inherit;
  text-decoration: none; border: 1px solid #8888; border-radius: .5rem }}
a:hover, a:focus-visible {{ border-color: currentColor; outline: 2px solid; }}
img {{ width: 100%; height: 9rem; object-fit: contain; background: #8882;
  image-rendering: pixelated }}
h2 {{ font-size: 1.1rem; margin: .4rem 0 0 }} p {{ margin: .2rem 0 }}
</style></head><body><h1>What lies between two pictures?</h1>
<p>Each page moves under your fingers, and needs no kernel and no network. In JupyterLab, open it
and press <b>Trust HTML</b>.</p><ul>
{cards}
</ul></body></html>
"""
CARD = """<li><a href="{name}.html"><img alt="{alt}" src="{picture}">
<h2>{title}</h2><p>{words}</p></a></li>"""


def index():
    """The text of index.html; title and picture of each card are its page's."""
    cards = []
    for make, words in INDEX.items():
        page = (FOLDER / f"{make.__name__}.html").read_text("utf-8")
        title, picture, alt = (re.search(pattern, page)[1] for pattern in (
            "<title>(.*?)</title>", '<img src="(data:.*?)"', ' alt="(.*?)"'))
        cards.append(CARD.format(name=make.__name__, picture=picture, alt=alt, title=title,
                                 words=html.escape(words)))
    return FRONT.format(cards="\n".join(cards))


def main(names):
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for make in TWINS:
        if not names or make.__name__ in names:
            with torch.no_grad() if make is critic_game else torch.enable_grad():
                text = make().page()
            (FOLDER / f"{make.__name__}.html").write_text(text, encoding="utf-8")
            print(f"{make.__name__}.html {len(text.encode()) / 1024:.0f} KiB", flush=True)
    (FOLDER / "index.html").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
