"""Films: the shots come back as they were taken, at the right moments, with the weights that `fit` would return then."""
import json
import re

import acai_course as course
import pytest
import torch
from PIL import Image

import acai_lite as al
from acai_lite.recipes import change
from acai_lite.runs import films


@pytest.fixture
def filmed(tmp_path):
    """(model, film, history) of a short run on digits, five shots after the first."""
    digits = al.load("digits")
    model = al.build("acai", digits, recipe="lab")
    camera = films.Camera(model, digits, tmp_path / "x-film.png", 480, shots=5)
    camera({"samples": 0})
    history = al.fit(model, digits, 480, "lab", on_report=camera, quiet=True, seed=3)
    camera.save({"method": "acai"})
    return model, al.film(tmp_path / "x-film.png"), history


def test_a_film_has_a_shot_at_the_start_one_at_the_end_and_even_steps(filmed):
    _, film, _ = filmed
    assert film.samples[0] == 0 and film.samples[-1] == 480 and len(film.samples) == 6
    assert film.samples == sorted(film.samples)
    assert all(abs(n - 96 * k) < 48 for k, n in enumerate(film.samples))
    assert film.frames.shape == (6, films.PAIRS, films.FRAMES, 1, 32, 32) and film.receipt == {"method": "acai"}


def test_the_last_shot_shows_the_weights_that_fit_returns(filmed):
    model, film, _ = filmed
    x = al.load("digits").test_images
    with torch.no_grad():
        frames = al.interpolate_images(model, x[:films.PAIRS], x[films.PAIRS:2 * films.PAIRS], films.FRAMES)
    assert (film.frames[-1] - frames.clamp(-1, 1)).abs().max() <= 1 / 255 + 1e-6
    assert (film.frames[0] - film.frames[-1]).abs().max() > 0.1


def test_filming_changes_nothing_in_the_run():
    """The averages are lent to the camera and given back: weight for weight the same run."""
    digits, found = al.load("digits"), []
    for report in (None, lambda point: None):
        model = al.build("acai", digits, recipe="lab")
        al.fit(model, digits, 320, "lab", on_report=report, quiet=True)
        found.append(model.state_dict())
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_an_error_while_filming_gives_the_weights_back():
    digits = al.load("digits")
    model = al.build("baseline", digits, recipe="lab")

    def fail(point):
        raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space"):
        al.fit(model, digits, 160, change("lab", {"averaging": 0.5}), on_report=fail, quiet=True)
    assert model.training


def test_lines_are_scored_at_every_shot(tmp_path):
    lines = al.load("lines")
    model = al.build("baseline", lines, recipe="lab")
    camera = films.Camera(model, lines, tmp_path / "y-film.png", 100)
    camera({"samples": 0})
    film = al.film(tmp_path / "y-film.png")
    assert film.scores[0]["mean_distance"] == al.score_lines(model, lines).mean_distance


def test_a_resumed_run_keeps_its_shots(tmp_path):
    digits, path = al.load("digits"), tmp_path / "z-film.png"
    camera = films.Camera(al.build("baseline", digits), digits, path, 100, shots=2)
    for n in (0, 50):
        camera({"samples": n})
    again = films.Camera(al.build("baseline", digits), digits, path, 100, shots=2, going_on=True)
    again({"samples": 50})
    assert list(again.shots) == [0, 50]
    again({"samples": 100})
    assert al.film(path).samples == [0, 50, 100]


def test_colour_survives_the_png(tmp_path):
    frames = torch.rand(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1     # (P,T,C,32,32)
    films.save_film(tmp_path / "c-film.png", {10: (frames, {}), 20: (-frames, {})}, {})
    film = al.film(tmp_path / "c-film.png")
    assert film.frames.shape == (2, 2, 3, 3, 32, 32) and (film.frames[0] - frames).abs().max() <= 1 / 255 + 1e-6
    assert (film.frames[1] + frames).abs().max() <= 1 / 255 + 1e-6
    with Image.open(tmp_path / "c-film.png") as picture:               # shots below each other, pairs in rows
        assert picture.size == (3 * 32, 2 * 2 * 32)


def test_what_is_no_film_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no film 'nothing'; there are: "):
        al.film("nothing")
    Image.new("L", (32, 32)).save(tmp_path / "plain.png")
    with pytest.raises(ValueError, match="no film of acai_lite"):
        al.film(tmp_path / "plain.png")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    with pytest.raises(ValueError, match="damaged"):
        al.film(tmp_path / "torn.png")


def test_the_players_page_stands_alone():
    words = ["t = 0", "</script>", "t = 1"]
    player = course.Player(torch.zeros(3, 2, 4, 1, 32, 32), words, "place", 'say "cheese"', ["A"])
    page = player._repr_html_()
    assert player.sprite().shape == (3 * 2 * 32, 4 * 32)
    assert 'alt="say &quot;cheese&quot;"' in page and page.count("</script>") == 1
    assert not re.search(r"https?://|src=\"(?!data:)", page)
    label, slider = re.search(r'label for="([^"]+)"', page)[1], re.search(r'<input id="([^"]+)"', page)[1]
    assert label == slider and 'max="2"' in page and "stopPropagation" in page
    assert json.loads(re.search(r"words = (\[.*?\]),", page)[1]) == player.words
    with pytest.raises(ValueError, match="an alt text"):
        course.Player(torch.zeros(1, 1, 1, 1, 32, 32), [""], "place", " ")
    with pytest.raises(ValueError, match="N words"):
        course.Player(torch.zeros(2, 1, 1, 1, 32, 32), [""], "place", "x")


def test_a_recipe_is_changed_by_name_only():
    assert change("lab", {}) is al.RECIPES["lab"]
    changed = change("lab", {"ramp": [0, 0], "weight": 1})
    assert changed.ramp == (0, 0) and changed.weight == 1 and changed.name == "lab (changed)"
    assert changed.learning_rate == al.RECIPES["lab"].learning_rate
    for wrong in ({"rate": 1}, {"name": "mine"}):
        with pytest.raises(ValueError, match="a recipe has no setting"):
            change("lab", wrong)
