"""A run that was killed, stopped or finished, and is begun again."""

import keras
import pytest

from keras_siamese.models import siamese_network, twin_encoder
from keras_siamese.training import TrainingConfig
from keras_siamese.training.checkpoints import load_state
from tests.training.loop_runs import CONFIG, Stop, assert_same_weights, run


@pytest.mark.parametrize("place", [(0, 1), (2, 2)])
def test_a_killed_run_resumes_to_the_same_weights(problem, whole, tmp_path, place):
    with pytest.raises(KeyboardInterrupt):
        run(problem, run_dir=tmp_path, callbacks=[Stop(*place)])
    resumed, result = run(problem, run_dir=tmp_path, resume=True)
    assert_same_weights(resumed, whole.weights)
    assert result.best_epoch == whole.result.best_epoch
    for name in ("loss", "val_one_shot_error"):
        assert result.history[name] == whole.result.history[name]


@pytest.mark.keras3
def test_a_killed_run_with_dropout_resumes_to_the_same_losses(problem, tmp_path):
    def build():
        model = problem.build()
        image = keras.Input(problem.train.images.shape[1:])
        dropped = keras.layers.Dropout(0.3, seed=1)(twin_encoder(model)(image))
        siamese = siamese_network(keras.Model(image, dropped), initializer="he")
        siamese.compile(model.optimizer.from_config(model.optimizer.get_config()), "bce")
        return siamese

    _, whole = run(problem, model=build())
    with pytest.raises(KeyboardInterrupt):
        run(problem, model=build(), run_dir=tmp_path, callbacks=[Stop(2, 1)])
    _, resumed = run(problem, model=build(), run_dir=tmp_path, resume=True)
    assert resumed.history["loss"] == whole.history["loss"]


def test_a_finished_run_resumes_to_its_result_at_once(problem, whole, finished):
    untouched = (finished / "state.npz").stat().st_mtime_ns
    resumed, result = run(problem, run_dir=finished, resume=True)
    assert_same_weights(resumed, whole.weights)
    assert result == whole.result
    assert (finished / "state.npz").stat().st_mtime_ns == untouched


def test_more_epochs_go_on_where_fewer_ended(problem, whole, begun):
    resumed, _ = run(problem, run_dir=begun, resume=True)
    assert_same_weights(resumed, whole.weights)


def test_without_resume_a_run_starts_anew(problem, finished):
    _, result = run(problem, run_dir=finished)
    assert result.epochs == 4
    assert load_state(finished).epoch == 4


def test_a_stopped_run_is_not_overwritten_without_being_told(problem, whole, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(problem, run_dir=tmp_path, callbacks=[Stop(2, 0)])
    with pytest.raises(ValueError, match="unfinished run.*2 epochs.*resume=True.*restart=True"):
        run(problem, run_dir=tmp_path, callbacks=[Stop(0, 0, AssertionError)])
    assert load_state(tmp_path).epoch == 2
    again, _ = run(problem, run_dir=tmp_path, restart=True)
    assert_same_weights(again, whole.weights)


def test_a_resumed_run_has_waited_as_long_as_it_did(problem, tmp_path):
    config = TrainingConfig(batch_size=32, epochs=30, patience=3, seed=5)
    stop = [Stop(3, 0)]
    with pytest.raises(KeyboardInterrupt):
        run(problem, config, problem.build(learning_rate=0.0), run_dir=tmp_path, callbacks=stop)
    assert load_state(tmp_path).early_stopping["wait"] == 2
    model = problem.build(learning_rate=0.0)
    _, result = run(problem, config, model, run_dir=tmp_path, resume=True)
    assert (result.epochs, result.best_epoch) == (4, 0)


def test_fewer_epochs_than_were_done_train_no_further(problem, finished):
    fewer = TrainingConfig(**{**vars(CONFIG), "epochs": 2})
    _, result = run(problem, fewer, run_dir=finished, resume=True, callbacks=[Stop(4, 0)])
    assert (result.epochs, result.finished) == (4, True)


def test_resuming_another_configuration_is_refused(problem, finished):
    other = TrainingConfig(**{**vars(CONFIG), "batch_size": 16})
    with pytest.raises(ValueError, match="batch_size: 32 then, 16 now"):
        run(problem, other, run_dir=finished, resume=True)
    with pytest.raises(ValueError, match="optimizer"):
        run(problem, model=problem.build(learning_rate=0.2), run_dir=finished, resume=True)
    with pytest.raises(ValueError, match="data: .* crc32"):
        problem.train.images[0] += 1
        run(problem, run_dir=finished, resume=True)
    problem.train.images[0] -= 1
    with pytest.raises(ValueError, match="validation: .12 trials, crc32"):
        problem.episodes.images[:] = 255 - problem.episodes.images
        run(problem, run_dir=finished, resume=True)
    problem.episodes.images[:] = 255 - problem.episodes.images
    with pytest.raises(ValueError, match="settings"):
        run(problem, run_dir=finished, resume=True, settings={"initializer": "koch"})
