"""A short run of the fuzzer (fuzz.py), and what its long run wrote down."""
import json
import warnings

import pytest
from fuzz import OUT, fuzz
from readers import READERS


def feed(name, inputs, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of much that it then reads
        counts, crashes = fuzz(name, inputs, seed)
    assert crashes == [] and counts["refused"] + counts["read"] == inputs


@pytest.mark.parametrize("name", READERS)
def test_no_changed_file_crashes_its_reader(name):
    feed(name, 60 if READERS[name].weight == 1 else 150, seed=7)


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_no_changed_file_crashes_its_reader_for_longer(name):
    feed(name, 1000 * READERS[name].weight, seed=8)


def test_committed_runs_say_what_they_fed_and_that_nothing_crashed():
    runs = json.loads(OUT.read_text())["runs"]
    assert sum(run["inputs"]
               for run in runs) >= 100_000, "python tests/faults/fuzz.py --inputs 100000"
    for run in runs:
        assert (set(run["readers"]) <= set(READERS) and run["crashes"] == []
                and run["commit"] and run["command"])
        assert run["inputs"] == sum(row["inputs"] for row in run["readers"].values())
    assert {name for run in runs for name in run["readers"]} == set(READERS)
