"""Exponential moving average of a model's weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from keras_siamese.compat import ops, to_numpy


class WeightAverage:
    """Averages over the last steps of all of a model's weights, batch statistics included.

    The `use_ema` of Keras's optimizers leaves the batch statistics out, which would then be those
    of other weights. Here both are averaged. As the average begins with the initial weights,
    its momentum grows from 0.1 to the one asked for: `min(momentum, (1 + step) / (10 + step))`.

    Args:
        model: The model.
        momentum: Share of the old average in the new one, in (0, 1).
    """

    def __init__(self, model: keras.Model, momentum: float) -> None:
        """Begin with the weights as they are."""
        self.model = model
        self.momentum = momentum
        self.values = [
            keras.Variable(to_numpy(weight), dtype=weight.dtype, trainable=False)
            for weight in model.weights
        ]

    def update(self, step: Any) -> None:
        """Take the weights into the average, as a part of the compiled step.

        Args:
            step: Scalar, steps done before this one.
        """
        step = ops.cast(step, "float32")
        momentum = ops.minimum(self.momentum, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.values, self.model.weights, strict=True):
            if "float" in weight.dtype:
                share = ops.cast(momentum, weight.dtype)
                average.assign(weight + share * (average - weight))
            else:
                # A count, such as that of `Normalization`, has no average.
                average.assign(weight)

    def assign(self) -> None:
        """Give the model the averages."""
        self.model.set_weights([to_numpy(average) for average in self.values])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the model the averages for a while, then its own weights back."""
        own = self.model.get_weights()
        self.assign()
        try:
            yield
        finally:
            self.model.set_weights(own)
