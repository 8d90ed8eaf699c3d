"""The folder of a run."""

import pytest

from keras_siamese.training.checkpoints import RunState, save_state
from keras_siamese.training.run_folder import open_run


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
    save_state(tmp_path, make_state({"seed": 1}))
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
