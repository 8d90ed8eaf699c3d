"""Scores of a network or of embeddings in retrieval, with their intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.evaluation.embeddings import embed, keras_model
from keras_siamese.evaluation.intervals import bootstrap_intervals, wilson_interval
from keras_siamese.evaluation.learned_distance import LEARNED, check_learned, own_head
from keras_siamese.evaluation.retrieval import (
    average_precision,
    average_precision_at_r,
    found_within,
    precision_at_r,
    reciprocal_rank,
    share_within,
)
from keras_siamese.evaluation.retrieval_ranks import Measure, RetrievalTask

_DEFAULT_K = (1, 5, 10)
_OVER_THE_GALLERY: dict[str, Measure] = {
    "mean_average_precision": average_precision,
    "map_at_r": average_precision_at_r,
    "mean_reciprocal_rank": reciprocal_rank,
    "r_precision": precision_at_r,
}


class RetrievalScore(NamedTuple):
    """A mean over queries.

    Attributes:
        value: Fraction in [0, 1].
        interval: Its 95 % interval, `(low, high)`.
    """

    value: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class RetrievalResult:
    """How well images of the same class are found.

    Intervals of recall at k are Wilson's, the others are percentiles of a bootstrap over queries.
    Both take the queries as independent, although those of one class are similar.

    Attributes:
        recall_at: By k, the fraction of queries with an image of their class among the k nearest.
        precision_at: By k, the fraction of the k nearest that are of the query's class.
        mean_average_precision: Over the whole gallery.
        map_at_r: Mean average precision at R, the number of images of a query's class.
        mean_reciprocal_rank: Of the nearest image of the query's class.
        r_precision: Precision at R.
        n: Queries that were scored.
        left_out: Queries that were not, because no other image is of their class.
        gallery_size: Images that a query could find.
        distance: "cosine", "euclidean", "l1" or "learned".
    """

    recall_at: dict[int, RetrievalScore]
    precision_at: dict[int, RetrievalScore]
    mean_average_precision: RetrievalScore
    map_at_r: RetrievalScore
    mean_reciprocal_rank: RetrievalScore
    r_precision: RetrievalScore
    n: int
    left_out: int
    gallery_size: int
    distance: str

    def __str__(self) -> str:
        """Write one line a measure."""
        rows = [(f"recall at {k}", score) for k, score in self.recall_at.items()]
        rows += [(f"precision at {k}", score) for k, score in self.precision_at.items()]
        names = {
            "mean_average_precision": "mean average precision",
            "map_at_r": "MAP at R",
            "mean_reciprocal_rank": "mean reciprocal rank",
            "r_precision": "R-precision",
        }
        rows += [(told, getattr(self, name)) for name, told in names.items()]
        head = f"{self.n} queries, {self.gallery_size} images to find, {self.distance} distance"
        if self.left_out:
            head += f"; {self.left_out} queries without another image of their class left out"
        lines = [
            f"  {told} {score.value:.4f} ({score.interval[0]:.4f} to {score.interval[1]:.4f})"
            for told, score in rows
        ]
        return "\n".join([head, *lines])


def evaluate_retrieval(
    network: Any,
    examples: Any,
    labels: Any = None,
    *,
    k: int | Iterable[int] | None = None,
    distance: Any = None,
    gallery: Any = None,
    gallery_labels: Any = None,
    batch_size: int = 256,
    resamples: int = 1000,
    seed: int = 0,
) -> RetrievalResult:
    """Evaluate how well images of the same class are found among others.

    Every image is encoded once, and is a query in turn; the other images are the gallery, or a
    separate gallery is given. Memory does not grow with queries times gallery.

    Args:
        network: Siamese network, an encoder alone, a `Recognizer`, whose network is taken, or
            the embeddings of the queries, `(n, features)`, float.
        examples: With a network a data set, or images as `embed` takes them with `labels`. With
            embeddings their labels, `(n,)`, or the data set that they are of.
        labels: `(n,)`, the class of each image: strings or whole numbers.
        k: How many neighbours recall and precision look at; several are measured at once. None
            takes 1, 5 and 10, without those that are larger than the gallery.
        distance: "cosine", "euclidean" or "l1"; "learned", which is the logit of the head of
            `network`; or another siamese network or its head. None takes "learned" with a siamese
            network, and else "cosine".
        gallery: What is searched, in the form of the queries: a data set, images or embeddings.
            None for the queries, of which none finds itself.
        gallery_labels: `(m,)`, the class of each; not for a data set.
        batch_size: Images per encoder call.
        resamples: How often the queries are drawn again for an interval.
        seed: Seed of these draws.

    Returns:
        The scores with their intervals. A tie counts against the network: of one distance, images
        of other classes come first.

    Raises:
        ValueError: If the arguments do not fit each other, an embedding is not finite or too large
            to be compared, a `k` is
            larger than the gallery, all images are of one class, or no query has another image of
            its class.

    Example:
        >>> from keras_siamese import evaluate_retrieval, load_pretrained, make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=4, size=53)
        >>> result = evaluate_retrieval(load_pretrained("omniglot"), glyphs, k=(1, 5))
        >>> result.n, result.recall_at[1].value > 0.8, result.distance
        (40, True, 'learned')
    """
    resamples = check_whole("resamples", resamples, least=1)
    asked = [k] if isinstance(k, int | np.integer) else list(_DEFAULT_K if k is None else k)
    given = _is_array(network)
    network = network if given else keras_model(network)
    if distance is None or (isinstance(distance, str) and distance == LEARNED):
        own = None if given else own_head(network)
        if distance is not None:
            check_learned(own)
        distance = own or "cosine"
    classes = _labels_of(examples, labels, "labels") if not given else _own_labels(examples, labels)
    known = None if gallery is None else _labels_of(gallery, gallery_labels, "gallery_labels")
    vectors = network if given else embed(network, examples, batch_size=batch_size)
    searched = gallery
    if gallery is not None and not given:
        searched = embed(network, gallery, batch_size=batch_size)
    elif isinstance(gallery, ImageDataset):
        raise ValueError(
            "`gallery` must be embeddings where `network` is. Received: a data set. Give its "
            "embeddings, and its labels as `gallery_labels`."
        )
    task = RetrievalTask.of(
        vectors, classes, searched, gallery_labels if known is None else known, distance
    )
    if k is None:
        asked = [each for each in asked if each <= max(task.most, 1)]
    counts = [task.check_k(each) for each in asked]
    measures: list[Measure] = [partial(found_within, k=each) for each in counts]
    measures += [partial(share_within, k=each) for each in counts]
    measures += _OVER_THE_GALLERY.values()
    values = task.values(measures)
    n, recalls = len(values), len(counts)
    drawn = bootstrap_intervals(values[:, recalls:], seed=seed, resamples=resamples)
    intervals = [wilson_interval(round(hits), n) for hits in values[:, :recalls].sum(axis=0)]
    # A column after the other, as the functions of one measure sum it.
    means = [float(column.mean()) for column in np.ascontiguousarray(values.T)]
    scores = [RetrievalScore(*each) for each in zip(means, [*intervals, *drawn], strict=True)]
    return RetrievalResult(
        recall_at=dict(zip(counts, scores, strict=False)),
        precision_at=dict(zip(counts, scores[recalls:], strict=False)),
        **dict(zip(_OVER_THE_GALLERY, scores[2 * recalls :], strict=True)),
        n=n,
        left_out=len(task.queries) - n,
        gallery_size=task.most,
        distance=distance if isinstance(distance, str) else LEARNED,
    )


def _is_array(network: Any) -> bool:
    return isinstance(network, list | tuple) or hasattr(network, "__array__")


def _own_labels(examples: Any, labels: Any) -> Any:
    """Return the labels of embeddings, which are given instead of examples."""
    if labels is not None:
        raise ValueError(
            "`labels` must be left out with embeddings, whose labels are `examples`. Received: "
            "both. Give evaluate_retrieval(embeddings, labels)."
        )
    return examples.labels if isinstance(examples, ImageDataset) else examples


def _labels_of(examples: Any, labels: Any, argument: str) -> Any:
    if isinstance(examples, ImageDataset):
        if labels is not None:
            raise ValueError(
                f"`{argument}` must be left out for a data set, which has labels. Received: both. "
                "Leave it out, or give the images alone."
            )
        return examples.labels
    if labels is None:
        raise ValueError(
            f"`{argument}` must come with images or embeddings. Received: None. Give the class of "
            "each, or a data set."
        )
    return labels
