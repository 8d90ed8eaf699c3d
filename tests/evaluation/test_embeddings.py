"""Encoding each image once, and the weighted L1 head in tiles."""

import keras
import numpy as np
import pytest

from keras_siamese import make_glyphs
from keras_siamese.evaluation import embed
from keras_siamese.evaluation import embeddings as module
from keras_siamese.evaluation.embeddings import encode_images, weighted_l1_sums
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import twin_encoder, twin_head


@pytest.mark.parametrize("batch_size", [1, 7, 30, 1000])
def test_batches_do_not_change_the_embeddings(model, counting, images, batch_size):
    expected = twin_encoder(model).predict(images.astype(np.float32) / 255, verbose=0)
    embeddings = encode_images(counting, images, batch_size=batch_size)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, expected, atol=1e-6)
    assert len(counting.batches) == -(-30 // batch_size)
    np.testing.assert_array_equal(
        np.concatenate(counting.batches), images.astype(np.float32) / np.float32(255)
    )


def test_a_network_an_encoder_and_a_data_set_give_the_same_embeddings(model):
    glyphs = make_glyphs(size=8, num_alphabets=1, characters_per_alphabet=2, num_drawers=3).resized(
        4
    )
    scaled = glyphs.images / np.float32(255)
    expected = twin_encoder(model).predict(scaled, verbose=0)
    for network in (model, twin_encoder(model)):
        for images in (glyphs, glyphs.images, scaled, scaled.reshape(6, 16)):
            found = embed(network, images, batch_size=4)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 5, 5, 1)), "`images` must have the encoder's shape"),
        (np.full((2, 4, 4, 1), 200.0), r"`images` must hold images of uint8"),
        (np.zeros((0, 4, 4, 1)), "`images` must be a batch.*0 sample"),
    ],
)
def test_images_that_have_no_embedding_are_an_error(model, images, message):
    with pytest.raises(ValueError, match=message):
        embed(model, images)


@pytest.mark.parametrize("network", [None, "omniglot.keras", keras.layers.Flatten()])
def test_what_is_no_network_embeds_nothing(network):
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        embed(network, np.zeros((1, 4, 4, 1)))


def test_float_images_are_taken_as_they_are(model, images):
    encoder = twin_encoder(model)
    scaled = encode_images(encoder, images.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(scaled, encode_images(encoder, images))


@pytest.mark.parametrize(
    ("shape", "batch_size", "message"),
    [
        ((0, 4, 4, 1), 8, "at least one image"),
        ((4, 4, 1), 8, r"Received: shape \(4, 4, 1\)"),
        ((3, 5, 5, 1), 8, r"input shape \(4, 4, 1\)\. .*shape \(5, 5, 1\). Resize"),
        ((3, 4, 4, 3), 8, r"shape \(4, 4, 3\)"),
        ((3, 4, 4, 1), 0, "`batch_size` must be at least 1"),
    ],
)
def test_images_that_do_not_fit_are_refused(model, shape, batch_size, message):
    with pytest.raises(ValueError, match=message):
        encode_images(twin_encoder(model), np.zeros(shape, np.uint8), batch_size=batch_size)


def test_an_encoder_of_vectors_is_no_encoder_of_images(images):
    encoder = keras.Sequential([keras.Input((16,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"the encoder's input shape \(16,\)"):
        encode_images(encoder, images)


@pytest.mark.parametrize("tile_numbers", [1, 20, 2**18])
def test_logits_are_those_of_the_layer(model, tile_numbers, monkeypatch):
    monkeypatch.setattr(module, "TILE_NUMBERS", tile_numbers)
    rng = np.random.default_rng(0)
    vectors = rng.random((9, 6), dtype=np.float32)
    left, right = rng.integers(0, 9, (2, 5, 4))
    head = twin_head(model)
    logits = head_logits(head, vectors, left, right)
    expected = np.asarray(head([vectors[left.ravel()], vectors[right.ravel()]])).reshape(5, 4)
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-6)
    assert logits.dtype == np.float32


def test_equal_pairs_tie_exactly_wherever_they_stand(model):
    vectors = np.random.default_rng(0).random((2, 6), dtype=np.float32)
    logits = head_logits(twin_head(model), vectors, np.zeros(999, int), np.ones(999, int))
    assert len(set(logits.tolist())) == 1


def test_pairs_and_features_must_fit(model):
    head, vectors = twin_head(model), np.zeros((3, 6), np.float32)
    with pytest.raises(ValueError, match="same shape"):
        head_logits(head, vectors, np.zeros(2, int), np.zeros(3, int))
    with pytest.raises(ValueError, match="6 features, one per weight. Received: 5"):
        head_logits(head, vectors[:, :5], np.zeros(2, int), np.zeros(2, int))


def test_sums_are_as_exact_as_weights_and_embeddings():
    exact = np.array([[0.0], [1000.0], [1000.00001]])
    left, right = np.zeros(2, int), np.array([1, 2])
    for embeddings in (exact, exact.astype(np.float32)):
        for kernel in (np.full(1, -1.0), np.full(1, -1, np.float32)):
            sums = weighted_l1_sums(kernel, embeddings, left, right)
            assert sums.dtype == np.result_type(kernel, embeddings)
            np.testing.assert_array_equal(sums, -embeddings[1:, 0])
    # What was not rounded before is not rounded on the way.
    kernel = np.array([1 / 3])
    sums = weighted_l1_sums(kernel, exact.astype(np.float32), left, right)
    np.testing.assert_array_equal(sums, kernel * exact[1:, 0].astype(np.float32).astype(float))
