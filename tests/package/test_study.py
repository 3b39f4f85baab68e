"""The study: one result a run, resumed after a kill, the same in process, on workers and on a cluster; and its table."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import acai_lite as al
from acai_lite.runs import study as studies
from acai_lite.runs import tables
from acai_lite.runs.command_line import main
from acai_lite.runs.study import SEVEN, Cell, grid, paper_grid, study, train

ROOT = Path(__file__).resolve().parents[2]
SMALL = dict(samples=160, recipe="lab", restarts=2)
SAME = ("method", "seed", "samples", "probe_accuracy", "online_probe_accuracy", "cluster_accuracy", "reconstruction_error",
        "points")


def results(folder):
    return {path.name: {key: json.loads(path.read_text())[key] for key in SAME} for path in sorted(folder.glob("*.json"))}


def cells(methods=("baseline", "acai"), seeds=2):
    return grid(methods, "digits", [None], seeds=seeds, **SMALL)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The grid run in this process, on one thread."""
    out, before = tmp_path_factory.mktemp("here"), torch.get_num_threads()
    assert study(cells(), out, "here", threads=1, say=lambda text: None) == {}
    torch.set_num_threads(before)
    return out


def test_a_grid_is_every_combination_and_a_wrong_name_fails_at_once():
    found = grid(SEVEN, "mnist", [32, 256], 64, "lab", seeds=2)
    assert len(found) == 28 == len({cell.name for cell in found})
    assert Cell("vqvae", "lines", None, 64, "lab").name == "lines-vqvae-256-lab-64"
    assert Cell("vae", "mnist", None, 64, seed=3).name == "mnist-vae-32-paper-64-seed3"
    for wrong in (("gan", "mnist", [32]), ("vae", "mnist", [31]), ("vae", "stl10", [None])):
        with pytest.raises(ValueError):
            grid([wrong[0]], *wrong[1:], 64)


def test_every_run_leaves_a_result_a_checkpoint_and_a_picture_and_nothing_else(here):
    names = {cell.name for cell in cells()}
    assert {path.name for path in here.iterdir()} == {f"{n}.{end}" for n in names for end in ("json", "safetensors", "png")}
    for name, result in results(here).items():
        full = json.loads((here / name).read_text())
        assert full["threads"] == 1 and full["command"] == "here" and full["mean_distance"] is None
        assert 0 < full["cluster_accuracy"] <= 1
        last = [p["test_accuracy"] for p in result["points"] if "test_accuracy" in p]
        assert len(last) == 2                   # ten points of a short run, the last fifth of it
        assert full["online_probe_accuracy"] == pytest.approx(sum(last) / 2)       # median of two
        assert al.checkpoint(here / name.replace("json", "safetensors")).receipt["probe_accuracy"] == full["probe_accuracy"]


def test_nothing_is_run_twice(here, monkeypatch):
    said, before = [], {path: path.stat().st_mtime_ns for path in here.iterdir()}
    monkeypatch.setattr(studies, "train", lambda *a, **k: pytest.fail("run again"))
    assert study(cells(), here, say=said.append) == {} and said == [f"4 runs, 4 of them done before; results in {here}"]
    assert before == {path: path.stat().st_mtime_ns for path in here.iterdir()}


def test_local_workers_give_the_same_numbers(here, tmp_path):
    said = []
    assert study(cells(), tmp_path, workers=2, threads=1, say=said.append) == {}
    assert results(tmp_path) == results(here) and len(said) == 5 and "left" in said[-1]


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("dask.distributed")
    before = dict(os.environ)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster
    os.environ.clear()                          # Dask sets OMP_NUM_THREADS and others in this process, too, and leaves them
    os.environ.update(before)


def test_a_dask_cluster_gives_the_same_numbers(here, tmp_path, cluster):
    assert study(cells(), tmp_path, scheduler=cluster.scheduler_address, threads=1, say=lambda text: None) == {}
    assert results(tmp_path) == results(here)


@pytest.mark.long
def test_a_worker_killed_in_a_run_loses_and_doubles_nothing(tmp_path, cluster, monkeypatch):
    """Its run is given to a worker that is there, which goes on from the state that the dead one left."""
    from dask.distributed import Client
    grid_ = grid(["baseline", "denoising"], "digits", [None], 16 * 40, "lab", restarts=0)
    alone = tmp_path / "alone"
    import threading
    killed = []

    def kill():
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            while not list((tmp_path / "dask").glob("*.state")):
                time.sleep(0.05)
            pids = {address: info["pid"] for address, info in client.run(lambda: {"pid": os.getpid()}).items()}
            busy = [address for address, keys in client.processing().items() if keys]
            killed.append(pids[busy[0]])
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr("acai_lite.training.SAVE_SECONDS", -1)
    thread = threading.Thread(target=kill)
    thread.start()
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        client.run(_save_often)
    assert study(grid_, tmp_path / "dask", scheduler=cluster.scheduler_address, threads=1, say=lambda text: None) == {}
    thread.join()
    before = torch.get_num_threads()
    study(grid_, alone, threads=1, say=lambda text: None)
    torch.set_num_threads(before)
    assert killed and results(tmp_path / "dask") == results(alone) and len(results(alone)) == 2
    assert not list((tmp_path / "dask").glob("*.state"))


def _save_often():
    import acai_lite.training
    acai_lite.training.SAVE_SECONDS = -1


def test_after_kill_9_the_same_command_finishes_and_the_numbers_are_those_of_an_undisturbed_study(tmp_path):
    code = ("import acai_lite.training as t; t.SAVE_SECONDS = -1\n"
            "import sys; from acai_lite.runs.command_line import main\n"
            "sys.exit(main(sys.argv[1:]))")
    words = ["study", "--data", "digits", "--methods", "baseline", "vae", "--samples", "640", "--recipe", "lab",
             "--restarts", "0", "--threads", "1", "--device", "cpu", "--out"]

    def start(out):
        return subprocess.Popen([sys.executable, "-c", code, *words, str(out)], cwd=ROOT, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def wait(condition, process):
        while not condition() and process.poll() is None:
            time.sleep(0.02)

    out = tmp_path / "out"
    first = start(out)                          # killed in the first run
    wait(lambda: list(out.glob("*baseline*.state")), first)
    first.kill()
    first.wait()
    assert not list(out.glob("*.json"))
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


def test_ctrl_c_keeps_the_state_and_writes_no_result(tmp_path, monkeypatch):
    def press(*arguments, **named):
        named["on_report"] = lambda point: os.kill(os.getpid(), signal.SIGINT)
        return al.fit(*arguments, **named)

    monkeypatch.setattr(studies, "fit", press)
    with pytest.raises(KeyboardInterrupt):
        study(cells(["baseline"], 1), tmp_path, say=lambda text: None)
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".log", ".state"]
    monkeypatch.undo()
    assert study(cells(["baseline"], 1), tmp_path, say=lambda text: None) == {}
    assert len(list(tmp_path.glob("*.json"))) == 1 and not list(tmp_path.glob("*.state"))


def test_the_papers_grid_runs_what_tells_most_first_and_all_of_it_before_a_second_seed():
    found = paper_grid(seeds=2)
    assert {(cell.samples, cell.recipe, cell.restarts) for cell in found} == {(2 ** 24, "paper", 50)}
    first = [cell for cell in found if cell.seed == 0]
    assert found[:len(first)] == first and [cell.method for cell in first[:7]] == list(SEVEN)
    assert [cell.seed for cell in found[len(first):]] == [1] * len(first)
    assert [(cell.data, cell.code_size) for cell in first[6::3]][:4] == [("mnist", 32), ("mnist", 256), ("cifar10", 256),
                                                                        ("cifar10", 1024)]
    assert len({cell.name for cell in found}) == len(found)


def test_a_study_in_pieces_of_some_minutes_ends_as_an_undisturbed_one(tmp_path, capsys):
    call = ["study", "--data", "digits", "--methods", "baseline", "--samples", "480", "--recipe", "lab", "--restarts", "2"]
    pieces = 1                                  # at most one for each of the 30 steps, however busy the machine
    while main([*call, "--minutes", "0.003", "--out", str(tmp_path / "pieces")]) == 2:
        assert "goes on where it stood" in capsys.readouterr().out
        pieces += 1
        assert pieces <= 30
    assert pieces > 1, "the run was too short to be stopped"
    assert main([*call, "--minutes", "9", "--out", str(tmp_path / "whole")]) == 0
    assert results(tmp_path / "pieces") == results(tmp_path / "whole") and len(results(tmp_path / "whole")) == 1


@pytest.mark.parametrize("options, words", [
    (["--paper", "--data", "mnist"], "leave out --data"), (["--paper", "--minutes", "0"], "must be positive"),
    (["--data", "digits", "--minutes", "1", "--workers", "2"], "one process")])
def test_options_that_contradict_each_other_are_refused(tmp_path, capsys, options, words):
    assert main(["study", *options, "--out", str(tmp_path)]) == 1
    assert words in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_run_that_fails_is_told_and_the_others_go_on(tmp_path, monkeypatch):
    def sick(model, *arguments, **named):
        if model.config["method"] == "baseline":
            raise FloatingPointError("the loss was nan")
        return train(model, *arguments, **named)

    said = []
    monkeypatch.setattr(studies, "train", sick)
    failed = study(cells(seeds=1), tmp_path, say=said.append)
    assert list(failed) == ["digits-baseline-32-lab-160"] and "FAILED: the loss was nan" in said[1]
    assert [path.name for path in tmp_path.glob("*.json")] == ["digits-acai-32-lab-160.json"]


# --- the table ----------------------------------------------------------------------------------------------------------

def receipt(method, data="mnist", size=32, seed=0, samples=64, **scores):
    return {"method": method, "dataset": data, "code_size": size, "recipe": "lab", "seed": seed, "samples": samples,
            **dict.fromkeys(("online_probe_accuracy", "probe_accuracy", "cluster_accuracy", "mean_distance", "smoothness",
                             "end_error")), **scores}


def test_the_table_sets_ours_beside_the_papers_with_both_budgets(tmp_path):
    for seed, accuracy in enumerate((0.9, 0.94)):
        (tmp_path / f"a{seed}.json").write_text(json.dumps(receipt("vae", seed=seed, online_probe_accuracy=accuracy)))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.json").write_text(json.dumps(receipt("vqvae", "lines", 256, mean_distance=0.00541)))
    (tmp_path / "other.json").write_text(json.dumps({"runs": {}}))     # no result
    table = al.table(tmp_path)
    rows = {(r["measure"], r["data"], r["code size"], r["whose"]): r for r in table.rows}
    ours, theirs = (rows["online classifier, %", "mnist", 32, whose] for whose in ("ours", "paper"))
    assert ours["VAE"] == "92.00±2.00" and ours["ACAI"] == "not run" and "64 samples" in ours["budget"]
    assert "2 seed" in ours["budget"]
    assert theirs["VAE"] == "96.56±0.31" and "16,777,216" in theirs["budget"]
    assert rows["mean distance, e-3", "lines", 64, "ours"]["VQ-VAE"] == "5.41"
    assert set(rows["online classifier, %", "svhn", 256, "ours"][t] for t in tables.TITLES) == {"not run"}
    text = table.markdown()
    assert "| svhn | 256 | ours | none | not run |" in text and "22.74±0.05" in text and "UNVERIFIED" in text
    frame = pytest.importorskip("pandas") and table.frame()
    assert len(frame) == len(table.rows) and list(frame.columns)[:5] == ["measure", "data", "code size", "whose", "budget"]
    figure = table.figure()
    assert "92.00" in figure.alt and "96.56" in figure.alt
    assert {line.get_label() for line in figure.axes[0].containers} >= {"mnist 32, paper, 16,777,216 samples"}


def test_the_papers_numbers_are_seven_a_row_and_marked_where_they_are_from_memory():
    for measure, rows in tables.PAPER.items():
        for place, text in rows.items():
            assert len(text.split()) == 7, place
            stars = [k for k, cell in enumerate(text.split()) if cell.endswith("*")]
            assert stars == ([] if "online" in measure else [1])       # Dropout, but in the table that the slides confirm
    assert tables.PAPER["online classifier, %"]["cifar10", 256].split()[2] == "53.78±0.36"


def test_two_budgets_are_two_rows_never_one_mean(tmp_path):
    for samples in (64, 128):
        (tmp_path / f"{samples}.json").write_text(json.dumps(receipt("vae", samples=samples, probe_accuracy=samples / 200)))
    rows = [r for r in al.table(tmp_path).rows if r["measure"] == "converged classifier, %" and r["VAE"] != "not run"]
    assert [r["VAE"] for r in rows] == ["32.00", "64.00"]


def test_the_same_run_twice_counts_once(tmp_path):
    for name, accuracy in (("a", 0.5), ("b", 0.7)):
        (tmp_path / f"{name}.json").write_text(json.dumps(receipt("vae", probe_accuracy=accuracy)))
    assert "70.00" in [r["VAE"] for r in al.table(tmp_path).rows]


def test_the_command_makes_the_table_and_says_what_it_does_not_know(tmp_path, capsys):
    words = ["study", "--data", "digits", "--methods", "baseline", "--samples", "64", "--recipe", "lab", "--restarts", "2",
             "--out", str(tmp_path)]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "| digits | 32 | ours | 64 samples, recipe lab, 1 seed |" in text and (tmp_path / "table.png").exists()
    assert (tmp_path / "table.md").read_text() in text
    assert main([*words[:4], "gan", *words[5:]]) == 1 and "unknown method" in capsys.readouterr().err
