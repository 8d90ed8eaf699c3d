"""Retrieval metrics for `fit`, on the backend that Keras runs on. Needs no TensorFlow."""

import keras
import numpy as np
import pytest

from keras_siamese import evaluation, metrics

pytestmark = pytest.mark.keras3

RNG = np.random.default_rng(2)
LABELS = RNG.integers(0, 8, 70)
VECTORS = (RNG.normal(size=(70, 6)) + 1.3 * np.eye(8)[LABELS][:, :6]).astype(np.float32)
OF_EMBEDDINGS = {
    "recall_at_3": (metrics.RecallAtK, {"k": 3}, evaluation.recall_at_k),
    "precision_at_3": (metrics.PrecisionAtK, {"k": 3}, evaluation.precision_at_k),
    "mean_average_precision": (
        metrics.MeanAveragePrecision,
        {},
        evaluation.mean_average_precision,
    ),
    "map_at_r": (metrics.MeanAveragePrecisionAtR, {}, evaluation.map_at_r),
    "mean_reciprocal_rank": (metrics.MeanReciprocalRank, {}, evaluation.mean_reciprocal_rank),
    "r_precision": (metrics.RPrecision, {}, evaluation.r_precision),
}


def embedding_model(chosen, **options):
    """A network that gives its input, so that the right values are known."""
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(loss=lambda y_true, y_pred: keras.ops.sum(y_pred, axis=-1) * 0.0, metrics=chosen)
    return model


@pytest.mark.parametrize(
    ("distance", "names"),
    [("cosine", [*OF_EMBEDDINGS]), ("euclidean", ["map_at_r"]), ("l1", ["map_at_r"])],
    ids=["cosine", "euclidean", "l1"],
)
def test_evaluate_gives_the_values_of_the_functions_over_the_epoch(distance, names):
    asked = {name: OF_EMBEDDINGS[name] for name in names}
    chosen = [kind(**more, size=100, distance=distance) for kind, more, _ in asked.values()]
    found = embedding_model(chosen).evaluate(
        VECTORS, LABELS, batch_size=16, verbose=0, return_dict=True
    )
    for name, (_, more, function) in asked.items():
        expected = function(VECTORS, LABELS, **more, distance=distance)
        assert found[name] == pytest.approx(expected, abs=1e-5), name


def test_without_a_size_each_batch_is_a_gallery():
    chosen = [kind(**more) for kind, more, _ in OF_EMBEDDINGS.values()]
    found = embedding_model(chosen).evaluate(
        VECTORS, LABELS, batch_size=35, verbose=0, return_dict=True
    )
    parts = [slice(0, 35), slice(35, 70)]
    for name, (_, more, function) in OF_EMBEDDINGS.items():
        scored = [
            sum(np.sum(LABELS[part] == label) > 1 for label in LABELS[part]) for part in parts
        ]
        each = [function(VECTORS[part], LABELS[part], **more) for part in parts]
        assert found[name] == pytest.approx(np.average(each, weights=scored), abs=1e-5), name


def test_fit_reports_both_and_starts_each_epoch_anew():
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(4)(inputs))
    chosen = [metrics.RecallAtK(k=1), metrics.RecallAtK(k=1, size=70, name="of_epoch")]
    loss = lambda y_true, y_pred: keras.ops.mean(y_pred**2, axis=-1)  # noqa: E731
    model.compile("adam", loss, metrics=chosen)
    history = model.fit(
        VECTORS, LABELS, batch_size=20, epochs=2, verbose=0, validation_data=(VECTORS, LABELS)
    ).history
    assert all(0 < value < 1 for value in history["recall_at_1"] + history["of_epoch"])
    embeddings = model.predict(VECTORS, verbose=0)
    expected = evaluation.recall_at_k(embeddings, LABELS)
    assert history["val_of_epoch"][-1] == pytest.approx(expected, abs=0.03)


def value_of(metric, labels, vectors, batch=None):
    metric.reset_state()
    step = batch or len(labels)
    for start in range(0, len(labels), step):
        metric.update_state(labels[start : start + step], vectors[start : start + step])
    return float(metric.result())


def test_what_comes_after_the_size_is_left_out():
    for batch in (7, 70):
        metric = metrics.MeanAveragePrecision(size=40)
        expected = evaluation.mean_average_precision(VECTORS[:40], LABELS[:40])
        assert value_of(metric, LABELS, VECTORS, batch) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("size", [32, 40])
def test_each_epoch_that_is_longer_than_the_size_has_its_own_value(size):
    model = embedding_model([metrics.RPrecision(size=size)])
    for vectors, labels in ((VECTORS, LABELS), (VECTORS[::-1], LABELS[::-1])):
        found = model.evaluate(vectors, labels, batch_size=16, verbose=0, return_dict=True)
        expected = evaluation.r_precision(vectors[:size], labels[:size])
        assert found["r_precision"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX traces both branches")
def test_embeddings_are_compared_no_more_when_all_places_are_taken(monkeypatch):
    metric, calls = metrics.RPrecision(size=40), []
    measure = metric.measure
    monkeypatch.setattr(metric, "measure", lambda *ranked: calls.append(0) or measure(*ranked))
    for start in range(0, 70, 10):
        metric.update_state(LABELS[start : start + 10], VECTORS[start : start + 10])
        metric.result()
    # In each of the first four batches.
    assert len(calls) == 4


@pytest.mark.parametrize("size", [None, 70])
@pytest.mark.parametrize(
    ("distance", "noise"), [("cosine", 0), ("cosine", 1e-8), ("euclidean", 0), ("l1", 0)]
)
def test_a_tie_counts_against(size, distance, noise):
    same = np.full((70, 6), 0.7, np.float32) + noise * VECTORS
    metric = metrics.RecallAtK(k=5, size=size, distance=distance)
    assert value_of(metric, LABELS, same) == 0
    zeros = np.zeros((70, 6), np.float32)
    assert value_of(metric, LABELS, zeros) == 0


def test_queries_that_can_find_nothing_or_only_their_class_are_left_out():
    for size in (None, 20):
        metric = metrics.RecallAtK(k=2, size=size)
        assert np.isnan(float(metric.result()))
        # No two of a class; one class, in which every answer is right; and too few.
        assert np.isnan(value_of(metric, np.arange(10), VECTORS[:10]))
        assert np.isnan(value_of(metric, np.zeros(10, int), VECTORS[:10]))
        assert np.isnan(value_of(metric, [0, 0], VECTORS[:2]))
        metric.reset_state()
        assert np.isnan(float(metric.result()))
        # The third does not count, since no other is of its class.
        assert value_of(metric, [0, 0, 1], np.eye(3, 6)[[0, 0, 1]]) == 1


@pytest.mark.parametrize("kind", [metrics.RecallAtK, metrics.PrecisionAtK])
def test_a_k_that_no_batch_can_hold_is_refused(kind):
    with pytest.raises(ValueError, match="at least 33 rows where `size` is None.*: 32"):
        embedding_model([kind(k=32)]).test_on_batch(VECTORS[:32], LABELS[:32])
    with pytest.raises(ValueError, match="at least 2 rows"):
        metrics.RPrecision().update_state(LABELS[:1], VECTORS[:1])
    model = embedding_model([kind(k=32)])
    if keras.backend.backend() == "tensorflow":
        # Its steps do not know how large a batch is.
        assert np.isnan(model.evaluate(VECTORS, LABELS, batch_size=32, verbose=0)[1])
    else:
        with pytest.raises(ValueError, match="at least 33 rows"):
            model.evaluate(VECTORS, LABELS, batch_size=32, verbose=0)
    # One less fits. The last batch, of 6, has no queries.
    found = embedding_model([kind(k=31)]).evaluate(VECTORS, LABELS, batch_size=32, verbose=0)
    function = getattr(
        evaluation, {"RecallAtK": "recall_at_k"}.get(kind.__name__, "precision_at_k")
    )
    each = [function(VECTORS[part], LABELS[part], k=31) for part in (slice(0, 32), slice(32, 64))]
    assert found[1] == pytest.approx(np.mean(each), abs=1e-5)


def test_an_epoch_without_a_query_has_no_value_in_compiled_steps():
    options = {"verbose": 0, "return_dict": True}
    many = embedding_model([metrics.RecallAtK(100, size=200)])
    assert np.isnan(many.evaluate(VECTORS[:64], LABELS[:64], **options)["recall_at_100"])
    full = embedding_model([metrics.RecallAtK(30, size=31)])
    assert np.isnan(full.evaluate(VECTORS, np.arange(70), **options)["recall_at_30"])
    for size in (None, 70):
        model = embedding_model([metrics.MeanAveragePrecision(size=size)])
        name = "mean_average_precision"
        assert np.isnan(model.evaluate(VECTORS, np.arange(70), **options)[name])
        assert model.evaluate(VECTORS, LABELS, **options)[name] > 0
    small = embedding_model([metrics.RecallAtK(5)])
    assert small.evaluate(VECTORS, LABELS, **options)["recall_at_5"] > 0
    assert np.isnan(small.evaluate(VECTORS[:5], LABELS[:5], **options)["recall_at_5"])


def test_an_embedding_that_is_no_number_is_seen_until_the_epoch_ends():
    for size in (None, 70):
        metric = metrics.MeanReciprocalRank(size=size)
        wrong = VECTORS.copy()
        wrong[3, 2] = np.nan
        assert np.isnan(value_of(metric, LABELS, wrong, batch=35))
        assert value_of(metric, LABELS, VECTORS) > 0


def test_labels_may_be_a_column_and_embeddings_half_precision():
    metric = metrics.RPrecision()
    expected = value_of(metric, LABELS, VECTORS)
    assert value_of(metric, LABELS[:, None].astype("float32"), VECTORS) == expected
    half = keras.ops.cast(VECTORS, "bfloat16")
    metric.reset_state()
    metric.update_state(LABELS, half)
    assert float(metric.result()) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "float16"])
def test_labels_of_a_narrow_type_are_told_apart_in_a_wide_batch(dtype):
    # Rows that are 256 apart would count as one, were they numbered in the labels' type.
    vectors, labels = np.tile(VECTORS[:64], (5, 1)), np.tile(LABELS[:64], 5)
    expected = evaluation.precision_at_k(vectors, labels, k=3)
    for size in (None, 320):
        metric = metrics.PrecisionAtK(k=3, size=size)
        assert value_of(metric, labels.astype(dtype), vectors) == pytest.approx(expected, abs=1e-5)


def test_labels_that_int32_would_make_equal_are_kept_apart_or_refused():
    large = LABELS.astype(np.int64) << 32
    with pytest.raises(ValueError, match="must fit int32"):
        metrics.RPrecision(size=70).update_state(large, VECTORS)
    # JAX has no wider type.
    if keras.backend.backend() != "jax":
        expected = evaluation.r_precision(VECTORS, LABELS)
        assert value_of(metrics.RPrecision(), large, VECTORS) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("size", [70, 40])
def test_a_label_that_cannot_be_kept_makes_the_value_of_a_compiled_epoch_none(size):
    halves = LABELS.astype("float32")
    halves[5] += 0.5
    model = embedding_model([metrics.RPrecision(size=size)])
    found = model.evaluate(VECTORS, halves, batch_size=20, verbose=0, return_dict=True)
    assert np.isnan(found["r_precision"])


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: metrics.RPrecision().update_state(LABELS + 0.5, VECTORS), "must be whole numbers"),
        (
            lambda: metrics.RPrecision(size=70).update_state(LABELS.astype(str), VECTORS),
            "`labels` must be whole numbers. Received: type str",
        ),
        (lambda: metrics.RPrecision().update_state([[1], [1, 2]], VECTORS[:2]), "must be a list"),
        (lambda: metrics.RecallAtK(k=0), "`k` must be at least 1"),
        (lambda: metrics.RecallAtK(k=5, size=5), "`size` must be at least 6"),
        (lambda: metrics.RPrecision(size=1), "`size` must be at least 2"),
        (lambda: metrics.RPrecision(distance="l2"), "`distance` must be one of"),
        (lambda: metrics.RPrecision().update_state(LABELS[:3], VECTORS), "3 labels and 70 embed"),
        (lambda: metrics.RPrecision().update_state(np.eye(70), VECTORS), "not one-hot rows"),
        (lambda: metrics.RPrecision().update_state(LABELS, LABELS), "embeddings \\(batch, feat"),
        (
            lambda: metrics.RPrecision().update_state(LABELS, VECTORS, LABELS),
            "`sample_weight` must be None",
        ),
    ],
)
def test_bad_input_is_told(use, message):
    with pytest.raises(ValueError, match=message):
        use()


def test_metrics_are_made_again_from_their_configuration(tmp_path):
    for kind, more, _ in OF_EMBEDDINGS.values():
        metric = kind(**more, size=9, distance="l1")
        again = keras.metrics.deserialize(keras.metrics.serialize(metric))
        assert type(again) is type(metric) and again.get_config() == metric.get_config()
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile("sgd", "mse", metrics=[metrics.RecallAtK(k=2, size=20)])
    model.save(tmp_path / "own.keras")
    loaded = keras.models.load_model(tmp_path / "own.keras")
    loaded.evaluate(VECTORS, LABELS[:, None], verbose=0)
    assert loaded.metrics[-1].metrics[0].k == 2
