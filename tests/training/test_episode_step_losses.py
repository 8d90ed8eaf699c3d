"""Losses over all pairs of an episode, against NumPy."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from keras_siamese.training.episode_step import sigmoid_loss, softmax_loss

LOGITS = np.random.default_rng(0).normal(0, 3, (2, 5, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_softmax_is_the_cross_entropy_over_rows_and_columns(smoothing):
    target = (1 - smoothing) * np.eye(5) + smoothing / 5
    scores = LOGITS.astype(float).mean(axis=3)
    by_row = -(target * log_softmax(scores, axis=2)).sum(axis=2).mean()
    by_column = -(target * log_softmax(scores, axis=1)).sum(axis=1).mean()
    expected = (by_row + by_column) / 2
    assert float(softmax_loss(LOGITS, label_smoothing=smoothing)) == pytest.approx(expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_sigmoid_is_the_cross_entropy_over_all_pairs(smoothing):
    p = expit(LOGITS.astype(float))
    same = np.eye(5)[None, :, :, None] * (1 - smoothing) + smoothing / 2
    expected = -(same * np.log(p) + (1 - same) * np.log(1 - p)).mean()
    assert float(sigmoid_loss(LOGITS, label_smoothing=smoothing)) == pytest.approx(expected)


def test_softmax_takes_no_notice_of_the_bias():
    assert float(softmax_loss(LOGITS + 2)) == pytest.approx(float(softmax_loss(LOGITS)))
