"""Camera-like distortions: ranges, draws, and what images of an episode share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data import CameraRanges, draw_camera
from keras_siamese.data.camera_ranges import COLUMNS, NOISE_VALUES, draw_episode_camera

SIZE = (35, 35)


def draw(num_images=4000, channels=1, seed=0, size=SIZE, **ranges):
    """Draw and give the numbers by name, and the levels of paper and ink."""
    rng = np.random.default_rng(seed)
    drawn = draw_camera(num_images, size, channels, rng, CameraRanges(**ranges))
    assert drawn.dtype == np.float32
    assert drawn.shape == (num_images, len(COLUMNS) + 2 * channels)
    named = dict(zip(COLUMNS, drawn.T, strict=False))
    paper, ink = np.split(drawn[:, len(COLUMNS) :], 2, axis=1)
    return named, paper, ink


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pen", (0.5, 1.0)),
        ("pen", (-1.0, -0.5)),
        ("pen", (float("-inf"), 0.0)),
        ("paper", (0.2, 0.1)),
        ("ink", (0.5, 1.5)),
        ("blur", -1.0),
        ("noise", float("nan")),
        *[
            (name, value)
            for name in ("lines", "paper_tint", "ink_tint", "light", "inverse", "shared")
            for value in (-0.1, 1.1)
        ],
        ("probability", 2.0),
    ],
)
def test_ranges_that_are_none_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        CameraRanges(**{name: value})


def test_draws_fill_their_ranges():
    named, paper, ink = draw(
        pen=(-1.0, 2.0), lines=0.4, paper=(0.1, 0.3), ink=(0.5, 0.8), light=0.2, blur=3.0,
        noise=0.1, inverse=0.25, probability=1.0,
    )  # fmt: skip
    # Lengths shrink with the image: to a third.
    third = 35 / 105
    for values, low, high in (
        (named["pen"], -third, 2 * third),
        (named["rows"], 0, 0.4),
        (paper, 0.1, 0.3),
        (ink, 0.5, 0.8),
        (named["light"], 0, 0.2),
        (named["blur"], 0, 3 * third),
        (named["noise"], 0, 0.1),
        (named["period"], 7, 28),
        (named["row_phase"], 0, 1),
        (named["noise_place"], 0, NOISE_VALUES),
    ):
        slack = 0.01 * (high - low)
        assert low - 1e-6 <= values.min() < low + slack
        assert high - slack < values.max() <= high + 1e-6
    np.testing.assert_allclose(
        named["light_x"] ** 2 + named["light_y"] ** 2, named["light"] ** 2, atol=1e-6
    )
    assert (named["noise_place"] == np.round(named["noise_place"])).all()
    # 4,000 draws: standard deviations of 0.7 and 0.8 %.
    assert np.mean(named["inverse"]) == pytest.approx(0.25, abs=0.03)
    lined = named["columns"] == named["rows"]
    assert (lined | (named["columns"] == 0)).all()
    assert np.mean(lined) == pytest.approx(0.5, abs=0.035)


def test_each_effect_has_its_chance_and_is_neutral_otherwise():
    named, paper, ink = draw(probability=0.3, paper=(0.1, 0.2), ink=(0.5, 0.9), pen=(-1.0, 1.0))
    for applied in (*(named[n] != 0 for n in ("pen", "rows", "light", "blur", "noise")),
                    paper != 0, ink != 1):  # fmt: skip
        assert np.mean(applied) == pytest.approx(0.3, abs=0.035)


def test_colours_are_tinted_channel_by_channel_and_grey_is_not():
    levels = {"paper": (0.2, 0.2), "ink": (0.9, 0.9), "paper_tint": 0.1, "ink_tint": 0.3}
    _, paper, ink = draw(channels=3, probability=1.0, **levels)
    assert (paper.max(axis=1) > paper.min(axis=1)).all()
    assert paper.min() == pytest.approx(0.1, abs=0.001)
    assert paper.max() == pytest.approx(0.3, abs=0.001)
    assert ink.min() == pytest.approx(0.6, abs=0.002)
    assert ink.max() == 1
    assert abs(np.corrcoef(paper.T) - np.eye(3)).max() < 0.06
    _, paper, ink = draw(channels=1, probability=1.0, **levels)
    np.testing.assert_allclose(paper, 0.2)
    np.testing.assert_allclose(ink, 0.9)


def test_images_of_some_episodes_are_taken_alike_but_for_the_pattern_of_the_noise():
    def episodes(shared):
        rng = np.random.default_rng(0)
        ranges = CameraRanges(probability=1.0, shared=shared)
        return draw_episode_camera((400, 3, 2), SIZE, 1, rng, ranges).reshape(400, 6, -1)

    place = COLUMNS.index("noise_place")
    for shared in (0.0, 0.5, 1.0):
        drawn = episodes(shared)
        rest = np.delete(drawn, place, axis=2)
        alike = (rest == rest[:, :1]).all(axis=(1, 2))
        # Standard deviation 2.5 %.
        assert np.mean(alike) == pytest.approx(shared, abs=0.1 * (shared == 0.5))
        assert len(np.unique(drawn[..., place])) > 2300
        # Episodes differ from each other.
        assert len(np.unique(rest[:, 0, 0])) == 400


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.floats(0, 1), st.floats(0, 1))
def test_levels_stay_in_range_and_draws_come_from_the_generator_alone(seed, channels, tint, shared):
    ranges = CameraRanges(paper_tint=tint, ink_tint=tint, shared=shared, probability=1.0)
    first, second = (
        draw_episode_camera((2, 3, 2), SIZE, channels, np.random.default_rng(seed), ranges)
        for _ in range(2)
    )
    assert first.tobytes() == second.tobytes()
    levels = first[..., len(COLUMNS) :]
    assert (levels >= 0).all() and (levels <= 1).all()
