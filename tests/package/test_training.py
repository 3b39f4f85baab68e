"""fit(): the step written out by hand, resume, interruption, bad losses, recipes, progress."""
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest
import torch
from helpers import weights
from torch import nn

import acai_lite as al
from acai_lite.files.progress import Progress, watched
from acai_lite.training import _parts, generator

QUICK = replace(al.RECIPES["lab"], name="quick", batch_size=8)


def digits(count=64):
    images = al.load("digits")
    return al.ImageSet("few digits", images.train_images.stored[:count],
                       images.train_labels[:count], classes="0123456789")


def tiny(method="acai", gain=2 ** 0.5, seed=0):
    base = al.Autoencoder(al.Architecture(width=8, depth=4, code_channels=2, gain=gain), seed)
    return al.ACAI(base, seed=seed) if method == "acai" else base


def train(model, samples=64, recipe=QUICK, **options):
    return al.fit(model, options.pop("images", None) or digits(), samples, recipe, device="cpu",
                  quiet=True, **options)


def test_two_steps_of_fit_equal_two_adam_steps_written_out():
    """Both players, the same alphas, one forward pass, simultaneous updates: from the formulas, in
    float64, to 1e-12."""
    recipe = replace(QUICK, averaging=0.0, rate_curve=((0.0, 1.0),),
                     critic_curve=((0.0, 1.0),), rates={"critic": 0.5})
    model, images = tiny().double(), digits()
    twin = tiny().double()
    twin.load_state_dict(model.state_dict())
    train(model, 16, recipe, images=images, probe=False, seed=5)

    def adam(parameters, gradients, state, rate, step):
        for k, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            m, v = state.setdefault(k, (torch.zeros_like(p), torch.zeros_like(p)))
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            state[k] = m, v
            p.data -= rate * (m / (1 - 0.9 ** step)) / ((v / (1 - 0.999 ** step)).sqrt() + 1e-8)

    own = {"autoencoder": list(twin.base.parameters()), "critic": list(twin.critic.parameters())}
    states = {"autoencoder": {}, "critic": {}}
    batches = images.batches("train", 8, generator(5, 1, 0))
    for step in (1, 2):
        x = next(batches)[0].double()
        u = torch.rand(8, generator=generator(5, 2, step - 1), dtype=torch.float64)
        alpha = torch.where(u < 0.5, u, 1 - u)
        z = twin.base.encoder(x)
        x_hat = twin.base.decoder(z)
        mixed = torch.stack([alpha[i] * z[i] + (1 - alpha[i]) * z[7 - i] for i in range(8)])
        d_alpha = twin.critic(twin.base.decoder(mixed))
        autoencoder = ((x_hat - x) ** 2).mean() + 0.5 * (d_alpha ** 2).mean()
        # the critic's loss must not know the autoencoder
        detached = twin.critic(twin.base.decoder(mixed).detach())
        critic = (((detached - alpha) ** 2).mean()
                  + (twin.critic(0.2 * x + 0.8 * x_hat.detach()) ** 2).mean())
        gradients = {"autoencoder": torch.autograd.grad(autoencoder, own["autoencoder"]),
                     "critic": torch.autograd.grad(critic, own["critic"])}
        adam(own["autoencoder"], gradients["autoencoder"], states["autoencoder"], 1e-3, step)
        adam(own["critic"], gradients["critic"], states["critic"], 5e-4, step)
    assert (weights(model) - weights(twin)).abs().max() < 1e-12


@pytest.mark.parametrize("name", ["lines", "digits"])
def test_the_parts_of_a_run_that_goes_on_are_those_of_the_whole_run(name):
    """They are numbers or places, of which batches are made one at a time."""
    images = al.load(name)
    whole, late = _parts(images, 64, 3, 0), _parts(images, 64, 3, 20)
    parts = [next(whole) for _ in range(24)]
    assert all(torch.equal(next(late), part) for part in parts[20:])   # digits: into the next pass
    x, labels = images.batch("train", parts[0])
    first, theirs = next(images.batches("train", 64, generator(3, 1, 0)))
    assert torch.equal(x, first) and torch.equal(labels, theirs)


def test_a_history_shows_itself_in_one_line():
    assert repr(al.History(samples=60_000, seconds=12.3,
                           points=[{}] * 3)) == "History(60,000 samples in 12 s, 3 points)"


def test_lambda_0_is_the_baseline_bit_for_bit():
    base, model = tiny("baseline"), tiny()
    model.lam = 0.0
    train(base, 128, seed=2)
    train(model, 128, seed=2)
    assert torch.equal(weights(base), weights(model.base))
    other = tiny()
    train(other, 128, seed=2)
    assert not torch.equal(weights(base), weights(other.base))  # lambda 0.5 is something else


def test_the_probe_changes_nothing_in_the_model():
    with_probe, without = tiny(), tiny()
    history = train(with_probe, 64)
    assert history.probe is not None and train(without, 64, probe=False).probe is None
    assert torch.equal(weights(with_probe), weights(without))


def test_same_seed_same_result_other_seed_another():
    a, b, c = tiny(), tiny(), tiny()
    train(a, 64, seed=1)
    train(b, 64, seed=1)
    train(c, 64, seed=2)
    assert torch.equal(weights(a), weights(b)) and not torch.equal(weights(a), weights(c))


def test_own_losses_run_inside_fit():
    seen = []

    def losses(model, x, out, ramp):
        seen.append(ramp)
        return al.ACAI.losses(model, x, out, ramp)

    mine, course = tiny(), tiny()
    train(mine, 64, losses=losses)
    train(course, 64)
    assert torch.equal(weights(mine), weights(course)) and len(seen) == 8
    with pytest.raises(ValueError, match=r"losses for \['autoencoder', 'probe'\].*players are "
                                         r"\['autoencoder', 'critic'"):
        train(tiny(), 64, losses=lambda model, x, out, ramp: {"autoencoder": out.x_hat.mean()})


def test_averaging_returns_the_exponential_average():
    seen, recipe = [], replace(QUICK, averaging=0.5)
    model = tiny("baseline")

    def losses(model, x, out, ramp):
        seen.append(weights(model).clone())  # the weights before each step
        return al.Autoencoder.losses(model, x, out, ramp)

    raw = tiny("baseline")
    train(raw, 64, replace(recipe, averaging=0.0))
    train(model, 64, recipe, losses=losses)
    average = seen[0]
    for after in [*seen[1:], weights(raw)]:
        average = 0.5 * average + 0.5 * after
    assert torch.allclose(weights(model), average, atol=1e-6)


def test_rates_and_the_critic_rise_and_fall_along_their_curves():
    recipe = al.Recipe(learning_rate=1e-3, rates={"critic": 2.0},
                       rate_curve=((0, 0), (0.1, 1), (1, 0)),
                       critic_curve=((0.2, 0), (0.6, 0.5), (0.7, 0.1)))
    assert recipe.rate("autoencoder", 0.05) == pytest.approx(5e-4)
    assert recipe.rate("critic", 0.1) == pytest.approx(2e-3)
    assert recipe.rate("autoencoder", 0.55) == pytest.approx(5e-4)
    assert [recipe.critic_weight(s)
            for s in (0.0, 0.2, 0.4, 0.6, 0.65, 0.9)] == pytest.approx([0, 0, 0.25, 0.5, 0.3, 0.1])


@pytest.mark.parametrize("curve", [(), ((0.5, 1), (0.5, 2)), ((0.5, 1), (0.2, 2)), ((-0.1, 1),),
                                   ((0, 1), (1.1, 1)), ((0, -1),), ((0, float("nan")),)])
@pytest.mark.parametrize("name", ["rate_curve", "critic_curve"])
def test_a_curve_that_is_none_is_refused(name, curve):
    with pytest.raises(ValueError, match=f"{name} must be knots"):
        al.Recipe(**{name: curve})


def test_the_default_recipe_is_the_papers():
    paper = al.Recipe()
    assert al.RECIPES["paper"] == paper and paper.settings() == {
        "name": "paper", "gain": 1.0, "standardise": False, "learning_rate": 1e-4, "rates": {},
        "rate_curve": ((0, 1),), "critic_curve": ((0, 1),), "batch_size": 64,
        "averaging": 0.0, "depth": None, "methods": {}}
    assert [paper.rate(p, s) for p in ("autoencoder", "critic", "probe")
            for s in (0.0, 0.5, 0.99)] == [1e-4] * 9
    assert paper.critic_weight(0.0) == 1.0
    model = al.build("acai", "mnist")
    assert (model.lam, model.gamma, model.base.config["mean"],
            model.base.config["std"]) == (0.5, 0.2, 0.0, 1.0)


def test_a_recipe_may_ask_for_another_depth_and_the_critic_follows():
    slim = al.Recipe(name="slim", depth=4)
    model = al.build("acai", "mnist", recipe=slim)
    assert model.config["base"]["depth"] == 4 and model.code_size == 32
    assert model.critic[0].out_channels == model.base.encoder[0].out_channels == 4
    assert al.build("baseline", "cifar10").config["depth"] == 64          # None: the paper's


# --- resume, interruption, bad losses -------------------------------------------------------------

def test_a_stopped_run_goes_on_bit_for_bit(tmp_path):
    whole, parts, recipe = tiny(), tiny(), replace(QUICK, averaging=0.9)
    done = train(whole, 320, recipe, seed=3)
    calls = []

    def stop_after_20(point):
        calls.append(point)
        if len(calls) == 20:
            signal.raise_signal(signal.SIGINT)

    first = train(parts, 320, recipe, seed=3, resume=tmp_path / "run", on_report=stop_after_20)
    assert first.interrupted and first.steps == 20 and parts.training is False
    parts = tiny(seed=9)  # another start: all must come from the file
    second = train(parts, 320, recipe, seed=3, resume=tmp_path / "run")
    assert (torch.equal(weights(whole), weights(parts)) and second.points == done.points
            and not second.interrupted)
    assert torch.equal(done.probe.weight, second.probe.weight)


CHILD = textwrap.dedent("""
    import sys, torch, acai_lite as al
    from dataclasses import replace
    import acai_lite.training as training
    torch.set_num_threads(1)
    training.SAVE_SECONDS = 0.2
    path, out = sys.argv[1:]
    model = al.build("acai", "lines", recipe="lab")
    al.fit(model, al.load("lines"), 64 * 24, replace(al.RECIPES["lab"], batch_size=16),
           seed=1, device="cpu", resume=path or None)
    torch.save([p.detach() for p in model.parameters()], out)
""")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no kill -9")
def test_killed_with_minus_9_and_resumed_equals_uninterrupted(tmp_path):
    def start(path, out):
        return subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(out)],
                                stdout=subprocess.DEVNULL)
    assert start("", tmp_path / "whole.pt").wait(300) == 0
    child = start(tmp_path / "run", tmp_path / "never.pt")
    deadline = time.monotonic() + 200
    while not (tmp_path / "run").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait(60) == -signal.SIGKILL and not (tmp_path / "never.pt").exists()
    assert 0 < torch.load(tmp_path / "run", weights_only=True)["state"]["step"] < 96
    assert start(tmp_path / "run", tmp_path / "parts.pt").wait(300) == 0
    whole, parts = (torch.load(tmp_path / name, weights_only=True)
                    for name in ("whole.pt", "parts.pt"))
    assert all(torch.equal(a, b) for a, b in zip(whole, parts, strict=True))


def test_resuming_refuses_another_run_and_a_damaged_file(tmp_path):
    path = tmp_path / "run"
    train(tiny(), 64, resume=path)
    with pytest.raises(ValueError, match=r"other settings: samples 64 \(here 128\)"):
        train(tiny(), 128, resume=path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="damaged or no saved run"):
        train(tiny(), 64, resume=path)
    with pytest.raises(OSError, match="cannot write into"):
        train(tiny(), 64, resume=path / "below a file" / "run")


def test_stopping_between_two_points_keeps_what_was_learnt_and_restores_ctrl_c(tmp_path):
    before, model = signal.getsignal(signal.SIGINT), tiny()

    def losses(model, x, out, ramp):
        losses.step += 1
        if losses.step == 63:
            signal.raise_signal(signal.SIGINT)
        return al.ACAI.losses(model, x, out, ramp)

    losses.step = 0
    history = train(model, 8 * 200_000, losses=losses, resume=tmp_path / "run")
    assert history.interrupted and history.steps == 63 and history.samples == 8 * 63
    assert history.points[-1]["samples"] == 8 * 63 and torch.isfinite(weights(model)).all()
    assert torch.load(tmp_path / "run", weights_only=True)["state"]["step"] == 63
    assert signal.getsignal(signal.SIGINT) is before


def test_a_loss_that_is_not_finite_names_the_first_player_and_step(tmp_path):
    def losses(model, x, out, ramp):
        values = al.ACAI.losses(model, x, out, ramp)
        losses.step += 1
        if losses.step >= 7:
            values["critic"] = values["critic"] * float("nan")
        return values

    losses.step = 0
    with pytest.raises(FloatingPointError, match="player 'critic' was nan at step 7"):
        train(tiny(), 8 * 1000, losses=losses, resume=tmp_path / "run")
    assert not (tmp_path / "run").exists()                             # nothing spoilt was saved


@pytest.mark.parametrize("call, error, words", [
    (lambda: train(tiny(), 4), ValueError, "at least one batch of 8; got 4"),
    (lambda: train(tiny(), 64, images=al.load("lines"), recipe="fast"), ValueError,
     "unknown recipe"),
    (lambda: al.fit(tiny(), torch.zeros(0, 1, 32, 32), 64), ValueError, "empty"),
    (lambda: al.fit(tiny(), torch.full((64, 1, 32, 32), 2.0), 64), ValueError,
     r"\[-1, 1\]; got 2 to 2"),
    (lambda: al.fit(tiny(), torch.zeros(64, 1, 28, 28), 64), ValueError, "28"),
    (lambda: al.fit(tiny(), torch.zeros(64, 3, 32, 32), 64), ValueError,
     r"takes images \(1, 32, 32\)"),
    (lambda: al.fit(tiny(), torch.zeros(64, 1, 32, 32, dtype=torch.float64), 64), TypeError,
     "float64"),
    (lambda: train(tiny(), 64, images=digits(4)), ValueError,
     "a batch of 8 needs at least as many.*got 4")])
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_plain_tensor_trains_without_a_probe():
    history = al.fit(tiny(), digits().train_images[:], 64, QUICK, quiet=True)
    assert (history.probe is None and history.points
            and set(history.points[0]) == {"samples", "autoencoder", "critic"})


@pytest.mark.slow
def test_history_has_a_hundred_points_and_curves():
    history = train(tiny("baseline"), 8 * 200)
    assert len(history.points) == 100 and history.points[-1]["samples"] == 1600
    samples, losses = history.curve("autoencoder")
    assert len(samples) == 100 and losses[-1] < losses[0]
    assert history.curve("critic") == ([], [])


@pytest.mark.slow
def test_it_learns_digits_and_the_probe_reads_them():
    model, images = al.build("baseline", "digits", recipe="lab"), al.load("digits")
    before = al.reconstruction_error(model, images.test_images)
    al.fit(model, images, 64 * 60, "lab", quiet=True)
    assert al.reconstruction_error(model, images.test_images) < before / 3
    score = al.linear_probe(al.encode_all(model, images.train_images), images.train_labels,
                            al.encode_all(model, images.test_images), images.test_labels)
    assert score > 0.8


# --- progress -------------------------------------------------------------------------------------

class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def shown(capsys, seconds_per_step, total=1000):
    """Run a fake clock through `total` steps; [(clock, printed line)]."""
    clock, lines = Clock(), []
    progress = Progress(total, 64, clock=clock)
    progress.kind = "terminal"
    for step in range(1, total + 1):
        clock.now += seconds_per_step(step)
        progress.show(step)
        lines += [(clock.now, line) for line in capsys.readouterr().out.splitlines()]
    progress.close(total)
    return clock.now, lines, capsys.readouterr().out


@pytest.mark.parametrize("warm", [0.0, 1.5])
def test_the_first_estimate_comes_within_two_seconds_and_is_good_from_a_fifth_on(capsys, warm):
    truth, lines, last = shown(capsys, lambda step: warm / 2 if step <= 2
                               else 0.1 * (1 + 0.1 * (-1) ** step))
    assert lines[0][0] < 2.0 and "left" in lines[0][1]
    progress_clock = [now for now, _ in lines if now > truth / 5]
    assert progress_clock
    clock, progress = Clock(), None
    progress = Progress(1000, 64, quiet=True, clock=clock)
    for step in range(1, 1000):
        clock.now += warm / 2 if step <= 2 else 0.1 * (1 + 0.1 * (-1) ** step)
        progress.show(step)
        if step >= 200:
            assert progress.seconds_left(step) == pytest.approx(truth - clock.now, rel=0.25,
                                                                abs=0.2)
    assert "100% · 64,000 samples · done" in last


@pytest.mark.slow
def test_a_real_run_says_how_long_it_takes(monkeypatch):
    said = []
    monkeypatch.setattr(Progress, "_write", lambda self, step, text, point: said.append(
        (self.clock() - self.began, text)))
    al.fit(tiny("baseline"), digits(), 8 * 700, QUICK)
    assert said[-1][1].startswith("done in")
    if said[-1][0] > 3:  # on a fast machine the run is over before that
        assert said[0][0] < 3 and said[0][1].endswith(" left")


def test_a_notebook_gets_a_bar(monkeypatch):
    shown = []

    class Handle:
        def update(self, bar):
            shown.append(bar.data)

    def display(bar, display_id):
        shown.append(bar.data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    clock = Clock()
    progress = Progress(10, 64, clock=clock)
    progress.kind = "notebook"
    for step in range(1, 11):
        clock.now += 1
        progress.show(step,
                      {"samples": 1, "autoencoder": 0.25, "probe": 2.0, "probe_accuracy": 0.5})
    progress.close(10)
    assert (all("<progress" in bar and 'aria-label="training"' in bar for bar in shown)
            and len(shown) > 5)
    # accuracies stay hidden until lab 07
    assert "autoencoder 0.25" in shown[3] and "probe" not in shown[3]


def test_a_long_score_has_a_bar_too_and_a_short_one_none(monkeypatch):
    shown = []

    class Handle:
        def update(self, bar):
            shown.append(bar.data)

    monkeypatch.setattr("IPython.display.display", lambda bar, display_id: shown.append(bar.data)
                        or Handle())
    monkeypatch.setattr("acai_lite.files.progress._surface", lambda: "notebook")
    monkeypatch.setattr("acai_lite.files.progress.FIRST", 0.2)
    assert list(watched([1, 2, 3], 64)) == [1, 2, 3] and not shown
    for _ in watched(range(6), 64):
        time.sleep(0.1)
    # gone at the end
    assert 'aria-label="scoring"' in shown[0] and " left" in shown[0] and shown[-1] == ""


def test_a_model_with_a_shared_parameter_is_refused():
    class Twice(al.Autoencoder):
        def players(self):
            return {"autoencoder": list(self.parameters()),
                    "other": list(self.encoder.parameters())}

    with pytest.raises(ValueError, match="belongs to two players"):
        train(Twice(al.Architecture(width=8, depth=4)), 64)


def test_the_paper_s_start_values_on_raw_lines_draw_the_mean_image():
    """A first look at lab 02's failure: at the start the network draws nearly one image whatever it
    is given."""
    lines = al.load("lines").test_images[:64]
    paper, lab = (al.build("baseline", "lines", recipe=r) for r in ("paper", "lab"))
    with torch.no_grad():
        spread = {name: model.decode(model.encode(lines)).std(0).mean().item() for name, model in
                  (("paper", paper), ("lab", lab))}
    assert spread["paper"] < 1e-3 < spread["lab"]
    assert isinstance(paper.encoder, nn.Sequential)
