"""What is refused, what is taken, and that a training step never makes a NaN of it."""

import keras
import numpy as np
import pytest

from keras_siamese import losses
from keras_siamese.compat import to_numpy
from tests.losses.cases import CASES, EMBEDDING_CASES, LABELS, embeddings, matrix_of, similarities
from tests.losses.gradients import value_and_gradient

pytestmark = pytest.mark.keras3

# One of each class of loss; its options come later in the code than these checks.
ONE_OF_EACH = [
    losses.ContrastiveLoss(),
    losses.TripletLoss("semi-hard"),
    losses.TripletLoss("hard"),
    losses.TripletLoss("all", distance="l1"),
    losses.NPairsLoss(),
    losses.MultiSimilarityLoss(),
    losses.MultiSimilarityLoss(epsilon=None),
    losses.SupervisedContrastiveLoss(),
    losses.CircleLoss(),
    losses.SoftNearestNeighborLoss(),
]
WITH_PROXIES = [losses.ArcFaceLoss(), losses.ProxyAnchorLoss()]
each_loss = pytest.mark.parametrize("loss", ONE_OF_EACH, ids=lambda loss: loss.name)


@each_loss
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.arange(11), "some class twice.*11 labels of 11 classes"),
        (np.zeros(11, int), "two classes.*11 labels of 1 class"),
        (LABELS[:10], "one label per row.*10 labels and 11 rows"),
        (np.stack([LABELS, LABELS], 1), r"shape \(batch,\) or \(batch, 1\)"),
        (LABELS + 0.5, "whole numbers.*3.5"),
        (np.where(LABELS == 3, np.nan, 1.0), "whole numbers.*nan"),
        (LABELS.astype(str), "whole numbers"),
        ([[1], [2, 3]], "list of whole numbers"),
    ],
    ids=["singles", "one-class", "short", "wide", "fractions", "nan", "text", "ragged"],
)
def test_labels_that_mean_nothing_are_refused(loss, labels, message):
    with pytest.raises(ValueError, match=f"`labels` must.*{message}"):
        loss(labels, embeddings())


@pytest.mark.parametrize("loss", [*ONE_OF_EACH, *WITH_PROXIES], ids=lambda loss: loss.name)
@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e30])
def test_numbers_that_are_not_finite_are_refused_with_their_row(loss, wrong):
    matrix = embeddings(features=8)
    matrix[4, 2] = wrong
    with pytest.raises(ValueError, match=r"`(embeddings|similarities)` must be finite.*row 4"):
        loss(LABELS, matrix)


@pytest.mark.parametrize("shape", [(11,), (11, 3, 1), (11, 0)])
def test_embeddings_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"`embeddings` must have the shape \(batch, columns\)"):
        losses.TripletLoss()(LABELS, np.zeros(shape, "float32"))


def test_whole_numbers_are_no_embeddings():
    with pytest.raises(ValueError, match="`embeddings` must be floats. Received: int"):
        losses.TripletLoss()(LABELS, np.ones((11, 3), "int32"))


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
@pytest.mark.parametrize("label", [-1, 8])
def test_labels_without_a_proxy_are_refused(loss, label):
    labels = LABELS.copy()
    labels[3] = label
    with pytest.raises(ValueError, match=f"`labels` must lie in 0 to 7.*Received: {label}"):
        loss(labels, similarities())


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
def test_embeddings_are_no_similarities(loss):
    with pytest.raises(ValueError, match=r"`similarities` must be cosines.*-9.*ClassProxies"):
        loss([0, 1], [[0.5, 1.0], [0.2, -9.0]])


def test_the_loss_of_proxies_has_no_weights_of_images():
    with pytest.raises(ValueError, match="`sample_weight` of ProxyAnchorLoss must be None"):
        losses.ProxyAnchorLoss()(LABELS, similarities(), sample_weight=np.ones(11))


@pytest.mark.parametrize("name", CASES)
def test_labels_may_have_any_type_and_a_column(name):
    loss, _ = CASES[name]
    matrix = matrix_of(name)
    expected = float(loss(LABELS, matrix))
    same = (LABELS.astype("float32"), LABELS.astype("uint8"), LABELS[:, None], LABELS.tolist())
    for labels in same:
        assert float(loss(labels, matrix)) == expected
    assert float(loss(LABELS, matrix.astype("float64"))) == expected


def test_labels_above_the_whole_numbers_of_float32_are_told_apart():
    x = embeddings(rows=4)
    loss = losses.ContrastiveLoss(margin=4.0)
    # float32 has no number between 2**24 and 2**24 + 2.
    large = np.array([0, 0, 1, 1]) + 2**24
    assert float(loss(large, x)) == float(loss(np.array([0, 0, 1, 1]), x))


@each_loss
@pytest.mark.parametrize("labels", [np.arange(11), np.zeros(11, int)], ids=["singles", "one-class"])
def test_a_step_without_positives_or_negatives_costs_nothing(loss, labels):
    value, gradient = value_and_gradient(loss, labels, embeddings())
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros((11, 4)))


@each_loss
@pytest.mark.parametrize("kind", ["equal", "zero", "twins", "large", "tiny"])
def test_degenerate_embeddings_have_a_finite_loss_and_gradient(loss, kind):
    x = {
        "equal": np.ones((11, 4)) * 0.3,
        "zero": np.zeros((11, 4)),
        "twins": embeddings()[[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]],
        "large": embeddings() * 1e4,
        "tiny": embeddings() * 1e-20,
    }[kind]
    if isinstance(loss, losses.NPairsLoss) and kind == "large":
        x = x / 1e3
    value, gradient = value_and_gradient(loss, LABELS, x)
    assert np.isfinite(value) and value >= 0
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
def test_similarities_at_the_ends_have_a_finite_gradient(loss):
    ends = np.where(np.eye(8)[LABELS] > 0, 1.0, -1.0)
    for matrix in (ends, -ends):
        value, gradient = value_and_gradient(loss, LABELS, matrix)
        assert np.isfinite(value) and np.isfinite(gradient).all()


@pytest.mark.parametrize("labels", [list("aabbccddeef"), np.array(list("aabbccddeef"))], ids=type)
def test_texts_are_refused_with_how_to_number_them(labels):
    with pytest.raises(ValueError, match=r"`labels` must be whole numbers.*numpy\.unique"):
        losses.TripletLoss()(labels, embeddings())


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tensors of text: TensorFlow")
@pytest.mark.parametrize("loss", [*ONE_OF_EACH, *WITH_PROXIES], ids=lambda loss: loss.name)
def test_a_tensor_of_texts_is_refused_like_an_array(loss):
    labels = keras.ops.convert_to_tensor(list("aabbccddeef"))
    with pytest.raises(ValueError, match=r"`labels` must be whole numbers. Received: type string"):
        loss(labels, embeddings(features=8))


def test_labels_that_differ_above_32_bits_are_told_apart_or_refused():
    """JAX keeps 32 bits unless told otherwise."""
    labels = LABELS.astype("int64") << 33
    loss, x = losses.ContrastiveLoss(margin=4.0), embeddings()
    if keras.backend.backend() == "jax":
        with pytest.raises(ValueError, match="`labels` must fit int32. Received: 25769803776"):
            loss(labels, x)
    else:
        assert float(loss(labels, x)) == float(loss(LABELS, x))


def test_labels_of_eight_bits_name_one_of_three_hundred_proxies():
    x = np.random.default_rng(0).uniform(-1, 1, (11, 300)).astype("float32")
    loss = losses.ArcFaceLoss()
    assert float(loss(LABELS.astype("uint8"), x)) == float(loss(LABELS, x))


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda value: losses.ContrastiveLoss(margin=value), "margin"),
        (lambda value: losses.TripletLoss(margin=value), "margin"),
        (lambda value: losses.MultiSimilarityLoss(alpha=value), "alpha"),
        (lambda value: losses.MultiSimilarityLoss(beta=value), "beta"),
        (lambda value: losses.MultiSimilarityLoss(base=value), "base"),
        (lambda value: losses.MultiSimilarityLoss(epsilon=value), "epsilon"),
        (lambda value: losses.SupervisedContrastiveLoss(value), "temperature"),
        (lambda value: losses.SoftNearestNeighborLoss(value), "temperature"),
        (lambda value: losses.CircleLoss(margin=value), "margin"),
        (lambda value: losses.CircleLoss(scale=value), "scale"),
        (lambda value: losses.ArcFaceLoss(margin=value), "margin"),
        (lambda value: losses.ArcFaceLoss(scale=value), "scale"),
        (lambda value: losses.ProxyAnchorLoss(margin=value), "margin"),
        (lambda value: losses.ProxyAnchorLoss(scale=value), "scale"),
    ],
)
@pytest.mark.parametrize("value", [-2.0, np.nan, np.inf, "much", True, [1.0]], ids=repr)
def test_constants_of_a_wrong_type_or_range_are_refused(make, argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be a"):
        make(value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.TripletLoss("harder"), "`mining` must be one of"),
        (lambda: losses.TripletLoss(distance="cosinus"), "`distance` must be one of"),
        (lambda: losses.ContrastiveLoss(distance=2), "`distance` must be one of"),
        (lambda: losses.TripletLoss("all", "soft"), "`margin` must be a number, or 'soft'"),
        (lambda: losses.TripletLoss(margin=2.5, distance="cosine"), "`margin` must be a finite"),
        (lambda: losses.ContrastiveLoss(0), "`margin` must be a finite number above 0"),
        (lambda: losses.CircleLoss(1.0), "`margin` must be a finite number.*below 1"),
        (lambda: losses.ClassProxies(1), "`num_classes` must be at least 2"),
        (lambda: losses.ClassProxies(3, dtype="mixed_bfloat16"), "`dtype` of ClassProxies"),
        (lambda: losses.ClassProxies(3)(np.zeros((2, 3, 4))), "`inputs` of ClassProxies"),
        (lambda: losses.CrossBatchMemory("mse"), "`loss` must be a loss"),
        (lambda: losses.CrossBatchMemory(losses.NPairsLoss()), "`loss` must be a loss"),
        (lambda: losses.CrossBatchMemory(losses.ArcFaceLoss()), "`loss` must be a loss"),
        (lambda: losses.CrossBatchMemory(losses.CircleLoss(), 0), "`memory_size` must be at least"),
        (
            lambda: losses.CrossBatchMemory(losses.CircleLoss(), warmup_steps=-1),
            "`warmup_steps` must be at least 0",
        ),
        (
            lambda: losses.CrossBatchMemory(losses.CircleLoss(), warmup_steps=2**31),
            "`warmup_steps` must be at most",
        ),
        (
            lambda: losses.CrossBatchMemory(losses.CircleLoss(), dtype="float16"),
            "`dtype` of CrossBatchMemory",
        ),
        (
            lambda: losses.CrossBatchMemory(losses.CircleLoss())(np.zeros((2, 3))),
            "`inputs` of CrossBatchMemory",
        ),
    ],
)
def test_arguments_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_sample_weights_are_weights_of_anchors():
    loss = losses.SupervisedContrastiveLoss()
    parts = losses.SupervisedContrastiveLoss(reduction=None)(LABELS, embeddings())
    weights = np.linspace(0, 2, 11, dtype="float32")
    expected = np.mean(to_numpy(parts) * weights)
    found = float(loss(LABELS, embeddings(), sample_weight=weights))
    assert found == pytest.approx(expected, rel=1e-6)
    total = losses.SupervisedContrastiveLoss(reduction="sum")(LABELS, embeddings())
    assert float(total) == pytest.approx(to_numpy(parts).sum(), rel=1e-6)


@pytest.mark.parametrize("name", list(EMBEDDING_CASES)[::7])
def test_half_precision_is_computed_in_float32(name):
    loss, _ = CASES[name]
    half = keras.ops.cast(embeddings(), "bfloat16")
    value = loss(LABELS, half)
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    exact = to_numpy(keras.ops.cast(half, "float32"))
    assert float(value) == pytest.approx(float(loss(LABELS, exact)), rel=1e-6)
