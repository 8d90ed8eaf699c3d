"""The search: resumable, pruned, shared and exported, on pretended trainings."""

import json
from datetime import timedelta

import optuna
import pytest
from filelock import FileLock

from keras_siamese.training import DivergedError
from reproduce.paper import experiment
from reproduce.paper.presets import QUICK
from reproduce.search import __main__ as search
from reproduce.search import study
from reproduce.search.study import NumberedSampler, summarize
from tests.reproduce.search.pretended import STARTS, hurry, pretend


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


def open_search(tmp_path, config=QUICK, **options):
    """Open the study of a folder."""
    return study.Search(config, tmp_path, **{"name": "reduced-35", **options})


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
    assert [trial.params for trial in trials[:4]] == STARTS


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


def test_a_trial_in_the_worst_quarter_is_ended_from_the_fifth_epoch_on(tmp_path, monkeypatch):
    def curve(fifth):
        return [0.1, 0.1, 0.1, 0.1, fifth, 0.9]

    others = [curve(value) for value in (0.2, 0.3, 0.4, 0.5)]
    # The quarter's edge is 0.275: the fifth trial is below it, the sixth is not, though it was the
    # worst until then.
    pretend(monkeypatch, *others, curve(0.26), [0.05] * 4 + [0.28, 0.9])
    trials = run(tmp_path, 6)
    (pruned,) = finished(trials, optuna.trial.TrialState.PRUNED)
    assert pruned.number == 4
    assert list(pruned.intermediate_values.values()) == pytest.approx([0.1] * 4 + [0.26])
    assert trials[5].value == 0.9


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
    assert sorted(done, key=str) == sorted(STARTS, key=str)


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
    assert done[0]["parameters"] == STARTS[0]
    assert exported["settings"]["name"] == QUICK.name
    assert {"commit", "versions", "seconds", "sampler"} <= set(exported)


def test_only_whole_trials_have_a_value(tmp_path, monkeypatch):
    pretend(monkeypatch, *[[0.2] * 4 + [0.3]] * 4, [0.1] * 5)
    opened = open_search(tmp_path)
    opened.run(trials=5)
    assert [trial["value"] for trial in summarize(opened.study)["trials"]] == [0.3] * 4 + [None]


def test_ctrl_c_in_a_trial_exits_with_130(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1, KeyboardInterrupt()])
    with pytest.raises(SystemExit) as stopped:
        search.main(preset="quick", runs=tmp_path, trials=1)
    assert stopped.value.code == 130
    assert "same command resumes" in capsys.readouterr().err


def test_a_study_whose_maker_died_is_set_up_to_its_end(tmp_path):
    made = open_search(tmp_path)
    settings = made.study.user_attrs["settings"]
    storage = study.open_storage(study.study_file(tmp_path, "half"), "half")
    half = optuna.create_study(storage=storage, study_name="half", direction="maximize")
    half.enqueue_trial(STARTS[0])
    # What one maker queued, the next does not queue a second time.
    for _ in range(2):
        opened = open_search(tmp_path, name="half").study
        assert opened.user_attrs["settings"] == settings
        queued = [trial.system_attrs["fixed_params"] for trial in opened.get_trials()]
        assert queued == STARTS


def left_running(opened, number):
    """Begin a trial and leave it, as a worker that dies."""
    trial = opened.study.ask()
    assert trial.number == number
    return trial


def test_the_trial_of_a_dead_worker_is_tried_again_as_it_was_queued(tmp_path, monkeypatch):
    opened = open_search(tmp_path)
    left_running(opened, 0)
    # A worker that died with the lock in its hand leaves the file.
    (opened.locks / "0").touch()
    pretend(monkeypatch, *[[0.1]] * 4)
    opened.run(trials=4)
    dead, *others = opened.study.get_trials()
    assert dead.state.name == "FAIL"
    assert [trial.state.name for trial in others] == ["COMPLETE"] * 4
    assert [trial.params for trial in (others[-1], *others[:-1])] == STARTS


def test_a_trial_that_kills_its_workers_is_given_up(tmp_path):
    opened = open_search(tmp_path)
    starts = len(opened.study.get_trials())
    for number in (0, *range(starts, starts + study.MAX_RETRIES)):
        if number:
            # The retry comes last, after the other starting points.
            while (trial := opened.study.ask()).number != number:
                opened.study.tell(trial, 0.1)
        else:
            left_running(opened, 0)
        (opened.locks / str(number)).touch()
        opened._take_over()
    assert all(trial.state.is_finished() for trial in opened.study.get_trials())


def test_the_trial_of_a_worker_at_work_is_left_to_it(tmp_path):
    opened = open_search(tmp_path)
    trial = left_running(opened, 0)
    # Its worker has not taken the lock yet.
    opened._take_over()
    with FileLock(opened.locks / "0"):
        opened._take_over()
        assert opened.study.get_trials()[0].state.name == "RUNNING"
    assert len(opened.study.get_trials()) == len(STARTS)
    opened.study.tell(trial, 0.1)


def test_a_worker_holds_a_trial_until_its_end_is_in_the_file(tmp_path, monkeypatch):
    opened, other = open_search(tmp_path), open_search(tmp_path)
    tell = optuna.study._optimize._tell_with_warning

    def late(**arguments):
        # The other one looks round just before the end of the trial is written.
        other._take_over()
        return tell(**arguments)

    monkeypatch.setattr(optuna.study._optimize, "_tell_with_warning", late)
    pretend(monkeypatch, [0.1], [0.2])
    opened.run(trials=2)
    assert [trial.value for trial in finished(opened.study.get_trials())] == [0.1, 0.2]


def test_a_worker_that_died_before_it_took_the_lock_counts_as_dead_after_a_minute(
    tmp_path, monkeypatch
):
    opened = open_search(tmp_path)
    left_running(opened, 0)
    monkeypatch.setattr(study, "FRESH", timedelta(0))
    opened._take_over()
    assert opened.study.get_trials()[0].state.name == "FAIL"


def test_a_study_of_an_earlier_version_is_resumed(tmp_path, monkeypatch):
    new = open_search(tmp_path, name="new")
    url = f"sqlite:///{tmp_path / 'search-old.db'}"
    old = optuna.create_study(storage=url, study_name="old", direction="maximize")
    for start in STARTS:
        old.enqueue_trial(start)
    old.set_user_attr("settings", new.study.user_attrs["settings"])
    old.optimize(lambda trial: trial.suggest_float("eta conv1", 1e-4, 1e-1, log=True), 1)
    pretend(monkeypatch, *[[0.1]] * 3)
    trials = run(tmp_path, 3, name="old")
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert trials[0].value == STARTS[0]["eta conv1"]
    assert [trial.params for trial in trials[1:]] == STARTS[1:]
