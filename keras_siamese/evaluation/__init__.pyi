from .baselines import hausdorff_scores, nearest_neighbour_scores
from .embeddings import embed
from .episode_scores import OneShotResult, evaluate_one_shot, one_shot_scores, score_episodes
from .intervals import wilson_interval
from .operating_point import OperatingPoint, find_operating_point, operating_point_at
from .pair_scores import PairScores, evaluate_pairs, score_pairs
from .protocol_scores import OneShotScore, VerificationScore, score_protocol
from .retrieval import (
    map_at_r,
    mean_average_precision,
    mean_reciprocal_rank,
    precision_at_k,
    r_precision,
    recall_at_k,
)
from .retrieval_scores import RetrievalResult, RetrievalScore, evaluate_retrieval
from .score_files import score_file
from .thresholds import (
    RocCurve,
    area_under_curve,
    best_threshold,
    equal_error_rate,
    roc_curve,
    verification_accuracy,
)
from .verification import VerificationResult, evaluate_verification, pair_probabilities

__all__ = [
    "OneShotResult",
    "OneShotScore",
    "OperatingPoint",
    "PairScores",
    "RetrievalResult",
    "RetrievalScore",
    "RocCurve",
    "VerificationResult",
    "VerificationScore",
    "area_under_curve",
    "best_threshold",
    "embed",
    "equal_error_rate",
    "evaluate_one_shot",
    "evaluate_pairs",
    "evaluate_retrieval",
    "evaluate_verification",
    "find_operating_point",
    "hausdorff_scores",
    "map_at_r",
    "mean_average_precision",
    "mean_reciprocal_rank",
    "nearest_neighbour_scores",
    "one_shot_scores",
    "operating_point_at",
    "pair_probabilities",
    "precision_at_k",
    "r_precision",
    "recall_at_k",
    "roc_curve",
    "score_episodes",
    "score_file",
    "score_pairs",
    "score_protocol",
    "verification_accuracy",
    "wilson_interval",
]
