"""Batches of some images of each of some classes."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import make_glyphs
from keras_siamese.compat import to_numpy
from keras_siamese.data import AffineRanges, EpisodeSampler
from keras_siamese.data.distortions import distort
from keras_siamese.losses import ContrastiveLoss, CrossBatchMemory
from keras_siamese.training import ClassBatches, pair_batches
from keras_siamese.training.step import gather_images
from tests.data.characters import characters

# Keras 2 has no `PyDataset`.
pytestmark = pytest.mark.keras3


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=3, characters_per_alphabet=5, num_drawers=4, size=12)


def rows_of(dataset, images):
    """Index of each image, of a data set of different images."""
    return [
        int(np.flatnonzero((dataset.images == image).all(axis=(1, 2, 3)))[0])
        for image in np.round(images * 255).astype(np.uint8)
    ]


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["within-alphabet", "across-alphabets"]),
    st.integers(2, 11),
    st.integers(2, 4),
    st.integers(0, 9),
)
def test_a_batch_has_k_different_images_of_each_of_p_classes(protocol, ways, shots, seed):
    dataset = characters((4, 5, 3), num_drawers=4)
    batches = ClassBatches(
        dataset, classes_per_batch=ways, images_per_class=shots, protocol=protocol, seed=seed
    )
    images, labels = batches[0]
    assert images.shape == (ways * shots, 4, 4, 1) and images.dtype == np.float32
    # The data set numbers its images by their grey.
    rows = np.round(images[:, 0, 0, 0] * 255).astype(int)
    assert len(set(rows)) == ways * shots
    np.testing.assert_array_equal(labels, dataset.character[rows])
    classes, counts = np.unique(labels, return_counts=True)
    assert len(classes) == ways and set(counts) == {shots}
    grouped = labels.reshape(ways, shots)
    assert (grouped == grouped[:, :1]).all()


def test_within_an_alphabet_the_drawers_are_shared(glyphs):
    batches = ClassBatches(
        glyphs, classes_per_batch=5, images_per_class=2, protocol="within-alphabet"
    )
    for number in range(len(batches)):
        rows = np.array(rows_of(glyphs, batches[number][0])).reshape(5, 2)
        assert len(set(glyphs.alphabet[rows.ravel()])) == 1
        assert (glyphs.drawer[rows] == glyphs.drawer[rows[:1]]).all()


def test_epochs_differ_unless_told_and_follow_from_the_seed(glyphs):
    def epochs(**options):
        batches = ClassBatches(glyphs, classes_per_batch=4, images_per_class=2, **options)
        found = []
        for _ in range(3):
            found.append(np.stack([batches[number][0] for number in range(len(batches))]))
            batches.on_epoch_end()
        return found

    first, second, third = epochs()
    assert len(first) == round(60 / 8)
    assert (first != second).any() and (second != third).any()
    for one, other in zip((first, second, third), epochs(), strict=True):
        np.testing.assert_array_equal(one, other)
    # A resumed training sees what it would have seen.
    np.testing.assert_array_equal(epochs(first_epoch=1)[1], third)
    assert (epochs(seed=1)[0] != first).any()
    for fixed in epochs(shuffle=False):
        np.testing.assert_array_equal(fixed, first)
    assert len(epochs(steps_per_epoch=2)[0]) == 2


def test_images_are_distorted_as_the_reference_does(glyphs):
    options = {"classes_per_batch": 3, "images_per_class": 2, "steps_per_epoch": 1, "seed": 4}
    ranges = AffineRanges(probability=1)
    images, labels = ClassBatches(glyphs, distortions=ranges, **options)[0]
    batches = ClassBatches(glyphs, **options)
    clean, same = batches[0]
    np.testing.assert_array_equal(labels, same)
    drawn = ClassBatches(glyphs, distortions=ranges, **options)._sampler.draw(0)
    expected = distort(clean, drawn.transforms.reshape(-1, 6))
    np.testing.assert_allclose(images, expected, atol=1e-3)
    # Turned batches are the clean ones up to a symmetry of the square, one for all.
    turned, _ = ClassBatches(glyphs, symmetries=True, **options)[0]
    ways = (clean, clean[:, :, ::-1])
    symmetries = [np.rot90(way, turns, (1, 2)) for way in ways for turns in range(4)]
    assert min(np.abs(turned - each).max() for each in symmetries) < 1e-3


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_learns_an_embedding_from_them(glyphs, workers):
    seen = []

    class Labels(keras.losses.Loss):
        """A loss on labels and embeddings: distance to the mean of the own class, of the batch."""

        def call(self, y_true, y_pred):
            y_true = keras.ops.reshape(y_true, (-1,))
            same = keras.ops.cast(y_true[:, None] == y_true[None], "float32")
            means = same @ y_pred / keras.ops.sum(same, axis=1, keepdims=True)
            return keras.ops.mean(keras.ops.square(y_pred - means), axis=1)

    encoder = keras.Sequential(
        [keras.Input((12, 12, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    encoder.compile("sgd", Labels())
    training = ClassBatches(
        glyphs, classes_per_batch=5, images_per_class=3, steps_per_epoch=4, workers=workers
    )
    fixed = ClassBatches(glyphs, classes_per_batch=5, images_per_class=3, shuffle=False, seed=9)
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    encoder.fit(training, validation_data=fixed, epochs=3, callbacks=[record], verbose=0)
    losses = [logs["val_loss"] for logs in seen]
    assert losses[0] > losses[1] > losses[2] > 0
    assert encoder.evaluate(fixed, verbose=0) == pytest.approx(losses[-1], rel=1e-5)


# In a process that may wait for ever. It prints the losses with threads, then with processes.
PROCESSES = """
import multiprocessing
import keras
from keras_siamese import make_glyphs
from keras_siamese.losses import ContrastiveLoss
from keras_siamese.training import ClassBatches

glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=4, num_drawers=3, size=12)
for processes in (False, True):
    keras.utils.set_random_seed(0)
    encoder = keras.Sequential(
        [keras.Input((12, 12, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    encoder.compile("sgd", ContrastiveLoss())
    batches = ClassBatches(
        glyphs, classes_per_batch=4, images_per_class=3, workers=2, use_multiprocessing=processes
    )
    print(encoder.fit(batches, epochs=2, shuffle=False, verbose=0).history["loss"])
print(multiprocessing.active_children())
"""


@pytest.mark.slow
def test_fit_trains_with_processes_as_with_threads():
    command = [sys.executable, "-c", PROCESSES]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, start_new_session=True, **options) as process:
        try:
            output, errors = process.communicate(timeout=120)
        finally:
            # Those that it forked, too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, errors
    threads, processes, left = output.splitlines()
    assert processes == threads and left == "[]"


@pytest.mark.parametrize("distorted", [{"symmetries": True}, {"distortions": AffineRanges()}])
def test_processes_are_refused_where_the_backend_distorts(glyphs, distorted):
    options = {"classes_per_batch": 3, "images_per_class": 2, **distorted}
    message = "`use_multiprocessing` must be False with `distortions` .* Received: True. Leave it"
    with pytest.raises(ValueError, match=message):
        ClassBatches(glyphs, use_multiprocessing=True, **options)
    batches = ClassBatches(glyphs, workers=2, **options)
    batches.use_multiprocessing = True
    with pytest.raises(ValueError, match=message):
        batches[0]


def test_plain_batches_may_be_sent_to_another_process(glyphs):
    batches = ClassBatches(glyphs, classes_per_batch=3, images_per_class=2)
    for ours, sent in zip(batches[1], pickle.loads(pickle.dumps(batches))[1], strict=True):
        np.testing.assert_array_equal(ours, sent)


def test_plain_images_are_those_that_the_backend_gathers(glyphs):
    options = {"classes_per_batch": 5, "images_per_class": 3}
    images, _ = ClassBatches(glyphs, **options)[0]
    indices = ClassBatches(glyphs, **options)._sampler.draw(0).indices.reshape(-1)
    gathered = gather_images(glyphs.images, indices, None, distorted=False)
    np.testing.assert_allclose(images, to_numpy(gathered), rtol=2e-7)


def test_labels_may_be_an_input_as_a_memory_takes_them(glyphs):
    options = {"classes_per_batch": 5, "images_per_class": 3, "steps_per_epoch": 2}
    batches = ClassBatches(glyphs, labels_as_input=True, shuffle=False, **options)
    (both,) = batches[1]
    for ours, same in zip(both, ClassBatches(glyphs, **options)[1], strict=True):
        np.testing.assert_array_equal(ours, same)
    image, label = keras.Input((12, 12, 1)), keras.Input((), dtype="int32")
    memory = CrossBatchMemory(ContrastiveLoss(), memory_size=40)
    embedding = keras.layers.Dense(4)(keras.layers.Flatten()(image))
    model = keras.Model([image, label], memory([label, embedding]))
    model.compile("sgd")
    assert model.fit(batches, shuffle=False, verbose=0).history["loss"][0] > 0
    seen = [batches[number][0][1] for number in range(2)]
    assert int(memory.filled) == 30
    np.testing.assert_array_equal(to_numpy(memory.labels)[-30:], np.concatenate(seen))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes_per_batch": 1}, "`classes_per_batch` must be .*at least 2"),
        ({"images_per_class": 1}, "`images_per_class` must be .*at least 2"),
        ({"images_per_class": 2.5}, "`images_per_class` must be a whole number"),
        ({"steps_per_epoch": 0}, "`steps_per_epoch` must be .*at least 1"),
        ({"first_epoch": -1}, "`first_epoch`"),
        ({"seed": -1}, "`seed`"),
        ({"shuffle": 1}, "`shuffle` must be True or False"),
        ({"symmetries": None}, "`symmetries` must be True or False"),
        ({"labels_as_input": 1}, "`labels_as_input` must be True or False"),
        ({"protocol": "alphabets"}, "`protocol` must be"),
        (
            {"classes_per_batch": 16},
            "must be at most 15, .* that 2 drawers drew. Received: ",
        ),
        ({"images_per_class": 5}, "must be at most 0, .* that 5 drawers drew"),
    ],
)
def test_bad_arguments_are_named(glyphs, arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassBatches(glyphs, **{"classes_per_batch": 3, "images_per_class": 2, **arguments})


def test_a_batch_that_is_not_there_is_an_index_error(glyphs):
    batches = ClassBatches(glyphs, classes_per_batch=3, images_per_class=2, steps_per_epoch=2)
    for index in (-1, 2):
        with pytest.raises(IndexError, match="from 0 to 1. Received"):
            batches[index]


@pytest.mark.parametrize(
    "make",
    [ClassBatches, EpisodeSampler, lambda dataset: pair_batches(dataset, None)],
    ids=["classes", "episodes", "pairs"],
)
def test_a_pair_of_arrays_is_no_data_set(make, glyphs):
    with pytest.raises(ValueError, match="`dataset` must be an ImageDataset. Received: tuple"):
        make((glyphs.images, glyphs.character))
