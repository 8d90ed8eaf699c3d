"""Figures: which images they hold, in which order, and what is marked."""

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from keras_siamese.data import AffineRanges, distort, draw_transforms, make_glyphs  # noqa: E402
from keras_siamese.models import dense_encoder, reduced_encoder, siamese_network  # noqa: E402
from keras_siamese.plots import (  # noqa: E402
    choose_samples,
    first_kernel,
    plot_distortions,
    plot_filters,
    plot_samples,
    plot_trial,
)


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=4, characters_per_alphabet=5, num_drawers=3, size=16)


def tiles(figure):
    """Pixels of a figure's tiles, in their order."""
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


def places(figure):
    """Left and top edge of the tiles, in their order."""
    extents = [image.get_extent() for image in figure.axes[0].images]
    return [(left, top) for left, _, _, top in extents]


def marked(figure):
    """Place of each tile that carries a mark, by the mark."""
    patches = figure.axes[0].patches
    return {patch.get_label(): patch.get_xy() for patch in patches if patch.get_label()}


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def ranked_trial(glyphs, answer):
    probabilities = np.array([0.1, 0.7, 0.02, 0.4])
    figure = plot_trial(glyphs.images[0], glyphs.images[1:5], probabilities, answer)
    return figure, glyphs.images[[0, 2, 4, 1, 3], ..., 0] / 255


def test_candidates_are_ranked_after_the_query(glyphs):
    figure, expected = ranked_trial(glyphs, None)
    np.testing.assert_allclose(tiles(figure), expected)
    assert [text for text in texts(figure) if "%" in text] == ["70.0%", "40.0%", "10.0%", "2.0%"]
    # Row by row, each from the left.
    assert places(figure)[1:] == sorted(places(figure)[1:], key=lambda place: place[::-1])


@pytest.mark.parametrize(
    ("answer", "marks"),
    [
        (None, {"query": 0, "answered": 1}),
        (1, {"query": 0, "true, answered": 1}),
        (3, {"query": 0, "answered": 1, "true": 2}),
    ],
)
def test_the_highest_probability_is_marked_as_the_answer(glyphs, answer, marks):
    figure, _ = ranked_trial(glyphs, answer)
    assert marked(figure) == {mark: places(figure)[tile] for mark, tile in marks.items()}
    assert set(marks) <= set(texts(figure))


def test_bars_are_as_long_as_the_probabilities(glyphs):
    figure, _ = ranked_trial(glyphs, None)
    bars = [patch.get_width() for patch in figure.axes[0].patches if patch.get_height() < 0.1]
    assert bars == [1, 0.7, 1, 0.4, 1, 0.1, 1, 0.02]


def test_distortions_follow_the_original(glyphs):
    figure = plot_distortions(glyphs.images[0], seed=3)
    drawn = tiles(figure)
    assert len(drawn) == 25
    original = glyphs.images[0] / np.float32(255)
    np.testing.assert_allclose(drawn[0], original[..., 0], atol=1e-6)
    assert marked(figure) == {"original": places(figure)[0]}
    rows = draw_transforms(24, (16, 16), np.random.default_rng(3))
    expected = distort(np.repeat(original[None], 24, axis=0), rows)[..., 0]
    np.testing.assert_allclose(drawn[1:], expected, atol=1e-6)


def test_distortions_obey_ranges_and_grid(glyphs):
    still = AffineRanges(probability=0)
    drawn = tiles(plot_distortions(glyphs.images[0], seed=0, rows=2, columns=3, ranges=still))
    assert len(drawn) == 6
    np.testing.assert_allclose(drawn, [drawn[0]] * 6, atol=1e-6)
    assert len(tiles(plot_distortions(glyphs.images[0], seed=0, rows=1, columns=1))) == 1


def test_samples_are_different_characters_of_one_alphabet_a_row(glyphs):
    chosen = choose_samples(glyphs, num_alphabets=3, num_characters=4, seed=1)
    assert list(chosen) == sorted(chosen) and len(chosen) == 3
    for name, indices in chosen.items():
        assert {glyphs.alphabet_names[i] for i in glyphs.alphabet[indices]} == {name}
        assert len(set(glyphs.character[indices].tolist())) == 4
    figure = plot_samples(glyphs, num_alphabets=3, num_characters=4, seed=1)
    expected = glyphs.images[np.concatenate(list(chosen.values())), ..., 0] / 255
    np.testing.assert_allclose(tiles(figure), expected)
    assert texts(figure) == list(chosen)
    assert len({top for _, top in places(figure)}) == 3


def test_samples_depend_on_the_seed_alone(glyphs):
    drawn = [
        tiles(plot_samples(glyphs, num_alphabets=2, num_characters=3, seed=s)) for s in (0, 0, 1)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_first_filters_of_a_network_on_one_scale_about_zero():
    encoder = reduced_encoder(units=4)
    kernel = encoder.get_layer("conv1").get_weights()[0]
    expected = np.moveaxis(kernel[:, :, 0, :32], -1, 0)
    for source in (siamese_network(encoder), encoder, kernel):
        figure = plot_filters(source)
        np.testing.assert_array_equal(tiles(figure), expected)
        limits = {image.get_clim() for image in figure.axes[0].images}
        assert limits == {(-np.abs(expected).max(), np.abs(expected).max())}
    assert len({top for _, top in places(figure)}) == 4


def test_fewer_filters_than_asked_for_are_all_drawn_and_channels_averaged():
    kernel = np.zeros((2, 2, 3, 5), np.float32)
    kernel[0, 1] = np.arange(15).reshape(3, 5)
    drawn = tiles(plot_filters(kernel, columns=4))
    # The mean of c, c + 5 and c + 10.
    np.testing.assert_allclose([tile[0, 1] for tile in drawn], np.arange(5) + 5)


def test_a_dense_encoder_has_no_filters():
    model = siamese_network(dense_encoder((8, 8, 1), units=(4, 2)))
    assert first_kernel(model) is None
    with pytest.raises(ValueError, match="`filters` must be a model with a convolution"):
        plot_filters(model)


def test_colour_images_keep_their_channels_and_shape():
    image = np.random.default_rng(0).random((4, 8, 3))
    figure = plot_trial(image, image[None], np.array([0.5]))
    np.testing.assert_array_equal(tiles(figure)[0], image)
    left, right, bottom, top = figure.axes[0].images[0].get_extent()
    assert (right - left) == pytest.approx(2 * (bottom - top))


@pytest.mark.parametrize(
    "plot",
    [
        lambda glyphs, axes: plot_trial(glyphs.images[0], glyphs.images[:2], [0, 1], axes=axes),
        lambda glyphs, axes: plot_distortions(glyphs.images[0], seed=0, axes=axes),
        lambda glyphs, axes: plot_samples(
            glyphs, num_alphabets=1, num_characters=2, seed=0, axes=axes
        ),
        lambda _, axes: plot_filters(np.ones((2, 2, 1, 3)), axes=axes),
    ],
)
def test_figures_draw_in_the_axes_given(glyphs, plot, tmp_path):
    figure = Figure()
    panels = figure.subfigures().subplots(1, 2)
    assert plot(glyphs, panels[1]) is figure
    assert panels[1].images and not panels[0].images
    figure.savefig(tmp_path / "figure.png")


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        (lambda i: plot_trial(i[0, ..., 0], i, [0.5] * 3), r"`query` must be images.*\(16, 16\)"),
        (lambda i: plot_trial(i[0], i[0], [0.5] * 3), "`support` must be images"),
        (lambda i: plot_trial(i[0], i, [0.5] * 2), "`probabilities` must be 3 numbers"),
        (lambda i: plot_trial(i[0], i, [0.5, 0.5, 2.0]), "sigmoid"),
        (lambda i: plot_trial(i[0], i, [0.5, 0.5, np.nan]), "`probabilities`"),
        (lambda i: plot_trial(i[0], i, [0.5] * 3, answer=3), "`answer`.*answer=3"),
        (lambda i: plot_trial(i[0] * 1.0, i, [0.5] * 3), r"`query` must be uint8, or float"),
        (lambda i: plot_distortions(i[0], seed=0, rows=0), "`rows` must be at least 1"),
        (lambda i: plot_filters(np.ones((2, 2, 3))), r"shape \(2, 2, 3\)"),
        (lambda i: plot_filters(np.full((2, 2, 1, 1), np.nan)), "finite"),
        (lambda i: plot_filters(np.ones((2, 2, 1, 1)), columns=0), "`columns`"),
    ],
)
def test_unfit_arguments_are_named(glyphs, plot, message):
    with pytest.raises(ValueError, match=message):
        plot(glyphs.images[:3])


def test_too_few_alphabets_are_told(glyphs):
    with pytest.raises(ValueError, match="at most 0.*'glyphs' with 6 characters.*Received: 2"):
        plot_samples(glyphs, num_alphabets=2, num_characters=6, seed=0)


def test_without_matplotlib_the_error_names_the_extra(glyphs, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"keras_siamese\[report\]"):
        plot_distortions(glyphs.images[0], seed=0)


@pytest.mark.slow
def test_the_package_needs_no_matplotlib_and_figures_no_pyplot():
    script = """
import sys
sys.modules["matplotlib"] = None
import numpy as np
from keras_siamese.plots import plot_filters
del sys.modules["matplotlib"]
plot_filters(np.ones((2, 2, 1, 1)))
print("matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"
