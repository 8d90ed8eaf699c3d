"""What the file of a recognizer holds, for `Recognizer`, `Verifier` and `OneShotClassifier`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_siamese.data.fitting import check_fitting
from keras_siamese.data.preprocessing import Preprocessing
from keras_siamese.data.unreadable import sentence
from keras_siamese.evaluation.network import Network, as_network
from keras_siamese.evaluation.novelty import ARRAYS as NOVELTY_ARRAYS
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import OperatingPoint, check_threshold
from keras_siamese.evaluation.references import check_shots
from keras_siamese.evaluation.support_set import SupportSet
from keras_siamese.models.bundles import read_bundle

if TYPE_CHECKING:
    from keras_siamese.evaluation.training_report import TrainingReport

KIND = "Recognizer"
SETTINGS = ("preprocessing", "threshold", "thresholds", "shots", "operating_point", "report")
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
    from keras_siamese.evaluation.training_report import TrainingReport

    loaded, settings, arrays = read_bundle(
        path, KIND, SETTINGS, (*ARRAYS, *NOVELTY_ARRAYS), later_arrays=NOVELTY_ARRAYS, load=load
    )
    try:
        network = as_network(loaded)
        preprocessing = Preprocessing.from_json(settings["preprocessing"])
        check_fitting(preprocessing, network.input_shape)
        threshold, point, report = (
            settings[name] for name in ("threshold", "operating_point", "report")
        )
        known = {name: arrays[name] for name in ARRAYS}
        support = SupportSet(**known) if len(known["classes"]) else None
        if support is not None and support.embeddings.shape[1] != network.num_features:
            raise ValueError(
                f"its embeddings have shape {support.embeddings.shape}, and the network gives "
                f"{network.num_features} features"
            )
        return SavedRecognizer(
            network,
            preprocessing,
            threshold=None if threshold is None else check_threshold("threshold", threshold),
            thresholds={
                float(rate): check_threshold("thresholds", value)
                for rate, value in settings["thresholds"]
            },
            shots=check_shots(settings["shots"]),
            operating_point=None if point is None else OperatingPoint.from_json(point),
            report=None if report is None else TrainingReport.from_json(report),
            support=support,
            novelty=Novelty.of_arrays(arrays, network.num_features),
        )
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"`path` must be a file whose parts fit each other. Received: {os.fspath(path)!r}, but "
            f"{sentence(error)} Save it again with this package; do not change it by hand."
        ) from error
