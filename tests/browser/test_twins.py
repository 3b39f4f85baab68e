"""The committed explorers that need no kernel, opened as files with the network cut off."""
from pathlib import Path

import pytest

import acai_lite as al

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "explorers"
NAMES = ["lines", "mnist", "training", "training_mnist", "code_map", "code_map_mnist", "realism",
         "critic_game", "gan"]
PICTURES = """() => [...document.querySelectorAll("canvas")].map(c =>
    c.getContext("2d").getImageData(0, 0, c.width, c.height).data
      .reduce((h, v) => (h * 31 + v) | 0, 0)).join()"""


def opened(open_page, name, **options):
    page = open_page((FOLDER / f"{name}.html").as_uri(), offline=True, **options)
    page.wait_for_selector(".acai-explorer canvas")
    page.wait_for_timeout(400)
    return page


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options",
                         [{}, {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 700}},
                          {"reduced_motion": "reduce"}], ids=["light", "dark", "narrow", "calm"])
def test_it_opens_without_a_net_and_fits(open_page, name, options):
    page = opened(open_page, name, **options)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(
        "performance.getEntriesByType('resource').every(r => r.name.startsWith('data:'))")
    assert page.locator("h1").count() == 1
    back, ink = page.evaluate("""() => [getComputedStyle(document.documentElement).colorScheme,
                                        getComputedStyle(document.querySelector('h1')).color]""")
    assert ("dark" in back
            and (ink == "rgb(255, 255, 255)") == (options.get("color_scheme") == "dark"))


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"},
                                     {"viewport": {"width": 360, "height": 700}}])
def test_the_index_leads_to_every_explorer_and_back(open_page, options):
    page = open_page((FOLDER / "index.html").as_uri(), offline=True, **options)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    links = [link.get_attribute("href") for link in page.locator("a").all()]
    assert sorted(links) == sorted(f"{name}.html" for name in NAMES)
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 60)")
    for link in links[:2]:
        page.locator(f"a[href='{link}']").click()
        page.wait_for_selector(".acai-explorer canvas")
        page.get_by_role("link", name="All explorers").click()
        page.wait_for_selector("h2")


def test_a_page_whose_script_may_not_run_says_what_to_press(open_page):
    page = open_page((FOLDER / "lines.html").as_uri(), offline=True, java_script_enabled=False)
    words = page.locator("body").inner_text()
    assert words.startswith("In JupyterLab, press Trust HTML above")    # the first line
    assert page.locator(".acai-explorer img").is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name_and_shows_its_focus(open_page, name):
    page = opened(open_page, name)
    controls = page.locator("input, select, button:not([disabled]), summary")
    assert controls.count() >= 2
    for control in controls.all():
        assert control.evaluate("c => (c.labels?.[0] ?? c).textContent.trim()")
        control.focus()
        page.keyboard.press("Shift")                                   # the keyboard is in use
        assert control.evaluate("c => getComputedStyle(c).outlineStyle !== 'none'")
    for canvas in page.locator("canvas, svg").all():
        assert canvas.evaluate(
            "c => c.getAttribute('aria-hidden') === 'true' || !!c.getAttribute('aria-label')")


@pytest.mark.parametrize(("name", "pairs"), [("lines", 5), ("mnist", 5), ("training", 5), (
    "training_mnist", 3), ("code_map", 5), ("code_map_mnist", 5)])
def test_all_pairs_are_there(open_page, name, pairs):
    page = opened(open_page, name)
    pair, seen = page.get_by_label("pair", exact=True), set()
    assert pair.locator("option").count() == pairs
    for k in range(pairs):
        pair.select_option(str(k))
        page.wait_for_timeout(150)
        seen.add(page.evaluate(PICTURES))
    assert len(seen) == pairs


@pytest.mark.parametrize("name", ["code_map", "code_map_mnist"])
def test_a_click_on_the_map_moves_rings_path_and_strips_together(open_page, name):
    """Without a kernel: to the nearest of the pairs in the page."""
    page = opened(open_page, name)
    look = """() => [...document.querySelectorAll(".flag")].map(f => f.getAttribute("transform"))
        .concat([...document.querySelectorAll("polyline.path")].map(p => {
            const places = p.getAttribute("points").split(" ");
            return [places[0], places[places.length - 1]].map(p => `translate(${p})`);
        })).flat()"""
    seen = set()
    for x, y in ((60, 60), (200, 350), (350, 120), (200, 200)):
        page.locator("svg.map").click(position={"x": x, "y": y})
        page.wait_for_timeout(150)
        flags = page.evaluate(look)
        a, b = (tuple(map(float, flag[10:-1].split(","))) for flag in flags[:2])
        for start, end in zip(flags[2::2], flags[3::2], strict=True):
            begins, ends = (tuple(map(float, text[10:-1].split(","))) for text in (start, end))
            assert begins == pytest.approx(a, abs=1) and ends == pytest.approx(b, abs=1)
        seen.add((a, b))
        assert "a running kernel" in page.locator(".status").text_content()
    assert len(seen) > 1 and page.get_by_label("A", exact=True).count() == 0


def test_what_is_beyond_the_scale_is_marked(open_page):
    page = opened(open_page, "lines")
    page.locator("summary").click()
    heads = page.locator("table thead th").all_text_contents()
    critic = [k - 1 for k, head in enumerate(heads) if head.endswith(": critic")]
    angle = [k - 1 for k, head in enumerate(heads) if head.endswith(": angle")]
    marked = 0
    for row in page.locator("table tbody tr").all():
        cells = row.locator("td").all_text_contents()
        for k in critic:
            assert (float(cells[k].split()[0]) > 0.5) == cells[k].endswith("▲") or (
                cells[k].startswith("0.50"))
            marked += cells[k].endswith("▲")
        assert all(0 <= float(cells[k]) <= 360 for k in angle)
    assert marked


def test_play_moves_there_and_back_until_the_slider_is_touched(open_page):
    page = opened(open_page, "lines")
    slider = page.get_by_role("slider", name="place on the way")
    assert slider.evaluate("s => s === document.activeElement")         # keys work at once
    page.keyboard.press("Home")
    assert slider.input_value() == "0"
    page.get_by_label("speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    seen = set()
    for _ in range(40):
        page.wait_for_timeout(60)
        seen.add(int(slider.input_value()))
    assert len(seen) > 12 and max(seen) > 30
    pictures = page.evaluate(PICTURES)
    page.wait_for_timeout(200)
    assert page.evaluate(PICTURES) != pictures
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    assert slider.input_value() == "40" and page.get_by_role("button", name="Play").is_visible()


@pytest.mark.parametrize(("name", "target"), [
    ("lines", ".grid canvas >> nth=3"), ("lines", ".curve >> nth=1"),
    ("mnist", ".grid canvas >> nth=0"),
    ("training", ".curve svg >> nth=0"), ("code_map", ".row > canvas >> nth=2"),
    ("code_map_mnist", ".strip >> nth=0"), ("gan", ".curve svg >> nth=1")])
def test_dragging_on_a_picture_or_a_curve_moves_the_slider(open_page, name, target):
    page = opened(open_page, name)
    page.locator(target).scroll_into_view_if_needed()
    slider, box = page.get_by_role("slider").first, page.locator(target).bounding_box()
    last, seen = int(slider.get_attribute("max")), set()
    page.mouse.move(box["x"] + 0.4, box["y"] + box["height"] / 2)
    page.mouse.down()
    assert slider.input_value() == "0"
    for share in (0.25, 0.5, 0.75):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=3)
        assert abs(int(slider.input_value()) - share * last) <= 1
        seen.add(page.evaluate(PICTURES))
    page.mouse.move(box["x"] + box["width"] + 50, box["y"] + 5, steps=2)    # outside, still held
    assert slider.input_value() == str(last)
    page.mouse.up()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    assert slider.input_value() == str(last) and len(seen) == 3


def test_hovering_over_a_curve_shows_the_value_there(open_page):
    page = opened(open_page, "lines")
    number, curve = page.locator(".number").first, page.locator(".curve").first
    before, box = number.inner_text(), page.locator(".curve").first.bounding_box()
    curve.hover(position={"x": 0.25 * box["width"], "y": box["height"] / 2})
    assert "at t 0.25" in number.inner_text()
    page.locator("summary").click()
    row = page.locator("table tbody tr").nth(10).locator("td").first.text_content()
    curve.hover(position={"x": 0.25 * box["width"], "y": box["height"] / 2})
    assert number.inner_text().split()[1] == row
    page.mouse.move(2, 2)
    assert number.inner_text() == before


def test_hovering_over_the_maps_names_what_is_there(open_page):
    page = opened(open_page, "code_map")
    assert page.locator(".tick title").first.text_content().endswith("° (0)")
    page = opened(open_page, "realism")
    page.locator("svg.map").hover(position={"x": 20, "y": 20})
    assert page.locator("svg.map > title").text_content() == "ri 0.00 here"


@pytest.mark.parametrize(("name", "act", "expected"), [
    ("lines", lambda page: page.get_by_label("path").select_option("spherical"),
     ["path=spherical", "frame=20", "pair=8%2C9"]),
    ("training", lambda page: page.get_by_role("slider", name="training").press("Home"),
     ["training=0"]),
    ("code_map", lambda page: page.get_by_label("pair", exact=True).select_option("3"),
     ["pair=6%2C7"]),
    ("realism", lambda page: page.get_by_label("density", exact=True).select_option("1"),
     ["density=ring"]),
    ("gan", lambda page: page.get_by_label("game").select_option("1"), ["game=collapsed"]),
    ("critic_game", lambda page: page.get_by_label("mixed by").select_option("1"),
     ["game=ACAI"])])
def test_the_address_says_where_it_stands_and_leads_back_there(open_page, name, act, expected):
    page = opened(open_page, name)
    act(page)
    page.wait_for_timeout(500)
    address = page.evaluate("location.href")
    assert all(part in address.split("#")[1].split("&") for part in expected), address
    shown = page.evaluate(PICTURES)
    again = open_page(address, offline=True)
    again.wait_for_selector(".acai-explorer canvas")
    again.wait_for_timeout(600)
    assert again.evaluate(PICTURES) == shown
    again.evaluate("location.hash = '#frame=999999&pair=no&path=walk&point=x&ends=1,2'")
    again.wait_for_timeout(400)                                        # junk breaks nothing
    assert again.evaluate(PICTURES)


def test_a_new_pair_without_a_kernel_says_why_not(open_page):
    page = opened(open_page, "lines")
    page.get_by_role("button", name="New pair").click()
    assert "decoded by a running kernel" in page.locator(".status").text_content()


@pytest.mark.parametrize("name", NAMES)
def test_every_colour_and_hatch_has_a_legend(open_page, name):
    page = opened(open_page, name)
    words = " ".join(page.locator(".legend li").all_text_contents())
    kinds = {"polyline": 1, ".tick": 1, ".draws": 1, ".real": 1, ".flag": 1}
    if any(page.locator(kind).count() for kind in kinds):
        assert words
    for kind, said in ((".tick", "coloured by it"), (".dot", "by its class"),
                       (".flag", "A and B"), (".draws", "a draw from the density"),
                       (".draws", "no likelier than z"), (".real", "a place of real points"),
                       (".made", "a generated point"), (".on .over .path.k2", "realistic path")):
        assert (said in words) == (page.locator(kind).count() > 0), (kind, words)


@pytest.mark.parametrize("name", ["lines", "mnist", "training_mnist"])
def test_all_methods_stand_in_one_row_on_a_phone(open_page, name):
    page = opened(open_page, name, viewport={"width": 360, "height": 740})
    boxes = [canvas.bounding_box() for canvas in page.locator(".grid canvas").all()]
    assert len({round(box["y"]) for box in boxes}) == 1 and min(box["width"] for box in boxes) > 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_density_is_dark_where_the_page_is(open_page, scheme):
    page = opened(open_page, "realism", color_scheme=scheme)
    mean = page.evaluate("""() => { const c = document.querySelector(".over canvas");
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        return d.reduce((s, v, k) => k % 4 < 3 ? s + v : s, 0) / d.length; }""")
    assert (mean < 90) == (scheme == "dark"), mean


def test_play_walks_along_the_three_paths_of_the_plane(open_page):
    page = opened(open_page, "realism")
    spots = "() => [...document.querySelectorAll('.spot')].map(s => s.getAttribute('cx')).join()"
    before = page.evaluate(spots)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate(spots) != before
    heads = page.locator("table th[scope=col]").all_text_contents()
    assert heads[3].startswith("ri at t ")


def test_the_table_repeats_what_the_slider_shows(open_page):
    page = opened(open_page, "lines")
    page.locator("summary").click()
    page.wait_for_selector("table tbody tr")
    rows = page.locator("table tbody tr")
    assert rows.count() == 41 and page.locator("table th[scope=col]").count() == 1 + 4 * 3
    slider = page.get_by_role("slider", name="place on the way")
    slider.focus()
    slider.press("Home")
    first = rows.first.locator("td").all_text_contents()
    # method by method, measure by measure
    shown = page.locator(".number > span").all_text_contents()
    assert first == shown


def test_the_second_slider_goes_through_the_training(open_page):
    page, film = opened(open_page, "training"), al.film("lines-acai-64")
    training = page.get_by_role("slider", name="training")
    assert training.get_attribute("max") == str(len(film.samples) - 1)
    training.focus()
    training.press("Home")
    before = page.evaluate(PICTURES)
    training.press("End")
    assert (training.get_attribute("aria-valuetext") == f"{film.samples[-1]:,} samples"
            and page.evaluate(PICTURES) != before)


def test_realism_counts_the_draws_and_the_point_can_be_dragged(open_page):
    page = opened(open_page, "realism")
    said = page.locator(".said")
    handle = page.locator(".handle circle").first.bounding_box()
    before = said.text_content()
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 60, handle["y"] - 60, steps=5)
    page.mouse.up()
    after = said.text_content()
    assert before != after and "of 1000 draws" in after
    count, share = after.split(" of ")[0], after.rsplit(" ", 1)[1].rstrip(".")
    assert float(share) == int(count) / 1000
    x = page.get_by_role("slider", name="x")                           # and by keys
    x.focus()
    x.press("End")
    assert said.text_content() != after and "realism of z 0.00" in x.get_attribute("aria-valuetext")


@pytest.mark.parametrize("density", [0, 1, 2])
def test_realism_in_the_page_is_the_packages(open_page, density):
    """The page counts with a dozen lines of its own; al.RealismIndex must find the same."""
    import torch
    page = opened(open_page, "realism")
    page.get_by_label("density", exact=True).select_option(str(density))
    data = page.evaluate("""() => { const text = [...document.scripts].pop().textContent;
        return JSON.parse(text.slice(text.lastIndexOf('start("explorer", ') + 18, -2)); }""")
    data = data["densities"][density]
    kernel = al.fit_density(torch.tensor(data["centres"], dtype=torch.float64),
                            "kernel", bandwidth=data["width"])
    index = al.RealismIndex(kernel.log_prob, torch.tensor(data["draws"], dtype=torch.float64))
    shown = float(page.locator(".said").text_content().rsplit(" ", 1)[1].rstrip("."))
    assert abs(shown - float(index(torch.tensor(data["point"], dtype=torch.float64)))) <= 0.002
    lowest = [float(cell)
              for cell in page.locator("table tbody tr td:nth-child(2)").all_text_contents()]
    a, b = (torch.tensor([data["pairs"][0][end]], dtype=torch.float64) for end in "ab")
    paths = [al.interpolate(a, b, 41)[0], al.interpolate(a, b, 41, "spherical")[0],
             torch.tensor(data["pairs"][0]["path"], dtype=torch.float64)]
    assert [float(index(path).min()) for path in paths] == pytest.approx(lowest, abs=0.003)


def test_without_a_kernel_moved_ends_keep_two_paths_and_say_so(open_page):
    page = opened(open_page, "realism")
    page.get_by_label("move", exact=True).select_option("a")
    x = page.get_by_role("slider", name="x")
    x.focus()
    x.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.wait_for_timeout(100)
    cells = page.locator("table tbody tr td:nth-child(2)").all_text_contents()
    assert cells[2] == "–" and "–" not in cells[:2]
    assert "a running kernel" in page.locator(".status").text_content()


def test_the_critic_game_keeps_score(open_page):
    page = opened(open_page, "critic_game")
    slider, button = page.get_by_role("slider"), page.get_by_role("button")
    for k in range(3):
        slider.focus()
        slider.press("Home")
        button.click()
        assert page.locator("table tbody tr").count() == k + 1
        assert "Mean error so far: you" in page.locator(".said").text_content()
        button.click()
    page.get_by_role("slider").press("Home")
    button.click()
    alphas = [float(text)
              for text in page.locator("table tbody tr td:nth-child(2)").all_text_contents()]
    mine = float(page.locator(".said").text_content().split("you ")[1].split(",")[0])
    assert mine == pytest.approx(sum(alphas) / len(alphas), abs=0.006)  # I always said 0


def test_the_game_plays_pauses_and_steps(open_page):
    page = opened(open_page, "gan")
    slider = page.get_by_role("slider", name="time")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Pause").click()
    reached = int(slider.input_value())
    assert reached >= 2
    page.wait_for_timeout(400)
    assert int(slider.input_value()) == reached
    page.get_by_role("button", name="One step", exact=True).click()
    assert int(slider.input_value()) == reached + 1
    page.get_by_role("button", name="One step back").click()
    assert int(slider.input_value()) == reached
    slider.focus()
    slider.press("End")
    assert "8 of 8 places found" in slider.get_attribute("aria-valuetext")


def test_with_reduced_motion_the_game_plays_slowly(open_page):
    page = opened(open_page, "gan", reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    assert int(page.get_by_role("slider", name="time").input_value()) == 1
