"""What holds for any input: what models make of codes and images, files that keep them, tables. And
that no public function is left out. (Profiles: tests/conftest.py.)"""
import inspect
import json
import math
import re
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import acai_lite as al
from acai_lite.image_paths import ImageClassifier
from acai_lite.recipes import Recipe
from acai_lite.runs import films
from acai_lite.training import History

SEEDS, SMALL = st.integers(0, 10 ** 6), Recipe(depth=2)
METHODS = ("baseline", "vae", "aae", "vqvae", "dropout", "denoising", "acai", "acai-vae")
# a VQ-VAE keeps a codeword, not a code
PLAIN = ("baseline", "vae", "aae", "dropout", "denoising", "acai", "acai-vae")
CLASSIFIER = ImageClassifier().eval().requires_grad_(False)


def model(method, seed=0, dataset="digits"):
    return al.build(method, dataset, recipe=SMALL, seed=seed).eval()


def images(seed, count):
    return torch.rand(count, 1, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def noise_set(seed, count=40, classes=3):
    pixels = torch.randint(256, (count, 1, 32, 32),
                           generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    labels = torch.arange(count) % classes
    return al.ImageSet("noise", pixels, labels, pixels.flip(0), labels.flip(0), classes="abc")


# --- models ---------------------------------------------------------------------------------------

@given(SEEDS, st.sampled_from(METHODS), st.integers(1, 9), st.integers(1, 9),
       st.sampled_from(["codes", "features", "samples"]))
def test_an_image_is_encoded_for_itself(seed, method, count, batch, what):
    x, it = images(seed, count), model(method, seed)
    found = al.encode_all(it, x, batch, what)
    assert found.shape[0] == count and found.dtype == torch.float32 and found.isfinite().all()
    # batches do not matter
    torch.testing.assert_close(al.encode_all(it, x, count, what), found, rtol=1e-4, atol=1e-5)
    if what != "samples":  # a sample's noise goes by the image's place
        torch.testing.assert_close(al.encode_all(it, x.flip(0), batch, what),
                                   found.flip(0), rtol=1e-4, atol=1e-5)


@given(SEEDS, st.sampled_from(METHODS), st.integers(1, 9), st.integers(1, 9))
def test_the_error_of_reconstructions_is_a_mean_over_images(seed, method, count, batch):
    x, it = images(seed, count), model(method, seed)
    alone = [al.reconstruction_error(it, x[k:k + 1]) for k in range(count)]
    assert (min(alone) >= 0 and al.reconstruction_error(it, x, batch)
            == pytest.approx(sum(alone) / count, rel=1e-4))


@given(SEEDS, st.sampled_from(PLAIN), st.integers(1, 4), st.integers(2, 6),
       st.sampled_from(["linear", "spherical"]))
def test_paths_between_images_begin_and_end_at_their_reconstructions(seed, method, count, steps,
                                                                     path):
    it, x0, x1 = model(method, seed), images(seed, count), images(seed + 1, count)
    frames = al.interpolate_images(it, x0, x1, steps, path)
    assert frames.shape == (count, steps, 1, 32, 32)
    with torch.no_grad():
        for k, x in ((0, x0), (-1, x1)):
            torch.testing.assert_close(frames[:, k], it.decode(it.encode(x)), rtol=1e-3, atol=1e-4)
        codes = al.interpolate(it.encode(x0), it.encode(x1), steps, path)
    torch.testing.assert_close(al.decode_path(it, codes), frames, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(al.interpolate_images(it, x1, x0, steps, path).flip(1), frames,
                               rtol=1e-3, atol=1e-4)


@given(SEEDS, st.integers(1, 8))
def test_the_critics_score_judges_each_code_alone(seed, count):
    it = model("acai", seed)
    codes = torch.randn(count, 2, 4, 4, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        found = al.critic_score(it)(codes)
        assert found.shape == (count,)
        torch.testing.assert_close(al.critic_score(it)(codes.flip(0)).flip(0), found, rtol=1e-4,
                                   atol=1e-6)
        torch.testing.assert_close(found, -it.d(it.decode(codes)), rtol=1e-4, atol=1e-6)


@given(SEEDS, st.integers(1, 3), st.integers(2, 5))
def test_a_realistic_path_keeps_its_ends_and_costs_no_more_than_its_rivals(seed, pairs, steps):
    random = torch.Generator().manual_seed(seed)
    z0, z1 = (torch.randn(pairs, 2, generator=random, dtype=torch.float64) for _ in range(2))

    def realism(z):
        return 0.1 + 0.9 * torch.exp(-z.square().sum(1))
    found = al.realistic_path(z0, z1, realism, steps, segments=20, rounds=2, starts=1,
                              iterations=60)
    assert found.codes.shape == (pairs, steps, 2)
    assert torch.allclose(found.codes[:, 0], z0) and torch.allclose(found.codes[:, -1], z1)
    cheaper = found.cost <= 1.05 * torch.minimum(found.linear_cost, found.spherical_cost)
    assert (cheaper | ~found.converged).all()  # what has not converged says so


# --- scores of whole models -----------------------------------------------------------------------

@given(st.sampled_from([("lines", al.score_lines, 2), ("waves", al.score_waves, 1)]), SEEDS,
       st.integers(2, 4), st.integers(3, 5))
def test_scores_of_an_untrained_model_keep_their_ranges(kind, seed, pairs, steps):
    name, score, most = kind
    found = score(model("baseline", seed, name), al.load(name), pairs, steps)
    assert 0 <= found.mean_distance <= most and found.end_error >= 0
    # the largest step is at least the mean one
    assert math.isnan(found.smoothness) or found.smoothness >= -1e-9


@given(SEEDS, st.integers(2, 4), st.integers(3, 4))
def test_a_comparison_has_its_two_rows_and_does_not_care_for_the_order_of_models(seed, pairs,
                                                                                 steps):
    some = {"a": model("baseline", seed), "b": model("vae", seed)}
    one = al.compare_paths(some, noise_set(seed), CLASSIFIER, pairs, steps)
    other = al.compare_paths(dict(reversed(some.items())), noise_set(seed), CLASSIFIER, pairs,
                             steps)
    assert set(one) == set(other) == {"real data", "pixel blend", "a", "b"}
    for name, row in one.items():
        assert (row.confidence == pytest.approx(other[name].confidence)
                and 0.1 <= row.confidence <= 1)
        assert row.kernel_distance == pytest.approx(other[name].kernel_distance, abs=1e-9)


@given(SEEDS)
def test_controls_and_a_classifier_give_accuracies_and_the_same_ones_again(seed):
    noise = noise_set(seed, 60)
    found = al.probe_controls(noise, seed)
    assert (set(found) == {"raw_pixels", "untrained_encoder", "shuffled_labels"}
            and all(0 <= v <= 1 for v in found.values()))
    one, two = (al.train_classifier(noise, 100, seed) for _ in range(2))
    assert 0 <= one.accuracy <= 1 and one.accuracy == two.accuracy
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(),
                                                 two.state_dict().values(), strict=True))


@given(SEEDS, st.integers(30, 60))
def test_an_index_of_images_ranks_the_held_out_evenly(seed, count):
    real, held, features = (images(seed, count),
                            images(seed + 1, count), lambda x: x.flatten(1)[:, ::200])
    index = al.feature_index(features, real, held)
    own = index(held).sort().values
    assert torch.allclose(own.double(), torch.arange(1, count + 1).double() / count, atol=1e-6)
    assert index(100 * images(seed + 2, 2)).max() < own.min()          # nothing like it was seen


# --- files and tables -----------------------------------------------------------------------------

@given(SEEDS, st.sampled_from(METHODS))
def test_a_checkpoint_gives_back_the_model_and_its_receipt(seed, method):
    it = model(method, seed)
    history = History(samples=1, seconds=1.0, seed=seed, recipe=SMALL.settings())
    receipt = al.make_receipt(it, "digits", history,
                              {"probe_accuracy": 0.5, "smoothness": math.nan}, "a command")
    receipt = json.loads(json.dumps(receipt, allow_nan=False))
    assert receipt["probe_accuracy"] == 0.5 and receipt["smoothness"] is None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.safetensors"
        al.save_checkpoint(it, path, receipt)
        back = al.checkpoint(path)
        (path.with_suffix(".json")).write_text(
            json.dumps(receipt | {"method": "baseline", "dataset": "mnist", "code_size": 32}))
        rows = [row for row in al.table(folder).rows
                if row["whose"] == "ours" and row["Baseline"] == "50.00"]
    assert (back.receipt == receipt and back.config == it.config and not back.training
            and len(rows) == 1)
    for mine, kept in zip(it.state_dict().values(), back.state_dict().values(), strict=True):
        torch.testing.assert_close(kept, mine, rtol=1e-3, atol=1e-6)   # kept as float16


@given(SEEDS, st.integers(1, 4))
def test_a_film_gives_back_its_frames_to_a_grey_level(seed, shots):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run-film.png"
        camera = films.Camera(model("baseline", seed), noise_set(seed), path, 100, shots, False)
        for k in range(shots):
            camera({"samples": 100 * (k + 1) // shots})
        camera.save({"seed": seed, "points": []})
        found = al.film(path)
    assert len(found.frames) == len(found.samples) == shots and found.receipt["seed"] == seed
    for kept, (frames, _) in zip(found.frames, camera.shots.values(), strict=True):
        assert (kept - frames.clamp(-1, 1)).abs().max() <= 1 / 127


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12))
def test_a_name_is_loaded_or_refused_in_words(name):
    try:
        assert len(al.load(name).train_images) > 0
    except (ValueError, FileNotFoundError) as error:
        assert "\n" not in str(error) and len(str(error)) > 20


@given(st.sampled_from(PLAIN), st.integers(0, 9), st.integers(3, 12))
def test_the_dimension_of_lines_is_at_least_one_and_at_most_their_number(method, seed, count):
    found = al.lines_dimension(model(method, seed, "lines"), count)
    assert 1 - 1e-6 <= found.effective_dimension <= count - 1 + 1e-6
    assert 0 < found.top_two_share <= 1 + 1e-6


@given(st.integers(1, 10 ** 6), st.integers(1, 10 ** 6))
def test_processors_are_whole_and_no_more_than_the_container_allows(quota, period):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cpu.max").write_text(f"{quota} {period}\n")
        found = al.available_cpus(Path(folder))
    assert (1 <= found <= al.available_cpus(Path("/nowhere"))
            and found <= max(1, math.ceil(quota / period)))


def test_no_public_function_is_left_out():
    text = "".join(path.read_text(encoding="utf-8")
                   for path in Path(__file__).parent.glob("test_*.py"))
    functions = [name for name in al.__all__ if inspect.isfunction(getattr(al, name))]
    assert (len(functions) > 30
            and [name for name in functions if not re.search(rf"\bal\.{name}\b", text)] == [])
