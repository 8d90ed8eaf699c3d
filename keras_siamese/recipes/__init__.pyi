from .held_out import MOST_ENCODED
from .recipe import train_recognizer
from .starting_point import FINE_TUNING_RATE

__all__ = ["FINE_TUNING_RATE", "MOST_ENCODED", "train_recognizer"]
