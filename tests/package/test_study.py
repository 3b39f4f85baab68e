"""The study: one result a run, resumed after a kill, the same in process, on workers and on a
cluster; and its table."""
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
import torch
from PIL import Image

import acai_lite as al
from acai_lite.checkpoints import SCORES
from acai_lite.data import Lines
from acai_lite.runs import study as studies
from acai_lite.runs import tables
from acai_lite.runs.command_line import main
from acai_lite.runs.study import SEVEN, Experiment, grid, paper_grid, study, train

ROOT = Path(__file__).resolve().parents[2]
SMALL = dict(samples=160, recipe="lab", restarts=2)
SAME = ("method", "seed", "samples", "probe_accuracy", "online_probe_accuracy", "cluster_accuracy",
        "reconstruction_error", "points")


def results(folder):
    return {path.name: {key: json.loads(path.read_text())[key] for key in SAME}
            for path in sorted(folder.glob("*.json"))}


def experiments(methods=("baseline", "acai"), seeds=2):
    return grid(methods, "digits", [None], seeds=seeds, **SMALL)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The grid run in this process, on one thread."""
    out, before = tmp_path_factory.mktemp("here"), torch.get_num_threads()
    assert study(experiments(), out, "here", threads=1, say=lambda text: None) == {}
    torch.set_num_threads(before)
    return out


def test_a_grid_is_every_combination_and_a_wrong_name_fails_at_once():
    found = grid(SEVEN, "mnist", [32, 256], 64, "lab", seeds=2)
    assert len(found) == 28 == len({experiment.name for experiment in found})
    assert Experiment("vqvae", "lines", None, 64, "lab").name == "lines-vqvae-256-lab-64"
    assert Experiment("vae", "mnist", None, 64, seed=3).name == "mnist-vae-32-paper-64-seed3"
    for wrong in (("gan", "mnist", [32]), ("vae", "mnist", [31]), ("vae", "stl10", [None])):
        with pytest.raises(ValueError):
            grid([wrong[0]], *wrong[1:], 64)


@pytest.mark.slow
def test_every_run_leaves_a_result_a_checkpoint_and_a_picture_and_nothing_else(here):
    files = {f"{one.name}.{end}" for one in experiments() for end in ("json", "safetensors", "png")}
    assert {path.name for path in here.iterdir()} == files
    for name, result in results(here).items():
        full = json.loads((here / name).read_text())
        assert full["threads"] == 1 and full["command"] == "here" and full["mean_distance"] is None
        assert 0 < full["cluster_accuracy"] <= 1
        last = [p["test_accuracy"] for p in result["points"] if "test_accuracy" in p]
        assert len(last) == 2                   # ten points of a short run, the last fifth of it
        assert full["online_probe_accuracy"] == pytest.approx(sum(last) / 2)    # median of two
        kept = al.checkpoint(here / name.replace("json", "safetensors")).receipt
        assert kept["probe_accuracy"] == full["probe_accuracy"]


@pytest.mark.slow
def test_nothing_is_run_twice(here, monkeypatch):
    said, before = [], {path: path.stat().st_mtime_ns for path in here.iterdir()}
    monkeypatch.setattr(studies, "train", lambda *a, **k: pytest.fail("run again"))
    assert study(experiments(), here, say=said.append) == {}
    assert said == [f"4 runs, 4 of them done before; results in {here}"]
    assert before == {path: path.stat().st_mtime_ns for path in here.iterdir()}


@pytest.mark.slow
def test_runs_side_by_side_give_the_same_numbers_and_what_cannot_be_recorded_comes_alone(
        tmp_path, monkeypatch):
    """Other methods, seeds and lengths; without a GPU, where the same steps are called."""
    some = [*grid(["baseline", "vqvae", "acai"], "digits", [None], **SMALL),
            *grid(["vae"], "digits", [None], 96, "lab", restarts=2)]
    groups, together = [], studies.run_together
    monkeypatch.setattr(studies, "run_together", lambda group, *rest: groups.append(
        [one.method for one in group]) or together(group, *rest))
    told: list[str] = []
    for folder, at_once in (("alone", 1), ("beside", 3)):
        assert study(some, tmp_path / folder, device="cpu", fast=True, at_once=at_once,
                     say=told.append) == {}
    assert groups == [["baseline", "acai", "vae"]] and len(told) == 10
    alone, beside = results(tmp_path / "alone"), results(tmp_path / "beside")
    assert list(alone) == list(beside) and len(alone) == 4
    for name, result in alone.items():
        assert [p["samples"] for p in beside[name]["points"]] == [
            p["samples"] for p in result["points"]]
        for key in ("reconstruction_error", "probe_accuracy"):
            assert beside[name][key] == pytest.approx(result[key], rel=1e-2, abs=1e-2)


@pytest.mark.slow
def test_a_run_that_fails_beside_others_is_named_and_the_others_end(tmp_path, monkeypatch):
    score = studies._scores
    monkeypatch.setattr(studies, "_scores", lambda model, *rest: score(model, *rest)
                        if model.config["method"] == "acai" else 1 / 0)
    told: list[str] = []
    failed = study(experiments(seeds=1), tmp_path, device="cpu", fast=True, at_once=2,
                   say=told.append)
    assert {*failed} == {experiments(seeds=1)[0].name}
    assert "side by side: FAILED: division by zero; now one after the other" in told
    assert len(list(tmp_path.glob("*acai*.json"))) == 1


@pytest.mark.slow
def test_local_workers_give_the_same_numbers(here, tmp_path):
    said = []
    assert study(experiments(), tmp_path, workers=2, threads=1, say=said.append) == {}
    assert results(tmp_path) == results(here) and len(said) == 5 and "left" in said[-1]


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("dask.distributed")
    before = dict(os.environ)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True,
                                  dashboard_address=None) as cluster:
        yield cluster
    os.environ.clear()                          # Dask leaves OMP_NUM_THREADS and others behind
    os.environ.update(before)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_numbers(here, tmp_path, cluster):
    assert study(experiments(), tmp_path, scheduler=cluster.scheduler_address, threads=1,
                 say=lambda text: None) == {}
    assert results(tmp_path) == results(here)


@pytest.mark.slow
def test_each_worker_of_a_cluster_trains_runs_side_by_side(tmp_path, cluster):
    told: list[str] = []
    for folder, scheduler in (("here", None), ("cluster", cluster.scheduler_address)):
        assert study(experiments(), tmp_path / folder, scheduler=scheduler, threads=1, fast=True,
                     device="cpu", at_once=2, say=told.append) == {}
    assert results(tmp_path / "cluster") == results(tmp_path / "here")
    assert not any("one after the other" in text for text in told) and len(told) == 10


@pytest.mark.long
def test_a_worker_killed_in_a_run_loses_and_doubles_nothing(tmp_path, cluster, monkeypatch):
    """Its run is given to another worker, which goes on from the state that the dead one left."""
    from dask.distributed import Client
    grid_ = grid(["baseline", "denoising"], "digits", [None], 16 * 40, "lab", restarts=0)
    alone = tmp_path / "alone"
    killed = []

    def kill():
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            while not list((tmp_path / "dask").glob("*.state")):
                time.sleep(0.05)
            pids = client.run(os.getpid)
            busy = [address for address, keys in client.processing().items() if keys]
            killed.append(pids[busy[0]])
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr("acai_lite.training.SAVE_SECONDS", -1)
    thread = threading.Thread(target=kill)
    thread.start()
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        client.run(_save_often)
    assert study(grid_, tmp_path / "dask", scheduler=cluster.scheduler_address, threads=1,
                 say=lambda text: None) == {}
    thread.join()
    before = torch.get_num_threads()
    study(grid_, alone, threads=1, say=lambda text: None)
    torch.set_num_threads(before)
    assert killed and results(tmp_path / "dask") == results(alone) and len(results(alone)) == 2
    assert not list((tmp_path / "dask").glob("*.state"))


def _save_often():
    import acai_lite.training
    acai_lite.training.SAVE_SECONDS = -1


@pytest.mark.slow
def test_after_kill_9_the_same_command_finishes_with_the_numbers_of_an_undisturbed_study(tmp_path):
    code = ("import acai_lite.training as t; t.SAVE_SECONDS = -1\n"
            "import sys; from acai_lite.runs.command_line import main\n"
            "sys.exit(main(sys.argv[1:]))")
    words = ["study", "--data", "digits", "--methods", "baseline", "vae", "--samples", "640",
             "--recipe", "lab", "--restarts", "0", "--threads", "1", "--device", "cpu", "--out"]

    def start(out):
        return subprocess.Popen([sys.executable, "-c", code, *words, str(out)], cwd=ROOT,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(condition, process):
        while not condition() and process.poll() is None:
            time.sleep(0.02)

    out = tmp_path / "out"
    first = start(out)                          # killed in the first run
    wait(lambda: list(out.glob("*baseline*.state")), first)
    first.kill()
    first.wait()
    left = {path.suffix for path in out.iterdir() if not path.name.startswith(".")}
    assert left == {".state"}                   # and no empty .log
    second = start(out)                         # killed in the second
    wait(lambda: list(out.glob("*vae*.state")), second)
    second.kill()
    second.wait()
    done = list(out.glob("*.json"))
    assert [path.name for path in done] == ["digits-baseline-32-lab-640.json"]
    finished = done[0].stat().st_mtime_ns
    assert start(out).wait() == 0
    assert done[0].stat().st_mtime_ns == finished                      # nothing recomputed
    whole = tmp_path / "whole"
    assert start(whole).wait() == 0
    assert results(out) == results(whole) and len(results(out)) == 2
    assert (out / "table.md").read_text() == (whole / "table.md").read_text()


@pytest.mark.slow
def test_ctrl_c_keeps_the_state_and_writes_no_result(tmp_path, monkeypatch):
    def press(*arguments, **named):
        named["on_report"] = lambda point: os.kill(os.getpid(), signal.SIGINT)
        return al.fit(*arguments, **named)

    monkeypatch.setattr(studies, "fit", press)
    with pytest.raises(KeyboardInterrupt):
        study(experiments(["baseline"], 1), tmp_path, say=lambda text: None)
    assert [path.suffix for path in tmp_path.iterdir()] == [".state"]
    monkeypatch.undo()
    assert study(experiments(["baseline"], 1), tmp_path, say=lambda text: None) == {}
    assert len(list(tmp_path.glob("*.json"))) == 1 and not list(tmp_path.glob("*.state"))


def test_the_papers_grid_runs_what_tells_most_first_and_all_of_it_before_a_second_seed():
    found = paper_grid(seeds=2)
    assert {(one.samples, one.recipe, one.restarts) for one in found} == {(2 ** 24, "paper", 50)}
    first = [one for one in found if one.seed == 0]
    assert found[:len(first)] == first and [one.method for one in first[:7]] == list(SEVEN)
    assert [one.seed for one in found[len(first):]] == [1] * len(first)
    assert [(one.data, one.code_size) for one in first[6::3]][:4] == [
        ("mnist", 32), ("mnist", 256), ("cifar10", 256), ("cifar10", 1024)]
    assert len({one.name for one in found}) == len(found)


@pytest.mark.slow
def test_a_study_in_pieces_of_some_minutes_ends_as_an_undisturbed_one(tmp_path, capsys):
    call = ["study", "--data", "digits", "--methods", "baseline", "--samples", "480", "--recipe",
            "lab", "--restarts", "2"]
    pieces = 1                                  # at most one for each of the 30 steps
    while main([*call, "--minutes", "0.003", "--out", str(tmp_path / "pieces")]) == 2:
        assert "goes on where it stood" in capsys.readouterr().out
        pieces += 1
        assert pieces <= 30
    assert pieces > 1, "the run was too short to be stopped"
    assert main([*call, "--minutes", "9", "--out", str(tmp_path / "whole")]) == 0
    whole = results(tmp_path / "whole")
    assert results(tmp_path / "pieces") == whole and len(whole) == 1


@pytest.mark.slow
def test_a_time_limit_sends_no_signal_and_works_in_any_thread(tmp_path):
    """It was SIGINT: in a thread, that is one for the main thread's code."""
    signals, raised = [], []

    def work():
        try:
            study(experiments(["baseline"], 1), tmp_path, minutes=1e-4, say=lambda text: None)
        except BaseException as error:
            raised.append(error)

    before = signal.signal(signal.SIGINT, lambda *arguments: signals.append(arguments))
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert signals == [] and [type(error) for error in raised] == [KeyboardInterrupt]
    assert "the same command goes on" in str(raised[0])
    assert [path.suffix for path in tmp_path.iterdir()] == [".state"]


@pytest.mark.parametrize("options, words", [
    (["--paper", "--data", "mnist"], "leave out --data"),
    (["--paper", "--minutes", "0"], "must be positive"),
    (["--data", "digits", "--size", "64"], "digits has size 32 only"),
    (["--data", "digits", "--minutes", "1", "--workers", "2"], "one process"),
    (["--data", "digits", "--at-once", "4", "--workers", "2"], "one process for each GPU")])
def test_options_that_contradict_each_other_are_refused(tmp_path, capsys, options, words):
    assert main(["study", *options, "--out", str(tmp_path)]) == 1
    assert words in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_run_that_fails_is_told_and_the_others_go_on(tmp_path, monkeypatch):
    def sick(model, *arguments, **named):
        if model.config["method"] == "baseline":
            raise FloatingPointError("the loss was nan")
        return train(model, *arguments, **named)

    said = []
    monkeypatch.setattr(studies, "train", sick)
    failed = study(experiments(seeds=1), tmp_path, say=said.append)
    assert list(failed) == ["digits-baseline-32-lab-160"] and "FAILED: the loss was nan" in said[1]
    assert [path.name for path in tmp_path.glob("*.json")] == ["digits-acai-32-lab-160.json"]


# --- folders of images, at any size ---------------------------------------------------------------


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of 2 x 24 grey images, 40 pixels wide."""
    folder, random = tmp_path_factory.mktemp("photos"), torch.Generator().manual_seed(0)
    for k in range(48):
        pixels = torch.randint(256, (40, 40), generator=random, dtype=torch.uint8) // (1 + k % 2)
        path = folder / f"class {k % 2}" / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels.numpy()).save(path)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("size", [16, 64])
def test_a_model_of_any_size_is_trained_kept_loaded_and_filmed(size, fast, photos, tmp_path):
    experiment = Experiment("acai", str(photos), 16, 32, "lab", size=size, film=1, restarts=0)
    name = f"{photos.name}-acai-16-lab-32-{size}px"
    assert experiment.name == name
    receipt = train(experiment.build(), experiment.images(), experiment, tmp_path, fast=fast,
                    quiet=True)
    files = {path.name.removeprefix(name) for path in tmp_path.iterdir()}
    assert files == {"-film.png", ".json", ".png", ".safetensors"} | (
        {".critic.safetensors"} if size == 64 else set())
    assert receipt["size"] == receipt["config"]["base"]["size"] == size
    model, x = al.checkpoint(tmp_path / f"{name}.safetensors"), experiment.images().test_images[:]
    assert model.image_shape == (1, size, size)
    assert model.receipt == json.loads(json.dumps(receipt))
    assert al.reconstruction_error(model, x) == pytest.approx(receipt["reconstruction_error"], 0.02)
    film = al.film(tmp_path / f"{name}-film.png")
    assert film.frames.shape == (2, 5, 16, 1, size, size)               # ten test images
    frames = al.interpolate_images(model, *x.chunk(2), 16)
    assert (film.frames[-1] - frames.clamp(-1, 1)).abs().max() < 0.05   # float16, 256 levels
    assert [row["data"] for row in al.table(tmp_path).rows if row["ACAI"] != "not run"
            and row["whose"] == "ours"] == [f"{photos.name}, {size} x {size}"] * 2


@pytest.mark.slow
def test_a_study_of_a_folder_leaves_32_pixels_unsaid_and_says_another_size(photos, tmp_path):
    words = ["study", "--data", str(photos), "--methods", "baseline", "--code-size", "16",
             "--samples", "32", "--recipe", "lab", "--restarts", "0", "--out", str(tmp_path)]
    for size in ("16", "32"):
        assert main([*words, "--size", size]) == 0
    names = [f"{photos.name}-baseline-16-lab-32{end}.json" for end in ("-16px", "")]
    found = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert sorted(found) == sorted(names)
    assert found[names[0]]["size"] == 16 and "size" not in found[names[1]]
    rows = [row["data"] for row in al.table(tmp_path).rows if row["measure"].startswith("conv")
            and row["whose"] == "ours" and row["Baseline"] != "not run"]
    assert sorted(rows) == [photos.name, f"{photos.name}, 16 x 16"]


def test_an_experiment_is_what_it_says_and_cannot_be_changed(photos):
    one = Experiment("vae", "digits", 32, 64, "lab")
    with pytest.raises(FrozenInstanceError):
        one.seed = 1
    assert one == replace(one, seed=0) != replace(one, seed=1)
    assert replace(one, label="mine").name == "mine"
    with pytest.raises(ValueError, match="digits has size 32 only"):
        grid(["vae"], "digits", [None], 64, size=64)
    with pytest.raises(FileNotFoundError, match="no folder of images at .*nowhere"):
        grid(["vae"], str(photos / "nowhere"), [None], 64)


@pytest.mark.slow
def test_lines_are_scored_by_the_papers_protocol(tmp_path):
    lines, experiment = Lines(512), Experiment("baseline", "lines", None, 64, "lab", restarts=0)
    result = train(experiment.build(), lines, experiment, tmp_path, quiet=True)
    model = al.checkpoint(tmp_path / "lines-baseline-64-lab-64.safetensors")
    again = al.score_lines(model, lines)
    for key in ("mean_distance", "smoothness", "end_error"):
        assert result[key] == pytest.approx(getattr(again, key), rel=0.05), key


def test_a_set_without_test_images_is_refused_before_training(tmp_path):
    images = al.ImageSet("mine", al.load("digits").train_images[:64])
    experiment = Experiment("baseline", "digits", 32, 10 ** 9, "lab")
    with pytest.raises(ValueError, match="mine has no test images"):
        train(experiment.build(), images, experiment, tmp_path)


# --- the table ------------------------------------------------------------------------------------


def receipt(method, data="mnist", code_size=32, seed=0, samples=64, **scores):
    return {"method": method, "dataset": data, "code_size": code_size, "recipe": "lab",
            "seed": seed, "samples": samples, **dict.fromkeys(SCORES), **scores}


def test_the_table_sets_ours_beside_the_papers_with_both_budgets(tmp_path):
    for seed, accuracy in enumerate((0.9, 0.94)):
        result = receipt("vae", seed=seed, online_probe_accuracy=accuracy)
        (tmp_path / f"a{seed}.json").write_text(json.dumps(result))
    (tmp_path / "below").mkdir()
    result = receipt("vqvae", "lines", 256, mean_distance=0.00541)
    (tmp_path / "below" / "b.json").write_text(json.dumps(result))
    for k, (method, error) in enumerate((("aae", 0.081), ("vae", 0.081), ("vae", 0.004))):
        result = receipt(method, "lines", 64, k, smoothness=(59.0, None, 0.5)[k], end_error=error)
        (tmp_path / f"c{k}.json").write_text(json.dumps(result))
    (tmp_path / "other.json").write_text(json.dumps({"runs": {}}))      # no result
    table = al.table(tmp_path)
    rows = {(r["measure"], r["data"], r["code size"], r["whose"]): r for r in table.rows}
    ours, theirs = (rows["online classifier, %", "mnist", 32, whose] for whose in ("ours", "paper"))
    assert ours["VAE"] == "92.00±2.00" and ours["ACAI"] == "not run"
    assert "64 samples" in ours["budget"] and "2 seed" in ours["budget"]
    assert theirs["VAE"] == "96.56±0.31" and "16,777,216" in theirs["budget"]
    assert rows["mean distance, e-3", "lines", 64, "ours"]["VQ-VAE"] == "5.41"
    assert rows["smoothness", "lines", 64, "ours"]["AAE"] == "mean image"
    assert rows["smoothness", "lines", 64, "ours"]["VAE"] == "0.50 (1 mean image)"
    assert rows["end error, e-3", "lines", 64, "ours"]["AAE"] == "81.00"
    svhn = rows["online classifier, %", "svhn", 256, "ours"]
    assert {svhn[title] for title in tables.TITLES} == {"not run"}
    text = table.markdown()
    assert "| svhn | 256 | ours | none | not run |" in text and "22.74±0.05" in text
    frame = pytest.importorskip("pandas") and table.frame()
    assert len(frame) == len(table.rows) and table.figure("smoothness").axes
    assert list(frame.columns)[:5] == ["measure", "data", "code size", "whose", "budget"]
    figure = table.figure()
    assert "92.00" in figure.alt and "96.56" in figure.alt
    labels = {line.get_label() for line in figure.axes[0].containers}
    assert "mnist 32, paper, 16,777,216 samples" in labels


def test_a_value_of_the_paper_that_we_have_not_read_is_a_dash_with_one_note(tmp_path):
    """Those of dropout, except in the table that the slides have, too."""
    for measure, rows in tables.PAPER.items():
        for place, text in rows.items():
            assert len(text.split()) == 7, place
            dashes = [k for k, cell in enumerate(text.split()) if not cell[0].isdigit()]
            assert dashes == ([] if "online" in measure else [1]), place
    assert tables.PAPER["online classifier, %"]["cifar10", 256].split()[2] == "53.78±0.36"
    table = al.table(tmp_path)
    text = table.markdown()
    assert "| 77.56 | - | 82.59 |" in text and "*" not in text.replace("**", "")
    assert text.count("- stands for a value that we have not read in the source") == 1
    clustering = table.figure("clustering, %")
    assert "Dropout -" in clustering.alt
    assert {len(line[0].get_xdata()) for line in clustering.axes[0].containers} == {6}


def test_two_budgets_are_two_rows_never_one_mean(tmp_path):
    for samples in (64, 128):
        result = receipt("vae", samples=samples, probe_accuracy=samples / 200)
        (tmp_path / f"{samples}.json").write_text(json.dumps(result))
    assert converged(tmp_path) == ["32.00", "64.00"]


def test_two_sizes_of_one_folder_are_two_rows(tmp_path):
    for size, accuracy in ((32, 0.5), (64, 0.7)):
        result = receipt("vae", "photos", probe_accuracy=accuracy) | {"size": size}
        (tmp_path / f"{size}.json").write_text(json.dumps(result))
    assert converged(tmp_path) == ["50.00", "70.00"]


def test_the_same_run_twice_counts_once(tmp_path):
    for name, accuracy in (("a", 0.5), ("b", 0.7)):
        result = receipt("vae", probe_accuracy=accuracy)
        (tmp_path / f"{name}.json").write_text(json.dumps(result))
    assert converged(tmp_path) == ["70.00"]


def converged(folder):
    return [row["VAE"] for row in al.table(folder).rows
            if row["measure"] == "converged classifier, %" and row["VAE"] != "not run"]


@pytest.mark.slow
def test_the_command_makes_the_table_and_says_what_it_does_not_know(tmp_path, capsys):
    words = ["study", "--data", "digits", "--methods", "baseline", "--samples", "64", "--recipe",
             "lab", "--restarts", "2", "--out", str(tmp_path)]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "| digits | 32 | ours | 64 samples, recipe lab, 1 seed |" in text
    assert (tmp_path / "table.png").exists()
    assert (tmp_path / "table.md").read_text() in text
    assert main([*words[:4], "gan", *words[5:]]) == 1
    assert "unknown method" in capsys.readouterr().err
