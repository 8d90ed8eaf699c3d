"""What a search cannot do is said in one line with a remedy, and without a secret."""

import optuna
import pytest

from keras_siamese.training.callbacks import MONITOR
from reproduce.paper import experiment
from reproduce.search import __main__ as search
from tests.reproduce.search.pretended import hurry, pretend


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


def refusal(capsys, tmp_path, **options):
    """Run the command in this process, and return the one line with which it refuses."""
    with pytest.raises(SystemExit) as stopped:
        search.main(**{"preset": "quick", "runs": tmp_path, "trials": 1, **options})
    assert stopped.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_study_of_other_settings_is_refused(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    line = refusal(capsys, tmp_path, set_=["epochs=3", "batch_size=64", "l2=0.1"])
    assert "others (batch_size, epochs)" in line and "--study" in line
    assert "(architecture)" in refusal(capsys, tmp_path, architecture=True)


def test_the_dense_network_has_no_architecture_and_no_study_is_begun(tmp_path, capsys):
    line = refusal(capsys, tmp_path / "new", preset="dense", architecture=True)
    assert "--architecture must not go with a dense net" in line
    assert not (tmp_path / "new").exists()


def test_nothing_is_exported_of_a_study_that_is_not_there(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    line = refusal(capsys, tmp_path, study="x", export=tmp_path / "x.json")
    assert "'x'" in line and "studies: reduced-35" in line
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "search-reduced-35-locks", "search-reduced-35.journal",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda whole: b"no journal " * 1000, "its last line is cut off"),
        (lambda whole: whole[:-20], "its last line is cut off"),
        (lambda whole: whole[:200] + b"\xff" * 200 + whole[400:], "is damaged"),
        (lambda whole: b'{"x": 1}\n' + whole, "is damaged ('op_code')"),
    ],
)
def test_a_damaged_file_is_named_with_a_remedy(tmp_path, monkeypatch, capsys, damage, reason):
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    file = tmp_path / "search-reduced-35.journal"
    file.write_bytes(damage(file.read_bytes()))
    line = refusal(capsys, tmp_path)
    assert str(file) in line and reason in line and "Move it away" in line


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "file" in refusal(capsys, tmp_path, runs=tmp_path / "file")


def test_a_place_that_cannot_be_written_is_refused_before_the_study_is_opened(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert str(tmp_path) in refusal(capsys, tmp_path, export=tmp_path)
    assert "file" in refusal(capsys, tmp_path, export=tmp_path / "file" / "study.json")
    assert not list(tmp_path.glob("search-*"))


def test_a_search_without_an_end_is_refused(tmp_path, capsys):
    assert "--trials or --minutes" in refusal(capsys, tmp_path, trials=None)


def test_a_worker_that_counted_as_dead_ends_in_a_line(tmp_path, monkeypatch, capsys):
    def sleep(config, *, callbacks, **_):
        trial = callbacks[0].trial
        trial.study._storage.set_trial_state_values(trial._trial_id, optuna.trial.TrialState.FAIL)
        callbacks[0].on_epoch_end(0, {MONITOR: 0.5})

    monkeypatch.setattr(experiment, "run", sleep)
    assert "FAIL" in refusal(capsys, tmp_path)
