"""Protocols: their trials, and the names of their images."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data import PairTable, distort_pairs
from tests.data.stand_ins import FILES, glyphs, one_shot_protocol, verification_protocol


@pytest.mark.parametrize("n_shot", [1, 2])
def test_rows_list_every_candidate_of_every_trial(n_shot):
    protocol = one_shot_protocol(num_episodes=3, n_way=4, n_query=2, n_shot=n_shot)
    episodes = protocol.episodes
    rows = list(protocol.rows())
    assert len(rows) == 3 * 2 * 4 and all(len(row) == len(protocol.columns) for row in rows)
    place = 0
    for run, query, way in np.ndindex(3, 2, 4):
        shots = [f"a/b/{shot}.png" for shot in episodes.support[run, way]]
        asked = f"a/b/{episodes.queries[run, query]}.png"
        trial = 2 * run + query + 1
        expected = (trial, run + 1, episodes.groups[run], asked, way + 1, *shots)
        assert rows[place] == expected
        place += 1
    assert protocol.columns[5:] == (("support",) if n_shot == 1 else ("support1", "support2"))
    assert protocol.images is glyphs().images


def test_rows_list_validation_pairs_before_test_pairs():
    protocol = verification_protocol(6, 4)
    test = protocol.test
    rows = list(protocol.rows())
    assert [row[:2] for row in rows] == [
        *((trial, "validation") for trial in range(1, 7)),
        *((trial, "test") for trial in range(7, 11)),
    ]
    assert rows[7][2:] == (f"a/b/{test.left[1]}.png", f"a/b/{test.right[1]}.png")


def test_names_and_pairs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="`files` must be 48 different names.* 47, 47 of them"):
        one_shot_protocol(files=FILES[1:])
    with pytest.raises(ValueError, match="48, 47 of them different"):
        one_shot_protocol(files=(*FILES[1:], "a/b/1.png"))
    protocol = verification_protocol(4, 4)
    pairs = protocol.test
    with pytest.raises(ValueError, match="`alphabets` must be 4 names"):
        replace(protocol, alphabets=("a",))
    beyond = PairTable(pairs.left + 48, pairs.right, pairs.same)
    with pytest.raises(ValueError, match="`test` must hold indices into the 48 images"):
        replace(protocol, test=beyond)
    distorted = distort_pairs(pairs, 1, glyphs().image_size, seed=0)
    with pytest.raises(ValueError, match="`validation` must be undistorted"):
        replace(protocol, validation=distorted)
