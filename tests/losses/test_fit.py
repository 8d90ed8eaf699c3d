"""`fit` with each loss, and the memory against a queue of NumPy."""

from collections import deque

import keras
import numpy as np
import pytest

from keras_siamese import losses
from keras_siamese.compat import to_numpy
from tests.losses import numpy_losses

pytestmark = pytest.mark.keras3


def problem():
    """Four classes in a plane, turned into six numbers: a line tells them apart."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(4), 12)
    centres = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])[labels]
    x = (centres + rng.normal(0, 0.3, centres.shape)) @ rng.normal(size=(2, 6))
    return np.concatenate([x, rng.normal(size=x.shape)], axis=1).astype("float32"), labels


def encoder():
    start = keras.initializers.RandomNormal(0, 0.3, seed=1)
    return keras.Sequential(
        [keras.Input((12,)), keras.layers.Dense(5, kernel_initializer=start, name="dense")]
    )


EMBEDDING_LOSSES = [
    losses.ContrastiveLoss(distance="l1"),
    losses.TripletLoss("semi-hard"),
    losses.TripletLoss("all", 0.5, "cosine"),
    losses.NPairsLoss(),
    losses.MultiSimilarityLoss(),
    losses.SupervisedContrastiveLoss(),
    losses.CircleLoss(),
    losses.SoftNearestNeighborLoss(),
]


@pytest.mark.parametrize("loss", EMBEDDING_LOSSES, ids=lambda loss: loss.name)
def test_fit_lowers_each_loss_on_embeddings(loss):
    x, labels = problem()
    model = encoder()
    model.compile(keras.optimizers.Adam(0.02), loss)
    # The last batch holds a single image: it has no positive.
    history = model.fit(x[:-15], labels[:-15], batch_size=16, epochs=6, shuffle=False, verbose=0)
    found = history.history["loss"]
    assert np.isfinite(found).all() and found[-1] < 0.9 * found[0]


@pytest.mark.parametrize(
    "loss", [losses.ArcFaceLoss(0.2, 16.0), losses.ProxyAnchorLoss()], ids=lambda loss: loss.name
)
def test_fit_trains_the_proxies_with_the_encoder(loss):
    x, labels = problem()
    proxies = losses.ClassProxies(4, keras.initializers.RandomNormal(seed=2))
    model = keras.Sequential([encoder(), proxies])
    model.compile(keras.optimizers.Adam(0.02), loss)
    before = to_numpy(proxies.proxies).copy()
    found = model.fit(x, labels, batch_size=16, epochs=6, verbose=0).history["loss"]
    assert found[-1] < 0.9 * found[0]
    assert np.all(np.any(to_numpy(proxies.proxies) != before, axis=1))
    assert np.mean(model.predict(x, verbose=0).argmax(axis=1) == labels) > 0.5


def trainer(loss, memory_size, layers):
    labels, images = keras.Input((), dtype="int32"), keras.Input((12,))
    memory = losses.CrossBatchMemory(loss, memory_size)
    model = keras.Model([labels, images], memory([labels, layers(images)]))
    return model, memory


@pytest.mark.parametrize("memory_size", [5, 16, 40])
def test_a_memory_holds_what_a_queue_holds(memory_size):
    x, labels = problem()
    layers = encoder()
    model, memory = trainer(losses.ContrastiveLoss(), memory_size, layers)
    # Nothing is learned, so that the embeddings stay the same.
    model.compile(keras.optimizers.SGD(0.0))
    queue = deque(maxlen=memory_size)
    expected = layers.predict(x, verbose=0)
    for start, stop in [(0, 7), (7, 14), (14, 25), (25, 26), (26, 48)]:
        rows = slice(start, stop)
        model.train_on_batch([labels[rows], x[rows]])
        queue.extend(range(start, stop))
        held = list(queue)
        assert int(memory.filled) == len(held)
        np.testing.assert_array_equal(to_numpy(memory.labels)[-len(held) :], labels[held])
        np.testing.assert_allclose(
            to_numpy(memory.embeddings)[-len(held) :], expected[held], rtol=1e-5, atol=1e-6
        )
        assert not np.any(to_numpy(memory.embeddings)[: -len(held)])


def test_the_loss_is_that_over_batch_and_queue():
    """Against loops over a batch of anchors and the queue's references."""
    x, labels = problem()
    memory = losses.CrossBatchMemory(losses.SoftNearestNeighborLoss(2.0), 10)
    queue = deque(maxlen=10)
    for start in range(0, 40, 8):
        rows = range(start, start + 8)
        memory([labels[rows], x[rows]], training=True)
        others = [*rows, *queue]
        costs = []
        for anchor in rows:
            weights = {
                other: np.exp(-numpy_losses.distance("squared_euclidean", x[anchor], x[other]) / 2)
                for other in others
                if other != anchor
            }
            own = sum(weights[other] for other in weights if labels[other] == labels[anchor])
            costs.append(-np.log(own / sum(weights.values())))
        assert float(memory.losses[0]) == pytest.approx(np.mean(costs), rel=1e-4)
        queue.extend(rows)


def test_in_the_warm_up_the_batch_alone_is_compared_and_nothing_is_remembered():
    x, labels = problem()
    loss = losses.ContrastiveLoss()
    late = losses.CrossBatchMemory(loss, 40, warmup_steps=2)
    fresh = losses.CrossBatchMemory(loss, 40)
    for step, start in enumerate(range(0, 40, 8)):
        batch = [labels[start : start + 8], x[start : start + 8]]
        late(batch, training=True)
        if step < 2:
            assert float(late.losses[0]) == pytest.approx(float(loss(*batch)), rel=1e-6)
            assert int(late.filled) == 0
        else:
            # From then on as a memory that begins here.
            fresh(batch, training=True)
            assert float(late.losses[0]) == pytest.approx(float(fresh.losses[0]), rel=1e-6)
            assert int(late.filled) == int(fresh.filled) == 8 * (step - 1)


def test_an_embedding_of_the_warm_up_that_is_not_finite_is_forgotten():
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 8, warmup_steps=1)
    labels, good = np.array([0, 1]), np.array([[0.0], [0.5]], "f4")
    memory([labels, good * np.nan], training=True)
    assert np.isnan(float(memory.losses[0]))
    for _ in range(2):
        memory([labels, good], training=True)
        assert np.isfinite(float(memory.losses[0]))


def test_evaluation_counts_no_step_of_the_warm_up():
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 8, warmup_steps=2)
    batch = [np.array([0, 1]), np.array([[0.0], [0.5]], "f4")]
    for training in (True, False, False, True):
        memory(batch, training=training)
    assert int(memory.filled) == 0
    memory(batch, training=True)
    assert int(memory.filled) == 2


def test_evaluation_compares_the_batch_alone_and_remembers_nothing():
    x, labels = problem()
    layers, loss = encoder(), losses.SupervisedContrastiveLoss()
    model, memory = trainer(loss, 20, layers)
    model.compile(keras.optimizers.SGD(0.0))
    model.fit([labels, x], batch_size=16, verbose=0)
    held = to_numpy(memory.embeddings).copy()
    found = model.evaluate([labels[:16], x[:16]], verbose=0)
    assert found == pytest.approx(
        float(loss(labels[:16], layers.predict(x[:16], verbose=0))), rel=1e-5
    )
    model.predict([labels, x], verbose=0)
    np.testing.assert_array_equal(to_numpy(memory.embeddings), held)
    assert int(memory.filled) == 20


@pytest.mark.parametrize(
    "loss",
    [
        losses.ContrastiveLoss(),
        losses.TripletLoss("semi-hard"),
        losses.TripletLoss("all", distance="l1"),
        losses.MultiSimilarityLoss(),
    ],
    ids=lambda loss: loss.name,
)
def test_fit_with_a_memory_trains_on_batches_without_positives(loss):
    """Batches of one image per class: every positive comes from the memory."""
    x, labels = problem()
    layers = encoder()
    before = to_numpy(layers.weights[0]).copy()
    model, memory = trainer(loss, 16, layers)
    model.compile(keras.optimizers.Adam(0.02))
    history = model.fit([labels, x], batch_size=4, epochs=2, shuffle=False, verbose=0)
    assert np.isfinite(history.history["loss"]).all() and history.history["loss"][0] > 0
    assert np.any(to_numpy(layers.weights[0]) != before)
    assert int(memory.filled) == 16


def test_labels_may_have_a_column():
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 4)
    memory([np.array([[1], [2]]), np.array([[0.0], [0.5]], "f4")], training=True)
    np.testing.assert_array_equal(to_numpy(memory.labels), [0, 0, 1, 2])
