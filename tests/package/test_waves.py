"""Signals: waves whose true in-between is known, terrain, networks of one dimension, and what their
recorder wrote."""
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import seeded

import acai_lite as al
from acai_lite.data import ImageSet, Waves
from acai_lite.networks import Critic, Decoder, Encoder, initialise
from acai_lite.runs.study import Experiment, train
from acai_lite.zoo import from_config

ROOT = Path(__file__).resolve().parents[2]
SMALL = al.Architecture(depth=4, width=4)
METHODS = ("baseline", "dropout", "denoising", "vae", "aae", "vqvae", "acai", "acai-vae", "lsgan")


@pytest.fixture(scope="module")
def waves():
    return al.load("waves")


def path(first, last, steps=16):
    """The true path: (1,T,1,32)."""
    return al.draw_waves(torch.linspace(first, last, steps, dtype=torch.float64))[None]


# --- the data -------------------------------------------------------------------------------------

def test_a_wave_is_a_sine_with_phase_0_in_the_middle():
    found = al.draw_waves([1.0, 2.5])
    assert found.shape == (2, 1, 32) and found.dtype == torch.float32 and found.abs().max() <= 1
    assert found[1, 0, 20].item() == pytest.approx(math.sin(2 * math.pi * 2.5 * (20.5 / 32 - 0.5)),
                                                   abs=1e-6)
    assert torch.allclose(found, -found.flip(2), atol=1e-6)
    spectrum = np.abs(np.fft.rfft(al.draw_waves([3.0])[0, 0].numpy()))
    assert spectrum.argmax() == 3 and spectrum[[k for k in range(17) if k != 3]].max() < 1e-4


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_frequencies_that_are_not_finite_are_refused(bad):
    with pytest.raises(ValueError, match="frequencies must be finite"):
        al.draw_waves([1.0, bad])


def test_the_test_waves_are_always_the_same_and_training_draws_fresh_ones(waves):
    assert (waves.train_images.shape[1:] == waves.test_images.shape[1:] == (1, 32)
            and len(waves.test_images) == 5000)
    assert torch.equal(waves.test_images[:9], al.load("waves").test_images[:9])
    random = seeded()
    first, second = (next(waves.batches("train", 64, random)) for _ in range(2))
    assert first[0].shape == (64, 1, 32) and not torch.equal(first[0], second[0])
    assert torch.equal(first[0], next(waves.batches("train", 64, seeded()))[0])


@pytest.mark.parametrize("split", ["train", "test"])
def test_labels_are_tenths_of_the_frequencies_which_stay_far_below_nyquists(split, waves):
    x, labels = next(waves.batches(split, 512, seeded()))
    f = al.wave_scores(x.view(256, 2, 1, 32)).frequencies.flatten()
    tenth = (f - 1) / 0.5
    clear = ((tenth % 1) > 0.01) & ((tenth % 1) < 0.99)
    assert (torch.equal(labels[clear], tenth.long()[clear])
            and set(labels.tolist()) == set(range(10)))
    assert f.min() >= 1 and f.max() <= 6 < 16 / 2
    assert waves.classes[0] == "1-1.5 cycles" and waves.classes[9] == "5.5-6 cycles"


def test_an_image_set_takes_signals_of_your_own():
    mine = torch.rand(20, 1, 32, generator=seeded())
    images = ImageSet("mine", mine, None, (mine[:4] * 255).to(torch.uint8))
    assert (torch.equal(images.train_images[3], mine[3])
            and images.test_images[:2].shape == (2, 1, 32))
    assert al.build("acai", images).code_shape == (8, 4)
    for bad in (torch.zeros(2, 1, 64), torch.zeros(2, 2, 32), torch.zeros(2, 32)):
        with pytest.raises(ValueError, match=r"signals must have shape \(N, 1 or 3, 32\)"):
            ImageSet("mine", bad)
    with pytest.raises(ValueError, match="differ in colours or dimensions"):
        ImageSet("mine", mine, None, torch.zeros(2, 1, 32, 32))


def test_terrain_is_split_by_place_and_in_metres():
    terrain = al.load("terrain")
    train, test = terrain.train_images[:], terrain.test_images[:]
    assert (train.shape == (11_280, 1, 32) and test.shape == (864, 1, 32)
            and terrain.train_labels is None)
    assert (max(train.mean(2).abs().max(), test.mean(2).abs().max()) < 1e-6
            and 0.5 < train.abs().max() < 1)
    steps = 400 * test.diff(dim=2)
    assert torch.allclose(steps, steps.round(), atol=1e-3)             # whole metres
    # no profile in both
    assert (train.view(-1, 1, 32)[::7] - test[:50, 0]).abs().amax(2).min() > 1e-3
    assert torch.equal(test, al.load("terrain").test_images[:])


def test_terrain_without_matplotlibs_samples_says_so(monkeypatch, tmp_path):
    import matplotlib
    monkeypatch.setattr(matplotlib, "get_data_path", lambda: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="without its sample data"):
        al.load("terrain")


# --- the ruler ------------------------------------------------------------------------------------

@pytest.mark.parametrize("ends", [(1, 6), (6, 1), (1.3, 1.9), (5.2, 2.1)])
def test_the_true_path_is_perfect(ends):
    scores = al.wave_scores(path(*ends))
    assert 0 <= scores.mean_distance < 1e-6 and abs(scores.smoothness) < 0.005
    assert torch.allclose(scores.frequencies[0], torch.linspace(*ends, 16, dtype=torch.float64),
                          atol=3e-4)


def test_a_blend_of_two_signals_is_bad_unless_they_have_one_frequency():
    x0, x1 = al.draw_waves([2.0]), al.draw_waves([5.0])
    scores = al.wave_scores(al.interpolate(x0, x1, 16))
    assert scores.distances[0, 7] == pytest.approx(1 - (8 / 15) / math.hypot(7 / 15, 8 / 15),
                                                   abs=0.02)  # at right angles
    assert scores.mean_distance > 0.07 and scores.smoothness > 0.8
    same = al.wave_scores(al.interpolate(al.draw_waves([3.0]), al.draw_waves([3.0], phase=1.5), 16))
    # a wave of that frequency, everywhere
    assert same.mean_distance < 1e-6 and math.isnan(same.smoothness)


def test_a_jump_has_the_worst_smoothness_of_a_path_that_only_goes_forward():
    jump = torch.cat([al.draw_waves([2.0]).expand(8, 1, 32),
                      al.draw_waves([5.0]).expand(8, 1, 32)])[None]
    scores = al.wave_scores(jump)
    assert scores.mean_distance < 1e-6 and scores.smoothness == pytest.approx(1 - 1 / 15, abs=1e-6)


def test_a_detour_counts_and_frequencies_do_not_wrap_around():
    there = torch.tensor([2, 5.5, 1.5, 3], dtype=torch.float64)
    assert al.wave_scores(al.draw_waves(there)[None]).smoothness == pytest.approx(4 - 1 / 3,
                                                                                  abs=2e-3)


def test_phase_and_height_do_not_enter():
    f = torch.tensor([1.0, 1.7, 4.2, 6.0], dtype=torch.float64)
    for phase in (0.0, 0.4, 2.0, math.pi):
        for height in (0.2, 1.0, 3.0):
            scores = al.wave_scores(height * al.draw_waves(f, phase)[None])
            assert (scores.mean_distance < 1e-6
                    and torch.allclose(scores.frequencies[0], f, atol=3e-4))


def test_distance_is_that_of_a_search_over_frequencies_and_phases():
    y = torch.randn(6, 1, 32, generator=seeded())
    y[0] = 0.3 * y[0] + al.draw_waves([2.3], 0.7)[0]
    fine = torch.stack([al.draw_waves(torch.linspace(1, 6, 1001), phase)[:, 0]
                        for phase in np.linspace(0, 2 * np.pi, 121)]).double()  # (121,1001,32)
    cosine = ((fine @ y[:, 0].double().T) / fine.norm(dim=2, keepdim=True)
              / y[:, 0].double().norm(dim=1))
    found = al.wave_scores(y[None])
    assert torch.allclose(found.distances[0], 1 - cosine.amax((0, 1)), atol=1e-3)
    assert torch.allclose(found.frequencies[0],
                          1 + 5 * cosine.amax(0).argmax(0).double() / 1000, atol=0.02)


def test_still_paths_count_as_0_unless_all_are_still_and_silence_is_1_from_every_wave():
    still, moving = path(2, 2), path(2, 5)
    jump = moving[:, [0] * 8 + [15] * 8]
    both = al.wave_scores(torch.cat([still, jump])).smoothness
    assert (both == pytest.approx((1 - 1 / 15) / 2, abs=1e-6)
            and math.isnan(al.wave_scores(still).smoothness))
    assert al.wave_scores(torch.zeros(1, 2, 1, 32)).mean_distance == 1


@pytest.mark.parametrize("shape", [(2, 16, 1, 31), (2, 16, 3, 32), (2, 1, 1, 32),
                                   (0, 4, 1, 32), (1, 2, 1, 32, 9)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(K, T, 1, 32\) with K >= 1 and T >= 2; got"):
        al.wave_scores(torch.zeros(shape))


def test_frames_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="NaN or infinity"):
        al.wave_scores(torch.full((1, 2, 1, 32), float("nan")))


def test_score_waves_scores_the_models_own_paths(waves):
    model = al.build("baseline", "waves", recipe="lab").eval()
    found, x = al.score_waves(model, waves, pairs=5, steps=4), waves.test_images
    frames = al.interpolate_images(model, x[:5], x[5:10], 4)
    assert found == al.wave_scores(frames).__class__(found.mean_distance, found.smoothness, None,
                                                     None, found.end_error)
    assert found.mean_distance == al.wave_scores(frames).mean_distance
    ends = torch.stack([frames[:, 0] - x[:5], frames[:, -1] - x[5:10]])
    assert found.end_error == pytest.approx(float(ends.square().mean()), rel=1e-5)


# --- networks of one dimension --------------------------------------------------------------------

@pytest.mark.parametrize("kind", [Encoder, Decoder, Critic])
def test_a_signal_is_an_image_whose_rows_are_all_the_same(kind):
    """The networks of images, with kernels that have only their middle row, do to every row what
    those of signals do."""
    flat = initialise(kind(replace(SMALL, dimensions=1)), seeded(), gain=2 ** 0.5)
    square = kind(SMALL)
    for one, two in zip(flat.parameters(), square.parameters(), strict=True):
        with torch.no_grad():
            if one.ndim == 3:
                two.zero_()[:, :, two.shape[2] // 2] = one
            else:
                two.copy_(one)
    x = torch.randn(3, *((2, 4) if kind is Decoder else (1, 32)), generator=seeded(1))
    rows = square(x[:, :, None].expand(-1, -1, x.shape[2], -1))
    assert torch.allclose(rows, flat(x)[:, :, None].expand_as(rows) if kind is not Critic
                          else flat(x), atol=1e-5)


def test_start_values_of_signals_follow_the_same_rule():
    for layer in initialise(Encoder(al.Architecture(depth=32, code_channels=8, dimensions=1)),
                            seeded()):
        if isinstance(layer, torch.nn.Conv1d):
            assert layer.bias.abs().max() == 0
            if layer.weight.numel() >= 2000:
                assert layer.weight.std().item() == pytest.approx(
                    (1.04 * layer.weight[0].numel()) ** -0.5, rel=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_keeps_its_contract_and_learns(method, waves, tmp_path):
    model = al.build(method, "waves", recipe="lab", seed=1)
    assert (model.image_shape, model.code_shape, model.code_size) == ((1, 32), (8, 4), 32)
    history = al.fit(model, waves, 16 * 6, "lab", quiet=True, device="cpu")
    assert history.steps == 6 and all(math.isfinite(v) for point in history.points
                                      for v in point.values())
    x = waves.test_images[:3]
    z = model.encode(x)
    assert z.shape == (3, 8, 4) and model.decode(z).shape == (3, 1, 32)
    with pytest.raises(ValueError,
                       match=r"images must have shape \(B, 1, 32\); got \(1, 1, 32, 32\)"):
        model.encode(torch.zeros(1, 1, 32, 32))
    al.save_checkpoint(model, tmp_path / "model.safetensors", {})
    again = al.checkpoint(tmp_path / "model.safetensors")
    assert again.config == model.config and torch.allclose(again.decode(z),
                                                           model.decode(z), atol=0.02)


@pytest.mark.parametrize("method", ["baseline", "vae", "acai", "acai-vae"])
def test_the_fast_step_is_the_plain_step(method, waves):
    plain, fast = (al.build(method, "waves", recipe="lab").double() for _ in range(2))
    for model, quick in ((plain, False), (fast, True)):
        al.fit(model, waves, 16 * 8, "lab", quiet=True, device="cpu", fast=quick)
    for one, two in zip(plain.parameters(), fast.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-6)


def test_images_are_as_before():
    """Configs of images have no new key, so that old checkpoints and new ones are alike."""
    model = al.build("acai", "lines", recipe="lab")
    assert ("dimensions" not in model.config["base"]
            and from_config(model.config).code_shape == (16, 2, 2))
    assert al.checkpoint("lines-acai-64").image_shape == (1, 32, 32)
    assert al.build("baseline", "waves").config["dimensions"] == 1


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match=r"multiple of 4 \(4 places\) for waves; got 30"):
        al.build("baseline", "waves", 30)
    with pytest.raises(ValueError, match="dimensions must be 2 .* or 1 .*; got 3"):
        al.Architecture(dimensions=3)


@pytest.mark.slow
def test_a_run_scores_waves(tmp_path):
    small, run = Waves(640, 520), Experiment("acai", "waves", samples=64, recipe="lab")
    receipt = train(run.build(), small, run, tmp_path)
    assert receipt["mean_distance"] > 0 and receipt["end_error"] > 0
    assert (tmp_path / f"{run.name}.png").exists()
    with pytest.raises(ValueError, match="a film is of images, not of signals"):
        train(run.build(), small, replace(run, film=2), tmp_path)


@pytest.mark.slow
def test_signals_without_labels_are_trained_and_scored_without_a_classifier(tmp_path):
    run = Experiment("baseline", "terrain", samples=64, recipe="lab")
    receipt = train(run.build(), run.images(), run, tmp_path)
    assert receipt["reconstruction_error"] > 0 and receipt["probe_accuracy"] is None


# --- pictures -------------------------------------------------------------------------------------

def test_signals_are_drawn_as_curves_on_one_scale(waves):
    figure = al.figures.strips({"a": path(2, 5, 5)[0], "b": 0.5 * path(2, 5, 5)[0]},
                               "Two strips of waves.")
    assert figure.alt == "Two strips of waves." and len(figure.axes) == 10
    assert ({axes.get_ylim() for axes in figure.axes} == {figure.axes[0].get_ylim()}
            and not figure.axes[0].images)
    assert np.allclose(figure.axes[1].lines[-1].get_ydata().ravel(), path(2, 5, 5)[0, 1, 0])
    shown = al.figures.grid(waves.test_images[:3], "Three waves.", titles=list("abc"))
    assert "data:image/png" in shown._repr_html_() and len(shown.axes[0].lines) == 2
