"""What lab 07 shows, and that its matching is the package's."""

import torch
from acai_course.lab_07 import answers, paper
from torch import nn

import acai_lite as al
from acai_lite.runs.tables import PAPER, TITLES


def test_the_courses_matching_is_that_of_the_package():
    g = torch.Generator().manual_seed(0)
    z = torch.randn(300, 3, generator=g) + 4 * nn.functional.one_hot(torch.arange(300) % 3)
    from sklearn.cluster import KMeans
    labels = torch.arange(300) % 3
    clusters = KMeans(3, n_init=5, random_state=0).fit(z.numpy()).predict(z.numpy())
    found = answers.matched_accuracy(torch.from_numpy(clusters).long(), labels)
    assert found == al.cluster_accuracy(z, z, labels, restarts=5)


def test_the_table_of_the_slides_hides_its_names_and_says_what_it_shows():
    hidden, shown = paper.slides_table(), paper.slides_table(names=True)
    assert not any(title in hidden.alt for title in TITLES) and all(title in shown.alt
                                                                    for title in TITLES)
    assert sorted(paper.ORDER) == sorted(TITLES) and tuple(paper.ORDER) != TITLES
    cells = [text for row in PAPER["online classifier, %"].values() for text in row.split()]
    assert all(cell in hidden.alt for cell in cells)
