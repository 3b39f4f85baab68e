"""Runs side by side are the runs alone, whatever stands beside them."""
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import acai_lite as al
from acai_lite.data import Lines
from acai_lite.fast import FastRun
from acai_lite.together import Branches, Rows, leaves, prepared, recordable, train_together
from acai_lite.training import Run, Session

SMALL = replace(al.RECIPES["lab"], depth=2, batch_size=8, averaging=0.9,
                critic_curve=((0.1, 0.0), (0.8, 2.0)),
                rate_curve=((0.0, 0.0), (0.3, 1.0), (1.0, 0.0)))


def noise(count=80):
    images = torch.randint(256, (count, 1, 32, 32), generator=torch.Generator().manual_seed(3),
                           dtype=torch.uint8)
    return al.ImageSet("noise", images, torch.arange(count) % 10, classes="0123456789")


DATA = {"noise": noise(), "lines": Lines(64, 64)}
THREE = (("acai", "lines", 0, 24), ("acai-vae", "noise", 1, 40), ("denoising", "noise", 2, 12))


def build(method, data, seed):
    return al.build(method, DATA[data], recipe=SMALL, seed=seed)


def session(method, data, seed, steps, **how):
    model = build(method, data, seed)
    return Session(model, DATA[data], 8 * steps, SMALL, seed=seed, device="cpu", quiet=True,
                   run=FastRun, **how), model


def same(one, other):
    for left, right in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-3, atol=1e-5)


def test_three_runs_side_by_side_are_the_three_runs_alone():
    """Other data, methods, seeds and lengths; the points of their histories too."""
    sessions, models = zip(*(session(*one) for one in THREE), strict=True)
    histories = train_together(sessions)
    for (method, data, seed, steps), history, model in zip(THREE, histories, models, strict=True):
        alone = build(method, data, seed)
        wanted = al.fit(alone, DATA[data], 8 * steps, SMALL, seed=seed, device="cpu", quiet=True,
                        fast=True)
        assert (history.steps, history.samples) == (steps, 8 * steps) and not history.interrupted
        assert [p["samples"] for p in history.points] == [p["samples"] for p in wanted.points]
        for point, other in zip(history.points, wanted.points, strict=True):
            assert point == pytest.approx(other, rel=1e-3, abs=1e-5)
        same(model, alone)
        assert not model.training


def test_a_run_gives_the_same_numbers_bit_for_bit_whatever_stands_beside_it():
    alone, one = session(*THREE[0])
    beside, other = session(*THREE[0])
    train_together([alone])
    train_together([session(*THREE[1])[0], beside, session(*THREE[2])[0]])
    assert all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_runs_that_were_stopped_go_on_bit_for_bit(tmp_path):
    """Stopped at different steps: each goes on from its own state."""
    paths = [tmp_path / f"{k}.state" for k in range(2)]

    def two(stops=(None, None)):
        return list(zip(*(session(*one, resume=path, on_report=stop and (
            lambda point, stop=stop: point["samples"] >= 8 * stop))
            for one, path, stop in zip(THREE[:2], paths, stops, strict=True)), strict=True))

    whole = [session(*one) for one in THREE[:2]]
    train_together([one for one, _ in whole])
    sessions, _ = two((5, 11))
    assert [h.steps for h in train_together(sessions)] == [5, 11]
    sessions, models = two()
    assert [h.steps for h in train_together(sessions)] == [24, 40]
    for (_, wanted), model in zip(whole, models, strict=True):
        assert all(map(torch.equal, wanted.state_dict().values(), model.state_dict().values()))


def test_a_loss_that_is_not_finite_is_named_with_its_step():
    one, model = session("acai", "noise", 0, 24)
    with torch.no_grad():
        next(model.base.decoder.parameters()).fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="player 'autoencoder' was nan at step 1:"):
        train_together([one])


def test_what_a_stretch_needs_has_one_row_a_step():
    one, _ = session("acai-denoising", "noise", 0, 24)
    rows = prepared(one, 5)
    assert rows["x"].shape == (5, 8, 1, 32, 32) and rows["labels"].shape == (5, 8)
    assert rows["drawn"]["alpha"].shape == (5, 8)
    assert rows["drawn"]["noise"].shape == (5, 8, 1, 32, 32)
    assert {name: rate.shape for name, rate in rows["rates"].items()} == dict.fromkeys(
        ("autoencoder", "critic", "probe"), (5,))
    assert not torch.equal(rows["x"][0], rows["x"][1])


@pytest.mark.parametrize("method", ["acai-denoising", "baseline"])
def test_a_step_reads_its_row_as_it_was_prepared(method):
    one, _ = session(method, "noise", 0, 24)
    rows, prepared_rows = Rows(torch.device("cpu")), prepared(one, 5)
    rows.fill(prepared_rows)
    for k in (0, 4):
        found = rows.at(torch.tensor([k]))
        assert set(found) == set(prepared_rows)
        for name in ("drawn", "rates"):
            assert set(found[name]) == set(prepared_rows[name])
        read, wanted = (dict(leaves(tree)) for tree in (found, prepared_rows))
        assert set(read) == set(wanted)
        assert all(torch.equal(read[path], value[k]) for path, value in wanted.items())
    rows.fill(prepared(one, 3))                         # fewer rows, in the same place
    assert torch.equal(rows.at(torch.tensor([4]))["x"], prepared_rows["x"][4])
    assert not torch.equal(rows.at(torch.tensor([0]))["x"], prepared_rows["x"][0])


class Kernels(TorchDispatchMode):
    """Counts the operations that launch a kernel on a GPU, one each at least: all but views and
    allocations."""
    free = {"view", "_unsafe_view", "reshape", "expand", "t", "transpose", "permute", "select",
            "slice", "unsqueeze", "squeeze", "split", "split_with_sizes", "unbind", "detach",
            "alias", "as_strided", "unfold", "empty", "empty_like", "lift_fresh",
            "_record_function_enter_new", "_record_function_exit"}

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.count += operation._schema.name.split("::")[1] not in self.free
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize(("data", "most"), [("digits", 215), ("lines", 250)])
def test_a_step_side_by_side_launches_two_thirds_of_the_plain_steps_kernels(data, most):
    """ACAI with the paper's recipe and the probe, a batch of images included; counted on any
    machine. 211 and 243 now, of 319 and 442."""
    images, counted, small = al.load(data), [], replace(al.RECIPES["paper"], depth=2, batch_size=4)
    for kind in (Run, FastRun):
        one = Session(al.build("acai", images, recipe=small), images, 400, small, device="cpu",
                      quiet=True, run=kind)
        branches = Branches([one])
        branches.play(2)
        with Kernels() as kernels:
            if kind is Run:
                one.step()
            else:
                branches._one(0)
        counted.append(kernels.count)
    assert counted[1] <= most and counted[1] <= counted[0] * 2 / 3 + 1, counted


def test_runs_on_two_devices_are_refused():
    one, other = session(*THREE[0])[0], session(*THREE[1])[0]
    other.device = torch.device("meta")
    with pytest.raises(ValueError, match="must be on one device"):
        train_together([one, other])


def test_what_waits_for_the_device_is_not_recorded():
    digits = DATA["noise"]
    assert recordable(al.build("acai-vae", digits)) and recordable(al.build("aae", digits))
    assert not recordable(al.build("acai-vqvae", digits, recipe="lab"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("count", [1, 3])
def test_a_graph_plays_the_steps_that_are_called(count, monkeypatch):
    """On a GPU: branches of one graph, and the same steps called one after the other."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    finals = []
    for recorded in (True, False):
        sessions, models = zip(*((Session(model, DATA[data], 8 * 20, SMALL, seed=seed,
                                          device="cuda", quiet=True, run=FastRun), model)
                                 for method, data, seed, _ in THREE[:count]
                                 for model in [build(method, data, seed)]), strict=True)
        branches = Branches(sessions)
        if not recorded:
            branches.streams = []
        branches.play(20)
        assert (branches.graph is not None) == recorded
        finals.append(models)
    for one, other in zip(*finals, strict=True):
        for left, right in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
            torch.testing.assert_close(left, right, rtol=1e-3, atol=1e-5)
