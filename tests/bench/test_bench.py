"""The bench: its contestants do the same mathematics, its parts run, and docs/speed.md says what
the committed run says."""
import json
import sys
from pathlib import Path

import pytest
import torch

import acai_lite as al
from acai_lite.files.checkout import result_file
from acai_lite.runs.study import paper_grid

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import bench  # noqa: E402
import gpu  # noqa: E402
import peer  # noqa: E402


def test_the_plain_port_is_the_example_and_multiplies_as_the_committed_run_says():
    found = json.loads(result_file("ops", "bench.json").read_text())
    said = {row["network"]: row["million_multiply_adds"]
            for row in found["step"] if row["step"] == "plain port"}
    step = bench.port_step(al.load("digits"), 64, 16, 32, bench.plain_port)
    assert bench.multiply_adds(step, 64) == said["depth 16, 1 colour"]


PEER = '''
import not_installed_here
raise_if_run = undefined.name
activation = nn.LeakyReLU
def Encoder(scales, depth, latent, colors):
    return nn.Sequential(nn.Conv2d(colors, latent, 3, padding=1), activation(),
                         nn.AvgPool2d(2 ** scales))
def Decoder(scales, depth, latent, colors):
    return nn.Sequential(nn.Upsample(scale_factor=2 ** scales),
                         nn.Conv2d(latent, colors, 3, padding=1))
class Discriminator(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.encoder = Encoder(*sizes)
    def forward(self, x):
        return self.encoder(x).flatten(1).mean(1)
'''


def test_a_peer_s_definitions_are_taken_and_its_training_is_not_run(tmp_path):
    (tmp_path / "port.py").write_text(PEER)
    port = peer.Peer(tmp_path / "port.py", 3, 16, 2, 1)
    before = [p.detach().clone() for p in port.critic.parameters()]
    losses = port.step(al.load("digits").train_images[:4])
    assert len(losses) == 6 and losses[2] == pytest.approx(losses[0] + losses[1])
    assert not all(torch.equal(a, b) for a, b in zip(before, port.critic.parameters(), strict=True))
    (tmp_path / "other.py").write_text("def Encoder(): pass")
    with pytest.raises(ValueError, match="defines no Decoder, Discriminator"):
        peer.Peer(tmp_path / "other.py", 3, 16, 2, 1)


def test_turns_and_ratios():
    order = []
    taken, busy = bench.turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert order == list("abababab") and len(taken["a"]) == len(taken["b"]) == 3 and busy >= 0
    assert bench.ratio([2, 4, 6], [1, 1, 1]) == 4


def test_the_fast_step_multiplies_less():
    digits = al.load("digits")
    plain, fast = (bench.multiply_adds(bench.our_step(digits, 16, 16, 32, quick), 16)
                   for quick in (False, True))
    # millions a sample; papers.md counts 170
    assert plain == pytest.approx(170, abs=2) and fast < 0.75 * plain


def test_parts_run_and_write_nothing(tmp_path, monkeypatch, capsys):
    before = result_file("ops", "bench.json").read_bytes()
    found = bench.main(["data", "scores", "--rounds", "1"])
    assert found["data"][0]["ms_a_batch"] > 0 and "scores" in found and "growth" not in found
    assert "a loop over the frames" in capsys.readouterr().out
    assert result_file("ops", "bench.json").read_bytes() == before


@pytest.mark.long
def test_the_gpu_bench_runs_on_a_processor(tmp_path):
    """All but the graph and the compiler: the same functions, asked for two steps."""
    found = gpu.main(rounds=1, device="cpu", steps=2, counts=(1, 2), out=tmp_path)
    assert set(found["samples_a_second"]) == set(gpu.NETWORKS) and not found["failed"]
    assert all(list(kinds) == [*gpu.KINDS, "fast, recorded"]
               for kinds in found["samples_a_second"].values())
    assert all(list(rates) == [1, 2] for rates in found["side_by_side"].values())
    assert (tmp_path / "bench_gpu.json").exists()


@pytest.mark.wording
def test_speed_md_says_what_the_committed_run_says():
    found = json.loads(result_file("ops", "bench.json").read_text())
    lines = (ROOT / "docs" / "speed.md").read_text().splitlines()
    assert set(bench.PARTS) <= set(found) and len(found["commit"]) == 40
    for row in found["step"]:
        said = [row["network"], row["threads"], row["step"], row["samples_a_second"],
                f"{row['times_the_port']:.2f}", row["million_multiply_adds"],
                f"{row['share_of_matrix_products']:.0%}"]
        assert f"| {' | '.join(map(str, said))} |" in lines
    for part in ("data", "scores", "explorer", "import"):
        for row in found[part]:
            name, *numbers = row.values()
            assert any(name in line and all(str(number) in line for number in numbers)
                       for line in lines), row
    for row in found["growth"]:
        said = f"{row['to']}: {row['samples_a_second']}"
        assert any(row["grows"] in line and said in line for line in lines), row


@pytest.mark.wording
def test_speed_md_says_what_the_committed_gpu_run_says():
    found = json.loads(result_file("ops", "bench_gpu.json").read_text())
    page = (ROOT / "docs" / "speed.md").read_text()
    part = page[page.index("\n## On a GPU"):]
    assert (len(found["commit"]) == 40 and found["command"] in part
            and found["torch"] in part and not found["failed"])
    assert found["tf32_convolutions"] and found["device"].startswith("NVIDIA H100 80GB")
    for network, rates in found["samples_a_second"].items():
        assert (f"| {network} | {' | '.join(map(str, rates.values()))} |" in part
                and list(rates) == [*gpu.KINDS, "fast, recorded"])
    assert ", ".join(f"{count}: {rate}" for count, rate in found["runs_at_once"].items()) in part
    small, large = (2 ** 24 / rates["fast, recorded"] / 60
                    for rates in found["samples_a_second"].values())
    assert f"take {small:.0f} minutes with the small network and {large:.0f} with" in part
    runs = paper_grid()
    hours = sum(large if one.data == "cifar10" else small for one in runs) / 60
    assert f"the {len(runs)} runs of `study --paper` take at most {hours:.1f} hours" in part
    run = json.loads(result_file("runs", "mnist-acai-32-paper-16777216.json").read_text())
    assert (f"{run['samples']:,} were run, {run['seconds'] / 60:.1f} minutes"
            in part.replace("\n  ", " "))
    recipes = (ROOT / "docs" / "recipes.md").read_text()
    assert (f"classifier {run['probe_accuracy']:.2%}, clustering {run['cluster_accuracy']:.2%}"
            in recipes)
