"""Path scores: a classifier that anyone can compute by hand, then a trained one."""

import math

import numpy as np
import pytest
import torch
from helpers import Fake
from torch import nn

import acai_lite as al
from acai_lite.image_paths import (
    ImageClassifier,
    PathScores,
    compare_paths,
    kernel_distance,
    path_scores,
    train_classifier,
)


class Reader(nn.Module):
    """A classifier whose features are the first `d` pixels of an image, and whose logits are a
    function of them."""

    def __init__(self, d, logits=lambda features: features):
        super().__init__()
        self.d, self.logits = d, logits
        self.place = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def features(self, x):
        return x[:, 0, 0, : self.d]


def show(features):
    """(K,T,d) -> frames (K,T,1,32,32) that a Reader reads as these features."""
    features = torch.as_tensor(features, dtype=torch.float64)
    frames = torch.zeros(*features.shape[:2], 1, 32, 32, dtype=torch.float64)
    frames[:, :, 0, 0, : features.shape[2]] = features
    return frames


# --- values by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [2, 3, 16])
def test_a_straight_even_path(steps):
    t = torch.linspace(0, 1, steps, dtype=torch.float64)[None, :, None]
    scores = path_scores(show(t * torch.tensor([3.0, -4.0]) + 1), Reader(2))
    assert scores.feature_length == pytest.approx(1, abs=1e-12)
    assert scores.step_ratio == pytest.approx(1, abs=1e-12)
    assert scores.kernel_distance is None


@pytest.mark.parametrize("steps", [2, 3, 16])
def test_a_path_of_one_jump(steps):
    path = torch.zeros(1, steps, 2)
    path[:, steps // 2 :] = torch.tensor([1.0, 2.0])
    scores = path_scores(show(path), Reader(2))
    assert scores.step_ratio == pytest.approx(steps - 1, abs=1e-12)
    assert scores.feature_length == pytest.approx(1, abs=1e-12)


def test_length_and_step_ratio_are_means_over_paths():
    """Steps 3 and 4 at a right angle (length 7 / 5, ratio 4 / 3.5), and steps 1 and 3 ahead
    (1, 3 / 2)."""
    scores = path_scores(show([[[0, 0], [3, 0], [3, 4]], [[5, 1], [6, 1], [9, 1]]]), Reader(2))
    assert scores.feature_length == pytest.approx((7 / 5 + 1) / 2, abs=1e-12)
    assert scores.step_ratio == pytest.approx((4 / 3.5 + 1.5) / 2, abs=1e-12)


def test_paths_that_do_not_move_are_left_out():
    still, back, even = [[1, 1], [1, 1], [1, 1]], [[0, 0], [1, 0], [0, 0]], [[0, 0], [1, 0], [2, 0]]
    scores = path_scores(show([still, back, even]), Reader(2))
    assert scores.feature_length == 1 and scores.step_ratio == 1
    both = path_scores(show([still, back]), Reader(2))
    assert math.isnan(both.feature_length) and both.step_ratio == 1
    none = path_scores(show([still, still]), Reader(2))
    assert (math.isnan(none.feature_length) and math.isnan(none.step_ratio)
            and none.class_changes == 0)


def test_rounding_is_no_movement():
    frames = show([[[1, 1], [1, 1], [1, 1]]]) + 1e-9 * torch.randn(1, 3, 1, 32, 32,
                                                                   dtype=torch.float64)
    assert math.isnan(path_scores(frames, Reader(2)).step_ratio)


def test_a_classifier_that_knows_nothing():
    scores = path_scores(torch.randn(3, 4, 1, 32, 32), Reader(10, torch.zeros_like))
    assert scores.confidence == pytest.approx(0.1, abs=1e-12)
    assert scores.entropy == pytest.approx(math.log(10), abs=1e-12)
    assert scores.class_changes == 0


def test_a_classifier_that_is_sure():
    # classes 0 0 1 1 and 0 1 2 0
    path = 1000.0 * torch.eye(3)[torch.tensor([[0, 0, 1, 1], [0, 1, 2, 0]])]
    scores = path_scores(show(path), Reader(3))
    assert scores.confidence == 1 and scores.entropy == 0
    assert scores.class_changes == (1 + 3) / 2


def test_confidence_and_entropy_are_means_over_frames():
    """Probabilities 1/2, 1/2 and 3/4, 1/4."""
    scores = path_scores(show([[[0, 0], [math.log(3), 0]]]), Reader(2))
    assert scores.confidence == pytest.approx((1 / 2 + 3 / 4) / 2, abs=1e-12)
    second = 3 / 4 * math.log(4 / 3) + 1 / 4 * math.log(4)
    assert scores.entropy == pytest.approx((math.log(2) + second) / 2, abs=1e-12)


def test_scores_do_not_depend_on_the_batch_or_the_kind_of_frames():
    frames = torch.randn(70, 9, 1, 32, 32)  # 630 frames: more than one look
    whole, parts = (path_scores(frames, Reader(5)),
                    [path_scores(frames[i : i + 1], Reader(5)) for i in range(70)])
    for name in ("confidence", "entropy", "class_changes", "feature_length", "step_ratio"):
        assert getattr(whole, name) == pytest.approx(
            np.mean([getattr(part, name) for part in parts]), abs=1e-12)
    assert path_scores(frames.numpy(), Reader(5)) == whole == path_scores(frames.requires_grad_(),
                                                                          Reader(5))


# --- the kernel distance --------------------------------------------------------------------------


def by_loops(x, y):
    """The unbiased estimate as it is defined, one pair at a time."""

    def mean(a, b, same):
        pairs = [(i, j) for i in range(len(a)) for j in range(len(b)) if not (same and i == j)]
        return sum((float(a[i] @ b[j]) / len(a[i]) + 1) ** 3 for i, j in pairs) / len(pairs)

    return mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)


@pytest.mark.parametrize(("n", "m", "d"), [(2, 2, 1), (5, 9, 3), (12, 7, 4)])
def test_kernel_distance_equals_the_double_loop(n, m, d):
    random = torch.Generator().manual_seed(n)
    x, y = (torch.randn(k, d, generator=random, dtype=torch.float64) for k in (n, m))
    assert kernel_distance(x, y) == pytest.approx(by_loops(x, y), rel=1e-12)


def test_kernel_distance_by_hand():
    """One number each: pairs (0, 2) and (1, 1): kernels 1 and 8 within, 1, 1, 27 and 27 across."""
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [1.0]])
    assert kernel_distance(x, y) == pytest.approx(1 + 8 - 2 * (1 + 1 + 27 + 27) / 4, abs=1e-12)


def test_kernel_distance_of_two_halves_is_zero_on_average():
    random = torch.Generator().manual_seed(0)
    found = [kernel_distance(*torch.randn(2, 60, 4, generator=random)) for _ in range(200)]
    error = np.std(found) / math.sqrt(200)
    assert abs(np.mean(found)) < 3 * error and min(found) < 0 < max(found)
    moved = kernel_distance(torch.randn(600, 4, generator=random),
                            torch.randn(600, 4, generator=random) + 1)
    assert moved > 20 * np.std(found)


def test_the_kernel_distance_looks_at_the_middle_frames():
    random = torch.Generator().manual_seed(0)
    real = torch.randn(7, 1, 32, 32, generator=random, dtype=torch.float64)
    for steps, middle in ((3, 1), (4, 2), (5, 2), (16, 8)):
        frames = torch.randn(6, steps, 1, 32, 32, generator=random, dtype=torch.float64)
        expected = by_loops(frames[:, middle, 0, 0, :3], real[:, 0, 0, :3])
        assert path_scores(frames, Reader(3), real).kernel_distance == pytest.approx(expected,
                                                                                     rel=1e-10)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 1, 32, 32), (2, 1, 1, 32, 32),
                                   (0, 4, 1, 32, 32), (2, 4, 1, 32)])
def test_path_scores_refuse_what_is_no_path_of_images(shape):
    said = rf"\(K, T, C, S, S\) with K >= 1 and T >= 2; got \({', '.join(map(str, shape))}\)"
    with pytest.raises(ValueError, match=said):
        path_scores(torch.zeros(shape), Reader(2))


@pytest.mark.parametrize("shape", [(1, 32), (3, 32, 32), (1, 28, 28), (1, 64, 64)])
def test_path_scores_refuse_images_of_another_shape_than_the_classifiers(shape):
    with pytest.raises(ValueError,
                       match=r"\(K, T, 1, 32, 32\) with K >= 1 and T >= 2; got \(2, 4, "):
        path_scores(torch.zeros(2, 4, *shape), ImageClassifier())


@pytest.mark.parametrize(
    ("frames", "real"),
    [((3, 4, 1), (5, 3)), ((3, 4, 3), (5, 1)), ((3, 4, 1), (1, 1)),
     ((1, 4, 1), (5, 1)), ((3, 2, 1), (5, 1))],
)
def test_a_kernel_distance_needs_two_of_each_and_a_middle(frames, real):
    with pytest.raises(ValueError, match="a kernel distance needs"):
        path_scores(torch.zeros(*frames, 32, 32), Reader(2), torch.zeros(*real, 32, 32))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_path_scores_refuse_nan_and_infinity(bad):
    frames = torch.zeros(2, 3, 1, 32, 32)
    spoilt = frames.clone()
    spoilt[1, 2, 0, 3, 4] = bad
    for given in ((spoilt, None), (frames, spoilt[1])):
        with pytest.raises(ValueError, match="NaN or infinity"):
            path_scores(given[0], Reader(2), given[1])


# --- a trained classifier -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    return al.load("digits")


@pytest.fixture(scope="module")
def classifier(digits):
    return train_classifier(digits, samples=4_000)


@pytest.mark.slow
def test_a_classifier_learns_the_digits(digits, classifier):
    assert isinstance(classifier, ImageClassifier) and not classifier.training
    images = digits.test_images[:]
    features = classifier.features(images)
    assert features.shape == (360, 128) and not features.requires_grad
    right = (classifier(images).argmax(1) == digits.test_labels).float().mean()
    assert classifier.accuracy == pytest.approx(float(right), abs=1e-6)
    assert classifier.accuracy > 0.9
    assert (float(classifier.features(digits.train_images[:]).square().mean())
            == pytest.approx(1, abs=1e-5))


@pytest.mark.slow
def test_a_classifier_never_sees_a_test_image(digits):
    train, tests = (digits.train_images[:], digits.train_labels), digits.test_images[:]
    sets = [al.ImageSet("digits", *train, tests, digits.test_labels),
            al.ImageSet("digits", *train, -tests, digits.test_labels.flip(0)),
            al.ImageSet("digits", *train)]  # fmt: skip
    classifiers = [train_classifier(images, samples=160) for images in sets]
    for classifier in classifiers[1:]:
        for name, value in classifiers[0].state_dict().items():
            assert torch.equal(value, classifier.state_dict()[name])
    assert (math.isnan(classifiers[2].accuracy)
            and classifiers[1].accuracy != classifiers[0].accuracy)


@pytest.mark.slow
def test_a_classifier_depends_on_its_seed_alone(digits):
    first, again, other = (train_classifier(digits, samples=64, seed=seed).head.weight
                           for seed in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)


@pytest.mark.slow
def test_a_classifier_of_few_coloured_images():
    images = torch.rand(10, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.2
    labels = torch.arange(10) % 2
    images[labels == 1] -= 0.8
    classifier = train_classifier(al.ImageSet("mine", images, labels, images, labels), samples=400)
    assert classifier.accuracy == 1.0 and classifier(images).shape == (10, 2)
    assert path_scores(images[:4].view(2, 2, 3, 32, 32), classifier).class_changes == 1


@pytest.mark.slow
@pytest.mark.parametrize("size", [16, 32, 64, 128])
def test_a_classifier_and_its_scores_take_images_of_any_size(size):
    """A bright upper half, or a bright lower one."""
    images = torch.full((24, 3, size, size), -0.5)
    labels = torch.arange(24) % 2
    images[labels == 0, :, :size // 2], images[labels == 1, :, size // 2:] = 0.5, 0.5
    images += 0.1 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    halves = al.ImageSet("halves", images, labels, images, labels)
    classifier = train_classifier(halves, samples=240)
    assert classifier.image_shape == (3, size, size) and classifier.accuracy == 1
    assert classifier.features(images[:2]).shape == (2, 128)
    rows = compare_paths({}, halves, classifier, pairs=5, steps=3)
    assert rows["real data"].kernel_distance < rows["pixel blend"].kernel_distance


@pytest.mark.slow
def test_a_classifier_is_standardised_by_the_whole_set():
    """Sorted, the last quarter bright: its first 2,048 images are all dark."""
    images = torch.full((2740, 1, 32, 32), 10, dtype=torch.uint8)
    images[2055:] = 210
    images += torch.randint(40, images.shape, generator=torch.Generator().manual_seed(0)).byte()
    ordered = al.ImageSet("sorted", images, torch.arange(2740) // 2055)
    classifier = train_classifier(ordered, samples=64)
    pixels = ordered.train_images[:]
    assert classifier.mean == pytest.approx(float(pixels.mean()), abs=0.01)
    assert classifier.std == pytest.approx(float(pixels.std()), abs=0.01)
    size = torch.cat([classifier.features(part) for part in pixels.split(200)]).square().mean()
    assert float(size) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), r"got \(40, 1, 32, 32\), no labels, samples=64"),
        ((torch.zeros(40, dtype=int),), r"got \(40, 1, 32, 32\), 1 classes, samples=64"),
    ],
)
def test_a_classifier_needs_classes(digits, given, said):
    with pytest.raises(ValueError, match=f"mine: a classifier needs images .*{said}"):
        train_classifier(al.ImageSet("mine", digits.train_images[:40], *given), samples=64)


def test_a_classifier_needs_a_batch_and_no_signals(digits):
    with pytest.raises(ValueError,
                       match=r"digits: .* one batch of 32; got .*, 10 classes, samples=31"):
        train_classifier(digits, samples=31)
    with pytest.raises(ValueError,
                       match=r"waves: a classifier needs images .* got \(65536, 1, 32\)"):
        train_classifier(al.load("waves"))


# --- the table ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(digits, classifier):
    pixels = Fake(lambda x: x, lambda z: z)
    grey = Fake(lambda x: x, lambda z: 0 * z)
    return compare_paths({"keeps pixels": pixels, "draws nothing": grey}, digits, classifier,
                         pairs=60, steps=8)


def test_a_table_always_has_its_two_rows(digits, classifier, rows):
    assert list(rows) == ["real data", "pixel blend", "keeps pixels", "draws nothing"]
    assert all(isinstance(row, PathScores) for row in rows.values())
    assert list(compare_paths({}, digits, classifier, pairs=5)) == ["real data", "pixel blend"]


def test_models_walk_between_the_pairs_of_the_line_score(digits, classifier, rows):
    assert rows["keeps pixels"] == rows["pixel blend"]
    blend = al.interpolate(digits.test_images[:60], digits.test_images[60:120], 8)
    alone, row = path_scores(blend, classifier), rows["pixel blend"]
    for name in ("confidence", "entropy", "class_changes", "feature_length", "step_ratio"):
        assert getattr(row, name) == getattr(alone, name)


def test_real_data_are_realistic_and_not_smooth(rows):
    real, blend, nothing = rows["real data"], rows["pixel blend"], rows["draws nothing"]
    assert real.confidence > blend.confidence and real.entropy < blend.entropy
    assert abs(real.kernel_distance) < blend.kernel_distance < nothing.kernel_distance
    assert real.class_changes > 5 and real.feature_length > 4  # 7 steps, each to an image at random
    assert math.isnan(nothing.step_ratio) and nothing.class_changes == 0


def test_the_images_compared_with_are_in_no_path(classifier, monkeypatch):
    """Every test image carries its number in its first pixel."""
    images = torch.rand(50, 1, 32, 32) * 2 - 1
    images[:, 0, 0, 0] = torch.arange(50) / 50
    seen = []

    def spy(frames, classifier, real=None):
        seen.append((frames[:, :, 0, 0, 0].mul(50).round().int(),
                     real[:, 0, 0, 0].mul(50).round().int()))
        return PathScores(*[0.0] * 6)

    monkeypatch.setattr("acai_lite.image_paths.path_scores", spy)
    tests = al.ImageSet("mine", images, torch.arange(50) % 2, images, torch.arange(50) % 2)
    for seed in (0, 0, 1):
        compare_paths({}, tests, classifier, pairs=12, steps=6, seed=seed)
    numbers, real = seen[0]
    assert (numbers[:, 0].tolist() == list(range(12))
            and numbers[:, -1].tolist() == list(range(12, 24)))
    used = set(numbers.flatten().tolist())
    assert not used & set(real.tolist()) and set(range(24)) < used
    assert len(set(real.tolist())) == 13
    for place in numbers.T:
        assert len(place.unique()) == 12
    assert torch.equal(seen[2][1], real) and torch.equal(seen[2][0], numbers)
    assert not torch.equal(seen[4][1], real)


def test_a_table_takes_a_model_of_another_dtype(digits, classifier):
    model = al.build("baseline", "digits")
    first = compare_paths({"model": model}, digits, classifier, pairs=4, steps=3)["model"]
    second = compare_paths({"model": model.double()}, digits, classifier, pairs=4, steps=3)["model"]
    assert first.confidence == pytest.approx(second.confidence, abs=1e-4)


@pytest.mark.parametrize("given", [{"pairs": 91}, {"pairs": 1}, {"steps": 2},
                                   {"models": {"real data": None}}])
def test_a_table_refuses_too_few_images_and_its_own_names(digits, classifier, given):
    with pytest.raises(ValueError, match="digits: .* need 4 .* got 360 test images"):
        compare_paths(**{"models": {}, "pairs": 5, **given}, images=digits, classifier=classifier)


def test_a_table_refuses_a_set_without_a_test_split(digits, classifier):
    with pytest.raises(ValueError, match="got 0 test images"):
        compare_paths({}, al.ImageSet("mine", digits.train_images[:40]), classifier, pairs=2)


def test_a_table_refuses_what_is_not_for_its_images(digits, classifier):
    with pytest.raises(ValueError,
                       match=r"digits: colour takes images \(3, 32, 32\).* are \(1, 32, 32\)"):
        compare_paths({"colour": al.build("baseline", "cifar10")}, digits, classifier, pairs=4)
    with pytest.raises(ValueError, match=r"digits: the classifier takes images \(3, 32, 32\)"):
        compare_paths({}, digits, ImageClassifier(3), pairs=4)
    for other in (classifier, Reader(2)):
        with pytest.raises(ValueError, match=r"waves: .* those of the set are \(1, 32\)"):
            compare_paths({}, al.load("waves"), other, pairs=4)
