"""The moving picture of README and lab 00: two paths, each in three ways, there and back again.

    python notebooks/tools/moving_picture.py

Writes docs/moving/paths.gif, and paths.png, its middle, for those who want nothing to move. The
paths: two lines 120 degrees apart, and MNIST's first 2 and first 7 among the test images; mixed
pixel by pixel, by the baseline's codes, and by ACAI's. Needs MNIST and the committed checkpoints.
"""
import argparse
import math
from pathlib import Path

import torch
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

import acai_lite as al
from acai_lite.files.checkout import checkout

MODELS = {"lines": ("lines-baseline-64", "lines-acai-64"),
          "mnist": ("mnist-baseline-32-hour", "mnist-acai-32-hour")}
NAMES = ("pixels", "autoencoder", "ACAI")
SCALE, GAP, HEAD, FOOT = 5, 16, 34, 26           # pixels
FRAMES, HOLD, MS = 25, 6, 60                     # places on the way; frames at each end; a frame
GREY, BLUE, PAPER = "#555555", "#0072b2", "#ffffff"


def ends(data):
    """Two pictures (2,1,32,32)."""
    if data == "lines":
        return al.draw_lines(torch.tensor([math.radians(20), math.radians(140)]))
    images = al.load(data)
    first = [int((images.test_labels == digit).nonzero()[0]) for digit in (2, 7)]
    return images.test_images[first]


@torch.no_grad()
def paths(data):
    """(3 ways, FRAMES, 32, 32) in [-1, 1]."""
    x0, x1 = ends(data).split(1)
    places = torch.linspace(0, 1, FRAMES)[:, None, None, None]
    ways = [(1 - places) * x0 + places * x1]
    for name in MODELS[data]:
        ways.append(al.interpolate_images(al.checkpoint(name), x0, x1, FRAMES)[0])
    return torch.stack(ways)[:, :, 0].clamp(-1, 1)


def draw(rows, k, font):
    """Frame number k: a row for each data set, a column for each way, and where we are."""
    side = 32 * SCALE
    width, height = 3 * side + 4 * GAP, HEAD + len(rows) * (side + GAP) + FOOT
    picture = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(picture)
    for column, name in enumerate(NAMES):
        left = GAP + column * (side + GAP)
        pen.text((left + side / 2, HEAD / 2), name, BLUE if name == "ACAI" else GREY, font, "mm")
        for number, row in enumerate(rows):
            pixels = ((row[column, k] + 1) * 127.5).round().byte().numpy()
            picture.paste(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST),
                          (left, HEAD + number * (side + GAP)))
    track, middle = (GAP, width - GAP), height - FOOT / 2
    pen.line((track[0], middle, track[1], middle), "#cccccc", 2)
    place = track[0] + (track[1] - track[0]) * k / (FRAMES - 1)
    pen.ellipse((place - 6, middle - 6, place + 6, middle + 6), BLUE)
    return picture.quantize(64)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=checkout() / "docs" / "moving")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    font = ImageFont.truetype(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", 18)
    rows = [paths(data) for data in MODELS]
    there = [*[0] * HOLD, *range(FRAMES), *[FRAMES - 1] * HOLD]
    frames = [draw(rows, k, font) for k in (*there, *reversed(there[HOLD:-HOLD]))]
    frames[0].save(out / "paths.gif", save_all=True, append_images=frames[1:], duration=MS, loop=0,
                   optimize=True)
    draw(rows, FRAMES // 2, font).save(out / "paths.png", optimize=True)
    for path in sorted(out.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 2 ** 10:.0f} KiB")


if __name__ == "__main__":
    main()
