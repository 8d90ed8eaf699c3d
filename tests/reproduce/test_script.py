"""How scripts begin and end."""

import os
import subprocess
import sys

import pytest

from reproduce import script


@pytest.mark.parametrize("error", [ValueError, OSError, ImportError])
def test_an_error_is_told_in_one_line(error, capsys):
    with pytest.raises(SystemExit) as left, script.errors_told("ablations"):
        raise error("no such ablation")
    assert left.value.code == 1 and capsys.readouterr().err == "ablations: no such ablation\n"


def test_an_extra_is_named_where_a_module_is_missing(capsys):
    for error in (ImportError("No module named 'optuna'"), ValueError("wrong")):
        with pytest.raises(SystemExit), script.errors_told("search", extra="search"):
            raise error
    assert capsys.readouterr().err == (
        "search: No module named 'optuna'. It needs: pip install 'keras_siamese[search]'\n"
        "search: wrong\n"
    )


def test_an_interruption_says_how_to_resume(capsys):
    with pytest.raises(SystemExit) as left, script.errors_told("x", interrupted="Run it again."):
        raise KeyboardInterrupt
    assert left.value.code == 130 and capsys.readouterr().err == "\nInterrupted. Run it again.\n"
    with pytest.raises(KeyboardInterrupt), script.errors_told("x"):
        raise KeyboardInterrupt


def test_an_interruption_that_breaks_off_the_release_of_a_lock_is_one(tmp_path, capsys):
    # As Optuna's journal does: its second attempt to remove the file fails.
    with pytest.raises(SystemExit) as left, script.errors_told("x", interrupted="Run it again."):
        try:
            raise KeyboardInterrupt
        except BaseException:
            (tmp_path / "gone").unlink()
            raise
    assert left.value.code == 130 and capsys.readouterr().err == "\nInterrupted. Run it again.\n"


def test_errors_of_the_program_are_not_hidden():
    with pytest.raises(KeyError), script.errors_told("x"):
        raise KeyError("a fault")


def test_the_environment_that_is_set_stays(monkeypatch):
    for name in script.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    script.prepare_tensorflow()
    assert {name: os.environ[name] for name in script.ENVIRONMENT} == {
        **script.ENVIRONMENT, "TF_ENABLE_ONEDNN_OPTS": "0",
    }  # fmt: skip


def test_processes_inherit_one_thread_each(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    show = (
        "import os; print([os.environ.get(x) for x in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS')])"
    )
    with script.one_thread_each():
        shown = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True)
    assert shown.stdout == "['1', '1']\n"
    assert os.environ["OMP_NUM_THREADS"] == "7" and "OPENBLAS_NUM_THREADS" not in os.environ
