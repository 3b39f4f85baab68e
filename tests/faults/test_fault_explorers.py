"""Explorers and those who mean no good: what a page may fetch, and what a message to the kernel may
say."""
import base64
import hashlib
import json
import random
import re
from pathlib import Path

import acai_course as course
import pytest
import torch
from acai_course import pages
from mutate import VALUES

import acai_lite as al

FOLDER = Path(__file__).parents[2] / "notebooks" / "explorers"
INDEX = FOLDER / "index.html"
TWINS = sorted(path for path in FOLDER.glob("*.html") if path != INDEX)
STATIC = sorted(pages.STATIC.glob("*"))


def policy_of(text):
    """{directive: values} of a page; the policy stands before anything that it rules over."""
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert text.index("Content-Security-Policy") < min(
        text.index(tag) for tag in ("<style", "<script", "<img", "<body") if tag in text)
    return {words.split()[0]: words.split()[1:] for words in policy.split(";")}


def check(text):
    policy, scripts = policy_of(text), re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    mark = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy == {"default-src": ["'none'"], "script-src": [f"'sha256-{mark}'"],
                      "style-src": ["'unsafe-inline'"], "img-src": ["data:"],
                      "base-uri": ["'none'"], "form-action": ["'none'"]}
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}
    check_addresses(text)


def check_addresses(text):
    """Nothing is fetched; a link leads to another page of the folder."""
    text = re.sub(r'<a href="\w+\.html"', "<a", text)
    assert not re.search(r"""\s(src|href|action|srcset|poster)=["'](?!data:)""", text)


def test_the_index_runs_nothing():
    text = INDEX.read_text(encoding="utf-8")
    assert policy_of(text) == {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"],
                               "img-src": ["data:"], "base-uri": ["'none'"],
                               "form-action": ["'none'"]}
    assert "<script" not in text and "http" not in text.replace("http-equiv", "")
    check_addresses(text)


@pytest.mark.parametrize("twin", TWINS, ids=lambda path: path.stem)
def test_a_committed_twin_may_fetch_nothing_and_run_its_own_script_only(twin):
    check(twin.read_text(encoding="utf-8"))


def test_a_new_page_has_the_same_policy():
    assert len(TWINS) >= 9
    check(course.FilmExplorer({"pair": torch.zeros(1, 3, 1, 32, 32)},
                              ["one"], title="</script><u>").page())


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_scripts_of_explorers_reach_for_nothing(path):
    text = path.read_text(encoding="utf-8")
    forbidden = (
        r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|eval|Function|importScripts)\s*\(|innerHTML|"
        r"document\.(write|cookie)|localStorage|@import|\bimport\s*\(|url\(")
    assert not re.search(forbidden, text)


# --- messages to the kernel -----------------------------------------------------------------------

class Copy(torch.nn.Module):
    """An autoencoder whose code is the picture."""
    code_shape = (1, 32, 32)

    def encode(self, x):
        return x

    def decode(self, z):
        return z


@pytest.fixture(scope="module")
def shown():
    digits = al.load("digits")
    plane = torch.randn(30, 2, generator=torch.Generator().manual_seed(0)).double()
    return {"interpolation": course.InterpolationExplorer(digits, {"copy": Copy()}, ((0, 1),)),
            "map": course.CodeMapExplorer(digits, _Small(), ((0, 1),), paths=("linear",)),
            "realism": course.RealismExplorer({"bump": (plane, [((-0.5, 0.0), (0.5, 0.0))])})}


class _Small(torch.nn.Module):
    """Codes of two numbers: the mean of either half."""
    code_shape = (2, 1, 1)

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def encode(self, x):
        return torch.stack([x[:, 0, :16].mean((1, 2)), x[:, 0, 16:].mean((1, 2))],
                           1)[..., None, None]

    def decode(self, z):
        return z.mean((1, 2, 3), keepdim=True).expand(-1, 1, 32, 32)


GOOD = {"interpolation": [{"path": "linear", "ends": [3, 5]},
                          {"path": "linear", "classes": [1, None]}, {"path": "linear"}],
        "map": [{"ends": [3, 5]}], "realism": [{"density": 0, "ends": [[-0.5, 0], [0.25, 0.0]]}]}
BAD = {"interpolation": [
    {}, {"path": "walk", "ends": [0, 1]}, {"path": ["linear"]},
    {"path": "linear", "ends": [0, 360]},
    {"path": "linear", "ends": [-1, 0]}, {"path": "linear", "ends": [0, 1, 2]},
    {"path": "linear", "ends": "01"}, {"path": "linear", "ends": [0.5, 1]},
    {"path": "linear", "ends": [True, 0]}, {"path": "linear", "ends": {"0": 1}},
    {"path": "linear", "classes": [10, 0]}, {"path": "linear", "classes": 5},
    {"path": "realistic", "ends": [0, 1]}, {"path": "linear", "ends": [10 ** 400, 0]}],
       "map": [{}, {"ends": [0, 300]}, {"ends": [0, -1]}, {"ends": None}, {"ends": [[0], [1]]}],
       "realism": [
           {}, {"density": 1, "ends": [[0, 0], [1, 1]]}, {"density": -1, "ends": [[0, 0], [1, 1]]},
           {"density": 0, "ends": [[0, 0], [1, float("nan")]]},
           {"density": 0, "ends": [[0, 0], [1e300, 1]]},
           {"density": 0, "ends": [[0, 0, 0], [1, 1, 1]]},
           {"density": "0", "ends": [[0, 0], [1, 1]]},
           {"density": 0, "ends": [[0, 0], ["1", 1]]}, {"density": 0, "ends": [[0, 0]] * 10_000}]}


def answers(explorer, message, monkeypatch):
    """What goes back to the page after a message; an error must not get out of it."""
    sent = []
    monkeypatch.setattr(explorer, "send", sent.append)
    explorer._handle_custom_msg(message, [])
    (answer,) = sent
    assert len(json.dumps(answer, allow_nan=False)) < 10 ** 6 and len(answer.get("error", "")) < 400
    return answer


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_question_is_answered(shown, kind, monkeypatch):
    for question in GOOD[kind]:
        answer = answers(shown[kind], {"nr": 5, **question}, monkeypatch)
        assert answer["nr"] == 5 and "error" not in answer, answer


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_question_is_answered_with_an_error(shown, kind, monkeypatch):
    for question in BAD[kind]:
        answer = answers(shown[kind], {"nr": 5, **question}, monkeypatch)
        assert (answer["nr"] == 5
                and "not an answerable question: its" in answer["error"]), (question, answer)
    for message in (None, [], "text", 3, {"nr": "x"}, {"nr": -1}, {"nr": [1]}, {}):
        answer = answers(shown[kind], message, monkeypatch)
        assert (answer["nr"] is None
                and answer["error"].startswith("ValueError: ")), (message, answer)


@pytest.mark.parametrize("kind", GOOD)
def test_junk_never_gets_out_of_an_explorer(shown, kind, monkeypatch):
    chance, errors = random.Random(kind), 0
    values = [json.loads(text) for text in VALUES if not re.search(r"9{5000}|\[{3000}|ud800", text)]
    for _ in range(60):
        message = {"nr": 1, **chance.choice(GOOD[kind])}
        message[chance.choice(sorted(message))] = (chance.choice(values) if chance.random() < 0.7
                                                   else [chance.choice(values)
                                                         for _ in range(chance.randrange(4))])
        errors += "error" in answers(shown[kind], message, monkeypatch)
    assert errors > 30
