"""The folder of a run."""

from dataclasses import replace

import pytest

from keras_siamese.training.checkpoints import FILE_NAME, RunState, load_state, open_run, save_state


def make_state(configuration):
    return RunState(
        epoch=1,
        finished=False,
        weights=[],
        optimizer=[],
        best_weights=None,
        early_stopping={},
        history={},
        configuration=configuration,
    )


def test_no_folder_saves_nothing_and_resumes_nothing():
    assert open_run(None, resume=False, configuration={}) == (None, None)
    with pytest.raises(ValueError, match="`resume` needs `run_dir`"):
        open_run(None, resume=True, configuration={})


def test_a_state_is_read_only_to_resume_it(tmp_path):
    assert open_run(tmp_path / "new", resume=True, configuration={}) == (tmp_path / "new", None)
    save_state(tmp_path, replace(make_state({"seed": 1}), finished=True))
    assert open_run(tmp_path, resume=False, configuration={"seed": 2}) == (tmp_path, None)
    folder, state = open_run(str(tmp_path), resume=True, configuration={"seed": 1})
    assert (folder, state.epoch) == (tmp_path, 1)
    with pytest.raises(ValueError, match="seed: 1 then, 2 now"):
        open_run(tmp_path, resume=True, configuration={"seed": 2})


def test_a_folder_that_cannot_be_made_is_an_error_for_who_writes(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="`run_dir` must be a folder that can be written"):
        open_run(tmp_path / "file" / "run", resume=False, configuration={})
    open_run(tmp_path / "file" / "run", resume=False, configuration={}, write=False)


def test_an_unfinished_run_is_thrown_away_only_when_told(tmp_path):
    save_state(tmp_path, make_state({}))
    for write in (True, False):
        with pytest.raises(ValueError, match="1 epochs.*resume=True, --resume.*restart=True, --re"):
            open_run(tmp_path, resume=False, configuration={}, write=write)
    assert load_state(tmp_path).epoch == 1
    with pytest.raises(ValueError, match="`resume`.*`restart`.*must not come together"):
        open_run(tmp_path, resume=True, restart=True, configuration={})
    assert open_run(tmp_path, resume=True, configuration={})[1].epoch == 1
    # One worker of several writes; the others leave the folder alone.
    open_run(tmp_path, resume=False, restart=True, configuration={}, write=False)
    assert load_state(tmp_path).epoch == 1
    opened = open_run(tmp_path, resume=False, restart=True, configuration={"seed": 2})
    assert opened == (tmp_path, None)
    assert load_state(tmp_path) is None, "a stop before the first epoch leaves nothing to resume"
    open_run(tmp_path, resume=False, restart=True, configuration={})


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_state_that_cannot_be_read_is_thrown_away_only_when_told(tmp_path, content):
    path = save_state(tmp_path, make_state({}))
    path.write_bytes(path.read_bytes()[:-30] if content is None else content)
    with pytest.raises(ValueError, match="cannot be read.*restart=True, --restart"):
        open_run(tmp_path, resume=False, configuration={})
    assert path.exists()
    assert open_run(tmp_path, resume=False, restart=True, configuration={}) == (tmp_path, None)
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("name", ["resume", "restart"])
def test_nothing_to_resume_or_throw_away_without_a_folder(name):
    with pytest.raises(ValueError, match=f"`{name}` needs `run_dir`"):
        open_run(None, **{"resume": False, name: True}, configuration={})
