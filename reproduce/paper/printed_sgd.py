"""The update rule as the paper prints it, for the ablation that shows its misprint."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.compat import ops
from keras_siamese.models import LayerwiseSGD


@keras.saving.register_keras_serializable(package="keras_siamese_reproduce")
class PrintedSGD(LayerwiseSGD):
    """`LayerwiseSGD` with the last term as printed (Koch et al. 2015, sec. 3.2, Optimization).

    dw <- mu_j dw - eta_j g
    w <- w + dw + 2 lambda_j |w|

    The bars and the plus sign make every weight grow, by a share that the learning rate does not
    scale. Like `LayerwiseSGD` it leaves biases alone. For demonstration only.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one step to one weight; the arguments are those of `LayerwiseSGD`."""
        index = self._get_variable_index(variable)
        layer = self._layer_index[index]
        eta = ops.multiply(self.learning_rates[layer], learning_rate)
        velocity = self.velocities[index]
        step = ops.subtract(
            ops.multiply(self.momenta[layer], velocity), ops.multiply(eta, gradient)
        )
        self.assign(velocity, step)
        if self._has_l2[index]:
            step = ops.add(step, ops.multiply(2.0 * self.l2[layer], ops.abs(variable)))
        self.assign_add(variable, step)
