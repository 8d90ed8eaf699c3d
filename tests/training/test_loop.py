"""The loop: early stopping, callbacks, parity with fit, bad input."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.compat import variable_path
from keras_siamese.evaluation import evaluate_one_shot
from keras_siamese.training import (
    OneShotEarlyStopping,
    OneShotValidation,
    PaperSchedule,
    TrainingConfig,
    pair_batches,
    train,
)
from keras_siamese.training.checkpoints import load_state
from tests.training.loop_runs import EpochWeights, Stop, assert_same_weights, run


def test_the_same_seed_gives_the_same_weights(problem, whole):
    assert_same_weights(run(problem)[0], whole.weights)


def test_training_lowers_the_loss(problem):
    config = TrainingConfig(batch_size=16, epochs=12, ramp_epochs=2)
    _, result = run(problem, config, problem.build(learning_rate=0.1, momentum=0.9))
    assert result.history["loss"][-1] < 0.9 * result.history["loss"][0]
    assert result.epochs == 12
    assert result.finished


def test_it_ends_with_the_best_epochs_weights(problem, whole):
    model, result, seen = whole.model, whole.result, whole.seen
    errors = result.history["val_one_shot_error"]
    assert result.best_epoch == int(np.argmin(errors))
    assert result.best_error == min(errors)
    for ours, theirs in zip(model.get_weights(), seen[result.best_epoch], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert 1 - evaluate_one_shot(model, problem.episodes).accuracy == result.best_error


def test_it_stops_when_the_error_has_not_decreased_for_the_patience(problem):
    model = problem.build(learning_rate=0.0)  # nothing moves, so the first epoch stays the best
    config = TrainingConfig(batch_size=32, epochs=30, patience=3, seed=5)
    _, result = run(problem, config, model)
    assert result.epochs == 4
    assert result.finished
    assert result.best_epoch == 0


def test_fit_stops_after_the_patience_of_the_callback(problem):
    model = problem.build(learning_rate=0.0)
    history = model.fit(
        pair_batches(problem.train, problem.pairs, batch_size=32, seed=5),
        epochs=9,
        verbose=0,
        callbacks=[OneShotValidation(problem.episodes), OneShotEarlyStopping(2)],
    )
    # The first epoch is the best; two more bring nothing.
    assert len(history.history["loss"]) == 3


def test_a_callback_may_stop_it_and_the_run_stays_open(problem, whole, tmp_path):
    early = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(early.model, "stop_training", epoch == 1)
    )
    _, result = run(problem, run_dir=tmp_path, callbacks=[early])
    assert (result.epochs, result.finished) == (2, False)
    resumed, _ = run(problem, run_dir=tmp_path, resume=True)
    assert_same_weights(resumed, whole.weights)


def test_callbacks_of_keras_get_every_figure(whole):
    header, *rows = whole.log.read_text().splitlines()
    assert set(header.split(",")) == {
        "epoch",
        "accuracy",
        "loss",
        "pairs_per_second",
        "seconds",
        "val_one_shot_accuracy",
        "val_one_shot_error",
    }
    assert len(rows) == 4


def test_an_epoch_has_the_mean_over_its_pairs(problem):
    """The last batch has 24 pairs, the others 32."""

    class Batches(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.logs = []

        def on_train_batch_end(self, batch, logs=None):
            self.logs.append([float(logs["loss"]), float(logs["accuracy"])])

    batches = Batches()
    _, result = run(problem, TrainingConfig(batch_size=32, epochs=1), callbacks=[batches])
    assert len(problem.pairs) == 120 and len(batches.logs) == 4
    loss, accuracy = np.dot([32, 32, 32, 24], batches.logs) / 120
    assert result.history["loss"] == pytest.approx([loss], rel=1e-6)
    assert result.history["accuracy"] == pytest.approx([accuracy], rel=1e-6)
    # The means over the batches are others.
    for mean, column in zip((loss, accuracy), np.transpose(batches.logs), strict=True):
        assert mean != pytest.approx(np.mean(column), rel=1e-4)


@pytest.mark.parametrize("steps", [None, 4])
def test_fit_reaches_the_same_weights(problem, whole, steps):
    fitted = problem.build()
    fitted.fit(
        pair_batches(problem.train, problem.pairs, batch_size=32, seed=5),
        steps_per_epoch=steps,
        shuffle=False,
        epochs=4,
        verbose=0,
        callbacks=[
            PaperSchedule(ramp_epochs=2),
            OneShotValidation(problem.episodes),
            OneShotEarlyStopping(),
            seen := EpochWeights(),
        ],
    )
    both = ((whole.seen[-1], seen.weights[-1]), (whole.weights, fitted.get_weights()))
    for looped, weights in both:
        for ours, theirs in zip(looped, weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_steps_follow_the_papers_schedule_worked_in_numpy(problem):
    rates = {"conv1": 0.1, "conv2": 0.08, "conv3": 0.06, "conv4": 0.05, "embedding": 0.03}
    rates["weighted_l1"] = 0.02
    momenta = dict(zip(rates, (0.9, 0.8, 0.7, 0.6, 0.5, 0.4), strict=True))
    model = problem.build(learning_rate=rates, momentum=momenta)
    twin = problem.build(learning_rate=rates, momentum=momenta)
    config = TrainingConfig(batch_size=32, epochs=3, ramp_epochs=2, seed=5)
    train(
        model, problem.train, problem.clean, problem.episodes, config, verbose=0,
        callbacks=[seen := EpochWeights()],
    )  # fmt: skip
    names = [variable_path(weight).split("/")[-2:] for weight in twin.trainable_variables]
    weights = twin.get_weights()
    velocities = [np.zeros_like(weight) for weight in weights]
    batches = pair_batches(problem.train, problem.clean, batch_size=32, seed=5, shuffle=True)
    for epoch in range(3):
        for inputs, same in batches:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(keras.losses.binary_crossentropy(same, twin(inputs)))
            gradients = tape.gradient(loss, twin.trainable_variables)
            for i, (layer, kind) in enumerate(names):
                gradient = gradients[i].numpy()
                if kind != "bias":
                    gradient = gradient + 2 * 1e-4 * weights[i]
                momentum = 0.5 + min(epoch / 2, 1) * (momenta[layer] - 0.5)
                rate = rates[layer] * 0.99**epoch
                velocities[i] = momentum * velocities[i] - rate * gradient
                weights[i] = weights[i] + velocities[i]
            twin.set_weights(weights)
    for ours, theirs in zip(seen.weights[-1], weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_state(problem, begun):
    model = problem.build()

    class Blow(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.get_layer("weighted_l1").kernel.assign(
                np.full(self.model.get_layer("weighted_l1").kernel.shape, np.nan)
            )

    with pytest.raises(ValueError, match="finite. Received: nan in epoch 3.*learning rates"):
        run(problem, model=model, run_dir=begun, resume=True, callbacks=[Blow()])
    state = load_state(begun)
    assert state.epoch == 2
    assert all(np.isfinite(weight).all() for weight in state.weights)


def test_the_progress_shows_loss_accuracy_and_speed(problem, capsys):
    _, result = run(problem, verbose=1)
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 4
    for line, loss, error in zip(
        lines, result.history["loss"], result.history["val_one_shot_error"], strict=True
    ):
        assert f"loss {loss:.4f}" in line
        assert f"one-shot accuracy {1 - error:.1%}" in line
        assert line.endswith("pairs/s")


def test_tensorboard_writes_its_events(problem, tmp_path):
    pytest.importorskip("tensorboard")
    run(problem, callbacks=[keras.callbacks.TensorBoard(str(tmp_path))])
    assert list(tmp_path.rglob("events.out.tfevents.*"))


def test_a_folder_that_cannot_be_made_is_an_error_before_training(problem, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        run(problem, run_dir=tmp_path / "file" / "run", callbacks=[Stop(0, 0, AssertionError)])


def test_bad_input_is_named(problem):
    plain = problem.build()
    plain.compile(optimizer="sgd", loss="binary_crossentropy")
    with pytest.raises(ValueError, match="LayerwiseSGD"):
        run(problem, model=plain)
    with pytest.raises(ValueError, match=r"\(24, 24, 1\).*resized"):
        train(
            problem.build(), problem.train.resized(12), problem.pairs, problem.episodes, verbose=0
        )
    with pytest.raises(ValueError, match=r"`validation_episodes` must hold images"):
        train(
            problem.build(), problem.train, problem.pairs, problem.episodes.resized(12), verbose=0
        )
    with pytest.raises(ValueError, match="Draw the pairs from this data set"):
        few = problem.train.select(indices=np.arange(4))
        train(problem.build(), few, problem.pairs, problem.episodes, verbose=0)
    with pytest.raises(ValueError, match="`run_dir`"):
        run(problem, resume=True)
    with pytest.raises(ValueError, match="`patience`"):
        TrainingConfig(patience=0)
