"""Baselines that learn nothing: 1-nearest neighbour and modified Hausdorff distance."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.deprecated import with_old_arguments

# Grey levels from here on are ink; in Omniglot's own binary images every level is 0 or 255.
INK_LEVEL = 128


@with_old_arguments
def nearest_neighbour_scores(episodes: OneShotEpisodes) -> np.ndarray:
    """Score queries by the cosine of raw pixels to the nearest support image of each class.

    Source: Koch et al. 2015, sec. 4.3 and Table 2, "1-Nearest Neighbor" (21.7 %). Open in Koch et
    al. 2015, sec. 4.3: the distance. Decided: the cosine of raw pixels, which with `score_episodes`
    gets 87 of the 400 official trials (measured). A blank image has cosine 0 to everything.

    Args:
        episodes: The episodes, images uint8.

    Returns:
        `(episodes, n_query, n_way)`, float64, [0, 1], higher is more similar.
    """
    pixels = episodes.images.reshape(len(episodes.images), -1)
    scores = np.empty((*episodes.queries.shape, episodes.support.shape[1]))
    for episode, (support, queries) in enumerate(
        zip(episodes.support, episodes.queries, strict=True)
    ):
        # Sums of products of whole numbers are exact in float64, so equal images tie exactly.
        left = pixels[queries].astype(np.float64)
        right = pixels[support.reshape(-1)].astype(np.float64)
        squares = np.outer((left**2).sum(axis=1), (right**2).sum(axis=1))
        cosine = (left @ right.T) / np.sqrt(np.maximum(squares, 1))
        scores[episode] = cosine.reshape(len(queries), *support.shape).max(axis=-1)
    return scores


@with_old_arguments
def hausdorff_scores(episodes: OneShotEpisodes) -> np.ndarray:
    """Score queries by the modified Hausdorff distance to the nearest support image of each class.

    Source: Dubuisson and Jain 1994, as in the demo of Lake's Omniglot repository: every image is
    the set of its ink pixels about their mean, and the distance of two sets is the larger of the
    two mean distances from a point to the nearest one of the other set. Lake reports 38.8 % errors
    on the official runs.

    Args:
        episodes: The episodes, images uint8, one channel.

    Returns:
        `(episodes, n_query, n_way)`, float64, the negated distance in pixels, higher is more
        similar.

    Raises:
        ValueError: If an image of the episodes has no ink or more than one channel.
    """
    from scipy.spatial import cKDTree

    if episodes.images.shape[-1] != 1:
        raise ValueError(
            "`episodes` must hold images of one channel for the Hausdorff distance. Received: "
            f"images of shape {episodes.images.shape[1:]}. Read the images with color='grey'."
        )
    used = np.unique(np.concatenate([episodes.support.reshape(-1), episodes.queries.reshape(-1)]))
    points = {int(index): _centred_ink(episodes.images[index, ..., 0], index) for index in used}
    trees = {index: cKDTree(ink) for index, ink in points.items()}

    def mean_distances(origin: int, targets: np.ndarray) -> np.ndarray:
        """Return the mean distance from each target's points to the nearest of the origin."""
        sets = [points[target] for target in targets.tolist()]
        distances, _ = trees[origin].query(np.concatenate(sets))
        starts = np.cumsum([0] + [len(ink) for ink in sets[:-1]])
        return np.add.reduceat(distances, starts) / [len(ink) for ink in sets]

    scores = np.empty((*episodes.queries.shape, episodes.support.shape[1]))
    for episode, (support, queries) in enumerate(
        zip(episodes.support, episodes.queries, strict=True)
    ):
        flat = support.reshape(-1)
        to_support = np.stack([mean_distances(image, queries) for image in flat.tolist()], axis=1)
        to_queries = np.stack([mean_distances(image, flat) for image in queries.tolist()])
        distance = np.maximum(to_support, to_queries).reshape(len(queries), *support.shape)
        scores[episode] = -distance.min(axis=-1)
    return scores


def _centred_ink(image: np.ndarray, index: int) -> np.ndarray:
    """Return the `(n, 2)` row and column of every ink pixel, less their mean."""
    ink = np.argwhere(image >= INK_LEVEL).astype(np.float64)
    if not len(ink):
        raise ValueError(
            f"`episodes` must hold images with ink (levels of {INK_LEVEL} or more). Received: "
            f"image {index} without any. Check the polarity, or leave the image out."
        )
    return ink - ink.mean(axis=0)
