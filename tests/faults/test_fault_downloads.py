"""Downloads that go wrong, from a server on this machine: nothing half-made stays, and the words
say what to do."""
import gzip
import hashlib
import io
import os
import socket
import tarfile
import time

import numpy as np
import pytest
import torchvision
from helpers import kept
from mirror import serving
from places import fork, full_disk, killed, mounted, read_only
from readers import Mnist

import acai_lite as al
from acai_lite.files import downloads


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A server of MNIST's four files, made up and small."""
    (tmp_path / "source").mkdir()
    made = Mnist(tmp_path / "source", np.random.default_rng(0)).files
    with serving({f"{path.name}.gz": gzip.compress(content)
                  for path, content in made.items()}) as server:
        resources = [(name, hashlib.md5(content).hexdigest())
                     for name, content in server.files.items()]
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [server.url])
        monkeypatch.setattr(torchvision.datasets.MNIST, "resources", resources)
        yield server


def fails(folder, words):
    with pytest.raises(OSError,
                       match=rf"mnist could not be fetched .*nothing was kept.*{words}") as said:
        al.load("mnist", download=True)
    assert "\n" not in str(said.value) and kept(folder) == []


def works(folder):
    assert len(al.load("mnist", download=True).train_images) == 4 and kept(folder) == ["MNIST"]


def test_no_server(folder, mirror, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(torchvision.datasets.MNIST,
                            "mirrors", [f"http://127.0.0.1:{closed.getsockname()[1]}/"])
        fails(folder,
              "look at the connection and try again, or download its four files from https://")


def test_the_second_server_is_asked_when_the_first_is_down(folder, mirror, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [down, mirror.url])
        works(folder)


def test_a_server_that_falls_silent_is_left_after_a_while(folder, mirror, monkeypatch):
    monkeypatch.setattr(downloads, "PATIENCE", 0.5)
    mirror.stalled, began, before = ("t10k-images-idx3-ubyte.gz", time.monotonic(),
                                     socket.getdefaulttimeout())
    fails(folder, "look at the connection")
    assert time.monotonic() - began < 20 and socket.getdefaulttimeout() == before
    mirror.stalled = None
    works(folder)


def test_a_slow_server_is_waited_for(folder, mirror):
    mirror.wait = 0.3
    works(folder)


@pytest.mark.parametrize("instead", [b"<html><body>Please log in to this network</body></html>",
                                     b"", gzip.compress(b"no", mtime=0)])
def test_another_page_instead_of_the_file(folder, mirror, instead):
    mirror.instead = instead
    fails(folder, "look at the connection")
    mirror.instead = None
    works(folder)


def test_a_file_with_a_wrong_checksum(folder, mirror, monkeypatch):
    name, right = "train-labels-idx1-ubyte.gz", torchvision.datasets.MNIST.resources
    monkeypatch.setattr(torchvision.datasets.MNIST,
                        "resources", [(n, md5 if n != name else "0" * 32) for n, md5 in right])
    fails(folder, "look at the connection")


def test_a_full_disk(folder, mirror):
    with full_disk(1000):
        fails(folder, "make room on that disk and try again")
    works(folder)


def test_a_disk_without_a_byte_left(folder, mirror):
    with mounted(folder, "-t", "tmpfs", "-o", "size=8k", "none"):
        fails(folder, "make room on that disk and try again")


def test_a_data_folder_that_is_read_only(folder, mirror):
    with read_only(folder):
        with pytest.raises(OSError, match=rf"cannot write into {folder}: .*set ACAI_LITE_DATA to a "
                                          rf"folder that you may"):
            al.load("mnist", download=True)
        assert list(folder.iterdir()) == [] and mirror.asked == []


@fork
@pytest.mark.parametrize("count", [2, 10])
def test_processes_that_fetch_at_once_download_once(folder, mirror, count):
    mirror.wait, children = 0.1, []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            failed = True
            try:
                failed = len(al.load("mnist", download=True).train_images) != 4
            finally:
                os._exit(failed)  # after an error, too: never back into pytest
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * count
    # torchvision asks twice, first whether it has moved
    assert sorted(mirror.asked) == sorted(2 * list(mirror.files))
    works(folder)


@fork
def test_what_a_killed_fetch_left_is_cleared_by_the_next(folder, mirror):
    mirror.stalled = "t10k-labels-idx1-ubyte.gz"
    killed(lambda k: al.load("mnist", download=True),
           0.1, lambda: mirror.stalled in mirror.asked[-1:])
    assert [name.startswith(".fetch-mnist-") for name in kept(folder)] == [True]
    with pytest.raises(FileNotFoundError, match="mnist is not in"):
        al.load("mnist")
    mirror.stalled = None
    works(folder)


# --- archives: CIFAR-10 is the one set that is unpacked -------------------------------------------

def member(name, content=b"evil", **named):
    info = tarfile.TarInfo(name)
    info.size = len(content) if "type" not in named else 0
    for key, value in named.items():
        setattr(info, key, value)
    return info, io.BytesIO(content)


TRICKS = {
    "up": lambda out: [member("cifar-10-batches-py/../../../evil")],
    "absolute": lambda out: [member(str(out / "evil"))],
    "link": lambda out: [member("cifar-10-batches-py/a", type=tarfile.SYMTYPE, linkname=str(out)),
                         member("cifar-10-batches-py/a/evil")],
    "hard link": lambda out: [member("cifar-10-batches-py/a", type=tarfile.LNKTYPE,
                                     linkname=str(out / "secret"))],
    "device": lambda out: [member("cifar-10-batches-py/a", type=tarfile.CHRTYPE, devmajor=1,
                                  devminor=5)]}


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"),
                    reason="this Python's tarfile has no filter")
@pytest.mark.parametrize("trick", TRICKS)
def test_an_archive_that_writes_elsewhere_is_refused(folder, tmp_path, monkeypatch, trick):
    """Even with the right checksum, which no server can forge."""
    out, archive = tmp_path / "out", io.BytesIO()
    out.mkdir()
    (out / "secret").write_text("secret")
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for info, content in [member("cifar-10-batches-py/data_batch_1", b"fine"),
                              *TRICKS[trick](out)]:
            tar.addfile(info, content)
    with serving({"c.tar.gz": archive.getvalue()}) as server:
        for key, value in {"url": server.url + "c.tar.gz", "filename": "c.tar.gz",
                           "tgz_md5": hashlib.md5(archive.getvalue()).hexdigest()}.items():
            monkeypatch.setattr(torchvision.datasets.CIFAR10, key, value)
        with pytest.raises(OSError,
                           match="cifar10 could not be fetched .*nothing was kept") as said:
            al.load("cifar10", download=True)
    if trick != "absolute":  # there tarfile drops the leading /
        assert isinstance(said.value.__cause__, tarfile.FilterError)
    assert kept(folder) == [] and sorted(path.name for path in out.iterdir()) == ["secret"]
    assert (not list(tmp_path.rglob("evil"))
            and tarfile.TarFile.__dict__.get("extraction_filter") is None)
