"""Data and files that are no good: NaN, constants, results of another version, links that go in
circles."""
import json
import math
import warnings

import pytest
import torch
from acai_course.lab_10.records import critics_table, signal_record

import acai_lite as al
from acai_lite.autoencoders import Autoencoder
from acai_lite.image_paths import ImageClassifier
from acai_lite.runs.films import film
from acai_lite.runs.study import Experiment, run
from acai_lite.runs.tables import table

NAN, LABELS = float("nan"), torch.arange(40) % 4


def codes(value=None):
    z = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    if value is not None:
        z[3, 2] = value
    return z


def frames(value, shape=(1, 32, 32)):
    x = torch.linspace(-1, 1, 32).expand(3, 4, *shape).clone()
    x[0, 1, 0, 3] = value
    return x


SCORES = {                                      # of data with one value in it
            "line_scores": lambda v: al.line_scores(frames(v)),
            "wave_scores": lambda v: al.wave_scores(frames(v, (1, 32))),
            "path_scores": lambda v: al.path_scores(frames(v), ImageClassifier()),
            "linear_probe": lambda v: al.linear_probe(codes(v), LABELS, codes(), LABELS),
            "linear_probe, test": lambda v: al.linear_probe(codes(), LABELS, codes(v), LABELS),
            "cluster_accuracy": lambda v: al.cluster_accuracy(codes(v), codes(), LABELS,
                                                              restarts=1),
            "cluster_accuracy, test": lambda v: al.cluster_accuracy(codes(),
                                                                    codes(v), LABELS, restarts=1),
            "fit_density": lambda v: al.fit_density(codes(v)),
            "RealismIndex": lambda v: al.RealismIndex(lambda z: z.sum(1), codes(v)),
            "gaussian_realism": lambda v: al.gaussian_realism(codes(), torch.zeros(6),
                                                              torch.eye(6) * v),
            "rank_agreement": lambda v: al.rank_agreement(codes(v), codes()),
            "path_cost": lambda v: al.path_cost(codes(v)[None], lambda z: 1
                                                / (1 + z.square().sum(1))),
            "draw_lines": lambda v: al.draw_lines([0.0, v]),
            "draw_waves": lambda v: al.draw_waves([1.0, v]),
            "ImageSet": lambda v: al.ImageSet("x", frames(v).flatten(0, 1))}


@pytest.mark.parametrize("score", SCORES)
def test_nan_is_refused_by_every_score(score):
    SCORES[score](0.5)                                                 # and nothing else is
    with pytest.raises(ValueError, match="(?i)nan|finite|singular|infinity"):
        SCORES[score](NAN)


def constant(level=0.3, count=66):
    return al.ImageSet("grey", torch.full((count, 1, 32, 32), level), torch.arange(count) % 3,
                       torch.full((12, 1, 32, 32), level), torch.arange(12) % 3, classes="abc")


@pytest.mark.parametrize("level", [0.3, -1.0])
@pytest.mark.parametrize("recipe", ["paper", "lab"])
def test_constant_images_train_and_are_scored(level, recipe):
    images = constant(level)
    model = al.build("acai", images, recipe=recipe)
    assert model.base.config["std"] > 0
    history = al.fit(model, images, 130, recipe, quiet=True, device="cpu")
    assert history.points and all(math.isfinite(value) for point in history.points
                                  for value in point.values())
    z = al.encode_all(model, images.train_images), al.encode_all(model, images.test_images)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sklearn: fewer distinct points than clusters
        assert 0 <= al.cluster_accuracy(*z, images.test_labels, restarts=1) <= 1
        assert 0 <= al.linear_probe(z[0], images.train_labels, z[1], images.test_labels) <= 1
    assert al.reconstruction_error(model, images.test_images) >= 0
    classifier = al.train_classifier(images, 64)
    found = al.path_scores(al.interpolate_images(model, images.test_images[:2],
                                                 images.test_images[2:4], 3), classifier)
    assert 0 < found.confidence <= 1 and found.class_changes == 0


def test_constant_codes_and_paths():
    still = torch.zeros(2, 3, 1, 32, 32)
    assert al.line_scores(still).mean_distance == 1 and math.isnan(al.line_scores(still).smoothness)
    assert al.wave_scores(torch.zeros(2, 3, 1, 32)).mean_distance == 1
    with pytest.raises(ValueError, match="all codes are equal: they have no density"):
        al.fit_density(torch.ones(20, 3))
    assert float(al.RealismIndex(lambda z: 0 * z.sum(1), codes())(codes()[0])) == 1
    assert math.isnan(al.rank_agreement(torch.ones(3, 4), codes()[:3, :4]).correlation)
    assert torch.equal(al.interpolate(torch.ones(2, 3), torch.ones(2, 3), 4, "spherical"),
                       torch.ones(2, 4, 3))


def test_labels_of_one_class_or_without_a_name(tmp_path):
    with pytest.raises(ValueError, match="(?i)class"):
        al.linear_probe(codes(), torch.zeros(40, dtype=int), codes(), torch.zeros(40, dtype=int))
    for labels in ([0, 3], [-1, 0]):
        with pytest.raises(ValueError, match="labels must be 0 or more, and below the number of "
                                             "class names, 3"):
            al.ImageSet("x", torch.zeros(2, 1, 32, 32), labels, classes="abc")


# --- results, films, links ------------------------------------------------------------------------

RESULT = {"method": "acai", "dataset": "mnist", "code_size": 32, "recipe": "lab", "samples": 64,
          "seed": 0}
DAMAGED = {"empty": "", "cut": json.dumps(RESULT)[:40], "a list": "[1]", "NaN": '{"method": NaN}',
           "deep": "[" * 10 ** 5, "endless": '{"samples": 1e999}', "bytes": "\udcff"}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_result_is_named(tmp_path, damage):
    experiment = Experiment("baseline", "digits", 32, 16, "lab")
    path = tmp_path / f"{experiment.name}.json"
    path.write_text(DAMAGED[damage], errors="surrogateescape")
    readers = [lambda folder: run(experiment, folder), lambda folder: critics_table(
        "mnist", "probe_accuracy", folder), lambda folder: signal_record(path)]
    if damage == "cut":                         # what was a result
        readers.append(table)
    else:                                       # whatever that was
        with pytest.warns(RuntimeWarning, match=f"no results: {path}"):
            table(tmp_path)
    for read in readers:
        with pytest.raises(ValueError, match=rf"{path} is damaged \(.*\): delete it, and run "
                                             rf"its command again") as said:
            read(tmp_path)
        assert "\n" not in str(said.value)
    assert path.exists()


@pytest.mark.parametrize("change", [{"samples": "64"}, {"probe_accuracy": "high"},
                                    {"code_size": [32]}, {"recipe": None}])
def test_a_result_with_a_value_of_another_kind_is_named(tmp_path, change):
    (tmp_path / "a.json").write_text(json.dumps(RESULT | change))
    with pytest.raises(ValueError, match="a.json is damaged .*delete it, and run its command "
                                         "again, or restore it with git"):
        table(tmp_path)


def test_a_result_of_another_version_is_left_out_and_named(tmp_path):
    (tmp_path / "new.json").write_text(json.dumps(RESULT | {"probe_accuracy": 0.9,
                                                            "of the future": [1]}))
    (tmp_path / "old.json").write_text(json.dumps({"method": "acai", "dataset": "mnist",
                                                   "probe_accuracy": 0.1}))
    with pytest.warns(RuntimeWarning, match="old.json is left out: a result of another version .*, "
                                            "without code_size"):
        found = table(tmp_path)
    assert "90.00" in found.markdown() and "10.00" not in found.markdown()
    with pytest.raises(ValueError, match="is of another version of acai_lite .it lacks samples"):
        critics_table("mnist", "probe_accuracy", tmp_path)


def test_a_picture_that_is_no_film_is_refused(tmp_path):
    from PIL import Image
    for name, mode in (("a.jpg", "RGB"), ("a.gif", "P"), ("b.png", "RGB"), ("c.png", "I;16")):
        Image.new(mode, (64, 64)).save(tmp_path / name)
        with pytest.raises(ValueError, match="is damaged or no film of acai_lite"):
            film((tmp_path / name).rename(tmp_path / f"{name}.png"))


def test_a_link_to_itself_is_no_folder(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FileNotFoundError,
                       match="no folder of images at .*loop: give the path of a folder"):
        al.load(tmp_path / "loop")


def test_a_model_cannot_be_fitted_to_other_images():
    with pytest.raises(ValueError, match="the model takes images"):
        al.fit(Autoencoder(al.Architecture(3, 4, 2, 1)), constant(), 64, quiet=True)
