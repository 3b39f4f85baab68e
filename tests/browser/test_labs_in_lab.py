"""Every lab that has explorers, run in a real JupyterLab at smoke pace: they open, and they answer
to the keys."""
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LABS = {"00_start_here": 1, "02_autoencoders": 1, "04_adversaries": 1, "05a_the_critic": 3,
        "05b_the_critic_audited": 1, "06a_the_realism_index": 2, "06b_realistic_paths": 2}
PICTURES = """box => [...box.querySelectorAll("canvas, .said, output")].map(c =>
    !c.getContext ? c.textContent
    : c.getContext("2d").getImageData(0, 0, c.width, c.height).data
        .reduce((h, v) => (h * 31 + v) | 0, 0)).join()"""


def moves(box):
    """Whether an explorer shows something else at the other end of its first slider."""
    slider = box.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    before = box.evaluate(PICTURES)
    slider.press("End")
    return box.evaluate(PICTURES) != before


@pytest.mark.parametrize(("lab", "count"), LABS.items())
def test_the_explorers_of_a_lab(server, open_page, lab, count):
    shutil.copy(ROOT / "notebooks" / "solutions" / f"{lab}.ipynb", server.folder)
    # all of it is drawn
    page = open_page(server.url(f"{lab}.ipynb"), viewport={"width": 1100, "height": 30_000})
    server.run_all(page, ".acai-explorer canvas", timeout=400)
    page.wait_for_function(
        f"document.querySelectorAll('.acai-explorer .view canvas').length >= {count} && "
        f"document.querySelectorAll('.acai-explorer .view').length === {count}", timeout=240_000)
    page.wait_for_timeout(1000)
    cells = page.locator(".jp-Cell").count()
    for k in range(count):
        box = page.locator(".acai-explorer").nth(k)
        assert moves(box)
        box.get_by_role("slider").first.press("b")
    assert page.locator(".jp-Cell").count() == cells
    server.stop_kernels()
