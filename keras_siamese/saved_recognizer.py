"""What the file of a recognizer holds, for `Recognizer`, `Verifier` and `OneShotClassifier`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from keras_siamese.argument_checks import Check, check_list, optional
from keras_siamese.data.images.fitting import check_fitting
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.evaluation.class_scores import check_shots
from keras_siamese.evaluation.network import Network, as_network
from keras_siamese.evaluation.novelty import ARRAYS as NOVELTY_ARRAYS
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import (
    OperatingPoint,
    check_fraction,
    check_threshold,
)
from keras_siamese.evaluation.support_set import SupportSet
from keras_siamese.models.bundles import check_preprocessing, parts_of, read_bundle

if TYPE_CHECKING:
    from keras_siamese.evaluation.training_report import TrainingReport

KIND = "Recognizer"
ARRAYS = ("classes", "counts", "embeddings", "sources")


@dataclass(frozen=True)
class SavedRecognizer:
    """The content of a file, checked; `Recognizer` describes the parts.

    Attributes:
        network: The network.
        preprocessing: How its images are read.
        threshold: Probability from which on two images are called the same, or None.
        thresholds: Thresholds by false-accept rate.
        shots: "mean" or "best".
        operating_point: How the threshold decided pairs, or None.
        report: The scores of its training, or None.
        support: The known classes, or None.
        novelty: What tells images unlike the training images; None in files of earlier versions.
    """

    network: Network
    preprocessing: Preprocessing
    threshold: float | None
    thresholds: dict[float, float]
    shots: str
    operating_point: OperatingPoint | None
    report: TrainingReport | None
    support: SupportSet | None
    novelty: Novelty | None


def read_saved(path: str | os.PathLike[str], load: Callable[[bytes], Any]) -> SavedRecognizer:
    """Read what `Recognizer.save` wrote.

    Args:
        path: The file.
        load: Makes the network from the content of a `.keras` file.

    Returns:
        Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is damaged, or its parts do not fit each other.
    """
    loaded, settings, arrays = read_bundle(
        path, KIND, SETTINGS, (*ARRAYS, *NOVELTY_ARRAYS), later_arrays=NOVELTY_ARRAYS, load=load
    )
    with parts_of(path):
        network = as_network(loaded)
        preprocessing = settings["preprocessing"]
        check_fitting(preprocessing, network.input_shape)
        known = {name: arrays[name] for name in ARRAYS}
        # A recognizer that was not fitted has empty arrays.
        support = SupportSet(**known) if any(array.size for array in known.values()) else None
        if support is not None and support.embeddings.shape[1] != network.num_features:
            raise ValueError(
                f"its embeddings have shape {support.embeddings.shape}, and the network gives "
                f"{network.num_features} features"
            )
        novelty = Novelty.of_arrays(arrays, network.num_features)
    return SavedRecognizer(network, support=support, novelty=novelty, **settings)


def _preprocessing(argument: str, value: Any) -> Preprocessing:
    if value is None:
        raise ValueError(
            f"`{argument}` must say how images are read. Received: {argument}=None. Give a "
            "preprocessing."
        )
    return cast(Preprocessing, check_preprocessing(argument, value))


def _thresholds(argument: str, value: Any) -> dict[float, float]:
    def pair(argument: str, each: Any) -> tuple[float, float]:
        rate, threshold = check_list(argument, each, lambda name, number: number, length=2)
        return check_fraction(argument, rate), check_threshold(argument, threshold)

    return dict(check_list(argument, value, pair))


def _report(argument: str, value: Any) -> TrainingReport:
    from keras_siamese.evaluation.training_report import TrainingReport

    return TrainingReport.from_json(value)


# How each setting is checked.
SETTINGS: dict[str, Check] = {
    "preprocessing": _preprocessing,
    "threshold": optional(check_threshold),
    "thresholds": _thresholds,
    "shots": lambda argument, value: check_shots(value),
    "operating_point": optional(lambda argument, value: OperatingPoint.from_json(value)),
    "report": optional(_report),
}
