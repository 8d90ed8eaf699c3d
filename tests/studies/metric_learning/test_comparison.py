"""The comparison: rates chosen before the scores, results written as they come, resumed."""

import json
from dataclasses import replace

import numpy as np
import pytest

from keras_siamese import make_glyphs
from keras_siamese.training import DivergedError
from studies.metric_learning import comparison, problems, way_scores, way_training
from studies.metric_learning.comparison import Budget, compare_ways
from studies.metric_learning.problems import MetricProblem

BUDGET = Budget(
    steps={"fonts": 2}, rates=(0.001, 0.004), seeds=(0, 1),
    encoder={"filters": [2, 2, 2], "units": 4},
)  # fmt: skip
WAYS = "pairs-cosine", "circle"


@pytest.fixture(autouse=True)
def glyphs(monkeypatch):
    """Four alphabets instead of the fonts."""
    made = make_glyphs(num_alphabets=4, characters_per_alphabet=20, num_drawers=4, size=16)
    names = made.alphabet_names
    problem = MetricProblem(
        made.select(alphabets=names[:3]), made.select(alphabets=names[3:]), (names[2],)
    )
    monkeypatch.setitem(problems.PROBLEMS, "fonts", lambda data: problem)
    return problem


@pytest.fixture
def asked(monkeypatch):
    """Trainings that are only noted: rate 0.004 is better on what did not train, and only there."""
    seen = []

    def run(way, trained, scored, steps, rate, seed, encoder):
        seen.append((way, len(trained), len(scored), rate, seed))
        chosen_on = len(trained) == 160
        value = rate if chosen_on else -rate
        return {"one_shot": value, "recall_at_1": 0.5, "equal_error_rate": 0.5}

    monkeypatch.setattr(comparison, "_run", run)
    return seen


def started(folder, **changes):
    options = {"ways": WAYS, "budget": BUDGET, "data": None, "folder": folder} | changes
    return compare_ways("fonts", **options, tell=lambda line: None)


def test_the_rate_is_chosen_on_held_out_training_classes_then_each_seed_is_scored(asked, tmp_path):
    result = started(tmp_path)
    each = [(160, 80, 0.001, 0), (160, 80, 0.004, 0), (240, 80, 0.004, 0), (240, 80, 0.004, 1)]
    assert asked == [(way, *one) for way in WAYS for one in each]
    assert json.loads((tmp_path / "fonts.json").read_text()) == result
    assert result["images"] == {"choice": [160, 80], "score": [240, 80]}
    assert {"commit", "hardware", "versions", "command", "settings"} <= set(result)


def test_a_run_that_was_cut_off_makes_what_is_missing_and_nothing_twice(
    asked, tmp_path, monkeypatch
):
    whole = comparison._run

    def cut_off(*arguments):
        if len(asked) == 5:
            raise KeyboardInterrupt
        return whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(comparison, "_run", cut_off)
        with pytest.raises(KeyboardInterrupt):
            started(tmp_path)
    assert len(json.loads((tmp_path / "fonts.json").read_text())["runs"]) == 5
    result = started(tmp_path)
    assert len(asked) == len(set(asked)) == len(result["runs"]) == 8
    monkeypatch.setitem(problems.PROBLEMS, "fonts", None)
    assert started(tmp_path) == result


@pytest.mark.parametrize("what", ["settings", "commit"])
def test_a_file_of_other_settings_or_another_commit_is_not_mixed(
    what, asked, tmp_path, monkeypatch
):
    started(tmp_path)
    path = tmp_path / "fonts.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {what: "other"}))
    with pytest.raises(ValueError, match=f"of the same {what}"):
        started(tmp_path)


def test_a_training_that_diverged_counts_as_chance(monkeypatch, glyphs, tmp_path):
    def diverge(*arguments, **options):
        raise DivergedError("no number")

    monkeypatch.setattr(way_training, "train_way", diverge)
    result = started(tmp_path, ways=("circle",))
    for run in result["runs"]:
        assert run["diverged"] and {key: run[key] for key in way_scores.DIVERGED} == (
            way_scores.DIVERGED
        )


@pytest.mark.slow
@pytest.mark.keras3
def test_one_way_of_each_kind_is_trained_and_scored(tmp_path):
    ways = ("pairs-l1", "episodes-l1", "contrastive", "contrastive-memory", "proxy-anchor")
    budget = replace(BUDGET, rates=(0.001,), seeds=(0,))
    result = started(tmp_path, ways=ways, budget=budget)
    assert len(result["runs"]) == 2 * len(ways)
    for run in result["runs"]:
        values = np.array([run[key] for key in way_scores.DIVERGED])
        assert np.all((values >= 0) & (values <= 1)) and run["processor_seconds"] > 0
        assert "diverged" not in run
