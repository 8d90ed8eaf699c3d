"""Training: the paper's loop, its schedules, early stopping and checkpoints; episodes."""

from keras_siamese.training.batches import pair_batches
from keras_siamese.training.calibration import calibrate
from keras_siamese.training.config import TrainingConfig
from keras_siamese.training.divergence import DivergedError
from keras_siamese.training.episode_config import EpisodeConfig
from keras_siamese.training.episode_result import EpisodeResult
from keras_siamese.training.episodes import train_episodes
from keras_siamese.training.loop import TrainingResult, train
from keras_siamese.training.progress import TrainingProgress
from keras_siamese.training.schedules import PaperSchedule, decayed_rate, ramped_momentum
from keras_siamese.training.step import warp_images
from keras_siamese.training.validation import OneShotEarlyStopping, OneShotValidation
from keras_siamese.training.workers import is_chief

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
    "train",
    "train_episodes",
    "warp_images",
]
