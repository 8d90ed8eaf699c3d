"""What of a recognizer changes while it is used, in one value that never changes itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keras_siamese.evaluation.class_scores import check_shots
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import OperatingPoint, check_threshold
from keras_siamese.evaluation.support_set import SupportSet


@dataclass(frozen=True, eq=False)
class State:
    """Threshold, known classes, and what else decides an answer; `Recognizer` describes them.

    A recognizer holds one such value. A change makes another and replaces it in one step,
    and each answer reads it once. So an answer in one thread is of the recognizer before a change
    in another thread, or after it, never of a mixture.

    Attributes:
        threshold: Probability from which on two images are called the same, or None.
        thresholds: Thresholds by false-accept rate.
        operating_point: What `choose_threshold` found, or None.
        shots: "mean" or "best".
        support: The known classes, or None.
        novelty: What tells images unlike the training images, or None.

    Raises:
        ValueError: If a threshold or `shots` is out of range.
    """

    threshold: float | None = None
    thresholds: Mapping[float, float] = field(default_factory=dict)
    operating_point: OperatingPoint | None = None
    shots: str = "mean"
    support: SupportSet | None = None
    novelty: Novelty | None = None

    def __post_init__(self) -> None:
        """Check what a caller sets, and bring it to plain types."""
        limits = {
            float(rate): check_threshold("thresholds", limit)
            for rate, limit in self.thresholds.items()
        }
        object.__setattr__(self, "thresholds", limits)
        if self.threshold is not None:
            limit = check_threshold("threshold", self.threshold)
            object.__setattr__(self, "threshold", limit)
        object.__setattr__(self, "shots", check_shots(self.shots))
