"""Training: the paper's loop, its schedules, early stopping and checkpoints."""

from keras_siamese.training.batches import pair_batches
from keras_siamese.training.config import TrainingConfig
from keras_siamese.training.loop import DivergedError, TrainingResult, train
from keras_siamese.training.progress import TrainingProgress
from keras_siamese.training.schedules import PaperSchedule, decayed_rate, ramped_momentum
from keras_siamese.training.step import warp_images
from keras_siamese.training.validation import OneShotEarlyStopping, OneShotValidation
from keras_siamese.training.workers import is_chief

__all__ = [
    "DivergedError",
    "OneShotEarlyStopping",
    "OneShotValidation",
    "PaperSchedule",
    "TrainingConfig",
    "TrainingProgress",
    "TrainingResult",
    "decayed_rate",
    "is_chief",
    "pair_batches",
    "ramped_momentum",
    "train",
    "warp_images",
]
