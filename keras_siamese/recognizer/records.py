"""What a recognizer answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

# The answer for an image of no known class.
UNKNOWN = "unknown"


class Match(NamedTuple):
    """How like one known class an image is.

    Attributes:
        name: The class.
        probability: That the image is of this class, given that it is of one of the known ones.
        similarity: That image and class are the same, whatever the other classes; the threshold
            acts on it.
    """

    name: Any
    probability: float
    similarity: float


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
    """

    same: bool
    probability: float
    threshold: float

    def __bool__(self) -> bool:
        """The decision."""
        return self.same
