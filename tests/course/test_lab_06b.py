"""What lab 06b names and shows."""
import json
import math

import acai_course as course
import pytest
import torch
from acai_course.lab_06b import answers


def test_the_cost_that_the_check_names():
    t = torch.linspace(0, 1, 50)[:, None]
    value = answers.path_cost(torch.cat([t, 1 - t], 1), lambda z: torch.full((len(z),), 0.5))
    assert float(value) == pytest.approx(2 * math.log(2) ** 2,
                                         abs=1e-4) == pytest.approx(0.9609, abs=1e-4)


def test_committed_record_has_the_cells_that_evidence_names_and_they_decide():
    recorded = course.realism_record()["paths"]["lines-baseline-64"]["indices"]["kernel "
                                                                                "0.2"]["kinds"]
    (_, first, measure), (_, second, _) = answers.evidence()
    key = measure.lower().replace(" ", "_")
    assert recorded[second][key] < recorded[first][key] / 5
    # the pair that leaves the question open
    assert recorded["spherical"][key] > recorded[second][key] * 3
    json.dumps(answers.evidence())


def test_a_map_shows_every_route_and_what_the_cost_asks():
    corner = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    path = {"straight": corner, "realistic": corner[[0, 2]]}
    figure = course.route_map(lambda z: z[:, 0].clamp(0, 1), path, (-1, 2, -1, 2),
                              points=torch.rand(5, 2), asked=True, alt="two routes over a slope")
    left, right = figure.axes[:2]
    assert figure.alt and [text.get_text() for text in left.get_legend().get_texts()] == list(path)
    curves = [line for line in right.lines if len(line.get_xdata()) > 5]
    assert len(curves) == 2 and all(line.get_xdata()[0] == 0
                                    and line.get_xdata()[-1] == 1 for line in curves)
    assert [list(line.get_ydata()) for line in right.lines
            if len(line.get_xdata()) <= 5] == [[0.5, 1.0], [0.5]]


def test_the_two_moons_are_scikit_learns():
    from sklearn.datasets import make_moons
    assert torch.equal(course.two_moons(1000, 0.08),
                       torch.tensor(make_moons(1000, noise=0.08, random_state=0)[0]))
