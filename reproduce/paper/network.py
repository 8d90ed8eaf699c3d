"""The network of a run, compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import keras

from keras_siamese.models import (
    LayerwiseSGD,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
)
from reproduce.paper.config import RunConfig
from reproduce.paper.printed_sgd import PrintedSGD

ENCODERS: dict[str, Callable[..., keras.Model]] = {
    "koch": koch_encoder,
    "reduced": reduced_encoder,
    "dense": dense_encoder,
}


def build(
    config: RunConfig,
    precision: str = "float32",
    make_optimizer: type[LayerwiseSGD] = LayerwiseSGD,
) -> keras.Model:
    """Build and compile the siamese network of a run, with the paper's initial weights."""
    if config.encoder not in ENCODERS:
        raise ValueError(
            f"`encoder` must be one of {', '.join(ENCODERS)}. Received: {config.encoder!r}"
        )
    make_encoder = ENCODERS[config.encoder]
    unknown = set(config.encoder_options) - set(inspect.signature(make_encoder).parameters)
    if unknown:
        raise ValueError(
            f"`encoder_options` must be arguments of {make_encoder.__name__}. "
            f"Received: {sorted(unknown)}"
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
        raise ValueError("The printed rule (`l2_form`) has no optimizer but our own.")
    make = make_optimizer if config.l2_form == "coupled" else PrintedSGD
    optimizer = make(config.learning_rates, config.momenta, config.l2)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model
