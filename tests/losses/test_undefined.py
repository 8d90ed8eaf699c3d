"""A step on what has no loss has a loss that is NaN: 0 or another number would hide it."""

import keras
import numpy as np
import pytest

from keras_siamese import losses
from keras_siamese.compat import to_numpy
from tests.losses.cases import CASES, EMBEDDING_CASES, LABELS, embeddings, matrix_of
from tests.losses.gradients import value_and_gradient

pytestmark = pytest.mark.keras3

WRONG = (np.nan, np.inf, -np.inf, 1e30)
WITH_PROXIES = [losses.ArcFaceLoss(), losses.ProxyAnchorLoss()]


def spoilt(matrix, rows, wrong):
    matrix = matrix.copy()
    matrix[rows, 2] = wrong
    return matrix


@pytest.mark.parametrize("name", CASES)
def test_a_step_on_numbers_that_are_not_finite_has_no_finite_loss(name):
    loss, matrix = CASES[name][0], matrix_of(name)
    for wrong in WRONG:
        # All rows, one of several of its class, and the single one of its class.
        for rows in (slice(None), 3, 7):
            value, _ = value_and_gradient(loss, LABELS, spoilt(matrix, rows, wrong))
            assert np.isnan(value), f"{wrong} in {rows}"
    assert np.isfinite(value_and_gradient(loss, LABELS, matrix)[0])


@pytest.mark.parametrize("name", list(EMBEDDING_CASES)[::5])
def test_so_has_a_batch_without_positives_or_negatives(name):
    x = spoilt(embeddings(), 4, np.nan)
    for labels in (np.arange(11), np.zeros(11, int)):
        assert np.isnan(value_and_gradient(CASES[name][0], labels, x)[0])


def test_large_numbers_with_finite_squares_have_a_finite_loss():
    """The check itself has no overflow and no gradient."""
    x = embeddings() * 1e18
    value, gradient = value_and_gradient(losses.ContrastiveLoss(distance="cosine"), LABELS, x)
    assert np.isfinite(value) and np.isfinite(gradient).all()
    value, gradient = value_and_gradient(losses.ContrastiveLoss(), np.arange(11), x)
    assert value == 0 and not gradient.any()


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
@pytest.mark.parametrize("label", [-1, 8, 99])
def test_a_step_on_a_label_without_a_proxy_has_no_finite_loss(loss, label):
    matrix = matrix_of("proxy-anchor")
    labels = LABELS.copy()
    labels[4] = label
    assert np.isnan(value_and_gradient(loss, labels, matrix)[0])
    assert np.isnan(value_and_gradient(loss, np.full(11, label), matrix)[0])


@pytest.mark.parametrize("name", EMBEDDING_CASES)
@pytest.mark.parametrize("wrong", [np.nan, np.inf, 2.3])
def test_a_step_on_labels_that_are_no_whole_numbers_has_no_finite_loss(name, wrong):
    """NaN differs from itself, so that an image would be its own negative."""
    labels = LABELS.astype("float32")
    whole = value_and_gradient(CASES[name][0], labels, embeddings())[0]
    assert whole == value_and_gradient(CASES[name][0], LABELS, embeddings())[0]
    labels[4] = wrong
    assert np.isnan(value_and_gradient(CASES[name][0], labels, embeddings())[0])


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
def test_a_step_on_embeddings_instead_of_similarities_has_no_finite_loss(loss):
    matrix = matrix_of("proxy-anchor")
    assert np.isfinite(value_and_gradient(loss, LABELS, matrix)[0])
    assert np.isnan(value_and_gradient(loss, LABELS, 2 * matrix / np.abs(matrix).max())[0])
    # As far as a GPU rounds.
    assert np.isfinite(value_and_gradient(loss, LABELS, 1.003 * matrix / np.abs(matrix).max())[0])


def test_fit_without_proxies_stops_at_once():
    model = encoder()
    model.compile(keras.optimizers.SGD(0.0), losses.ArcFaceLoss())
    assert batches_until_it_stops(model, 100 * embeddings(), LABELS) == 1


def test_other_rows_keep_their_loss():
    labels = np.where(np.arange(11) == 4, 8, LABELS)
    losses_of_rows = losses.ArcFaceLoss(reduction=None)
    matrix = matrix_of("proxy-anchor")
    expected = to_numpy(losses_of_rows(LABELS, matrix))
    found = to_numpy(losses_of_rows.call(*map(keras.ops.convert_to_tensor, (labels, matrix))))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(found)), [4])
    np.testing.assert_allclose(np.delete(found, 4), np.delete(expected, 4), rtol=1e-6)


class Batches(keras.callbacks.Callback):
    seen = 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1


def batches_until_it_stops(model, x, y=None):
    count = Batches()
    stop = keras.callbacks.TerminateOnNaN()
    model.fit(x, y, batch_size=11, epochs=3, verbose=0, callbacks=[count, stop])
    return count.seen


def encoder():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)])


@pytest.mark.parametrize(
    "loss",
    [losses.ContrastiveLoss(), losses.TripletLoss("all"), losses.NPairsLoss()],
    ids=lambda loss: loss.name,
)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_fit_stops_at_embeddings_that_are_not_finite(loss, wrong):
    model = encoder()
    model.compile(keras.optimizers.SGD(0.0), loss)
    assert batches_until_it_stops(model, embeddings(), LABELS) == 3
    assert batches_until_it_stops(model, spoilt(embeddings(), 3, wrong), LABELS) == 1


@pytest.mark.parametrize("loss", WITH_PROXIES, ids=lambda loss: loss.name)
def test_fit_with_proxies_stops_at_classes_numbered_from_one(loss):
    model = keras.Sequential([encoder(), losses.ClassProxies(8)])
    model.compile(keras.optimizers.SGD(0.0), loss)
    assert batches_until_it_stops(model, embeddings(), LABELS) == 3
    assert batches_until_it_stops(model, embeddings(), LABELS + 1) == 1
    assert batches_until_it_stops(model, embeddings(), LABELS - 8) == 1
    for wrong in WRONG:
        assert batches_until_it_stops(model, spoilt(embeddings(), 3, wrong), LABELS) == 1


def with_memory(dtype="int32"):
    labels, images = keras.Input((), dtype=dtype), keras.Input((4,))
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 30)
    model = keras.Model([labels, images], memory([labels, encoder()(images)]))
    model.compile(keras.optimizers.SGD(0.0))
    return model


def test_fit_with_a_memory_stops_and_what_is_remembered_counts():
    model = with_memory()
    assert batches_until_it_stops(model, [LABELS, embeddings()]) == 3
    x = spoilt(embeddings(), 3, np.nan)
    assert batches_until_it_stops(model, [LABELS, x]) == 1
    # It holds the last 30: the batch that is not finite, too, until three more come.
    memory, found = losses.CrossBatchMemory(losses.ContrastiveLoss(), 30), []
    memory([LABELS, x], training=True)
    for _ in range(4):
        memory([LABELS, embeddings()], training=True)
        found.append(bool(np.isnan(float(memory.losses[0]))))
    assert found == [True, True, True, False]


def test_a_memory_refuses_labels_of_floats():
    """As int32, 0.25 and 0.5 are one class."""
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 30)
    with pytest.raises(ValueError, match="`labels` of CrossBatchMemory must be of a type of whole"):
        memory([LABELS / 8, embeddings()], training=True)
    with pytest.raises(ValueError, match="Received: float32.*dtype='int32'"):
        with_memory("float32").fit([LABELS / 8, embeddings()], verbose=0)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="labels above int32: JAX has none")
@pytest.mark.parametrize("large", [2**32, -(2**31) - 1])
def test_a_memory_tells_labels_that_do_not_fit(large):
    labels = np.where(LABELS == 3, large, LABELS)
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 30)
    with pytest.raises(ValueError, match=f"must fit int32. Received: {large}"):
        memory([labels, embeddings()], training=True)
    assert batches_until_it_stops(with_memory("int64"), [labels, embeddings()]) == 1
    assert batches_until_it_stops(with_memory("int64"), [LABELS, embeddings()]) == 3
