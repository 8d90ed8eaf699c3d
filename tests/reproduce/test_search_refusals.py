"""What a search cannot do is said in one line with a remedy, and without a secret."""

import sqlite3
from contextlib import closing

import optuna
import pytest

from keras_siamese.training.validation import MONITOR
from reproduce import search, study_storage
from reproduce.paper import experiment
from tests.reproduce.pretended import hurry, pretend


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr(study_storage, "PAUSE_SECONDS", 0.0)


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
    assert "other settings (batch_size, epochs)" in line and "--study" in line
    assert "(architecture)" in refusal(capsys, tmp_path, architecture=True)


def test_nothing_is_exported_of_a_study_that_is_not_there(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    storage = f"sqlite:///{tmp_path / 'search-reduced-35.db'}"
    line = refusal(capsys, tmp_path, study="x", storage=storage, export=tmp_path / "x.json")
    assert "'x'" in line and "It holds: reduced-35" in line
    assert not (tmp_path / "x.json").exists()


def test_a_damaged_file_is_named_with_a_remedy(tmp_path, monkeypatch, capsys):
    file = tmp_path / "search-reduced-35.db"
    file.write_bytes(b"no database " * 1000)
    line = refusal(capsys, tmp_path)
    assert str(file) in line and "not a database" in line and "move it away" in line
    file.unlink()
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    whole = bytearray(file.read_bytes())
    whole[2000:] = b"\xff" * (len(whole) - 2000)
    file.write_bytes(whole)
    assert "malformed" in refusal(capsys, tmp_path)


@pytest.mark.parametrize("given", ["study.db", "postgresql://u:secret@host:port/name"])
def test_what_is_no_url_is_refused(tmp_path, capsys, given):
    line = refusal(capsys, tmp_path, storage=given)
    assert "--storage must be a URL" in line and "secret" not in line


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("postgresql+psycopg://me:secret@127.0.0.1:1/db?passfile=secret", "Connection refused"),
        ("mysql+pymysql://me:secret@host/db", "needs a driver that is not installed"),
        ("nonsense://me:secret@host/db", "plugin"),
        ("sqlite:////no/such/folder/study.db", "unable to open"),
    ],
)
def test_no_storage_is_told_in_a_line(tmp_path, capsys, given, reason):
    line = refusal(capsys, tmp_path, storage=given)
    assert reason in line
    assert "secret" not in line and "me:" not in line


def test_tables_of_another_version_of_optuna_are_refused(tmp_path, monkeypatch, capsys):
    pretend(monkeypatch, [0.1])
    search.main(preset="quick", runs=tmp_path, trials=1)
    with closing(sqlite3.connect(tmp_path / "search-reduced-35.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'v2.6.0.a'")
        database.commit()
    assert "optuna storage upgrade" in refusal(capsys, tmp_path)


def test_a_place_that_cannot_be_written_is_refused_before_the_study_is_opened(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert str(tmp_path) in refusal(capsys, tmp_path, export=tmp_path)
    assert "file" in refusal(capsys, tmp_path, export=tmp_path / "file" / "study.json")
    assert not list(tmp_path.glob("*.db"))


def test_a_search_without_an_end_is_refused(tmp_path, capsys):
    assert "--trials or --minutes" in refusal(capsys, tmp_path, trials=None)


def test_a_worker_that_counted_as_dead_ends_in_a_line(tmp_path, monkeypatch, capsys):
    def sleep(config, *, callbacks, **_):
        trial = callbacks[0].trial
        trial.study._storage.set_trial_state_values(trial._trial_id, optuna.trial.TrialState.FAIL)
        callbacks[0].on_epoch_end(0, {MONITOR: 0.5})

    monkeypatch.setattr(experiment, "run", sleep)
    assert "FAIL" in refusal(capsys, tmp_path)
