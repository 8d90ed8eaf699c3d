"""Models as the siamese examples of keras.io make them become networks as the page says."""

import keras
import numpy as np
import pytest

import keras_siamese as ks
from keras_siamese.models.network_files import load_network, save_network
from keras_siamese.training import calibrate

pytestmark = pytest.mark.keras3
SIZE = (8, 8, 3)
LEFT, RIGHT = np.random.default_rng(0).random((2, 6, *SIZE), dtype=np.float32)


def _embedding(kind=keras.Model):
    layers = keras.layers
    image = keras.Input(SIZE)
    hidden = layers.Conv2D(4, 3, activation="relu")(layers.BatchNormalization()(image))
    hidden = layers.Flatten()(layers.AveragePooling2D(2)(hidden))
    vector = layers.Dense(4, activation="tanh")(layers.BatchNormalization()(hidden))
    return kind(image, vector, name="Embedding")


def _euclidean(vectors):
    squares = keras.ops.sum(keras.ops.square(vectors[0] - vectors[1]), axis=1, keepdims=True)
    return keras.ops.sqrt(keras.ops.maximum(squares, keras.config.epsilon()))


def _contrastive(distance):
    embedding = _embedding()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    merged = keras.layers.BatchNormalization()(distance([embedding(left), embedding(right)]))
    return keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(merged))


def _contrastive_loss(truth, guess):
    apart = keras.ops.square(keras.ops.maximum(1 - guess, 0))
    return keras.ops.mean((1 - truth) * keras.ops.square(guess) + truth * apart)


def _calibrated(network, folder):
    """Return the network calibrated, saved and loaded."""
    noise = np.random.default_rng(1).random((12, *SIZE))
    images = 0.7 * np.repeat(LEFT[:4], 3, axis=0) + 0.3 * noise
    data = ks.load_arrays((255 * images).astype(np.uint8), np.arange(12) // 3)
    calibrate(network, data.images, ks.sample_pairs(data, 20, seed=0))
    save_network(network, folder / "network.keras")
    return load_network(folder / "network.keras")


def _order(values):
    return np.argsort(np.asarray(values).reshape(-1)).tolist()


def test_contrastive_model_is_built_again_and_keeps_its_weights(tmp_path):
    old = _contrastive(keras.layers.Lambda(_euclidean, output_shape=(1,)))
    old.compile(loss=_contrastive_loss, optimizer="RMSprop")
    levels = [255 * LEFT, 255 * RIGHT]
    old.fit(levels, np.arange(6) % 2, epochs=1, verbose=0)
    # More apart is more different, as it is after a longer training.
    old.layers[-1].kernel.assign([[1.0]])
    with pytest.raises(ValueError, match="must have no Lambda layer"):
        ks.from_model(old, output="distance")
    new = _contrastive(_euclidean)
    new.set_weights(old.get_weights())
    different = old.predict(levels, verbose=0)
    network = ks.from_model(new, output="distance", max_pixel=255)
    found = ks.Verifier(network).probabilities(LEFT, RIGHT)
    np.testing.assert_allclose(found, 1 - different[:, 0], atol=1e-5)
    # The pixels are also read from what the first normalization has seen.
    found = ks.from_model(new, output="distance").predict([LEFT, RIGHT], verbose=0)
    np.testing.assert_allclose(found, 1 - different, atol=1e-5)
    loaded = _calibrated(network, tmp_path)
    np.testing.assert_allclose(network([LEFT, RIGHT]), loaded([LEFT, RIGHT]), atol=1e-6)


class DistanceLayer(keras.layers.Layer):
    """The layer of the triplet example."""

    def call(self, anchor, positive, negative):
        """Return both squared distances."""
        sides = (anchor - positive, anchor - negative)
        return tuple(keras.ops.sum(keras.ops.square(side), -1) for side in sides)


class SiameseModel(keras.Model):
    """The model of the triplet example, without its training step."""

    def __init__(self, siamese):
        super().__init__()
        self.siamese = siamese

    def call(self, inputs):
        """Return both distances."""
        return self.siamese(inputs)


def test_embedding_of_the_triplet_model_makes_the_network(tmp_path):
    prepare, embedding = keras.applications.resnet.preprocess_input, _embedding()
    # As training would: the means of the prepared pixels, which are about -100.
    embedding.layers[1].moving_mean.assign(prepare(LEFT.copy()).mean(axis=(0, 1, 2)))
    images = [keras.Input(SIZE) for _ in range(3)]
    distances = DistanceLayer()(*[embedding(prepare(image)) for image in images])
    siamese = keras.Model(images, distances)
    with pytest.raises(ValueError, match="pass the encoder on"):
        ks.from_model(siamese)
    with pytest.raises(ValueError, match="A subclassed model has no graph"):
        ks.from_model(SiameseModel(siamese))
    image = keras.Input(SIZE)
    encoder = keras.Model(image, embedding(prepare(image)))
    network = ks.siamese_network(encoder, head="euclidean")
    apart = siamese.predict([LEFT, RIGHT, RIGHT], verbose=0)[0]
    assert len(set(apart.tolist())) == len(LEFT)
    assert _order(-network.predict([LEFT, RIGHT], verbose=0)) == _order(apart)
    loaded = _calibrated(network, tmp_path)
    assert _order(-loaded.predict([LEFT, RIGHT], verbose=0)) == _order(apart)


class EmbeddingModel(keras.Model):
    """The model of the metric-learning example: functional, with its own training step."""

    def train_step(self, data):
        """Do nothing here."""


def test_metric_learning_model_is_taken_as_a_plain_one(tmp_path):
    model = _embedding(EmbeddingModel)
    network = ks.siamese_network(keras.Model(model.inputs, model.outputs), head="cosine")
    first, second = (model.predict(side, verbose=0) for side in (LEFT, RIGHT))
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine = (first * second).sum(axis=1) / norms
    assert _order(network.predict([LEFT, RIGHT], verbose=0)) == _order(cosine)
    loaded = _calibrated(network, tmp_path)
    assert _order(loaded.predict([LEFT, RIGHT], verbose=0)) == _order(cosine)


def test_trained_encoder_that_divides_gets_pixels_up_to_255():
    encoder = keras.Sequential(
        [keras.Input(SIZE), keras.layers.Rescaling(1 / 255), *_embedding().layers[1:]]
    )
    image = keras.Input(SIZE)
    multiplied = keras.Model(image, encoder(keras.layers.Rescaling(255.0)(image)))
    network = ks.siamese_network(multiplied, head="euclidean")
    expected = encoder.predict(255 * LEFT, verbose=0)
    found = ks.twin_encoder(network).predict(LEFT, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)
