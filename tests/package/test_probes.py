"""What a code knows: the linear probe and its controls, clustering, and the readings of a whole
set."""

import warnings

import numpy as np
import pytest
import sklearn.cluster
import sklearn.linear_model
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn

import acai_lite as al
from acai_lite.probes import _whiten, cluster_accuracy, encode_all, probe_controls


def blobs(count, seed, classes=4, size=6, distance=8.0):
    """Codes (count,size) around `classes` centres that are the same for every seed, and which
    centre, (count,)."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = np.random.default_rng(99).normal(size=(classes, size)) * distance
    return centres[labels] + random.normal(size=(count, size)), labels


# --- the linear probe -----------------------------------------------------------------------------


def test_probe_separates_blobs_given_as_arrays_or_tensors():
    (codes, labels), (test_codes, test_labels) = blobs(200, 0), blobs(100, 1)
    assert al.linear_probe(codes, labels, test_codes, test_labels) == 1.0
    arrays = codes.reshape(200, 2, 3), labels, test_codes.reshape(100, 2, 3), test_labels
    assert al.linear_probe(*(torch.from_numpy(array) for array in arrays)) == 1.0


def test_probe_of_shuffled_labels_is_at_chance():
    (codes, labels), (test_codes, test_labels) = (blobs(400, 0, distance=0.3),
                                                  blobs(400, 1, distance=0.3))
    shuffled = np.random.default_rng(2).permutation(labels)
    accuracy = al.linear_probe(codes, shuffled, test_codes, test_labels)
    assert accuracy == pytest.approx(0.25, abs=0.09)  # 4 standard deviations of a mean of 400


def test_probe_equals_logistic_regression_written_out():
    """Few codes of many numbers on many scales: neither C nor the standardisation may be
    another."""
    (codes, labels), (test_codes, test_labels) = (
        blobs(count, seed, size=30, distance=0.3) for count, seed in ((60, 0), (400, 1))
    )
    scales = np.logspace(-2, 2, 30)
    codes, test_codes = codes * scales + 3, test_codes * scales + 3
    mean, std = codes.mean(0), codes.std(0)
    regression = sklearn.linear_model.LogisticRegression(C=1.0, tol=1e-4, max_iter=2000)
    regression.fit((codes - mean) / std, labels)
    expected = (regression.predict((test_codes - mean) / std) == test_labels).mean()
    assert 0.3 < expected < 0.95
    assert al.linear_probe(codes, labels, test_codes,
                           test_labels) == pytest.approx(expected, abs=1e-12)


def test_probe_standardises_by_the_training_codes_only():
    (codes, labels), (test_codes, test_labels) = blobs(200, 0), blobs(200, 1)
    assert al.linear_probe(codes, labels, test_codes, test_labels) == 1.0
    assert al.linear_probe(codes, labels, test_codes + 100, test_labels) < 0.6
    assert al.linear_probe(codes * 50 + 7, labels, test_codes * 50 + 7, test_labels) == 1.0


def test_probe_survives_a_code_that_never_changes():
    (codes, labels), (test_codes, test_labels) = blobs(200, 0), blobs(100, 1)
    codes[:, 2] = test_codes[:, 2] = 5.0
    assert al.linear_probe(codes, labels, test_codes, test_labels) == 1.0


def test_probe_warns_when_it_has_not_converged(monkeypatch):
    original = sklearn.linear_model.LogisticRegression

    def hasty(**given):
        return original(**{**given, "max_iter": 1})

    monkeypatch.setattr(sklearn.linear_model, "LogisticRegression", hasty)
    with pytest.warns(RuntimeWarning, match="has not converged"):
        al.linear_probe(*blobs(200, 0, distance=1), *blobs(100, 1, distance=1))


def test_probe_is_silent_when_it_has_converged():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        al.linear_probe(*blobs(200, 0), *blobs(100, 1))


@pytest.mark.parametrize(
    ("train", "labels", "test", "test_labels"),
    [((20, 3), 19, (5, 3), 5), ((20, 3), 20, (5, 4), 5),
     ((20, 3), 20, (5, 3), 6), ((20, 2, 2), 20, (5, 3), 5)],
)
def test_probe_refuses_shapes_that_do_not_fit(train, labels, test, test_labels):
    with pytest.raises(ValueError, match=r"codes \(20, .*do not fit together"):
        al.linear_probe(torch.zeros(train), torch.arange(labels) % 2,
                        torch.zeros(test), torch.zeros(test_labels))


@pytest.mark.parametrize("score", ["probe", "clusters"])
def test_scores_of_codes_need_labels_and_classes(score):
    codes, zeros = torch.randn(20, 3), torch.zeros(20, dtype=int)
    call = {"probe": lambda y: al.linear_probe(codes, y, codes, y),
            "clusters": lambda y: al.cluster_accuracy(codes, codes, y)}[score]  # fmt: skip
    with pytest.raises(ValueError, match="no labels: this score needs a data set with classes"):
        call(None)
    with pytest.raises(ValueError, match="labels are of one class: this score needs two or more"):
        call(zeros)


def test_probe_refuses_nan():
    with pytest.raises(ValueError, match="NaN"):
        al.linear_probe(torch.full((20, 3), float("nan")), torch.arange(20) % 2,
                        torch.zeros(5, 3), torch.zeros(5))


# --- clustering -----------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [[0, 1, 2, 3], [2, 3, 1, 0], [7, -1, 100, 3]])
def test_separate_blobs_are_found_whatever_the_classes_are_called(names):
    (codes, _), (test_codes, labels) = blobs(200, 0), blobs(101, 1)
    named = np.array(names)[labels]
    assert cluster_accuracy(codes, test_codes, named) == 1.0
    tensors = (torch.from_numpy(codes.reshape(200, 2, 3)),
               torch.from_numpy(test_codes.reshape(101, 2, 3)))
    assert cluster_accuracy(*tensors, torch.from_numpy(named)) == 1.0


def test_codes_of_very_different_scales_are_whitened():
    scales = np.logspace(-2, 3, 6)
    (codes, _), (test_codes, labels) = blobs(200, 0), blobs(101, 1)
    assert cluster_accuracy(codes * scales + 3, test_codes * scales + 3, labels) == 1.0


def test_two_clusters_cannot_take_the_same_class():
    """Two places, two classes: 6 of the first place and all 4 of the second are class 0, so 4 + 2,
    not 6 + 4, are right."""
    codes = np.repeat([[0.0], [1.0]], 20, axis=0)
    test_codes = np.array([0.0] * 8 + [1.0] * 4)[:, None]
    labels = np.array([0] * 6 + [1] * 2 + [0] * 4)
    # either way: 6 + 0 or 4 + 2
    assert cluster_accuracy(codes, test_codes, labels) == pytest.approx(6 / 12)


def test_the_matching_is_the_best_one():
    """Rows: clusters, columns: classes. Taking the largest number first gives 5 + 0; the best is
    4 + 4."""
    codes = np.repeat([[0.0], [1.0]], 20, axis=0)
    test_codes = np.array([0.0] * 9 + [1.0] * 4)[:, None]
    labels = np.array([0] * 5 + [1] * 4 + [0] * 4)
    assert cluster_accuracy(codes, test_codes, labels) == pytest.approx(8 / 13)


def written_out(codes, test_codes, labels, restarts, seed):
    """cluster.py of the authors' code, in float64, with every matching tried."""
    from itertools import permutations

    mean = codes.mean(0)
    _, s, v = np.linalg.svd(codes - mean, full_matrices=False)
    train, test = ((c - mean) @ v.T / (s + 1e-5) for c in (codes, test_codes))
    means = sklearn.cluster.KMeans(4, init="random", n_init=restarts, max_iter=1000,
                                   random_state=seed).fit(train)
    clusters = means.predict(test)
    return max((np.array(order)[clusters] == labels).mean() for order in permutations(range(4)))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("restarts", [1, 5])
def test_clustering_equals_the_authors_formula(seed, restarts):
    (codes, _), (test_codes, labels) = blobs(400, 0, distance=0.8), blobs(300, 1, distance=0.8)
    expected = written_out(codes, test_codes, labels, restarts, seed)
    assert 0.3 < expected < 0.95
    assert cluster_accuracy(codes, test_codes, labels, restarts,
                            seed) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("count", "size"), [(50, 6), (4096, 3), (9000, 20), (15, 30)])
def test_whitening_equals_the_thin_svd(count, size):
    """In parts of 4,096 or not, more numbers than codes or not; mixed on many scales, one a copy,
    one without change."""
    random = np.random.default_rng(0)
    mix = random.normal(size=(size, size)) * np.logspace(-1, 2, size)
    codes, test_codes = (random.normal(size=(n, size)) @ mix + 5 for n in (count, 70))
    if size == 20:
        codes[:, 3], test_codes[:, 3] = codes[:, 7], test_codes[:, 7]
        codes[:, 4] = test_codes[:, 4] = 2.0
    mean = codes.mean(0)
    _, s, v = np.linalg.svd(codes - mean, full_matrices=False)
    train, test = _whiten(codes, test_codes)
    real = s > 1e-9 * s[0]  # along the other directions all centres agree
    assert real.sum() == {15: 14, 9000: 18}.get(count, size)
    assert train.dtype == test.dtype == np.float32
    assert train.shape == (count, real.sum()) and test.shape == (70, real.sum())
    for found, given in ((train, codes), (test, test_codes)):
        expected = ((given - mean) @ v.T / (s + 1e-5))[:, real]
        signs = np.sign((found * expected).sum(0))
        assert np.abs(found * signs - expected).max() < 1e-5 * np.abs(expected).max()


def test_a_direction_that_training_codes_lack_says_nothing():
    (codes, _), (test_codes, labels) = blobs(200, 0), blobs(100, 1)
    codes[:, 2], test_codes[:, 2] = 5.0, np.linspace(-1000, 1000, 100)
    assert cluster_accuracy(codes, test_codes, labels) == 1.0
    with pytest.warns(ConvergenceWarning, match="distinct clusters"):  # no direction at all
        assert cluster_accuracy(np.ones((20, 3)), test_codes[:, :3], labels, restarts=1) == 0.25


def test_labels_in_random_order_give_chance():
    (codes, _), (test_codes, labels) = blobs(400, 0), blobs(400, 1)
    shuffled = np.random.default_rng(2).permutation(labels)
    # the best of 24 matchings of 400 is a little above 1/4
    assert cluster_accuracy(codes, test_codes, shuffled) == pytest.approx(0.27, abs=0.07)


def test_test_codes_never_move_the_clusters():
    """One half of the test codes thrown far away, or left out: the answers for the other half
    stay."""
    (codes, _), (test_codes, labels) = blobs(400, 0, distance=0.8), blobs(200, 1, distance=0.8)
    alone = cluster_accuracy(codes, test_codes[:100], labels[:100])
    far, four = 1000 + 1000 * test_codes[100:], np.tile(labels[:100], 4)
    assert cluster_accuracy(codes, np.tile(test_codes[:100], (4, 1)), four) == pytest.approx(alone)
    fits = []

    class Watched(sklearn.cluster.KMeans):
        def fit(self, x):
            fits.append(np.array(super().fit(x).cluster_centers_))
            return self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn.cluster, "KMeans", Watched)
        cluster_accuracy(codes, test_codes, labels)
        cluster_accuracy(codes, np.vstack([test_codes[:100], far]), labels[::-1])
    assert np.array_equal(*fits)


def test_clustering_repeats_itself_and_changes_nothing():
    (codes, _), (test_codes, labels) = blobs(300, 0, distance=0.8), blobs(200, 1, distance=0.8)
    kept = codes.copy(), test_codes.copy(), labels.copy()
    assert cluster_accuracy(codes, test_codes, labels, 3) == cluster_accuracy(codes, test_codes,
                                                                              labels, 3)
    for before, after in zip(kept, (codes, test_codes, labels), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize(
    ("train", "test", "labels"),
    [((20, 3), (5, 4), (5,)), ((20, 3), (5, 3), (6,)),
     ((20, 2, 2), (5, 3), (5,)), ((20, 3), (5, 3), (5, 1))],
)  # fmt: skip
def test_clustering_refuses_shapes_that_do_not_fit(train, test, labels):
    with pytest.raises(ValueError, match=r"codes \(.*do not fit together"):
        cluster_accuracy(torch.zeros(train), torch.zeros(test),
                         torch.zeros(labels, dtype=torch.long))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("which", [0, 1])
def test_clustering_refuses_nan_and_infinity(bad, which):
    codes = [torch.randn(20, 3), torch.randn(5, 3)]
    codes[which][2, 1] = bad
    with pytest.raises(ValueError, match="NaN or infinity"):
        cluster_accuracy(*codes, torch.arange(5) % 2)


def test_clustering_refuses_fewer_codes_than_classes():
    with pytest.raises(ValueError, match="n_samples=3 should be >= n_clusters=5"):
        cluster_accuracy(torch.randn(3, 2), torch.randn(10, 2), torch.arange(10) % 5)


# --- the controls of a probe ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def few():
    digits = al.load("digits")
    train, test = slice(0, 400), slice(0, 200)
    return al.ImageSet("digits", digits.train_images[train], digits.train_labels[train],
                       digits.test_images[test], digits.test_labels[test])  # fmt: skip


def test_controls_are_linear_probes(few):
    """Equal but for the order of the training images, which moves lbfgs by a hair."""
    controls = probe_controls(few)
    assert set(controls) == {"raw_pixels", "untrained_encoder", "shuffled_labels"}
    given = few.train_labels, few.test_images[:].flatten(1), few.test_labels
    expected = al.linear_probe(few.train_images[:].flatten(1), *given)
    assert expected > 0.9 and controls["raw_pixels"] == pytest.approx(expected, abs=0.006)
    model = al.build("baseline", "digits", recipe="paper", seed=0)
    codes, test_codes = (al.encode_all(model, few.train_images),
                         al.encode_all(model, few.test_images))
    expected = al.linear_probe(codes, few.train_labels, test_codes, few.test_labels)
    assert expected > 0.8 and controls["untrained_encoder"] == pytest.approx(expected, abs=0.006)
    # 4 standard deviations of a mean of 200
    assert controls["shuffled_labels"] == pytest.approx(0.1, abs=0.085)


def test_controls_with_a_limit_take_a_random_choice(few):
    """The training images are sorted by class here: the first 60 would be zeros and ones alone."""
    order = few.train_labels.argsort()
    images = al.ImageSet("mine", few.train_images[order],
                         few.train_labels[order], few.test_images[:], few.test_labels)
    found = probe_controls(images, limit=60)
    assert 0.5 < found["raw_pixels"] < 0.9
    assert found == probe_controls(images, limit=60) != probe_controls(images, seed=1, limit=60)


def test_controls_need_labels_and_a_test_split():
    images = al.load("digits").train_images[:20]
    labels = torch.arange(20) % 2
    for given in ((images,), (images, labels), (images, labels, images),
                  (images, None, images, labels)):
        unfit = al.ImageSet("mine", *given)
        with pytest.raises(ValueError, match="mine: the controls .* labels"):
            probe_controls(unfit)


# --- the three readings of a whole set ------------------------------------------------------------


class Cloud(nn.Module):
    """A VAE in one line: means are the images' first pixels, features twice that, and noise is
    added as it is."""

    code_shape = (2, 1, 1)

    def __init__(self):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1))

    def encode(self, x, noise=None):
        mean = x[:, 0, 0, :2, None, None]
        return mean if noise is None else mean + noise

    def features(self, x):
        return 2 * x[:, 0, 0, :3]


def test_codes_features_and_samples():
    images = torch.rand(20, 1, 32, 32) * 2 - 1
    assert torch.equal(encode_all(Cloud(), images), images[:, 0, 0, :2])
    assert torch.equal(encode_all(Cloud(), images, what="features"), 2 * images[:, 0, 0, :3])
    noise = encode_all(Cloud(), images, what="samples") - images[:, 0, 0, :2]
    assert noise.shape == (20, 2) and len(noise.unique()) == 40
    assert abs(float(noise.mean())) < 0.6 and 0.6 < float(noise.std()) < 1.4


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_samples_are_the_same_in_every_call_and_batch(batch):
    images = torch.zeros(20, 1, 32, 32)
    torch.manual_seed(batch)
    assert torch.equal(encode_all(Cloud(), images, batch, "samples"),
                       encode_all(Cloud(), images, what="samples"))


def test_samples_and_features_of_a_model_without_noise_are_its_codes():
    images, model = al.load("digits").test_images[:9], al.build("acai", "digits")
    codes = encode_all(model, images)
    assert torch.equal(encode_all(model, images, what="samples"), codes)
    assert torch.equal(encode_all(model, images, what="features"), codes)


def test_samples_of_a_vae_scatter_around_its_codes():
    images, model = al.load("digits").test_images[:9], al.build("vae", "digits", recipe="lab")
    codes, samples = encode_all(model, images), encode_all(model, images, what="samples")
    assert codes.shape == samples.shape == (9, 32) and not torch.allclose(codes, samples, atol=0.1)
    assert encode_all(model, images, what="features").shape == (9, 32)


def test_an_unknown_reading_is_refused():
    with pytest.raises(ValueError, match="'codes', 'features' or 'samples'; got 'sample'"):
        encode_all(Cloud(), torch.zeros(2, 1, 32, 32), what="sample")


@pytest.mark.parametrize("wrap", [lambda images: images, lambda images: images[:]],
                         ids=["Images", "tensor"])
@pytest.mark.parametrize("batch", [1, 7, 20, 1000])
def test_whole_sets_are_encoded_and_rebuilt_as_one_by_one(wrap, batch):
    model = al.build("baseline", "digits", recipe="lab")
    images = wrap(al.ImageSet("part", al.load("digits").test_images[:20]).train_images)
    with torch.no_grad():
        codes = torch.cat([model.encode(images[i : i + 1]).flatten(1) for i in range(20)])
        x_hat = torch.cat([model.decode(model.encode(images[i : i + 1])) for i in range(20)])
    found = al.encode_all(model, images, batch=batch)
    assert found.shape == (20, 32) and found.dtype == torch.float32 and not found.requires_grad
    assert torch.allclose(found, codes, rtol=1e-4, atol=1e-5)
    error = al.reconstruction_error(model, images, batch=batch)
    assert error == pytest.approx(float((x_hat - images[:]).square().mean()), rel=1e-5)


WHOLE = pytest.mark.parametrize("score", [al.encode_all, al.reconstruction_error])


@WHOLE
@pytest.mark.parametrize("images", [None, torch.zeros(0, 1, 32, 32), "digits"])
def test_whole_sets_are_images(score, images):
    with pytest.raises(ValueError, match=r"one or more images \(N, \*image\) are needed, .*; got "):
        score(al.build("baseline", "digits"), images)


@WHOLE
def test_whole_sets_take_a_model_of_another_dtype(score):
    images = al.load("digits").test_images[:5]
    model = al.build("baseline", "digits")
    expected = score(model, images)
    assert np.allclose(score(model.double(), images), expected, rtol=1e-3, atol=1e-5)
