"""What a training starts from: a new network, a backbone, or a network that ships."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_siamese import (
    Preprocessing,
    pretrained,
    recipes,
    siamese_network,
    train_recognizer,
)
from keras_siamese.data import load_arrays
from keras_siamese.models import average_mirrored, twin_encoder, twin_head
from keras_siamese.models.mirrored import is_mirrored
from keras_siamese.recipes import methods
from tests.recipes.pictures import SIDE, drawings, pixel_encoder


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
