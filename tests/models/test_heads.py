"""Heads other than the weighted L1 distance, against NumPy by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_siamese import CosineHead, EuclideanHead, WeightedL1, siamese_network, twin_encoder
from keras_siamese.evaluation.class_scores import class_logits
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import LayerHead, average_mirrored, twin_head
from keras_siamese.models.mirrored import without_mirroring
from keras_siamese.models.network_files import load_network, save_network
from keras_siamese.models.numpy_config import read_archive
from keras_siamese.models.numpy_network import UnsupportedError

FEATURES = 5
PAIRS = hnp.arrays("float32", (3, FEATURES), elements=st.floats(-2, 2, width=32))


def _encoder(size=(4, 4, 1)):
    image = keras.Input(size)
    dense = keras.layers.Dense(FEATURES, kernel_initializer=keras.initializers.RandomNormal(seed=1))
    return keras.Model(image, dense(keras.layers.Flatten()(image)))


def _one_sided():
    """A layer that is not symmetric: 2 for h1, -1 for h2."""
    first, second = keras.Input((FEATURES,)), keras.Input((FEATURES,))
    joined = keras.layers.Concatenate()([first, second])
    weights = np.array([[2.0]] * FEATURES + [[-1.0]] * FEATURES)
    dense = keras.layers.Dense(1, use_bias=False)
    model = keras.Model([first, second], dense(joined))
    dense.set_weights([weights])
    return model


HEADS = {
    "weighted_l1": lambda: "weighted_l1",
    "euclidean": lambda: "euclidean",
    "cosine": lambda: "cosine",
    "dot": lambda: keras.layers.Dot(axes=1, normalize=True),
    "wrapped": lambda: EuclideanHead(scale=2.0, bias=0.5, name="mine"),
    "one-sided": _one_sided,
}


@pytest.fixture(params=HEADS)
def network(request):
    return siamese_network(_encoder(), head=HEADS[request.param](), seed=2)


def _vectors(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, FEATURES)).astype(np.float32)


def _images(count=6, seed=0):
    return np.random.default_rng(seed).random((count, 4, 4, 1), dtype=np.float32)


def test_euclidean_logit_is_minus_the_scaled_distance():
    layer = EuclideanHead(scale=3.0, bias=0.5)
    h1, h2 = _vectors(4), _vectors(4, seed=1)
    expected = 0.5 - 3 * np.linalg.norm(h1.astype(np.float64) - h2, axis=1)
    np.testing.assert_allclose(np.asarray(layer([h1, h2]))[:, 0], expected, rtol=1e-5)


def test_cosine_logit_is_the_scaled_cosine():
    distance = pytest.importorskip("scipy.spatial.distance")
    layer = CosineHead(scale=3.0, bias=0.5)
    h1, h2 = _vectors(4), _vectors(4, seed=1)
    expected = [0.5 + 3 * (1 - distance.cosine(*pair)) for pair in zip(h1, h2, strict=True)]
    np.testing.assert_allclose(np.asarray(layer([h1, h2]))[:, 0], expected, rtol=1e-5)


@pytest.mark.parametrize("layer", [EuclideanHead(), CosineHead()], ids=["euclidean", "cosine"])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e-30, 1e30], ids=str)
def test_gradient_at_equal_embeddings_is_finite(layer, value):
    if isinstance(layer, EuclideanHead) and value == 1e30:
        value = 1e15
    h1 = tf.Variable(np.full((2, FEATURES), value, np.float32))
    with tf.GradientTape() as tape:
        logits = layer([h1, tf.constant(np.full((2, FEATURES), value, np.float32))])
    assert np.isfinite(logits).all()
    assert np.isfinite(tape.gradient(logits, h1)).all()


@settings(max_examples=25, deadline=None)
@given(PAIRS, PAIRS)
def test_distance_heads_are_symmetric_and_highest_at_equal_embeddings(h1, h2):
    for layer in (EuclideanHead(), CosineHead()):
        logits = np.asarray(layer([h1, h2]))
        np.testing.assert_array_equal(logits, layer([h2, h1]))
        # Rounding may bring a cosine above 1 in the last bits. Zero vectors have no direction.
        assert (logits <= np.asarray(layer([np.ones_like(h1)] * 2)) + 1e-5).all()


def test_layers_stay_in_float32_under_mixed_precision():
    with pytest.raises(ValueError, match="`dtype` of CosineHead must be 'float32' or None"):
        CosineHead(dtype="bfloat16")
    half = np.full((1, FEATURES), 0.5, "float16")
    assert EuclideanHead()([half, half]).dtype == "float32"


@pytest.mark.parametrize("kind", [EuclideanHead, CosineHead])
def test_scale_must_be_positive_and_shapes_equal(kind):
    for wrong in (0.0, -1.0, float("nan"), "1", True):
        with pytest.raises(ValueError, match="`scale` must be a finite number above 0"):
            kind(scale=wrong)
    with pytest.raises(ValueError, match=f"`inputs` of {kind.__name__} must be two tensors"):
        kind()([np.zeros((2, 5)), np.zeros((1, 5))])


def test_layers_have_fixed_names_and_weights(network):
    names = [layer.name for layer in network.layers]
    head = "weighted_l1" if isinstance(twin_head(network), WeightedL1) else "head"
    assert names == ["left", "right", "encoder", head, "probability"]
    assert twin_head(network) is network.get_layer(head)


def test_probability_is_the_sigmoid_of_the_head(network):
    left, right = _images(), _images(seed=1)
    encode = twin_encoder(network)
    logits = np.asarray(twin_head(network)([encode(left), encode(right)]))
    np.testing.assert_allclose(network([left, right]), 1 / (1 + np.exp(-logits)), atol=1e-6)


def test_logits_in_numpy_are_those_of_the_layer(network):
    head, vectors = twin_head(network), 10 * _vectors(9)
    vectors[3] = 0
    left, right = (side.reshape(3, 27) for side in np.divmod(np.arange(81), 9))
    expected = np.asarray(head([vectors[left.ravel()], vectors[right.ravel()]]))
    found = head_logits(head, vectors, left, right)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.ravel(), expected[:, 0], rtol=1e-5, atol=1e-5)
    each = class_logits(head, vectors, vectors, np.ones(9, int), shots="best")
    np.testing.assert_allclose(each.ravel(), expected[:, 0], rtol=1e-5, atol=1e-5)


def test_equal_pairs_tie_to_the_last_bit_wherever_they_stand(network):
    head = twin_head(network)
    vectors = np.concatenate([np.repeat(_vectors(2), 700, axis=0), _vectors(99, seed=3)])
    rows = np.random.default_rng(0).permutation(700)
    logits = head_logits(head, vectors, rows, 700 + rows[::-1])
    assert len(np.unique(logits)) == 1
    classes = class_logits(head, vectors[:800], vectors, np.ones(1499, int), shots="best")
    assert len(np.unique(classes[:700, 700:1400])) == 1


def test_equal_pairs_of_a_layer_are_computed_once():
    def head(sides, training):
        # What rounding may do: the place decides.
        return np.arange(len(sides[0]), dtype=np.float32)[:, None]

    vectors = np.repeat(_vectors(2), 3, axis=0)
    vectors[1, 0] = 0.0
    vectors[4] = vectors[1]
    vectors[1, 0] = -0.0
    left, right = np.divmod(np.arange(36), 6)
    logits = head_logits(head, vectors, left, right).reshape(6, 6)
    classes = class_logits(head, vectors, vectors, np.ones(6, int), shots="best")
    for found in (logits, classes):
        assert len(np.unique(found)) == 9
        for one, other in ((0, 2), (1, 4), (3, 5)):
            np.testing.assert_array_equal(found[one], found[other])
            np.testing.assert_array_equal(found[:, one], found[:, other])


def test_first_embedding_is_the_left_one_and_the_query():
    network = siamese_network(_encoder(), head=_one_sided())
    head, (query, support) = twin_head(network), _vectors(2)
    expected = 2 * query.sum() - support.sum()
    one, zero = np.ones(1, int), np.zeros(1, int)
    both = np.stack([query, support])
    np.testing.assert_allclose(head_logits(head, both, zero, one), [expected], rtol=1e-5)
    found = class_logits(head, query[None], support[None], one, shots="mean")
    np.testing.assert_allclose(found, [[expected]], rtol=1e-5)


def test_weights_of_a_layer_are_shared_and_a_named_head_is_taken_as_it_is():
    layer = _one_sided()
    assert twin_head(siamese_network(_encoder(), head=layer)).layer is layer
    named = CosineHead(scale=2.0, name="head")
    assert twin_head(siamese_network(_encoder(), head=named)) is named
    named = WeightedL1(use_bias=False, name="weighted_l1")
    assert twin_head(siamese_network(_encoder(), head=named)) is named


def test_network_survives_saving(network, tmp_path):
    left, right = _images(), _images(seed=1)
    head = twin_head(network)
    head.set_weights([weight + 0.125 for weight in head.get_weights()])
    save_network(network, tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded([left, right]), network([left, right]))
    assert type(twin_head(loaded)) is type(head)


@pytest.mark.keras3
def test_file_is_read_without_keras_where_numpy_knows_the_head(network, tmp_path):
    network.save(tmp_path / "network.keras")
    content = (tmp_path / "network.keras").read_bytes()
    if isinstance(twin_head(network), LayerHead):
        with pytest.raises(UnsupportedError):
            read_archive(content)
        return
    light, images = read_archive(content), _images()
    assert light.num_features == FEATURES
    vectors, rows = light.encode(images), np.arange(3)
    expected = np.asarray(network([images[:3], images[3:]]))[:, 0]
    found = 1 / (1 + np.exp(-head_logits(light.head, vectors, rows, rows + 3)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_scaled_logits_are_slope_times_logit_plus_offset(network):
    head, vectors, rows = twin_head(network), _vectors(8), np.arange(4)
    before = head_logits(head, vectors, rows, rows + 4)
    head.scale_logits(2.5, -0.75)
    after = head_logits(head, vectors, rows, rows + 4)
    np.testing.assert_allclose(after, 2.5 * before - 0.75, rtol=1e-5, atol=1e-5)
    of_layer = np.asarray(head([vectors[:4], vectors[4:]]))[:, 0]
    np.testing.assert_allclose(of_layer, after, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("symmetries", [4, 8])
def test_mirrored_logit_is_the_mean_over_the_mirrorings(network, symmetries, tmp_path):
    sides = [_images(), _images(seed=1)]
    left, right = sides
    averaged = average_mirrored(network, symmetries)
    encode, head = twin_encoder(network), twin_head(network)
    if symmetries == 8:
        sides = [np.concatenate([side, side.transpose(0, 2, 1, 3)]) for side in sides]
    axes = [(), (2,), (1,), (1, 2)]
    each = [head([encode(np.flip(side, axis)) for side in sides]) for axis in axes]
    each = np.reshape(each, (symmetries, len(left), 1))
    expected = 1 / (1 + np.exp(-np.mean(each, axis=0)))
    np.testing.assert_allclose(averaged([left, right]), expected, atol=1e-6)
    averaged.save(tmp_path / "averaged.keras")
    loaded = load_network(tmp_path / "averaged.keras")
    np.testing.assert_allclose(loaded([left, right]), expected, atol=1e-6)
    single = without_mirroring(loaded)
    np.testing.assert_allclose(single([left, right]), network([left, right]), atol=1e-6)


def test_subclass_that_computes_something_else_is_called():
    class Doubled(CosineHead):
        def similarity(self, first, second):
            return 2 * super().similarity(first, second)

    class Zero(WeightedL1):
        def call(self, inputs):
            return 0 * super().call(inputs)

    vectors, rows = _vectors(4), np.arange(2)
    for kind in (Doubled, Zero):
        head = twin_head(siamese_network(_encoder(), head=kind()))
        expected = np.asarray(head.layer([vectors[:2], vectors[2:]]))[:, 0]
        found = head_logits(head, vectors, rows, rows + 2)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_code_in_a_file_is_refused(tmp_path):
    layer = keras.layers.Lambda(lambda sides: sides[0][:, :1] - sides[1][:, :1])
    siamese_network(_encoder(), head=layer).save(tmp_path / "network.keras")
    with pytest.raises(ValueError, match="cannot be loaded"):
        load_network(tmp_path / "network.keras")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("manhattan", "must be one of .'weighted_l1', 'euclidean', 'cosine'., or a Keras layer"),
        (None, "Received: head=None"),
        (EuclideanHead, "or a Keras layer of two embeddings"),
        (keras.layers.Subtract(), r"must give logits of shape \(batch, 1\).*shape \(None, 5\)"),
    ],
    ids=["name", "none", "class", "vector"],
)
def test_head_that_gives_no_logit_is_an_error(head, message):
    with pytest.raises(ValueError, match=f"`head` .*{message}|{message}"):
        siamese_network(_encoder(), head=head)


@pytest.mark.parametrize("head", ["cosine", CosineHead()], ids=["name", "layer"])
def test_bias_belongs_to_the_weighted_l1_distance(head):
    with pytest.raises(ValueError, match="`use_bias` must be True"):
        siamese_network(_encoder(), head=head, use_bias=False)
