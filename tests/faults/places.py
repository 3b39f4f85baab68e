"""Bad places to write to, for tests: a full disk, a folder that is read-only even for root; and a
process to be killed."""
import os
import resource
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
import torch

fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@contextmanager
def full_disk(most):
    """No file of this process can grow beyond `most` bytes: writing more is an OSError, as on a
    full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def mounted(folder, *how):
    """`mount` something on a folder, or skip the test where that is not allowed."""
    if os.geteuid() != 0 or subprocess.run(["mount", *how, folder], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def read_only(folder):
    """A folder that nobody may write to: by its permissions, for root by a mount."""
    if os.geteuid() == 0:
        with mounted(folder, "--bind", folder):
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            yield
    else:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)


def killed(work, seconds, started=lambda: True):
    """Fork a process that calls work(0), work(1), ... for ever, and kill -9 it `seconds` after
    `started()`."""
    child = os.fork()
    if child == 0:
        try:
            torch.set_num_threads(1)  # threads do not survive a fork: no waiting for them
            for k in range(10 ** 9):
                work(k)
        finally:
            os._exit(1)  # an error: never back into pytest
    deadline = time.monotonic() + 30
    while not started() and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert (os.WIFSIGNALED(status) and os.WTERMSIG(status)
            == signal.SIGKILL), "the process ended by itself: its work failed"
