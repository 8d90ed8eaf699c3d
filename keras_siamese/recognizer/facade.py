"""`Recognizer`: what it holds, and what it does with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.data.fitting import fitting_preprocessing
from keras_siamese.data.keywords import FOLDER_OPTIONS, check_keywords
from keras_siamese.data.labelled_pictures import read_labelled
from keras_siamese.data.pair_table import PairTable
from keras_siamese.data.pictures import Pictures, is_picture, read_pictures
from keras_siamese.data.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.evaluation.network import Network, as_network
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import (
    OperatingPoint,
    check_threshold,
    effective_threshold,
    find_operating_point,
)
from keras_siamese.evaluation.probabilities import expit, softmax
from keras_siamese.evaluation.references import check_shots, class_logits, nearest
from keras_siamese.evaluation.support_set import SupportSet
from keras_siamese.evaluation.verification import indexed_logits, two_sided_logits
from keras_siamese.recognizer import files
from keras_siamese.recognizer.records import UNKNOWN, Match, Neighbour, Ranking, Verification
from keras_siamese.recognizer.scoring import scored_pairs
from keras_siamese.recognizer.unusual import Judged, judge

if TYPE_CHECKING:
    import keras

    from keras_siamese.evaluation.training_report import TrainingReport


class Recognizer:
    """Names images, compares them, and finds similar ones, with one siamese network.

    It holds all that is needed to use the network: how images are read, from which probability on
    two are the same, and, once fitted, the known classes. An image is a path, the bytes of a file,
    a PIL image, or an array as it is in a file: `(height, width)` or `(height, width, channels)`,
    uint8 or float in [0, 1], of any size. A list of images, or an array of four dimensions, is a
    batch. A single image gets a single answer, a batch a list of answers. Each image of a call is
    encoded once.

    Args:
        model: Trained network, as made by `siamese_network`.
        preprocessing: How its images are read, the same as in training; None for
            `Preprocessing(size, color)` of the network's input.
        threshold: Probability in [0, 1] from which on two images are called the same, and below
            which an image is "unknown". None decides pairs at 0.5 and always names a class.
        thresholds: Thresholds by the false-accept rate that each was chosen for.
        shots: With several images per class, "mean" averages over them, "best" takes the most
            similar.

    Attributes:
        preprocessing: How images are read.
        thresholds: As above; `choose_threshold` adds to them.
        operating_point: What `choose_threshold` found, an `OperatingPoint`; or None.
        novelty: Tells images that are unlike those the network was trained on, a `Novelty`, by
            which `rank` and `verify` warn; or None, where its file does not say.
        report: The scores on held-out classes, a `TrainingReport`, where `train_recognizer` made
            the recognizer; or None.
        assumptions: What `load` had to assume of a file that does not say it.

    Raises:
        ValueError: If the network, the preprocessing and the thresholds do not fit each other.

    Example:
        >>> from keras_siamese import Recognizer
        >>> recognizer = Recognizer.from_preset("omniglot")
        >>> recognizer.preprocessing.size
        (53, 53)
    """

    def __init__(
        self,
        model: keras.Model | Network,
        preprocessing: Preprocessing | None = None,
        *,
        threshold: float | None = None,
        thresholds: Mapping[float, float] | None = None,
        shots: str = "mean",
    ) -> None:
        """Check the arguments; see the class."""
        self._network: Network = as_network(model)
        self.preprocessing = fitting_preprocessing(preprocessing, self._network.input_shape)
        self.thresholds = {
            float(rate): check_threshold("thresholds", value)
            for rate, value in (thresholds or {}).items()
        }
        self.threshold = threshold
        self.shots = shots
        self.operating_point: OperatingPoint | None = None
        self.novelty: Novelty | None = None
        self.report: TrainingReport | None = None
        self.assumptions: tuple[str, ...] = ()
        self._support: SupportSet | None = None

    @classmethod
    def from_preset(cls, name: str = "omniglot", *, false_accept_rate: float = 0.01) -> Recognizer:
        """Load a network that ships with the package; it needs no internet connection.

        Args:
            name: One of `pretrained_names()`. "omniglot" compares handwritten characters, "signs"
                signs of other kinds, in colour.
            false_accept_rate: Takes the network's threshold for this share of different pairs
                called the same; one of `thresholds`.

        Returns:
            The recognizer, not fitted.

        Raises:
            ValueError: If no such network ships, its files are damaged, or it has no threshold for
                the rate.
        """
        recognizer = files.preset(cls, name)
        recognizer.threshold = recognizer.threshold_for(false_accept_rate)
        return recognizer

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, preprocessing: Preprocessing | None = None
    ) -> Recognizer:
        """Read a network from a file; it is loaded in Keras's safe mode, and runs no code.

        The file may be one that `save`, `Verifier.save`, `OneShotClassifier.save` or
        `keras-siamese train` wrote, or a `.keras` file of a siamese network. A file that does not
        say how its images are read was made by an earlier version or by `model.save`:
        `assumptions` and a line of the log then state what is assumed.

        Args:
            path: The file.
            preprocessing: How images are read, where the file does not say it or says it wrongly.

        Returns:
            The recognizer, fitted where the file holds known classes.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no such file, is damaged, or does not fit the preprocessing.
        """
        return files.load(cls, path, preprocessing)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write network, preprocessing, thresholds and known classes to one file.

        It is written whole or not at all, and holds no code.

        Args:
            path: The file, such as "parts.zip"; its folder must exist.

        Raises:
            ValueError: If the path has the ending of a file of Keras.
            OSError: If the file cannot be written.
        """
        files.save(self, path)

    @property
    def model(self) -> keras.Model:
        """The siamese network."""
        return self._network.model

    @property
    def threshold(self) -> float | None:
        """Probability from which on two images are called the same; None for none."""
        return self._threshold

    @threshold.setter
    def threshold(self, value: float | None) -> None:
        self._threshold = None if value is None else check_threshold("threshold", value)

    @property
    def shots(self) -> str:
        """How several images of a class count: "mean" or "best"."""
        return self._shots

    @shots.setter
    def shots(self, value: str) -> None:
        self._shots = check_shots(value)

    @property
    def classes(self) -> list[Any]:
        """Names of the known classes, sorted; empty before `fit`."""
        return [] if self._support is None else self._support.names

    @property
    def sources(self) -> list[str]:
        """Files of the known images; those that were given as arrays or PIL images have none."""
        return [] if self._support is None else [str(s) for s in self._support.sources if s]

    def threshold_for(self, false_accept_rate: float) -> float:
        """Return the threshold that was chosen for a false-accept rate.

        Args:
            false_accept_rate: One of `thresholds`.

        Returns:
            The threshold.

        Raises:
            ValueError: If there is none for that rate.
        """
        if false_accept_rate not in self.thresholds:
            known = ", ".join(f"{rate:g}" for rate in sorted(self.thresholds)) or "no rate at all"
            raise ValueError(
                f"`false_accept_rate` must be a rate that the network has a threshold for: {known}."
                f" Received: {false_accept_rate!r}. Choose from that list, set `threshold`, or let "
                "`choose_threshold` find one."
            )
        return self.thresholds[false_accept_rate]

    def fit(
        self,
        support: Any,
        labels: Any = None,
        *,
        on_unreadable: OnUnreadable | None = None,
        **folder_options: Any,
    ) -> Recognizer:
        """Take one image or more of each class that `predict` is to choose from.

        It trains nothing: the classes may be new to the network. Those of before are forgotten.

        Args:
            support: A folder with one subfolder per class, or with one image per class, named by
                it; a mapping from name to an image or several; `(images, labels)`; or images, with
                `labels` beside.
            labels: `(m,)`, strings or whole numbers, the class of each image, where `support` is
                images alone; an array `(m, height, width)` is then m grey images.
                Where it is a folder, as for `load_folder`: "names", or a CSV file.
            on_unreadable: Called with the error of each image that cannot be read, which is then
                left out. None raises one error, which lists all of them.
            **folder_options: `label_pattern`, `split` and `on_skipped` of `load_folder`, where
                `support` is a folder.

        Returns:
            The recognizer itself.

        Raises:
            ValueError: If images cannot be read, or images and labels do not fit each other.
            TypeError: If there is no argument of a name.
            OSError: If a file cannot be read.
        """
        own = ("support", "labels", "on_unreadable")
        check_keywords("fit", folder_options, FOLDER_OPTIONS, own)
        pictures, names = read_labelled(
            support,
            labels,
            self.preprocessing,
            argument="support",
            on_unreadable=on_unreadable,
            **folder_options,
        )
        embeddings = self.encode(pictures.images)[pictures.rows]
        self._support = SupportSet.of(embeddings, names, pictures.sources)
        return self

    def predict(self, images: Any, *, on_unreadable: OnUnreadable | None = None) -> Any:
        """Name the class of an image, or of each of a batch.

        Args:
            images: One image or a batch.
            on_unreadable: Called with the error of each image that cannot be read, whose answer is
                then None. None raises the first error.

        Returns:
            The name, "unknown" where no class reaches the threshold; for a batch a list of names.

        Raises:
            ValueError: If the recognizer is not fitted, or an image cannot be read.
            OSError: If a file cannot be read.
        """
        if self.threshold is not None and UNKNOWN in self.classes:
            raise ValueError(
                f"A class must not be named {UNKNOWN!r}, which is the answer for an image of no "
                "known class. Rename that class, or set `threshold` to None."
            )
        ranked = self.rank(images, top=1, on_unreadable=on_unreadable)
        return self._name(ranked) if is_picture(images) else [self._name(row) for row in ranked]

    def rank(
        self, images: Any, top: int | None = None, *, on_unreadable: OnUnreadable | None = None
    ) -> Any:
        """Rank the known classes by how likely an image is of each.

        Args:
            images: One image or a batch.
            top: How many classes to give; None for all.
            on_unreadable: As for `predict`.

        Returns:
            A list of `Match` records (`name`, `probability`, `similarity`), the best first, which
            also has the image's `novelty` and `warnings` (`Ranking`); for a batch a list of such
            lists.

        Raises:
            ValueError: As `predict`, or if `top` is below 1.
            OSError: If a file cannot be read.
        """
        support = self._fitted()
        _check_count("top", top)
        pictures = read_pictures(images, self.preprocessing, on_unreadable=on_unreadable)
        embeddings = self.encode(pictures.images)
        logits = self._logits(embeddings, support)
        probabilities, similarities = softmax(logits, axis=1), expit(logits)
        names, judged = support.names, judge(pictures, embeddings, self.novelty)

        def ranking(row: int) -> Ranking:
            matches = [
                Match(
                    names[place], float(probabilities[row, place]), float(similarities[row, place])
                )
                for place in np.argsort(-logits[row], kind="stable")[:top]
            ]
            return Ranking(matches, *judged[row])

        return _answers(pictures, ranking)

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
        """
        first = read_pictures(left, self.preprocessing, argument="left")
        second = read_pictures(right, self.preprocessing, argument="right")
        limit = effective_threshold(self.threshold)
        probabilities, judged = self._pairs(first, second)
        records = [
            Verification(probability >= limit, probability, limit, *of_both)
            for probability, of_both in zip(probabilities.tolist(), judged, strict=True)
        ]
        return records[0] if first.single and second.single else records

    def embed(self, images: Any, *, on_unreadable: OnUnreadable | None = None) -> np.ndarray:
        """Return the embeddings of images: vectors that are close where images are similar.

        Args:
            images: One image or a batch.
            on_unreadable: Called with the error of each image that cannot be read, which is then
                left out. None raises the first error.

        Returns:
            `(n, features)`, float32; `(1, features)` for one image.

        Raises:
            ValueError: If an image cannot be read.
            OSError: If a file cannot be read.
        """
        pictures = read_pictures(images, self.preprocessing, on_unreadable=on_unreadable)
        return self.encode(pictures.images)[pictures.rows[pictures.rows >= 0]]

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the embeddings of images that were read already, by `preprocessing`.

        Args:
            images: `(n, height, width, channels)`, uint8, ink 255, as `preprocessing.read_batch`
                returns them.

        Returns:
            `(n, features)`, float32.

        Raises:
            ValueError: If the images have another type or shape, or the network's answer is not
                finite.
        """
        given = np.asarray(images)
        if given.dtype != np.uint8 or given.shape[1:] != self.preprocessing.shape:
            raise ValueError(
                "`images` must be read already: uint8 of shape (n, "
                f"{', '.join(map(str, self.preprocessing.shape))}). Received: {given.dtype} of "
                f"shape {given.shape}. Use `embed` for other images."
            )
        if not len(given):
            return np.zeros((0, self._network.num_features), np.float32)
        embeddings = self._network.encode(given)
        if not np.isfinite(embeddings).all():
            raise ValueError(
                "The network must give finite embeddings. Received: NaN or inf. Its weights are "
                "damaged, or its training diverged: train it again."
            )
        return embeddings

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

    def neighbours(self, images: Any, k: int = 5) -> Any:
        """Find the known images that are most similar to an image.

        Args:
            images: One image or a batch.
            k: How many known images to give; all where there are fewer.

        Returns:
            A list of `Neighbour` records (`name`, `similarity`, `source`), the most similar first;
            for a batch a list of such lists.

        Raises:
            ValueError: As `predict`, or if `k` is below 1.
            OSError: If a file cannot be read.
        """
        support = self._fitted()
        _check_count("k", k)
        pictures = read_pictures(images, self.preprocessing)
        labels, count = support.labels, min(k, len(support.embeddings))
        queries = self.encode(pictures.images)
        distances, places = nearest(self._network.head, queries, support.embeddings, count)
        similarities = expit(-distances)

        def neighbours(row: int) -> list[Neighbour]:
            return [
                Neighbour(labels[place], float(similarity), str(support.sources[place]))
                for place, similarity in zip(places[row], similarities[row], strict=True)
            ]

        return _answers(pictures, neighbours)

    def choose_threshold(
        self,
        left: Any,
        right: Any = None,
        same: Any = None,
        *,
        false_accept_rate: float | None = None,
        seed: int = 0,
    ) -> OperatingPoint:
        """Choose the threshold on pairs of images of your own, and take it.

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
        self.threshold, self.operating_point = point.threshold, point
        if false_accept_rate is not None:
            self.thresholds[float(false_accept_rate)] = point.threshold
        return point

    def export(
        self, path: str | os.PathLike[str], format: str = "saved_model", **options: Any
    ) -> Path:
        """Write the network in a format that others run, whole or not at all.

        Args:
            path: A folder for "saved_model", a file for the others.
            format: "saved_model" for TensorFlow Serving (`keras_siamese.export`), "onnx"
                (`export_onnx`) or "litert" (`export_litert`).
            **options: Further arguments of that function.

        Returns:
            What was written.

        Raises:
            ValueError: If the format is unknown or contradicts the path's ending, the network does
                not fit it, or the path exists already.
            ImportError: If the extra that a format needs is missing.
        """
        return files.export(self, path, format, options)

    def __repr__(self) -> str:
        """Say what it holds, in one line."""
        height, width = self.preprocessing.size
        limit = "no threshold" if self.threshold is None else f"threshold {self.threshold:.4f}"
        known = f"{len(self.classes)} classes" if self._support is not None else "not fitted"
        return f"Recognizer({height}x{width} {self.preprocessing.color}, {limit}, {known})"

    def _fitted(self) -> SupportSet:
        if self._support is None:
            raise ValueError(
                "The recognizer must be fitted first. Received: no known classes yet. Call fit "
                "with one image or more of each class."
            )
        return self._support

    def _name(self, ranked: list[Match] | None) -> Any:
        """Return the class of a ranking, where it is similar enough."""
        if ranked is None:
            return None
        known = self.threshold is None or ranked[0].similarity >= self.threshold
        return ranked[0].name if known else UNKNOWN

    def _logits(self, embeddings: np.ndarray, support: SupportSet) -> np.ndarray:
        """Return `(n, classes)`, float64."""
        if not len(embeddings):
            return np.zeros((0, len(support.counts)))
        logits = class_logits(
            self._network.head, embeddings, support.embeddings, support.counts, shots=self.shots
        )
        return logits.astype(np.float64)

    def _pairs(self, first: Pictures, second: Pictures) -> tuple[np.ndarray, list[Judged]]:
        """Return `(n,)`, float64, and what is said of both pictures of each pair.

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
            judge(pictures, embeddings, self.novelty)
            for pictures, embeddings in zip((first, second), sides, strict=True)
        ]
        return probabilities, [
            judged[0][left] | judged[1][right] for left, right in zip(*rows, strict=True)
        ]


def _answers(pictures: Pictures, answer: Any) -> Any:
    """Return the answer for one picture, or a list of them; None for those not read."""
    answers = [None if row < 0 else answer(row) for row in pictures.rows.tolist()]
    return answers[0] if pictures.single else answers


def _check_count(argument: str, value: Any) -> None:
    if value is not None and (not isinstance(value, int | np.integer) or value < 1):
        raise ValueError(f"`{argument}` must be a whole number from 1 on. Received: {value!r}.")
