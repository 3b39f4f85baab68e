"""Take a finished study into the repository: its results, its checkpoints, and a film of every method's paths on lines.

    python notebooks/tools/record_zoo.py runs/study

Results go to data/results/study. Checkpoints that fit go to data/checkpoints under the names that the labs use. The film,
data/results/zoo-film.png, has one shot a method (its name stands where other films have samples): six pairs, 16 frames.
"""
import json
import shutil
import sys
from pathlib import Path

import acai_lite as al
from acai_lite.files.checkout import commit_of_checkout
from acai_lite.files.records import write_whole
from acai_lite.runs.films import FRAMES, PAIRS, save_film
from acai_lite.runs.study import SEVEN

DATA = Path(__file__).resolve().parents[2] / "data"
EXTRA = ("acai-vae", "acai-denoising", "acai-dropout", "lsgan")
SCORES = ("mean_distance", "smoothness", "end_error", "samples", "seed")
# runs whose weights the labs use: name of the checkpoint -> beginning of the study's name
KEEP = {f"{data}-{method}-{size}": f"{data}-{method}-{size}-lab-"
        for data, method, size in (("lines", "denoising", 64), ("lines", "vae", 64), ("lines", "vqvae", 256),
                                   *(("mnist", method, 32) for method in ("dropout", "denoising", "vae", "aae", "vqvae")))}


def main(folder):
    (DATA / "results" / "study").mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.json")):
        shutil.copyfile(path, DATA / "results" / "study" / path.name)
    for name, start in KEEP.items():
        for path in folder.glob(f"{start}*[0-9].safetensors"):
            shutil.copyfile(path, DATA / "checkpoints" / f"{name}.safetensors")
    lines, shots, runs = al.load("lines"), {}, {}
    x0, x1 = lines.test_images[:PAIRS], lines.test_images[PAIRS:2 * PAIRS]
    for method in (*SEVEN, *EXTRA):
        paths = [path.with_suffix(".safetensors") for path in sorted(folder.glob(f"lines-{method}-[0-9]*-lab-*.json"))]
        if method == "baseline" and not paths:
            paths = [DATA / "checkpoints" / "lines-baseline-64.safetensors"]
        if paths:
            model = al.checkpoint(paths[0])
            runs[method] = {key: model.receipt[key] for key in SCORES}
            shots[method] = al.interpolate_images(model, x0, x1, FRAMES), runs[method]
    save_film(DATA / "results" / "zoo-film.png", shots, {})
    record = {"runs": runs, "commit": commit_of_checkout(), "command": "python notebooks/tools/record_zoo.py runs/study"}
    write_whole(DATA / "results" / "zoo.json", (json.dumps(record, indent=1) + "\n").encode())
    print(f"{len(list(folder.glob('*.json')))} results; film of {', '.join(runs)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
