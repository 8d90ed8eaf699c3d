"""The graph finds the drawing that NumPy finds."""

import io

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from keras_siamese import Preprocessing
from keras_siamese.data import make_glyphs
from keras_siamese.data.drawing.numpy_operations import ArrayOperations
from keras_siamese.serving.decoding import decode_images
from keras_siamese.serving.decoding.drawing_tensors import TensorOperations

ARRAYS, TENSORS = ArrayOperations(), TensorOperations()
INK = (
    make_glyphs(num_alphabets=1, characters_per_alphabet=3, num_drawers=1, size=210, seed=7)
    .images[..., 0]
    .astype(np.float32)
    / 255
)
READINGS = {
    "square": Preprocessing(53, paper="find"),
    "other": Preprocessing((30, 44), polarity="light_on_dark", paper="find"),
}


@pytest.fixture(scope="module", params=READINGS)
def ways(request):
    """A reading in Python and in the graph, each from files to `(n, height, width, 1)`."""
    reading = READINGS[request.param]
    specs = [tf.TensorSpec((None,), tf.string)] * 2
    decode = tf.function(
        lambda contents, names: decode_images(contents, names, reading, max_pixels=16_000_000),
        input_signature=specs,
        autograph=False,
    )
    dark = request.param == "other"
    return reading, lambda files: decode(files, ["A file"] * len(files)).numpy() * 255, dark


def photograph(ink, rng, *, height, width, dark):
    """A file: a drawing on unevenly lit paper of some tint with noise and ruled lines."""
    page = np.full((height, width), 0.9)
    page[rng.integers(9) :: 30] -= 0.15
    top, left = (rng.integers(1 + side - 210) for side in (height, width))
    page[top : top + 210, left : left + 210] *= 1 - 0.85 * ink
    rows, columns = np.mgrid[:height, :width]
    page *= 1 - 0.4 * rng.random() * rows / height - 0.2 * rng.random() * columns / width
    page[:, columns[0] > width * rng.uniform(0.5, 2)] *= 0.6
    page = ndimage.gaussian_filter(page, rng.uniform(0, 1.5)) + rng.normal(0, 0.015, page.shape)
    levels = np.clip(255 * page[..., None] * rng.uniform(0.85, 1, 3), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(255 - levels if dark else levels).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("sides", [(240, 300), (300, 240), (1600, 1100), (1025, 3000)])
def test_photographs_give_the_same_image(ways, sides):
    reading, served, dark = ways
    rng = np.random.default_rng(sides[0])
    files = [photograph(ink, rng, height=sides[0], width=sides[1], dark=dark) for ink in INK]
    expected = np.stack([reading.read(file) for file in files]).astype(np.float32)
    # A level of the canvas may be rounded differently, which moves the box a little.
    assert np.abs(served(files) - expected).max() <= 6


@pytest.mark.parametrize("table", [12.0, 70.0, 130.0])
def test_a_sheet_on_a_table_gives_the_same_image(ways, table):
    reading, served, dark = ways
    rng = np.random.default_rng(int(table))
    files = []
    for angle, ink in zip((-5, 0, 8), INK, strict=True):
        page = np.full((280, 300), 235.0)
        page[30:240, 40:250] *= 1 - 0.85 * ink
        there = np.pad(np.ones_like(page), ((60, 70), (80, 40)))
        page = np.pad(page, ((60, 70), (80, 40)))
        page, there = (ndimage.rotate(x, angle, reshape=False, order=1) for x in (page, there))
        page = page * there + table * (1 - there) + rng.normal(0, 2, page.shape)
        levels = np.clip(page, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(255 - levels if dark else levels).save(file, "PNG")
        files.append(file.getvalue())
    expected = np.stack([reading.read(file) for file in files]).astype(np.float32)
    assert np.abs(served(files) - expected).max() <= 6


def test_paper_without_a_drawing_is_an_error_that_names_the_file(ways):
    _, served, _ = ways
    file = io.BytesIO()
    noise = np.random.default_rng(0).normal(210, 2, (200, 200)).astype(np.uint8)
    Image.fromarray(noise).save(file, "PNG")
    with pytest.raises(tf.errors.InvalidArgumentError, match="A file must hold pictures with a dr"):
        served([file.getvalue()])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 0.95), st.integers(3, 40))
def test_marks_are_those_of_scipy(seed, share, side):
    mask = np.random.default_rng(seed).random((side, side + 1)) < share
    ours, scipys = TENSORS.labels(tf.constant(mask)).numpy(), ARRAYS.labels(mask)
    np.testing.assert_array_equal(ours > 0, mask)
    pairs = {(int(a), int(b)) for a, b in zip(ours[mask], scipys[mask], strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_a_long_winding_mark_is_one():
    spiral = np.zeros((41, 41), bool)
    for ring in range(0, 20, 4):
        spiral[ring, ring : 41 - ring] = spiral[ring : 41 - ring, 40 - ring] = True
        spiral[40 - ring, ring : 41 - ring] = spiral[ring + 2 : 41 - ring, ring] = True
        spiral[ring + 2, ring : ring + 5] = spiral[ring + 2 : ring + 5, ring + 4] = True
    assert len(np.unique(ARRAYS.labels(spiral)[spiral])) == 1
    assert len(np.unique(TENSORS.labels(tf.constant(spiral)).numpy()[spiral])) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 3, 5, 13, 49]), st.floats(0, 5))
def test_widening_and_growing_are_scipys(seed, side, steps):
    image = np.random.default_rng(seed).normal(size=(60, 50)).astype(np.float32)
    wide = TENSORS.widened(tf.constant(image), side).numpy()
    np.testing.assert_array_equal(wide, ndimage.maximum_filter(image, side, mode="nearest"))
    grown = TENSORS.grown(tf.constant(image), np.float32(steps)).numpy()
    np.testing.assert_allclose(grown, ARRAYS.grown(image, np.float32(steps)), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 600))
def test_histograms_and_sums_are_numpys(seed, levels):
    rng = np.random.default_rng(seed)
    values, weights = rng.random((2, 20, 30)).astype(np.float32)
    values[0, :3] = 0, 1, 0.5
    expected, _ = np.histogram(values, levels, (0, 1), weights=weights)
    for found in (
        ARRAYS.histogram(values, weights, levels),
        TENSORS.histogram(values, weights, levels),
    ):
        np.testing.assert_allclose(np.cumsum(found), np.cumsum(expected), atol=1.01)
        assert np.sum(found) == pytest.approx(weights.sum(), rel=1e-5)


@pytest.mark.parametrize("color", ["rgb", "grey"])
def test_a_small_sign_is_cropped_as_in_python(color):
    reading = Preprocessing((31, 40), color, polarity="dark_on_light", paper="crop", aspect="fit")
    decode = tf.function(
        lambda contents: decode_images(
            contents, tf.fill((12,), "A file"), reading, max_pixels=16_000_000
        ),
        input_signature=[tf.TensorSpec((12,), tf.string)],
        autograph=False,
    )
    rng, files = np.random.default_rng(0), []
    for place in range(12):
        # Small signs, large ones, and a picture without paper.
        height, width = rng.integers(40, 900, 2)
        page = np.tile(rng.integers(150, 256, 3), (height, width, 1)).astype(float)
        share = 0.3 if place % 3 else 0.8
        tall, wide = (max(2, int(share * rng.uniform(0.3, 1) * side)) for side in (height, width))
        top, left = rng.integers(height - tall), rng.integers(width - wide)
        page[top : top + tall, left : left + wide] = rng.integers(0, 120, 3)
        page += rng.normal(0, 40 if place == 11 else 2, page.shape)
        file = io.BytesIO()
        Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).save(file, "PNG")
        files.append(file.getvalue())
    expected = np.stack([reading.read(file) for file in files]).astype(np.float32)
    assert np.abs(decode(files).numpy() * 255 - expected).max() <= 1
