"""Data sets: lines drawn exactly as the authors do, checks of what is given, files that are absent
or damaged."""

import gzip
import hashlib
import math
import os
import pickle
import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import torch
import torchvision.datasets
from helpers import Touch, seeded
from mirror import serving

import acai_lite as al
from acai_lite.data import DRAWN, SIZES, Images, ImageSet, Lines, Waves, levels
from acai_lite.drawing import _line_pixels
from acai_lite.files import downloads
from acai_lite.files.catalogue import CATALOGUE, data_sets
from acai_lite.files.checkout import checkout
from acai_lite.gans import ring_of_eight

# --- drawing lines --------------------------------------------------------------------------------

# theta: sum, sum of squares, sum(image * (32 * row + column)) / 1024, from the authors' draw_line
# in float64
CHECKSUMS = {
    0.1: (-964.0, 1005.46936, -482.312673),
    1.0: (-973.511741, 1006.2861, -496.020749),
    2.0: (-969.442154, 1003.982631, -496.080187),
    3.0: (-964.60045, 1003.15628, -484.490556),
    4.0: (-976.0, 1007.348449, -478.725865),
    5.0: (-964.0, 1004.966597, -467.354134),
    6.0: (-964.0, 1004.670274, -477.543206),
}


def pixels(theta):
    """(32,32) of a line, float64."""
    return _line_pixels(torch.tensor([theta], dtype=torch.float64))[0]


def checksums(image):
    image = np.asarray(image, dtype=np.float64).reshape(-1)
    return image.sum(), (image**2).sum(), (image * np.arange(1024)).sum() / 1024


@pytest.mark.parametrize("theta", CHECKSUMS)
def test_line_has_the_checksums_of_the_authors_routine(theta):
    assert checksums(pixels(theta)) == pytest.approx(CHECKSUMS[theta], abs=1e-6)
    assert checksums(al.draw_lines([theta])) == pytest.approx(CHECKSUMS[theta], abs=1e-3)


@pytest.mark.parametrize(
    ("theta", "rows", "columns"),
    [(0, slice(15, 17), slice(16, 31)), (math.pi / 2, slice(1, 16), slice(15, 17))]
)
def test_axis_line_lights_exactly_two_rows_or_columns_of_fifteen_pixels(theta, rows, columns):
    expected = torch.full((32, 32), -1.0)
    expected[rows, columns] = 1.0
    assert torch.equal(al.draw_lines(torch.tensor([theta], dtype=torch.float64))[0, 0], expected)


@pytest.mark.parametrize("theta", np.linspace(0.05, 2 * math.pi + 0.05, 48, endpoint=False))
def test_coverage_of_a_line(theta):
    """30 max(|cos|, |sin|) when it points left or up; right and down ends fill their last pixel
    row."""
    cos, sin = math.cos(theta), math.sin(theta)
    longest = max(abs(cos), abs(sin))
    left_or_up = cos < 0 if abs(cos) > abs(sin) else sin > 0
    expected = 30 * longest if left_or_up else 2 * math.ceil(15 * longest)
    assert ((pixels(theta) + 1) / 2).sum().item() == pytest.approx(expected, abs=1e-9)


def test_lines_stay_within_minus_one_and_one_at_any_angle():
    pixels = al.draw_lines(torch.linspace(-10, 10, 4001, dtype=torch.float64))
    assert pixels.min() == -1 and pixels.max() == 1


@pytest.mark.parametrize("angles", [[0.3, 1.2], np.array([0.3, 1.2]),
                                    torch.tensor([0.3, 1.2], dtype=torch.float64)])
def test_draw_lines_takes_lists_arrays_and_tensors(angles):
    images = al.draw_lines(angles)
    assert images.shape == (2, 1, 32, 32) and images.dtype == torch.float32
    # not rounded to float32 first
    assert torch.equal(images[1, 0], pixels(1.2).float())


def test_draw_lines_of_nothing_and_of_many():
    assert al.draw_lines([]).shape == (0, 1, 32, 32)
    # more than one part of 512
    angles = torch.rand(1100, generator=seeded(), dtype=torch.float64) * 7
    assert torch.equal(al.draw_lines(angles)[-1], al.draw_lines(angles[-1:])[0])


def test_a_whole_turn_changes_nothing():
    angles = torch.rand(64, generator=seeded(), dtype=torch.float64) * 6
    assert torch.allclose(al.draw_lines(angles), al.draw_lines(angles + 2 * math.pi), atol=1e-6)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_draw_lines_refuses_angles_that_are_not_finite(bad):
    with pytest.raises(ValueError, match="angles must be finite"):
        al.draw_lines([0.1, bad])


def test_statistics_of_lines():
    # evenly spread angles instead of random ones: the same averages without sampling error
    images = al.draw_lines(torch.arange(10_000, dtype=torch.float64) * (2 * math.pi / 10_000))
    assert float(images.mean()) == pytest.approx(-0.9465, abs=5e-5)
    assert float(images.std()) == pytest.approx(0.2932, abs=5e-5)
    # 0.08036
    assert float((images - images.mean(0)).square().mean()) == pytest.approx(0.0803, abs=1e-4)


# --- the catalogue --------------------------------------------------------------------------------

MEASURED = [name for name, entry in CATALOGUE.items() if entry.statistics]


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_statistics_are_those_of_the_training_images(name, real):
    images = real(name).train_images
    count = min(len(images), 20_000) if name == "lines" else len(images)
    total, squares = 0.0, 0.0
    for start in range(0, count, 2000):
        part = images[start : min(start + 2000, count)].double()
        total, squares = total + float(part.sum()), squares + float(part.square().sum())
    values = count * math.prod(images.shape[1:])
    mean = total / values
    entry = CATALOGUE[name]
    assert images.shape[1:] == (entry.colours, *[32] * entry.dimensions)
    assert [mean, math.sqrt(squares / values - mean**2)] == pytest.approx(entry.statistics,
                                                                          abs=5e-4)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_an_entry_says_all_that_is_needed(entry):
    assert (entry.name in DRAWN) == (entry.reader is None)
    assert bool(entry.bundled) == (not entry.files and entry.find is None)
    assert bool(entry.by_hand) != bool(entry.bundled) and (not entry.get or entry.files)
    assert entry.code_size % entry.width ** entry.dimensions == 0


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_name_and_its_set_build_the_same_network(name, real):
    """With a recipe that standardises: mean and standard deviation are the catalogue's in both."""
    images = real(name)
    assert (images.name, images.colours, images.dimensions) == (
        name, CATALOGUE[name].colours, CATALOGUE[name].dimensions)
    by_name, by_set = (al.build("baseline", source, recipe="lab").config
                       for source in (name, images))
    assert by_name == by_set and by_name["std"] != 1


def test_statistics_of_another_set_are_measured_even_if_it_has_a_known_name():
    digits = ImageSet("mnist", torch.full((9, 1, 32, 32), 51, dtype=torch.uint8))
    assert digits.statistics == (pytest.approx(51 * 2 / 255 - 1), 1.0)          # one grey: not 0
    assert al.build("baseline", digits, recipe="lab").config["mean"] == digits.statistics[0]


def test_statistics_are_measured_once_and_stay_with_the_set_on_a_device():
    images = ImageSet("mine", bytes_images(20))
    found, images.train_images = images.statistics, None
    assert images.statistics is found
    images.train_images = ImageSet("mine", bytes_images(20)).train_images
    assert images.on("cpu").statistics is found


# --- what an ImageSet accepts ---------------------------------------------------------------------


def bytes_images(count=6, colours=1):
    return torch.randint(0, 256, (count, colours, 32, 32), generator=seeded(), dtype=torch.uint8)


NAN = torch.full((2, 1, 32, 32), float("nan"))
ONE_NAN = torch.zeros(2, 1, 32, 32).index_fill(3, torch.tensor([5]), float("nan"))


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.zeros(2, 1, 28, 28), ValueError, r"S one of 16, 32, 64, 128; got \(2, 1, 28, 28\)"),
        (torch.zeros(2, 1, 256, 256), ValueError, r"got \(2, 1, 256, 256\)"),
        (torch.zeros(2, 1, 32, 64), ValueError, r"got \(2, 1, 32, 64\)"),
        (torch.zeros(2, 1, 64), ValueError,
         r"signals must have shape \(N, 1 or 3, 32\), .*; got \(2, 1, 64\)"),
        (torch.zeros(2, 1, 32, 32, 32), ValueError, r"got \(2, 1, 32, 32, 32\)"),
        (torch.zeros(2, 32, 32), ValueError, r"got \(2, 32, 32\)"),
        (torch.zeros(2, 32, 32, 3), ValueError, r"got \(2, 32, 32, 3\)"),
        (torch.zeros(2, 2, 32, 32), ValueError, r"got \(2, 2, 32, 32\)"),
        (torch.zeros(7), ValueError, r"got \(7,\)"),
        (torch.full((2, 1, 32, 32), 1.01), ValueError, r"\[-1, 1\]; got 1.01 to 1.01"),
        (torch.full((2, 1, 32, 32), -1.5), ValueError, r"got -1.5 to -1.5"),
        (torch.full((2, 1, 32, 32), 255.0), ValueError, r"got 255 to 255"),
        (NAN, ValueError, r"got nan to nan"),
        (ONE_NAN, ValueError, r"got nan to nan"),
        (torch.full((2, 1, 32, 32), float("inf")), ValueError, r"got inf to inf"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.float64), TypeError, r"got torch.float64"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.float16), TypeError, r"got torch.float16"),
        (np.zeros((2, 1, 32, 32), dtype=np.int64), TypeError, r"got torch.int64"),
        (torch.zeros(0, 1, 32, 32), ValueError, r"the set is empty"),
        ([], ValueError, r"the set is empty"),
    ],
)
@pytest.mark.parametrize("split", ["train", "test"])
def test_image_set_refuses_images_and_says_what_it_got(images, error, message, split):
    good = torch.zeros(2, 1, 32, 32)
    pair = (images, None, good) if split == "train" else (good, None, images)
    with pytest.raises(error, match=rf"mine \({split}\): .*{message}"):
        ImageSet("mine", *pair)


@pytest.mark.parametrize("labels", [[0, 1], [0] * 7, [[0] * 6]])
def test_image_set_refuses_labels_of_another_length(labels):
    with pytest.raises(ValueError, match=r"6 images need labels of shape \(6,\); got"):
        ImageSet("mine", bytes_images(), labels)


@pytest.mark.parametrize("images", [bytes_images(), bytes_images().numpy(),
                                    bytes_images(colours=3)])
def test_image_set_takes_bytes_as_tensor_or_array(images):
    found = ImageSet("mine", images, np.arange(6), images[:2], [3, 4], "abcdef")
    assert (found.train_images.shape == tuple(images.shape)
            and found.test_images.shape == (2, *images.shape[1:]))
    assert found.train_labels.dtype == torch.int64 and found.test_labels.tolist() == [3, 4]
    assert found.classes == tuple("abcdef")


@pytest.mark.parametrize("shape", [*((c, size, size) for size in SIZES for c in (1, 3)),
                                   (1, 32), (3, 32)])
def test_image_set_knows_its_shape(shape):
    images = torch.zeros(5, *shape, dtype=torch.uint8)
    found = ImageSet("mine", images, None, images[:2])
    assert found.image_shape == shape == found.train_images[0].shape
    assert (found.colours, found.size, found.dimensions) == (shape[0], shape[1], len(shape) - 1)
    assert next(found.batches("test", 2, seeded()))[0].shape == (2, *shape)


def test_images_of_two_sizes_are_refused():
    with pytest.raises(ValueError,
                       match=r"\(2, 1, 32, 32\) and test images \(2, 1, 64, 64\) differ"):
        ImageSet("mine", torch.zeros(2, 1, 32, 32), None, torch.zeros(2, 1, 64, 64))


def test_image_set_without_labels_or_test_images():
    found = ImageSet("mine", bytes_images())
    assert found.train_labels is None and found.test_images is None and found.test_labels is None
    x, labels = next(found.batches("train", 4, seeded()))
    assert x.shape == (4, 1, 32, 32) and labels is None
    assert "mine" in repr(found) and "(6, 1, 32, 32)" in repr(found)


def test_bytes_become_exact_floats():
    ramp = torch.arange(256, dtype=torch.uint8).repeat(4).view(1, 1, 32, 32)
    found = ImageSet("ramp", ramp).train_images[0].flatten()
    assert found.dtype == torch.float32
    assert found[0] == -1 and found[255] == 1
    assert torch.allclose(found[:256].double(), torch.arange(256).double() * 2 / 255 - 1, rtol=0,
                          atol=2e-7)


def test_levels_are_the_bytes_again():
    ramp = torch.arange(256, dtype=torch.uint8).repeat(4).view(1, 1, 32, 32)
    assert torch.equal(levels(ImageSet("ramp", ramp).train_images[:]), ramp)
    assert levels(torch.tensor([-7.0, -1.0, -0.999, 0.999, 1.0, 7.0])).tolist() == [0, 0, 0, 255,
                                                                                    255, 255]


def test_float_images_come_back_as_they_were_and_as_copies():
    given = torch.rand(3, 1, 32, 32, generator=seeded()) * 2 - 1
    found = ImageSet("mine", given.clone()).train_images
    assert torch.equal(found[:], given)
    found[0].zero_()
    found[:].zero_()
    assert torch.equal(found[:], given)


@pytest.mark.parametrize("kind", ["bytes", "angles"])
def test_images_index_by_int_slice_tensor_and_list(kind, lines):
    images = (ImageSet("mine", bytes_images(20)).train_images if kind == "bytes"
              else lines.test_images)
    whole = images[:20]
    assert whole.shape == (20, 1, 32, 32) and whole.dtype == torch.float32
    assert torch.equal(images[3], whole[3])
    assert torch.equal(images[torch.tensor(3)], whole[3])
    assert torch.equal(images[2:9:3], whole[2:9:3])
    assert torch.equal(images[[5, 0, 5]], whole[[5, 0, 5]])
    assert torch.equal(images[torch.tensor([5, 0])], whole[[5, 0]])
    assert torch.equal(images[torch.arange(20) % 2 == 0] if kind == "bytes" else images[:20:2],
                       whole[::2])
    assert torch.equal(images[-1], images[len(images) - 1])
    with pytest.raises(IndexError):
        images[len(images)]


# --- batches --------------------------------------------------------------------------------------


def numbered(count=48):
    """Images whose only content is their number, so that a batch shows who is in it."""
    values = torch.arange(count, dtype=torch.uint8)
    return ImageSet("numbered", values.view(-1, 1, 1, 1).expand(-1, 1, 32, 32), torch.arange(count))


def one_pass(images, size, random):
    return [labels.tolist() for _, labels in images.batches("train", size, random)]


def test_batches_hold_every_image_once_with_its_label():
    seen = []
    for x, labels in numbered().batches("train", 16, seeded()):
        assert x.shape == (16, 1, 32, 32) and x.dtype == torch.float32
        assert torch.equal(((x[:, 0, 0, 0] + 1) * 255 / 2).round().long(), labels)
        seen += labels.tolist()
    assert sorted(seen) == list(range(48)) and seen != list(range(48))


def test_an_incomplete_last_batch_is_left_out():
    assert [len(batch) for batch in one_pass(numbered(), 10, seeded())] == [10] * 4


def test_partners_change_from_pass_to_pass():
    """ACAI mixes row i with row B-1-i: ports that shuffle once mix the same frozen pairs for
    ever."""
    images, random = numbered(), seeded()
    pairs = []
    for _ in range(2):
        batches = one_pass(images, 16, random)
        pairs.append({frozenset(pair) for batch in batches
                      for pair in zip(batch, batch[::-1], strict=True)})
    assert all(len(found) == 24 for found in pairs)
    assert len(pairs[0] & pairs[1]) < 6  # by chance about 24 / 47


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    assert one_pass(numbered(), 16, seeded(3)) == one_pass(numbered(), 16, seeded(3))
    assert one_pass(numbered(), 16, seeded(3)) != one_pass(numbered(), 16, seeded(4))


class Spy(Images):
    """Images that count how many of them were converted or drawn."""
    seen = 0

    def __getitem__(self, index):
        part = super().__getitem__(index)
        Spy.seen += len(part)
        return part


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("make", [lambda: Lines(700, 500), lambda: Waves(700, 500),
                                  ring_of_eight, lambda: ImageSet("mine", bytes_images(700),
                                                                  range(700), bytes_images(500))],
                         ids=["lines", "waves", "points", "bytes"])
@pytest.mark.parametrize("start", [0, 1, 3, 9])
def test_a_pass_can_begin_later_with_the_same_batches(make, split, start, monkeypatch):
    images = make()
    if split == "test" and images.test_images is None:
        return
    if images.draw is None or split == "test":                         # else the drawing is counted
        part = f"{split}_images"
        setattr(images, part, Spy(getattr(images, part).stored, images.draw))
    else:
        draw = images.draw

        def counted(places):
            Spy.seen += len(places)
            return draw(places)
        monkeypatch.setattr(type(images), "draw", staticmethod(counted))
    size = (len(images.train_images) if split == "train" else len(images.test_images)) // 5
    Spy.seen = 0
    late = list(images.batches(split, size, seeded(), start))
    # nothing for those left out
    assert Spy.seen == (0 if images.name == "ring" else len(late) * size)
    whole = list(images.batches(split, size, seeded()))
    assert len(whole) == 5 and len(late) == max(0, 5 - start)
    for (x, labels), (same, theirs) in zip(late, whole[start:], strict=True):
        assert torch.equal(x, same)
        assert labels is theirs is None or torch.equal(labels, theirs)


@pytest.mark.parametrize("name", ["lines", "waves", "bytes", "floats"])
def test_a_device_without_float64_is_never_given_one(name):
    """As MPS; here the device is "meta", which keeps types and no numbers."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class NoFloat64(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            out = function(*args, **(kwargs or {}))
            assert not (torch.is_tensor(out) and out.is_meta
                        and out.dtype == torch.float64), function
            return out

    float_images = torch.rand(20, 1, 32, 32, generator=seeded())
    images = al.load(name) if name in DRAWN else ImageSet(
        "mine", bytes_images(20) if name == "bytes" else float_images, range(20))
    with NoFloat64():
        moved = images.on("meta")
        x, labels = next(moved.batches("train", 8, seeded()))
        assert x.to("meta").dtype == moved.train_images[2:4].dtype == torch.float32
        assert (x.is_meta, labels.is_meta) == (name not in DRAWN, name not in DRAWN)


@pytest.mark.parametrize("size", [0, -1, 49])
def test_a_batch_that_does_not_fit_is_refused(size):
    with pytest.raises(ValueError,
                       match=f"numbered: a batch of {size} does not fit into train's 48 images"):
        next(numbered().batches("train", size, seeded()))


def test_a_batch_of_a_split_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="does not fit into test's 0 images"):
        next(numbered().batches("test", 4, seeded()))


@pytest.mark.parametrize("size", [0, 65_537])
def test_a_batch_of_lines_that_does_not_fit_is_refused(size, lines):
    with pytest.raises(ValueError, match=f"a batch of {size} does not fit"):
        list(lines.batches("train", size, seeded()))


def test_training_passes_over_lines_draw_fresh_angles(lines):
    random = seeded()
    first, second = (next(lines.batches("train", 64, random))[0] for _ in range(2))
    stored = lines.train_images[:64]
    for a, b in [(first, second), (first, stored), (second, stored)]:
        # no line in common
        assert (a.flatten(1)[:, None] - b.flatten(1)[None]).abs().amax(2).min() > 0
    again = next(lines.batches("train", 64, seeded()))[0]
    assert torch.equal(first, again)


def test_test_lines_are_always_the_same(lines):
    assert len(lines.test_images) == 5000
    assert torch.equal(lines.test_images[:100], al.load("lines").test_images[:100])


@pytest.mark.parametrize("split", ["train", "test"])
def test_labels_of_lines_are_the_sectors_of_what_is_drawn(split, lines):
    x, labels = next(lines.batches(split, 64, seeded()))
    angles = al.line_scores(x.view(32, 2, 1, 32, 32)).angles.flatten()
    middle = (angles / (2 * math.pi) * 10) % 1
    # the nearest dictionary line is up to 3e-4 radians off
    clear = (middle > 0.01) & (middle < 0.99)
    assert clear.sum() > 50
    assert torch.equal(labels[clear], (angles / (2 * math.pi) * 10).long()[clear])


@pytest.mark.parametrize(
    ("degrees", "sector"),
    [(0, 0), (35.9, 0), (36.1, 1), (180.1, 5), (359.9, 9), (360, 0),
     (-1, 9), (721, 0), (-1e-20, 9)],
)
def test_sector_of_an_angle(degrees, sector, lines):
    assert lines.sector(torch.tensor([math.radians(degrees)],
                                     dtype=torch.float64)).tolist() == [sector]


# --- the bundled and the real sets ----------------------------------------------------------------


def test_digits_are_split_once_and_for_all():
    digits = al.load("digits")
    assert (digits.train_images.shape == (1437, 1, 32, 32)
            and digits.test_images.shape == (360, 1, 32, 32))
    assert torch.bincount(torch.cat([digits.train_labels, digits.test_labels])).tolist() == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180
    ]  # fmt: skip
    assert torch.equal(digits.test_labels, al.load("digits").test_labels)
    assert len(torch.unique(digits.train_images[:], dim=0)) > 1400


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_mnist_is_padded_by_two_and_keeps_its_split(name, real):
    images = real(name)
    assert (images.train_images.shape == (60_000, 1, 32, 32)
            and images.test_images.shape == (10_000, 1, 32, 32))
    assert images.train_labels.shape == (60_000,) and images.test_labels.shape == (10_000,)
    sample = images.train_images[:2000]
    frame = torch.ones(32, 32, dtype=torch.bool)
    frame[2:30, 2:30] = False
    assert (sample[..., frame] == -1).all()
    assert sample[..., 2:30, 2:30].max() == 1
    assert len(images.classes) == 10


def test_first_labels_of_mnist(real):
    images = real("mnist")
    assert images.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert images.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert images.classes[3] == "3"


@pytest.mark.slow
def test_cifar_is_in_colour_and_upright(real):
    images = real("cifar10")
    assert (images.train_images.shape == (50_000, 3, 32, 32)
            and images.test_images.shape == (10_000, 3, 32, 32))
    assert (torch.bincount(images.train_labels).tolist() == [5000] * 10
            and images.classes[0] == "airplane")
    raw = torchvision.datasets.CIFAR10(downloads.data_folder()).data[7]  # (32,32,3), rows first
    assert torch.equal(images.train_images[7],
                       torch.from_numpy(raw).permute(2, 0, 1).float() * (2 / 255) - 1)


# --- files that are absent, damaged or read-only --------------------------------------------------

MNIST_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
               "t10k-labels-idx1-ubyte")


def tiny_mnist():
    """Look-alikes of MNIST's four files: {file name: bytes}; 30 images to train, 10 to test."""
    random, files = np.random.default_rng(0), {}
    for split, count in (("train", 30), ("t10k", 10)):
        pixels = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        files[f"{split}-images-idx3-ubyte"] = struct.pack(">4i", 0x803, count, 28,
                                                          28) + pixels.tobytes()
        files[f"{split}-labels-idx1-ubyte"] = (struct.pack(">2i", 0x801, count)
                                               + bytes(k % 10 for k in range(count)))
    return files


def write_mnist(folder, files=None, kind="MNIST"):
    raw = folder / kind / "raw"
    raw.mkdir(parents=True)
    for name, content in (files or tiny_mnist()).items():
        (raw / name).write_bytes(content)


OFFICIAL = ["mnist", "fashion_mnist", "cifar10"]                         # torchvision's


@pytest.mark.parametrize("name", OFFICIAL)
def test_absent_data_names_the_command_that_fetches_it(name, folder):
    with pytest.raises(FileNotFoundError,
                       match=f"{name} is not in .*`python -m acai_lite data fetch {name}`"):
        al.load(name)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", OFFICIAL)
def test_load_never_downloads_unless_asked(name, folder, monkeypatch):
    def fail(*args, **kwargs):
        pytest.fail("a download was tried")

    for place in ("datasets.mnist", "datasets.cifar", "datasets.utils"):
        monkeypatch.setattr(f"torchvision.{place}.download_and_extract_archive", fail)
    with pytest.raises(FileNotFoundError):
        al.load(name)
    write_mnist(folder, {MNIST_FILES[0]: b""}, CATALOGUE[name].files[0])
    with pytest.raises(ValueError, match="damaged"):
        al.load(name)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="unknown data set 'minst': choose one of lines, waves, "
                                         "digits, terrain, mnist"):
        al.load("minst")


@pytest.mark.parametrize(("name", "size", "words"), [
    ("lines", 64, "lines has size 32 only: a folder of images, .* can be read at size 64"),
    ("mnist", 16, "mnist has size 32 only"),
    ("mnist", 48, "size must be one of 16, 32, 64, 128 pixels; got 48"),
    ("./photos", 0, "got 0"), ("./photos", 256, "got 256"), ("./photos", "64", "got '64'")])
def test_another_size_is_for_folders_only(name, size, words):
    with pytest.raises(ValueError, match=words) as said:
        al.load(name, size=size)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(("name", "kind"), [("mnist", "MNIST"), ("fashion_mnist", "FashionMNIST")])
def test_look_alike_mnist_loads(name, kind, folder):
    write_mnist(folder, kind=kind)
    images = al.load(name)
    assert (images.train_images.shape == (30, 1, 32, 32)
            and images.test_images.shape == (10, 1, 32, 32))
    raw = np.frombuffer(tiny_mnist()[MNIST_FILES[0]][16:], np.uint8).reshape(30, 28, 28)
    assert torch.equal(images.train_images.stored[:, 0, 2:30, 2:30], torch.from_numpy(raw.copy()))
    assert images.train_labels.tolist() == [k % 10 for k in range(30)]


@pytest.mark.parametrize("damage", ["cut in half", "empty", "garbage", "missing", "header only"])
@pytest.mark.parametrize("file", MNIST_FILES)
def test_damaged_mnist_says_what_to_do(file, damage, folder):
    files = tiny_mnist()
    whole = files.pop(file)
    content = {"cut in half": whole[: len(whole) // 2], "empty": b"",
               "garbage": b"<html>404</html>" * 20}
    if damage != "missing":
        files[file] = content.get(damage, whole[:8])
    write_mnist(folder, files)
    with pytest.raises(ValueError, match="mnist in .* is incomplete or damaged .*delete that "
                                         "folder .*fetch mnist`"):
        al.load("mnist")


@pytest.mark.parametrize("damage", ["empty folder", "garbage", "pickle"])
def test_damaged_cifar_says_what_to_do_and_runs_nothing(damage, folder, tmp_path):
    place = folder / "cifar-10-batches-py"
    place.mkdir()
    trap = tmp_path / "executed"
    if damage != "empty folder":
        content = b"garbage" if damage == "garbage" else pickle.dumps(Touch(trap))
        for name in ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5",
                     "test_batch"):
            (place / name).write_bytes(content)
        (place / "batches.meta").write_bytes(content)
    with pytest.raises(ValueError,
                       match="cifar10 in .* is incomplete or damaged .*data fetch cifar10`"):
        al.load("cifar10")
    assert not trap.exists()


def test_read_only_folder_is_enough_for_reading(folder):
    write_mnist(folder)
    before = sorted(folder.rglob("*"))
    for path in [*before, folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert len(al.load("mnist").train_images) == 30
        if getattr(os, "geteuid", int)() != 0:  # root may write anywhere; Windows asks otherwise
            with pytest.raises(OSError):
                al.load("fashion_mnist", download=True)
        assert sorted(folder.rglob("*")) == before
    finally:
        for path in [folder, *before]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_status_says_which_sets_are_there(folder):
    write_mnist(folder)
    assert data_sets()["mnist"] == str(folder / "MNIST")
    assert data_sets()["cifar10"] is None and data_sets()["lines"] == "drawn"


def test_data_folder_is_that_of_the_checkout_unless_set(monkeypatch, tmp_path):
    monkeypatch.setenv("ACAI_LITE_DATA", "~/here")
    for name in ("HOME", "USERPROFILE"):                               # the second on Windows
        monkeypatch.setenv(name, str(tmp_path))
    assert downloads.data_folder() == tmp_path / "here"
    monkeypatch.setenv("ACAI_LITE_DATA", "")
    assert (downloads.data_folder() == checkout() / "data"
            and (checkout() / "pyproject.toml").exists())


ELSEWHERE = """
import acai_lite as al
from acai_lite.files.checkout import checkout, commit_of_checkout
from acai_lite.runs.command_line import main
print(al.__file__, al.load("lines").name, len(al.load("digits").train_images), commit_of_checkout())
for call in (lambda: checkout("al.film"), lambda: al.load("mnist"),
             lambda: al.load("mnist", download=True)):
    try:
        call()
    except FileNotFoundError as error:
        print(error)
main(["data", "status"])
"""


@pytest.mark.slow
def test_outside_a_checkout_what_needs_no_file_works_and_the_rest_says_what_to_do(tmp_path):
    package, address = tmp_path / "site" / "acai_lite", "https://github.com/acai-lite/acai_lite"
    shutil.copytree(checkout() / "acai_lite", package)
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("ACAI_LITE_DATA", "PYTHONPATH")}
    about = tmp_path / "site" / "acai_lite-0.dist-info"                # as pip leaves it
    about.mkdir()
    (about / "METADATA").write_text("Name: acai-lite\nVersion: 0\nProject-URL: "
                                    f"Repository, {address}\n")
    done = subprocess.run([sys.executable, "-c", ELSEWHERE],
                          env=environment | {"PYTHONPATH": str(package.parent)},
                          cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    works, film, mnist, fetch, *status = done.stdout.splitlines()
    assert works == f"{package}/__init__.py lines 1437 None"
    assert (film.startswith("al.film needs a checkout of acai_lite")
            and f"`git clone {address}`" in film)
    assert "set ACAI_LITE_DATA to the folder" in mnist and fetch == mnist
    assert len(status) == len(CATALOGUE) and status[0].split() == ["lines", "drawn"]
    assert any(line.startswith("isun") and "in $ACAI_LITE_DATA" in line for line in status)


# --- download, from a server on this machine ------------------------------------------------------


@pytest.fixture
def mirror(monkeypatch):
    """A server of the look-alike MNIST; `.files` may be changed, `.asked` are the files that were
    asked for."""
    with serving({name + ".gz": gzip.compress(content)
                  for name, content in tiny_mnist().items()}) as server:
        resources = [(name, hashlib.md5(content).hexdigest())
                     for name, content in server.files.items()]
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [server.url])
        monkeypatch.setattr(torchvision.datasets.MNIST, "resources", resources)
        yield server


def test_download_fetches_once_and_leaves_only_the_data(folder, mirror):
    images = al.load("mnist", download=True)
    assert len(images.train_images) == 30 and set(mirror.asked) == set(mirror.files)
    assert [path.name for path in folder.iterdir() if path.suffix != ".lock"] == ["MNIST"]
    mirror.asked.clear()
    assert torch.equal(al.load("mnist", download=True).train_images[:], images.train_images[:])
    assert mirror.asked == []
    assert torch.equal(al.load("mnist").train_images[:], images.train_images[:])


def test_download_makes_the_folder_it_needs(folder, mirror):
    shutil.rmtree(folder)
    assert len(al.load("mnist", download=True).test_images) == 10


def test_a_download_that_breaks_off_leaves_nothing_half_made(folder, mirror):
    mirror.broken = "t10k-images-idx3-ubyte.gz"
    with pytest.raises(OSError, match="mnist"):
        al.load("mnist", download=True)
    assert [path for path in folder.iterdir() if path.suffix != ".lock"] == []
    with pytest.raises(FileNotFoundError):
        al.load("mnist")
    mirror.broken = None
    assert len(al.load("mnist", download=True).train_images) == 30
