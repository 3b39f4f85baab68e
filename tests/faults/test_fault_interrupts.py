"""The stop button and a kernel that is restarted, in a real kernel, as JupyterLab asks for them.
(With a browser around it: tests/browser/test_stop_and_return.py.)"""
import os
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
MAKE = """
import acai_lite as al
lines = al.load("lines")
model = al.build("acai", "lines", recipe="lab")
def train(samples, resume=None):
    history = al.fit(model, lines, samples, recipe="lab", resume=resume, device="cpu",
                     on_report=lambda point: print("at", point["samples"], flush=True))
    print("ended", history.samples, history.interrupted, len(history.points))
"""
WEIGHTS = "print(float(sum(p.detach().double().sum() for p in model.parameters())))"


class Kernel:
    def __init__(self, folder):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=os.environ
                                  | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def restart(self):
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=120)
        return "a new kernel"

    def run(self, code, at=None, then=None):
        """Run a cell, and `then()` once it has printed `at`. Returns (what it printed, name of its
        error)."""
        number, said, error = self.client.execute(code), "", None
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != number:
                continue
            said += message["content"].get("text", "")
            error = message["content"].get("ename", error)
            if at and at in said:
                at = None
                if then():
                    return said, "the kernel is gone"
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return said, error


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    it = Kernel(tmp_path_factory.mktemp("kernel"))
    assert it.run(MAKE) == ("", None)
    yield it
    it.client.stop_channels()
    it.manager.shutdown_kernel(now=True)


def last(said):
    return said.strip().splitlines()[-1]


def test_the_stop_button_leaves_a_model_that_can_be_used_and_a_cell_that_runs_again(kernel):
    said, error = kernel.run("train(16_000)", at="at", then=kernel.manager.interrupt_kernel)
    ended, samples, interrupted, points = last(said).split()
    # no traceback: the run ended early
    assert error is None and (ended, interrupted) == ("ended", "True")
    assert 0 < int(samples) < 16_000 and int(points) >= 1
    said, error = kernel.run(
        "print(bool(model.decode(model.encode(lines.test_images[:4])).isfinite().all()),\n"
        "      model.training, al.score_lines(model, lines, 16).mean_distance > 0)")
    assert (said.split(), error) == (["True", "False", "True"], None)
    assert last(kernel.run("train(800)")[0]) == "ended 800 False 50"


def test_stop_pressed_twice_interrupts_at_once_and_the_cell_runs_again(kernel):
    """Somebody who cannot wait for the step under way gets Python's own KeyboardInterrupt."""
    _, error = kernel.run(
        "import os, signal\n"
        "def hurry(point):\n"
        "    os.kill(os.getpid(), signal.SIGINT); os.kill(os.getpid(), signal.SIGINT)\n"
        "al.fit(model, lines, 1_600, recipe='lab', device='cpu', on_report=hurry)")
    assert error == "KeyboardInterrupt"
    assert last(kernel.run("train(160)")[0]) == "ended 160 False 10"


def test_a_kernel_that_is_restarted_goes_on_from_the_saved_state(kernel):
    cell = "train(1_600, resume='runs/mine.state')"
    # keep each point: no waiting
    kernel.run(MAKE + "import acai_lite.training; acai_lite.training.SAVE_SECONDS = 0")
    said, error = kernel.run(cell, at="at 320", then=kernel.restart)
    assert error == "the kernel is gone" and "ended" not in said
    assert kernel.run("model")[1] == "NameError"                       # the new one knows nothing
    kernel.run(MAKE)
    said, error = kernel.run(cell)
    assert error is None and int(said.split()[1]) > 300 and last(said) == "ended 1600 False 100"
    went_on, _ = kernel.run(WEIGHTS)
    kernel.run(MAKE + "train(1_600)")
    assert kernel.run(WEIGHTS) == (went_on, None)  # as if nobody had restarted, bit for bit
