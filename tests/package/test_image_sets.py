"""SVHN, ImageNet at 32x32, iSUN and any folder of images, on LOOK-ALIKES that the tests make on
disk.

The real files were not at hand: what is made here has their names, keys, types and layout
(SVHN's .mat with label 10 for the digit 0; the ImageNet release's npz with `data`, `labels`
1..1000, `mean`; class folders of JPEGs; iSUN/iSUN_patches), with random pixels. What the real sets
hold, how large they are and whether their servers answer is not tested.
"""

import json
import os
import pickle
import struct
import subprocess
import sys
import threading
import zlib

import numpy as np
import pytest
import scipy.io
import torch
import torchvision.datasets
from helpers import Touch, kept
from mirror import serving
from PIL import Image

import acai_lite as al
from acai_lite.files import arrays, packed
from acai_lite.files import folders as images
from acai_lite.files.catalogue import CATALOGUE, data_sets
from acai_lite.runs.command_line import main


@pytest.fixture
def root(folder):
    return folder


def random_images(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)


# --- SVHN -----------------------------------------------------------------------------------------

SVHN_COUNTS = {"train": 70, "extra": 30, "test": 20}


def svhn_labels(count):
    return np.arange(count) % 10 + 1


def write_svhn(root, parts=("train", "test"), compressed=True, kind=np.uint8):
    """X (32,32,3,N) uint8 and y (N,1) with 10 for the digit 0, as in the official cropped files."""
    for part in parts:
        pixels = random_images(SVHN_COUNTS[part], len(part)).transpose(2, 3, 1, 0)
        labels = svhn_labels(SVHN_COUNTS[part]).astype(kind)[:, None]
        scipy.io.savemat(root / f"{part}_32x32.mat", {"X": pixels, "y": labels},
                         do_compression=compressed)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
@pytest.mark.parametrize("compressed", [True, False])
def test_svhn_is_upright_and_ten_is_zero(root, compressed, kind):
    write_svhn(root, compressed=compressed, kind=kind)
    svhn = al.load("svhn")
    assert (svhn.name, svhn.classes) == ("svhn", tuple("0123456789"))
    assert np.array_equal(svhn.train_images.stored, random_images(70, 5))
    assert np.array_equal(svhn.test_images.stored, random_images(20, 4))
    assert (svhn.train_images.stored.dtype == torch.uint8
            and svhn.train_images.stored.is_contiguous())
    assert svhn.train_labels[:12].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]


def test_svhn_is_what_torchvision_reads(root, monkeypatch):
    write_svhn(root)
    # not the official bytes
    monkeypatch.setattr(torchvision.datasets.SVHN, "_check_integrity", lambda self: True)
    theirs, ours = torchvision.datasets.SVHN(root, "test"), al.load("svhn")
    assert (np.array_equal(ours.test_images.stored, theirs.data)
            and np.array_equal(ours.test_labels, theirs.labels))


def test_svhn_extra_adds_the_extra_file_to_the_training_images(root):
    write_svhn(root)
    with pytest.raises(FileNotFoundError,
                       match=r"extra_32x32.mat of svhn_extra is not in .*data fetch svhn_extra"):
        al.load("svhn_extra")
    write_svhn(root, ["extra"])
    both = al.load("svhn_extra")
    assert np.array_equal(both.train_images.stored,
                          np.concatenate([random_images(70, 5), random_images(30, 5)]))
    assert both.train_labels[70:73].tolist() == [1, 2, 3] and len(both.test_images) == 20
    assert len(al.load("svhn").train_images) == 70


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("damage", ["empty", "half", "page", "short header", "one byte"])
def test_damaged_svhn_names_the_file(root, damage, compressed):
    write_svhn(root, compressed=compressed)
    path = root / "train_32x32.mat"
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    path.write_bytes({"empty": b"", "half": whole[:middle], "page": b"<html>404</html>" * 99,
                      "short header": whole[:60], "one byte": flipped}[damage])  # fmt: skip
    if damage == "one byte" and not compressed:
        al.load("svhn")  # plain numbers carry no checksum; the official files are compressed
        return
    with pytest.raises(ValueError,
                       match=r"svhn: .*train_32x32.mat is incomplete or damaged .*: delete it"):
        al.load("svhn")


@pytest.mark.parametrize("array", [
    {"X": np.zeros((32, 32, 3, 5), np.uint8)}, {"y": np.ones((5, 1))},
    {"X": np.zeros((32, 32, 3, 5)), "y": np.ones((5, 1))},
    {"X": np.zeros((28, 28, 3, 5), np.uint8), "y": np.ones((5, 1))},
    {"X": np.zeros((32, 32, 3, 5), np.uint8), "y": np.ones((4, 1))},
    {"X": np.zeros((32, 32, 3, 5), np.uint8), "y": np.full((5, 1), 11)}])  # fmt: skip
def test_a_matlab_file_of_another_kind_is_refused(root, array):
    write_svhn(root)
    scipy.io.savemat(root / "test_32x32.mat", array, do_compression=True)
    with pytest.raises(ValueError, match=r"svhn: .*test_32x32.mat is incomplete or damaged"):
        al.load("svhn")


def test_a_matlab_file_that_promises_too_much_is_refused(root):
    """A decompression bomb: a header that speaks of 30 GB of images, and zeros that inflate for
    ever."""
    def element(kind, content):
        return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)

    write_svhn(root)
    inner = (element(6, struct.pack("<II", 9, 0))
             + element(5, struct.pack("<4i", 32, 32, 3, 10_000_000)) + element(1, b"X")
             + struct.pack("<II", 2, 2**31) + bytes(10**6))  # fmt: skip
    packed = zlib.compress(struct.pack("<II", 14, 2**31) + inner)
    labels = (root / "test_32x32.mat").read_bytes()[:128]
    (root / "test_32x32.mat").write_bytes(labels + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(ValueError, match="incomplete or damaged"):
        al.load("svhn")


# --- fetching SVHN, from a server on this machine -------------------------------------------------


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A server of the look-alike SVHN; `.asked` are the files that were asked for, `.broken` one
    that is not sent whole."""
    import hashlib

    place = tmp_path / "mirror"
    place.mkdir()
    write_svhn(place, ["train", "test", "extra"])
    files = {path.name: path.read_bytes() for path in place.iterdir()}

    with serving(files) as server:
        sources = {name.split("_")[0]: [server.url + name, name, hashlib.md5(content).hexdigest()]
                   for name, content in files.items()}  # fmt: skip
        monkeypatch.setattr(torchvision.datasets.SVHN, "split_list", sources)
        yield server


def test_fetch_gets_what_is_not_there(root, mirror, capsys):
    assert main(["data", "fetch", "svhn"]) == 0
    assert ("ImageSet('svhn', train (70, 3, 32, 32), test (20, 3, 32, 32))"
            in capsys.readouterr().out)
    assert kept(root) == ["test_32x32.mat", "train_32x32.mat"] == sorted(set(mirror.asked))
    mirror.asked.clear()
    assert len(al.load("svhn_extra", download=True).train_images) == 100
    assert set(mirror.asked) == {"extra_32x32.mat"}


def test_a_download_that_fails_keeps_nothing_and_says_the_way_by_hand(root, mirror):
    mirror.broken = "test_32x32.mat"
    with pytest.raises(OSError,
                       match=r"svhn could not be fetched .*nothing was kept.*housenumbers/ into "):
        al.load("svhn", download=True)
    assert kept(root) == []


def test_two_at_once_download_once(root, mirror):
    mirror.wait, found = 0.3, []
    threads = [threading.Thread(target=lambda: found.append(al.load("svhn", download=True)))
               for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2 and kept(root) == ["test_32x32.mat", "train_32x32.mat"]
    # torchvision asks twice for each, first whether it has moved
    assert sorted(mirror.asked) == sorted(2 * kept(root))


# --- ImageNet at 32x32 ----------------------------------------------------------------------------


def write_imagenet32(folder, batches=range(1, 11), per_batch=6, compressed=False, split=False):
    """The release's ten training files and val_data.npz: data (N,3072) uint8, labels 1..1000, mean
    (3072,)."""
    save = np.savez_compressed if compressed else np.savez
    for name in [*(f"train_data_batch_{k}" for k in batches), "val_data"]:
        below = (folder / ("Imagenet32_val_npz" if name == "val_data" else "Imagenet32_train_npz")
                 if split else folder)
        below.mkdir(parents=True, exist_ok=True)
        pixels = random_images(per_batch, len(name) + sum(map(ord, name))).reshape(per_batch, 3072)
        labels = (np.arange(per_batch, dtype=np.int64) * 199) % 1000 + 1
        save(below / f"{name}.npz", data=pixels, labels=labels, mean=pixels.mean(0))


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
def test_imagenet32_reads_the_ten_batches_in_order(root, compressed, split):
    write_imagenet32(root / "imagenet32", compressed=compressed, split=split)
    found = al.load("imagenet32")
    assert found.train_images.shape == (60, 3, 32, 32) and found.test_images.shape == (6, 3, 32, 32)
    second = sum(map(ord, "train_data_batch_2")) + len("train_data_batch_2")
    assert np.array_equal(found.train_images.stored[6:12], random_images(6, second))
    assert found.train_labels[:4].tolist() == [0, 199, 398, 597] and len(found.classes) == 1000
    assert found.classes[0] == "1" and found.test_labels.max() < 1000


def test_an_incomplete_imagenet32_names_the_files_that_lack(root):
    write_imagenet32(root / "imagenet32", batches=[1, 2, 3, 5, 6, 7, 8, 10])
    with pytest.raises(FileNotFoundError,
                       match=r"batch_4.npz, train_data_batch_9.npz of imagenet32 .*image-net.org"):
        al.load("imagenet32")


@pytest.mark.parametrize("damage", ["empty", "half", "page", "one byte"])
@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_imagenet32_names_the_file(root, damage, compressed):
    write_imagenet32(root / "imagenet32", compressed=compressed)
    path = root / "imagenet32" / "train_data_batch_7.npz"
    whole = path.read_bytes()
    flipped = whole[:9000] + bytes([whole[9000] ^ 255]) + whole[9001:]
    path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "page": b"<html>" * 99,
                      "one byte": flipped}[damage])
    with pytest.raises(ValueError, match=r"imagenet32: .*train_data_batch_7.npz is incomplete or "
                                         r"damaged .*: delete it"):
        al.load("imagenet32")


@pytest.mark.parametrize("key", ["data", "labels"])
def test_an_npz_with_a_pickle_inside_runs_nothing(root, tmp_path, key):
    write_imagenet32(root / "imagenet32")
    content = {"data": np.zeros((2, 3072), np.uint8), "labels": np.ones(2, int)}
    content[key] = np.array([Touch(tmp_path / "executed")] * 2, dtype=object)
    np.savez(root / "imagenet32" / "train_data_batch_1.npz", **content)
    (tmp_path / "executed").unlink(missing_ok=True)
    with pytest.raises(ValueError, match="train_data_batch_1.npz is incomplete or damaged"):
        al.load("imagenet32")
    (root / "imagenet32" / "train_data_batch_1.npz").write_bytes(
        pickle.dumps(Touch(tmp_path / "executed")))
    with pytest.raises(ValueError, match="train_data_batch_1.npz is incomplete or damaged"):
        al.load("imagenet32")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("change", [
    {"data": np.zeros((6, 3072), np.float32)}, {"data": np.zeros((6, 12_288), np.uint8)},
    {"labels": np.zeros(6, int)}, {"labels": np.ones(5, int)}, {"labels": np.ones(6)},
    {"data": np.asfortranarray(np.zeros((6, 3072), np.uint8))}])  # fmt: skip
def test_an_npz_of_another_kind_is_refused(root, change):
    write_imagenet32(root / "imagenet32")
    content = {"data": np.zeros((6, 3072), np.uint8), "labels": np.ones(6, int)} | change
    np.savez(root / "imagenet32" / "val_data.npz", **content)
    with pytest.raises(ValueError, match="val_data.npz is incomplete or damaged"):
        al.load("imagenet32")


def test_imagenet32_from_class_folders_of_full_size_images(root):
    for split, count in (("train", 3), ("val", 2)):
        for k, name in enumerate(("n01440764", "n01443537")):
            place = root / "imagenet32" / split / name
            place.mkdir(parents=True)
            for i in range(count):
                # ImageNet has some grey JPEGs
                mode, colour = ("L", 80) if i == 0 else ("RGB", (200, 40 * k, 0))
                Image.new(mode, (150 + i, 99), colour).save(place / f"{name}_{i}.JPEG")
    found = al.load("imagenet32")
    assert found.train_images.shape == (6, 3, 32, 32) and found.test_images.shape == (4, 3, 32, 32)
    assert (found.classes == ("n01440764", "n01443537")
            and sorted(found.train_labels.tolist()) == [0, 0, 0, 1, 1, 1])
    for x, label in zip(found.train_images.stored.float(), found.train_labels.tolist(),
                        strict=True):
        grey = (x == 80).all()
        assert grey or abs(x[0] - 200).max() < 4 and abs(x[1] - 40 * label).max() < 4


# --- iSUN -----------------------------------------------------------------------------------------


def write_isun(root, count=20):
    place = root / "iSUN" / "iSUN_patches"
    place.mkdir(parents=True)
    for k in range(count):
        Image.fromarray(random_images(1, k)[0].transpose(1, 2, 0)).save(place / f"sun_{k:04d}.jpeg")


def test_isun_has_no_labels_and_a_fixed_split(root):
    write_isun(root)
    (root / "iSUN" / "readme.txt").write_text("not an image")
    found = al.load("isun")
    assert (found.name, found.classes, found.train_labels,
            found.test_labels) == ("isun", (), None, None)
    assert found.train_images.shape == (16, 3, 32, 32) and found.test_images.shape == (4, 3, 32, 32)
    assert torch.equal(found.test_images[:], al.load("isun").test_images[:])
    written = [tuple(random_images(1, k)[0, :, 0, 0].tolist()) for k in range(20)]
    nearest = [min(range(20),
                   key=lambda k: float((x[:, 0, 0].float() - torch.tensor(written[k])).abs().sum()))
               for x in found.train_images.stored]  # JPEGs: about the same pixels
    assert nearest != sorted(nearest)


# --- any folder -----------------------------------------------------------------------------------


def write_folder(folder, counts=None, mode="L", ending="png", size=(32, 32)):
    """FOLDER/CLASS/IMAGE with random pixels; returns {path: pixels (H,W) or (H,W,3)}."""
    random, written = np.random.default_rng(1), {}
    for name, count in (counts or {"cat": 6, "dog": 4}).items():
        (folder / name).mkdir(parents=True)
        for k in range(count):
            shape = size[::-1] if mode == "L" else (*size[::-1], 3)
            path = folder / name / f"{k}.{ending}"
            written[path] = random.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(written[path]).save(path)
    return written


@pytest.mark.parametrize(("mode", "colours"), [("L", 1), ("RGB", 3)])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_folder_of_class_folders(root, tmp_path, mode, colours, as_text):
    written = write_folder(tmp_path / "pets", mode=mode)
    (tmp_path / "pets" / "notes.txt").write_text("not an image")
    (tmp_path / "pets" / "cat" / ".hidden.png").write_text("not an image")
    found = al.load(str(tmp_path / "pets") if as_text else tmp_path / "pets")
    assert (found.name, found.classes) == ("pets", ("cat", "dog"))
    assert (found.train_images.shape == (8, colours, 32, 32)
            and found.test_images.shape == (2, colours, 32, 32))
    stored = torch.cat([found.train_images.stored, found.test_images.stored]).numpy()
    wanted = {pixels.tobytes(): path.parent.name for path, pixels in written.items()}
    labels = torch.cat([found.train_labels, found.test_labels]).tolist()
    seen = [wanted[np.ascontiguousarray(x.transpose(1, 2, 0)).tobytes()] for x in stored]
    assert seen == [found.classes[k] for k in labels]
    assert torch.equal(found.test_images[:], al.load(tmp_path / "pets").test_images[:])
    assert not (root / "packed").exists()  # too quick to be worth keeping


@pytest.mark.parametrize("test", ["test", "val"])
def test_a_folder_with_train_and_test_keeps_its_split(root, tmp_path, test):
    write_folder(tmp_path / "pets" / "train", {"cat": 3, "dog": 2}, "RGB", "jpg", (90, 60))
    write_folder(tmp_path / "pets" / test, {"dog": 2}, "RGB", "JPG", (90, 60))
    found = al.load(tmp_path / "pets")
    assert (sorted(found.train_labels.tolist()) == [0, 0, 0, 1, 1]
            and found.test_labels.tolist() == [1, 1])


def write_shades(folder, classes=4, each=20):
    """Class k's images are grey 10 + 50 k, give or take 10: a label can be read off its image."""
    for k in range(classes):
        (folder / f"class {k}").mkdir(parents=True)
        for i in range(each):
            Image.new("L", (40, 40),
                      10 + 50 * k + i % 10).save(folder / f"class {k}" / f"{i:03d}.png")


@pytest.mark.parametrize("layout", ["", "test", "val", "imagenet32"])
def test_the_first_images_of_a_folder_are_of_all_classes(root, tmp_path, layout):
    """What takes "the first K" (pairs of paths, scores) sees the whole set, and labels stay
    right."""
    folder = root / "imagenet32" if layout == "imagenet32" else tmp_path / "shades"
    test = "val" if layout == "imagenet32" else layout
    for part in ("train", test) if test else ("",):
        write_shades(folder / part)
    found = al.load("imagenet32" if layout == "imagenet32" else folder)
    again = al.load("imagenet32" if layout == "imagenet32" else folder)
    for split, count in (("train", 80 if test else 64), ("test", 80 if test else 16)):
        x, labels = getattr(found, f"{split}_images").stored, getattr(found, f"{split}_labels")
        assert len(x) == count and len(set(labels[:12].tolist())) == 4
        assert ((x[:, 0, 0, 0].long() - 10) // 50).tolist() == labels.tolist()
        assert torch.equal(x, getattr(again, f"{split}_images").stored)


@pytest.mark.parametrize("size", [16, 64, 128])
@pytest.mark.parametrize(("mode", "colours"), [("L", 1), ("RGB", 3)])
def test_a_folder_at_another_size(root, tmp_path, size, mode, colours):
    written = write_folder(tmp_path / "pets", mode=mode, size=(size, size))
    found = al.load(tmp_path / "pets", size=size)
    assert found.image_shape == (colours, size, size) and found.size == size
    wanted = {pixels.tobytes() for pixels in written.values()}
    for x in (*found.train_images.stored.numpy(), *found.test_images.stored.numpy()):
        assert np.ascontiguousarray(x.transpose(1, 2, 0)).tobytes() in wanted
    small = al.load(tmp_path / "pets").train_images
    assert small.shape == (8, colours, 32, 32) and len(found.train_images) == 8


def test_a_folder_without_class_folders_has_no_labels(root, tmp_path):
    write_folder(tmp_path, {"all": 5})
    found = al.load(tmp_path / "all")
    assert found.train_labels is None and found.classes == () and len(found.train_images) == 4


def test_a_folder_named_like_a_known_set_is_still_a_folder(root, tmp_path):
    write_folder(tmp_path / "lines")
    assert al.load(tmp_path / "lines").name == "lines_folder"


def test_images_are_averaged_to_size_and_transparency_lies_on_white(root, tmp_path):
    place = tmp_path / "mixed"
    place.mkdir()
    checks = np.kron(np.indices((32, 32)).sum(0) % 2 * 255, np.ones((2, 2))).astype(np.uint8)
    Image.fromarray(checks).save(place / "a.png")  # 64x64: each pixel is the mean of four
    fine = (np.indices((128, 64)).sum(0) % 2 * 255).astype(np.uint8)
    # finer than 32x32 can show: grey, not a pattern of its own
    Image.fromarray(fine).save(place / "b.png")
    Image.new("RGBA", (32, 32), (255, 0, 0, 0)).save(place / "c.png")
    Image.fromarray(np.full((8, 8), 7, np.uint8)).save(place / "d.gif")
    turned = Image.new("RGB", (40, 40), "black")
    turned.paste("white", (0, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned.save(place / "e.png", exif=exif)
    seen = {name: images._decoded(place / name, 3) for name in sorted(os.listdir(place))}
    assert np.array_equal(seen["a.png"][0], checks[::2, ::2])
    assert set(np.unique(seen["b.png"])) <= {127, 128}
    assert (seen["c.png"] == 255).all() and (seen["d.gif"] == 7).all()
    assert seen["e.png"][0, 0, 0] == 0 and seen["e.png"][0, 31, 0] == 255
    assert all(x.shape == (3, 32, 32) and x.dtype == np.uint8 for x in seen.values())
    assert al.load(place).train_images.shape == (4, 3, 32, 32)


def png(width, height):
    """A PNG of some hundred bytes that claims to be width x height."""
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR",
                                         struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b""))  # fmt: skip


BAD = {"empty": b"", "text": b"not an image", "bomb": png(60_000, 60_000),
       "large": png(9_000, 9_000), "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n"}


@pytest.mark.parametrize("kind",
                         [*BAD, "cut off", "16 bit", "broken link", "link to itself", "pipe"])
def test_a_file_that_is_no_good_image_is_named(root, tmp_path, kind):
    whole = next(path for path in write_folder(tmp_path / "pets", size=(64, 64)))
    path = tmp_path / "pets" / "dog" / "zz.png"
    if kind == "cut off":
        path.write_bytes(whole.read_bytes()[:2000])
    elif kind == "16 bit":
        Image.fromarray(np.full((32, 32), 40_000, np.uint16)).save(path)
    elif kind in ("broken link", "link to itself"):
        path.symlink_to(path if kind == "link to itself" else tmp_path / "nowhere.png")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(BAD[kind])
    with pytest.raises(ValueError, match=rf"{path} (cannot be read as an image|is no "
                                         rf"file).*take it out of the") as said:
        al.load(tmp_path / "pets")
    assert "\n" not in str(said.value)


def test_links_that_go_in_circles_do_not_hang(root, tmp_path):
    write_folder(tmp_path / "pets")
    (tmp_path / "pets" / "up").symlink_to(tmp_path / "pets")
    (tmp_path / "pets" / "cat" / "again").symlink_to(tmp_path / "pets" / "cat")
    (tmp_path / "pets" / "self").symlink_to(tmp_path / "pets" / "self")
    found = al.load(tmp_path / "pets")
    assert found.classes == ("cat", "dog") and len(found.train_images) == 8


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda f: None, FileNotFoundError, "no folder of images at"),
    (lambda f: f.write_text("a file"), FileNotFoundError, "no folder of images at"),
    (lambda f: f.mkdir(), FileNotFoundError, "no images in .*CLASS/IMAGE below it"),
    (lambda f: (f / "a" / "b").mkdir(parents=True), FileNotFoundError, "no images in"),
    (lambda f: write_folder(f, {"a": 1}), ValueError, "has one image"),
    (lambda f: write_folder(f / "train"), ValueError, "has train/ only"),
    (lambda f: (write_folder(f / "train"), write_folder(f / "test", {"cow": 2})), ValueError,
     "no training image has: cow"),
    (lambda f: (write_folder(f), Image.new("L", (9, 9)).save(f / "x.png")), ValueError,
     "has images beside its class"),
])  # fmt: skip
def test_a_folder_of_another_layout_is_refused(root, tmp_path, make, error, words):
    make(tmp_path / "pets")
    with pytest.raises(error, match=words):
        al.load(tmp_path / "pets")


# --- what took long is kept -----------------------------------------------------------------------


@pytest.fixture
def decoded(monkeypatch):
    """Every folder counts as slow; the list of the files that were decoded."""
    seen, decode = [], images._decoded
    monkeypatch.setattr(packed, "SLOW", -1)
    monkeypatch.setattr(images, "_decoded", lambda path, *how: seen.append(path)
                        or decode(path, *how))
    return seen


def test_a_slow_folder_is_decoded_once(root, tmp_path, decoded):
    write_folder(tmp_path / "pets")
    first, count = al.load(tmp_path / "pets"), len(decoded)
    again = al.load(tmp_path / "pets")
    assert count == len(decoded) == 10 and len(list((root / "packed").iterdir())) == 1
    for part in ("train_images", "test_images"):
        assert torch.equal(getattr(first, part).stored, getattr(again, part).stored)
    assert torch.equal(first.train_labels, again.train_labels)
    Image.new("L", (32, 32), 9).save(tmp_path / "pets" / "dog" / "new.png")
    assert len(al.load(tmp_path / "pets").train_images) == 9 and len(decoded) == 21
    assert len(list((root / "packed").iterdir())) == 1


def test_each_size_of_a_folder_is_kept(root, tmp_path, decoded):
    write_folder(tmp_path / "pets")
    for count, size in ((10, 32), (20, 64), (20, 32), (20, 64), (30, 16)):
        assert al.load(tmp_path / "pets", size=size).size == size and len(decoded) == count
    assert len(list((root / "packed").iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"garbage", "half", "pickle"])
def test_a_damaged_packed_file_is_made_anew(root, tmp_path, decoded, damage):
    write_folder(tmp_path / "pets")
    first = al.load(tmp_path / "pets")
    (path,) = (root / "packed").iterdir()
    content = {"half": path.read_bytes()[:5000],
               "pickle": pickle.dumps(Touch(tmp_path / "executed"))}
    (tmp_path / "executed").unlink(missing_ok=True)
    path.write_bytes(content.get(damage, damage))
    again = al.load(tmp_path / "pets")
    assert torch.equal(again.train_images[:], first.train_images[:]) and len(decoded) == 20
    assert torch.equal(again.test_images[:], first.test_images[:])
    al.load(tmp_path / "pets")
    assert len(decoded) == 20 and not (tmp_path / "executed").exists()


@pytest.mark.parametrize("name", ["svhn_extra", "imagenet32"])
def test_a_slow_array_file_is_read_once(root, monkeypatch, name):
    poured, pour = [], arrays._poured
    monkeypatch.setattr(packed, "SLOW", -1)
    monkeypatch.setattr(arrays,
                        "_poured", lambda stream, array: poured.append(1) or pour(stream, array))
    write_svhn(root)
    write_svhn(root, ["extra"])
    write_imagenet32(root / "imagenet32")
    first, count = al.load(name), len(poured)
    again = al.load(name)
    assert len(poured) == count > 0
    for part in ("train_images", "test_images"):
        assert torch.equal(getattr(first, part).stored, getattr(again, part).stored)
    assert (torch.equal(first.train_labels, again.train_labels)
            and torch.equal(first.test_labels, again.test_labels))
    write_imagenet32(root / "imagenet32", per_batch=7)
    write_svhn(root, ["extra"])
    assert (len(al.load(name).train_images) == (100 if name == "svhn_extra" else 70)
            and len(poured) == 2 * count)


def test_a_data_folder_that_cannot_be_written_only_costs_time(root, tmp_path, decoded):
    write_folder(tmp_path / "pets")
    (root / "packed").write_text("a file where the folder should be")
    assert (len(al.load(tmp_path / "pets").train_images) == 8
            and len(al.load(tmp_path / "pets").train_images) == 8)
    assert kept(root) == ["packed"]


# --- absent sets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "words"), [
    ("svhn",
     r"data fetch svhn`, or download train_32x32.mat .*ufldl.stanford.edu/housenumbers/ into"),
    ("svhn_extra", r"data fetch svhn_extra`, or .*extra_32x32.mat"),
    ("imagenet32", r"https://image-net.org/download-images, get Imagenet32_train_npz.zip .*unpack "
     r"both in .*imagenet32"),
    ("isun",
     r"iSUN.tar.gz, linked at https://github.com/facebookresearch/odin, .*iSUN/iSUN_patches"),
])  # fmt: skip
def test_an_absent_set_says_how_to_get_it(root, name, words, capsys):
    with pytest.raises(FileNotFoundError, match=rf"{name} is not in {root}: .*{words}"):
        al.load(name)
    assert data_sets()[name] is None and list(root.iterdir()) == []
    with pytest.raises(FileNotFoundError, match=words):
        al.build("acai", name, recipe="lab")
    assert main(["data", "status"]) == 0
    assert "absent: " in next(line for line in capsys.readouterr().out.splitlines()
                              if line.split()[0] == name)
    if name in ("imagenet32", "isun"):
        assert main(["data", "fetch", name]) == 1
        assert capsys.readouterr().err.startswith(f"error: {name} is not in")


def test_status_knows_whole_and_partial_sets(root):
    write_svhn(root)
    write_imagenet32(root / "imagenet32", batches=[1, 2])
    write_isun(root)
    found = data_sets()
    assert found["svhn"] == str(root) and found["svhn_extra"] is None
    assert found["imagenet32"] is None and found["isun"] == str(root / "iSUN")
    write_imagenet32(root / "imagenet32")
    assert data_sets()["imagenet32"] == str(root / "imagenet32")


# --- models of these sets -------------------------------------------------------------------------


def write_all(root, tmp_path):
    write_svhn(root)
    write_imagenet32(root / "imagenet32")
    write_isun(root, 30)
    write_folder(tmp_path / "pets", {"cat": 30, "dog": 30})


def test_statistics_are_measured_on_the_training_images(root, tmp_path):
    write_all(root, tmp_path)
    for name in ("svhn", "imagenet32", "isun", str(tmp_path / "pets")):
        found = al.load(name)
        pixels = found.train_images[:].double()
        assert found.statistics == pytest.approx([float(pixels.mean()), float(pixels.std())],
                                                 abs=1e-5)
        if name in CATALOGUE:
            by_name, by_set = (al.build("acai", source, recipe="lab").config
                               for source in (name, found))
            assert by_name == by_set
    assert al.build("acai", "svhn").code_size == 32
    # the paper's recipe does not standardise
    assert al.build("baseline", "svhn").config["mean"] == 0


def test_statistics_look_at_the_whole_set():
    """A set of your own may come class by class: the first ones alone would be of one class."""
    shades = torch.arange(5000).mul(255).div(4999).to(torch.uint8).view(-1, 1, 1,
                                                                        1).expand(-1, 1, 32, 32)
    mean, std = al.ImageSet("shades", shades).statistics
    assert abs(mean) < 0.02 and std == pytest.approx(1 / 3**0.5, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("data", ["svhn", "imagenet32", "isun", "pets"])
def test_train_on_each_from_the_command_line(root, tmp_path, data, monkeypatch):
    write_all(root, tmp_path)
    monkeypatch.chdir(tmp_path)
    command = ["train", "--method", "baseline", "--data", "./pets" if data == "pets" else data,
               "--samples", "32", "--recipe", "lab", "--set", '{"depth": 4}', "--code-size", "32",
               "--device", "cpu", "--out", "out"]  # fmt: skip
    assert main(command) == 0
    result = json.loads((tmp_path / "out" / f"{data}-baseline-32.json").read_text())
    assert result["dataset"] == data and result["reconstruction_error"] > 0
    assert ((result["probe_accuracy"] is None) == (result["cluster_accuracy"] is None)
            == (data == "isun"))
    model = al.checkpoint(tmp_path / "out" / f"{data}-baseline-32.safetensors")
    assert model.image_shape == (1 if data == "pets" else 3, 32, 32)


# --- memory ---------------------------------------------------------------------------------------

PEAK = """
import sys
import numpy, PIL.Image, zipfile
import acai_lite as al
from acai_lite.files import folders as images
def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))
def load(name):
    if "/" not in name:
        found = al.load(name)
        return found.train_images.stored, found.test_images.stored
    train, test = images._splits(images.Path(name).resolve())
    return images._kept(images.Path(name).resolve(), [path for _, path in train + test],
                        len(train), None)
before = status("VmRSS")
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
parts = load(sys.argv[1])
print(status("VmHWM") - before, sum(part.nbytes for part in parts))
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"),
                    reason="reads the peak as Linux keeps it")
@pytest.mark.parametrize("kind",
                         ["svhn_extra", "imagenet32", "imagenet32 compressed", "packed folder"])
def test_loading_takes_little_more_memory_than_the_images(root, tmp_path, kind, monkeypatch):
    """About 100 MB of images; a loader that held a copy would take 2.0 times that."""
    name = kind.split()[0]
    if name == "svhn_extra":
        for part, count in (("train", 9_000), ("extra", 20_000), ("test", 3_000)):
            pixels = np.full((32, 32, 3, count), count % 256, np.uint8)
            content = {"X": pixels, "y": svhn_labels(count)[:, None]}
            scipy.io.savemat(root / f"{part}_32x32.mat", content, do_compression=True)
    elif name == "imagenet32":
        plain = lambda count, seed: np.full((count, 3, 32, 32), seed % 256, np.uint8)  # noqa: E731
        monkeypatch.setattr(sys.modules[__name__], "random_images", plain)
        write_imagenet32(root / "imagenet32", per_batch=3_000, compressed="compressed" in kind)
    else:
        name = str(tmp_path / "pets")
        write_folder(tmp_path / "pets", {"cat": 20, "dog": 20})
        monkeypatch.setattr(packed, "SLOW", -1)
        al.load(name)
        (path,) = (root / "packed").iterdir()
        with open(path, "rb") as file:  # as large as a big folder's
            key, _, *parts = (np.load(file) for _ in range(4))
        parts = [np.repeat(part, 2_500, 0) for part in parts]
        with open(path, "wb") as file:
            for array in (key, np.array([zlib.crc32(part) for part in parts]), *parts):
                np.save(file, array)
    done = subprocess.run([sys.executable, "-c", PEAK, name], env=os.environ | {
        "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    peak, stored = map(int, done.stdout.split())
    print(f"{kind}: peak {peak / 2**20:.0f} MiB for {stored / 2**20:.0f} MiB of images, "
          f"{peak / stored:.3f}")
    assert stored > 90e6 and peak < 1.2 * stored
