"""The README's moving picture is small, moves, and shows what the committed checkpoints make."""
import numpy as np
import pytest
from moving_picture import FRAMES, GAP, HEAD, NAMES, SCALE, paths
from PIL import Image

from acai_lite.files.checkout import checkout

FOLDER = checkout() / "docs" / "moving"


def test_it_moves_for_seconds_and_is_small():
    path = FOLDER / "paths.gif"
    film = Image.open(path)
    durations = []
    for k in range(film.n_frames):
        film.seek(k)
        durations.append(film.info["duration"])
    assert path.stat().st_size < 1.5e6 and film.n_frames >= 2 * FRAMES - 2
    assert 2000 < sum(durations) < 6000 and film.info["loop"] == 0


@pytest.mark.parametrize("column", range(len(NAMES)))
def test_the_still_is_the_middle_of_the_models_paths(column):
    still = np.asarray(Image.open(FOLDER / "paths.png").convert("L"), dtype=float)
    left = GAP + column * (32 * SCALE + GAP)
    shown = still[HEAD:HEAD + 32 * SCALE:SCALE, left:left + 32 * SCALE:SCALE]
    made = (paths("lines")[column, FRAMES // 2].numpy() + 1) * 127.5
    assert np.abs(shown - made).mean() < 3 and made.max() - made.min() > 100
