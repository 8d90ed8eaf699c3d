"""The matrix of probabilities: images on its margins, values, and what is marked."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_hex  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from keras_siamese.plots import plot_similarity  # noqa: E402
from keras_siamese.plots.similarity import MARGIN  # noqa: E402
from keras_siamese.plots.tiles import GREEN  # noqa: E402

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1), dtype=np.uint8)
VALUES = np.array([[0.1, 0.92, 0.55], [0.7, 0.3, 0.25]])


def drawn(axes):
    return [np.asarray(image.get_array()) for image in axes.images]


def test_images_stand_on_the_margins_of_the_probabilities():
    axes = plot_similarity(IMAGES[:2], IMAGES[2:5], VALUES).axes[0]
    *tiles, matrix = drawn(axes)
    np.testing.assert_allclose(tiles, IMAGES[:5, ..., 0] / 255)
    np.testing.assert_array_equal(matrix, VALUES)
    corners = [(image.get_extent()[0], image.get_extent()[3]) for image in axes.images[:5]]
    # Rows go down on the left, columns to the right on top, each next to its cells.
    np.testing.assert_allclose([y for _, y in corners[:2]], MARGIN + np.arange(2) + 0.04)
    np.testing.assert_allclose([x for x, _ in corners[2:]], MARGIN + np.arange(3) + 0.04)
    assert {x for x, _ in corners[:2]} == {y for _, y in corners[2:]} == {0.04}
    assert axes.images[5].get_extent() == [MARGIN, MARGIN + 3, MARGIN + 2, MARGIN]
    assert axes.images[5].get_clim() == (0, 1)


def test_numbers_are_percent_and_the_highest_of_a_row_is_bold():
    axes = plot_similarity(IMAGES[:2], IMAGES[2:5], VALUES).axes[0]
    cells = {
        (round(y - MARGIN - 0.5), round(x - MARGIN - 0.5)): (text.get_text(), text.get_weight())
        for text in axes.texts
        for x, y in [text.get_position()]
        if text.get_text() != "in %"
    }
    assert {place: number for place, (number, _) in cells.items()} == {
        (0, 0): "10", (0, 1): "92", (0, 2): "55", (1, 0): "70", (1, 1): "30", (1, 2): "25"
    }  # fmt: skip
    assert {place for place, (_, weight) in cells.items() if weight == "bold"} == {(0, 1), (1, 0)}


def test_true_cells_are_framed():
    same = np.array([[0, 1, 1], [0, 0, 0]], bool)
    axes = plot_similarity(IMAGES[:2], IMAGES[2:5], VALUES, same=same).axes[0]
    frames = [patch for patch in axes.patches if patch.get_label() == "same"]
    places = [(round(y - MARGIN - 0.04), round(x - MARGIN - 0.04)) for x, y in
              (frame.get_xy() for frame in frames)]  # fmt: skip
    assert places == [(0, 1), (0, 2)]
    assert {to_hex(frame.get_edgecolor()) for frame in frames} == {GREEN.lower()}


def test_many_cells_have_a_scale_in_place_of_numbers(tmp_path):
    axes = plot_similarity(IMAGES[:20], IMAGES[20:], np.full((20, 20), 0.5)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["0%", "50%", "100%"]
    scale = drawn(axes)[-1]
    assert scale[0, 0] == 1 and scale[-1, 0] == 0


def test_the_figure_is_drawn_in_the_axes_given(tmp_path):
    figure = Figure()
    panels = figure.subplots(1, 2)
    assert plot_similarity(IMAGES[:2], IMAGES[2:5], VALUES, axes=panels[1]) is figure
    assert panels[1].images and not panels[0].images
    figure.savefig(tmp_path / "figure.png")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": IMAGES[:2, ..., 0]}, "`rows` must be images"),
        ({"columns": np.full((3, 6, 6, 1), np.nan)}, "`columns` must be uint8, or float"),
        ({"probabilities": VALUES.T}, r"`probabilities`.*\(2, 3\).*Received: shape \(3, 2\)"),
        ({"probabilities": 10 * VALUES}, r"from 1\.0 to 9\.2.*logits"),
        ({"probabilities": VALUES * np.nan}, "`probabilities`"),
        ({"same": np.ones((3, 2), bool)}, r"`same` must be booleans of shape \(2, 3\)"),
        ({"same": VALUES}, "`same`.*float64"),
    ],
)
def test_unfit_arguments_are_named(change, message):
    arguments = {"rows": IMAGES[:2], "columns": IMAGES[2:5], "probabilities": VALUES, **change}
    with pytest.raises(ValueError, match=message):
        plot_similarity(**arguments)
