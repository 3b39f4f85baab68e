"""examples/acai_in_one_file.py: losses, gradients and lines are the package's; it runs alone."""
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import acai_lite as al

FILE = Path(__file__).resolve().parents[2] / "examples" / "acai_in_one_file.py"
sys.path.insert(0, str(FILE.parent))

import acai_in_one_file as example  # noqa: E402


@pytest.mark.parametrize("recipe", ["paper", "lab"])  # lab: images standardised
def test_its_losses_and_gradients_are_the_package_s(recipe):
    ours = al.build("acai", "lines", recipe=recipe)
    mean, std = ours.base.config["mean"], ours.base.config["std"]
    model = example.ACAI(mean=mean, std=std)
    for part, other in ((model.encoder, ours.base.encoder), (model.decoder, ours.base.decoder),
                        (model.critic, ours.critic)):
        part.load_state_dict(other.state_dict())
    x, alpha = al.load("lines").train_images[:8], torch.linspace(0, 0.5, 8)
    values = ours.losses(x, ours.run(x, alpha=alpha))
    found = example.train_step(model, example.optimisers(model, 1e-4), x, alpha)
    assert found == pytest.approx((values["autoencoder"].item(), values["critic"].item()), rel=1e-5)
    theirs = {"autoencoder": [*model.encoder.parameters(), *model.decoder.parameters()],
              "critic": list(model.critic.parameters())}
    for player, parameters in ours.players().items():
        gradients = torch.autograd.grad(values[player], parameters, retain_graph=True)
        for one, parameter in zip(gradients, theirs[player], strict=True):
            torch.testing.assert_close(parameter.grad, one, rtol=1e-3, atol=1e-6)


def test_it_draws_the_package_s_lines():
    angles = torch.rand(2_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 7
    torch.testing.assert_close(example.draw_lines(angles), al.draw_lines(angles), rtol=0, atol=1e-6)


def test_its_networks_have_the_paper_s_size_and_initial_weights():
    model = example.ACAI()
    assert sum(p.numel() for p in model.parameters()) == 1_568_929
    weight = model.encoder[-3].weight  # 128 -> 256 channels
    assert weight.std().item() == pytest.approx((1.04 * 9 * 128) ** -0.5, rel=0.01)
    assert not model.encoder[-3].bias.any()


@pytest.mark.slow
def test_it_runs_without_the_package_and_learns(tmp_path):
    alone = ("import sys, runpy; sys.modules['acai_lite'] = None; "
             f"runpy.run_path({str(FILE)!r}, run_name='__main__')")
    options = ["--samples", "1600", "--seed", "3", "--out", "lines.png"]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-I", "-c", alone, *options], cwd=tmp_path,
                          env=one_thread, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    losses = [float(value) for value in re.findall(r"loss ([0-9.]+)", done.stdout)]
    ours, critics = losses[::2], losses[1::2]
    assert len(ours) >= 2 and ours[-1] < 0.9 * ours[0] and critics[-1] < 0.9 * critics[0], losses
    assert re.search(r"512 test lines: 0\.\d{4}; mean image: 0\.08\d\d\n", done.stdout), done.stdout
    with Image.open(tmp_path / "lines.png") as picture:
        assert picture.size == (3 * (16 * 34 + 16), 3 * 7 * 34)
        pixels = np.asarray(picture)
    assert list(pixels[:3, :3].flat) == [127] * 9 and pixels.max() == 255 and pixels.min() == 0
