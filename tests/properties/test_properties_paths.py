"""What holds for any input: drawn data, paths, their scores, and sets of images. (Profiles:
tests/conftest.py.)"""
import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import acai_lite as al
from acai_lite.image_paths import ImageClassifier

ANGLES = st.lists(st.floats(-50, 50), min_size=1, max_size=6)
NUMBERS = st.floats(-10, 10, width=32)


@st.composite
def pairs(draw, kind=np.float64):
    """Two batches of codes of any shape, (K,*code)."""
    shape = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    return [torch.from_numpy(draw(arrays(kind, shape, elements=st.floats(-10, 10, width=32))))
            for _ in range(2)]


def lines(seed, paths, steps):
    random = torch.Generator().manual_seed(seed)
    x = al.draw_lines(7 * torch.rand(paths * steps, generator=random)).view(paths, steps, 1, 32, 32)
    return x + 0.2 * torch.randn(x.shape, generator=random)


# --- drawn data -----------------------------------------------------------------------------------

@given(ANGLES, st.integers(-5, 5))
def test_lines_have_period_two_pi_and_stay_in_range(angles, turns):
    drawn = al.draw_lines(angles)
    turned = al.draw_lines([angle + 2 * math.pi * turns for angle in angles])
    assert drawn.shape == (len(angles), 1, 32, 32) and drawn.dtype == torch.float32
    assert drawn.min() >= -1 and drawn.max() <= 1 and drawn.flatten(1).amax(1).min() > -1
    # at an exact diagonal the rule takes either axis, whose lines differ: a rounding decides
    assume(all(abs(math.remainder(angle - math.pi / 4, math.pi / 2)) > 1e-9 for angle in angles))
    assert (drawn - turned).abs().max() < 1e-3


@given(ANGLES, st.floats(-10, 10))
def test_waves_stay_in_range_turn_with_their_phase_and_mirror(frequencies, phase):
    drawn = al.draw_waves(frequencies, phase)
    assert drawn.shape == (len(frequencies), 1, 32) and drawn.abs().max() <= 1
    assert (drawn - al.draw_waves(frequencies, phase + 2 * math.pi)).abs().max() < 1e-5
    assert (drawn + al.draw_waves(frequencies, phase + math.pi)).abs().max() < 1e-5
    assert (drawn + al.draw_waves([-f for f in frequencies], -phase)).abs().max() < 1e-6


# --- paths ----------------------------------------------------------------------------------------

@given(pairs(), st.integers(2, 9), st.sampled_from(["linear", "spherical"]))
def test_paths_have_exact_ends_and_treat_pairs_alone(both, steps, path):
    z0, z1 = both
    codes = al.interpolate(z0, z1, steps, path)
    assert codes.shape == (len(z0), steps, *z0.shape[1:]) and codes.isfinite().all()
    assert torch.equal(codes[:, 0], z0) and torch.equal(codes[:, -1], z1)
    assert torch.allclose(al.interpolate(z0.flip(0), z1.flip(0), steps, path),
                          codes.flip(0), atol=1e-9)
    assert torch.allclose(al.interpolate(z1, z0, steps, path), codes.flip(1), atol=1e-6, rtol=1e-5)


@given(pairs(), st.integers(2, 9), NUMBERS)
def test_an_arc_moves_with_its_centre(both, steps, move):
    z0, z1 = both
    arc = al.interpolate(z0, z1, steps, "spherical")
    about = al.interpolate(z0 + move, z1 + move, steps, "spherical", torch.full_like(z0[0], move))
    # near a pair that is parallel the path becomes straight: a rounding decides
    u, v = z0.flatten(1), z1.flatten(1)
    sine = (1 - torch.cosine_similarity(u, v).square()).clamp(min=0).sqrt()
    sure = (sine > 1e-2) & (u.norm(dim=1) > 1e-2) & (v.norm(dim=1) > 1e-2)
    assert torch.allclose(about[sure] - move, arc[sure], atol=1e-6)


@given(st.floats(1e-3, 3), st.integers(2, 40))
def test_the_limit_of_straight_paths_grows_with_the_angle_from_even_to_a_jump(angle, steps):
    here, wider = al.straight_limit([angle, angle + 0.1], steps).tolist()
    assert -1e-9 <= here <= wider + 1e-9 and wider <= 1 - 1 / (steps - 1) + 1e-9


@given(pairs(), st.integers(2, 9), st.integers(1, 20))
def test_hops_have_exact_ends_and_are_no_shorter_than_the_chord(both, steps, count):
    z0, z1 = both
    assume(len(z0))
    samples = torch.randn(count, *z0.shape[1:], dtype=z0.dtype,
                          generator=torch.Generator().manual_seed(count))
    codes = al.hop_path(z0, z1, samples, steps)
    assert torch.equal(codes[:, 0], z0) and torch.equal(codes[:, -1], z1)
    walked = codes.flatten(2).diff(dim=1).norm(dim=2).sum(1)
    assert (walked >= (z1 - z0).flatten(1).norm(dim=1) - 1e-6).all()


@given(st.integers(0, 2 ** 31), st.integers(1, 12))
def test_bins_by_angle_hold_every_path_that_moves_once(seed, paths):
    angles = 2 * math.pi * torch.rand(paths, 5, dtype=torch.float64,
                                      generator=torch.Generator().manual_seed(seed))
    scores = al.LineScores(0.0, 0.0, torch.rand(paths, 5), angles)
    bins = al.by_angle(scores)
    assert sum(row.paths for row in bins) == paths
    assert all(row.smoothness >= 0 for row in bins if row.paths)


@given(pairs(), st.integers(2, 9))
def test_straight_paths_are_monotone_and_even(both, steps):
    codes = al.interpolate(*both, steps)
    step = codes.diff(dim=1)
    assert torch.allclose(step,
                          ((both[1] - both[0]) / (steps - 1))[:, None].expand_as(step), atol=1e-9)
    assert (step * (both[1] - both[0])[:, None]).min() >= -1e-9


@given(pairs(), st.integers(3, 7))
def test_spherical_paths_between_codes_of_one_length_keep_it(both, steps):
    z0, z1 = (z.flatten(1) for z in both)
    assume(z0.norm(dim=1).min() > 0.1 and z1.norm(dim=1).min() > 0.1 and z0.shape[1] > 1)
    z0, z1 = z0 / z0.norm(dim=1, keepdim=True), z1 / z1.norm(dim=1, keepdim=True)
    assume((z0 * z1).sum(1).abs().max() < 0.999)
    assert torch.allclose(al.interpolate(z0, z1, steps, "spherical").norm(dim=2),
                          torch.ones(len(z0), steps).double())


@given(pairs(np.float32), st.integers(2, 6))
def test_the_cost_of_a_path_is_never_negative_and_the_same_backwards(both, steps):
    codes = al.interpolate(*both, steps)

    def quality(z): return 1 / (1 + z.flatten(1).square().sum(1))
    cost = al.path_cost(codes, quality)
    assert cost.shape == (len(codes),) and cost.min() >= 0
    assert torch.allclose(al.path_cost(codes.flip(1), quality), cost, rtol=1e-4)
    assert torch.equal(al.path_cost(codes, lambda z: torch.ones(len(z))),
                       torch.zeros(len(codes)).double())


# --- scores of paths ------------------------------------------------------------------------------

@given(st.integers(0, 10 ** 6), st.integers(1, 3), st.integers(2, 5),
       st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_line_scores_ignore_scale_order_and_direction(seed, paths, steps, scale):
    frames = lines(seed, paths, steps)
    found = al.line_scores(frames)
    assert -1e-6 <= found.mean_distance <= 2 and (found.smoothness >= -1e-9
                                                  or math.isnan(found.smoothness))
    assert found.distances.shape == found.angles.shape == (paths, steps)
    assert found.angles.min() >= 0 and found.angles.max() < 2 * math.pi
    scaled, flipped, back = (al.line_scores(scale * frames), al.line_scores(frames.flip(0)),
                             al.line_scores(frames.flip(1)))
    for other in (scaled, flipped, back):
        assert other.mean_distance == pytest.approx(found.mean_distance, abs=1e-9)
        assert other.smoothness == pytest.approx(found.smoothness, abs=1e-6, nan_ok=True)
    assert (torch.allclose(flipped.angles, found.angles.flip(0))
            and torch.allclose(back.angles, found.angles.flip(1)))


@given(st.integers(0, 10 ** 6), st.integers(1, 3), st.integers(2, 5), st.floats(0.1, 100))
def test_wave_scores_ignore_scale_order_and_direction(seed, paths, steps, scale):
    frames = torch.randn(paths, steps, 1, 32, generator=torch.Generator().manual_seed(seed))
    found = al.wave_scores(frames)
    assert -1e-9 <= found.mean_distance <= 1 + 1e-9
    assert 1 - 1e-9 <= found.frequencies.min() and found.frequencies.max() <= 6 + 1e-9
    for other in (al.wave_scores(scale * frames), al.wave_scores(frames.flip(0)),
                  al.wave_scores(frames.flip(1)), al.wave_scores(-frames)):
        assert other.mean_distance == pytest.approx(found.mean_distance, abs=1e-6)
        assert other.smoothness == pytest.approx(found.smoothness, abs=1e-3, nan_ok=True)


@given(st.lists(st.floats(0, 6.28), min_size=1, max_size=4), st.integers(2, 6))
def test_a_path_of_true_lines_is_perfect(angles, steps):
    ends = torch.tensor(angles, dtype=torch.float64)
    # a turn of one radian
    places = ends[:, None] + torch.linspace(0, 1, steps, dtype=torch.float64)
    found = al.line_scores(al.draw_lines(places.flatten()).view(len(angles), steps, 1, 32, 32))
    assert found.mean_distance < 1e-5 and found.smoothness < 0.01


CLASSIFIER = ImageClassifier().eval().requires_grad_(False)


@given(st.integers(0, 10 ** 6), st.integers(2, 3), st.integers(3, 5))
def test_path_scores_ignore_order_and_direction_and_keep_their_ranges(seed, paths, steps):
    frames = torch.rand(paths, steps, 1, 32, 32,
                        generator=torch.Generator().manual_seed(seed)) * 2 - 1
    found, back = al.path_scores(frames, CLASSIFIER), al.path_scores(frames.flip(0, 1), CLASSIFIER)
    assert 0.1 <= found.confidence <= 1 and 0 <= found.entropy <= math.log(10) + 1e-9
    assert 0 <= found.class_changes <= steps - 1 and 1 <= found.step_ratio <= steps - 1 + 1e-6
    assert found.feature_length >= 1 - 1e-9 and found.kernel_distance is None
    for name in ("confidence", "entropy", "class_changes", "feature_length", "step_ratio"):
        assert getattr(back, name) == pytest.approx(getattr(found, name), rel=1e-4)


# --- sets of images -------------------------------------------------------------------------------

@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.sampled_from([1, 3]),
                                  st.just(32), st.just(32))), st.data())
def test_an_image_set_holds_bytes_as_floats_in_range(pixels, data):
    images = al.ImageSet("any", pixels, np.arange(len(pixels)))
    values = images.train_images[:]
    assert (values.shape == images.train_images.shape == pixels.shape
            and values.dtype == torch.float32)
    assert values.min() >= -1 and values.max() <= 1
    assert np.array_equal(((values + 1) * 127.5).round().byte().numpy(), pixels)
    size = data.draw(st.integers(1, len(pixels)))
    batches = list(images.batches("train", size, torch.Generator().manual_seed(size)))
    assert len(batches) == len(pixels) // size
    seen = torch.cat([labels for _, labels in batches]).tolist()
    assert (len(set(seen)) == len(seen)
            and all(torch.equal(x, values[labels]) for x, labels in batches))


@given(arrays(np.float32, (2, 1, 32), elements=st.floats(-2, 2, width=32)))
def test_an_image_set_refuses_what_is_out_of_range(values):
    if np.abs(values).max() <= 1:
        assert al.ImageSet("any", values).train_images.shape == (2, 1, 32)
    else:
        with pytest.raises(ValueError, match=r"must lie in \[-1, 1\]"):
            al.ImageSet("any", values)
