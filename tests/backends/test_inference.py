"""What is used without training, on the backend that Keras runs on. Needs no TensorFlow."""

from pathlib import Path

import keras
import numpy as np
import pytest

import keras_siamese as ks
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.models import average_mirrored, koch_encoder, twin_encoder
from keras_siamese.models.network_files import load_network, save_network
from keras_siamese.pretrained import open_pretrained
from keras_siamese.training import pair_batches

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def glyphs():
    return ks.make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=4, seed=1)


def test_the_network_that_ships_agrees_with_its_computation_in_numpy():
    encoder = twin_encoder(ks.load_pretrained("omniglot"))
    plain = open_pretrained("omniglot")  # in NumPy for so few images
    images = np.random.default_rng(0).random((5, *encoder.input_shape[1:])).astype(np.float32)
    np.testing.assert_allclose(encode_images(encoder, images), plain.encode(images), atol=1e-4)


def test_the_readmes_example():
    recognizer = ks.Recognizer.from_preset("omniglot").fit(EXAMPLES / "signs")
    assert recognizer.predict(EXAMPLES / "sign.png") == "loop"
    assert not recognizer.verify(EXAMPLES / "signs" / "ear" / "1.png", EXAMPLES / "sign.png").same


def test_estimators_scores_and_files(glyphs, tmp_path):
    model = ks.siamese_network(ks.reduced_encoder(filters=(4, 4, 4, 4), units=8))
    episodes = ks.sample_episodes(glyphs, num_episodes=2, n_way=5, seed=0)
    result = ks.evaluate_one_shot(model, episodes)
    assert result.n == 10
    mirrored = ks.evaluate_one_shot(average_mirrored(model), episodes)
    assert mirrored.n == 10
    pairs = ks.sample_pairs(glyphs, 40, seed=0)
    verifier = ks.Verifier(model)
    verifier.choose_threshold(glyphs.images, pairs)
    classifier = ks.OneShotClassifier(model).fit(glyphs.images[::4], glyphs.character[::4])
    assert classifier.predict(glyphs.images[1::4]).shape == (12,)
    path = tmp_path / "network.keras"
    save_network(model, path)
    again = ks.evaluate_one_shot(load_network(path), episodes)
    assert again == result
    assert np.isfinite(verifier.threshold)


def test_fit_with_an_optimizer_of_keras_and_with_ours(glyphs):
    pairs = ks.sample_pairs(glyphs, 64, seed=0)
    batches = pair_batches(glyphs, pairs, batch_size=16)
    for optimizer in (keras.optimizers.Adam(1e-3), ks.LayerwiseSGD(0.05, 0.5)):
        model = ks.siamese_network(
            ks.reduced_encoder(filters=(4, 4, 4, 4), units=8, initializer="he"), initializer="he"
        )
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
        history = model.fit(batches, epochs=2, verbose=0).history
        assert np.isfinite(history["loss"]).all()
        assert model.predict(batches, verbose=0).shape == (64, 1)


def test_anybodys_images_train_a_recognizer(glyphs):
    recognizer = ks.train_recognizer(glyphs, held_out=0.4, width=4, steps=4, verbose=0)
    recognizer.fit(glyphs.images[::4], glyphs.character[::4])
    assert len(recognizer.predict(glyphs.images[1::4])) == 12


def test_the_papers_network_has_the_papers_size():
    assert koch_encoder().count_params() == 38_947_648
