"""What a recognizer answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

# The answer for an image of no known class.
UNKNOWN = "unknown"


class Match(NamedTuple):
    """How similar an image is to one known class.

    Attributes:
        name: The class.
        probability: That the image is of this class, given that it is of one of the known ones.
        similarity: That image and class are the same, whatever the other classes; the threshold
            acts on it.
    """

    name: Any
    probability: float
    similarity: float


class Ranking(list[Match]):
    """The known classes by how likely an image is of each, the best first: a list of `Match`.

    Attributes:
        novelty: Share in [0, 1] of images like the network's training images that are less unusual
            than the image; None where the network's file does not say what those are like.
        warnings: Reasons to doubt the answer, a sentence each: what the reading noted
            of the image, and that it is unlike the network's training images.
    """

    def __init__(
        self,
        matches: Iterable[Match],
        novelty: float | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        """Store the arguments; see the class."""
        super().__init__(matches)
        self.novelty = novelty
        self.warnings = warnings


class Neighbour(NamedTuple):
    """A known image that is like another.

    Attributes:
        name: Its class.
        similarity: Probability that both show the same class.
        source: Its file; "" where it was given as an array or PIL image.
    """

    name: Any
    similarity: float
    source: str


@dataclass(frozen=True)
class Verification:
    """Whether two images show the same class; true in an `if` where they do.

    Attributes:
        same: The decision.
        probability: That both show the same class.
        threshold: Probability from which on they are called the same.
        novelty: As for `Ranking`, of the more unusual of both images.
        warnings: As for `Ranking`, of both images.
    """

    same: bool
    probability: float
    threshold: float
    novelty: float | None = None
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return the decision."""
        return self.same
