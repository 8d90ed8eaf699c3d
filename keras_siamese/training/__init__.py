"""Training: the paper's loop, its schedules, early stopping and checkpoints."""

from keras_siamese.training.batches import pair_batches
from keras_siamese.training.loop import TrainingConfig, TrainingResult, train
from keras_siamese.training.schedules import PaperSchedule, decayed_rate, ramped_momentum
from keras_siamese.training.validation import OneShotEarlyStopping, OneShotValidation

__all__ = [
    "OneShotEarlyStopping",
    "OneShotValidation",
    "PaperSchedule",
    "TrainingConfig",
    "TrainingResult",
    "decayed_rate",
    "pair_batches",
    "ramped_momentum",
    "train",
]
