"""Verification of pairs at a threshold chosen on validation pairs (Koch et al. 2015, sec. 4.2)."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.images.fitting import check_fitting
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation import OperatingPoint, find_operating_point
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.input_checks import checked_inputs
from keras_siamese.evaluation.nearest_rows import nearest
from keras_siamese.evaluation.operating_point import (
    check_fraction,
    check_threshold,
    effective_threshold,
)
from keras_siamese.evaluation.probabilities import expit
from keras_siamese.evaluation.verification import indexed_logits, two_sided_logits
from keras_siamese.models.bundles import bundle_kind, parts_of
from keras_siamese.models.finite_weights import check_finite_weights
from keras_siamese.models.network_files import load_model
from keras_siamese.models.twins import twin_encoder, twin_head
from keras_siamese.saved_recognizer import KIND, read_saved
from keras_siamese.saved_verifier import read_verifier, write_verifier

if TYPE_CHECKING:
    import keras

# The margin of a pair below the threshold, where rounding gives it none.
_JUST_BELOW = -float(np.finfo(np.float64).tiny)
# Held while one decision replaces another.
_CHANGING = threading.Lock()


class _Decision(NamedTuple):
    """What pairs are decided by: one value, which is replaced as a whole."""

    threshold: float
    operating_point: OperatingPoint | None


class Verifier:
    """Predicts the probability that two images show the same class, and decides.

    Threads may share a verifier, also while one of them changes its threshold.

    Args:
        model: Trained network, as made by `siamese_network`.
        threshold: Probability in [0, 1] from which on a pair is called the same. `choose_threshold`
            finds one.
        batch_size: Images per encoder call.
        preprocessing: How pictures are read for the network, kept in the file that `save` writes;
            None leaves it unsaid. The images given to the methods were read already.

    Attributes:
        operating_point: What `choose_threshold` found, an `OperatingPoint`; None before.

    Raises:
        ValueError: If `model` is no siamese network or has weights that are not finite, `threshold`
            is out of range, or `preprocessing` gives images of another shape.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import Verifier, reduced_encoder, siamese_network
        >>> model = siamese_network(reduced_encoder(filters=(4, 4, 4, 4), units=8))
        >>> images = np.random.default_rng(0).random((3, 35, 35, 1))
        >>> Verifier(model, threshold=0.0).verify(images, images[::-1]).tolist()
        [True, True, True]
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        threshold: float = 0.5,
        batch_size: int = 256,
        preprocessing: Preprocessing | None = None,
    ) -> None:
        """Create the verifier; see the class for the arguments."""
        check_fitting(preprocessing, twin_encoder(model).input_shape[1:])
        check_finite_weights(model)
        self.model = model
        self._decision = _Decision(check_fraction("threshold", threshold), None)
        self.batch_size = check_whole("batch_size", batch_size, least=1)
        self.preprocessing = preprocessing

    @property
    def threshold(self) -> float:
        """Probability from which on a pair is called the same."""
        return self._decision.threshold

    @threshold.setter
    def threshold(self, value: float) -> None:
        limit = check_threshold("threshold", value)
        with _CHANGING:
            self._decision = self._decision._replace(threshold=limit)

    @property
    def operating_point(self) -> OperatingPoint | None:
        """What `choose_threshold` found; None before."""
        return self._decision.operating_point

    @operating_point.setter
    def operating_point(self, value: OperatingPoint | None) -> None:
        with _CHANGING:
            self._decision = self._decision._replace(operating_point=value)

    def probabilities(self, left: Any, right: Any) -> np.ndarray:
        """Return the probability that the images of each pair show the same class.

        Args:
            left: `(n, height, width, channels)` of the encoder's size, uint8, ink 255, or float in
                [0, 1]; or the same laid out flat, `(n, pixels)`.
            right: As many images, in the same form.

        Returns:
            `(n,)`, float64, [0, 1]; the same when `left` and `right` change places, unless the
            network's head is a layer of yours that is not symmetric.

        Raises:
            ValueError: If the images do not fit the encoder or each other, or what the network
                computes is not finite.

        Example:
            >>> from keras_siamese import Verifier, load_pretrained, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=2, size=53).images
            >>> verifier = Verifier(load_pretrained("omniglot"))
            >>> same, different = verifier.probabilities(images[[0, 0]], images[[1, 2]])
            >>> bool(same > different)
            True
        """
        return expit(self._logits(left, right))

    def _logits(self, left: Any, right: Any) -> np.ndarray:
        """Return the logits of pairs, `(n,)`, float64."""
        shape = twin_encoder(self.model).input_shape[1:]
        first, second = checked_inputs(left, shape, "left"), checked_inputs(right, shape, "right")
        if first.shape[1:] != second.shape[1:]:
            raise ValueError(
                "`left` and `right` must hold images of one size. Received: images of "
                f"{first.shape[1:]} and of {second.shape[1:]}. Bring all to one size; "
                "`Preprocessing(size)` reads pictures this way."
            )
        if first.shape != second.shape:
            raise ValueError(
                "`left` and `right` must hold as many images. Received: shapes "
                f"{first.shape} and {second.shape}. Repeat an image that is compared with many."
            )
        sides, rows = (self._encode(first), self._encode(second)), np.arange(len(first))
        return two_sided_logits(twin_head(self.model), *sides, rows, rows)

    def _encode(self, images: np.ndarray) -> np.ndarray:
        return encode_images(twin_encoder(self.model), images, batch_size=self.batch_size)

    def pair_probabilities(self, images: Any, pairs: PairTable) -> np.ndarray:
        """Return the probability that each of many pairs shows the same class.

        Args:
            images: `(m, height, width, channels)`, as `left` in `probabilities`; each is encoded
                once.
            pairs: Undistorted pairs of these images.

        Returns:
            `(pairs,)`, float64, in [0, 1].

        Raises:
            ValueError: As `probabilities`, or if the pairs are distorted or do not fit the images.
        """
        pairs.check_undistorted()
        shape = twin_encoder(self.model).input_shape[1:]
        examples, head = checked_inputs(images, shape, "images"), twin_head(self.model)
        logits = indexed_logits(self._encode, head, examples, pairs.left, pairs.right)
        return expit(logits.astype(np.float64))

    def verify(self, left: Any, right: Any) -> np.ndarray:
        """Decide of each pair whether both images show the same class.

        Args:
            left: As in `probabilities`.
            right: As in `probabilities`.

        Returns:
            `(n,)`, bool.

        Raises:
            ValueError: As `probabilities`.
        """
        return self.probabilities(left, right) >= self.threshold

    def decision_function(self, left: Any, right: Any) -> np.ndarray:
        """Return how far each pair is on the side of "the same".

        Args:
            left: As in `probabilities`.
            right: As in `probabilities`.

        Returns:
            `(n,)`, float64, the logit of the pair minus that of the threshold: at least 0 where
            `verify` says True, below 0 where it says False.

        Raises:
            ValueError: As `probabilities`.
        """
        threshold, logits = self.threshold, self._logits(left, right)
        margins = logits - _logit(threshold)
        # The difference rounds otherwise than the probability, which decides.
        same = expit(logits) >= threshold
        return np.where(same, np.maximum(margins, 0.0), np.minimum(margins, _JUST_BELOW))

    def transform(self, images: Any) -> np.ndarray:
        """Return the embeddings of images, for other estimators to work with.

        Args:
            images: `(n, height, width, channels)`, as `left` in `probabilities`.

        Returns:
            `(n, features)`, float32.

        Raises:
            ValueError: As `probabilities`.
        """
        shape = twin_encoder(self.model).input_shape[1:]
        return self._encode(checked_inputs(images, shape, "images"))

    def kneighbors(
        self, images: Any, candidates: Any, n_neighbors: int = 5, return_distance: bool = True
    ) -> tuple[np.ndarray, np.ndarray] | np.ndarray:
        """Find the candidates that are most like each image.

        Args:
            images: `(n, height, width, channels)`, as `left` in `probabilities`.
            candidates: `(m, height, width, channels)`, in the same form.
            n_neighbors: How many, from 1 to `m`.
            return_distance: Whether the distances are returned, too.

        Returns:
            Distances `(n, n_neighbors)`, float64, rising: minus the logit that image and candidate
            are the same, so that 0 is a probability of one half. And indices `(n, n_neighbors)`,
            int64, into `candidates`.

        Raises:
            ValueError: As `probabilities`, or if `n_neighbors` is out of range.
        """
        vectors = self.transform(images), self.transform(candidates)
        found = nearest(twin_head(self.model), *vectors, n_neighbors)
        return found if return_distance else found[1]

    def choose_threshold(
        self, images: np.ndarray, pairs: PairTable, *, false_accept_rate: float | None = None
    ) -> OperatingPoint:
        """Choose the threshold on validation pairs, and take it.

        Args:
            images: `(m, height, width, channels)`, uint8, ink 255, or float in [0, 1], of classes
                that the network was not trained on.
            pairs: Undistorted pairs of these images, as `sample_pairs` draws them.
            false_accept_rate: Fraction in [0, 1] of the different pairs that may be called the
                same; of the thresholds that keep it, the one that accepts most. None takes the
                threshold that decides most pairs correctly.

        Returns:
            How the threshold decides these pairs.

        Raises:
            ValueError: If the pairs are distorted, all the same or all different, or do not fit the
                images; or if the rate is out of range.

        Example:
            >>> from keras_siamese import Verifier, load_pretrained, make_glyphs, sample_pairs
            >>> glyphs = make_glyphs(num_alphabets=1, num_drawers=2, size=53)
            >>> verifier = Verifier(load_pretrained("omniglot"))
            >>> point = verifier.choose_threshold(glyphs.images, sample_pairs(glyphs, 40, seed=0))
            >>> verifier.threshold == point.threshold
            True
        """
        scores = self.pair_probabilities(images, pairs)
        point = find_operating_point(scores, pairs.same, false_accept_rate=false_accept_rate)
        with _CHANGING:
            self._decision = _Decision(point.threshold, point)
        return point

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that it holds to one file, whole or not at all.

        Args:
            path: The file; its folder must exist.
        """
        write_verifier(path, self.model, *self._decision, self.batch_size, self.preprocessing)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Verifier:
        """Read a verifier that `save` wrote; the network is loaded in Keras's safe mode.

        Args:
            path: The file; or one of `Recognizer.save` or `keras-siamese train`, of which network,
                preprocessing and threshold are taken.

        Returns:
            The verifier. Where a recognizer has no threshold, it decides at 0.5.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no such file, or is damaged.
        """
        if bundle_kind(path) == KIND:
            saved = read_saved(path, load_model)
            verifier = cls(saved.network.model, preprocessing=saved.preprocessing)
            limit = effective_threshold(saved.threshold)
            verifier._decision = _Decision(limit, saved.operating_point)
            return verifier
        model, settings = read_verifier(path, load_model)
        with parts_of(path):
            verifier = cls(
                model, batch_size=settings["batch_size"], preprocessing=settings["preprocessing"]
            )
        verifier._decision = _Decision(settings["threshold"], settings["operating_point"])
        return verifier


def _logit(probability: float) -> float:
    """Return the logit of a threshold, which may lie above all probabilities."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float("inf") if probability >= 1 else float(np.log(probability / (1 - probability)))
