"""Figure of embeddings as points in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.argument_checks import check_choice, check_whole, flat_labels
from keras_siamese.evaluation.embedding_checks import checked_embeddings
from keras_siamese.evaluation.input_checks import as_labels
from keras_siamese.plots.tiles import PALETTE, checked_tiles, figure_of, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = ("pca", "tsne")
# Side of an image on the figure, as a share of its width.
_IMAGE_SIDE = 0.05
# A legend of more classes would not fit next to the points.
_MOST_NAMED = 24
_SHAPES = "os^DvPX*"


def plot_embeddings(
    embeddings: np.ndarray,
    labels: Any = None,
    *,
    images: np.ndarray | None = None,
    method: str = "pca",
    seed: int = 0,
    axes: Axes | None = None,
) -> Figure:
    """Draw embeddings in a plane: similar ones lie near each other.

    Principal components keep most of the variance of the embeddings, and distances far apart.
    t-SNE (van der Maaten and Hinton 2008) keeps neighbours together; how large its groups are, and
    how far apart, means nothing. Embeddings that are all equal, as those of an encoder that has
    collapsed, are drawn in one spot.

    Args:
        embeddings: `(n, features)`, float, finite, at least two.
        labels: `(n,)` or `(n, 1)`, the class of each, strings or whole numbers: a colour and a
            shape for each class, which a legend names where there are at most 24. None draws all in
            one colour.
        images: `(n, height, width, channels)`, 1 or 3 channels, uint8, ink 255, or float in [0, 1],
            drawn instead of points, with a frame in the colour of the class; None for points.
        method: "pca" for principal components, or "tsne" for t-SNE, which needs scikit-learn.
        seed: Seed of t-SNE; principal components need none.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If an argument has another shape or range.
        ImportError: If matplotlib is missing, or scikit-learn for t-SNE.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_embeddings
        >>> embeddings = np.random.default_rng(0).normal(size=(12, 8))
        >>> figure = plot_embeddings(embeddings, ["a", "b"] * 6)
        >>> figure.savefig("embeddings.png")
    """
    given = checked_embeddings(embeddings, "embeddings", least=2)
    named = np.zeros(len(given), int) if labels is None else flat_labels(labels)
    classes = as_labels(named, len(given), "labels")
    tiles = None if images is None else checked_tiles("images", images)
    if tiles is not None and len(tiles) != len(given):
        raise ValueError(
            f"`images` must be {len(given)}, one for each embedding. Received: {len(tiles)}. Give "
            "those that the embeddings are of."
        )
    if check_choice("method", method, METHODS) == "pca":
        places, names = _principal(given), ("first principal component", "second")
    else:
        places, names = _neighbourhood(given, check_whole("seed", seed)), ("t-SNE", "")
    if axes is None:
        axes = new_figure(6.0).add_subplot()
    axes.set(xlabel=names[0], ylabel=names[1], xticks=[], yticks=[])
    known, numbers = np.unique(classes, return_inverse=True)
    for number, name in enumerate(known):
        rows = numbers == number
        axes.scatter(
            places[rows, 0],
            places[rows, 1],
            s=0 if tiles is not None else 28,
            color=PALETTE[number % len(PALETTE)],
            marker=_SHAPES[number // len(PALETTE) % len(_SHAPES)],
            linewidths=0,
            label=str(name),
        )
    if tiles is not None:
        _images(axes, places, tiles, numbers, framed=labels is not None)
    if labels is not None and len(known) <= _MOST_NAMED:
        legend = axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8, frameon=False)
        handles: Any = legend.legend_handles
        for handle in handles:
            # Also where images stand in for the points.
            handle.set_sizes([28])
    return figure_of(axes)


def _principal(embeddings: np.ndarray) -> np.ndarray:
    """Return `(n, 2)`, the first two principal components; the largest of each is positive."""
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(embeddings), 2))
    kept = min(2, len(values))
    places[:, :kept] = left[:, :kept] * values[:kept]
    # Else the sign would be that of the machine's linear algebra.
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    return places * np.where(largest < 0, -1, 1)


def _neighbourhood(embeddings: np.ndarray, seed: int) -> np.ndarray:
    """Return `(n, 2)`, the places that t-SNE gives."""
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise ImportError(
            "t-SNE needs scikit-learn. Install it: pip install 'keras_siamese[report]'"
        ) from error
    vectors = _spread(embeddings)
    if not vectors.any():
        # t-SNE would divide by their deviation, and its code in C crashes on the NaN.
        return np.zeros((len(vectors), 2))
    # Its default where there are enough; it must be less than the number of embeddings.
    perplexity = min(30.0, (len(embeddings) - 1) / 3)
    model = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    if min(vectors.shape) < 2:
        model.set_params(init="random")
    return model.fit_transform(vectors)


def _spread(embeddings: np.ndarray) -> np.ndarray:
    """Return the embeddings, moved and scaled so that float32 tells rows apart; zeros if equal.

    The first row becomes 0, and the farthest coordinate 1. That changes no ratio of distances.
    """
    vectors = embeddings.astype(np.float64)
    # A difference of numbers near the largest float could overflow; of these it cannot.
    vectors /= np.abs(vectors).max() or 1.0
    vectors -= vectors[0].copy()
    return (vectors / (np.abs(vectors).max() or 1.0)).astype(np.float32)


def _images(
    axes: Axes, places: np.ndarray, tiles: np.ndarray, numbers: np.ndarray, *, framed: bool
) -> None:
    """Lay an image on each place, of one size on the figure."""
    low, high = places.min(axis=0), places.max(axis=0)
    side = _IMAGE_SIDE * np.where(high > low, high - low, 1.0)
    shape = np.array(tiles.shape[1:3]) / max(tiles.shape[1:3])
    width, height = side * shape[::-1]
    for place, tile, number in zip(places, tiles, numbers, strict=True):
        x, y = place - np.array([width, height]) / 2
        pixels = tile[..., 0] if tile.shape[-1] == 1 else tile
        extent = (x, x + width, y, y + height)
        axes.imshow(pixels, extent=extent, cmap="gray_r", vmin=0, vmax=1, aspect="auto")
        if framed:
            from matplotlib.patches import Rectangle

            colour = PALETTE[number % len(PALETTE)]
            axes.add_patch(
                Rectangle((x, y), width, height, fill=False, edgecolor=colour, linewidth=1.2)
            )
    # Images laid on axes move their limits.
    axes.set(xlim=(low[0] - side[0], high[0] + side[0]), ylim=(low[1] - side[1], high[1] + side[1]))
