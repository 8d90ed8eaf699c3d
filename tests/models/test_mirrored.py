"""Averaging over mirror images: the mean of four logits, one network to save, bad input."""

import keras
import numpy as np
import pytest

from keras_siamese.models import (
    average_mirrored,
    conv_encoder,
    siamese_network,
    twin_encoder,
    twin_head,
)
from keras_siamese.models.mirrored import MirroredEncoder, without_mirroring


def images(seed, count=5, shape=(9, 7, 1)):
    return np.random.default_rng(seed).random((count, *shape)).astype("float32")


@pytest.fixture
def model():
    """A network whose answers to mirror images differ, with a bias that is not zero."""
    encoder = conv_encoder((9, 7, 1), filters=(3,), num_pools=1, units=6, seed=2)
    model = siamese_network(encoder, seed=1)
    twin_head(model).bias.assign([0.75])
    return model


def logits(model, left, right):
    probability = np.asarray(model([left, right]))[:, 0].astype(np.float64)
    return np.log(probability / (1 - probability))


def test_the_logit_is_the_mean_over_both_images_mirrored_alike(model):
    left, right = images(0), images(1)
    mirrored = [np.fliplr, np.flipud, lambda image: image[::-1, ::-1], lambda image: image]
    each = [
        logits(model, *(np.stack([mirror(image) for image in side]) for side in (left, right)))
        for mirror in mirrored
    ]
    assert np.ptp(each, axis=0).min() > 1e-3
    found = logits(average_mirrored(model), left, right)
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-5)


def test_the_answer_to_mirrored_images_is_the_same(model):
    left, right = images(2), images(3)
    averaged = average_mirrored(model)
    expected = logits(averaged, left, right)
    for axes in ((1,), (2,), (1, 2)):
        turned = logits(averaged, np.flip(left, axes), np.flip(right, axes))
        np.testing.assert_allclose(turned, expected, atol=1e-5)


def square_model():
    encoder = conv_encoder((8, 8, 1), filters=(3,), num_pools=1, units=6, seed=2)
    return siamese_network(encoder, seed=1)


def test_eight_symmetries_are_all_turns_of_the_square_and_their_mirror_images(tmp_path):
    model = square_model()
    left, right = images(0, shape=(8, 8, 1)), images(1, shape=(8, 8, 1))
    turned = [
        logits(model, *(np.rot90(np.flip(side, flips), turns, (1, 2)) for side in (left, right)))
        for flips in ((), (1,))
        for turns in range(4)
    ]
    assert np.ptp(turned, axis=0).min() > 1e-4
    averaged = average_mirrored(model, np.int64(8))
    np.testing.assert_allclose(logits(averaged, left, right), np.mean(turned, axis=0), atol=1e-5)
    assert twin_encoder(averaged).output_shape == (None, 48)
    averaged.save(tmp_path / "averaged.keras")
    loaded = keras.saving.load_model(tmp_path / "averaged.keras")
    np.testing.assert_array_equal(loaded([left, right]), averaged([left, right]))
    again = without_mirroring(loaded)
    np.testing.assert_allclose(logits(again, left, right), logits(model, left, right), atol=1e-5)


def test_what_averages_already_is_averaged_once():
    model = square_model()
    left, right = images(2, shape=(8, 8, 1)), images(3, shape=(8, 8, 1))
    for symmetries in (4, 8):
        again = average_mirrored(average_mirrored(model, 12 - symmetries), symmetries)
        once = average_mirrored(model, symmetries)
        np.testing.assert_allclose(logits(again, left, right), logits(once, left, right), atol=1e-5)
        assert twin_encoder(again).output_shape == (None, symmetries * 6)


def test_what_is_not_square_has_four_symmetries_and_no_other_number_is_taken(model):
    with pytest.raises(ValueError, match=r"square images for 8 symmetries.*\(None, 9, 7, 1\)"):
        average_mirrored(model, symmetries=8)
    for wrong in (1, 5, True, "8", 8.5, None):
        with pytest.raises(ValueError, match=r"`symmetries` must be one of \(4, 8\)"):
            average_mirrored(square_model(), symmetries=wrong)


def test_files_that_do_not_name_the_number_have_four(model):
    layer = twin_encoder(average_mirrored(model)).get_layer("mirrored")
    config = layer.get_config()
    del config["symmetries"]
    assert MirroredEncoder.from_config(config).symmetries == 4


def test_without_mirroring_the_network_answers_as_it_was_given(model):
    left, right = images(4), images(5)
    again = without_mirroring(average_mirrored(model))
    np.testing.assert_allclose(logits(again, left, right), logits(model, left, right), atol=1e-5)


@pytest.mark.keras3
def test_another_global_policy_leaves_it_as_exact(model):
    left, right = images(2), images(3)
    expected = np.asarray(average_mirrored(model)([left, right]))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = np.asarray(average_mirrored(model)([left, right]))
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_array_equal(found, expected)


def test_the_encoder_is_shared_and_the_head_is_not(model):
    averaged = average_mirrored(model)
    left, right = images(4), images(5)
    kernel = np.array(twin_head(model).kernel)
    before = logits(averaged, left, right)
    twin_encoder(model).get_layer("embedding").bias.assign(np.linspace(-2, 2, 6))
    assert np.abs(logits(averaged, left, right) - before).min() > 1e-4
    twin_head(averaged).kernel.assign(np.zeros((24, 1)))
    np.testing.assert_array_equal(np.array(twin_head(model).kernel), kernel)
    assert len(averaged.weights) == len(model.weights)


def test_saving_and_training_take_it_as_it_is(model, tmp_path):
    averaged = average_mirrored(model)
    left, right = images(6, count=8), images(7, count=8)
    averaged.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    same = np.arange(8) % 2
    losses = averaged.fit([left, right], same, epochs=20, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0] - 0.05
    averaged.save(tmp_path / "averaged.keras")
    loaded = keras.saving.load_model(tmp_path / "averaged.keras")
    np.testing.assert_array_equal(loaded([left, right]), averaged([left, right]))


def test_a_network_of_vectors_is_refused():
    vector = keras.Input((4,))
    model = siamese_network(keras.Model(vector, keras.layers.Dense(3)(vector)))
    with pytest.raises(ValueError, match=r"`model` must have an encoder of images.*\(None, 4\)"):
        average_mirrored(model)
    with pytest.raises(ValueError, match="made by siamese_network"):
        average_mirrored(twin_encoder(model))
