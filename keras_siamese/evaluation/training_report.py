"""What came of a training: what was held out, and how well the network does on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from keras_siamese.argument_checks import (
    Check,
    check_fields,
    check_list,
    check_text,
    check_whole,
    optional,
)
from keras_siamese.deprecated import current_values
from keras_siamese.evaluation.episode_scores import OneShotResult
from keras_siamese.evaluation.operating_point import (
    OperatingPoint,
    check_fraction,
    check_interval,
    too_few_pairs,
)


@dataclass(frozen=True)
class TrainingReport:
    """What a network was trained on, and how well it does on the classes that it was not shown.

    Attributes:
        data: Name of the data set.
        held_out: Names of the classes that were held out, sorted.
        n_way: Classes of a one-shot trial; None where no class was held out.
        one_shot: Accuracy of one-shot trials of the held-out classes; None for the same reason.
        operating_point: How the threshold decides held-out pairs; None for the same reason.
        false_accept_rate: Fraction in [0, 1] of different pairs that the threshold was chosen for;
            None where no class was held out, and in files of earlier versions.
        uncalibrated: Why the probabilities could not be made to fit held-out pairs; None where they
            were, or nothing was held out.
        unreadable: Errors of the files that were left out, each with the file's name.
    """

    data: str
    held_out: tuple[str, ...] = ()
    n_way: int | None = None
    one_shot: OneShotResult | None = None
    operating_point: OperatingPoint | None = None
    uncalibrated: str | None = None
    unreadable: tuple[str, ...] = ()
    false_accept_rate: float | None = None

    @property
    def too_few_pairs(self) -> str | None:
        """Why the held-out pairs do not show the false-accept rate; None where they do."""
        if self.operating_point is None or self.false_accept_rate is None:
            return None
        return too_few_pairs(self.operating_point, self.false_accept_rate)

    def __str__(self) -> str:
        """Write the scores in two lines, and a third where the held-out pairs are too few."""
        if self.one_shot is None or self.operating_point is None:
            return f"trained on {self.data}; no classes were held out to score it on"
        one_shot, point = self.one_shot, self.operating_point
        low, high = one_shot.interval
        least, most = point.false_accept_interval
        few = self.too_few_pairs
        return (
            f"one-shot accuracy on {len(self.held_out)} classes held out, {self.n_way}-way: "
            f"{one_shot.accuracy:.1%} ({low:.1%} to {high:.1%}, {one_shot.n} trials)\n"
            f"threshold {point.threshold:.4f}: {point.false_accept_rate:.1%} ({least:.1%} to "
            f"{most:.1%}) of different pairs accepted, {point.false_reject_rate:.1%} of same pairs "
            "refused" + (f"\n{few}" if few else "")
        )

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON types."""
        point = self.operating_point
        return asdict(self) | {"operating_point": None if point is None else point._asdict()}

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> TrainingReport:
        """Return what `to_json` wrote.

        Args:
            mapping: All values by name, JSON types.

        Returns:
            The same report.

        Raises:
            ValueError: If it is no such mapping.
        """
        # Files of earlier versions lack some.
        later = dict.fromkeys(("n_way", "uncalibrated", "false_accept_rate"))
        values = {**later, **mapping} if isinstance(mapping, Mapping) else mapping
        return cls(**check_fields("report", current_values(values), _CHECKS))


def _texts(argument: str, value: Any) -> tuple[str, ...]:
    return tuple(check_list(argument, value, check_text))


def _groups(argument: str, value: Any) -> dict[str, tuple[int, int]]:
    if not isinstance(value, Mapping):
        raise ValueError(
            f"`{argument}` must be counts by name. Received: {argument}={value!r}. Give such a "
            "mapping."
        )
    counts = {
        name: check_list(argument, pair, check_whole, length=2) for name, pair in value.items()
    }
    return {name: (correct, count) for name, (correct, count) in counts.items()}


def _one_shot(argument: str, value: Any) -> OneShotResult:
    checks: dict[str, Check] = {
        "accuracy": check_fraction,
        "interval": check_interval,
        "n": check_whole,
        "correct": check_whole,
        "per_group": _groups,
        "protocol": check_text,
    }
    return OneShotResult(**check_fields(f"report's `{argument}`", value, checks))


_CHECKS: dict[str, Check] = {
    "data": check_text,
    "held_out": _texts,
    "n_way": optional(check_whole),
    "one_shot": optional(_one_shot),
    "operating_point": optional(lambda argument, value: OperatingPoint.from_json(value)),
    "uncalibrated": optional(check_text),
    "unreadable": _texts,
    "false_accept_rate": optional(check_fraction),
}
