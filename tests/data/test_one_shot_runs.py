"""The type of one-shot runs."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data.one_shot_runs import OneShotRuns

RUNS = OneShotRuns(
    images=np.zeros((10, 4, 4, 1), np.uint8),
    support=np.arange(6, dtype=np.int32).reshape(2, 3, 1),
    queries=np.array([[6, 7], [8, 9]], np.int32),
    answers=np.array([[0, 2], [1, 1]], np.int32),
    groups=("a", "b"),
    protocol="within-alphabet",
)


def test_trials_are_counted():
    assert RUNS.num_trials == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((10, 4, 4), np.uint8)}, "`images` must be a uint8 array"),
        ({"images": np.zeros((10, 4, 4, 1))}, "Received: float64"),
        ({"images": RUNS.images[:9]}, "`queries` must be int32 from 0 to 8"),
        ({"support": RUNS.support - 1}, "`support` must be int32 from 0 .* from -1 to 4"),
        ({"support": RUNS.support[:, :1]}, "two classes"),
        ({"support": RUNS.support[..., 0]}, r"Received: \(2, 3\)"),
        ({"support": RUNS.support[:0]}, "at least one run"),
        ({"queries": RUNS.queries[:1]}, "must have one shape"),
        ({"queries": RUNS.queries[:, :0], "answers": RUNS.answers[:, :0]}, "at least one query"),
        ({"answers": RUNS.answers[:, :1]}, "must have one shape"),
        ({"answers": RUNS.answers + 1}, "`answers` .* 3 classes. .* from 1 to 3"),
        ({"answers": RUNS.answers - 1}, "`answers` .* from -1 to 1"),
        ({"answers": RUNS.answers.astype(float)}, "`answers` must be int32"),
        ({"groups": ("a",)}, "2 names.* and 1 names"),
        ({"protocol": "easy"}, "`protocol` must be one of"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(RUNS, **changes)
