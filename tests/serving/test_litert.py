"""A network in LiteRT gives Keras's numbers in the LiteRT interpreter."""

import json
import zipfile

import keras
import numpy as np
import pytest

from keras_siamese import (
    Preprocessing,
    dense_encoder,
    export_litert,
    siamese_network,
    twin_encoder,
)

interpreters = pytest.importorskip("ai_edge_litert.interpreter")


@pytest.fixture(scope="module")
def interpreter(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("litert") / "deep" / "siamese.tflite"
    assert export_litert(network, path) == path
    return interpreters.Interpreter(model_path=str(path))


def test_signatures_are_named(interpreter):
    pair = {"inputs": ["left", "right"], "outputs": ["probability"]}
    assert interpreter.get_signature_list() == {
        "serving_default": pair,
        "embed": {"inputs": ["image"], "outputs": ["embedding"]},
        "compare": pair,
    }


def test_probabilities_are_those_of_keras_for_every_batch_size(network, images, interpreter):
    verify = interpreter.get_signature_runner("serving_default")
    for batch in (1, 3, 64):
        left, right = images[:, :batch]
        expected = network.predict_on_batch([left, right])[:, 0]
        found = verify(left=left, right=right)["probability"]
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1


def test_embed_and_compare_are_the_two_halves_of_it(network, images, interpreter):
    embed = interpreter.get_signature_runner("embed")
    left, right = (embed(image=side)["embedding"].copy() for side in images)
    np.testing.assert_allclose(left, twin_encoder(network).predict_on_batch(images[0]), atol=1e-5)
    compare = interpreter.get_signature_runner("compare")
    found = compare(left=left, right=right)["probability"]
    expected = network.predict_on_batch(list(images))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_weights_are_written_once_for_all_signatures(tmp_path):
    network = siamese_network(dense_encoder((20, 20, 1), units=(200,)))
    path = export_litert(network, tmp_path / "siamese.tflite")
    assert path.stat().st_size < 1.2 * 4 * network.count_params()


def test_the_file_says_how_images_are_read(tmp_path):
    network = siamese_network(dense_encoder((20, 20, 1), units=(2,)))
    reading = Preprocessing(20, polarity="light_on_dark")
    path = export_litert(network, tmp_path / "siamese.tflite", preprocessing=reading)
    saved = json.loads(zipfile.ZipFile(path).read("preprocessing.json"))
    assert Preprocessing.from_json(saved) == reading
    zeros = np.zeros((2, 20, 20, 1), np.float32)
    runner = interpreters.Interpreter(model_path=str(path)).get_signature_runner("embed")
    assert runner(image=zeros)["embedding"].shape == (2, 2)


def test_images_that_are_no_pictures_have_no_preprocessing(tmp_path):
    flat = keras.Sequential([keras.Input((4, 5, 2)), keras.layers.Flatten()])
    path = export_litert(siamese_network(flat), tmp_path / "siamese.tflite")
    assert not zipfile.is_zipfile(path)
