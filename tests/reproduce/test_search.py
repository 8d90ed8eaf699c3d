"""The search: resumable, pruned, shared and exported, on pretended trainings."""

import json
import threading

import optuna
import pytest

from keras_siamese.training import DivergedError
from reproduce import search, study
from reproduce.paper import experiment
from reproduce.paper.presets import QUICK
from reproduce.search_space import starting_points
from reproduce.study_sampler import NumberedSampler
from reproduce.study_summary import summarize
from tests.reproduce.pretended import hurry, pretend


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


def url(tmp_path):
    """Return the storage that the command takes by default."""
    return f"sqlite:///{tmp_path / 'search-reduced-35.db'}"


def open_search(tmp_path, config=QUICK, **options):
    """Open the study of a folder."""
    options = {"storage": url(tmp_path), "name": "reduced-35", **options}
    return study.Search(config, **options)


def run(tmp_path, trials, **options):
    """Run trials of the study of a folder, and return all of its trials."""
    opened = open_search(tmp_path, **options)
    opened.run(trials=trials)
    return opened.study.get_trials()


def finished(trials, state=optuna.trial.TrialState.COMPLETE):
    """Return the trials in a state."""
    return [trial for trial in trials if trial.state == state]


def test_a_search_is_resumed_where_it_was(tmp_path, monkeypatch):
    pretend(monkeypatch, *[[0.1, 0.2]] * 5)
    assert len(finished(run(tmp_path, 2))) == 2
    trials = finished(run(tmp_path, 3))
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    assert [trial.params for trial in trials[:4]] == starting_points()


def test_a_search_goes_on_once_its_best_rates_are_the_presets(tmp_path, monkeypatch):
    pretend(monkeypatch, [0.1], [0.2])
    run(tmp_path, 1)
    found = QUICK.override(name="found", learning_rates=0.01, momenta=0.5, l2=0.0)
    assert len(finished(run(tmp_path, 1, config=found))) == 2


def test_the_score_is_the_best_epoch_of_a_trial(tmp_path, monkeypatch):
    pretend(monkeypatch, [0.1, 0.4, 0.3], [0.2, 0.1])
    assert [trial.value for trial in finished(run(tmp_path, 2))] == [0.4, 0.2]


def test_a_diverging_trial_scores_nothing_and_the_search_goes_on(tmp_path, monkeypatch):
    pretend(monkeypatch, [0.4, DivergedError("The loss is nan.")], [0.2])
    first, second = finished(run(tmp_path, 2))
    assert (first.value, second.value) == (0.0, 0.2)
    assert first.user_attrs["diverged"] == "The loss is nan."


def test_a_hopeless_trial_is_ended_at_the_median(tmp_path, monkeypatch):
    pretend(monkeypatch, *[[0.1, 0.2, 0.3]] * 4, [0.1, 0.19, 0.9], [0.1, 0.2, 0.3])
    trials = run(tmp_path, 6)
    (pruned,) = finished(trials, optuna.trial.TrialState.PRUNED)
    assert pruned.number == 4
    assert pruned.intermediate_values == {0: pytest.approx(0.1), 1: pytest.approx(0.19)}
    assert trials[5].value == 0.3


def test_draws_follow_from_the_seed_and_the_trials_number(tmp_path, monkeypatch):
    # Four starting points, two random trials, and one that the estimator draws from six.
    trials = [[0.1 + 0.01 * trial] for trial in range(7)]
    pretend(monkeypatch, *trials, *trials)
    for name in ("whole", "resumed"):
        (tmp_path / name).mkdir()
    whole = [trial.params for trial in run(tmp_path / "whole", 7)]
    run(tmp_path / "resumed", 5)
    assert [trial.params for trial in run(tmp_path / "resumed", 2)] == whole
    assert len({tuple(params.values()) for params in whole}) == 7


def test_two_workers_of_one_seed_draw_different_trials():
    shared = optuna.create_study(sampler=NumberedSampler(0))
    draws = []
    for seed in (0, 0, 1):
        shared.sampler = NumberedSampler(seed)
        draws.append(shared.ask().suggest_float("x", 0, 1))
    assert len(set(draws)) == 3


def test_an_interrupted_trial_is_tried_again(tmp_path, monkeypatch):
    for error in (KeyboardInterrupt(), ValueError("no data"), OSError("disk full")):
        pretend(monkeypatch, [0.1, error])
        with pytest.raises(type(error)):
            run(tmp_path, 1)
    pretend(monkeypatch, *[[0.1]] * 4)
    done = [trial.params for trial in finished(run(tmp_path, 4))]
    assert sorted(done, key=str) == sorted(starting_points(), key=str)


def test_architectures_keep_the_other_options_of_the_encoder(tmp_path, monkeypatch):
    drawn = []

    def run_one(config, **_):
        drawn.append(config.encoder_options)
        return {"validation": {"value": 0.1}}

    monkeypatch.setattr(experiment, "run", run_one)
    kernels = {"kernel_sizes": (3, 3, 2, 2)}
    run(tmp_path, 1, config=QUICK.override(encoder_options=kernels), architecture=True)
    assert drawn[0]["kernel_sizes"] == (3, 3, 2, 2)
    assert len(drawn[0]["filters"]) == 4


def test_export_holds_every_trial_and_the_best(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1, 0.4], [0.3], [0.2, DivergedError("nan")])
    run(tmp_path, 3)
    search.main(preset="paper", runs=tmp_path, export=tmp_path / "new" / "study.json")
    assert "3 trials done" in capsys.readouterr().out
    exported = json.loads((tmp_path / "new" / "study.json").read_text())
    done = [trial for trial in exported["trials"] if trial["state"] == "complete"]
    assert [trial["value"] for trial in done] == [0.4, 0.3, 0.0]
    assert done[0]["epochs"] == [0.1, 0.4]
    assert done[0]["parameters"] == starting_points()[0]
    assert exported["settings"]["name"] == QUICK.name
    assert {"commit", "versions", "seconds", "sampler"} <= set(exported)


def test_only_whole_trials_have_a_value(tmp_path, monkeypatch):
    pretend(monkeypatch, *[[0.2, 0.3]] * 4, [0.1, 0.1])
    opened = open_search(tmp_path)
    opened.run(trials=5)
    assert [trial["value"] for trial in summarize(opened.study)["trials"]] == [0.3] * 4 + [None]


def test_ctrl_c_in_a_trial_exits_with_130(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1, KeyboardInterrupt()])
    with pytest.raises(SystemExit) as stopped:
        search.main(preset="quick", runs=tmp_path, trials=1)
    assert stopped.value.code == 130
    assert "same command resumes" in capsys.readouterr().err


def test_a_worker_waits_for_the_one_that_sets_the_study_up(tmp_path, monkeypatch):
    first = open_search(tmp_path)
    settings = first.study.user_attrs["settings"]
    late = optuna.create_study(storage=first.storage, study_name="late", direction="maximize")
    timer = threading.Timer(0.5, late.set_user_attr, ("settings", settings))
    timer.start()
    second = open_search(tmp_path, name="late")
    timer.join()
    assert second.study.user_attrs["settings"] == settings
    # What the maker queues, nobody queues a second time.
    assert len(first.study.get_trials()) == 4 and not second.study.get_trials()
    monkeypatch.setattr(study, "SETUP_SECONDS", 0.0)
    optuna.create_study(storage=first.storage, study_name="never", direction="maximize")
    with pytest.raises(ValueError, match="'never' was never set up"):
        open_search(tmp_path, name="never")
