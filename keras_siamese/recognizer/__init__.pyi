from .facade import Recognizer
from .records import UNKNOWN, Match, Neighbour, Ranking, Verification

__all__ = [
    "UNKNOWN",
    "Match",
    "Neighbour",
    "Ranking",
    "Recognizer",
    "Verification",
]
