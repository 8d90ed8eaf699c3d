from .batches import pair_batches
from .calibration import calibrate
from .callbacks import (
    OneShotEarlyStopping,
    OneShotValidation,
    PaperSchedule,
    TrainingProgress,
    decayed_rate,
    ramped_momentum,
)
from .camera_distortions import take_pictures
from .class_batches import ClassBatches
from .episode_config import EpisodeConfig
from .episode_training import EpisodeResult, train_episodes
from .loop import DivergedError
from .pair_training import TrainingResult, train
from .step import warp_images
from .training_config import TrainingConfig
from .workers import is_chief

__all__ = [
    "ClassBatches",
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
