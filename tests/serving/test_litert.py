"""A network in LiteRT gives Keras's numbers in the LiteRT interpreter."""

import numpy as np
import pytest

from keras_siamese import dense_encoder, export_litert, siamese_network, twin_encoder

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
