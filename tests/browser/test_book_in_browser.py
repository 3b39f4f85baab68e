"""The whole book: built at pace `smoke` (outputs of an earlier build are used where nothing
changed), then read offline."""
import re
from pathlib import Path

import book
import pytest
from build import LABS

from acai_lite.files.downloads import data_folder

ROOT = Path(__file__).resolve().parents[2]




@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for name in ("sphinx", "myst_nb", "furo", "latex2mathml"):
        pytest.importorskip(name, reason="make book installs what builds the book: pip "
                                         "install -e '.[teach]'")
    out = tmp_path_factory.mktemp("book")
    # raises if a link is broken or leads to the network
    book.build("smoke", out, ROOT / "runs" / "book" / "executed")
    return out / "html"


def test_every_lab_has_its_page_and_the_front_page_leads_to_it(site):
    front = (site / "index.html").read_text()
    for name in LABS:
        assert ((site / "labs" / f"{name}.html").exists()
                and front.count(f'href="labs/{name}.html"') >= 2)


@pytest.mark.parametrize("name", LABS)
def test_a_page_of_the_site(site, name):
    text = (site / "labs" / f"{name}.html").read_text()
    solutions = (ROOT / "notebooks" / "source"
                 / f"{name}.py").read_text().count("### BEGIN SOLUTION")
    assert text.count('<details class="solution">') == solutions >= 3, "folded away, each of them"
    assert ("pace" in text and "smoke" in text and str(ROOT) not in text
            and str(data_folder()) not in text)
    assert not re.search(r"<pre>(?:(?!</pre>).)*Traceback \(most recent call last\)", text,
                         re.DOTALL)
    assert not re.search(r"(?<!\\)\$[^$<]{1,40}\$",
                         re.sub(r"<(pre|script|code)\b.*?</\1>", "", text, flags=re.DOTALL))


def test_every_page_has_a_policy_before_anything_that_it_rules(site, chromium):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(LABS)
    for path in pages:
        text = path.read_text()
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">',
                               text)
        assert (policy.startswith("default-src 'none'; script-src ") and "http" not in policy
                and "*" not in policy)
        assert "'unsafe-inline'" not in policy.split(";")[1] and "unsafe-eval" not in policy
        assert text.index("Content-Security-Policy") < min(
            text.index(tag) for tag in ("<style", "<script", "<link", "<body") if tag in text)
    page = chromium.new_page(offline=True)
    page.goto((site / "index.html").as_uri())                          # and a browser keeps to it
    page.evaluate("""() => { window.ran = 0; const bad = document.createElement('img');
        bad.setAttribute('onerror', 'ran = 1'); bad.src = 'data:,'; document.body.append(bad) }""")
    page.wait_for_timeout(500)
    assert page.evaluate("ran") == 0
    page.close()


def test_the_figures_keep_their_texts(site):
    text = (site / "labs" / "02_autoencoders.html").read_text()
    alts = re.findall(r'<img[^>]*src="data:image/png[^>]* alt="([^"]*)"', text)
    assert len(alts) >= 5 and alts[0].startswith("Two rows of 16 frames between two lines. Pixels "
                                                 "mixed: a double")


@pytest.mark.parametrize("width", [320, 1250])
def test_it_reads_without_a_net(site, open_page, width):
    for path in ("index.html", *(f"labs/{name}.html" for name in LABS)):
        page = open_page((site / path).as_uri(), offline=True,
                         viewport={"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        page.close()  # what could not be fetched is an error of the console


def test_keys_open_a_solution_and_move_an_explorer(site, open_page):
    page = open_page((site / "labs" / "02_autoencoders.html").as_uri(), offline=True)
    summary = page.locator("details.solution summary").first
    code = page.locator("details.solution .highlight").first
    assert not code.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert code.is_visible() and "nn.Conv2d" in code.inner_text()

    frame = page.locator("iframe.explorer").first
    frame.scroll_into_view_if_needed()
    inside = page.frame_locator("iframe.explorer").first
    assert frame.get_attribute("title") == inside.locator("h1").inner_text() != ""
    slider, pictures = inside.get_by_role("slider").first, inside.locator(".grid canvas").first
    slider.press("Home")
    seen = {pictures.evaluate("c => c.toDataURL()")}
    for _ in range(20):
        slider.press("ArrowRight")
    page.wait_for_timeout(300)
    seen.add(pictures.evaluate("c => c.toDataURL()"))
    assert len(seen) == 2
    assert inside.locator("body").evaluate(
        "b => innerHeight >= b.getBoundingClientRect().height"), "no second scroll bar"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_and_explorer_are_light_or_dark_together(site, open_page, theme):
    page = open_page((site / "labs" / "02_autoencoders.html").as_uri(), offline=True,
                     color_scheme=theme)
    for heading in (page.locator("h1"), page.frame_locator("iframe.explorer").first.locator("h1")):
        levels = re.findall(r"[\d.]+", heading.evaluate("h => getComputedStyle(h).color"))[:3]
        assert (min(map(float, levels)) > 127) == (theme == "dark")
