"""Films: the shots come back as they were taken, at the right moments, with the weights that `fit`
would return then."""
import json

import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

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


@pytest.mark.slow
def test_a_film_has_a_shot_at_the_start_one_at_the_end_and_even_steps(filmed):
    _, film, _ = filmed
    assert film.samples[0] == 0 and film.samples[-1] == 480 and len(film.samples) == 6
    assert film.samples == sorted(film.samples)
    assert all(abs(n - 96 * k) < 48 for k, n in enumerate(film.samples))
    assert film.frames.shape == (6, films.PAIRS, films.FRAMES, 1, 32, 32)
    assert film.receipt == {"method": "acai"}


@pytest.mark.slow
def test_the_last_shot_shows_the_weights_that_fit_returns(filmed):
    model, film, _ = filmed
    x = al.load("digits").test_images
    with torch.no_grad():
        ends = x[:films.PAIRS], x[films.PAIRS:2 * films.PAIRS]
        frames = al.interpolate_images(model, *ends, films.FRAMES)
    assert (film.frames[-1] - frames.clamp(-1, 1)).abs().max() <= 1 / 255 + 1e-6
    assert (film.frames[0] - film.frames[-1]).abs().max() > 0.1


@pytest.mark.slow
def test_filming_changes_nothing_in_the_run():
    """The averages are lent to the camera and given back: weight for weight the same run."""
    digits, found = al.load("digits"), []
    for report in (None, lambda point: None):
        model = al.build("acai", digits, recipe="lab")
        al.fit(model, digits, 320, "lab", on_report=report, quiet=True)
        found.append(model.state_dict())
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_an_error_while_filming_gives_the_weights_back():
    """Not the averages that the camera sees, which differ from them."""
    digits, found, seen = al.load("digits"), [], []
    for averaging in (0.5, 0.0):
        model = al.build("baseline", digits, recipe="lab")

        def fail(point, model=model):
            seen.append(model.encoder[0].weight.clone())
            if len(seen) % 2 == 0:
                raise RuntimeError("no space left")

        with pytest.raises(RuntimeError, match="no space"):
            al.fit(model, digits, 160, change("lab", {"averaging": averaging}), on_report=fail,
                   quiet=True, device="cpu")
        found.append(model.encoder[0].weight)
    assert torch.equal(*found) and not torch.equal(seen[1], seen[3])


@pytest.mark.slow
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


@pytest.mark.parametrize("size", [16, 32, 128])
def test_colour_and_size_survive_the_png(size, tmp_path):
    path = tmp_path / "c-film.png"
    frames = random_frames(3, size)                                     # (P,T,C,S,S)
    films.save_film(path, {10: (frames, {}), 20: (-frames, {})}, {})
    film = al.film(path)
    assert film.frames.shape == (2, 2, 3, 3, size, size)
    assert (film.frames - torch.stack([frames, -frames])).abs().max() <= 1 / 255 + 1e-6
    with Image.open(path) as picture:           # shots below each other, pairs in rows
        assert picture.size == (3 * size, 2 * 2 * size)
        assert json.loads(picture.text["film"]).get("size") == (None if size == 32 else size)


def random_frames(colours, size):
    return torch.rand(2, 3, colours, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("notes", [
    {"size": 16}, {"size": 64}, {"size": 0}, {"size": -32}, {"size": 32.0}, {"size": "32"},
    {"size": None}, {"pairs": 1}, {"pairs": -2}, {"samples": [10]}, {"scores": [{}]},
    {"samples": [10, None]}, {"scores": [{}, 5]}, {"receipt": []}])
def test_notes_that_do_not_fit_the_picture_are_refused(notes, tmp_path):
    path, info = tmp_path / "x-film.png", PngInfo()
    films.save_film(path, {10: (random_frames(1, 32), {}), 20: (random_frames(1, 32), {})}, {})
    with Image.open(path) as picture:
        info.add_itxt("film", json.dumps(json.loads(picture.text["film"]) | notes))
        picture.save(path, pnginfo=info)
    with pytest.raises(ValueError, match="x-film.png is damaged or no film of acai_lite"):
        al.film(path)


def test_a_film_that_would_be_too_large_to_load_is_refused_before_training(tmp_path):
    digits = al.load("digits")
    model = al.build("baseline", digits, recipe="lab")
    most = films.MOST // (films.PAIRS * films.FRAMES * 32 * 32) - 1
    films.Camera(model, digits, tmp_path / "x-film.png", 10 ** 6, most)
    with pytest.raises(ValueError, match=f"at most {most} shots after the first; got {most + 1}"):
        films.Camera(model, digits, tmp_path / "x-film.png", 10 ** 6, most + 1)


def test_what_is_no_film_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(FileNotFoundError, match="no film 'nothing'; there are: "):
        al.film("nothing")
    Image.new("L", (32, 32)).save(tmp_path / "plain.png")
    with pytest.raises(ValueError, match="no film of acai_lite"):
        al.film(tmp_path / "plain.png")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    with pytest.raises(ValueError, match="damaged"):
        al.film(tmp_path / "torn.png")
