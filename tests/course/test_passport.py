"""The passport: guesses, tries, passed checks, kept where the lab runs; what comes in may come from
anybody."""
import json

import acai_course as course
import pytest
import torch
from acai_course.passport_page import _upload, calibration, show_passport
from acai_course.passports import (
    LENGTH,
    LIMIT,
    bring_back,
    clean,
    count_try,
    keep_list,
    load,
    parse,
    read,
    stamp,
)

EMPTY = {"guesses": {}, "checks": {}, "tries": {}, "lists": {}}
GUESS = {"first": "a", "last": "b", "date": "2026-01-01"}


def test_a_passed_check_is_kept_and_a_failed_one_is_not(place, capsys):
    course.check("00-1", lambda a, b: torch.lerp(a, b, 0.5))
    course.check("00-3", lambda codes, weights: codes * weights)
    assert list(json.loads(place.read_text())["checks"]) == ["00-1"]
    show_passport()
    said = capsys.readouterr().out
    assert "check 00-1          passed" in said


def test_failed_tries_are_counted_and_shown(place, capsys):
    assert [count_try("02-1"), count_try("02-1"), count_try("02-2")] == [1, 2, 1]
    stamp("checks", "02-1", "2026-01-02")
    show_passport()
    said = capsys.readouterr().out
    assert ("02-1          passed, 2 failed tries" in said
            and "02-2          not yet passed, 1 failed try" in said)


def test_show_passport_lists_guesses_and_says_when_it_is_empty(place, capsys):
    show_passport()
    assert "empty so far" in capsys.readouterr().out
    stamp("guesses", "02", {"first": "half", "last": "a tenth", "sure": "certain",
                            "outcome": "half", "date": "2026-01-01"})
    show_passport()
    assert ("✘ 2026-01-01  guess 02            'a tenth' (certain), first 'half'; it did 'half'"
            in capsys.readouterr().out)


def test_calibration_counts_guesses_made_before_the_answer_only(place, capsys):
    guesses = [("certain", "x", "x"), ("certain", "x", "y"), ("a guess", "x", "y"),
               ("fairly sure", "x", None), (None, "x", "x")]
    for k, (sure, last, outcome) in enumerate(guesses):
        entry = {"last": last, "sure": sure, "outcome": outcome, "late": "x"}
        stamp("guesses", f"0{k}", {key: value for key, value in entry.items() if value})
    stamp("guesses", "09", {"late": "x", "outcome": "x", "answered": "2026-01-01"})
    assert calibration(read()) == {"a guess": (0, 1), "certain": (1, 2), "not said": (1, 1)}
    show_passport()
    assert "certain       1 of  2 right    50%" in capsys.readouterr().out


def test_the_first_list_counts(place):
    keep_list("05a-alpha", [0.1, 0.2], {"yours": 0.5})
    keep_list("05a-alpha", [0.1, 0.2], {"yours": 0.5})
    assert "late" not in read()["lists"]["05a-alpha"]
    keep_list("05a-alpha", [0.3, 0.4], {"yours": 0.0})
    entry = read()["lists"]["05a-alpha"]
    assert (entry["list"], entry["late"],
            entry["outcome"]) == ([0.1, 0.2], [0.3, 0.4], {"yours": 0.5})


@pytest.mark.parametrize("content", ["", "{", "[]", '{"guesses": 3, "checks": {}}',
                                     '{"checks": {}}', "[" * 60_000, "\x00"])
def test_a_damaged_passport_counts_as_none(place, content):
    place.write_text(content)
    assert read() == EMPTY
    course.predict("01", ["blend", "jump"], guess="jump", sure="certain")
    assert read()["guesses"]["01"]["first"] == "jump"


def test_an_older_passport_is_still_read(place):
    place.write_text(json.dumps({"guesses": {"02": GUESS}, "checks": {"02-1": "2026-01-01"}}))
    assert read() == EMPTY | {"guesses": {"02": GUESS}, "checks": {"02-1": "2026-01-01"}}


def test_a_folder_that_cannot_be_written_costs_the_memory_only(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACAI_LITE_PASSPORT", str(tmp_path / "file" / "passport.json"))
    course.predict("01", ["blend", "jump"], guess="jump", sure="certain")
    assert "not kept" in capsys.readouterr().out
    course.reveal("01", "jump")
    assert count_try("01-1") == 1
    answer = lambda a, b: (a + b) / 2                                  # noqa: E731
    assert course.check("00-1", answer) is answer


# --- out and in again -----------------------------------------------------------------------------

def test_exported_and_imported_it_is_the_same(place, tmp_path, capsys):
    stamp("guesses", "02", GUESS | {"sure": "certain", "options": ["a", "b"], "outcome": "b",
                                    "answered": "2026-01-02"})
    stamp("checks", "02-1", "2026-01-01")
    stamp("tries", "02-1", 3)
    keep_list("06a-panel", [3, 17], {"hits": 0.5})
    before = read()
    course.export_passport(tmp_path / "copy.json")
    place.unlink()
    course.import_passport(tmp_path / "copy.json")
    assert read() == before and "guesses 1, checks 1, tries 1, lists 1" in capsys.readouterr().out
    course.import_passport(tmp_path / "copy.json")
    assert read() == before


def test_brought_back_entries_join_those_that_are_here(place):
    stamp("tries", "02-1", 5)
    stamp("guesses", "02", GUESS)
    stamp("guesses", "03", GUESS)
    answered = {"answered": "2026-01-02", "outcome": "a"}
    bring_back(json.dumps({"tries": {"02-1": 2},
                           "guesses": {"02": answered, "03": GUESS | answered}}).encode())
    assert read()["tries"] == {"02-1": 5}
    assert read()["guesses"] == {"02": GUESS, "03": GUESS | answered}


@pytest.mark.parametrize("data, why", [
    (b"x" * (LIMIT + 1), "at most 64 KiB"), (b"not json", "cannot be read as JSON"),
    (b"[" * 60_000, "cannot be read as JSON"),
    (b'{"tries": {"a": ' + b"9" * 5000 + b"}}", "cannot be read as JSON"),
    (b"\xff\xfe\x00", "cannot be read as JSON"),
    (b"[1, 2]", "it has none of guesses"), (b'{"guesses": []}', "it has none of guesses"),
    (b'"x"', "it has none of")])
def test_what_is_no_passport_is_refused_in_a_sentence(place, tmp_path, data, why):
    stamp("checks", "02-1", "2026-01-01")
    before = place.read_bytes()
    (tmp_path / "other.json").write_bytes(data)
    with pytest.raises(ValueError, match=why):
        course.import_passport(tmp_path / "other.json")
    assert place.read_bytes() == before


HOSTILE = {
    "guesses": {"02": {"first": "x" * 5000, "last": ["a"], "sure": "very", "date": 7,
                       "options": ["a", 3], "evil": "x"},
                "03": {"first": "\u001b[31mred\ud800\u202e", "last": "<script>alert(1)</script>"},
                "04": "text", "n" * 300: {"last": "a"}, "": {"last": "a"}},
    "checks": {"02-1": {"a": 1}, "02-2": "2026"},
    "tries": {"a": True, "b": -1, "c": 1e9, "d": "3", "e": 4},
    "lists": {"06a-panel": {"list": [1, float("nan")], "outcome": {"a": "b"}},
              "p": {"list": [10 ** 400], "late": list(range(100))}, "q": {"list": [1, 2.5]}},
    "__class__": {"x": 1}, "more": 3}


def test_only_the_known_shape_passes_and_the_rest_is_told():
    found, left = parse(json.dumps(HOSTILE).encode())
    assert found == {"guesses": {"02": {"first": "x" * LENGTH},
                                 "03": {"first": "[31mred", "last": "<script>alert(1)</script>"},
                                 "n" * 40: {"last": "a"}}, "checks": {"02-2": "2026"},
                     "tries": {"e": 4}, "lists": {"q": {"list": [1, 2.5]}}}
    for what in ("guesses 02 last", "guesses 02 sure", "guesses 02 evil", "guesses 04",
                 "checks 02-1", "tries a", "tries c",
                 "lists 06a-panel", "lists p", "__class__", "more"):
        assert what in left
    assert clean(found) == (found, [])  # cleaning twice changes nothing


def test_too_many_entries_are_cut(place):
    many, left = clean({"tries": {f"{k:03d}": 1 for k in range(900)}})
    assert len(many["tries"]) == 200 and left == ["tries beyond 200"]


def test_importing_says_what_was_left_out_and_the_file_stays_printable(place, tmp_path, capsys):
    (tmp_path / "other.json").write_text(json.dumps(HOSTILE))
    course.import_passport(tmp_path / "other.json")
    said = " ".join(capsys.readouterr().out.split())
    assert ("Brought back: guesses 3, checks 1, tries 1, lists 1. Left out" in said
            and "more." in said)
    show_passport()
    shown = capsys.readouterr().out
    # text, printed as text
    assert all(c.isprintable() or c == "\n" for c in shown) and "<script>" in shown
    assert load(place)[1] == []


def test_a_passport_does_not_grow_beyond_its_limit(place):
    big = {f"{k}": {"first": "é" * LENGTH, "late": "é" * LENGTH} for k in range(70)}
    assert stamp("checks", "02-1", "2026-01-01")
    bring_back(json.dumps({"guesses": big}, ensure_ascii=False).encode())
    with pytest.raises(ValueError, match="stays as it was"):
        bring_back(json.dumps({"guesses": {f"x{key}": entry for key, entry in big.items()}},
                              ensure_ascii=False).encode())
    assert (len(place.read_bytes()) <= LIMIT and "02-1" in read()["checks"]
            and len(read()["guesses"]) == 70)


def test_the_upload_brings_a_passport_back_and_shows_text_as_text(place):
    from datetime import datetime
    button, line = _upload().children

    def upload(data):
        button.value = ({"name": "x.json", "type": "", "size": len(data),
                         "content": memoryview(data), "last_modified": datetime(2026, 1, 1)},)

    upload(json.dumps({"guesses": {"02": GUESS}, "<b>": {"x": 1}}).encode())
    assert read()["guesses"] == {"02": GUESS}
    assert "&lt;b&gt;" in line.value and "<b>" not in line.value
    upload(b"[" * LIMIT * 2)
    assert "at most 64 KiB" in line.value and read()["guesses"] == {"02": GUESS}


def test_the_passport_page_offers_a_download_that_holds_it(place, monkeypatch, capsys):
    import base64

    import IPython.display
    from acai_course import passport_page
    course.passport()
    assert "import_passport" in capsys.readouterr().out                # no kernel: in words
    stamp("checks", "02-1", "2026-01-01")
    shown = []
    monkeypatch.setattr(passport_page, "has_forms", lambda: True)
    monkeypatch.setattr(IPython.display, "display", shown.append)
    course.passport()
    link, upload = shown
    data = link.data.split("base64,")[1].split('"')[0]
    assert json.loads(base64.b64decode(data)) == read() and 'download="passport.json"' in link.data
    assert "import_passport" in upload._repr_mimebundle_()["text/plain"]
