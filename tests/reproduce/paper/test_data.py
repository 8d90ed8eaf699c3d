"""What a run of the reproduction draws from its data."""

from collections import Counter

import numpy as np
import pytest

from reproduce.paper.data import prepare, validation_episodes
from reproduce.paper.presets import QUICK


@pytest.fixture(scope="module")
def splits():
    return prepare(QUICK).splits


def test_the_papers_320_trials_choose_the_epoch_unless_more_are_asked_for(splits):
    paper, more = (validation_episodes(splits.validation, trials) for trials in (320, 800))
    assert (paper.queries.size, more.queries.size) == (320, 800)
    assert sorted(Counter(paper.groups).values()) == [2] * 8
    config = QUICK.override(validation_trials=800)
    drawn = prepare(config).validation_episodes
    np.testing.assert_array_equal(drawn.queries, more.queries)


@pytest.mark.parametrize("trials", [0, 10, 330])
def test_validation_trials_are_whole_episodes(trials):
    with pytest.raises(ValueError, match=f"multiple of 20. Received: {trials}"):
        QUICK.override(validation_trials=trials)
