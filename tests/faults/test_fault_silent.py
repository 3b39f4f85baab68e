"""What would be wrong without a word: a run that is known by too little, a setting that nothing
looks at, a model that is saved and not loadable."""
import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import acai_lite as al
from acai_lite import checkpoints
from acai_lite.files import downloads
from acai_lite.runs import command_line
from acai_lite.runs.command_line import main
from acai_lite.runs.study import Experiment, run, study
from acai_lite.training import identity

ROOT = Path(__file__).resolve().parents[2]
STEP = al.Recipe("t", batch_size=16, learning_rate=1e-3)
TRAIN = ["train", "--method", "baseline", "--recipe", "lab", "--samples", "64"]


@pytest.fixture(scope="module")
def digits():
    return al.load("digits")


def small(method="baseline"):
    return al.build(method, "digits", recipe="lab")


def photographs(folder, seed, size=20):
    chance = np.random.default_rng(seed)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for k in range(size):
            pixels = chance.integers(0, 255, (32, 32), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{k}.png")
    return folder


# --- A: a run is known by all that it depends on --------------------------------------------------

def scaled(factor):
    return lambda model, x, out, ramp: {"autoencoder": factor * (out.x_hat - x).square().mean()}


def own_losses(model, x, out, ramp):
    return {"autoencoder": (out.x_hat - x).square().mean()}


def sets(digits):
    x, y = digits.train_images[:320], digits.train_labels[:320]
    turned = torch.randperm(320, generator=torch.Generator().manual_seed(0))
    return {"order": al.ImageSet("d", x[turned], y[turned]), "labels": al.ImageSet("d", x, 9 - y),
            "images": al.ImageSet("d", x.flip(-1), y), "fewer": al.ImageSet("d", x[:300], y[:300]),
            "no labels": al.ImageSet("d", x)}


@pytest.mark.parametrize("other", ["order", "labels", "images", "fewer", "no labels"])
def test_a_run_of_other_data_is_not_gone_on_with(digits, tmp_path, other):
    x, y = digits.train_images[:320], digits.train_labels[:320]
    al.fit(small(), al.ImageSet("d", x, y), 320, STEP, quiet=True, resume=tmp_path / "run.state")
    same = al.fit(small(), al.ImageSet("renamed", x, y), 320, STEP, quiet=True,
                  resume=tmp_path / "run.state")
    assert same.samples == 320 and same.seconds < 60
    with pytest.raises(ValueError, match="keeps a run with other settings: images|probe"):
        al.fit(small(), sets(digits)[other], 320, STEP, quiet=True, resume=tmp_path / "run.state")


@pytest.mark.parametrize("mine", [scaled(3.0), own_losses, None])
def test_a_run_of_other_losses_is_not_gone_on_with(digits, tmp_path, mine):
    al.fit(small(), digits, 320, STEP, scaled(2.0), quiet=True, resume=tmp_path / "run.state")
    al.fit(small(), digits, 320, STEP, scaled(2.0), quiet=True, resume=tmp_path / "run.state")
    with pytest.raises(ValueError, match="other settings: losses"):
        al.fit(small(), digits, 320, STEP, mine, quiet=True, resume=tmp_path / "run.state")


@pytest.mark.parametrize(("method", "name", "value"), [
    ("acai", "gamma", 0.9), ("denoising", "noise_std", 0.1), ("vae", "beta", 3.0),
    ("dropout", "keep", 0.9), ("lsgan", "lam", 2.0)])
def test_a_setting_changed_later_is_the_one_that_is_kept(digits, tmp_path, method, name, value):
    model, path = small(method), tmp_path / "m.safetensors"
    al.fit(small(method), digits, 32, STEP, quiet=True, resume=tmp_path / "run.state")
    setattr(model, name, np.float64(value))
    with pytest.raises(ValueError, match="other settings: model"):
        al.fit(model, digits, 32, STEP, quiet=True, resume=tmp_path / "run.state")
    history = al.fit(model, digits, 32, STEP, quiet=True)
    receipt = al.make_receipt(model, "digits", history, {}, "a test")
    al.save_checkpoint(model, path, receipt)
    assert receipt["config"][name] == value == getattr(al.checkpoint(path), name)


def test_another_run_is_not_written_over(tmp_path, capsys):
    out = ["--out", str(tmp_path / "runs")]
    first, second = (photographs(tmp_path / place / "photos", k)
                     for k, place in enumerate("ab"))
    assert main([*TRAIN, "--data", str(first), *out]) == 0
    kept = {path.name: path.read_bytes() for path in (tmp_path / "runs").iterdir()}
    for more in (["--data", str(second)], ["--data", str(first), "--set", '{"averaging": 0.5}'],
                 ["--data", str(first), "--samples", "32"], ["--data", str(first), "--seed", "1",
                                                            "--name", "photos-baseline-32"]):
        assert main([*TRAIN, *more, *out]) == 1
        assert "holds another run (64 samples, seed 0" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "runs").iterdir()} == kept
    moved = shutil.copytree(first, tmp_path / "c" / "photos")           # the same images elsewhere
    assert main([*TRAIN, "--data", str(moved), *out]) == 0


def test_a_study_does_not_take_the_result_of_other_images_for_its_own(tmp_path):
    first, second = (photographs(tmp_path / place / "photos", k)
                     for k, place in enumerate("ab"))
    one, two = (Experiment("baseline", str(folder), samples=64, recipe="lab", restarts=0)
                for folder in (first, second))
    assert one.name == two.name
    result, _ = run(one, tmp_path / "out")
    assert run(one, tmp_path / "out")[0] == json.loads(json.dumps(result)) | run(
        one, tmp_path / "out")[0]
    with pytest.raises(ValueError, match="holds another run"):
        study([two], tmp_path / "out", say=lambda text: None)


@pytest.mark.parametrize(("more", "said"), [
    (["--method", "vae"], "gives baseline with 32 dimensions; asked were vae, 32"),
    (["--method", "baseline", "--code-size", "64"], "asked were baseline, 64"),
    (["--method", "acai-vae"], "gives acai with 32 dimensions; asked were acai-vae, 32")])
def test_a_start_of_another_kind_is_refused(tmp_path, capsys, more, said):
    al.save_checkpoint(small(), tmp_path / "start.safetensors", {})
    assert main(["train", "--data", "digits", "--samples", "64", *more, "--start",
                 str(tmp_path / "start.safetensors"), "--out", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_an_identity_is_plain_and_the_same_in_every_process(digits):
    mine = identity(small("acai"), digits, 320, STEP, own_losses)
    assert mine == json.loads(json.dumps(mine)) == identity(small("acai"), al.load("digits"), 320,
                                                            STEP, own_losses)
    assert mine["losses"].startswith("own_losses ") and len(mine["images"]) == 12


# --- C: saved is loadable -------------------------------------------------------------------------

class Clipped(al.Autoencoder):
    def decode(self, z):
        return super().decode(z).clamp(-0.5, 0.5)


def test_what_would_be_loaded_as_something_else_is_not_saved(digits, tmp_path):
    path = tmp_path / "m.safetensors"
    ring = al.gans.ring_gan(seed=0)
    for model, said in ((al.ACAI(Clipped()), "its Clipped"), (Clipped(), "its Clipped"),
                        (ring, "'gan'")):
        with pytest.raises(ValueError, match=f"because of .*{said}"):
            al.save_checkpoint(model, path, {})
    assert not path.exists()
    model = al.ACAI(Clipped(), seed=1)
    al.save_checkpoint(model, path, {"what": "mine"}, own_class=True)
    with pytest.raises(ValueError, match="your own class ACAI"):
        al.checkpoint(path)
    back = al.checkpoint(path, model=al.ACAI(Clipped(), seed=2))
    x = digits.test_images[:8]
    assert torch.allclose(back.decode(back.encode(x)), model.decode(model.encode(x)), atol=2e-3)
    assert back.receipt == {"what": "mine"}
    with pytest.raises(ValueError, match="other names or shapes than those of the model"):
        al.checkpoint(path, model=Clipped())


def test_numbers_of_numpy_and_torch_come_back_as_pythons(digits, tmp_path):
    recipe = al.Recipe("t", batch_size=np.int64(16), learning_rate=np.float32(1e-3),
                       averaging=torch.tensor(0.5), critic_curve=np.array([[0.0, 1.0]]))
    model = al.build("acai", "digits", np.int64(32), recipe)
    model.lam = np.float32(0.25)
    history = al.fit(model, digits, np.int64(64), recipe, seed=np.uint8(3), quiet=True,
                     resume=tmp_path / "run.state")
    receipt = al.make_receipt(model, "digits", history, {"smoothness": np.float32(0.5)}, "a test")
    receipt["more"] = {"rate": np.float64(2), "count": torch.tensor(3)}
    al.save_checkpoint(model, tmp_path / "m.safetensors", receipt)
    found = al.checkpoint(tmp_path / "m.safetensors").receipt
    assert (found["seed"], found["smoothness"], found["more"]) == (3, 0.5,
                                                                   {"rate": 2.0, "count": 3})
    with pytest.raises(TypeError, match="a receipt holds texts, numbers, lists and dicts; got set"):
        al.save_checkpoint(model, tmp_path / "n.safetensors", {"what": {1, 2}})


# --- G: settings are looked at --------------------------------------------------------------------

@pytest.mark.parametrize("wrong", [
    {"gain": float("nan")}, {"gain": "1"}, {"standardise": 1}, {"learning_rate": float("inf")},
    {"rates": [("critic", 1)]}, {"rates": {"critic": -1}}, {"rates": {"critic": True}},
    {"averaging": 1}, {"averaging": -0.1}, {"depth": 2.0}, {"depth": True}, {"batch_size": "16"},
    {"batch_size": None}, {"methods": {"vea": {}}}, {"methods": {"vae": 3}}, {"rate_curve": 0.5},
    {"critic_curve": [[0, -1]]}, {"critic_curve": [[0.5, 1], [0.5, 2]]}, {"name": 3}])
def test_a_recipe_refuses_what_is_no_setting(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).split("_")[0]):
        al.Recipe(**({"name": "t"} | wrong))


def test_a_players_rate_or_a_methods_setting_that_is_not_there_is_refused(digits):
    with pytest.raises(ValueError, match="the player 'critik', which there is not"):
        al.fit(small("acai"), digits, 64, al.Recipe("t", rates={"critik": 3}), quiet=True)
    al.fit(small(), digits, 64, al.Recipe("t", rates={"critic": 3}), quiet=True)   # of other models
    with pytest.raises(ValueError, match="sets 'lamda' of ACAI, which has lam, gamma"):
        al.build("acai", "digits", recipe=al.Recipe("t", methods={"acai": {"lamda": 2}}))


@pytest.mark.parametrize("words", [
    ["study", "--data", "digits", "--seeds", "0"],
    ["study", "--data", "digits", "--restarts", "-1"],
    ["study", "--data", "digits", "--samples", "1e4"], ["study", "--workers", "-2"],
    ["train", "--method", "vae", "--data", "digits", "--samples", "0"],
    ["train", "--method", "vae", "--data", "digits", "--samples", "64", "--seed", "-1"],
    ["train", "--method", "vae", "--data", "digits", "--samples", "64", "--film", "x"]])
def test_a_count_of_the_command_line_is_a_count(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2 and "a whole number, " in capsys.readouterr().err


VALUE = st.one_of(st.none(), st.booleans(), st.integers(-5, 70), st.floats(), st.text(max_size=3),
                  st.lists(st.tuples(st.floats(-1, 2), st.floats(-1, 2)), max_size=3),
                  st.dictionaries(st.sampled_from(["critic", "autoencoder", "x"]),
                                  st.floats(-1, 3), max_size=2))
NAMES = [name for name in al.Recipe().settings() if name != "name"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=3))
def test_any_recipe_is_refused_in_one_sentence_or_is_one(changed):
    try:
        recipe = al.Recipe("t", **changed)
    except ValueError as error:
        assert any(name.split("_")[0] in str(error) for name in changed)
        return
    kept = recipe.settings()
    assert json.loads(json.dumps(kept))["batch_size"] >= 1 and 0 <= kept["averaging"] < 1
    for share in (0.0, 0.3, 0.99):
        assert 0 <= recipe.critic_weight(share) < np.inf and 0 <= recipe.rate("critic", share)
    assert al.Recipe(**kept) == recipe


# --- D: only what is damaged is called so ---------------------------------------------------------

def read_result(folder):
    (folder / "r.json").write_text(json.dumps({"method": "vae", "dataset": "digits"}))
    return folder / "r.json", lambda: al.table(folder)


def read_checkpoint(folder):
    al.save_checkpoint(small(), folder / "m.safetensors", {})
    return folder / "m.safetensors", lambda: al.checkpoint(folder / "m.safetensors")


def read_state(folder):
    images = al.load("digits")
    fit = partial(al.fit, small(), images, 32, STEP, quiet=True, resume=folder / "run.state")
    fit()
    return folder / "run.state", fit


@pytest.mark.parametrize("made", [read_result, read_checkpoint, read_state])
@pytest.mark.parametrize("error", [
    PermissionError(13, "Permission denied"), OSError(5, "I/O error"), MemoryError()],
    ids=["permission", "drive", "memory"])
def test_a_healthy_file_that_cannot_be_read_is_not_called_damaged(tmp_path, monkeypatch, made,
                                                                  error):
    path, read = made(tmp_path)

    def fail(*args, **named):
        raise error
    monkeypatch.setattr(Path, "read_bytes", fail)
    monkeypatch.setattr(checkpoints, "_read", fail)
    with pytest.raises(type(error), match=path.name) as told:
        read()
    assert "damaged" not in str(told.value) and "delete" not in str(told.value)


def test_a_data_set_for_which_memory_is_short_is_not_called_damaged(monkeypatch, tmp_path):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    monkeypatch.setenv("ACAI_LITE_DATA", str(tmp_path))

    def fail(*args):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 47")
    monkeypatch.setattr(downloads, "_split", fail)
    with pytest.raises(MemoryError, match="too little memory to read"):
        downloads.read_torchvision("MNIST", "mnist", [folder])


def test_a_table_skips_what_is_no_result_with_one_warning(tmp_path):
    record = json.loads((ROOT / "data" / "results" / "runs" / "mnist-acai-32.json").read_text())
    mine = json.dumps(record).encode()
    (tmp_path / "mine.json").write_bytes(b"\xef\xbb\xbf" + mine)        # as some editors save it
    (tmp_path / "list.json").write_bytes(b"[1]")
    (tmp_path / "nan.json").write_bytes(b'{"loss": NaN}')
    (tmp_path / "lines.json").write_bytes(b'{"a": 1}\n{"a": 2}\n')
    (tmp_path / "bytes.json").write_bytes(bytes(range(256)))
    with pytest.warns(RuntimeWarning, match="no results: .*and 1 more") as warned:
        table = al.table(tmp_path)
    assert len(warned) == 1 and "mnist" in table.markdown()
    (tmp_path / "cut.json").write_bytes(mine[:-20])
    with pytest.raises(ValueError, match="cut.json is damaged"):
        al.table(tmp_path)


# --- F: the edges of processes --------------------------------------------------------------------

@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize(("device", "said"), [
    ("cuda", "torch finds no device 'cuda' on this machine"), ("tpu9", "device must be 'cpu', "),
    ("mps", "torch finds no device 'mps'")])
def test_a_device_that_is_not_there_is_told_in_one_sentence(digits, device, said):
    with pytest.raises(ValueError, match=said):
        al.fit(small(), digits, 64, STEP, quiet=True, device=device)


@pytest.mark.parametrize("error", [RuntimeError("two\nlines"), MemoryError("none left")])
def test_any_error_of_torch_is_one_line_of_the_command(monkeypatch, capsys, tmp_path, error):
    def fail(*given, **named):
        raise error
    monkeypatch.setattr(command_line, "train", fail)
    assert main([*TRAIN, "--data", "digits", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"error: {' '.join(str(error).split())}\n"
