"""Ranks of the images of a query's own class among its neighbours, for the measures of retrieval.

The gallery is sorted by its distance to the query. Of one distance, images of other classes come
first: a tie counts against the network, so one whose embeddings are all equal finds nothing.
Distances tie where they differ by less than their rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice, flat_labels
from keras_siamese.evaluation.class_scores import row_logits
from keras_siamese.evaluation.embedding_checks import check_sizes, checked_embeddings
from keras_siamese.evaluation.embeddings import keras_model
from keras_siamese.evaluation.input_checks import as_labels
from keras_siamese.evaluation.nearest_rows import check_neighbours
from keras_siamese.models.numpy_heads import plain_l1
from keras_siamese.models.twins import twin_head

DISTANCES = ("cosine", "euclidean", "l1")
# Distances of queries and gallery that are held at a time: 64 MB in float64.
_HELD_DISTANCES = 2**23
# Numbers of a gallery that are brought to float64 at a time: 8 MB.
_TILE_NUMBERS = 2**20
# Share of the largest distance by which rounding in float64 may change one.
_ROUNDING = 1e-12
# The largest number of a row whose squares stay in the range of float64, and whose sums in that of
# float32. The smallest is one over it.
_LARGEST_SQUARED, _LARGEST_SUMMED = 1e140, 1e34

# Measures of one query, from the ranks of the images of its class.
Measure = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class RetrievalTask:
    """Queries, what they are looked for in, and how, checked.

    Attributes:
        queries: `(n, features)`, float32 or float64.
        gallery: `(m, features)`.
        query_classes: `(n,)`, integer.
        gallery_classes: `(m,)`, integer, the same numbers.
        distance: One of `DISTANCES`, or a head.
        among_themselves: Whether the queries are the gallery, and none is its own neighbour.
    """

    queries: np.ndarray
    gallery: np.ndarray
    query_classes: np.ndarray
    gallery_classes: np.ndarray
    distance: Any
    among_themselves: bool

    @classmethod
    def of(
        cls, embeddings: Any, labels: Any, gallery: Any, gallery_labels: Any, distance: Any
    ) -> RetrievalTask:
        """Check the arguments of `recall_at_k`.

        Args:
            embeddings: As there.
            labels: As there.
            gallery: As there.
            gallery_labels: As there.
            distance: As there.

        Returns:
            The task.

        Raises:
            ValueError: As there.
        """
        queries = checked_embeddings(embeddings, "embeddings")
        classes = as_labels(flat_labels(labels), len(queries), "labels")
        if (gallery is None) != (gallery_labels is None):
            raise ValueError(
                "`gallery` and `gallery_labels` must come together. Received: "
                f"{'no' if gallery is None else 'a'} `gallery`. Give both, or neither."
            )
        searched, others = queries, classes
        if gallery is not None:
            searched = checked_embeddings(gallery, "gallery")
            others = as_labels(flat_labels(gallery_labels), len(searched), "gallery_labels")
            if searched.shape[1] != queries.shape[1]:
                raise ValueError(
                    f"`gallery` must have {queries.shape[1]} features, as `embeddings` has. "
                    f"Received: {searched.shape[1]}. Encode both with one network."
                )
            if (classes.dtype.kind == "U") != (others.dtype.kind == "U"):
                raise ValueError(
                    "`labels` and `gallery_labels` must be of one kind, strings or numbers. "
                    f"Received: {classes.dtype} and {others.dtype}. Name a class the same in both."
                )
        both = np.concatenate([classes, others]) if gallery is not None else classes
        places = np.unique(both, return_inverse=True)[1].reshape(-1)
        own, known = places[: len(queries)], places[-len(searched) :]
        if (known == known[0]).all():
            raise ValueError(
                f"`{'labels' if gallery is None else 'gallery_labels'}` must be of two classes or "
                f"more. Received: {len(searched)} images of one, among which every answer is "
                "right. Add images of other classes."
            )
        compared = _as_distance(distance)
        for argument, vectors in (("embeddings", queries), ("gallery", searched)):
            _check_range(vectors, argument, compared)
        return cls(queries, searched, own, known, compared, gallery is None)

    @property
    def most(self) -> int:
        """How many images a query can find."""
        return len(self.gallery) - self.among_themselves

    def check_k(self, k: Any) -> int:
        """Check how many neighbours are looked at.

        Args:
            k: What was given.

        Returns:
            The number.

        Raises:
            ValueError: If it is no whole number from 1 to the images that a query can find.
        """
        return check_neighbours("k", k, self.most, "images that a query can find")

    def values(self, measures: Sequence[Measure]) -> np.ndarray:
        """Measure every query that can find an image of its class.

        Args:
            measures: What to measure.

        Returns:
            `(scored queries, measures)`, float64, in the order of the queries.

        Raises:
            ValueError: If no query can.
        """
        measured = [[measure(ranks) for measure in measures] for ranks in self._ranks()]
        if not measured:
            raise ValueError(
                "`labels` must give some query another image of its class in the gallery. "
                "Received: none that has one. Give each class two images or more."
            )
        return np.array(measured, np.float64)

    def _ranks(self) -> Iterator[np.ndarray]:
        """Yield, of each query that has some, the ranks of the images of its class, rising."""
        sorted_places = np.argsort(self.gallery_classes, kind="stable")
        sorted_classes = self.gallery_classes[sorted_places]
        firsts = np.searchsorted(sorted_classes, self.query_classes, side="left")
        lasts = np.searchsorted(sorted_classes, self.query_classes, side="right")
        # A query among itself has one more.
        scored = np.flatnonzero(lasts - firsts > self.among_themselves)
        for rows, distances, roundings in self._tiles(scored):
            for row, of_query, rounding in zip(rows, distances, roundings, strict=True):
                same = sorted_places[firsts[row] : lasts[row]]
                if self.among_themselves:
                    same = same[same != row]
                    of_query[row] = np.inf
                # From each on, an image of another class is nearer, or as near.
                limits = np.sort(of_query[same]) + rounding
                of_query[same] = np.inf
                nearer = of_query[of_query <= limits[-1]]
                places = np.searchsorted(limits, nearer, side="left")
                before = np.bincount(places, minlength=len(limits)).cumsum()
                yield before + np.arange(1, len(limits) + 1)

    def _tiles(self, scored: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield rows of queries, their `(rows, m)` distances, and what may be rounding in each."""
        compare = (
            partial(_products, self.gallery, self.distance == "euclidean")
            if self.distance in ("cosine", "euclidean")
            else partial(_weighted, self.gallery, self.distance)
        )
        step = max(1, _HELD_DISTANCES // len(self.gallery))
        for start in range(0, len(scored), step):
            rows = scored[start : start + step]
            yield rows, *compare(self.queries[rows])


def _check_range(vectors: np.ndarray, argument: str, distance: Any) -> None:
    """Refuse numbers whose squares or sums have no value, or that lose what they differ by."""
    squared = isinstance(distance, str) and distance in ("cosine", "euclidean")
    # Squares are taken in float64, the sums of the others in float32.
    most = _LARGEST_SQUARED if squared else _LARGEST_SUMMED
    largest = np.abs(vectors).max(axis=1).astype(np.float64)
    check_sizes(argument, largest, most, "have a largest number")


def _as_distance(distance: Any) -> Any:
    """Return one of `DISTANCES`, or a head with its weights."""
    distance = keras_model(distance)
    if isinstance(distance, str) or not hasattr(distance, "get_weights"):
        return check_choice("distance", distance, DISTANCES)
    return twin_head(distance) if hasattr(distance, "layers") else distance


def _products(
    gallery: np.ndarray, euclidean: bool, queries: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one minus the cosines, or the squared Euclidean distances, from products."""
    # Distances do not change with the origin; near the vectors, they round less.
    centre = gallery.mean(axis=0, dtype=np.float64) if euclidean else np.float64(0)

    def brought(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = vectors.astype(np.float64) - centre
        squares = np.einsum("ij,ij->i", moved, moved)
        if not euclidean:
            moved /= np.sqrt(np.where(squares > 0, squares, 1.0))[:, None]
        return moved, squares

    asked, lengths = brought(queries)
    distances = np.empty((len(queries), len(gallery)))
    longest = 0.0
    step = max(1, _TILE_NUMBERS // gallery.shape[1])
    for start in range(0, len(gallery), step):
        tile = slice(start, start + step)
        found, others = brought(gallery[tile])
        np.matmul(asked, found.T, out=distances[:, tile])
        distances[:, tile] *= -2 if euclidean else -1
        distances[:, tile] += others if euclidean else 1
        longest = max(longest, others.max())
    if euclidean:
        distances += lengths[:, None]
    return distances, _ROUNDING * (lengths + longest if euclidean else np.ones(len(queries)))


def _weighted(
    gallery: np.ndarray, distance: Any, queries: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return minus the logits of a head. Equal pairs tie to the last bit."""
    head = plain_l1(gallery.shape[1]) if distance == "l1" else distance
    queries, gallery = (np.asarray(each, np.float32) for each in (queries, gallery))
    return -row_logits(head, queries, gallery), np.zeros(len(queries))
