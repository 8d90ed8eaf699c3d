"""Single values that are not what they must be are refused by name."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese import argument_checks as checks
from keras_siamese.data import (
    AffineRanges,
    CameraRanges,
    distort_pairs,
    make_glyphs,
    sample_episodes,
    sample_pairs,
)
from keras_siamese.data.episode_batches import EpisodeSampler

NAN, INF = float("nan"), float("inf")
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers()
    | st.lists(st.integers()) | st.dictionaries(st.text(), st.integers()) | st.binary()
    | st.just(np.arange(3)) | st.just(np.float32("nan")) | st.just(10**400) | st.just(object())
)  # fmt: skip
ALL = {
    "check_whole": lambda value: checks.check_whole("x", value),
    "check_number": lambda value: checks.check_number("x", value, least=0, below=1),
    "number_pair": lambda value: checks.number_pair("x", value),
    "check_flag": lambda value: checks.check_flag("x", value),
    "check_text": lambda value: checks.check_text("x", value),
    "check_choice": lambda value: checks.check_choice("x", value, ("a", "b")),
    "check_list": lambda value: checks.check_list("x", value, checks.check_whole),
}


@pytest.mark.parametrize("name", ALL)
@given(value=ANYTHING)
def test_whatever_comes_it_is_taken_or_refused_by_name(name, value):
    try:
        ALL[name](value)
    except ValueError as error:
        assert "`x`" in str(error) and "Received:" in str(error)


def test_numbers_become_pythons():
    assert type(checks.check_whole("x", np.int64(3))) is int
    assert type(checks.check_number("x", np.float32(0.5))) is float
    assert checks.check_whole("x", 7, least=7, most=7) == 7
    assert checks.check_number("x", 1, above=0, most=1) == 1.0
    with pytest.raises(ValueError, match="above 0 and at most 1. Received: x=0"):
        checks.check_number("x", 0, above=0, most=1)
    with pytest.raises(ValueError, match="at most 6"):
        checks.check_whole("x", 7, most=6)


def test_fields_are_all_there_and_no_other():
    fields = {"a": checks.check_whole, "b": checks.optional(checks.check_text)}
    assert checks.check_fields("card", {"a": 1, "b": None}, fields) == {"a": 1, "b": None}
    for values in ({"a": 1}, {"a": 1, "b": None, "c": 2}, [1], None):
        with pytest.raises(ValueError, match=r"its card must hold \['a', 'b'\]"):
            checks.check_fields("card", values, fields)
    with pytest.raises(ValueError, match="`a`"):
        checks.check_fields("card", {"a": "1", "b": None}, fields)


GLYPHS = make_glyphs(num_alphabets=2, characters_per_alphabet=4, num_drawers=4, size=12, seed=0)
PAIRS = sample_pairs(GLYPHS, 4, seed=0)
CALLS = {
    "sample_pairs num_pairs": lambda bad: sample_pairs(GLYPHS, bad, seed=0),
    "sample_pairs seed": lambda bad: sample_pairs(GLYPHS, 4, seed=bad),
    "sample_pairs same_fraction": lambda bad: sample_pairs(GLYPHS, 4, seed=0, same_fraction=bad),
    "sample_pairs different": lambda bad: sample_pairs(GLYPHS, 4, seed=0, different=bad),
    "sample_episodes num_episodes": lambda bad: sample_episodes(
        GLYPHS, num_episodes=bad, n_way=3, seed=0
    ),
    "sample_episodes n_way": lambda bad: sample_episodes(GLYPHS, num_episodes=2, n_way=bad, seed=0),
    "sample_episodes n_shot": lambda bad: sample_episodes(
        GLYPHS, num_episodes=2, n_way=3, n_shot=bad, seed=0
    ),
    "sample_episodes seed": lambda bad: sample_episodes(GLYPHS, num_episodes=2, n_way=3, seed=bad),
    "sample_episodes protocol": lambda bad: sample_episodes(
        GLYPHS, num_episodes=2, n_way=3, protocol=bad, seed=0
    ),
    "distort_pairs num_distortions": lambda bad: distort_pairs(PAIRS, bad, 12, seed=0),
    "distort_pairs image_size": lambda bad: distort_pairs(PAIRS, 1, bad, seed=0),
    "distort_pairs seed": lambda bad: distort_pairs(PAIRS, 1, 12, seed=bad),
    "EpisodeSampler n_way": lambda bad: EpisodeSampler(GLYPHS, n_way=bad),
    "EpisodeSampler n_shot": lambda bad: EpisodeSampler(GLYPHS, n_way=3, n_shot=bad),
    "EpisodeSampler seed": lambda bad: EpisodeSampler(GLYPHS, n_way=3, seed=bad),
    "AffineRanges rotation": lambda bad: AffineRanges(rotation=bad),
    "AffineRanges scale": lambda bad: AffineRanges(scale=bad),
    "AffineRanges probability": lambda bad: AffineRanges(probability=bad),
    "CameraRanges blur": lambda bad: CameraRanges(blur=bad),
    "CameraRanges light": lambda bad: CameraRanges(light=bad),
    "CameraRanges ink": lambda bad: CameraRanges(ink=bad),
    "CameraRanges pen": lambda bad: CameraRanges(pen=bad),
    "make_glyphs num_drawers": lambda bad: make_glyphs(num_drawers=bad),
    "make_glyphs seed": lambda bad: make_glyphs(seed=bad),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("bad", ["x", NAN, INF, -1, {}, [1.5], Ellipsis], ids=repr)
def test_wrong_types_are_refused_by_name(name, bad):
    argument = name.split()[1]
    with pytest.raises(ValueError, match=re.escape(f"`{argument}`")):
        CALLS[name](bad)
