"""Claim 1: the weights are tied by construction, one encoder called twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from examples.tied.material import Material, mixed_batch, small_encoder
from examples.tied.twin_models import copied_twins, tied_twins
from keras_siamese import koch_encoder, siamese_network, twin_encoder


def tied_by_construction(material: Material) -> dict[str, Any]:
    """Count the weights, show that both calls use the same ones, and that order does not matter."""
    model = siamese_network(small_encoder(), initializer="he")
    encoder = twin_encoder(model)
    left, right, _ = mixed_batch(material)
    before = [np.asarray(encoder(images)) for images in (left, right)]
    forward, backward = (
        np.asarray(model([one, two])) for one, two in ((left, right), (right, left))
    )
    weight = encoder.trainable_weights[0]
    weight.assign_add(np.full(weight.shape, 0.1, np.float32))
    after = [np.asarray(encoder(images)) for images in (left, right)]
    return {
        "calls_of_the_encoder": calls_of(model, encoder.name),
        "encoder_weights": encoder.count_params(),
        "encoder_variables": len(encoder.trainable_weights),
        "variables": len(model.trainable_weights),
        "weights": model.count_params(),
        "copied_variables": len(copied_twins(small_encoder()).weights),
        "copied_weights": copied_twins(small_encoder()).num_weights,
        "tied_weights": tied_twins(small_encoder()).num_weights,
        # One weight changed, both twins answer differently.
        "left_moved": float(np.abs(after[0] - before[0]).max()),
        "right_moved": float(np.abs(after[1] - before[1]).max()),
        "largest_asymmetry": float(np.abs(forward - backward).max()),
    }


def calls_of(model: Any, name: str) -> int:
    """Return how often a layer is called in a functional model."""
    (layer,) = [layer for layer in model.get_config()["layers"] if layer["name"] == name]
    return len(layer["inbound_nodes"])


def koch_counts() -> dict[str, int]:
    """Count the weights of the paper's network (Koch et al. 2015, Fig. 4), tied and copied."""
    encoder = koch_encoder()
    model = siamese_network(encoder)
    return {
        "encoder": encoder.count_params(),
        "head": model.count_params() - encoder.count_params(),
        "tied": model.count_params(),
        "copied": model.count_params() + encoder.count_params(),
    }
