"""What the fuzzer feeds: for every reader of files a small valid file or folder of files, and how
it is read and judged.

A reader may return what keeps its contract, or raise ValueError (its words name the file),
FileNotFoundError or OSError.
"""
import hashlib
import io
import json
import os
import pickle
import struct

import mutate
import numpy as np
import scipy.io
import torch
import torchvision.datasets
from acai_course.lab_10.records import critics_table
from helpers import Touch
from PIL import Image

import acai_lite as al
from acai_lite import checkpoints
from acai_lite.autoencoders import Autoencoder
from acai_lite.files import packed, records, states
from acai_lite.runs.films import film, save_film
from acai_lite.runs.tables import table
from acai_lite.zoo import VQVAE

SMALL = al.Architecture(1, 4, 1, 1)

RESULT = {"method": "acai", "dataset": "lines", "code_size": 64, "recipe": "lab", "samples": 1000,
          "seed": 0, "probe_accuracy": 0.5, "online_probe_accuracy": 0.25, "cluster_accuracy": None,
          "mean_distance": 1e-3, "smoothness": 0.25, "end_error": 0.01, "seconds": 3.5, "config": {
              "method": "acai", "width": 4}, "points": [{"samples": 500, "autoencoder": 0.1}]}


class Reader:
    """files: {path: valid content}; inside: {ending: mutation of what is inside}; weight: its share
    of all inputs."""
    inside, weight = {}, 1

    def __init__(self, folder, random):
        self.folder, self.random = folder, random  # random: numpy's, for what the files hold
        self.make()
        self.files = {path: path.read_bytes()
                      for path in sorted(folder.rglob("*")) if path.is_file()}

    def make(self):
        """Write valid files into `folder`."""

    def read(self, path):
        """Read after the file at `path` was changed. Raises AssertionError if what was read breaks
        the contract."""
        images_are_right(al.load(self.folder))

    def pixels(self, count, shape=(3, 32, 32)):
        return self.random.integers(0, 256, (count, *shape), dtype=np.uint8)


def images_are_right(images):
    for split in ("train", "test"):
        x, labels = getattr(images, f"{split}_images"), getattr(images, f"{split}_labels")
        values = x[:]
        assert (len(x) and values.shape == x.shape
                and x.shape[1] in (1, 3) and x.shape[2:] == (32, 32))
        assert (values.dtype == torch.float32 and float(values.min()) >= -1
                and float(values.max()) <= 1)
        if labels is not None:
            assert (labels.shape == (len(x),) and labels.min() >= 0
                    and labels.max() < len(images.classes))


class Folder(Reader):
    """A folder of images, a file of each kind."""
    inside, weight = {".png": mutate.of_png}, 4

    def make(self):
        for ending in ("png", "jpg", "gif", "bmp", "tif", "ppm", "webp"):
            image = Image.fromarray(self.pixels(1, (24, 40, 3))[0])
            if ending == "gif":
                image = image.convert("P")
            image.save(self.folder / f"a.{ending}")

    def read(self, path):
        from acai_lite.files.folders import _decoded, _has_colour
        # what `load` does with each file of a folder
        pixels = _decoded(path, 3 if _has_colour(path) else 1)
        assert pixels.shape in ((1, 32, 32), (3, 32, 32)) and pixels.dtype == np.uint8


class Svhn(Reader):
    inside, weight = {".mat": mutate.of_matlab}, 3

    def make(self):
        for part, count in (("train", 3), ("test", 2)):
            content = {"X": self.pixels(count).transpose(2, 3, 1, 0),
                       "y": np.arange(1, count + 1, dtype=np.uint8)[:, None]}
            scipy.io.savemat(self.folder / f"{part}_32x32.mat", content, do_compression=True)

    def read(self, path):
        images_are_right(al.load("svhn"))


class Imagenet(Reader):
    inside, weight = {".npz": mutate.of_zip}, 1

    def make(self):
        (self.folder / "imagenet32").mkdir()
        for k, name in enumerate([*(f"train_data_batch_{k}" for k in range(1, 11)), "val_data"]):
            labels = np.array([1 + k, 1000])
            np.savez(self.folder / "imagenet32" / f"{name}.npz",
                     data=self.pixels(2, (3072,)), labels=labels)

    def read(self, path):
        images_are_right(al.load("imagenet32"))


class Mnist(Reader):
    weight = 3

    def make(self):
        raw = self.folder / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for split, count in (("train", 4), ("t10k", 2)):
            pixels, labels = self.pixels(count, (28, 28)), bytes(range(count))
            (raw / f"{split}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 0x803, count, 28,
                                                                         28) + pixels.tobytes())
            (raw / f"{split}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 0x801, count)
                                                             + labels)

    def read(self, path):
        images_are_right(al.load("mnist"))


class Cifar(Reader):
    """Pickles, which torchvision opens once their checksums are right: every change must be refused
    unread."""

    def make(self):
        kind, place = torchvision.datasets.CIFAR10, self.folder / "cifar-10-batches-py"
        place.mkdir()
        names = [f"data_batch_{k}" for k in range(1, 6)] + ["test_batch"]
        for name in names:
            (place / name).write_bytes(pickle.dumps({"data": self.pixels(2, (3072,)),
                                                     "labels": [0, 9]}))
        (place / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))
        sums = [[name, hashlib.md5((place / name).read_bytes()).hexdigest()]
                for name in [*names, "batches.meta"]]
        self.lists = {"train_list": sums[:5], "test_list": sums[5:6],
                      "meta": dict(kind.meta, md5=sums[6][1])}

    def read(self, path):
        kind = torchvision.datasets.CIFAR10
        before = {name: getattr(kind, name) for name in self.lists}
        try:
            for name, value in self.lists.items():
                setattr(kind, name, value)
            images_are_right(al.load("cifar10"))
        finally:
            for name, value in before.items():
                setattr(kind, name, value)
        assert path.read_bytes() == self.files[path], "a changed pickle was opened"


class Packed(Reader):
    """A packed file that is changed is made anew: what comes back is always right."""
    weight = 3

    def make(self):
        self.source = self.folder / "a.source"
        self.source.write_bytes(b"1")
        self.arrays = [self.pixels(2), np.array([1, 2])]
        self.load()

    def load(self):
        slow, packed.SLOW = packed.SLOW, -1
        try:
            return packed.packed("a", self.folder, [self.source], "", lambda: self.arrays)
        finally:
            packed.SLOW = slow

    def read(self, path):
        if path != self.source:
            assert (all(map(np.array_equal, self.load(), self.arrays))
                    and all(map(np.array_equal, self.load(), self.arrays)))


class Checkpoint(Reader):
    inside, weight = {".safetensors": mutate.of_safetensors}, 1

    def make(self):
        limit, checkpoints.LIMIT = checkpoints.LIMIT, 0                # critics beside
        for name, model in {"plain": Autoencoder(SMALL), "acai": al.ACAI(Autoencoder(SMALL)),
                            "vq": VQVAE(SMALL, codebook=4, vectors=2, hidden=3)}.items():
            al.save_checkpoint(model, self.folder / f"{name}.safetensors",
                               {"seed": 0, "note": "text"})
        checkpoints.LIMIT = limit

    def read(self, path):
        name = path.name.removesuffix(".critic.safetensors").removesuffix(".safetensors")
        model = al.checkpoint(self.folder / f"{name}.safetensors")
        assert isinstance(model.receipt, dict) and all(t.isfinite().all()
                                                       for t in model.state_dict().values())


class State(Reader):
    """The state of an unfinished run: every change of a byte is found."""

    def make(self):
        states.save_state(self.folder / "run.state",
                          {"step": 3, "model": {"w": torch.arange(20.0)}}, {"seed": 0})

    def read(self, path):
        state = states.load_state(path, {"seed": 0}, "cpu")
        assert state["step"] == 3 and torch.equal(state["model"]["w"], torch.arange(20.0))


class Results(Reader):
    inside, weight = {".json": mutate.of_json}, 4

    def make(self):
        for k, change in enumerate(({}, {"seed": 1}, {"method": "baseline"},
                                    {"dataset": "mnist", "code_size": 32})):
            (self.folder / f"{k}.json").write_text(json.dumps(RESULT | change, indent=1))

    def read(self, path):
        records.read_record(path, ("method", "points"))
        assert "| ours |" in table(self.folder).markdown()
        critics_table("lines", "mean_distance", self.folder)


class Film(Reader):
    inside, weight = {".png": mutate.of_png}, 3

    def make(self):
        for name, colours in (("grey", 1), ("colour", 3)):
            frames = torch.from_numpy(self.pixels(4, (colours, 32, 32))).view(1, 4, colours, 32,
                                                                              32) / 127.5 - 1
            save_film(self.folder / f"{name}.png",
                      {0: (frames, {}), 64: (frames, {"smoothness": 0.5})}, {"seed": 0})

    def read(self, path):
        found = film(path)
        assert (found.frames.ndim == 6 and found.frames.isfinite().all()
                and found.frames.abs().max() <= 1)
        assert len(found.frames) == len(found.samples) == len(found.scores)


READERS = {"image folder": Folder, "svhn": Svhn, "imagenet32": Imagenet, "mnist": Mnist,
           "cifar10": Cifar, "packed": Packed,
           "checkpoint": Checkpoint, "state": State, "results": Results, "film": Film}


def traps(path):
    """Contents of files that make a file at `path` when they are run."""
    archive, array = io.BytesIO(), io.BytesIO()
    torch.save(Touch(path), archive)
    holder = np.empty(1, object)
    holder[0] = Touch(path)
    np.save(array, holder, allow_pickle=True)
    zipped = io.BytesIO()
    np.savez(zipped, data=holder, labels=holder)
    made = [pickle.dumps(Touch(path)), archive.getvalue(), array.getvalue(), zipped.getvalue()]
    if os.path.exists(path):  # numpy or torch may have looked
        os.unlink(path)
    return made
