from .facade import Recognizer
from .files import FORMATS
from .records import UNKNOWN, Match, Neighbour, Verification

__all__ = [
    "FORMATS",
    "UNKNOWN",
    "Match",
    "Neighbour",
    "Recognizer",
    "Verification",
]
