from .error_rates import EqualErrorRate, TrueAcceptRate
from .neighbours import (
    MeanAveragePrecision,
    MeanAveragePrecisionAtR,
    MeanReciprocalRank,
    PrecisionAtK,
    RecallAtK,
    RPrecision,
)

__all__ = [
    "EqualErrorRate",
    "MeanAveragePrecision",
    "MeanAveragePrecisionAtR",
    "MeanReciprocalRank",
    "PrecisionAtK",
    "RPrecision",
    "RecallAtK",
    "TrueAcceptRate",
]
