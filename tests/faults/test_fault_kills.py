"""kill -9 at any moment of writing: the old or the new file is there, whole. (A killed study:
package/test_study.py.)"""
import hashlib
import json
import random
import time

import acai_course as course
import pytest
import torch
from acai_course.passports import stamp
from places import fork, killed
from test_fault_disks import WRITERS, digits, tiny

import acai_lite as al
from acai_lite import checkpoints
from acai_lite.files import packed, records, states
from acai_lite.runs.films import film

READERS = {
    "checkpoint": lambda path: al.checkpoint(path).receipt["seed"],
    "state": lambda path: states.load_state(path, {}, "cpu")["step"],
    "result": lambda path: json.loads(path.read_text())["seed"],
    "film": lambda path: film(path.rename(path.with_suffix(".png"))).receipt["seed"]}


@fork
@pytest.mark.parametrize("what", WRITERS)
def test_a_kill_while_writing_leaves_a_whole_file(tmp_path, what):
    chance, seen = random.Random(what), []
    for turn in range(8):
        path = tmp_path / str(turn) / "file.safetensors"
        path.parent.mkdir()
        killed(lambda k, path=path: WRITERS[what](path, k), chance.uniform(0.0, 0.05), path.exists)
        seen.append(READERS[what](path))                               # raises if it is half of one
        left = [p for p in path.parent.iterdir() if not p.name.startswith("file")]
        assert len(left) <= 1 and all(p.name.startswith(".file.safetensors.") for p in left)
    assert max(seen) > 0                                               # some were overwritten


@fork
def test_a_kill_while_the_passport_is_stamped_leaves_a_whole_passport(tmp_path, monkeypatch,
                                                                      capsys):
    chance = random.Random(0)
    for turn in range(8):
        path = tmp_path / str(turn) / "passport.json"
        path.parent.mkdir()
        monkeypatch.setenv("ACAI_LITE_PASSPORT", str(path))
        killed(lambda k: stamp("checks", f"01-{k % 50}", "2026-01-01"),
               chance.uniform(0.0, 0.05), path.exists)
        before = json.loads(path.read_text())["checks"]
        assert before and set(before.values()) == {"2026-01-01"}
        # and the passport goes on
        course.predict("01", ["blend", "jump"], guess="jump", sure="certain")
        assert "not kept" not in capsys.readouterr().out
        assert json.loads(path.read_text())["checks"] == before


@fork
def test_a_kill_while_packing_costs_the_time_only(tmp_path, monkeypatch):
    monkeypatch.setenv("ACAI_LITE_DATA", str(tmp_path))
    monkeypatch.setattr(packed, "SLOW", -1)
    source, made = tmp_path / "a.source", [torch.arange(200_000).numpy()]
    source.write_bytes(b"1")

    def pack(k):
        return packed.packed("a", tmp_path, [source], k, lambda: made)

    for _ in range(4):
        killed(pack, 0.02, lambda: list((tmp_path / "packed").glob("*.npys")))
        assert (pack(-1)[0] == made[0]).all() and (pack(-1)[0] == made[0]).all()


def test_a_damaged_state_is_refused_and_an_older_one_too(tmp_path):
    path, images = tmp_path / "run.state", digits()
    how = dict(recipe="lab", resume=path, quiet=True, device="cpu")
    model = al.build("baseline", "digits", recipe="lab")
    al.fit(model, images, 64, **how)
    whole = path.read_bytes()
    for k in (0, 100, len(whole) // 2, len(whole) - 40, len(whole) - 1):
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 1]) + whole[k + 1:])
        with pytest.raises(ValueError, match=r"run.state is damaged or no saved run \(.*\): delete "
                                             r"it to start anew"):
            al.fit(model, images, 64, **how)
    path.write_bytes(whole)
    content = torch.load(path, weights_only=True)
    del content["state"]["optimisers"]
    states.save_state(path, content["state"], json.loads(content["identity"]))
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    with pytest.raises(ValueError, match="run.state is of another version of acai_lite .*delete "
                                         "it to start anew"):
        al.fit(model, images, 64, **how)
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_a_pickle_in_place_of_a_state_runs_nothing(tmp_path):
    from readers import traps
    trap = tmp_path / "executed"
    for content in traps(trap):
        (tmp_path / "run.state").write_bytes(content)
        with pytest.raises(ValueError, match="is damaged or no saved run"):
            al.fit(tiny(), digits(), 64,
                   "lab", resume=tmp_path / "run.state", quiet=True, device="cpu")
        records.write_whole(tmp_path / "run.state", content + hashlib.sha256(content).digest())
        # with the right checksum, too
        with pytest.raises(ValueError, match="is damaged or no saved run"):
            al.fit(tiny(), digits(), 64,
                   "lab", resume=tmp_path / "run.state", quiet=True, device="cpu")
    assert not trap.exists()


def test_a_checkpoint_that_claims_to_be_huge_is_refused_at_once(tmp_path):
    from safetensors.torch import save
    model, began = tiny(), time.monotonic()
    for claim in ({"depth": 10 ** 6}, {"depth": 2 ** 40}, {"code_channels": 10 ** 9},
                  {"width": 8}, {"depth": 2.5}):
        notes = {"format": checkpoints.FORMAT, "config": json.dumps(model.config | claim),
                 "receipt": "{}"}
        (tmp_path / "x.safetensors").write_bytes(save(model.state_dict(), notes))
        with pytest.raises(ValueError, match="is damaged or no checkpoint of acai_lite"):
            al.checkpoint(tmp_path / "x.safetensors")
    assert time.monotonic() - began < 60
