"""Training on episodes: resuming, what it ends with, callbacks, bad input, learning."""

import os
import shutil
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_siamese import evaluate_one_shot, make_glyphs, sample_episodes
from keras_siamese.data import CameraRanges, EpisodeSampler, split_alphabets
from keras_siamese.models import conv_encoder, siamese_network
from keras_siamese.optimizers import ConvMuon
from keras_siamese.training import DivergedError, EpisodeConfig, train_episodes
from keras_siamese.training.checkpoints import load_state, save_state

pytestmark = pytest.mark.keras3

SIZE = 24
CONFIG = EpisodeConfig(
    n_way=4,
    episodes_per_step=2,
    steps=7,
    validate_every=3,
    learning_rate=0.01,
    ema_momentum=0.9,
    restore_best_weights=True,
    seed=5,
)


class Stop(keras.callbacks.Callback):
    """Raise in the middle of an epoch, as a kill does."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            raise KeyboardInterrupt


def build(dropout=0.0, shape=(SIZE, SIZE, 1), **options):
    """A tiny siamese model, the same at every call."""
    encoder = conv_encoder(shape, filters=(4, 4), num_pools=2, units=8, **options)
    if dropout:
        image = keras.Input((SIZE, SIZE, 1))
        dropped = keras.layers.Dropout(dropout, seed=1, name="dropout")(encoder(image))
        encoder = keras.Model(image, dropped, name="encoder_with_dropout")
    return siamese_network(encoder, initializer="he")


def run(problem, config=CONFIG, model=None, **kwargs):
    """Train quietly and return model and result."""
    model = model or build()
    kwargs = {"validation_episodes": problem.episodes, "verbose": 0, **kwargs}
    return model, train_episodes(model, problem.train, config, **kwargs)


def assert_same_weights(model, weights):
    for ours, theirs in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


class Rates(keras.callbacks.Callback):
    """Note the learning rate after every step."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate))


@pytest.fixture(scope="module")
def whole(make_problem):
    """Model, result and learning rates of a run with dropout that nothing interrupts."""
    rates = Rates()
    model, result = run(make_problem(), model=build(dropout=0.2), callbacks=[rates])
    return SimpleNamespace(model=model, result=result, rates=rates.seen)


@pytest.fixture(scope="module")
def plain(make_problem, tmp_path_factory):
    """Model and folder of a finished run of the plain configuration."""
    folder = tmp_path_factory.mktemp("plain")
    model, _ = run(make_problem(), run_dir=folder)
    return SimpleNamespace(model=model, folder=folder)


@pytest.fixture
def finished(plain, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(plain.folder, tmp_path / "finished")


def test_a_killed_run_resumes_to_the_same_weights(problem, whole, tmp_path):
    model, expected = whole.model, whole.result
    with pytest.raises(KeyboardInterrupt):
        run(problem, model=build(dropout=0.2), run_dir=tmp_path, callbacks=[Stop()])
    assert load_state(tmp_path).epoch == 1
    resumed, result = run(problem, model=build(dropout=0.2), run_dir=tmp_path, resume=True)
    assert_same_weights(resumed, model.get_weights())
    for name in ("loss", "accuracy", "val_one_shot_error"):
        assert result.history[name] == expected.history[name]
    # Once more: it is finished, so that the weights are there at once.
    again, same = run(problem, model=build(dropout=0.2), run_dir=tmp_path, resume=True)
    assert_same_weights(again, model.get_weights())
    assert same == result


def test_every_step_of_every_epoch_trains_on_other_episodes(problem, monkeypatch):
    drawn = []

    def draw(sampler, step, episodes):
        drawn.append((step, episodes))
        return draw_episodes(sampler, step, episodes)

    draw_episodes = EpisodeSampler.draw
    monkeypatch.setattr(EpisodeSampler, "draw", draw)
    run(problem)
    # Seven steps in epochs of three.
    assert drawn == [(step, CONFIG.episodes_per_step) for step in range(7)]


def test_a_stopped_run_is_not_overwritten_without_being_told(problem, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(problem, run_dir=tmp_path, callbacks=[Stop()])
    with pytest.raises(ValueError, match="unfinished run.*1 epochs.*resume=True.*restart=True"):
        run(problem, run_dir=tmp_path)
    assert load_state(tmp_path).epoch == 1
    assert run(problem, run_dir=tmp_path, restart=True)[1].finished


def test_a_run_with_muon_resumes_to_the_same_weights(problem, tmp_path):
    config = replace(CONFIG, optimizer="muon", kernel_factor=2.0)
    whole, _ = run(problem, config)
    assert isinstance(whole.optimizer, ConvMuon)
    assert whole.optimizer.kernel_factor == 2.0
    with pytest.raises(KeyboardInterrupt):
        run(problem, config, run_dir=tmp_path, callbacks=[Stop()])
    resumed, _ = run(problem, config, run_dir=tmp_path, resume=True)
    assert_same_weights(resumed, whole.get_weights())


def test_a_run_with_a_camera_resumes_to_the_same_weights(problem, plain, tmp_path):
    config = replace(CONFIG, camera=CameraRanges(probability=0.7))
    whole, _ = run(problem, config)
    with pytest.raises(KeyboardInterrupt):
        run(problem, config, run_dir=tmp_path, callbacks=[Stop()])
    resumed, _ = run(problem, config, run_dir=tmp_path, resume=True)
    assert_same_weights(resumed, whole.get_weights())
    without = plain.model.get_weights()
    assert any((a != b).any() for a, b in zip(without, whole.get_weights(), strict=True))
    with pytest.raises(ValueError, match="camera: .*'probability': 0.7.* then, None now"):
        run(problem, run_dir=tmp_path, resume=True)


def test_a_run_saved_before_there_were_cameras_resumes(problem, finished):
    state = load_state(finished)
    assert state.configuration.pop("camera") is None
    save_state(finished, state)
    assert run(problem, run_dir=finished, resume=True)[1].finished


def test_the_result_tells_of_the_run(whole):
    result = whole.result
    assert (result.steps, result.finished) == (7, True)
    assert result.history["steps"] == [3, 3, 1]
    errors = result.history["val_one_shot_error"]
    assert result.best_error == min(errors)
    assert result.best_epoch == int(np.argmin(errors))
    for rate, seconds, steps in zip(
        *(result.history[name] for name in ("pairs_per_second", "seconds", "steps")), strict=True
    ):
        assert rate * seconds == pytest.approx(steps * 2 * 4 * 4)
    # Each core works at most all the time.
    cores = os.cpu_count() or 1
    for spent, seconds in zip(
        result.history["processor_seconds"], result.history["seconds"], strict=True
    ):
        assert 0 < spent <= 1.1 * cores * seconds


def kept(problem, **changes):
    """Weights at the end, those that every epoch showed, and the result."""
    seen = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(keep.model.get_weights())
    )
    model, result = run(problem, replace(CONFIG, **changes), callbacks=[keep])
    return model, seen, result


def test_it_ends_with_the_last_or_the_best_weights_averaged_or_not(problem):
    last, seen, plain = kept(problem, restore_best_weights=False, ema_momentum=None)
    assert_same_weights(last, seen[-1])
    averaged, seen_averages, _ = kept(problem, restore_best_weights=False)
    assert_same_weights(averaged, seen_averages[-1])
    best, seen_averages, result = kept(problem, restore_best_weights=True)
    assert_same_weights(best, seen_averages[result.best_epoch])
    assert 1 - evaluate_one_shot(best, problem.episodes).accuracy == result.best_error
    # The average is another thing to keep, and no part of the training.
    assert result.history["loss"] == plain.history["loss"]
    assert any((a != b).any() for a, b in zip(seen[-1], seen_averages[-1], strict=True))


def test_the_rate_falls_to_zero_along_a_cosine(whole):
    expected = 0.01 * (1 + np.cos(np.pi * np.arange(1, 8) / 7)) / 2
    np.testing.assert_allclose(whole.rates, expected, atol=1e-8)


def test_without_validation_it_trains_and_prints(problem, capsys):
    config = replace(
        CONFIG, restore_best_weights=False, n_shot=2, loss="sigmoid", protocol="across-alphabets"
    )
    _, result = run(problem, config, validation_episodes=None, verbose=1)
    assert (result.best_epoch, result.best_error) == (None, None)
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 3
    for line, loss, accuracy in zip(
        lines, result.history["loss"], result.history["accuracy"], strict=True
    ):
        assert f"loss {loss:.4f}, episode accuracy {accuracy:.1%}, " in line
        assert "one-shot" not in line


def test_a_callback_may_stop_it(problem):
    early = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(early.model, "stop_training", epoch == 1)
    )
    _, result = run(problem, callbacks=[early])
    assert (result.steps, result.finished) == (6, False)


def test_the_model_saves_loads_and_scores_as_any_other(whole, problem, tmp_path):
    model, result = whole.model, whole.result
    model.save(tmp_path / "siamese.keras")
    loaded = keras.saving.load_model(tmp_path / "siamese.keras", safe_mode=True)
    assert_same_weights(loaded, model.get_weights())
    assert 1 - evaluate_one_shot(loaded, problem.episodes).accuracy == result.best_error


def test_a_loss_that_is_not_finite_ends_the_run(problem):
    model = build()
    head = model.get_layer("weighted_l1")
    head.kernel.assign(np.full(head.kernel.shape, np.nan))
    with pytest.raises(DivergedError, match="nan in epoch 1.*Lower the learning rate"):
        run(problem, model=model)


def test_resuming_another_configuration_is_refused(problem, finished):
    with pytest.raises(ValueError, match="steps: 7 then, 8 now"):
        run(problem, replace(CONFIG, steps=8), run_dir=finished, resume=True)
    with pytest.raises(ValueError, match="settings"):
        run(problem, run_dir=finished, resume=True, settings={"initializer": "koch"})
    with pytest.raises(ValueError, match="data: .* crc32"):
        problem.train.images[0] += 1
        run(problem, run_dir=finished, resume=True)


def test_a_network_for_images_of_any_size_is_trained(problem):
    image = keras.Input((None, None, 1))
    features = keras.layers.Conv2D(4, 3, activation="relu")(image)
    embedding = keras.layers.GlobalAveragePooling2D()(features)
    model = siamese_network(keras.Model(image, embedding))
    before = model.get_weights()
    assert run(problem, model=model)[1].steps == CONFIG.steps
    assert all(
        np.any(old != new) for old, new in zip(before[:1], model.get_weights(), strict=False)
    )


def test_bad_input_is_named_before_the_model_is_touched(problem):
    model = build()
    with pytest.raises(ValueError, match="`dataset` must hold images of the model's input"):
        train_episodes(model, problem.train.resized(12), CONFIG)
    with pytest.raises(ValueError, match="`validation_episodes` must hold images"):
        run(problem, model=model, validation_episodes=problem.episodes.resized(12))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        in_float16 = build()
    finally:
        keras.config.set_dtype_policy(before)
    with pytest.raises(ValueError, match="float32 or mixed_bfloat16.*'mixed_float16'"):
        run(problem, model=in_float16)
    # It is the layers that compute, whatever the policy was when they were put together.
    with pytest.raises(ValueError, match="float32 or mixed_bfloat16.*'mixed_float16'"):
        run(problem, model=build(dtype="mixed_float16"))
    with pytest.raises(ValueError, match="float32 or mixed_bfloat16.*under 'bfloat16'"):
        run(problem, model=build(dtype="bfloat16"))
    with pytest.raises(ValueError, match="`dataset` must hold images of 3 channels"):
        run(problem, model=build(shape=(SIZE, SIZE, 3)))
    with pytest.raises(
        ValueError, match="`restore_best_weights` must be False where nothing validates"
    ):
        run(problem, model=model, validation_episodes=None)
    with pytest.raises(ValueError, match="`n_way` must be at most 6"):
        run(problem, replace(CONFIG, n_way=20), model=model)
    with pytest.raises(ValueError, match="by 2 drawers"):
        train_episodes(
            model, problem.train.select(drawers=1), CONFIG, validation_episodes=problem.episodes
        )
    with pytest.raises(ValueError, match="`run_dir`"):
        run(problem, model=model, resume=True)
    with pytest.raises(ValueError, match="made by siamese_network"):
        run(problem, model=conv_encoder((SIZE, SIZE, 1), filters=(4,), num_pools=1, units=8))
    assert not model.compiled


@pytest.mark.slow
def test_it_learns_to_tell_new_glyphs_apart():
    glyphs = make_glyphs(num_alphabets=24, characters_per_alphabet=12, num_drawers=8)
    splits = split_alphabets(
        glyphs, num_validation=4, num_test=4, heldout_drawers=(1, 2, 3, 4), seed=0
    )
    episodes = sample_episodes(splits.validation, num_episodes=16, n_way=10, seed=1)
    encoder = conv_encoder(filters=(16, 32, 32), num_pools=3, units=64)
    model = siamese_network(encoder, initializer="he")
    before = evaluate_one_shot(model, episodes).accuracy
    config = EpisodeConfig(n_way=10, steps=120, learning_rate=3e-3, validate_every=60)
    result = train_episodes(model, splits.train, config, validation_episodes=episodes, verbose=0)
    after = evaluate_one_shot(model, episodes)
    assert after.accuracy == result.history["val_one_shot_accuracy"][-1]
    # Chance is 10 %; 160 trials. The lower end of the interval is meant.
    assert after.interval[0] > max(0.4, before + 0.1)
