from .batches import pair_batches
from .calibration import calibrate
from .camera import take_pictures
from .config import TrainingConfig
from .divergence import DivergedError
from .episode_config import EpisodeConfig
from .episode_result import EpisodeResult
from .episodes import train_episodes
from .pairs import TrainingResult, train
from .progress import TrainingProgress
from .schedules import PaperSchedule, decayed_rate, ramped_momentum
from .step import warp_images
from .validation import OneShotEarlyStopping, OneShotValidation
from .workers import is_chief

__all__ = [
    "DivergedError",
    "EpisodeConfig",
    "EpisodeResult",
    "OneShotEarlyStopping",
    "OneShotValidation",
    "PaperSchedule",
    "TrainingConfig",
    "TrainingProgress",
    "TrainingResult",
    "calibrate",
    "decayed_rate",
    "is_chief",
    "pair_batches",
    "ramped_momentum",
    "take_pictures",
    "train",
    "train_episodes",
    "warp_images",
]
