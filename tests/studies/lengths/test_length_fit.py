"""The power law of the error over pairs seen: found where it holds, open where little is known."""

import numpy as np
import pytest

from studies.lengths.length_fit import Point, fit, length_numbers, points
from tests.reproduce.figure_sources import entry, result

LENGTHS = (60_000, 240_000, 960_000, 3_840_000)


def trainings(a=4.0, b=0.25, n=10**7, lengths=LENGTHS):
    """Trainings whose error is exactly `a pairs^-b`, up to a trial."""
    return [Point(pairs, 1 - a * pairs**-b, n, True, {}) for pairs in lengths]


def test_the_law_is_found_and_turned_around():
    law = fit(trainings())
    assert law.exponent == pytest.approx((0.25, 0.25, 0.25), abs=2e-3)
    error, low, high = law.errors(np.array([120_000.0]))
    assert error[0] == pytest.approx(4 * 120_000**-0.25, rel=1e-3)
    assert low[0] < error[0] < high[0]
    # 0.05 = 4 n^-0.25, n = 80^4.
    assert law.pairs_for(0.05)[0] == pytest.approx(80**4, rel=0.01)


def test_fewer_trials_leave_more_open_and_the_interval_covers_the_truth():
    rng = np.random.default_rng(1)
    widths = {}
    for n in (400, 10_000):
        covered = 0
        for seed in range(40):
            drawn = [
                Point(pairs, 1 - rng.binomial(n, 4 * pairs**-0.25) / n, n, True, {})
                for pairs in LENGTHS
            ]
            _, low, high = fit(drawn, seed=seed).exponent
            covered += low <= 0.25 <= high
        widths[n] = high - low
        # 38 of 40 are expected.
        assert covered >= 33
    assert widths[400] > 3 * widths[10_000]


def test_low_rates_are_not_fitted_and_lengths_must_be_apart():
    known = trainings()
    wrong = Point(480_000, 0.1, 10_000, False, {})
    np.testing.assert_array_equal(fit([*known, wrong]).lines, fit(known).lines)
    assert fit([wrong]) is None
    assert fit(known[:1] * 3) is None
    assert fit(trainings(lengths=(900_000, 1_350_000))) is None


def scored(pairs, accuracy, **config):
    of = result("150k x8")
    of["config"].update({"epoch_pairs": pairs // 3, **config})
    of.update(entry(value=accuracy))
    of["other_results"] = [entry(cell="nearest neighbour", value=0.2)]
    return of


def test_trainings_of_the_main_cell_take_part_by_size_and_score():
    others = [
        result("30k x8"),
        scored(90_000, 0.5, encoder="dense"),
        scored(90_000, 0.5, size=105, encoder="koch"),
        {**scored(90_000, 0.5), "role": "ablation"},
    ]
    found = points(
        [scored(900_000, 0.9), scored(60_000, 0.6, learning_rates=0.02), *others], 35, "official"
    )
    assert [(point.pairs, point.accuracy, point.n, point.fitted) for point in found] == [
        (60_000, 0.6, 400, False),
        (900_000, 0.9, 400, True),
    ]
    assert points(others, 105, "official")[0].pairs == 90_000
    layers = scored(90_000, 0.5, learning_rates={"conv1": 0.001, "weighted_l1": 0.1})
    assert points([layers], 35, "official")[0].fitted
    wide = {**scored(90_000, 0.9), "validation_wide": {"value": 0.7, "n": 4000}}
    (point,) = points([wide, *others], 35, "validation")
    assert (point.accuracy, point.n) == (0.7, 4000)


def test_the_misfit_is_the_chi_squared_of_the_wrong_answers():
    of = [
        scored(pairs, 1 - error) for pairs, error in ((60_000, 0.4), (240_000, 0.2), (960_000, 0.3))
    ]
    found = length_numbers(of)["official-35"]
    law = fit(points(of, 35, "official"))
    expected = law.errors(np.array([60_000, 240_000, 960_000]))[0]
    misfit = sum(
        400 * (error - likely) ** 2 / (likely * (1 - likely))
        for error, likely in zip((0.4, 0.2, 0.3), expected, strict=True)
    )
    assert found["misfit"] == pytest.approx(misfit) and found["freedom"] == 1
    assert misfit > 10


def test_numbers_say_what_the_papers_accuracy_would_take():
    # Each fourfold length halves the error: 0.4, 0.2, 0.1; the paper's is 0.08.
    of = [
        scored(pairs, 1 - error) for pairs, error in ((60_000, 0.4), (240_000, 0.2), (960_000, 0.1))
    ]
    found = length_numbers(of)
    assert set(found) == {"official-35", "validation-35"}
    assert "million-pairs" not in found["validation-35"]
    assert found["official-35"]["exponent"]["value"] == pytest.approx(0.5)
    needed = found["official-35"]["million-pairs"]
    assert needed["value"] == pytest.approx(0.96 * (0.1 / 0.08) ** 2)
    assert needed["low"] < needed["value"] < needed["high"]
