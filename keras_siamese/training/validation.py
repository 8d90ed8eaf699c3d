"""One-shot validation and the paper's early stopping, as Keras callbacks."""

from __future__ import annotations

import keras
import numpy as np

from keras_siamese.compat import EarlyStopping
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.deprecated import with_old_arguments, with_old_attributes
from keras_siamese.evaluation import evaluate_one_shot
from keras_siamese.training.workers import all_values, is_chief

MONITOR = "val_one_shot_error"


@with_old_attributes
class OneShotValidation(keras.callbacks.Callback):
    """Score one-shot trials after every epoch and log error and accuracy, as fractions.

    The logs are `val_one_shot_error` and `val_one_shot_accuracy`. Of several workers the chief
    scores, and all log its figure: early stopping decides the same in all of them.

    Source: Koch et al. 2015, sec. 3.2, Learning schedule (320 trials from the validation set).
    Put it before `OneShotEarlyStopping` in the list of callbacks.

    Args:
        episodes: The validation episodes.
        batch_size: Images per encoder call.
        network: Siamese network to score; None for the model that is trained.
    """

    @with_old_arguments
    def __init__(
        self,
        episodes: OneShotEpisodes,
        *,
        batch_size: int = 256,
        network: keras.Model | None = None,
    ) -> None:
        """Store the episodes."""
        super().__init__()
        self.episodes = episodes
        self.batch_size = batch_size
        self.network = network

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Add the error to the epoch's logs."""
        strategy, accuracy = getattr(self.model, "distribute_strategy", None), 0.0
        if is_chief(strategy):
            network = self.network or self.model
            result = evaluate_one_shot(network, self.episodes, batch_size=self.batch_size)
            accuracy = result.accuracy
        # Every worker takes the chief's score, so that all of them stop in the same epoch.
        accuracy = float(all_values(strategy, accuracy)[0])
        if logs is not None:
            logs[MONITOR] = 1.0 - accuracy
            logs["val_one_shot_accuracy"] = accuracy


class OneShotEarlyStopping(EarlyStopping):
    """Keras's `EarlyStopping` on the one-shot error, whose state can be saved and restored.

    Source: Koch et al. 2015, sec. 3.2, Learning schedule: training stops when the validation error
    has not decreased for 20 epochs, and the best epoch's weights are kept.

    Args:
        patience: Epochs without a decrease before training stops.
    """

    def __init__(self, patience: int = 20) -> None:
        """Monitor the error and keep the best weights."""
        super().__init__(monitor=MONITOR, mode="min", patience=patience, restore_best_weights=True)

    def state(self) -> dict[str, float]:
        """Return the numbers needed to continue; the best weights are in `best_weights`."""
        return {"wait": self.wait, "best": float(self.best), "best_epoch": self.best_epoch}

    def restore(self, state: dict[str, float], best_weights: list[np.ndarray] | None) -> None:
        """Continue from a saved state (call it after `on_train_begin`, which resets)."""
        # Keras 3.3 resets `best` when it picks the comparison, at the first score.
        if self.monitor_op is None:
            self._set_monitor_op()
        self.wait = int(state["wait"])
        self.best = float(state["best"])
        self.best_epoch = int(state["best_epoch"])
        self.best_weights = best_weights
