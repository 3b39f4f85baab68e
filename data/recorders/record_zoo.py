"""Take a finished study into the repository: its results, its checkpoints, and a film of every
method's paths on lines.

    python data/recorders/record_zoo.py runs/study

Results go to runs/study. Checkpoints that fit go to the folder checkpoints beside the results,
under the names that the labs use. The film, records/zoo-film.png, has one shot a method
(its name stands where other films have samples): six pairs, 16 frames.
"""
import shutil
from pathlib import Path

from recording import arguments, receipt, write

import acai_lite as al
from acai_lite.runs.films import FRAMES, PAIRS, save_film
from acai_lite.runs.study import SEVEN

EXTRA = ("acai-vae", "acai-denoising", "acai-dropout", "lsgan")
SCORES = ("mean_distance", "smoothness", "end_error", "samples", "seed")
# runs whose weights the labs use: name of the checkpoint -> beginning of the study's name
KEEP = {f"{data}-{method}-{size}": f"{data}-{method}-{size}-lab-" for data, method, size in (
    ("lines", "denoising", 64), ("lines", "vae", 64), ("lines", "vqvae", 256),
    *(("mnist", method, 32) for method in ("dropout", "denoising", "vae", "aae", "vqvae")))}


def main():
    parser = arguments(__doc__)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    study, checkpoints = args.out / "runs" / "study", args.out.parent / "checkpoints"
    for place in (study, checkpoints):
        place.mkdir(parents=True, exist_ok=True)
    for path in sorted(args.folder.glob("*.json")):
        shutil.copyfile(path, study / path.name)
    for name, start in KEEP.items():
        for path in args.folder.glob(f"{start}*[0-9].safetensors"):
            shutil.copyfile(path, checkpoints / f"{name}.safetensors")
    lines, shots, runs = al.load("lines"), {}, {}
    x0, x1 = lines.test_images[:PAIRS], lines.test_images[PAIRS:2 * PAIRS]
    for method in (*SEVEN, *EXTRA):
        paths = sorted(args.folder.glob(f"lines-{method}-[0-9]*-lab-*.json"))
        paths = [path.with_suffix(".safetensors") for path in paths]
        if method == "baseline" and not paths:
            paths = ["lines-baseline-64"]                              # the committed one
        if paths:
            model = al.checkpoint(paths[0])
            runs[method] = {key: model.receipt[key] for key in SCORES}
            shots[method] = al.interpolate_images(model, x0, x1, FRAMES), runs[method]
    save_film(args.out / "records" / "zoo-film.png", shots, {})
    said = receipt(__file__, "runs/study")
    write(args.out / "records" / "zoo.json",
          {"runs": runs, "commit": said["commit"], "command": said["command"]})
    print(f"{len(list(args.folder.glob('*.json')))} results; film of {', '.join(runs)}")


if __name__ == "__main__":
    main()
