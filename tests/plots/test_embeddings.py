"""Embeddings in a plane, and an image's neighbours as a strip."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_hex  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from sklearn.decomposition import PCA  # noqa: E402

from keras_siamese.plots import plot_embeddings, plot_neighbours  # noqa: E402
from keras_siamese.plots.tiles import GREEN, ORANGE, PALETTE  # noqa: E402

RNG = np.random.default_rng(1)
VECTORS = (RNG.normal(size=(30, 6)) * [5, 3, 1, 1, 1, 1] + 7).astype(np.float32)
LABELS = np.array(["b", "a", "c"] * 10)
IMAGES = RNG.integers(0, 256, (30, 8, 6, 1), dtype=np.uint8)


def points(axes):
    """Places by the name in the legend."""
    return {each.get_label(): np.asarray(each.get_offsets()) for each in axes.collections}


def test_points_are_the_principal_components_by_class():
    figure = plot_embeddings(VECTORS, LABELS)
    drawn = points(figure.axes[0])
    expected = PCA(2).fit_transform(VECTORS.astype(float))
    assert list(drawn) == ["a", "b", "c"]
    for name, places in drawn.items():
        np.testing.assert_allclose(np.abs(places), np.abs(expected[LABELS == name]), atol=1e-4)
    colours = [to_hex(each.get_facecolor()[0]) for each in figure.axes[0].collections]
    assert colours == [colour.lower() for colour in PALETTE[:3]]
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert named == ["a", "b", "c"]


def test_without_labels_all_are_of_one_colour_and_without_a_legend():
    (places,) = points(plot_embeddings(VECTORS).axes[0]).values()
    assert len(places) == 30 and plot_embeddings(VECTORS).axes[0].get_legend() is None
    assert plot_embeddings(VECTORS, np.arange(30)).axes[0].get_legend() is None


def test_labels_may_be_a_column():
    by_row, by_column = (
        points(plot_embeddings(VECTORS, labels).axes[0]) for labels in (LABELS, LABELS[:, None])
    )
    assert list(by_row) == list(by_column)
    for name, places in by_row.items():
        np.testing.assert_array_equal(by_column[name], places)


def test_classes_of_one_colour_have_different_shapes():
    many = plot_embeddings(VECTORS, np.arange(30)).axes[0].collections
    seen = {
        (to_hex(each.get_facecolor()[0]), each.get_paths()[0].vertices.tobytes()) for each in many
    }
    assert len(seen) == 30


def test_images_stand_on_their_places_with_frames():
    axes = plot_embeddings(VECTORS, LABELS, images=IMAGES).axes[0]
    np.testing.assert_allclose(
        [np.asarray(image.get_array()) for image in axes.images], IMAGES[..., 0] / 255
    )
    middles = [np.reshape(image.get_extent(), (2, 2)).mean(axis=1) for image in axes.images]
    (expected,) = points(plot_embeddings(VECTORS).axes[0]).values()
    np.testing.assert_allclose(middles, expected, atol=1e-9)
    frames = [to_hex(patch.get_edgecolor()) for patch in axes.patches]
    assert frames == [PALETTE["abc".index(label)].lower() for label in LABELS]
    (low, high), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert low < expected[:, 0].min() and high > expected[:, 0].max()
    assert bottom < expected[:, 1].min() and top > expected[:, 1].max()


def test_t_sne_keeps_groups_together_and_obeys_the_seed():
    groups = np.repeat(np.eye(3), 10, axis=0) * 40 + RNG.normal(size=(30, 3))
    labels = np.repeat([0, 1, 2], 10)
    first, again = (
        points(plot_embeddings(groups, labels, method="tsne", seed=3).axes[0]) for _ in range(2)
    )
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    middles = np.array([places.mean(axis=0) for places in first.values()])
    for number, places in enumerate(first.values()):
        nearest = np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1)
        assert (nearest == number).all()


def test_few_embeddings_and_one_feature_are_drawn():
    for vectors in (VECTORS[:2], VECTORS[:5, :1], np.ones((4, 3))):
        for method in ("pca", "tsne"):
            assert isinstance(plot_embeddings(vectors, method=method), Figure)


# In a process that may die: scikit-learn's code in C crashes on places that are not finite.
COLLAPSED = """
import json
import numpy as np
from keras_siamese.plots import plot_embeddings

rng = np.random.default_rng(0)
two = np.repeat(np.eye(2, 8), 20, axis=0)
outlier = np.zeros((40, 8))
outlier[7, 2] = 1.0
cases = {
    "few equal rows": np.ones((5, 3)),
    "equal rows": np.full((40, 8), 0.1, np.float32),
    "zeros": np.zeros((40, 1)),
    "nearly equal rows": np.ones((40, 8)) + 1e-9 * rng.normal(size=(40, 8)),
    "next numbers": np.nextafter(np.ones((40, 8), np.float32), rng.integers(0, 3, (40, 8)) - 1),
    "two rows, repeated": two,
    "two long rows, repeated": two * 1e300,
    "two short rows, repeated": two * 1e-300,
    "two groups, nearly equal": 1 + 1e-9 * two + 1e-11 * rng.normal(size=(40, 8)),
    "two rows of one feature": np.repeat([[0.0], [1.0]], 20, axis=0),
    "one row apart": outlier,
}
for name, rows in cases.items():
    drawn = plot_embeddings(rows, method="tsne").axes[0].collections[0].get_offsets()
    print(json.dumps([name, np.asarray(drawn).tolist()]), flush=True)
"""


@pytest.mark.slow
def test_t_sne_draws_a_collapsed_encoder():
    ended = subprocess.run(
        [sys.executable, "-c", COLLAPSED],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
    )
    drawn = dict(json.loads(line) for line in ended.stdout.splitlines())
    assert ended.returncode == 0, f"after {list(drawn)}: {ended.stderr}"
    assert len(drawn) == 11
    for name, places in drawn.items():
        assert np.isfinite(places).all(), name
        in_one_spot = name in ("few equal rows", "equal rows", "zeros")
        assert (np.ptp(places, axis=0) == 0).all() == in_one_spot, name
        if name.startswith("two"):
            one, other = np.reshape(places, (2, 20, 2))
            apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
            assert apart > 2 * max(one.std(axis=0).max(), other.std(axis=0).max()), name


def test_neighbours_stand_in_a_strip_with_names_and_scores():
    names = ["one.png", "a/very/long/folder/of/pictures/two.png", "three.png"]
    same = np.array([True, False, True])
    figure = plot_neighbours(IMAGES[0], IMAGES[1:4], names, [0.91, 0.5, 0.0123], same=same)
    axes = figure.axes[0]
    drawn = [np.asarray(image.get_array()) for image in axes.images]
    np.testing.assert_allclose(drawn, IMAGES[:4, ..., 0] / 255)
    lefts = [image.get_extent()[0] for image in axes.images]
    assert lefts == sorted(lefts) and len(set(lefts)) == 4
    image, first, second, third = (text.get_text() for text in axes.texts)
    assert image == "image" and first == "0.91\none.png" and third == "0.0123\nthree.png"
    assert second.startswith("0.5\n…") and second.replace("\n", "").endswith("pictures/two.png")
    frames = [to_hex(patch.get_edgecolor()) for patch in axes.patches[1:]]
    assert frames == [GREEN.lower(), ORANGE.lower(), GREEN.lower()]


@pytest.mark.parametrize(("count", "rows", "columns"), [(6, 1, 6), (7, 2, 4), (40, 7, 6)])
def test_many_neighbours_are_wrapped_into_rows_of_readable_images(count, rows, columns):
    tiles = np.random.default_rng(0).random((1 + count, 8, 8, 1))
    names = [f"images_0/{number:04}_0000.png" for number in range(count)]
    figure = plot_neighbours(tiles[0], tiles[1:], names, np.linspace(1, 0, count))
    axes = figure.axes[0]
    np.testing.assert_array_equal([image.get_array() for image in axes.images], tiles[..., 0])
    figure.draw_without_rendering()
    boxes = [image.get_window_extent() for image in axes.images]
    places = [(round(-box.y1), round(box.x0)) for box in boxes]
    # The image comes first, then its neighbours, row by row.
    assert places == sorted(places)
    assert len({down for down, _ in places}) == rows
    assert len({right for _, right in places[1:]}) == columns
    sides = np.array([(box.width, box.height) for box in boxes]) / figure.dpi
    assert sides.min() > 0.8  # inches
    written = [text.get_window_extent() for text in axes.texts]
    every = boxes + written
    for number, box in enumerate(every):
        assert not box.count_overlaps(every[number + 1 :])
        assert figure.bbox.fully_containsx(box.x0) and figure.bbox.fully_containsx(box.x1)
        assert figure.bbox.fully_containsy(box.y0) and figure.bbox.fully_containsy(box.y1)


def test_neighbours_need_neither_names_nor_scores_and_may_be_coloured():
    colour = np.random.default_rng(0).random((3, 5, 5, 3))
    own = Figure().add_subplot()
    assert plot_neighbours(colour[0], colour[1:], axes=own) is own.figure
    assert [text.get_text() for text in own.texts] == ["image", "", ""]
    assert plot_embeddings(VECTORS, axes=own) is own.figure


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plot_embeddings(VECTORS[0]), "`embeddings` must be numbers of shape"),
        (lambda: plot_embeddings(VECTORS[:1]), "at least 2 rows"),
        (lambda: plot_embeddings(VECTORS * np.nan), "`embeddings` must be finite"),
        (lambda: plot_embeddings(VECTORS, np.arange(30) / 2), "`labels` must .* continuous values"),
        (lambda: plot_embeddings(VECTORS, LABELS[:3]), "`labels` must .* of length 30"),
        (lambda: plot_embeddings(VECTORS, images=IMAGES[:3]), "`images` must be 30"),
        (lambda: plot_embeddings(VECTORS, images=IMAGES[..., 0]), "`images` must be images"),
        (lambda: plot_embeddings(VECTORS, method="umap"), "`method` must be one of"),
        (lambda: plot_embeddings(VECTORS, method="tsne", seed=-1), "`seed` must be at least 0"),
        (lambda: plot_neighbours(IMAGES[0, ..., 0], IMAGES), "`image` must be images"),
        (lambda: plot_neighbours(IMAGES[0], IMAGES[0]), "`neighbours` must be images"),
        (lambda: plot_neighbours(IMAGES[0], IMAGES[:2], ["a"]), "`names` must be 2 strings"),
        (lambda: plot_neighbours(IMAGES[0], IMAGES[:2], "ab"), "`names` must be 2 strings"),
        (lambda: plot_neighbours(IMAGES[0], IMAGES[:2], scores=[1]), "`scores` must be 2 numbers"),
        (lambda: plot_neighbours(IMAGES[0], IMAGES[:2], same=[1, 0]), "`same` must be 2 booleans"),
    ],
)
def test_bad_input_is_told(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
