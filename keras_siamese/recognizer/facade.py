"""`Recognizer`: what it holds, and where it is read from and written to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.deprecated import with_ink
from keras_siamese.evaluation.network import Network
from keras_siamese.recognizer import files
from keras_siamese.recognizer.namer import Namer
from keras_siamese.recognizer.state import State

if TYPE_CHECKING:
    import keras

    from keras_siamese.evaluation.training_report import TrainingReport


class Recognizer(Namer):
    """Names images, compares them, and finds similar ones, with one siamese network.

    It holds all that is needed to use the network: how images are read, from which probability on
    two are the same, and, once fitted, the known classes. An image is a path, the bytes of a file,
    a PIL image, or an array as it is in a file: `(height, width)` or `(height, width, channels)`,
    uint8 or float in [0, 1], of any size. A list of images, or an array of four dimensions, is a
    batch. A single image gets a single answer, a batch a list of answers. Each image of a call is
    encoded once. Threads may share a recognizer, also while one of them changes its classes or its
    threshold: each answer is of one moment.

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
        super().__init__(model, preprocessing, State(threshold, thresholds or {}, shots=shots))
        self.report: TrainingReport | None = None
        self.assumptions: tuple[str, ...] = ()

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

        Example:
            >>> from keras_siamese import Recognizer
            >>> Recognizer.from_preset("signs").preprocessing.color
            'rgb'
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
        return files.load_recognizer(cls, path, preprocessing)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write network, preprocessing, thresholds and known classes to one file.

        It is written whole or not at all, and holds no code.

        Args:
            path: The file, such as "parts.zip"; its folder must exist.

        Raises:
            ValueError: If the path has the ending of a file of Keras.
            OSError: If the file cannot be written.

        Example:
            >>> from keras_siamese import Recognizer
            >>> Recognizer.from_preset("omniglot").save("letters.zip")
            >>> Recognizer.load("letters.zip").preprocessing.size
            (53, 53)
        """
        files.save(self, path)

    @with_ink
    def export(
        self, path: str | os.PathLike[str], format: str = "saved_model", **options: Any
    ) -> Path:
        """Write the network in a format that others run, whole or not at all.

        Args:
            path: A folder for "saved_model", a file for the others.
            format: "saved_model" for TensorFlow Serving (`keras_siamese.export`), "onnx"
                (`export_onnx`), "litert" (`export_litert`), "openvino" (`export_openvino`) or
                "torch" (`export_torch`). Each backend of Keras writes some of them
                (docs/serving.md).
            **options: Further arguments of that function. Files and pictures are read as the
                recognizer reads them, except for what `polarity` and `paper` say.

        Returns:
            What was written.

        Raises:
            ValueError: If the format is unknown or contradicts the path's ending, the backend of
                Keras does not write it, the network does not fit it, or the path exists already.
            ImportError: If the extra that a format needs is missing.
        """
        return files.export_network(self, path, format, options)

    def __repr__(self) -> str:
        """Say what it holds, in one line."""
        height, width = self.preprocessing.size
        state = self._state
        threshold, support = state.threshold, state.support
        limit = "no threshold" if threshold is None else f"threshold {threshold:.4f}"
        known = "not fitted" if support is None else f"{len(support.names)} classes"
        return f"Recognizer({height}x{width} {self.preprocessing.color}, {limit}, {known})"
