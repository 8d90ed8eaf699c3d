"""A loss that is no longer finite ends a run."""

from __future__ import annotations

from typing import Any

import numpy as np

# Steps between two looks at the loss: each look waits for the device.
LOOK_EVERY = 100


class DivergedError(ValueError):
    """The loss is no longer finite."""


def check_loss(loss: Any, epoch: int, *, remedy: str) -> None:
    """Refuse to continue with a loss that is not finite.

    Args:
        loss: Scalar.
        epoch: Epochs done, from 0.
        remedy: What the message advises.

    Raises:
        DivergedError: If the loss is infinite or NaN.
    """
    if not np.isfinite(float(loss)):
        raise DivergedError(
            f"The loss must be finite. Received: {float(loss)} in epoch {epoch + 1}. Training "
            f"stopped; a saved state is the one of the epoch before. {remedy}"
        )
