"""Checkpoints: what is saved comes back, damaged and foreign files are refused, a crash leaves the
old file whole."""

import json
import os
import pickle
import subprocess
from pathlib import Path

import pytest
import torch
from helpers import Touch
from safetensors import safe_open
from safetensors.torch import save_file

import acai_lite as al
from acai_lite import checkpoints

RECEIPT = {"method": "acai", "samples": 640, "smoothness": None, "versions": {"torch": "2"}}


def fresh(method="baseline", seed=3, **settings):
    return al.build(method, "digits", recipe="lab", seed=seed, **settings)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "digits-baseline-32.safetensors"
    al.save_checkpoint(fresh(), path, RECEIPT)
    return path


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# --- there and back -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["baseline", "acai"])
def test_a_checkpoint_comes_back_as_it_was_saved(method, tmp_path):
    model, path = fresh(method).train(), tmp_path / "x.safetensors"
    al.save_checkpoint(model, path, RECEIPT)
    found = al.checkpoint(path)
    assert type(found) is type(model) and not found.training and found.receipt == RECEIPT
    assert json.loads(json.dumps(found.config)) == json.loads(json.dumps(model.config))
    weights = model.state_dict()
    assert set(found.state_dict()) == set(weights)
    for name, tensor in found.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, weights[name].half().float())
    x = al.load("digits").test_images[:4]
    assert torch.allclose(found.decode(found.encode(x)), model.decode(model.encode(x)), atol=0.02)


def test_saving_leaves_the_model_alone(tmp_path):
    model = fresh().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    al.save_checkpoint(model, tmp_path / "x.safetensors", {})
    assert model.training and all(torch.equal(tensor, before[name])
                                  for name, tensor in model.state_dict().items())


def test_acai_keeps_its_critic_and_settings(tmp_path):
    model = al.ACAI(al.Autoencoder(al.Architecture(3, 8, 4, 1, mean=0.1, std=0.7)), lam=0.3,
                    gamma=0.9)
    al.save_checkpoint(model, tmp_path / "x.safetensors", {})
    found = al.checkpoint(tmp_path / "x.safetensors")
    assert (found.lam, found.gamma) == (0.3, 0.9)
    assert found.config["base"] == model.base.config
    assert found.image_shape == (3, 32, 32) and found.code_shape == (1, 8, 8)
    x = torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert torch.allclose(found.d(x), model.d(x), atol=0.01) and found.d(x).std() > 0


def test_a_large_models_critic_is_kept_beside_it(tmp_path):
    model, path = (al.build("acai", "lines", recipe="lab", seed=1),
                   tmp_path / "lines-acai-64.safetensors")
    al.save_checkpoint(model, path, RECEIPT)
    assert files(tmp_path) == ["lines-acai-64.critic.safetensors", "lines-acai-64.safetensors"]
    assert all(file.stat().st_size <= 2 * 2 ** 20 for file in tmp_path.iterdir())
    found = al.checkpoint(path)
    assert found.receipt == RECEIPT
    for name, tensor in model.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor.half().float()), name


@pytest.mark.parametrize("harm", ["gone", "of another run", "torn"])
def test_a_critic_that_does_not_belong_to_its_autoencoder_is_refused(harm, tmp_path):
    path = tmp_path / "lines-acai-64.safetensors"
    al.save_checkpoint(al.build("acai", "lines", recipe="lab", seed=1), path, {})
    critic = tmp_path / "lines-acai-64.critic.safetensors"
    if harm == "gone":
        critic.unlink()
    elif harm == "torn":
        critic.write_bytes(critic.read_bytes()[:1000])
    else:
        al.save_checkpoint(al.build("acai", "lines", recipe="lab", seed=2),
                           tmp_path / "other.safetensors", {})
        (tmp_path / "other.critic.safetensors").rename(critic)
    with pytest.raises(ValueError, match="restore it with git"):
        al.checkpoint(path)


def test_a_checkpoint_saved_again_holds_the_same(saved, tmp_path):
    """Not byte for byte: safetensors writes the metadata in any order."""
    found = al.checkpoint(saved)
    al.save_checkpoint(found, tmp_path / "again.safetensors", found.receipt)
    with safe_open(saved, framework="pt") as one, safe_open(tmp_path / "again.safetensors",
                                                            framework="pt") as two:
        assert one.metadata() == two.metadata() and set(one.keys()) == set(two.keys())
        assert all(torch.equal(one.get_tensor(name), two.get_tensor(name)) for name in one.keys())


def test_a_checkpoint_is_small_and_its_receipt_can_be_read_without_this_package(saved):
    assert saved.stat().st_size < 2.2 * sum(p.numel() for p in fresh().parameters())
    with safe_open(saved, framework="pt") as file:
        assert json.loads(file.metadata()["receipt"]) == RECEIPT
        assert {str(file.get_tensor(name).dtype) for name in file.keys()} == {"torch.float16"}


def test_channels_last_weights_are_saved(tmp_path):
    model = fresh().to(memory_format=torch.channels_last)
    al.save_checkpoint(model, tmp_path / "x.safetensors", {})
    found = al.checkpoint(tmp_path / "x.safetensors")
    assert torch.equal(found.encoder[1].weight, model.encoder[1].weight.half().float())


def test_a_checkpoint_takes_the_place_of_an_older_one_and_makes_its_folder(tmp_path):
    path = tmp_path / "new" / "folder" / "x.safetensors"
    al.save_checkpoint(fresh(seed=1), path, {"run": 1})
    al.save_checkpoint(fresh(seed=2), path, {"run": 2})
    assert (al.checkpoint(str(path)).receipt == {"run": 2}
            and files(path.parent) == ["x.safetensors"])


# --- names ----------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """data/checkpoints of a checkout elsewhere."""
    monkeypatch.setattr(checkpoints, "checkout", lambda what: tmp_path)
    folder = tmp_path / "data" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_a_checkpoint_loads_by_name(shelf):
    al.save_checkpoint(fresh(), shelf / "digits-baseline-32.safetensors", RECEIPT)
    assert al.checkpoint("digits-baseline-32").receipt == RECEIPT


def test_a_missing_name_lists_what_is_there(shelf):
    with pytest.raises(FileNotFoundError, match="no checkpoint 'mnist-acai-32'; there are: none"):
        al.checkpoint("mnist-acai-32")
    for name in ("lines-acai-64", "digits-baseline-32"):
        al.save_checkpoint(fresh(), shelf / f"{name}.safetensors", {})
    with pytest.raises(FileNotFoundError, match="there are: digits-baseline-32, lines-acai-64$"):
        al.checkpoint("mnist-acai-32")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint file .*nothing.safetensors"):
        al.checkpoint(tmp_path / "nothing.safetensors")


# --- damaged and foreign files --------------------------------------------------------------------


def assert_refused(path):
    """A ValueError of one line that names the file and says what to do."""
    with pytest.raises(ValueError, match="is damaged or no checkpoint of acai_lite "
                                         ".*restore it with git") as caught:
        al.checkpoint(path)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message and len(message) < 500 + len(str(path))


@pytest.mark.parametrize("share", [0, 1e-5, 0.0005, 0.5, 0.999])
def test_a_truncated_file_is_refused(share, saved):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    assert_refused(saved)


@pytest.mark.parametrize("content", [b"garbage", b"<html>404</html>" * 99,
                                     bytes(4096), b"\xff" * 4096, b"\x80\x04."])
def test_garbage_is_refused(content, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    assert_refused(path)


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "x.safetensors").mkdir()
    assert_refused(tmp_path / "x.safetensors")


@pytest.mark.parametrize("metadata",
                         [None, {}, {"format": "pt"}, {"format": "acai_lite 2", "config": "{}"}])
def test_foreign_safetensors_are_refused(metadata, tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"weight": torch.zeros(2)}, path, metadata)
    assert_refused(path)


def test_a_checkpoint_of_another_format_is_refused(tmp_path):
    path, weights = (tmp_path / "x.safetensors",
                     {name: t.contiguous() for name, t in fresh().state_dict().items()})
    notes = {"config": json.dumps(fresh().config), "receipt": "{}"}
    save_file(weights, path, {"format": checkpoints.FORMAT, **notes})
    al.checkpoint(path)
    save_file(weights, path, {"format": "acai_lite 2", **notes})
    assert_refused(path)


BASE = {"method": "baseline", "colours": 1, "width": 4, "depth": 16, "code_channels": 2,
        "gain": 1.0}


@pytest.mark.parametrize(
    "config",
    [
        "not json",
        "[]",
        "5",
        "null",
        "{}",
        json.dumps({"method": "gan"}),
        json.dumps({"method": ["acai"]}),
        json.dumps({**BASE, "width": 5}),
        json.dumps({**BASE, "width": 0}),
        json.dumps({**BASE, "depth": 8}),
        json.dumps({**BASE, "depth": "16"}),
        json.dumps({**BASE, "surprise": 1}),
        json.dumps({"method": "acai", "base": BASE}),
        json.dumps({"method": "acai", "base": {"method": "gan"}}),
    ],
)
def test_a_config_that_does_not_fit_the_weights_is_refused(config, tmp_path):
    path = tmp_path / "x.safetensors"
    weights = {name: t.contiguous() for name, t in fresh().state_dict().items()}
    notes = {"format": checkpoints.FORMAT, "config": json.dumps(BASE), "receipt": "{}"}
    save_file(weights, path, notes)
    al.checkpoint(path)                                                # without the change it loads
    save_file(weights, path, notes | {"config": config})
    assert_refused(path)


@pytest.mark.parametrize("dump",
                         [lambda thing, path: path.write_bytes(pickle.dumps(thing)), torch.save])
def test_a_renamed_pickle_is_refused_and_not_executed(dump, tmp_path):
    path, trap = tmp_path / "x.safetensors", tmp_path / "executed"
    dump(Touch(trap), path)
    assert_refused(path)
    assert not trap.exists()
    if path.read_bytes()[:2] != b"PK":
        pickle.loads(path.read_bytes()).close()
        assert trap.exists()  # the trap works


# --- refused and interrupted writing --------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e5])
def test_weights_that_float16_cannot_hold_are_refused_and_nothing_is_written(value, tmp_path):
    model = fresh()
    with torch.no_grad():
        model.decoder[0].bias[3] = value
    with pytest.raises(ValueError,
                       match="float16 cannot hold: decoder.0.bias; nothing was written"):
        al.save_checkpoint(model, tmp_path / "x.safetensors", RECEIPT)
    assert files(tmp_path) == []


@pytest.mark.parametrize("receipt", [None, "a text", [1], {"history": object()}])
def test_a_receipt_that_is_no_dictionary_of_plain_values_is_refused(receipt, tmp_path):
    with pytest.raises(TypeError):
        al.save_checkpoint(fresh(), tmp_path / "x.safetensors", receipt)
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot write into .*file.*choose a folder you may write to"):
        al.save_checkpoint(fresh(), tmp_path / "file" / "x.safetensors", RECEIPT)
    if getattr(os, "geteuid", int)() != 0:  # root may write anywhere; Windows asks otherwise
        (tmp_path / "closed").mkdir(mode=0o555)
        with pytest.raises(OSError, match="cannot write into .*closed"):
            al.save_checkpoint(fresh(), tmp_path / "closed" / "x.safetensors", RECEIPT)


@pytest.mark.parametrize("where", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
def test_a_crash_leaves_the_old_file_whole_and_nothing_else(where, error, saved, monkeypatch):
    before = saved.read_bytes()

    def crash(*args, **kwargs):
        raise error

    monkeypatch.setattr(os, where, crash)
    with pytest.raises(type(error)):
        al.save_checkpoint(fresh(seed=9), saved, {"run": 2})
    monkeypatch.undo()
    assert saved.read_bytes() == before and files(saved.parent) == [saved.name]


def test_files_are_readable_by_all(saved):
    assert saved.stat().st_mode & 0o777 == 0o644


# --- receipts -------------------------------------------------------------------------------------

KEYS = {
    "method", "dataset", "code_size", "recipe", "seed", "samples", "probe_accuracy",
    "online_probe_accuracy", "cluster_accuracy", "mean_distance",
    "smoothness", "seconds", "device", "threads", "precision", "versions", "commit", "command",
    "date",
}  # fmt: skip


def history():
    return al.History(samples=640, steps=10, seconds=1.234,
                      recipe=al.RECIPES["lab"].settings(), seed=5, threads=2)


def test_a_receipt_has_every_key_and_none_for_what_was_not_run():
    receipt = al.make_receipt(fresh("acai"), "digits", history(), {"probe_accuracy": 0.5},
                              "python -m acai_lite train")
    assert set(receipt) >= KEYS
    expected = dict(
        method="acai", dataset="digits", code_size=32, recipe="lab", seed=5, samples=640,
        probe_accuracy=0.5, online_probe_accuracy=None, cluster_accuracy=None, mean_distance=None,
        smoothness=None, device="cpu", threads=2, seconds=1.2,
    )  # fmt: skip
    assert {key: receipt[key] for key in expected} == expected
    assert (receipt["command"] == "python -m acai_lite train"
            and receipt["versions"]["torch"] == torch.__version__)
    assert json.loads(json.dumps(receipt))["config"]["lam"] == 0.5
    assert len(receipt["date"].split("-")) == 3


def test_a_receipt_refuses_a_score_it_does_not_know():
    with pytest.raises(ValueError, match="unknown scores: probe, speed"):
        al.make_receipt(fresh(), "digits", history(), {"probe": 1, "speed": 2, "smoothness": 0.1},
                        "")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git checkout with one commit, in which receipts are made."""

    def git(*words):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    try:
        git("init", "-q")
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("git does not work here")
    (tmp_path / "code.py").write_text("1\n")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    monkeypatch.setattr("acai_lite.files.checkout.checkout", lambda: tmp_path)
    return tmp_path, git("rev-parse", "HEAD")


def commit():
    return al.make_receipt(fresh(), "digits", history(), {}, "")["commit"]


def test_a_receipt_names_the_commit_and_says_if_files_differ(repository):
    folder, head = repository
    assert commit() == head
    (folder / "untracked.txt").write_text("")
    assert commit() == head
    (folder / "code.py").write_text("2\n")
    assert commit() == head + "+changes"


def test_a_receipt_outside_a_checkout_has_no_commit(monkeypatch, tmp_path):
    def nowhere():
        raise FileNotFoundError("no checkout")

    monkeypatch.setattr("acai_lite.files.checkout.checkout", nowhere)
    assert commit() is None
    # a folder without git
    monkeypatch.setattr("acai_lite.files.checkout.checkout", lambda: Path(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() is None
