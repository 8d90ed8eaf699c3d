"""The order of pairs, and the batches given to `model.fit`."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data.distortions import distort
from keras_siamese.training import pair_batches
from keras_siamese.training.batches import epoch_order


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 3))
def test_short_epochs_walk_through_whole_passes(num_pairs, epoch_pairs, seed):
    epochs = -(-3 * num_pairs // epoch_pairs)
    rows = np.concatenate(
        [epoch_order(num_pairs, e, epoch_pairs=epoch_pairs, seed=seed) for e in range(epochs)]
    )
    assert len(rows) == epochs * epoch_pairs
    for number in range(3):
        one_pass = rows[number * num_pairs : (number + 1) * num_pairs]
        np.testing.assert_array_equal(np.sort(one_pass), np.arange(num_pairs))


def test_a_whole_epoch_is_a_new_permutation_every_time():
    first, second = (epoch_order(500, e, epoch_pairs=None, seed=0) for e in (0, 1))
    assert (first != second).any()
    np.testing.assert_array_equal(first, epoch_order(500, 0, epoch_pairs=None, seed=0))
    assert (first != epoch_order(500, 0, epoch_pairs=None, seed=1)).any()


def test_epoch_pairs_must_be_positive():
    with pytest.raises(ValueError, match="`epoch_pairs`"):
        epoch_order(5, 0, epoch_pairs=0, seed=0)


def eager(problem, **options):
    """The model, whose steps run without a graph: a few are done sooner than it is traced."""
    return problem.build(run_eagerly=True, **options)


def labels(batches):
    return np.concatenate([same for _, same in batches])[:, 0]


def test_batches_hold_the_pairs_distorted_as_the_reference_does(problem):
    batches = pair_batches(problem.train, problem.pairs, batch_size=50)
    for start, (inputs, same) in zip((0, 50, 100), batches, strict=True):
        rows = np.arange(120)[start : start + 50]
        np.testing.assert_array_equal(same[:, 0], problem.pairs.same[rows])
        for side in ("left", "right"):
            images = problem.train.images[getattr(problem.pairs, side)[rows]] / np.float32(255)
            transforms = getattr(problem.pairs, f"{side}_transform")[rows]
            # scikit-image and TensorFlow both blend the border with paper.
            np.testing.assert_allclose(inputs[side], distort(images, transforms), atol=1e-3)


def test_clean_pairs_are_the_images_as_they_are(problem):
    inputs, _ = next(iter(pair_batches(problem.train, problem.clean, batch_size=60, seed=4)))
    np.testing.assert_allclose(
        inputs["left"], problem.train.images[problem.clean.left] / 255, atol=1e-6
    )


@pytest.mark.parametrize("shuffle", [None, False])
def test_every_pass_outside_of_fit_is_the_table(problem, shuffle):
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4, shuffle=shuffle)
    for _ in range(3):
        next(iter(batches))
        np.testing.assert_array_equal(labels(batches), problem.clean.same)
    assert batches.cardinality() == 3


def test_short_epochs_are_the_first_one_outside_of_fit(problem):
    batches = pair_batches(
        problem.train, problem.clean, batch_size=20, epoch_pairs=25, seed=4, first_epoch=1
    )
    first = problem.clean.same[epoch_order(60, 1, epoch_pairs=25, seed=4)]
    for _ in range(2):
        np.testing.assert_array_equal(labels(batches), first)
    assert batches.cardinality() == 2


@pytest.mark.parametrize("epoch_pairs", [None, 25])
def test_each_pass_is_the_next_epoch_where_that_is_asked_for(problem, epoch_pairs):
    batches = pair_batches(
        problem.train,
        problem.clean,
        batch_size=20,
        epoch_pairs=epoch_pairs,
        seed=4,
        first_epoch=2,
        shuffle=True,
    )
    for epoch in (2, 3, 4):
        order = epoch_order(60, epoch, epoch_pairs=epoch_pairs, seed=4)
        seen = [same.numpy()[:, 0] for _, same in batches]
        np.testing.assert_array_equal(np.concatenate(seen), problem.clean.same[order])
        assert len(seen) == batches.cardinality() == -(-len(order) // 20)


@pytest.mark.parametrize("kwargs", [{"batch_size": 0}, {"epoch_pairs": 0}])
def test_counts_must_be_positive(problem, kwargs):
    with pytest.raises(ValueError, match=f"`{next(iter(kwargs))}`"):
        pair_batches(problem.train, problem.clean, **kwargs)


def test_short_epochs_of_a_table_in_order_are_an_error(problem):
    with pytest.raises(ValueError, match="`epoch_pairs` must be None with shuffle=False"):
        pair_batches(problem.train, problem.clean, epoch_pairs=25, shuffle=False)


class Seen(keras.callbacks.Callback):
    """The labels of each epoch of fit, as the network's loss gets them."""

    def __init__(self, model):
        super().__init__()
        self.epochs = []
        loss = model.compute_loss

        def compute_loss(*given, **named):
            same = named["y"] if "y" in named else given[1]
            tf.py_function(lambda same: self.epochs[-1].append(same.numpy()[:, 0]), [same], [])
            return loss(*given, **named)

        model.compute_loss = compute_loss

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append([])

    def check(self, same, first, epoch_pairs=None):
        for number, seen in enumerate(self.epochs, start=first):
            order = epoch_order(60, number, epoch_pairs=epoch_pairs, seed=4)
            np.testing.assert_array_equal(np.concatenate(seen), same[order])


@pytest.mark.parametrize("epoch_pairs", [None, 25])
def test_epochs_of_fit_are_those_of_the_loop_however_often_one_looks(problem, epoch_pairs):
    model = problem.build()
    batches = pair_batches(
        problem.train, problem.clean, batch_size=20, epoch_pairs=epoch_pairs, seed=4, first_epoch=2
    )
    for _ in range(2):
        next(iter(batches))
    labels(batches)
    model.predict(batches, verbose=0)
    model.evaluate(batches, verbose=0)
    model.fit(batches, epochs=2, verbose=0, callbacks=(seen := Seen(model)))
    labels(batches)
    # It continues where it ended.
    model.fit(batches, epochs=5, initial_epoch=4, verbose=0, callbacks=[seen])
    assert len(seen.epochs) == 3
    seen.check(problem.clean.same, 2, epoch_pairs)


def test_batches_made_into_others_are_shuffled_by_fit_as_well(problem):
    model = problem.build()
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4)
    mapped = batches.map(lambda inputs, same: (inputs, same))
    model.fit(mapped, epochs=2, shuffle=False, verbose=0, callbacks=[seen := Seen(model)])
    seen.check(problem.clean.same, 0)
    np.testing.assert_array_equal(labels(mapped), problem.clean.same)


def test_a_strategy_sees_the_same_epochs(problem):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = problem.build()
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4)
    model.fit(batches, epochs=2, verbose=0, callbacks=[seen := Seen(model)])
    seen.check(problem.clean.same, 0)


def test_fit_takes_the_order_of_the_table_where_that_is_asked_for(problem):
    model = eager(problem)
    batches = pair_batches(problem.train, problem.clean, batch_size=20, shuffle=False)
    model.fit(batches, epochs=2, verbose=0, callbacks=[seen := Seen(model)])
    for epoch in seen.epochs:
        np.testing.assert_array_equal(np.concatenate(epoch), problem.clean.same)


@pytest.mark.parametrize("kind", ["its own", "plain"])
def test_labels_match_predictions(problem, kind):
    metrics = pytest.importorskip("sklearn.metrics")
    model = problem.build()
    model.fit(pair_batches(problem.train, problem.clean), epochs=2, verbose=0)
    if kind == "plain":
        model = keras.Model(model.inputs, model.outputs)
        model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    sides = [problem.train.images[side] for side in (problem.clean.left, problem.clean.right)]
    expected = model.predict([side / np.float32(255) for side in sides], verbose=0)[:, 0]
    for epoch_pairs in (None, 25):
        batches = pair_batches(problem.train, problem.clean, batch_size=16, epoch_pairs=epoch_pairs)
        rows = np.arange(60) if epoch_pairs is None else epoch_order(60, 0, epoch_pairs=25, seed=0)
        before, probability = labels(batches), model.predict(batches, verbose=0)[:, 0]
        np.testing.assert_array_equal(before, labels(batches))
        np.testing.assert_array_equal(before, problem.clean.same[rows])
        np.testing.assert_allclose(probability, expected[rows], atol=1e-6)
        accuracy = metrics.accuracy_score(before, probability > 0.5)
        loss = metrics.log_loss(before, probability)
        for _ in range(2):
            assert model.evaluate(batches, verbose=0) == pytest.approx([loss, accuracy], abs=1e-5)


@pytest.mark.parametrize("shuffle", [None, False])
def test_validation_data_is_the_same_in_every_epoch(problem, shuffle):
    model = eager(problem, learning_rate=0.0)
    validation = pair_batches(
        problem.train,
        problem.clean,
        batch_size=8,
        epoch_pairs=None if shuffle is False else 25,
        shuffle=shuffle,
    )
    stopping = keras.callbacks.EarlyStopping(patience=3)
    history = model.fit(
        pair_batches(problem.train, problem.clean, batch_size=20),
        epochs=8,
        validation_data=validation,
        callbacks=[stopping],
        verbose=0,
    ).history
    # Nothing is learnt, so nothing may change: the first epoch is the best, and three follow.
    assert len(history["val_loss"]) == 4
    assert len(set(history["val_loss"])) == 1
    assert history["val_loss"][0] == pytest.approx(model.evaluate(validation, verbose=0)[0])


def test_the_batches_of_training_may_be_those_of_validation(problem):
    model = eager(problem, learning_rate=0.0)
    batches = pair_batches(problem.train, problem.clean, batch_size=20, epoch_pairs=25, seed=4)
    history = model.fit(
        batches, epochs=3, validation_data=batches, verbose=0, callbacks=[seen := Seen(model)]
    ).history
    seen.epochs = [epoch[:2] for epoch in seen.epochs]
    seen.check(problem.clean.same, 0, 25)
    assert len(set(history["val_loss"])) == 1


def test_callbacks_of_fit_find_the_fixed_order(problem):
    model, found = eager(problem), []
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4)
    other = pair_batches(problem.train, problem.clean, batch_size=25, seed=3)

    class Look(keras.callbacks.Callback):
        def look(self, *_):
            found.extend(labels(each) for each in (batches, other))

        on_train_begin = on_epoch_begin = on_epoch_end = on_train_end = look

        def on_train_batch_end(self, batch, logs=None):
            found.append(labels(other))

    model.fit(batches, epochs=2, verbose=0, callbacks=[Look(), seen := Seen(model)])
    assert len(found) == 2 * (2 + 2 * 2) + 2 * 3
    for each in found:
        np.testing.assert_array_equal(each, problem.clean.same)
    seen.check(problem.clean.same, 0)


def test_a_fit_that_fails_leaves_the_fixed_order(problem):
    model = eager(problem)
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(batches, epochs=2, verbose=0, callbacks=[Stop()])
    np.testing.assert_array_equal(labels(batches), problem.clean.same)


def test_a_list_of_callbacks_of_keras_s_own_type_stays_as_it_was(problem):
    model = eager(problem)
    listed = keras.callbacks.CallbackList(
        [seen := Seen(model)], add_history=True, model=model, epochs=1
    )
    held = list(listed.callbacks)
    batches = pair_batches(problem.train, problem.clean, batch_size=20, seed=4)
    model.fit(batches, epochs=1, verbose=0, callbacks=listed)
    assert listed.callbacks == held
    seen.check(problem.clean.same, 0)


def test_batches_of_another_order_each_pass_are_refused_where_it_must_be_fixed(problem):
    model = problem.build()
    batches = pair_batches(problem.train, problem.clean, shuffle=True)
    calls = {
        "x": [model.predict, model.evaluate],
        "validation_data": [lambda given: model.fit(batches, validation_data=given)],
    }
    for argument, each in calls.items():
        for call in each:
            with pytest.raises(ValueError, match=f"`{argument}` must come in a fixed order.*False"):
                call(batches)
