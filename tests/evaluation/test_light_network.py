"""A network that starts in NumPy, and when Keras takes over."""

import subprocess
import sys

import numpy as np
import pytest

from keras_siamese.evaluation import light_network
from keras_siamese.evaluation.light_network import LightNetwork, open_light, open_network
from keras_siamese.evaluation.network import KerasNetwork
from keras_siamese.models import conv_encoder, siamese_network, twin_encoder, twin_head

pytestmark = pytest.mark.keras3


@pytest.fixture(scope="module")
def model():
    return siamese_network(conv_encoder((9, 9, 1), filters=(3,), num_pools=1, units=5))


@pytest.fixture(scope="module")
def content(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "model.keras"
    model.save(path)
    return path.read_bytes()


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 9, 9, 1), dtype=np.uint8)


def test_it_answers_as_keras_does(content, model, images):
    network = open_light(content)
    assert isinstance(network, LightNetwork)
    other = KerasNetwork(model)
    assert (network.input_shape, network.num_features) == ((9, 9, 1), 5)
    np.testing.assert_allclose(network.encode(images), other.encode(images), atol=1e-5)
    np.testing.assert_array_equal(network.head.get_weights()[0], twin_head(model).get_weights()[0])


def test_keras_takes_over_where_there_are_many_images(content, images, monkeypatch):
    network = open_light(content)
    loads, load = [], network._load_model
    monkeypatch.setattr(light_network, "_BUILD_MODEL", 10 * network._network.multiplications)
    monkeypatch.setattr(network, "_load_model", lambda: loads.append(1) or load())
    first = network.encode(images)
    network.encode(images)
    assert not loads
    # Twelve images in all.
    last = network.encode(images)
    assert len(loads) == 1
    np.testing.assert_allclose(first, last, atol=1e-5)
    network.encode(images)
    assert len(loads) == 1


def test_what_becomes_of_the_model_counts(content, images):
    network = open_light(content)
    before = network.encode(images)
    model = network.model
    assert network.model is model
    encoder = twin_encoder(model)
    encoder.set_weights([np.zeros_like(value) for value in encoder.get_weights()])
    twin_head(model).set_weights([np.full((5, 1), 7.0), np.ones(1)])
    after = network.encode(images)
    assert np.abs(before - 0.5).max() > 0.01
    np.testing.assert_allclose(after, 0.5)
    assert (network.head.get_weights()[0] == 7).all()


def test_a_network_that_numpy_does_not_know_is_opened_by_keras(tmp_path, images):
    import keras

    image = keras.Input((9, 9, 1))
    output = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3)(image))
    siamese_network(keras.Model(image, output)).save(tmp_path / "model.keras")
    content = (tmp_path / "model.keras").read_bytes()
    assert open_light(content) is None
    network = open_network(content)
    assert isinstance(network, KerasNetwork)
    assert network.encode(images).shape == (4, 3)


def test_no_tensorflow_is_needed(content, tmp_path):
    (tmp_path / "model.keras").write_bytes(content)
    script = (
        "import sys, numpy as np\n"
        "from keras_siamese.evaluation.light_network import open_light\n"
        "network = open_light(open(sys.argv[1], 'rb').read())\n"
        "network.encode(np.zeros((1, 9, 9, 1), np.uint8))\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "model.keras")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "set()\n", done.stderr
