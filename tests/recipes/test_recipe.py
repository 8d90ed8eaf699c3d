"""`train_recognizer`: what is read, held out, trained, and known of it afterwards."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import (
    Preprocessing,
    Recognizer,
    pretrained,
    recipes,
    siamese_network,
    train_recognizer,
)
from keras_siamese.data import PICTURE_CAMERA, CameraRanges, load_arrays, make_glyphs
from keras_siamese.models import average_mirrored, twin_encoder, twin_head
from keras_siamese.models.mirrored import is_mirrored
from keras_siamese.training import methods

SIDE = 8


def pixel_encoder(side: int = SIDE, channels: int = 1) -> keras.Model:
    inputs = keras.Input((side, side, channels))
    return keras.Model(inputs, keras.layers.Flatten()(inputs))


def drawings() -> tuple[list[np.ndarray], list[str]]:
    """Six classes of four pictures of 20x20, black on white, each with a mark of its own."""
    images, labels = [], []
    for row in range(6):
        for number in range(4):
            pixels = np.full((20, 20), 255, np.uint8)
            pixels[3 * row : 3 * row + 2] = 0
            pixels[number, 19] = 128
            images.append(pixels)
            labels.append(f"row{row}")
    return images, labels


@pytest.fixture
def trained(monkeypatch):
    """Takes the place of the training: a network of pixels; lists what it was given."""
    calls = []

    def train(images, runs, plan):
        calls.append((images, runs, plan))
        if plan.network is not None:
            return plan.network
        _, height, width, channels = images.images.shape
        encoder = keras.Sequential([keras.Input((height, width, channels)), keras.layers.Flatten()])
        model = siamese_network(encoder)
        kernel = -np.ones((height * width * channels, 1))
        twin_head(model).set_weights([kernel, np.array([3.0])])
        return model

    for name in methods.METHODS:
        monkeypatch.setitem(methods.METHODS, name, train)
    return calls


@pytest.mark.parametrize("side", [9, 35, 57, 63, 64, 105])
def test_two_or_three_pixels_a_side_are_left_to_compare(monkeypatch, side):
    configs = []
    monkeypatch.setattr(methods, "train_episodes", lambda *given, **_: configs.append(given[2]))
    rng = np.random.default_rng(0)
    images = load_arrays(rng.random((4, side, side + 2, 1)), ["a", "a", "b", "b"])
    model = train_recognizer(images, width=1, held_out=0, verbose=0).model
    last = twin_encoder(model).get_layer("flatten").input.shape[1]
    assert last in (2, 3)
    assert configs[0].optimizer == "muon"


@pytest.mark.parametrize("kind", ["folder", "pair", "beside", "mapping", "dataset"])
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
        "beside": (np.stack(images)[..., None], np.array(labels)),
        "mapping": ({f"row{row}": images[4 * row : 4 * row + 4] for row in range(6)},),
        "dataset": (load_arrays(reading.read_batch(images), labels, preprocessing=reading),),
    }[kind]
    size = {} if kind == "dataset" else {"size": SIDE}
    recognizer = train_recognizer(*data, **size, seed=3, verbose=0)
    ((known, runs, plan),) = trained
    assert (plan.method, plan.width, plan.steps, plan.seed) == ("episodes", None, None, 3)
    assert len(known) == 16 and runs.support.shape[1] == 2
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


def test_how_images_were_read_is_known_afterwards(trained):
    images, labels = drawings()
    reading = Preprocessing((6, 9), polarity="light_on_dark", paper="keep")
    inverted = [255 - pixels for pixels in images]
    recognizer = train_recognizer(inverted, labels, preprocessing=reading, verbose=0)
    assert recognizer.preprocessing == reading
    assert trained[0][0].images.shape[1:] == (6, 9, 1)
    recognizer = train_recognizer(images, labels, color="rgb", verbose=0)
    assert recognizer.preprocessing == Preprocessing(35, "rgb")


def test_classes_to_hold_out_can_be_named(trained):
    data = drawings()
    report = train_recognizer(data, size=SIDE, held_out=["row1", "row4"], verbose=0).report
    assert report.held_out == ("images/row1", "images/row4")
    assert set(trained[0][0].labels) == {f"images/row{row}" for row in (0, 2, 3, 5)}
    with pytest.raises(ValueError, match="row9"):
        train_recognizer(data, size=SIDE, held_out=["row1", "row9"], verbose=0)
    with pytest.raises(ValueError, match="to hold out"):
        train_recognizer(data, size=SIDE, held_out=["row1"], verbose=0)


def test_nothing_need_be_held_out(trained):
    recognizer = train_recognizer(drawings(), size=SIDE, held_out=0, verbose=0)
    assert recognizer.threshold is None and recognizer.report.one_shot is None
    assert len(trained[0][0]) == 24 and "no classes were held out" in str(recognizer.report)


def test_unreadable_images_are_all_listed_or_left_out(trained, tmp_path):
    images, labels = drawings()
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_text("no image")
        images.append(tmp_path / name)
        labels.append("row0")
    with pytest.raises(ValueError, match=r"one\.png.*two\.png.*skip_unreadable"):
        train_recognizer(images, labels, size=SIDE, verbose=0)
    assert not trained
    recognizer = train_recognizer(images, labels, size=SIDE, skip_unreadable=True, verbose=0)
    assert len(recognizer.report.unreadable) == 2


def test_a_backbone_says_size_and_colour(trained):
    backbone = pixel_encoder(12, 3)
    recognizer = train_recognizer(drawings(), backbone=backbone, verbose=0)
    assert recognizer.preprocessing == Preprocessing(12, "rgb")
    plan = trained[0][2]
    assert plan.network is recognizer.model and plan.optimizer == "adamw"
    assert plan.learning_rate is None
    free = keras.Sequential([keras.Input((None, None, 1)), keras.layers.GlobalAveragePooling2D()])
    recognizer = train_recognizer(drawings(), backbone=free, size=16, verbose=0)
    assert recognizer.preprocessing == Preprocessing(16)


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_network_that_ships_is_trained_further(trained, monkeypatch, mirrored):
    network = siamese_network(pixel_encoder(), seed=4)
    shipped = average_mirrored(network) if mirrored else network
    card = {"image_size": SIDE, "thresholds": {"0.01": 0.9}}
    monkeypatch.setattr(pretrained, "pretrained_card", lambda name: card)
    monkeypatch.setattr(pretrained, "open_pretrained", lambda name: shipped)
    recognizer = train_recognizer(drawings(), from_preset="omniglot", verbose=0)
    plan = trained[0][2]
    assert not is_mirrored(plan.network) and is_mirrored(recognizer.model) is mirrored
    assert (plan.optimizer, plan.learning_rate) == ("muon", recipes.FINE_TUNING_RATE)
    assert plan.options["settings"] == {"from_preset": "omniglot"}
    assert recognizer.preprocessing == Preprocessing(SIDE)
    # What it starts from answers as the network that ships.
    np.testing.assert_allclose(
        twin_head(plan.network).get_weights()[0], twin_head(network).get_weights()[0], rtol=1e-6
    )
    with pytest.raises(ValueError, match=r"shape \(8, 8, 1\)"):
        train_recognizer(drawings(), from_preset="omniglot", size=35, verbose=0)


@pytest.mark.parametrize(
    ("told", "paper"), [({}, "redraw"), ({"size": SIDE}, "redraw"), ({"paper": "level"}, "level")]
)
def test_what_is_not_told_is_read_as_the_preset_has_it(trained, monkeypatch, told, paper):
    known = Preprocessing(SIDE, polarity="dark_on_light", paper="redraw")
    card = {"image_size": SIDE, "thresholds": {"0.01": 0.9}, "preprocessing": known.to_json()}
    monkeypatch.setattr(pretrained, "pretrained_card", lambda name: card)
    network = siamese_network(pixel_encoder(), seed=4)
    monkeypatch.setattr(pretrained, "open_pretrained", lambda name: network)
    recognizer = train_recognizer(drawings(), from_preset="omniglot", verbose=0, **told)
    assert recognizer.preprocessing == replace(known, paper=paper)


RANGES = CameraRanges(blur=1.0)


@pytest.mark.parametrize(
    ("reading", "camera", "expected"),
    [
        (Preprocessing(SIDE), None, CameraRanges()),
        (Preprocessing(SIDE, paper="redraw"), None, CameraRanges()),
        (Preprocessing(SIDE, paper="keep"), None, None),
        (Preprocessing(SIDE, "rgb"), None, None),
        (None, None, CameraRanges()),
        (Preprocessing(SIDE), False, None),
        (Preprocessing(SIDE), True, CameraRanges()),
        (Preprocessing(SIDE, paper="keep"), True, PICTURE_CAMERA),
        (Preprocessing(SIDE, "rgb"), True, PICTURE_CAMERA),
        (Preprocessing(SIDE), RANGES, RANGES),
        (Preprocessing(SIDE, "rgb"), RANGES, RANGES),
    ],
)
def test_drawings_are_trained_on_as_a_camera_shows_them(monkeypatch, reading, camera, expected):
    configs = []
    monkeypatch.setattr(methods, "train_episodes", lambda m, i, config, **_: configs.append(config))
    channels = 1 if reading is None else reading.shape[2]
    stack = np.random.default_rng(0).integers(0, 255, (8, SIDE, SIDE, channels), np.uint8)
    images = load_arrays(stack, np.repeat(np.arange(4), 2), preprocessing=reading)
    methods.train_on_episodes(images, None, methods.Plan(camera=camera, width=1))
    assert [config.camera for config in configs] == [expected]


def test_what_is_trained_on_is_shown(trained, capsys):
    train_recognizer(drawings(), size=SIDE)
    said = capsys.readouterr().out
    assert said.startswith("training on ImageDataset(") and "\nvalidating on ImageDataset(" in said


def test_arguments_that_do_not_fit_are_refused_before_the_work(trained):
    data = drawings()
    dataset = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=2, size=SIDE)
    wrong = [
        ({"method": "magic"}, "'episodes', 'pairs'"),
        ({"epochs": 3}, "`epochs` is not for method 'episodes'"),
        ({"method": "pairs", "steps": 3}, "`steps` is not for method 'pairs'"),
        ({"method": "pairs", "backbone": pixel_encoder()}, "backbone"),
        ({"method": "pairs", "camera": True}, "`camera` is not for method 'pairs'"),
        ({"camera": "on"}, "`camera` must be True, False, None or CameraRanges.*'on'"),
        ({"steps": 0}, "`steps`"),
        ({"width": 1.5}, "`width`"),
        ({"false_accept_rate": 2}, "false_accept_rate"),
        ({"held_out": 1.0}, "fraction"),
        ({"size": 0}, "size"),
        ({"color": "blue"}, "color"),
        ({"size": SIDE, "preprocessing": Preprocessing(SIDE)}, "as well"),
        ({"backbone": pixel_encoder(), "from_preset": "omniglot"}, "exclude each other"),
        ({"backbone": pixel_encoder(), "width": 8}, "exclude each other"),
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


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.parametrize("start", ["new", "backbone"])
def test_a_run_goes_on_where_it_was(tmp_path, start):
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


def test_a_misspelt_keyword_is_told(trained):
    with pytest.raises(TypeError, match=r"^train_recognizer\(\).*'stepps'.*'steps'"):
        train_recognizer(drawings(), stepps=5)
    assert not trained


def photographs() -> tuple[list[np.ndarray], list[str]]:
    """Glyphs of six classes by four drawers on unevenly lit paper."""
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=4, size=64, seed=1)
    light = np.linspace(0.5, 0.9, 104)[:, None]
    images = [
        ((255 - np.pad(image[..., 0], 20)) * light).astype(np.uint8) for image in glyphs.images
    ]
    return images, list(glyphs.labels)


def test_photographs_of_drawings_are_found_out_unless_told_otherwise(trained):
    options = {"size": SIDE, "backbone": pixel_encoder(), "verbose": 0}
    assert train_recognizer(*photographs(), **options).preprocessing.paper == "find"
    told = train_recognizer(*photographs(), paper="keep", **options).preprocessing
    assert told.paper == "keep"
    assert train_recognizer(*drawings(), **options).preprocessing.paper == "level"
    with pytest.raises(ValueError, match="`preprocessing` says size, colour and paper already"):
        train_recognizer(
            *drawings(), paper="find", preprocessing=Preprocessing(SIDE), backbone=pixel_encoder()
        )


@pytest.mark.parametrize("held_out", [0, 0.34])
def test_it_knows_what_training_images_are_like(trained, held_out):
    images, labels = drawings()
    recognizer = train_recognizer(images, labels, size=SIDE, held_out=held_out, verbose=0)
    squares = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((2, 2))).astype(np.uint8)
    usual, unlike = recognizer.fit(images, labels).rank([images[0], 255 * squares])
    assert usual.novelty < unlike.novelty
    assert len(recognizer.novelty.quantiles) == 101
