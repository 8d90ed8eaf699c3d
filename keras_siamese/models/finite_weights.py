"""Weights that hold NaN or infinity: a network that answers with nonsense, however sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def check_finite_weights(model: keras.Model) -> None:
    """Refuse a network whose weights are not all finite.

    An activation such as ReLU can turn NaN into 0, so the answers do not always show it.

    Args:
        model: Any model.

    Raises:
        ValueError: If a weight holds NaN or infinity; names it.
    """
    for variable, weight in zip(model.weights, model.get_weights(), strict=True):
        values = np.asarray(weight)
        # Weights in bfloat16 have no kind of NumPy's own; seeds are whole numbers.
        if values.dtype.kind in "biu":
            continue
        wrong = np.count_nonzero(~np.isfinite(values.astype(np.float32)))
        if wrong:
            from keras_siamese.compat import variable_path

            raise ValueError(
                f"The weights of a network must be finite. Received: NaN or inf in {wrong} of the "
                f"{values.size} numbers of {variable_path(variable)!r}. Its training diverged, or "
                "its file is damaged: train it again, or take an earlier file."
            )
