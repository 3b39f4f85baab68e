"""The player of a film: a page that stands alone, and says what it shows."""
import json
import re

import acai_course as course
import pytest
import torch

import acai_lite as al


def test_the_players_page_stands_alone():
    words = ["t = 0", "</script>", "t = 1"]
    player = course.Player(torch.zeros(3, 2, 4, 1, 32, 32), words, "place", 'say "cheese"', ["A"])
    page = player._repr_html_()
    assert player.sprite().shape == (3 * 2 * 32, 4 * 32)
    assert 'alt="say &quot;cheese&quot;"' in page and page.count("</script>") == 2
    assert not re.search(r"https?://|src=\"(?!data:)", page)
    label = re.search(r'label for="([^"]+)"', page)[1]
    slider = re.search(r'<input id="([^"]+)"', page)[1]
    assert label == slider and 'max="2"' in page and 'class="acai-keys"' in page
    assert json.loads(re.search(r"words = (\[.*?\]),", page)[1]) == player.words
    with pytest.raises(ValueError, match="an alt text"):
        course.Player(torch.zeros(1, 1, 1, 1, 32, 32), [""], "place", " ")
    with pytest.raises(ValueError, match="N words"):
        course.Player(torch.zeros(2, 1, 1, 1, 32, 32), [""], "place", "x")


def test_a_watched_path_has_a_row_for_each_of_six_moments_the_last_one_included():
    model = al.build("acai", "lines", recipe="lines-live")
    watch, x = course.WatchPath(model, *al.load("lines").test_images[:2]), []
    watch.show = x.append
    for samples in range(0, 900, 100):
        watch.last = -float("inf")                  # as if some seconds had passed
        watch({"samples": samples})
    watch({"samples": 900})                         # too soon after the last one
    page = x[-1]
    assert len(x) == 9 and page.count("<img") == page.count("alt=\"The path") == 6
    assert re.findall(r"right\">([\d,]+) images", page)[::5] == ["0", "800"]
    assert not re.search(r"https?://|src=\"(?!data:)", page)
