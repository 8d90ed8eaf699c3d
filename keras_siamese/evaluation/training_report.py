"""What came of a training: what was held out, and how well the network does on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from keras_siamese.evaluation.one_shot import OneShotResult
from keras_siamese.evaluation.operating_point import OperatingPoint, too_few_pairs


@dataclass(frozen=True)
class TrainingReport:
    """What a network was trained on, and how well it does on the classes that it was not shown.

    Attributes:
        data: Name of the data set.
        held_out: Names of the classes that were held out, sorted.
        n_way: Classes of a one-shot trial; None where no class was held out.
        one_shot: Accuracy of one-shot trials of the held-out classes; None likewise.
        operating_point: How the threshold decides held-out pairs; None likewise.
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
        """The scores in two lines, and a third where the held-out pairs are too few."""
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
        """Returns the values as JSON types."""
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
        try:
            values = dict(mapping)
            one_shot, point = values.pop("one_shot"), values.pop("operating_point")
            values["held_out"] = tuple(map(str, values["held_out"]))
            values["unreadable"] = tuple(map(str, values["unreadable"]))
            if one_shot is not None:
                groups = {name: tuple(counts) for name, counts in one_shot["per_group"].items()}
                interval = tuple(one_shot["interval"])
                one_shot = OneShotResult(**{**one_shot, "interval": interval, "per_group": groups})
            if point is not None:
                interval = tuple(point["false_accept_interval"])
                point = OperatingPoint(**{**point, "false_accept_interval": interval})
            return cls(**values, one_shot=one_shot, operating_point=point)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"a training report must be as it was saved, but: {error}") from error
