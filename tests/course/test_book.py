"""The book and the launch links, as far as they can be tried in seconds and without a network."""
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import book
import nbformat
import pytest
import yaml
from build import LABS, REPO_URL
from check_site import problems

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LAUNCH = (ROOT / "docs" / "launch.md").read_text()
WHERE = REPO_URL.removeprefix("https://github.com/")

# --- the checker of the site ----------------------------------------------------------------------

GOOD = """<html><head><link rel="stylesheet" href="a.css">
<style>b {background: url(data:image/png;base64,AA)}</style></head>
<body id="top"><a href="#top">up</a> <a href="sub/b.html#here">b</a> <a href="https://example.org">out</a>
<img src="sub/p.png" alt="a dot"></body></html>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.css").write_text("p {color: red; background: url('sub/p.png')}")
    (tmp_path / "sub" / "b.html").write_text('<p id="here"><a href="../index.html">home</a></p>')
    (tmp_path / "sub" / "p.png").write_bytes(b"")
    (tmp_path / "index.html").write_text(GOOD)
    return tmp_path


def test_a_whole_site_has_no_problems(site):
    assert problems(site) == []


@pytest.mark.parametrize(("old", "new", "said"), [
    ("sub/b.html#here", "sub/c.html", "leads nowhere"),
    ("sub/b.html#here", "sub/b.html#there", "no such place"),
    ("#top", "#bottom", "no such place"),
    ('src="sub/p.png"', 'src="https://example.org/p.png"', "fetched from the network"),
    ('href="a.css"', 'href="//example.org/a.css"', "fetched from the network"),
    ("url(data:image/png;base64,AA)",
     "url(https://example.org/f.woff2)", "fetched from the network"),
    ("<body", "<script src='https://example.org/x.js'></script><body", "fetched from the network"),
    ("<body", "<iframe src='https://example.org/'></iframe><body", "fetched from the network"),
    ("<body",
     "<img alt='x' srcset='https://example.org/x.png 2x'><body", "fetched from the network"),
    ("<body",
     "<p style='background: url(https://example.org/x.png)'></p><body", "fetched from the network"),
    ('alt="a dot"', 'alt=""', "without alt"),
    ("sub/b.html#here", "../outside.html", "leads nowhere"),
])
def test_each_fault_is_found(site, old, new, said):
    (site.parent / "outside.html").write_text("")
    assert old in GOOD
    (site / "index.html").write_text(GOOD.replace(old, new))
    (found,) = problems(site)
    assert said in found


def test_style_sheets_are_read_too(site):
    (site / "a.css").write_text(
        '@import "https://example.org/a.css"; p {background: url(sub/none.png)}')
    assert len(problems(site)) == 2


def test_an_empty_folder_is_not_a_site(tmp_path):
    assert problems(tmp_path)


# --- pages ----------------------------------------------------------------------------------------


def as_if_run(name):
    """(learners' notebook, solution notebook in which every cell printed and warned, and showed an
    explorer)."""
    learner = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    solution = nbformat.read(ROOT / "notebooks" / "solutions" / f"{name}.ipynb", 4)
    for cell in (c for c in solution.cells if c.cell_type == "code"):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="printed"),
                        nbformat.v4.new_output("stream", name="stderr", text="warned"),
                        nbformat.v4.new_output(
                            "display_data", {"text/html": '<div class="acai-explorer">live</div>'}),
                        nbformat.v4.new_output("display_data",
                                               {"application/vnd.jupyter.widget-view+json": {}})]
    return learner, solution


@pytest.mark.parametrize("name", LABS)
def test_a_page_has_the_learners_cells_and_folds_the_solutions_away(name):
    learner, solution = as_if_run(name)
    theirs = [c.source for c in learner.cells if c.cell_type == "code"]
    exercises = sum("### BEGIN SOLUTION" in c.source for c in solution.cells)
    twins = len(re.findall(r'twin="', "\n".join(theirs)))
    made = book.page(learner, solution, "HOW IT RAN")
    text = "\n".join(c.source for c in made.cells if c.cell_type == "markdown")
    assert [c.source for c in made.cells if c.cell_type == "code"] == theirs
    assert text.count('<details class="solution">') == exercises >= 3 and "### BEGIN" not in text
    assert text.count("HOW IT RAN") == 1
    assert ".ipynb)" not in re.sub(r"\(https://[^)]*\)",
                                   "", text), "links to notebooks are the theme's business"
    assert "](../" not in text
    shown = json.dumps([c.outputs for c in made.cells if c.cell_type == "code"])
    assert ("warned" not in shown and "widget-view" not in shown
            and shown.count("printed") == len(theirs))
    assert shown.count("<iframe") == twins and shown.count("live") == len(theirs) - twins
    nbformat.validate(made)


def test_a_solution_on_a_page_is_the_solution(name="02_autoencoders"):
    learner, solution = as_if_run(name)
    stubs = [k for k, cell in enumerate(book.page(learner, solution, "").cells)
             if "NotImplementedError" in cell.source]
    folded = learner.cells[stubs[0] + 1].source
    assert ("nn.Conv2d(a, b, 3, padding=1)" in folded
            and folded.startswith("<details") and folded.endswith("</details>"))


def test_an_explorer_is_a_frame_with_the_title_of_its_page():
    cells = [cell for name in LABS for cell in as_if_run(name)[1].cells if "twin=" in cell.source]
    assert len(cells) >= 9
    for cell in cells:
        (shown,) = [o.data["text/html"] for o in book.outputs(cell) if "data" in o]
        file, title = re.search(
            r'<iframe class="explorer" src="\.\./explorers/(.*?)" title="(.*?)"', shown).groups()
        page = (ROOT / "notebooks" / "explorers" / file).read_text()
        assert f"<title>{title}</title>" in page and f'<a href="../explorers/{file}">' in shown


@pytest.mark.parametrize("pace", book.PACE)
def test_the_front_page_lists_every_lab_and_says_how_the_outputs_were_made(pace):
    text = book.front(pace)
    assert re.findall(r"\(labs/(.*?)\.ipynb\)", text) == list(LABS)
    assert all(f"| {lab['minutes']} |" in text for lab in LABS.values())
    assert f"`{pace}`" in text and "{{" not in text and "{}" not in text


def test_outputs_are_kept_under_a_name_that_follows_lab_and_pace():
    names = {book.fingerprint(name, pace) for name in list(LABS)[:2] for pace in book.PACE}
    assert (len(names) == 6 and book.fingerprint("02_autoencoders", "lab")
            == book.fingerprint("02_autoencoders", "lab"))


# --- publishing -----------------------------------------------------------------------------------


def test_the_workflow_builds_the_book_and_publishes_it():
    text = (ROOT / ".github" / "workflows" / "book.yml").read_text()
    flow = yaml.load(text, yaml.BaseLoader)                            # `on` stays a word
    assert flow["on"]["push"]["branches"] == ["main"]
    assert flow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    steps = {name: job["steps"] for name, job in flow["jobs"].items()}
    used = [step["uses"] for job in steps.values() for step in job if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)
    actions = [action.split("@")[0] for action in used]
    assert actions[-3:] == ["actions/configure-pages", "actions/upload-pages-artifact",
                            "actions/deploy-pages"]
    assert (flow["jobs"]["deploy"]["needs"] == "build"
            and flow["jobs"]["deploy"]["environment"]["name"] == "github-pages")
    assert [s["with"]["path"] for s in steps["build"]
            if "pages-artifact" in s.get("uses", "")] == ["runs/book/html"]
    for command in (step["run"] for step in steps["build"] if "run" in step):
        done = subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True)
        assert command.startswith("make ") and done.returncode == 0, done.stderr


def test_the_container_for_editors():
    command = json.loads(
        (ROOT / ".devcontainer" / "devcontainer.json").read_text())["postCreateCommand"]
    assert subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True).returncode == 0


# --- launch links ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["README.md",
                                  "docs/launch.md", *(f"notebooks/{name}.ipynb" for name in LABS)])
def test_every_launch_link_is_of_the_one_address(path):
    text = (ROOT / path).read_text()
    links = re.findall(r"https://mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)", text)
    links += re.findall(r"https://colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)", text)
    links += re.findall(r"https://github\.com/([\w.-]+/acai_lite)\b", text)
    assert links and set(links) == {WHERE}, "does not follow pyproject.toml's Repository"


@pytest.mark.parametrize("name", LABS)
def test_each_lab_opens_on_binder_and_in_colab(name):
    colab = f"https://colab.research.google.com/github/{WHERE}/blob/main/notebooks/{name}.ipynb"
    text = (ROOT / "notebooks" / f"{name}.ipynb").read_text()
    assert f"]({colab})" in text and f"]({colab})" in LAUNCH
    assert (f"](https://mybinder.org/v2/gh/{WHERE}/main?urlpath=lab/tree/notebooks/{name}.ipynb)"
            in text)
    assert f"]({REPO_URL}/blob/main/docs/launch.md#colab)" in text and "\n## Colab\n" in LAUNCH


def test_the_binder_link_for_editors_pulls_the_labs():
    (link,) = re.findall(r"\((https://mybinder\.org/\S+git-pull\S+)\)", LAUNCH)
    parts = urlsplit(link)
    assert parts.path == f"/v2/gh/{WHERE}/binder"
    kind, _, asked = parse_qs(parts.query)["urlpath"][0].partition("?")
    pull = parse_qs(asked)
    assert kind == "git-pull" and pull == {"repo": [REPO_URL], "branch": ["main"], "urlpath": [
        "lab/tree/acai_lite/notebooks/00_start_here.ipynb"]}
    assert (unquote(pull["urlpath"][0]).split("/")[2]
            == REPO_URL.split("/")[-1]), "the folder is named after the repo"
    assert 'PYTHONPATH="$HOME/acai_lite:$HOME/acai_lite/notebooks"' in LAUNCH


def colab_cell():
    (cell,) = re.findall(r"## Colab\n.*?```python\n(.*?)```", LAUNCH, re.DOTALL)
    return cell


def test_the_colab_cell_finds_the_course_in_a_local_clone(tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    cell = colab_cell()
    assert REPO_URL in cell and "/content" in cell
    code = cell.replace(REPO_URL, f"file://{ROOT}").replace("/content", str(tmp_path))
    code += """
import acai_course as course
import acai_lite as al
print("package", al.__file__)
print("model", type(al.checkpoint("lines-baseline-64")).__name__)
course.check("01-1", lambda x0, x1, t: (1 - t) * x0 + t * x1)
print("data", al.files.downloads.data_folder())
"""
    (tmp_path / "cell.ipy").write_text(code)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "ACAI_LITE_DATA")}
    environment |= {"PIP_NO_INDEX": "1"}  # what it asks pip for is here already
    done = subprocess.run([sys.executable, "-m", "IPython", "--no-banner", tmp_path / "cell.ipy"],
                          cwd=tmp_path, env=environment, capture_output=True, text=True,
                          timeout=180)
    printed = done.stdout + done.stderr
    assert f"package {tmp_path}/acai_lite/acai_lite/__init__.py" in printed, printed[-2000:]
    assert ("model " in printed and "01-1" in printed
            and f"data {tmp_path}/acai_lite/data" in printed), printed[-2000:]


def test_the_colab_cell_asks_for_what_the_package_asks_for():
    (wanted,) = re.findall(r'%pip install --quiet "(.*?)"', colab_cell())
    assert wanted in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["course"]
