"""The labs as one text: every number comes from somewhere, no term before its lab, no lab longer
than it says."""
import ast
import io
import json
import math
import re
import tokenize
from functools import lru_cache
from pathlib import Path

import jupytext
import pytest
import torch

import acai_lite as al
from acai_lite.runs.tables import PAPER, PAPER_BUDGET

pytestmark = pytest.mark.wording
ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
RESULTS = ROOT / "data" / "results"


def cells(path, kind):
    return [c.source for c in jupytext.read(path).cells if c.cell_type == kind]


def prose(path):
    """Paragraphs of a lab, without code, addresses and references."""
    text = re.sub(r"\*\*References\.\*\*.*", "",
                  "\n\n".join(cells(path, "markdown")), flags=re.DOTALL)
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|\{\{\w+\}\}", " ", text, flags=re.DOTALL)
    return [line.strip() for line in text.split("\n") if line.strip()]


# --- numbers --------------------------------------------------------------------------------------

# decimals, thousands, and whole numbers with a unit that is measured. (Degrees and counts of lines,
# frames or layers are givens of an example, not results.)
NUMBER = re.compile(r"(?<![\w.,/])(?:(\d{1,3}(?:,\d{3})+|\d+\.\d+)|"
                    r"(\d+)(?=\s?%|\se-\d|\s(?:million|seconds|points?|hundredths?)\b))")

# numbers of the lines, of a formula or of an example, worked out here: {as printed: value}
COMPUTED = {"0.9333": 1 - 1 / 15, "0.052": 5 / 96, "0.05": 5 / 96, "0.083": 1 / 12,
            "0.077": float(al.straight_limit(torch.linspace(0, math.pi, 9_999)[1:-1]).mean()),
            "0.69": math.log(2), "5.7": 32 ** 0.5, "0.18": 360 / 2000,
            "0.011": (0.25 / 2000) ** 0.5, "0.003": 0.5 * math.exp(-5),
            "5.98": (-0.3) % (2 * math.pi), "1,024": 32 * 32, "3,072": 3 * 32 * 32, "0.06": 1 / 16,
            "3.25": (1.5 + 5) / 2, "60,000": 50_000 + 10_000, "70": 100 * (1 - 0.3)}
# the mean image's error on lines, in three ways of writing it; worked out below
VARIANCE = {"0.080": 1, "0.08": 1, "80": 1000}
# {(lab, as printed): (file in data/results, path in it)}
RECEIPTS = {("03", "80,000"): ("records/zoo.json", "runs", "baseline", "samples"),
            ("04", "80,000"): ("records/zoo.json", "runs", "aae", "samples"),
            ("05b", "80,000"): ("records/zoo.json", "runs", "lsgan", "samples"),
            ("05a", "9,000"): ("records/critic-runs.json", "samples"),
            ("05b", "7,000"): ("records/base-runs.json", "samples"),
            ("05a", "128,000"): ("runs/lines-acai-64.json", "samples"),
            ("05b", "320,000"): ("runs/lines-acai-64-jump.json", "samples"),
            ("05b", "64,000"): ("records/starts.json", "samples")}
# settings in the package: {(lab, as printed): value}
SETTINGS = {("10", "4.5"): 1.5 + 3}
# what the paper's authors used; said to be theirs in the same paragraph. 16,384: quoted from their
# code
AUTHORS = {"16.8": PAPER_BUDGET / 1e6, "16,777,216": PAPER_BUDGET, "16,384": 2 ** 14,
           "941,457": lambda: sum(p.numel() for p in al.build("baseline", "lines",
                                                              recipe="paper").parameters())}
THEIRS = re.compile(r"(?i)\bpaper\b|\bpaper's|\bauthors'|\btalk\b|our VQ-VAE")
# a number that only its own sentence explains: {(lab, as printed): why}
EXPLAINED = {("06a", "1,024"): "64 paths of 16 frames, both in the same paragraph"}


def value(text):
    return float(text.replace(",", ""))


def agrees(text, exact):
    """Whether `exact`, rounded as `text` is printed, is that text."""
    return round(exact, len(text.partition(".")[2])) == value(text)


@lru_cache
def of_paper():
    return {n for rows in PAPER.values() for text in rows.values()
            for n in re.findall(r"\d+\.\d+(?!\d*\*)", text)}


@lru_cache
def variance():
    return float(al.load("lines").test_images[:2000].var(dim=0).mean())


def in_code(path):
    """All numbers that the lab's code names: settings, and what is asserted."""
    tokens = (t for cell in cells(path, "code")
              for t in tokenize.generate_tokens(io.StringIO(cell).readline))
    return {float(ast.literal_eval(t.string)) for t in tokens if t.type == tokenize.NUMBER}


def found_in_code(text, numbers):
    return any(math.isclose(value(text) * scale, n, rel_tol=1e-9)
               for scale in (1, 1e-2, 1e-3, 1e6) for n in numbers)


def receipt(lab, text):
    file, *place = RECEIPTS[lab, text]
    content = json.loads((RESULTS / file).read_text())
    for key in place:
        content = content[key]
    return content


def source_of(lab, text, paragraph, numbers):
    """Where a printed number comes from, or None."""
    if found_in_code(text, numbers):
        return "code"
    if THEIRS.search(paragraph) and text in of_paper():
        return "paper"
    if text in AUTHORS and THEIRS.search(paragraph):
        exact = AUTHORS[text]
        return "paper" if agrees(text, exact() if callable(exact) else exact) else None
    if (lab, text) in RECEIPTS:
        exact = receipt(lab, text)
        return "receipt" if agrees(text, exact) or agrees(text, 100 * exact) else None
    if (lab, text) in SETTINGS:
        return "setting" if agrees(text, SETTINGS[lab, text]) else None
    if text in VARIANCE and abs(value(text) / VARIANCE[text] - variance()) < 0.002:
        return "lines"
    if text in COMPUTED and agrees(text, COMPUTED[text]):
        return "arithmetic"
    return "explained" if (lab, text) in EXPLAINED else None


@lru_cache
def origins(path):
    """[(number as printed, where from, its paragraph)] of a lab's text and of the descriptions of
    its pictures."""
    lab, numbers = path.stem.split("_")[0], in_code(path)
    calls = [n for cell in cells(path, "code")
             for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Call)]
    alts = [k.value.value for call in calls
            for k in call.keywords if k.arg == "alt" and isinstance(k.value, ast.Constant)]
    return [(text, source_of(lab, text, paragraph, numbers), paragraph)
            for paragraph in [*prose(path), *alts]
            for match in NUMBER.finditer(paragraph) for text in [match[1] or match[2]]]


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_every_number_in_the_text_comes_from_somewhere(source):
    lost = [(text, paragraph[:100]) for text, origin, paragraph in origins(source)
            if origin is None]
    assert not lost, "assert it in a cell, or add where it comes from"


def test_a_number_from_nowhere_is_noticed():
    assert source_of("02", "0.0417", "It scores 0.0417.", {0.5, 16.0}) is None
    # not said to be the paper's
    assert source_of("02", "6.88", "The baseline scores 6.88 e-3.", {0.5}) is None
    assert source_of("02", "6.88", "In the paper it scores 6.88 e-3.", {0.5}) == "paper"
    assert (source_of("03", "81,000", "after 81,000 images", set()) is None
            and agrees("0.052", 5 / 96))
    assert ([m[1] or m[2] for m in NUMBER.finditer("0.5, 1,024, 31% and 2 e-3, not 7 lines")]
            == ["0.5", "1,024", "31", "2"])


# --- terms ----------------------------------------------------------------------------------------

ORDER = [path.stem.split("_")[0] for path in SOURCES]
FIRST = {r"\bpriors?\b": "03", r"\bKL\b": "03", "codeword|codebook": "03", "straight-through": "03",
         "denois": "03", r"\bVQ?-?VAEs?\b": "03", r"\blogits?\b": "03",
         r"\badversar(y|ies|ial)": "04", r"\bGANs?\b": "04", r"\bdiscriminator": "04",
         r"\bgenerator\b": "04", "mode collapse": "04", r"\bcritics?\b": "05a",
         r"\brealis(m|tic)\b": "06a", "rank correlation": "06a", "kernel densit": "06a",
         r"\bPCA\b": "06a",
         "bootstrap": "06a", "soap bubble": "06a", "calibrat": "06a", "spherical": "06a",
         "(linear|single-layer|online|converged) classifier|classifier accuracy": "07",
         r"\bprobes?\b": "07", "cluster": "07", "k-means": "07", "whiten": "07", "validation": "07",
         "kernel distance": "08", "step ratio": "08", "sharpness": "09", r"\boctave": "10"}
# sentences that may name what is not there yet, and why
BEFORE = {("03", "A sixth method, the *adversarial autoencoder*"): "the next sentence but one "
                                                                   "sends it to lab 04",
          ("03", "their names: VAE, baseline, VQ-VAE"): "the description of a picture with the "
                                                        "names of its rows"}


def visible(path):
    """What a learner reads: sentences of the text, of the cells' comments and of their texts."""
    for cell in cells(path, "code"):
        yield from re.findall(r"#\s(.*)$", cell, re.MULTILINE)
        yield from (n.value for n in ast.walk(ast.parse(cell))
                    if isinstance(n, ast.Constant) and isinstance(n.value, str) and " " in n.value)
    for line in prose(path):
        yield from re.split(r"(?<=[.!?])\s+|\|", line)


def too_early(text, lab):
    """Terms in the text whose lab comes after `lab`."""
    place = ORDER.index(lab)
    return [term for term, first in FIRST.items() if ORDER.index(first) > place
            and re.search(f"(?i){term}", text)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_no_term_is_used_before_its_lab(source):
    lab = source.stem.split("_")[0]
    for sentence in (" ".join(text.split()) for text in visible(source)):
        if early := too_early(sentence, lab):
            named = {n for n in re.findall(r"\b(\d\d[ab]?)\b", sentence)
                     if any(o.startswith(n) for o in ORDER)}
            later = any(ORDER.index(o) > ORDER.index(lab) for o in ORDER
                        for n in named if o.startswith(n))
            allowed = any(lab == where and start in sentence for where, start in BEFORE)
            assert later or allowed, f"{early}: {sentence!r} does not say in which lab that comes"


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_no_page_of_an_explorer_is_ahead_of_its_lab(source):
    lab = source.stem.split("_")[0]
    for name in re.findall(r'twin="(explorers/\w+\.html)"', source.read_text()):
        page = (ROOT / "notebooks" / name).read_text()
        shown = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
        data = re.search(r'start\("[\w-]+", (.*)\);</script>', page)[1]
        words = [key for key in re.findall(r'"([^"]{1,60})"', data) if not key.startswith("data:")]
        kinds = {"realism" if "/realism" in name else "",
                 "critic_game" if "/critic_game" in name else ""}
        assert not too_early(" ".join([shown, *(w for w in words if w not in kinds)]), lab), name


def test_a_term_before_its_lab_is_noticed():
    assert too_early("The critic and the prior", "02") and not too_early("The critic and the prior",
                                                                         "05a")
    assert too_early("a linear classifier on 32 numbers",
                     "04") == [next(t for t in FIRST if "linear" in t)]


# --- time -----------------------------------------------------------------------------------------

WORDS_A_MINUTE = 200


def promised(stem):
    build = ast.parse((ROOT / "notebooks" / "tools" / "build.py").read_text())
    (labs,) = (n.value for n in build.body
               if isinstance(n, ast.Assign) and n.targets[0].id == "LABS")
    table = {ast.literal_eval(k): {a.arg: ast.literal_eval(a.value) for a in v.keywords}
             for k, v in zip(labs.keys, labs.values, strict=True)}
    return table[stem]["minutes"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_no_lab_is_longer_than_it_promises(source):
    """Exercises, extensions left out, as their headings say; reading; and the machine. 00's bridge
    is at home."""
    shown = [c for c in jupytext.read(source).cells
             if c.cell_type == "markdown" and not c.metadata.get("tags")]
    text = "\n".join(c.source for c in shown)  # without the teacher's cells and the slides
    if source.stem.startswith("00"):
        text = text[:text.index("## The bridge")]
    headings = [h for h in re.findall(r"^#+ (.*minutes.*)", text, re.MULTILINE)
                if not h.startswith("Extension")]
    work = sum(int(n) for h in headings if "of the project" not in h
               for n in re.findall(r"(\d+) minutes", h)[:1])
    machine = json.loads((RESULTS / "ops" / "labs.json").read_text())[source.stem]["seconds"] / 60
    needs = work + len(text.split()) / WORDS_A_MINUTE + machine
    assert needs <= int(re.match(r"\d+", promised(source.stem))[0]), f"{needs:.0f} minutes"
