"""Fixtures shared by the tests."""

import os
from functools import lru_cache

import pytest
from hypothesis import settings

import acai_lite as al

# tests/properties: the same few examples every time in `make test`, more of them in
# `make test-long`
settings.register_profile("quick", max_examples=12, deadline=None, derandomize=True, database=None)
settings.register_profile("long", settings.get_profile("quick"), max_examples=150)


def pytest_configure(config):
    settings.load_profile("quick" if "not long" in config.option.markexpr else "long")


@pytest.fixture(scope="session")
def real():
    """real(name) -> the data set, or the test is skipped, saying how to fetch it."""

    @lru_cache(maxsize=1)  # one at a time: CIFAR-10 alone takes 180 MB
    def get(name):
        try:
            return al.load(name)
        except FileNotFoundError:
            pytest.skip(f"{name} is not there: python -m acai_lite data fetch {name}")

    return get


@pytest.fixture(scope="session")
def lines():
    return al.load("lines")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where a test's own passport is kept; there is none yet."""
    path = tmp_path / "passport.json"
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(path))
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder for the data, which `load` is told to use; no proxy between it and a server
    of this machine."""
    place = tmp_path / "data"
    place.mkdir()
    monkeypatch.setenv("ACAI_LITE_DATA", str(place))
    monkeypatch.setenv("no_proxy", "*")
    return place


@pytest.fixture(autouse=True, scope="session")
def _passport_of_the_tests(tmp_path_factory):
    """Tests stamp a passport of their own, not the learner's; the notebooks' kernels inherit
    this."""
    os.environ["ACAI_LITE_PASSPORT"] = str(tmp_path_factory.mktemp("passport") / "passport.json")
