"""tensorflow-addons as optimizer and as warp, where the stack allows it."""

import keras
import numpy as np
import pytest

from keras_siamese import LayerwiseSGD, dense_encoder, siamese_network
from keras_siamese.data import ImageDataset, distort_pairs, sample_episodes, sample_pairs
from keras_siamese.training import TrainingConfig, train
from tests import forked

LAYERS = ("dense1", "embedding", "weighted_l1")
RATES = dict(zip(LAYERS, (0.1, 0.05, 0.02), strict=True))
MOMENTA = dict(zip(LAYERS, (0.9, 0.6, 0.5), strict=True))


def _dataset(seed):
    character = np.arange(6).repeat(6)
    return ImageDataset(
        images=np.random.default_rng(seed).integers(0, 256, (36, 9, 9, 1), np.uint8),
        alphabet=(character // 3).astype(np.int32),
        character=character.astype(np.int32),
        drawer=np.tile(np.arange(1, 7), 6).astype(np.int32),
        alphabet_names=(f"{seed}A", f"{seed}B"),
        character_names=tuple(f"{seed}/{i}" for i in range(6)),
        name=str(seed),
    )


def _model(make_optimizer, rates=RATES):
    encoder = dense_encoder((9, 9, 1), units=(6, 5), initializer="he")
    model = siamese_network(encoder, initializer="he")
    model.compile(make_optimizer(rates, MOMENTA, 0.01), "binary_crossentropy")
    return model


def _train(make_optimizer, epochs=3, **options):
    dataset = _dataset(0)
    pairs = distort_pairs(sample_pairs(dataset, 32, seed=1), 1, (9, 9), seed=2)
    model = _model(make_optimizer)
    config = TrainingConfig(batch_size=16, epochs=epochs, ramp_epochs=2)
    episodes = sample_episodes(_dataset(1), num_episodes=2, n_way=3, seed=3)
    train(model, dataset, pairs, episodes, config, verbose=0, **options)
    return model.get_weights()


def _assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.slow
@pytest.mark.keras3
def test_elsewhere_the_import_says_what_is_needed():
    done = forked.run(["-c", "import keras_siamese.addons"])
    *_, line = done.stderr.strip().splitlines()
    assert line.startswith("ImportError: keras_siamese.addons needs tensorflow-addons 0.23")
    assert "TensorFlow 2.15" in line and "pip install 'keras_siamese[addons]'" in line


@pytest.mark.addons
def test_the_loop_trains_alike_with_either_optimizer_and_warp():
    from keras_siamese.addons import AddonsSGD, transform_images

    expected = _train(LayerwiseSGD)
    _assert_same(_train(AddonsSGD, warp=transform_images), expected)


@pytest.mark.addons
def test_a_run_with_addons_resumes_to_the_same_weights(tmp_path):
    from keras_siamese.addons import AddonsSGD, transform_images

    whole = _train(AddonsSGD)
    _train(AddonsSGD, epochs=1, run_dir=tmp_path)
    for one, other in zip(_train(AddonsSGD, run_dir=tmp_path, resume=True), whole, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="warp: None then, 'keras_siamese.addons.transform_images"):
        _train(AddonsSGD, run_dir=tmp_path, resume=True, warp=transform_images)


@pytest.mark.addons
def test_fit_trains_alike_with_either_optimizer():
    from keras_siamese.addons import AddonsSGD

    rng = np.random.default_rng(0)
    images = [rng.random((16, 9, 9, 1), np.float32) for _ in range(2)]
    results = []
    for make_optimizer in (LayerwiseSGD, AddonsSGD):
        model = _model(make_optimizer)
        before = model.get_weights()
        model.fit(images, np.arange(16)[:, None] % 2, batch_size=8, shuffle=False, verbose=0)
        results.append(model.get_weights())
    _assert_same(*results)
    for old, new in zip(before, results[1], strict=True):
        assert (old != new).any()


@pytest.mark.addons
def test_config_round_trips():
    from keras_siamese.addons import AddonsSGD

    optimizer = AddonsSGD(RATES, 0.9, 0.01)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, AddonsSGD)
    assert again.get_config() == optimizer.get_config()


@pytest.mark.addons
@pytest.mark.parametrize("argument", ["learning_rates", "momenta"])
def test_a_layer_without_a_name_is_an_error(argument):
    from keras_siamese.addons import AddonsSGD, multi_optimizer

    variables = _model(LayerwiseSGD).trainable_variables
    named = {"learning_rates": RATES, "momenta": MOMENTA}
    named[argument] = {name: 0.1 for name in LAYERS if name != "embedding"}
    for build in (
        lambda: multi_optimizer(variables, **named),
        lambda: AddonsSGD(**named).build(variables),
    ):
        with pytest.raises(ValueError, match=rf"`{argument}`.*without a name: \['embedding'\]"):
            build()
