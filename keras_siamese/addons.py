"""tensorflow-addons instead of our optimizer and our distortions, for those who have it.

Imported on request only, for it needs TensorFlow 2.15: see docs/stacks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from keras_siamese.optimizers.layerwise_sgd import LayerwiseSGD, check_names, layer_name

try:
    import tensorflow as tf
    import tensorflow_addons as tfa
except ImportError as error:
    raise ImportError(
        "keras_siamese.addons needs tensorflow-addons 0.23, which works with TensorFlow 2.15, "
        f"Keras 2.15 and Python up to 3.11. Received: Keras {keras.__version__} on the backend "
        f"{keras.backend.backend()!r} ({error}). "
        "There: pip install 'keras_siamese[addons]'. Elsewhere LayerwiseSGD and the package's own "
        "distortions do the same."
    ) from error

Rate = float | Callable[[], Any]


def multi_optimizer(
    variables: Sequence[tf.Variable],
    learning_rates: Mapping[str, Rate],
    momenta: Mapping[str, Rate],
) -> tfa.optimizers.MultiOptimizer:
    """Return tensorflow-addons' layer-wise optimizer, refusing a layer that no name matches.

    `MultiOptimizer` itself never trains a layer that was forgotten, and says nothing.

    Args:
        variables: Trainable variables of a model.
        learning_rates: eta of each layer, by its name, or a function that gives it.
        momenta: mu of each layer, given in the same way.

    Returns:
        A `MultiOptimizer` of one Keras SGD for each layer.

    Raises:
        ValueError: If the names of a mapping are not those of the variables' layers.
    """
    weights: dict[str, list[str]] = {}
    for variable in variables:
        weights.setdefault(layer_name(variable), []).append(variable.name)
    check_names("learning_rates", learning_rates, list(weights))
    check_names("momenta", momenta, list(weights))
    # The legacy SGD alone reads its momentum anew at every step, so that it can be scheduled.
    sgd = tf.keras.optimizers.legacy.SGD
    return tfa.optimizers.MultiOptimizer(
        optimizer_specs=[
            {"optimizer": sgd(learning_rates[layer], momenta[layer]), "weights": names}
            for layer, names in weights.items()
        ]
    )


@keras.saving.register_keras_serializable(package="keras_siamese")
class AddonsSGD(LayerwiseSGD):
    """`LayerwiseSGD` whose steps are taken by `tfa.optimizers.MultiOptimizer`.

    Its arguments, errors, variables and state are those of `LayerwiseSGD`, so that it takes part in
    the loop, in `model.fit` and in schedules; on one device. The L2 term joins the gradient, and
    the rest of the step is tensorflow-addons' and Keras's.
    """

    def _make_velocities(self, variables: Sequence[Any]) -> list[Any]:
        """Return the slots of the SGDs, which hold what `LayerwiseSGD` calls velocities."""

        def readers(constants: Any, factor: Callable[[], Any]) -> dict[str, Callable]:
            return {
                layer: lambda index=index: constants[index] * factor()
                for index, layer in enumerate(self.layer_names)
            }

        self.multi_optimizer = multi_optimizer(
            variables,
            readers(self.learning_rates, lambda: self.learning_rate),
            readers(self.momenta, lambda: 1.0),
        )
        owner = {
            name: spec["optimizer"]
            for spec in self.multi_optimizer.optimizer_specs
            for name in spec["weights"]
        }
        slots = [owner[variable.name].add_slot(variable, "momentum") for variable in variables]
        self._variables.extend(slots)
        return slots

    def _internal_apply_gradients(self, grads_and_vars: Any) -> Any:
        decayed = []
        for gradient, variable in grads_and_vars:
            index = self._get_variable_index(variable)
            if self._has_l2[index]:
                gradient += 2.0 * self.l2[self._layer_index[index]] * variable
            decayed.append((gradient, variable))
        self.multi_optimizer.apply_gradients(decayed)
        return self.iterations.assign_add(1)


def transform_images(images: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Distort images with `tfa.image.transform`.

    Args:
        images: `(n, height, width, channels)`, float32.
        rows: `(n, 8)`, float32: an output-to-input transform as in
            `keras_siamese.data.draw_transforms`, then the projective part (0, 0).

    Returns:
        Images of the same shape, bilinear, filled with paper (0).
    """
    return tfa.image.transform(
        images, rows, interpolation="bilinear", fill_mode="constant", fill_value=0.0
    )
