"""The paper's schedules: functions of the epoch, and the callback that applies them."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from keras_siamese.argument_checks import check_number, check_whole


def decayed_rate(epoch: int, *, decay: float = 0.01) -> float:
    """Return the factor on every learning rate (Koch et al. 2015, sec. 3.2, Learning schedule).

    Args:
        epoch: Epochs done, from 0.
        decay: Fraction by which the rates shrink each epoch.

    Returns:
        `(1 - decay) ** epoch`.
    """
    return (1.0 - decay) ** epoch


def ramped_momentum(
    epoch: int, final: Sequence[float], *, initial: float = 0.5, ramp_epochs: int = 20
) -> np.ndarray:
    """Return the momenta of an epoch (Koch et al. 2015, sec. 3.2, Learning schedule).

    Every layer starts at `initial` and moves linearly, epoch by epoch, to its own final value.
    Open in the paper: the length of the ramp.

    Args:
        epoch: Epochs done, from 0.
        final: `(num_layers,)`, final momentum of each layer, in [0, 1].
        initial: Momentum of the first epoch in every layer.
        ramp_epochs: Epochs until the final value is reached; 0 starts there.

    Returns:
        `(num_layers,)`, float32.
    """
    progress = 1.0 if ramp_epochs == 0 else min(epoch / ramp_epochs, 1.0)
    return (initial + progress * (np.asarray(final) - initial)).astype(np.float32)


class PaperSchedule(keras.callbacks.Callback):
    """Set the rates and momenta of a `LayerwiseSGD` at the start of every epoch.

    Works in `keras_siamese.training.train` and in `model.fit`. The final momenta are the
    ones that the optimizer was made with. The optimizer's base learning rate, a factor on the rate
    of every layer, becomes the schedule's: `(1 - decay) ** epoch`.

    Args:
        decay: Fraction by which every learning rate shrinks each epoch.
        initial_momentum: Momentum of every layer in the first epoch, in [0, 1].
        ramp_epochs: Epochs until the final momenta are reached.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self, *, decay: float = 0.01, initial_momentum: float = 0.5, ramp_epochs: int = 20
    ) -> None:
        """Check and store the schedule."""
        super().__init__()
        check_schedule(decay, initial_momentum, ramp_epochs)
        self.decay = decay
        self.initial_momentum = initial_momentum
        self.ramp_epochs = ramp_epochs

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Assign the epoch's rates and momenta to the optimizer's variables."""
        optimizer = self.model.optimizer
        # The first epoch begins before the first step, which would make the momenta's variable.
        optimizer.build(self.model.trainable_variables)
        optimizer.learning_rate.assign(decayed_rate(epoch, decay=self.decay))
        optimizer.momenta.assign(
            ramped_momentum(
                epoch,
                optimizer.final_momenta,
                initial=self.initial_momentum,
                ramp_epochs=self.ramp_epochs,
            )
        )


def check_schedule(decay: float, initial_momentum: float, ramp_epochs: int) -> None:
    """Check the numbers of the paper's schedule.

    Args:
        decay: As for `PaperSchedule`.
        initial_momentum: As for `PaperSchedule`.
        ramp_epochs: As for `PaperSchedule`.

    Raises:
        ValueError: If one is of another type, or out of range.
    """
    check_number("decay", decay, least=0, below=1)
    check_number("initial_momentum", initial_momentum, least=0, most=1)
    check_whole("ramp_epochs", ramp_epochs)
