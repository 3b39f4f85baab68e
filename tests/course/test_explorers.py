"""The explorers' data: what the browser is given. What it does with that: tests/browser."""
import base64
import io
import json
import math
import re
from pathlib import Path

import acai_course as course
import build_explorers
import ipywidgets
import numpy as np
import pytest
import torch
from acai_course.explorers import FRAMES, film
from acai_course.pages import STATIC, png, sheet
from PIL import Image
from traitlets import TraitError

import acai_lite as al
from acai_lite.data import levels

TWINS = Path(__file__).parents[2] / "notebooks" / "explorers"


@pytest.fixture(scope="module")
def models():
    return {name: al.checkpoint(f"lines-{name.lower()}-64") for name in ("baseline", "ACAI")}


@pytest.fixture
def explorer(lines, models):
    return course.InterpolationExplorer(lines, models, pairs=((0, 1), (2, 3)))


def decoded(address):
    """A data: address -> (H,W) bytes."""
    head, data = address.split(",")
    assert head == "data:image/png;base64"
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))))


def tile(picture, frames, row, k):
    """Frame k of a row out of a sheet, as static/common.js cuts it."""
    return picture.reshape(32, frames, -1)[:, k, 32 * row:32 * row + 32]


def of_page(text):
    """The data that a page carries."""
    return json.loads(re.search(r'start\("[\w-]+", (.*)\);</script>', text)[1])


def test_a_film_holds_the_blend_and_what_each_model_decodes(lines, models):
    x0, x1 = lines.test_images[0], lines.test_images[1]
    rows = film(models, x0, x1, 5)
    assert list(rows) == ["pixel blend", "baseline", "ACAI"] and all(row.shape == (5, 1, 32, 32)
                                                                     for row in rows.values())
    assert (torch.equal(rows["pixel blend"][0], x0)
            and torch.allclose(rows["pixel blend"][2], (x0 + x1) / 2))
    with torch.no_grad():
        middle = (models["ACAI"].encode(x0[None]) + models["ACAI"].encode(x1[None])) / 2
        assert torch.allclose(rows["ACAI"][2], models["ACAI"].decode(middle)[0], atol=1e-5)


def test_a_sheet_keeps_every_frame(lines, models):
    frames = torch.stack(list(film(models, lines.test_images[0], lines.test_images[1], 7).values()))
    picture = decoded(png(sheet(frames)))
    assert picture.shape == (32 * 7, 32 * 3)
    for row in range(3):
        for k in range(7):
            shown = torch.tensor(tile(picture, 7, row, k).astype(float)) / 127.5 - 1
            assert float((shown - frames[row, k, 0].clamp(-1, 1)).abs().max()) <= 1 / 255 + 1e-6


def test_a_sheet_of_colours(lines):
    frames = torch.rand(2, 3, 3, 32, 32) * 2 - 1
    picture = decoded(png(sheet(frames)))
    assert picture.shape == (96, 64, 3)
    assert (tile(picture[..., 1], 3, 1, 2) == levels(frames[1, 2, 1]).numpy()).all()


def test_the_numbers_are_the_rulers(explorer, lines, models):
    found = explorer.decoded((0, 1), ["linear"])["films"]["linear"]["numbers"]
    scores = al.line_scores(al.interpolate_images(models["baseline"], lines.test_images[:1],
                                                  lines.test_images[1:2], FRAMES))
    assert found[0][1] == pytest.approx((scores.distances[0] * 1e3).tolist(), abs=1e-3)
    assert np.mod(found[1][1], 360) == pytest.approx(scores.angles[0].rad2deg().tolist(), abs=1e-2)
    assert np.abs(np.diff(found[1], axis=1)).max() <= 180               # no jump from 360 to 0


def test_a_measure_of_pictures_is_shown_beside(lines, models):
    shown = course.InterpolationExplorer(lines, models, ((0, 1),), {"critic": models["ACAI"].d})
    data = shown.data()
    assert [measure["name"] for measure in data["measures"]] == ["distance", "angle", "critic"]
    frames = film(models, lines.test_images[0], lines.test_images[1])["ACAI"]
    alpha = models["ACAI"].d(frames).tolist()
    assert data["pairs"][0]["films"]["linear"]["numbers"][2][2] == pytest.approx(alpha, abs=1e-3)


def test_what_is_not_finite_is_left_out(lines, models):
    shown = course.InterpolationExplorer(lines, models, ((0, 1),),
                                         {"odd": lambda x: torch.full((len(x),), math.nan)})
    text = shown.page()
    assert set(sum(of_page(text)["pairs"][0]["films"]["linear"]["numbers"][2], [])) == {None}


def test_a_question_for_other_ends(lines, models):
    shown = course.InterpolationExplorer(lines, models, ((0, 1),), paths=("linear", "spherical"))
    answer = shown.ask({"path": "spherical", "ends": [5, 9]})
    assert answer["pair"]["ends"] == (5, 9) and list(answer["pair"]["films"]) == ["spherical"]
    json.dumps(answer)


def test_a_question_for_classes(lines, models):
    digits = al.load("digits")

    class Flat:  # any encode and decode will do
        def encode(self, x):
            return x

        def decode(self, z):
            return z

    shown = course.InterpolationExplorer(digits, {"copy": Flat()}, ((0, 1),))
    assert shown.data()["classes"] == [str(k) for k in range(10)]
    for _ in range(5):
        i, j = shown.ask({"path": "linear", "classes": [3, 8]})["pair"]["ends"]
        assert digits.test_labels[i] == 3 and digits.test_labels[j] == 8
    i, j = shown.pick([4, 4])
    assert i != j


def test_a_film_explorer_has_a_slider_for_the_training():
    frames = torch.rand(3, 2, 5, 1, 32, 32) * 2 - 1                    # S,R,T
    shown = course.FilmExplorer({"one": frames}, ["A", "B"], [0, 10, 20])
    data = of_page(shown.page())
    assert (len(data["alt"]) > 30 and data["moments"] == [0, 10, 20]
            and data["frames"] == 5 and not data["asks"])
    picture = decoded(data["pairs"][0]["films"]["linear"]["sheet"])
    # tile = moment * rows + row
    assert (tile(picture, 5, 2 * 2 + 1, 3) == levels(frames[2, 1, 3, 0]).numpy()).all()


def test_a_code_map_places_codes_and_paths_alike(lines, models):
    shown = course.CodeMapExplorer(lines, models["baseline"], ((0, 1),))
    data = shown.data()
    assert len(shown.alt) > 30
    assert (len(data["points"]) == 300 and data["kinds"] == ["linear", "spherical"]
            and data["classes"] is None)
    assert [data["points"][k][:2] for k in (0, 1)] == [data["pairs"][0]["curves"][0][k]
                                                       for k in (0, -1)]
    assert max(abs(v) for point in data["points"] for v in point[:2]) == pytest.approx(1, abs=1e-3)
    assert data["points"][7][2] == pytest.approx(float(lines.test_images.stored[7]) % (2 * math.pi),
                                                 abs=0.02)
    moved = shown.ask({"ends": [4, 9]})["pair"]
    assert moved["ends"] == [4, 9] and len(moved["curves"]) == 2


def test_a_realism_explorer_carries_draws_and_realistic_paths():
    torch.manual_seed(0)
    points = torch.randn(60, 2).double()
    shown = course.RealismExplorer({"bump": (points, [((-1.0, 0.0), (1.0, 0.0))])})
    density = shown.data()["densities"][0]
    assert len(shown.alt) > 30 and len(density["draws"]) == 1000 and len(density["centres"]) == 60
    path = density["pairs"][0]["path"]
    assert path[0] == [-1, 0] and path[-1] == [1, 0] and len(path) == FRAMES
    left, right, bottom, top = density["box"]
    assert all(left < x < right and bottom < y < top for x, y in density["centres"])
    assert shown.ask({"density": 0, "ends": [[0.0, -1.0], [0.0, 1.0]]})["path"][0] == [0, -1]


def test_a_critic_game_carries_both_truths(lines, models):
    pictures, alpha = course.alpha_game(models["baseline"], lines)
    shown = course.CriticGame({"baseline": (pictures.detach(), alpha)}, models["ACAI"].d)
    game = shown.data()["games"][0]
    assert len(shown.alt) > 30
    assert game["alpha"] == pytest.approx(alpha.tolist(), abs=1e-3)
    assert game["critic"] == pytest.approx(models["ACAI"].d(pictures).tolist(), abs=1e-3)
    assert (tile(decoded(game["sheet"]), 8, 0, 5) == levels(pictures[5, 0].detach()).numpy()).all()


def test_a_game_is_filmed_while_it_is_played():
    gan = al.gans.ring_gan(seed=0)
    camera = course.GameCamera(gan, every=2)
    al.fit(gan, al.gans.ring_of_eight(), 12_800, al.gans.RING_RECIPE, probe=False, on_report=camera,
           quiet=True)
    assert len(camera.shots) >= 10
    last = camera.shots[-1]
    # the picture's first pixel: left, above
    corner = gan.d(torch.tensor([[-3.1, 3.1]])).sigmoid().detach()
    assert last["field"].shape == (32, 32) and float((last["field"][0, 0] - corner).abs()) < 0.1
    data = of_page(course.GameExplorer({"one": camera.shots}, al.gans.RING).page())
    assert len(data["alt"]) > 30
    assert (len(data["runs"][0]["steps"])
            == len(data["runs"][0]["losses"]["generator"]) == len(camera.shots))


def test_a_page_needs_nothing_from_outside(explorer):
    text = explorer.page()
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=[\"'](?!data:)", text)
    assert "<h1>" in text and 'lang="en"' in text


def test_where_no_script_runs_there_is_a_picture_and_a_link(lines, models):
    shown = course.InterpolationExplorer(lines, models, ((0, 1),), twin="explorers/lines.html",
                                         alt='two "lines"')
    text = shown._repr_mimebundle_()["text/html"].split("<style>")[0]
    assert ('alt="two &quot;lines&quot;"' in text and 'href="explorers/lines.html"' in text
            and "<script" not in text)
    # else JupyterLab would show "model not found" where no kernel is
    assert "application/vnd.jupyter.widget-view+json" not in shown._repr_mimebundle_()


def test_text_cannot_end_the_script(lines):
    shown = course.FilmExplorer({"</script><b>": torch.zeros(1, 3, 1, 32, 32)},
                                ["<i>"], title="<u>")
    assert "</script><b>" not in shown.page() and "<title>&lt;u&gt;" in shown.page()


def test_an_answer_or_an_error_goes_back_to_the_page(explorer, monkeypatch):
    sent = []
    monkeypatch.setattr(explorer, "ask", lambda question: {"twice": 2 * question["n"]})
    monkeypatch.setattr(explorer, "send", sent.append)
    explorer._handle_custom_msg({"nr": 3, "n": 4}, [])
    explorer._handle_custom_msg({"nr": 4}, [])
    assert sent == [{"nr": 3, "twice": 8}, {"nr": 4, "error": "KeyError: 'n'"}]
    explorer._handle_custom_msg({"nr": 5, "data": True}, [])            # of a view in a box
    assert sent[-1].keys() > {"nr", "pairs", "methods", "alt"}


# --- traits ---------------------------------------------------------------------------------------

def test_place_value_and_frame_are_one(explorer):
    assert (explorer.t, explorer.value, explorer.frame, explorer.last) == (0.5, 0.5, 20, 40)
    heard = []
    explorer.observe(lambda change: heard.append((change.name, change.new)))
    explorer.t = 0.3
    assert explorer.frame == 12 and explorer.value == 0.3
    assert sorted(heard) == [("frame", 12), ("t", 0.3), ("value", 0.3)]
    explorer.frame = 40
    assert explorer.t == explorer.value == 1
    explorer.value = 0.26
    assert explorer.t == 0.26 and explorer.frame == 10
    explorer.set_state({"frame": 4, "t": 0.1, "value": 0.1, "pair": [2, 3]})    # from a page
    assert (explorer.t, explorer.frame, explorer.pair) == (0.1, 4, (2, 3))


@pytest.mark.parametrize(("name", "value"), [
    ("t", 1.01), ("t", -0.1), ("t", "a"), ("frame", 41), ("frame", -1), ("frame", 0.5),
    ("pair", (0, 0)), ("pair", (0, 10 ** 9)), ("pair", 3), ("pair", "0,1"), ("path", "walk"),
    ("training", 1), ("playing", 2)])
def test_a_trait_refuses_what_cannot_be_shown(explorer, name, value):
    before = getattr(explorer, name)
    with pytest.raises(TraitError, match=name):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_the_traits_of_the_other_explorers(lines, models):
    films = course.FilmExplorer({"one": torch.zeros(3, 2, 5, 1, 32, 32)}, ["A", "B"], [0, 10, 20])
    assert (films.pair, films.training, films.last) == ("one", 2, 4)
    films.training = 0
    with pytest.raises(TraitError, match="training is one of"):
        films.training = 3
    map_of_codes = course.CodeMapExplorer(lines, models["baseline"], ((0, 1),))
    map_of_codes.pair = (7, 299)
    with pytest.raises(TraitError, match="from 0 to 299"):
        map_of_codes.pair = (7, 300)
    torch.manual_seed(0)
    plane = torch.randn(60, 2).double()
    realism = course.RealismExplorer({"bump": (plane, [((-1.0, 0.0), (1.0, 0.0))])})
    assert realism.density == "bump" and realism.ends == [[-1, 0], [1, 0]]
    realism.point = [0.5, 0.25]
    for name, value in (("point", [0.5]), ("ends", [[0, 0], [0, math.nan]]), ("density", "ring")):
        with pytest.raises(TraitError, match=name):
            setattr(realism, name, value)
    games = {name: (torch.zeros(count, 1, 32, 32), torch.zeros(count))
             for name, count in (("a", 3), ("b", 5))}
    game = course.CriticGame(games, lambda x: torch.zeros(len(x)))
    assert (game.game, game.last) == ("a", 2)
    game.game = "b"
    assert game.last == 4
    with pytest.raises(TraitError, match="game is one of 'a', 'b'"):
        game.game = "c"


def test_interactive_output_and_links_take_an_explorer(explorer):
    shown = ipywidgets.interactive_output(lambda t: None, {"t": explorer})
    box = ipywidgets.HBox([explorer, shown])
    slider = ipywidgets.FloatSlider(max=1)
    ipywidgets.link((explorer, "t"), (slider, "value"))
    slider.value = 0.75
    assert explorer.frame == 30 and box.children[0] is explorer


def test_the_index_shows_the_committed_pages():
    index = (TWINS / "index.html").read_text("utf-8")
    assert index == build_explorers.index() and index.count("<li>") == len(build_explorers.INDEX)


@pytest.mark.parametrize("twin", sorted(set(TWINS.glob("*.html")) - {TWINS / "index.html"}),
                         ids=lambda path: path.stem)
def test_a_committed_page_is_small_and_of_the_committed_scripts(twin):
    text = twin.read_text("utf-8")
    kind = re.search(r"async function mount", text)
    assert kind and len(text.encode()) < 1_000_000
    assert ((STATIC / "common.js").read_text("utf-8") in text
            and (STATIC / "explorer.css").read_text("utf-8") in text)
    views = [path for path in STATIC.glob("*.js")
             if path.stem not in ("common", "keys", "widget")]
    assert sum(path.read_text("utf-8") in text for path in views) == 1


def test_the_committed_page_of_lines_shows_what_is_decoded_today(lines, models):
    data = of_page((TWINS / "lines.html").read_text("utf-8"))
    pair = data["pairs"][2]
    picture = decoded(pair["films"]["linear"]["sheet"])
    frames = film(models, *(lines.test_images[k] for k in pair["ends"]))["ACAI"]
    row = data["methods"].index("ACAI")
    for k in (0, 20, 40):
        assert np.abs(tile(picture, FRAMES, row, k).astype(int)
                      - levels(frames[k, 0]).numpy().astype(int)).max() <= 1
