"""Explorers as widgets, in a real JupyterLab and a real Notebook 7: traits both ways, links, boxes,
a page loaded again, a kernel that is gone."""
import pytest
from test_explorers_in_lab import FOUR, pixels

FRONTS = ["lab", "notebook"]
MAKE = FOUR.rstrip().rpartition("\n")[0].rpartition("\n")[0] + """
explorer = course.InterpolationExplorer(lines, models, paths=("linear", "spherical"))
explorer"""
READY = ".acai-explorer .grid canvas"


def printed(page, words):
    page.wait_for_function("""words => [...document.querySelectorAll('.jp-OutputArea-output')]
        .some(box => box.textContent.includes(words))""", arg=words, timeout=60_000)


def run(page, code):
    """Run code in the notebook's last cell, which is otherwise empty."""
    cell = page.locator(".jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")


def slider(page, nr=0):
    return page.get_by_role("slider", name="place on the way").nth(nr)


def settles(page, nr, value):
    page.wait_for_function("""([nr, value]) => document.querySelectorAll(
        '.acai-explorer input[type=range]')[nr]?.value === value""", arg=[nr, value])


@pytest.mark.parametrize("front", FRONTS)
def test_every_trait_both_ways(run_cells, front):
    page = run_cells(f"traits-{front}", READY, MAKE, "", front=front)
    run(page, "explorer.t = 0.3")                                      # Python moves the page
    settles(page, 0, "12")
    picture = pixels(page, 3)
    run(page, "explorer.frame = 20; explorer.pair = (5, 9); explorer.path = 'spherical'")
    settles(page, 0, "20")
    page.wait_for_function("document.querySelector('.acai-explorer [role=img][aria-label^=ACAI]')"
                           ".getAttribute('aria-label').includes('5 to 9')")
    assert page.get_by_label("path").input_value() == "spherical"
    assert (pixels(page, 3) != picture).any()
    run(page, "explorer.playing = True")
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("document.querySelector('.acai-explorer input').value !== '20'")
    page.get_by_role("button", name="Pause").click()                   # the page moves Python
    run(page, "print('playing is', explorer.playing)")
    printed(page, "playing is False")
    slider(page).focus()
    slider(page).press("Home")
    for _ in range(3):
        slider(page).press("ArrowRight")
    page.get_by_label("path").select_option("linear")
    page.get_by_label("pair", exact=True).select_option("2")
    run(page, "print('now', explorer.frame, explorer.t, explorer.value, explorer.pair,"
              " explorer.path)")
    printed(page, "now 3 0.075 0.075 (4, 5) linear")


@pytest.mark.parametrize("front", FRONTS)
def test_training_both_ways(run_cells, front):
    page = run_cells(f"training-{front}", READY, """import torch, acai_course as course
shots = {name: torch.rand(4, 2, 5, 1, 32, 32) for name in ("one", "two")}
explorer = course.FilmExplorer(shots, ["A", "B"], [0, 100, 200, 300])
explorer""", "", front=front)
    run(page, "explorer.training, explorer.pair = 1, 'two'")
    settles(page, 1, "1")
    page.wait_for_function("[...document.querySelectorAll('.acai-explorer select')]"
                           ".some(s => s.labels[0].textContent === 'pair' && s.value === '1')")
    training = page.get_by_role("slider", name="training")
    training.focus()
    training.press("End")
    run(page, "print('training', explorer.training, explorer.pair)")
    printed(page, "training 3 two")


@pytest.mark.parametrize("front", FRONTS)
def test_boxes_links_and_plots(run_cells, front):
    page = run_cells(f"links-{front}", READY, MAKE, """import ipywidgets
other = course.InterpolationExplorer(lines, models)
ipywidgets.VBox([explorer, other])""", """ipywidgets.jslink((explorer, "t"), (other, "t"))
heard = []
explorer.observe(lambda change: heard.append(change.new), "t")
def show(t):
    print(f"told {t:.3f}")
ipywidgets.interactive_output(show, {"t": explorer})""", "", front=front)
    # the page, its second view in the box, and the other explorer
    page.wait_for_function("document.querySelectorAll('.acai-explorer .grid').length === 3")
    printed(page, "told 0.500")
    slider(page, 0).focus()
    slider(page, 0).press("Home")
    slider(page, 0).press("ArrowRight")
    for nr in (1, 2):
        settles(page, nr, "1")
    printed(page, "told 0.025")
    slider(page, 1).focus()
    slider(page, 1).press("End")                                       # the view in the box
    for nr in (0, 2):
        settles(page, nr, "40")
    run(page, "print('heard', heard[-1], other.t, len(heard) > 2)")
    printed(page, "heard 1.0 1.0 True")
    page.get_by_role("button", name="Play").nth(1).click()             # one of three views plays
    page.get_by_role("button", name="Pause").nth(1).wait_for()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause").first.click()             # and another view stops it
    page.wait_for_timeout(300)
    stood = slider(page, 0).input_value()
    page.wait_for_timeout(300)
    assert slider(page, 0).input_value() == slider(page, 1).input_value() == stood


@pytest.mark.parametrize("front", FRONTS)
def test_loaded_again_it_stands_where_it_stood(run_cells, front):
    page = run_cells(f"again-{front}", READY, MAKE, "", front=front)
    run(page, "explorer.frame = 7; explorer.pair = (3, 8); print('set')")
    printed(page, "set")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2000)
    page.reload()
    page.wait_for_selector(READY, timeout=60_000)
    settles(page, 0, "7")
    page.wait_for_function("document.querySelector('.acai-explorer [role=img][aria-label^=ACAI]')"
                           ".getAttribute('aria-label').includes('3 to 8')")
    run(page, "explorer.t = 1.0")                                      # and Python still moves it
    settles(page, 0, "40")


@pytest.mark.parametrize("front", FRONTS)
def test_without_its_kernel_it_is_the_page(run_cells, server, open_page, front):
    page = run_cells(f"gone-{front}", READY, MAKE, "", front=front)
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2000)
    server.stop_kernels()
    page.close()
    page = open_page(server.url(f"gone-{front}.ipynb", front))
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(2000)
    assert "not found" not in page.inner_text(".jp-Notebook")
    before = pixels(page, 3)
    slider(page).focus()
    slider(page).press("End")
    assert (pixels(page, 3) != before).any()
    page.get_by_role("button", name="New pair").click()
    page.get_by_text("run this explorer's cell").wait_for()
