"""What differs between Keras 3 and Keras 2.15, the last that tensorflow-addons works with.

The package is written for Keras 3. On Keras 2.15 (TensorFlow 2.15) the names below stand for what
Keras 3 has and Keras 2 lacks. Elsewhere, only what is left out on Keras 2 asks for the version, as
the faster layers are. What runs where: docs/stacks.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partialmethod
from typing import Any

import keras
import numpy as np

KERAS_2 = keras.__version__.startswith("2.")


def loads_safely(version: str) -> bool:
    """Say whether a version of Keras is not known to run code of a model's file in its safe mode.

    Args:
        version: Of Keras, such as "3.15.1".

    Returns:
        Whether setup.py allows it on the main line.
    """
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    return numbers >= (3, 15, 1) or (3, 12, 4) <= numbers < (3, 13)


if not KERAS_2:
    from keras import ops
    from keras.callbacks import EarlyStopping
    from keras.optimizers import Optimizer
else:
    import tensorflow as tf

    class _Operations:
        """The few operations that the package uses; most have the same names in TensorFlow."""

        take = staticmethod(tf.gather)
        sum = staticmethod(tf.reduce_sum)
        mean = staticmethod(tf.reduce_mean)
        max = staticmethod(tf.reduce_max)

        def __getattr__(self, name: str) -> Any:
            return getattr(tf, name)

        @staticmethod
        def flip(x: Any, axis: int) -> Any:
            return tf.reverse(x, [axis])

        @staticmethod
        def binary_crossentropy(target: Any, output: Any, from_logits: bool) -> Any:
            return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=output)

    ops = _Operations()

    def _build_under_own_name(layer: Any, config: Any, build: Any) -> None:
        with ops.name_scope(layer.name):
            build(layer, config)

    # Keras 2 calls a weight of a layer in a loaded file `kernel`, and `conv1/kernel` elsewhere.
    keras.layers.Layer.build_from_config = partialmethod(
        _build_under_own_name, build=keras.layers.Layer.build_from_config
    )

    class Optimizer(keras.optimizers.Optimizer):  # type: ignore[no-redef]
        """Keras 2's optimizer with the interface that Keras 3 gives to a subclass."""

        def __init__(self, learning_rate: float, name: str, **kwargs: Any) -> None:
            """Create the learning rate, which Keras 2 leaves to the subclass."""
            super().__init__(name=name, **kwargs)
            self._learning_rate = self._build_learning_rate(learning_rate)

        @property
        def built(self) -> bool:
            """Whether `build` was called."""
            return getattr(self, "_built", False)

        def build(self, variables: Sequence[Any]) -> None:
            """Count the variables, and give each its place."""
            super().build(variables)
            self._built = True

        def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
            """Take one step."""
            self.apply_gradients(zip(gradients, variables, strict=True))

        def _update_step(self, gradient: Any, variable: Any) -> None:
            self.update_step(gradient, variable, self.learning_rate)

        def _get_variable_index(self, variable: Any) -> int:
            return self._index_dict[self._var_key(variable)]

        def add_variable_from_reference(self, reference: Any, name: str, **options: Any) -> Any:
            """Create a variable of zeros like another."""
            return super().add_variable_from_reference(reference, name, **options)

        def assign(self, variable: Any, value: Any) -> None:
            """Set a variable."""
            variable.assign(value)

        def assign_add(self, variable: Any, value: Any) -> None:
            """Add to a variable."""
            variable.assign_add(value)

        def get_config(self) -> dict[str, Any]:
            """Return the configuration with the learning rate, which Keras 2 leaves out."""
            rate = self._serialize_hyperparameter(self._learning_rate)
            return {**super().get_config(), "learning_rate": rate}

    class EarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[no-redef]
        """Keras 2's early stopping, which keeps the best weights at the last epoch, too."""

        def on_train_end(self, logs: dict | None = None) -> None:
            """Restore the best weights, as Keras 3 does whether or not it stopped early."""
            super().on_train_end(logs)
            if self.restore_best_weights and self.best_weights is not None:
                self.model.set_weights(self.best_weights)


def require_keras_3(name: str) -> None:
    """Refuse what the older stack lacks.

    Args:
        name: What was called.

    Raises:
        ValueError: On Keras 2.
    """
    if KERAS_2:
        raise ValueError(
            f"{name} needs Keras 3. Received: Keras {keras.__version__}. Install TensorFlow 2.16 "
            "or later; docs/stacks.md says what runs where."
        )


def variable_path(variable: Any) -> str:
    """Return the path of a variable, which ends in its layer's name and its own.

    Args:
        variable: A variable of Keras 3, of Keras 2 or of TensorFlow.

    Returns:
        For example "encoder/conv1/kernel".
    """
    return getattr(variable, "path", None) or variable.name.split(":")[0]


def to_numpy(values: Any) -> np.ndarray:
    """Return a tensor or variable of any backend as an array.

    Args:
        values: The tensor, on any device, or an array.

    Returns:
        An array of the same shape and type.
    """
    return np.asarray(values) if KERAS_2 else keras.ops.convert_to_numpy(values)


def dtype_name(dtype: Any) -> str:
    """Return the name of a type of numbers.

    Args:
        dtype: That of an array of NumPy or of a tensor of any backend, or a name.

    Returns:
        For example "uint8".
    """
    if KERAS_2:
        return ops.as_dtype(dtype).name
    return keras.backend.standardize_dtype(dtype)


__all__ = [
    "KERAS_2",
    "EarlyStopping",
    "Optimizer",
    "dtype_name",
    "ops",
    "require_keras_3",
    "to_numpy",
    "variable_path",
]
