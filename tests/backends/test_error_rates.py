"""Error rates for `fit`, compiled, on the backend that Keras runs on. Needs no TensorFlow."""

import keras
import numpy as np
import pytest

from keras_siamese import metrics
from keras_siamese.evaluation import equal_error_rate, find_operating_point

pytestmark = pytest.mark.keras3

RNG = np.random.default_rng(2)
SAME = RNG.random(600) < 0.4
PROBABILITIES = (1 / (1 + np.exp(-RNG.normal(2.0 * SAME - 1, 1.2)))).astype(np.float32)


def pair_model(chosen):
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(loss="binary_crossentropy", metrics=chosen)
    return model


def value_of(metric, same, probabilities):
    metric.reset_state()
    metric.update_state(same, probabilities)
    return float(metric.result())


def edges(bins):
    """Thresholds by hand: evenly in the logit up to the largest float32 below 1, then 0 and 1."""
    logits = np.linspace(-1, 1, bins + 1) * np.log((1 - 2.0**-24) / 2.0**-24)
    inner = np.exp(logits[1:-1]) / (np.exp(logits[1:-1]) + 1)
    return np.concatenate([[0], inner, [1]]).astype(np.float32)


def lowered(probabilities, bins):
    """Each probability, lowered to the next threshold."""
    return np.array([max(edge for edge in edges(bins) if edge <= one) for one in probabilities])


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.1, 1.0])
def test_the_true_accept_rate_is_that_of_the_operating_point_within_a_bin(rate):
    chosen = [metrics.TrueAcceptRate(rate, num_thresholds=50)]
    found = pair_model(chosen).evaluate(
        PROBABILITIES[:, None], SAME, batch_size=64, verbose=0, return_dict=True
    )["true_accept_rate"]
    # Exact where the probabilities are whole bins.
    floors = lowered(PROBABILITIES, 50)
    point = find_operating_point(floors, SAME, false_accept_rate=rate)
    assert found == pytest.approx(1 - point.false_reject_rate, abs=1e-6)
    limit = find_operating_point(PROBABILITIES, SAME, false_accept_rate=rate).threshold
    higher = np.mean(PROBABILITIES[SAME] >= min(edge for edge in edges(50) if edge >= limit))
    assert higher - 1e-6 <= found <= np.mean(PROBABILITIES[SAME] >= limit) + 1e-6


@pytest.mark.parametrize("bins", [50, 10_000])
def test_the_equal_error_rate_is_that_of_the_curve_within_a_bin(bins):
    chosen = [metrics.EqualErrorRate(num_thresholds=bins)]
    found = pair_model(chosen).evaluate(
        PROBABILITIES[:, None], SAME[:, None], batch_size=64, verbose=0, return_dict=True
    )["equal_error_rate"]
    floors = lowered(PROBABILITIES, bins)
    assert found == pytest.approx(equal_error_rate(floors, SAME), abs=1e-6)
    # The largest share of either kind in one bin.
    counts = [np.unique(floors[kind], return_counts=True)[1] for kind in (SAME, ~SAME)]
    bound = max(np.max(count) / np.sum(count) for count in counts)
    assert abs(found - equal_error_rate(PROBABILITIES, SAME)) <= bound


def test_scores_near_0_and_1_are_told_apart():
    steps = 2.0 ** -np.arange(10, 25)
    # The same pairs are nearer to 1, or less near to 0, than the different ones.
    for high, low in ((1 - steps[1:], 1 - steps[:-1]), (steps[:-1], steps[1:])):
        for better, worse in zip(high, low, strict=True):
            scores = np.array([better, better, worse, worse], np.float32)
            assert value_of(metrics.EqualErrorRate(), [1, 1, 0, 0], scores) == 0
            assert value_of(metrics.TrueAcceptRate(0.0), [1, 1, 0, 0], scores) == 1
    # No bin is wider than 0.001.
    for score in (0.1, 0.3, 0.4995, 0.5, 0.77):
        scores = [score + 0.001, score + 0.001, score, score]
        assert value_of(metrics.EqualErrorRate(), [1, 1, 0, 0], scores) == 0
    scores = [0.9996, 0.9998, 0.9991, 0.9995]
    assert value_of(metrics.EqualErrorRate(num_thresholds=1000), [1, 1, 0, 0], scores) == 0


WRONG_PAIRS = {
    "logits": ([1, 0, 1, 0], [5.0, -3.0, 2.0, 1.5]),
    "below 0": ([1, 0, 1, 0], [0.5, -0.1, 0.4, 0.2]),
    "0 and 2": ([2, 0, 2, 0], [0.9, 0.1, 0.8, 0.2]),
    "-1 and 1": ([1, -1, 1, -1], [0.9, 0.1, 0.8, 0.2]),
    "soft": ([1.0, 0.5, 1.0, 0.0], [0.9, 0.1, 0.8, 0.2]),
}


@pytest.mark.parametrize("wrong", WRONG_PAIRS)
@pytest.mark.parametrize("kind", [metrics.EqualErrorRate, metrics.TrueAcceptRate])
def test_what_is_no_label_or_no_probability_is_refused_or_makes_the_rate_none(kind, wrong):
    labels, scores = (np.array(each, np.float32)[:, None] for each in WRONG_PAIRS[wrong])
    with pytest.raises(ValueError, match="`y_pred` must be prob|`y_true` must be 1 where"):
        kind().update_state(labels, scores)
    model = pair_model([kind()])
    model.compile(loss=lambda y_true, y_pred: y_pred[:, 0] * 0.0, metrics=[kind()])
    assert np.isnan(model.evaluate(scores, labels, batch_size=2, verbose=0)[1])
    # The next epoch starts anew.
    assert not np.isnan(model.evaluate(PROBABILITIES[:, None], SAME[:, None], verbose=0)[1])


def test_perfect_and_reversed_scores_and_saturated_ones():
    metric = metrics.EqualErrorRate()
    rate = metrics.TrueAcceptRate(0.01)
    for scores, error, accepted in (
        ([0.9, 0.8, 0.2, 0.1], 0.0, 1.0),
        ([0.1, 0.2, 0.8, 0.9], 1.0, 0.0),
        ([1.0, 1.0, 0.0, 0.0], 0.0, 1.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5, 0.0),
    ):
        assert value_of(metric, [1, 1, 0, 0], scores) == pytest.approx(error)
        assert value_of(rate, [1, 1, 0, 0], scores) == pytest.approx(accepted)
    for one in (metric, rate):
        one.reset_state()
        assert np.isnan(float(one.result()))
        for label in (0, 1):
            assert np.isnan(value_of(one, [label, label], [0.9, 0.8]))
    assert np.isnan(value_of(metric, [1, 0, 1, 0], [0.4, np.nan, 0.2, 0.3]))
    assert np.isnan(value_of(rate, [1, 0, 1, 0], [0.4, np.nan, 0.2, 0.3]))


def test_weights_count_a_pair_more_often():
    weights = RNG.integers(0, 4, len(SAME))
    for metric in (metrics.EqualErrorRate(), metrics.TrueAcceptRate(0.05)):
        metric.update_state(SAME, PROBABILITIES, weights)
        weighted = float(metric.result())
        more = np.repeat(SAME, weights), np.repeat(PROBABILITIES, weights)
        assert value_of(metric, *more) == pytest.approx(weighted, abs=1e-6)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            lambda: metrics.EqualErrorRate().update_state([1, 0, 1], [0.1, 0.2, 0.3, 0.4]),
            "`y_true` must hold one number per row of `y_pred`. Received: 3 numbers and 4 rows",
        ),
        (
            lambda: metrics.TrueAcceptRate().update_state([1, 0], np.eye(2)),
            "`y_pred` must have the shape .* Received: shape \\(2, 2\\)",
        ),
        (
            lambda: metrics.TrueAcceptRate().update_state(np.eye(2), [[0.1], [0.2]]),
            "`y_true` must have the shape .* not one-hot rows",
        ),
        (
            lambda: metrics.EqualErrorRate().update_state([1, 0], [0.1, 0.2], [1, 2, 3]),
            "`sample_weight` must hold one number per row",
        ),
        (
            lambda: metrics.EqualErrorRate().update_state(["same", "other"], [0.1, 0.2]),
            "`y_true` must be numbers. Received: type str",
        ),
        (
            lambda: metrics.EqualErrorRate().update_state([1, 0], [[0.1], [0.2, 0.3]]),
            "`y_pred` must be a list of numbers",
        ),
        (lambda: metrics.TrueAcceptRate(2), "`false_accept_rate` must be a finite number"),
        (lambda: metrics.EqualErrorRate(num_thresholds=1), "`num_thresholds` must be at least 2"),
    ],
)
def test_bad_input_is_told(use, message):
    with pytest.raises(ValueError, match=message):
        use()


def test_rates_are_made_again_from_their_configuration():
    for metric in (
        metrics.TrueAcceptRate(0.2, num_thresholds=30),
        metrics.EqualErrorRate(num_thresholds=30),
    ):
        again = keras.metrics.deserialize(keras.metrics.serialize(metric))
        assert type(again) is type(metric) and again.get_config() == metric.get_config()
