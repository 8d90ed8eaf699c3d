"""Methods that learn nothing, next to which a network must be worth its while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from keras_siamese.data import OneShotEpisodes
from keras_siamese.evaluation import nearest_neighbour_scores
from reproduce.paper.table_baselines import euclidean_scores
from studies.robustness.rows import SuiteRow

PIXEL_SIDE, HOG_SIDE, THUMBNAIL_SIDE = 105, 64, 32


def pixel_scores(row: SuiteRow) -> np.ndarray:
    """Score trials by the cosine of grey pixels, resized to 105x105, paper turned to 0.

    Args:
        row: Pictures and trials.

    Returns:
        `(episodes, n_query, n_way)`, float64, higher is more similar.
    """
    return nearest_neighbour_scores(_with_images(row, "L", PIXEL_SIDE, _paper_dark))


def thumbnail_scores(row: SuiteRow) -> np.ndarray:
    """Score trials by the Euclidean distance of thumbnails in colour, 32x32; see `pixel_scores`."""
    return euclidean_scores(_with_images(row, "RGB", THUMBNAIL_SIDE, None))


def hog_scores(row: SuiteRow) -> np.ndarray:
    """Score trials by the cosine of histograms of oriented gradients; see `pixel_scores`.

    Grey pictures of 64x64, 9 orientations, cells of 8x8 pixels, blocks of 2x2 cells.
    """
    from skimage.feature import hog

    images = _with_images(row, "L", HOG_SIDE, None).images[..., 0]
    features = np.stack(
        [
            hog(image, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2))
            for image in images
        ]
    )
    features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    support, queries = features[row.trials.support[..., 0]], features[row.trials.queries]
    scores: np.ndarray = np.einsum("rqf,rwf->rqw", queries, support)
    return scores


def methods(row: SuiteRow) -> dict[str, Callable[[SuiteRow], np.ndarray]]:
    """Return the baselines of a row by name."""
    scored: dict[str, Callable[[SuiteRow], np.ndarray]] = {
        "raw pixels": pixel_scores,
        "HOG": hog_scores,
    }
    if row.in_color:
        scored["thumbnails"] = thumbnail_scores
    return scored


def _paper_dark(picture: np.ndarray) -> np.ndarray:
    """Return a grey picture, turned where most of its border is bright."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return 255 - picture if np.median(border) > 127 else picture


def _with_images(
    row: SuiteRow, mode: str, side: int, turned: Callable[[np.ndarray], np.ndarray] | None
) -> OneShotEpisodes:
    """Return the trials with small square images; shrinking takes area means."""
    images = []
    for picture in row.pictures:
        image = Image.fromarray(picture).convert(mode).resize((side, side), Image.Resampling.BOX)
        small = np.asarray(image)
        images.append(small if turned is None else turned(small))
    return replace(row.trials, images=np.stack(images).reshape(len(images), side, side, -1))
