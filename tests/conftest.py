"""Fixtures shared by the tests."""

from functools import lru_cache

import pytest

import acai_lite as al


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
