"""Full and read-only disks, and no home: what was complete stays, and the words say what to do."""
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from places import full_disk, mounted, read_only

import acai_lite as al
from acai_lite.autoencoders import Autoencoder
from acai_lite.files import downloads, packed, records, states
from acai_lite.runs.films import save_film
from acai_lite.runs.study import Experiment, study

ROOT = Path(__file__).resolve().parents[2]


def tiny(seed=0):
    return Autoencoder(al.Architecture(1, 4, 2, 1), seed)


WRITERS = {
    "checkpoint": lambda path, k: al.save_checkpoint(tiny(k), path, {"seed": k}),
    "state": lambda path, k: states.save_state(path, {"step": k, "model": tiny(k).state_dict()},
                                               {"seed": k}),
    "result": lambda path, k: records.write_whole(
        path, json.dumps({"seed": k, "points": [0.5] * 5000}).encode()),
    "film": lambda path, k: save_film(path, {0: (torch.rand(2, 3, 1, 32, 32), {})}, {"seed": k})}


@pytest.mark.parametrize("what", WRITERS)
@pytest.mark.parametrize("disk", ["limit", "tmpfs"])
def test_a_full_disk_leaves_the_old_file_whole(tmp_path, what, disk):
    path = tmp_path / "disk" / "file.safetensors"
    path.parent.mkdir()

    def check():
        WRITERS[what](path, 0)
        before = path.read_bytes()
        assert len(before) > 3000
        if disk == "tmpfs":
            with open(path.parent / "other", "wb") as file, pytest.raises(OSError):
                while True:
                    os.write(file.fileno(), bytes(4096))
            with pytest.raises(OSError,
                               match=f"cannot write .*{path.parent}.*(make room|choose a folder)"):
                WRITERS[what](path, 1)
            (path.parent / "other").unlink()
        else:
            with full_disk(2000), pytest.raises(
                    OSError, match=rf"cannot write {path} \(.*what was there .*make room"):
                WRITERS[what](path, 1)
        assert (path.read_bytes() == before
                and [p.name for p in path.parent.iterdir()] == [path.name])
        WRITERS[what](path, 1)
        assert path.read_bytes() != before

    if disk == "limit":
        check()
    else:
        with mounted(path.parent, "-t", "tmpfs", "-o", "size=256k", "none"):
            check()


def digits(count=32):
    return al.ImageSet("digits", al.load("digits").train_images[:count])


def test_a_disk_that_fills_up_does_not_end_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr("acai_lite.training.SAVE_SECONDS", -1)
    model, path = al.build("baseline", "digits", recipe="lab"), tmp_path / "run.state"
    with full_disk(2000), pytest.warns(RuntimeWarning,
                                       match="the run goes on, but .* is not kept: .*make room"):
        history = al.fit(model, digits(), 64, "lab", resume=path, quiet=True, device="cpu")
    assert history.steps == 4 and not history.interrupted and list(tmp_path.iterdir()) == []


def test_training_into_a_read_only_folder_fails_before_it_begins(tmp_path):
    with (read_only(tmp_path),
          pytest.raises(OSError, match=f"cannot write into {tmp_path}.*choose a folder you may")):
        al.fit(tiny(), digits(), 10 ** 9,
               "lab", resume=tmp_path / "run.state", quiet=True, device="cpu")


def test_a_study_on_a_full_disk_tells_and_keeps_what_it_has(tmp_path):
    done = Experiment("baseline", "digits", None, 16, "lab", 7)
    records.write_whole(tmp_path / f"{done.name}.json", b'{"online_probe_accuracy": 0.5}')
    said = []
    with full_disk(2000), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        failed = study([done, Experiment("baseline", "digits", None, 16, "lab", restarts=0)],
                       tmp_path, device="cpu", say=said.append)
    assert len(failed) == 1 and "make room" in said[-1] and "FAILED" in said[-1]
    assert [path.name for path in tmp_path.iterdir()] == [f"{done.name}.json"]


def test_a_full_or_read_only_data_folder_only_costs_the_packed_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ACAI_LITE_DATA", str(tmp_path))
    monkeypatch.setattr(packed, "SLOW", -1)
    (tmp_path / "a.source").write_bytes(b"1")
    arrays = [torch.arange(9000).numpy()]
    for bad in (full_disk(2000), read_only(tmp_path)):
        with bad:
            assert packed.packed("a", tmp_path, [tmp_path / "a.source"],
                                 "", lambda: arrays)[0] is arrays[0]
        assert not [path
                    for path in tmp_path.rglob("*") if path.is_file() and path.name != "a.source"]


PROGRAM = """
import acai_course as course
import acai_lite as al
images = al.load("digits")
al.figures.grid(images.train_images[:2], "two digits")._repr_html_()
course.predict("01", ["blend", "jump"], guess="jump", sure="certain")
model = al.build("baseline", images, recipe="lab")
al.save_checkpoint(model, "here.safetensors", {})
print(len(al.checkpoint("here.safetensors").receipt))
"""


@pytest.mark.parametrize("home", ["absent", "cannot be written"])
def test_without_a_home_everything_works(tmp_path, home):
    """/dev/null/home cannot be made, by root neither."""
    hidden = ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'notebooks'}", "OMP_NUM_THREADS": "1"}
    environment |= {} if home == "absent" else {"HOME": "/dev/null/home"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=tmp_path,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "0"


def test_a_tilde_without_a_home_is_a_folder_that_is_not_there(monkeypatch):
    def nobody(number):
        raise KeyError(number)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setenv("ACAI_LITE_DATA", "~/data")
    assert downloads.data_folder() == Path("~/data")
    with pytest.raises(FileNotFoundError, match="mnist is not in ~/data"):
        al.load("mnist")
    with pytest.raises(FileNotFoundError, match="no folder of images at .*~/photos: give the path"):
        al.load(Path("~/photos"))
