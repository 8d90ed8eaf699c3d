"""Whether two images show the same class: the probability, and the threshold that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.data.pairs import PairTable
from keras_siamese.data.pictures import Pictures, read_pictures
from keras_siamese.evaluation.operating_point import (
    OperatingPoint,
    effective_threshold,
    find_operating_point,
)
from keras_siamese.evaluation.probabilities import expit
from keras_siamese.evaluation.verification import indexed_logits, two_sided_logits
from keras_siamese.recognizer.embedder import Embedder
from keras_siamese.recognizer.records import Verification
from keras_siamese.recognizer.scoring import scored_pairs
from keras_siamese.recognizer.state import State
from keras_siamese.recognizer.unusual import Judged, judge

if TYPE_CHECKING:
    pass


class Comparer(Embedder):
    """What a recognizer answers about pairs; see `Recognizer`."""

    @property
    def threshold(self) -> float | None:
        """Probability from which on two images are called the same; None for none."""
        return self._state.threshold

    @threshold.setter
    def threshold(self, value: float | None) -> None:
        self._change(lambda state: replace(state, threshold=value))

    @property
    def thresholds(self) -> Mapping[float, float]:
        """Thresholds by the false-accept rate that each was chosen for."""
        return self._state.thresholds

    @thresholds.setter
    def thresholds(self, value: Mapping[float, float]) -> None:
        self._change(lambda state: replace(state, thresholds=value))

    @property
    def operating_point(self) -> OperatingPoint | None:
        """What `choose_threshold` found; or None."""
        return self._state.operating_point

    @operating_point.setter
    def operating_point(self, value: OperatingPoint | None) -> None:
        self._change(lambda state: replace(state, operating_point=value))

    def threshold_for(self, false_accept_rate: float) -> float:
        """Return the threshold that was chosen for a false-accept rate.

        Args:
            false_accept_rate: One of `thresholds`.

        Returns:
            The threshold.

        Raises:
            ValueError: If there is none for that rate.
        """
        thresholds = self.thresholds
        if false_accept_rate not in thresholds:
            known = ", ".join(f"{rate:g}" for rate in sorted(thresholds)) or "no rate at all"
            raise ValueError(
                f"`false_accept_rate` must be a rate that the network has a threshold for: {known}."
                f" Received: {false_accept_rate!r}. Choose from that list, set `threshold`, or let "
                "`choose_threshold` find one."
            )
        return thresholds[false_accept_rate]

    def verify(self, left: Any, right: Any) -> Any:
        """Say whether two images show the same class.

        Args:
            left: One image or a batch.
            right: One image or a batch of as many. One image is compared with each of a batch.

        Returns:
            A `Verification` (`same`, `probability`, `threshold`, `novelty`, `warnings`); with a
            batch a list of them.

        Raises:
            ValueError: If an image cannot be read, or the batches are not of one length.
            OSError: If a file cannot be read.

        Example:
            >>> from keras_siamese import Recognizer, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=2).images
            >>> recognizer = Recognizer.from_preset("omniglot")
            >>> recognizer.verify(images[0], images[1]).same
            True
            >>> recognizer.verify(images[0], images[2]).same
            False
        """
        # One state for the whole answer: another thread may replace it meanwhile.
        state = self._state
        first = read_pictures(left, self.preprocessing, argument="left")
        second = read_pictures(right, self.preprocessing, argument="right")
        limit = effective_threshold(state.threshold)
        probabilities, judged = self._pairs(first, second, state)
        records = [
            Verification(probability >= limit, probability, limit, *of_both)
            for probability, of_both in zip(probabilities.tolist(), judged, strict=True)
        ]
        return records[0] if first.single and second.single else records

    def pair_probabilities(self, images: np.ndarray, pairs: PairTable) -> np.ndarray:
        """Return the probability that each pair of images that were read shows the same class.

        Args:
            images: `(n, height, width, channels)`, uint8, ink 255, as for `encode`; each is encoded
                once.
            pairs: Undistorted pairs of these images, as `load_pairs` and `sample_pairs` give them.

        Returns:
            `(pairs,)`, float64, in [0, 1].

        Raises:
            ValueError: As `encode`, or if the pairs are distorted or do not fit the images.
        """
        pairs.check_undistorted()
        head = self._network.head
        logits = indexed_logits(self.encode, head, np.asarray(images), pairs.left, pairs.right)
        return expit(logits.astype(np.float64))

    def choose_threshold(
        self,
        left: Any,
        right: Any = None,
        same: Any = None,
        *,
        false_accept_rate: float | None = None,
        seed: int = 0,
    ) -> OperatingPoint:
        """Choose the threshold on pairs of your images, and take it.

        The images should be of classes that the network was not trained on. Give the pairs, or give
        labelled images alone, of which pairs are drawn.

        Args:
            left: A batch of images, the first of each pair; or the data set of `load_pairs`; or,
                without `right`, labelled images as `fit` takes them: a folder, a mapping, or
                `(images, labels)`.
            right: As many images, the second of each pair; or the `PairTable` of `load_pairs`,
                which needs no `same`.
            same: `(n,)`, whether the images of each pair show the same class; both must occur.
            false_accept_rate: Share in [0, 1] of the different pairs that may be called the same.
                None takes the threshold that decides most pairs correctly.
            seed: Seed of the pairs that are drawn, up to 10,000.

        Returns:
            How the threshold decides these pairs, an `OperatingPoint`.

        Raises:
            ValueError: If images cannot be read, pairs and labels do not fit each other, or the
                rate is out of range.
            OSError: If a file cannot be read.
        """
        scores, truth = scored_pairs(self, left, right, same, seed)
        point = find_operating_point(scores, truth, false_accept_rate=false_accept_rate)
        chosen = {} if false_accept_rate is None else {float(false_accept_rate): point.threshold}
        self._change(
            lambda state: replace(
                state,
                threshold=point.threshold,
                thresholds={**state.thresholds, **chosen},
                operating_point=point,
            )
        )
        return point

    def _pairs(
        self, first: Pictures, second: Pictures, state: State
    ) -> tuple[np.ndarray, list[Judged]]:
        """Return `(n,)`, float64, and the warnings about both pictures of each pair.

        One picture is compared with each of a batch.
        """
        lengths = len(first.rows), len(second.rows)
        if lengths[0] != lengths[1] and not (first.single or second.single):
            raise ValueError(
                "`left` and `right` must hold as many images. Received: "
                f"{lengths[0]} and {lengths[1]}. Give each image its other, or one for all."
            )
        sides = self.encode(first.images), self.encode(second.images)
        rows = np.broadcast_arrays(first.rows, second.rows)
        probabilities = expit(two_sided_logits(self._network.head, *sides, *rows))
        judged = [
            judge(pictures, embeddings, state.novelty)
            for pictures, embeddings in zip((first, second), sides, strict=True)
        ]
        return probabilities, [
            judged[0][left] | judged[1][right] for left, right in zip(*rows, strict=True)
        ]
