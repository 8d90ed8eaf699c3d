"""`train_recognizer`: data in, a recognizer out; refusals, and runs that are resumed."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import (
    Preprocessing,
    Recognizer,
    train_recognizer,
)
from keras_siamese.data import load_arrays, make_glyphs
from keras_siamese.data.folders import training_images
from tests.recipes.pictures import SIDE, drawings, pixel_encoder


@pytest.fixture(autouse=True)
def level(monkeypatch):
    """Tells at once what is chosen for these pictures after a look at a dozen of them."""
    monkeypatch.setattr(training_images, "choose_paper", lambda data: "level")


@pytest.mark.parametrize("kind", ["folder", "pair", "arguments", "mapping", "dataset"])
def test_images_can_be_given_in_many_ways(trained, tmp_path, kind):
    images, labels = drawings()
    for place, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        path = tmp_path / "mine" / label / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    reading = Preprocessing(SIDE)
    data = {
        "folder": (tmp_path / "mine",),
        "pair": ((images, labels),),
        "arguments": (np.stack(images)[..., None], np.array(labels)),
        "mapping": ({f"row{row}": images[4 * row : 4 * row + 4] for row in range(6)},),
        "dataset": (load_arrays(reading.read_batch(images), labels, preprocessing=reading),),
    }[kind]
    size = {} if kind == "dataset" else {"size": SIDE}
    recognizer = train_recognizer(*data, **size, seed=3, verbose=0)
    ((known, episodes, plan),) = trained
    assert (plan.method, plan.width, plan.steps, plan.seed) == ("episodes", None, None, 3)
    assert len(known) == 16 and episodes.support.shape[1] == 2
    assert recognizer.preprocessing == reading
    report = recognizer.report
    assert len(report.held_out) == 2 and (report.n_way, report.one_shot.accuracy) == (2, 1.0)
    assert recognizer.threshold == report.operating_point.threshold
    assert recognizer.thresholds == {0.01: recognizer.threshold}
    assert report.operating_point.false_accept_rate <= 0.01 and report.uncalibrated is None
    assert "2-way: 100.0%" in str(report)
    # 14 different pairs of two classes: with none accepted, 3.84 / (14 + 3.84).
    assert "0.0% (0.0% to 21.5%) of different pairs accepted" in str(report)
    assert "14 different pairs are too few to show a false-accept rate of 1 %" in str(report)
    assert recognizer.classes == [] and recognizer.fit((images[::4], labels[::4]))
    assert recognizer.predict(images[1]) == "row0"


def test_what_came_of_it_is_kept_in_the_file(trained, tmp_path):
    recognizer = train_recognizer(drawings(), size=SIDE, verbose=0)
    recognizer.save(tmp_path / "mine.zip")
    loaded = Recognizer.load(tmp_path / "mine.zip")
    assert loaded.report == recognizer.report
    assert loaded.operating_point == recognizer.operating_point


def test_what_is_trained_on_is_shown(trained, capsys):
    train_recognizer(drawings(), size=SIDE)
    said = capsys.readouterr().out
    assert said.startswith("training on ImageDataset(") and "\nvalidating on ImageDataset(" in said


def test_arguments_that_do_not_fit_are_refused_before_the_work(trained):
    data = drawings()
    dataset = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=2, size=SIDE)
    wrong = [
        ({"method": "magic"}, "'episodes', 'pairs'"),
        ({"epochs": 3}, "`epochs` must be for method 'pairs'. Received: method='episodes'"),
        ({"method": "pairs", "steps": 3}, "`steps` must be for method 'episodes'"),
        ({"method": "pairs", "backbone": pixel_encoder()}, "backbone"),
        ({"method": "pairs", "camera": True}, "`camera` must be for method 'episodes'"),
        ({"camera": "on"}, "`camera` must be True, False, None or CameraRanges.*'on'"),
        ({"steps": 0}, "`steps`"),
        ({"width": 1.5}, "`width`"),
        ({"false_accept_rate": 2}, "false_accept_rate"),
        ({"held_out": 1.0}, "fraction"),
        ({"size": 0}, "size"),
        ({"color": "blue"}, "color"),
        ({"size": SIDE, "preprocessing": Preprocessing(SIDE)}, "as well"),
        ({"backbone": pixel_encoder(), "from_preset": "omniglot"}, "must not come together"),
        ({"backbone": pixel_encoder(), "width": 8}, "must not come together"),
        ({"backbone": pixel_encoder(), "size": 35}, r"shape \(8, 8, 1\)"),
        ({"backbone": pixel_encoder(8, 2)}, "1 or 3 channels"),
        ({"backbone": "resnet"}, "encoder"),
        ({"from_preset": "faces"}, "omniglot"),
        ({"protocol": "all"}, "protocol"),
        ({"split": "train"}, "with a folder only"),
    ]
    for options, said in wrong:
        with pytest.raises(ValueError, match=said):
            train_recognizer(data, verbose=0, **options)
    for images, options, said in (
        (dataset, {"size": 35}, "resized"),
        (dataset, {"preprocessing": Preprocessing(SIDE, paper="keep")}, "data set"),
        (dataset, {"backbone": pixel_encoder(35)}, r"shape \(35, 35, 1\)"),
        ((data[0], data[1][:-1]), {}, "23 labels for 24 images"),
        ((data[0][:4], data[1][:4]), {}, "4 classes"),
        ([], {}, "labels"),
    ):
        with pytest.raises(ValueError, match=said):
            train_recognizer(images, verbose=0, **options)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        train_recognizer("nowhere", verbose=0)
    assert not trained


def test_a_misspelt_keyword_is_told(trained):
    with pytest.raises(TypeError, match=r"^train_recognizer\(\).*'stepps'.*'steps'"):
        train_recognizer(drawings(), stepps=5)
    assert not trained


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.parametrize("start", ["new", "backbone"])
def test_a_run_is_resumed_where_it_stopped(tmp_path, start):
    def options():
        backbone = keras.Sequential(
            [
                keras.Input((SIDE, SIDE, 1)),
                keras.layers.Conv2D(2, 3, kernel_initializer=keras.initializers.HeNormal(seed=0)),
                keras.layers.Flatten(),
            ]
        )
        begin = {"backbone": backbone} if start == "backbone" else {"size": SIDE, "width": 2}
        return {**begin, "steps": 4, "verbose": 0}

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    run = {"run_dir": tmp_path / "run", "resume": True}
    whole = train_recognizer(drawings(), **options())
    with pytest.raises(KeyboardInterrupt):
        train_recognizer(drawings(), **options(), **run, callbacks=[Stop()])
    # Refused before the images are read.
    with pytest.raises(ValueError, match="unfinished run.*resume=True.*restart=True"):
        train_recognizer("no folder", run_dir=tmp_path / "run")
    resumed = train_recognizer(drawings(), **options(), **run)
    assert resumed.threshold == whole.threshold and resumed.report == whole.report
    for value, expected in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)
    with pytest.raises(ValueError, match="seed"):
        train_recognizer(drawings(), **options(), **run, seed=1)
