"""Paths between codes: exact ends, the two formulas by hand, and the pairs for which the spherical
one is undefined."""

import math

import pytest
import torch

import acai_lite as al

KINDS, DTYPES = ["linear", "spherical"], [torch.float32, torch.float64]


def codes(*shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def unit(*angles):
    """Directions in the plane, (K,2) float64."""
    return torch.tensor([[math.cos(a), math.sin(a)] for a in angles], dtype=torch.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("path", KINDS)
def test_ends_are_the_given_codes_bit_for_bit(path, dtype):
    z0, z1 = codes(50, 2, 4, 4, dtype=dtype), codes(50, 2, 4, 4, seed=1, dtype=dtype) * 100
    found = al.interpolate(z0, z1, 7, path)
    assert torch.equal(found[:, 0], z0) and torch.equal(found[:, -1], z1)
    assert found.dtype == dtype


@pytest.mark.parametrize("shape", [(1, 2), (3, 5), (4, 2, 4, 4), (2, 3, 1, 1, 2)])
@pytest.mark.parametrize("path", KINDS)
def test_places_come_after_the_pair(path, shape):
    assert al.interpolate(codes(*shape), codes(*shape, seed=1), 6,
                          path).shape == (shape[0], 6, *shape[1:])


@pytest.mark.parametrize("path", KINDS)
def test_two_steps_are_the_two_ends(path):
    z0, z1 = codes(3, 4), codes(3, 4, seed=1)
    assert torch.equal(al.interpolate(z0, z1, 2, path), torch.stack([z0, z1], 1))


@pytest.mark.parametrize("path", KINDS)
def test_the_given_codes_are_left_alone(path):
    z0, z1 = codes(3, 4), codes(3, 4, seed=1)
    al.interpolate(z0, z1, 5, path).zero_()
    assert torch.equal(z0, codes(3, 4)) and torch.equal(z1, codes(3, 4, seed=1))


def test_linear_by_hand():
    found = al.interpolate(torch.tensor([[0.0, 4.0], [1.0, 1.0]]),
                           torch.tensor([[8.0, 0.0], [1.0, 5.0]]), 5)
    assert found.tolist() == [
        [[0.0, 4.0], [2.0, 3.0], [4.0, 2.0], [6.0, 1.0], [8.0, 0.0]],
        [[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0], [1.0, 5.0]],
    ]


def test_linear_is_the_default():
    z0, z1 = codes(3, 4), codes(3, 4, seed=1)
    assert torch.equal(al.interpolate(z0, z1, 5), al.interpolate(z0, z1, 5, "linear"))
    assert not torch.allclose(al.interpolate(z0, z1, 5), al.interpolate(z0, z1, 5, "spherical"))


def test_spherical_turns_evenly_in_the_plane():
    found = al.interpolate(unit(0.2, 1.0), unit(1.4, -1.6), 5, "spherical")
    expected = torch.stack([unit(0.2, 0.5, 0.8, 1.1, 1.4), unit(1.0, 0.35, -0.3, -0.95, -1.6)])
    assert torch.allclose(found, expected, rtol=0, atol=1e-12)


def test_spherical_is_the_formula_when_norms_differ():
    z0, z1 = codes(4, 2, 3, dtype=torch.float64), 3 * codes(4, 2, 3, seed=1, dtype=torch.float64)
    found = al.interpolate(z0, z1, 4, "spherical")
    for k in range(4):
        a, b = z0[k].flatten(), z1[k].flatten()
        omega = torch.arccos(a @ b / (a.norm() * b.norm()))
        for n in range(4):
            t = n / 3
            expected = (torch.sin((1 - t) * omega) * a
                        + torch.sin(t * omega) * b) / torch.sin(omega)
            assert torch.allclose(found[k, n].flatten(), expected, rtol=0, atol=1e-12)


def test_spherical_keeps_a_common_norm_and_linear_does_not():
    z0, z1 = (5 * torch.nn.functional.normalize(codes(20, 32, seed=s)) for s in (0, 1))
    assert torch.allclose(al.interpolate(z0, z1, 9, "spherical").norm(dim=-1),
                          torch.tensor(5.0), atol=1e-4)
    assert al.interpolate(z0, z1, 9, "linear").norm(dim=-1).min() < 4.5


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e5])
def test_spherical_is_linear_for_parallel_equal_and_zero_codes(scale, dtype):
    z0 = scale * codes(30, 8, dtype=dtype)
    for z1 in (3 * z0, z0.clone(), 0 * z0):
        for ends in ((z0, z1), (z1, z0)):
            found, expected = (al.interpolate(*ends, 5, path) for path in ("spherical", "linear"))
            assert torch.allclose(found, expected, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_parallel_pair_does_not_straighten_the_others(dtype):
    z0 = codes(2, 8, dtype=dtype)
    z1 = torch.stack([2 * z0[0], codes(8, seed=1, dtype=dtype)])
    found = al.interpolate(z0, z1, 5, "spherical")
    assert torch.allclose(found[1:], al.interpolate(z0[1:], z1[1:], 5, "spherical"))
    assert not torch.allclose(found[1:], al.interpolate(z0[1:], z1[1:], 5))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_opposite_codes_give_no_nan_and_no_excursion(factor, dtype):
    z0 = codes(500, 8, dtype=dtype)
    found = al.interpolate(z0, -factor * z0, 5, "spherical")
    assert found.isfinite().all()
    longest = factor * z0.norm(dim=1)[:, None]
    assert (found.norm(dim=-1) <= 1.001 * longest).all()


@pytest.mark.parametrize("path", KINDS)
def test_a_path_backwards_is_the_path_reversed(path):
    z0, z1 = codes(6, 8, dtype=torch.float64), codes(6, 8, seed=1, dtype=torch.float64)
    assert torch.allclose(al.interpolate(z0, z1, 5, path), al.interpolate(z1, z0, 5, path).flip(1))


@pytest.mark.parametrize("path", KINDS)
def test_gradients_reach_both_ends(path):
    z0, z1 = codes(2, 4).requires_grad_(), codes(2, 4, seed=1).requires_grad_()
    al.interpolate(z0, z1, 5, path)[:, 2].sum().backward()
    assert z0.grad.abs().min() > 0 and z1.grad.abs().min() > 0


@pytest.mark.parametrize(
    ("z0", "z1", "steps", "path", "error", "message"),
    [
        (codes(2, 4), codes(2, 4), 5,
         "curved", ValueError, "unknown path 'curved'.* or call realistic_path"),
        (codes(2, 4), codes(2, 5), 5, "linear", ValueError, r"got \(2, 4\) and \(2, 5\)"),
        (codes(2, 4), codes(3, 4), 5, "linear", ValueError, r"got \(2, 4\) and \(3, 4\)"),
        (codes(4), codes(4), 5,
         "linear", ValueError, r"one shape \(K, \*code\); got \(4,\) and \(4,\)"),
        (codes(2, 4), codes(2, 4).double(), 5,
         "linear", TypeError, "got torch.float32 and torch.float64"),
        (codes(2, 4).long(), codes(2, 4).long(), 5, "linear", TypeError, "got torch.int64"),
        (codes(2, 4), codes(2, 4), 1, "linear", ValueError, "at least 2 steps; got 1"),
        (codes(2, 4), codes(2, 4), 0, "spherical", ValueError, "at least 2 steps; got 0"),
    ],
)
def test_a_path_that_cannot_be_is_refused(z0, z1, steps, path, error, message):
    with pytest.raises(error, match=message):
        al.interpolate(z0, z1, steps, path)


def test_a_realism_index_is_for_realistic_path():
    """It was a parameter once; with path="linear" it was blamed on the path."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'realism'"):
        al.interpolate(codes(2, 4), codes(2, 4), 5, path="linear", realism=lambda z: z)


@pytest.mark.parametrize("path", KINDS)
def test_images_are_encoded_walked_and_decoded(path):
    model = al.build("baseline", "digits", recipe="lab")
    x = al.load("digits").test_images[:6]
    frames = al.interpolate_images(model, x[:3], x[3:], 5, path)
    assert frames.shape == (3, 5, 1, 32, 32) and not frames.requires_grad
    with torch.no_grad():
        x_hat, z = model.decode(model.encode(x)), model.encode(x)
        middle = model.decode(al.interpolate(z[:3], z[3:], 5, path)[:, 2])
    assert torch.allclose(frames[:, 0], x_hat[:3], rtol=0, atol=1e-5)
    assert torch.allclose(frames[:, -1], x_hat[3:], rtol=0, atol=1e-5)
    assert torch.allclose(frames[:, 2], middle, rtol=0, atol=1e-5)


def test_long_paths_are_decoded_in_parts_and_put_in_order():
    class Doubler:
        parts = []

        def decode(self, z):
            self.parts.append(len(z))
            return 2 * z

    model, path = Doubler(), codes(3, 700, 2)
    assert torch.equal(al.decode_path(model, path), 2 * path)
    assert max(model.parts) <= 1024 and sum(model.parts) == 2100


# --- an arc about a centre ------------------------------------------------------------------------

def test_an_arc_turns_evenly_about_its_centre():
    centre = torch.tensor([3.0, -7.0], dtype=torch.float64)
    found = al.interpolate(unit(0.2) + centre, unit(1.4) + centre, 5, "spherical", centre)
    assert torch.allclose(found[0] - centre, unit(0.2, 0.5, 0.8, 1.1, 1.4), atol=1e-12)


def test_the_origin_is_the_centre_unless_another_is_given():
    z0, z1 = codes(3, 2, 2), codes(3, 2, 2, seed=1)
    arc = al.interpolate(z0, z1, 5, "spherical")
    assert torch.equal(al.interpolate(z0, z1, 5, "spherical", torch.zeros(2, 2)), arc)
    moved = al.interpolate(z0, z1, 5, "spherical", torch.ones(2, 2))
    assert not torch.allclose(moved, arc)
    assert torch.equal(moved[:, 0], z0) and torch.equal(moved[:, -1], z1)


@pytest.mark.parametrize("path, centre", [("linear", torch.zeros(4)),
                                          ("spherical", torch.zeros(3)),
                                          ("spherical", torch.zeros(3, 4))])
def test_a_centre_that_is_no_code_or_not_used_is_refused(path, centre):
    with pytest.raises(ValueError, match="centre"):
        al.interpolate(codes(3, 4), codes(3, 4, seed=1), 5, path, centre)
