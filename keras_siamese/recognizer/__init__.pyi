from .facade import Recognizer
from .files import FORMATS
from .records import UNKNOWN, Match, Neighbour, Ranking, Verification

__all__ = [
    "FORMATS",
    "UNKNOWN",
    "Match",
    "Neighbour",
    "Ranking",
    "Recognizer",
    "Verification",
]
