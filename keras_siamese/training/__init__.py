"""Training: the paper's loop, its schedules, early stopping and checkpoints."""

from keras_siamese.training.batches import pair_batches
from keras_siamese.training.config import TrainingConfig
from keras_siamese.training.loop import TrainingResult, train
from keras_siamese.training.progress import TrainingProgress
from keras_siamese.training.schedules import PaperSchedule, decayed_rate, ramped_momentum
from keras_siamese.training.validation import OneShotEarlyStopping, OneShotValidation

__all__ = [
    "OneShotEarlyStopping",
    "OneShotValidation",
    "PaperSchedule",
    "TrainingConfig",
    "TrainingProgress",
    "TrainingResult",
    "decayed_rate",
    "pair_batches",
    "ramped_momentum",
    "train",
]
