"""Lab 03: five strips under letters, and what the jigsaw's cards may say of their methods."""
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record
from acai_lite.runs.films import film

# the riddle of the first picture
STRIPS = {"A": "vae", "B": "baseline", "C": "vqvae", "D": "dropout", "E": "denoising"}
ASKS = {"baseline": "draw the image from its code", "dropout": "draw the image from "
            "half of the code", "denoising": "draw the clean image from a noisy one",
        "vae": "be a cloud close to N(0, I)", "vqvae": "be replaced by codewords from a list"}
PAYS = "its ends are drawn worse", "hardly anything"
IN_BETWEEN = {(True, True): "turns", (True, False): "leaps", (False, True): "blurs",
              (False, False): "ghosts"}
# Mean Distance, Smoothness, and end error against the baseline's
LINE, STEADY, PRICE = 3.2e-3, 0.3, 1.5


def zoo_strips(pair=1):
    """{letter: frames (T,1,32,32)}: one pair of lines, by five methods, under letters."""
    zoo = film("zoo")
    return {letter: zoo.frames[zoo.samples.index(name), pair] for letter, name in STRIPS.items()}


def zoo_names():
    """{letter: method}, the solution of the riddle."""
    return dict(STRIPS)


def small_starts():
    """{method: [result of each seed]} of the runs on lines from small initial weights: recipe
    `lines`, 128,000 images."""
    found = {}
    for folder in (result_file("runs"), result_file("runs", "study")):
        for path in sorted(folder.glob("lines-*.json")):
            run = read_record(path, {"method": str, "recipe": str, "samples": int})
            if (run["recipe"], run["samples"]) == ("lines", 128_000):
                found.setdefault(run["method"], []).append(run)
    return found


def zoo_scores():
    """{method: {mean_distance, smoothness, end_error}} over 256 pairs of lines."""
    zoo = film("zoo")
    return dict(zip(zoo.samples, zoo.scores, strict=True))
