"""The network of a run, compiled; the update rule as the paper prints it, for an ablation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras

from keras_siamese.compat import ops
from keras_siamese.models import dense_encoder, koch_encoder, reduced_encoder, siamese_network
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.training import TrainingConfig
from reproduce.paper.config import RunConfig

ENCODERS: dict[str, Callable[..., keras.Model]] = {
    "koch": koch_encoder,
    "reduced": reduced_encoder,
    "dense": dense_encoder,
}


def build_network(
    config: RunConfig,
    precision: str = "float32",
    make_optimizer: type[LayerwiseSGD] = LayerwiseSGD,
) -> keras.Model:
    """Build and compile the siamese network of a run, with the paper's initial weights."""
    if config.encoder not in ENCODERS:
        raise ValueError(
            f"`encoder` must be one of {[*ENCODERS]}. Received: {config.encoder!r}. Choose one."
        )
    make_encoder = ENCODERS[config.encoder]
    unknown = set(config.encoder_options) - set(inspect.signature(make_encoder).parameters)
    if unknown:
        raise ValueError(
            f"`encoder_options` must be arguments of {make_encoder.__name__}. Received: "
            f"{sorted(unknown)}. Choose among its arguments."
        )
    encoder = make_encoder(
        (config.size, config.size, 1),
        seed=config.seed,
        initializer=config.initializer,
        dtype=precision,
        **config.encoder_options,
    )
    model = siamese_network(
        encoder, use_bias=config.use_bias, seed=config.seed, initializer=config.initializer
    )
    if config.l2_form == "printed" and make_optimizer is not LayerwiseSGD:
        raise ValueError("`l2_form` must be 'coupled' with addons. Received: 'printed'. Drop it.")
    make = make_optimizer if config.l2_form == "coupled" else PrintedSGD
    optimizer = make(config.learning_rates, config.momenta, config.l2)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


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


def training_config(config: RunConfig) -> TrainingConfig:
    """Return how the loop trains a run."""
    return TrainingConfig(
        batch_size=config.batch_size,
        epochs=config.epochs,
        patience=config.patience,
        epoch_pairs=config.epoch_pairs,
        decay=config.decay,
        ramp_epochs=config.ramp_epochs,
        seed=config.seed,
        jit_compile=config.jit_compile,
    )
