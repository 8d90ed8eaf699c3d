"""What the search may choose, in the paper's ranges (Koch et al. 2015, sec. 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna

LEARNING_RATE = (1e-4, 1e-1)
MOMENTUM = (0.0, 1.0)
# Deviation: the paper's range [0, 0.1] begins at 0, which a logarithmic scale cannot reach; a
# weight of 1e-6 changes nothing that can be measured.
L2 = (1e-6, 1e-1)
KERNEL_SIZE = (3, 20)
FILTERS = (16, 256)
UNITS = (128, 4096)
MULTIPLE = 16
# One rate, momentum and L2 weight for all layers: what a person would try first.
STARTS = ((0.05, 0.9, 5e-4), (0.1, 0.7, 5e-4), (0.03, 0.9, 1e-4), (0.1, 0.5, 2e-3))


def suggest(
    trial: optuna.Trial, *, layers: Sequence[str], size: int, architecture: bool
) -> dict[str, Any]:
    """Draw the settings of a trial.

    Args:
        trial: The trial that asks.
        layers: Names of the layers that have separate rates.
        size: Side of the images in pixels.
        architecture: Also draw filters and units, and kernel sizes if the smallest ones fit.
            Deviation: on images of 35 pixels the paper's kernels, made for 105, do not, and the
            configuration's stay.

    Returns:
        Settings of `RunConfig`: `learning_rates`, `momenta`, `l2` per layer, and
        `encoder_options` where the architecture is drawn.

    Raises:
        optuna.TrialPruned: If the drawn kernels use the image up.
    """
    settings: dict[str, Any] = {
        "learning_rates": {
            layer: trial.suggest_float(f"eta {layer}", *LEARNING_RATE, log=True) for layer in layers
        },
        "momenta": {layer: trial.suggest_float(f"mu {layer}", *MOMENTUM) for layer in layers},
        "l2": {layer: trial.suggest_float(f"lambda {layer}", *L2, log=True) for layer in layers},
    }
    if architecture:
        convolutions = range(1, 5)
        options: dict[str, Any] = {
            "filters": [
                trial.suggest_int(f"filters conv{i}", *FILTERS, step=MULTIPLE) for i in convolutions
            ],
            "units": trial.suggest_int("units", *UNITS, step=MULTIPLE),
        }
        if fits(size, [KERNEL_SIZE[0]] * 4):
            kernels = [trial.suggest_int(f"kernel conv{i}", *KERNEL_SIZE) for i in convolutions]
            if not fits(size, kernels):
                raise optuna.TrialPruned(f"kernels {kernels} use up an image of {size} pixels")
            options["kernel_sizes"] = kernels
        settings["encoder_options"] = options
    return settings


def fits(size: int, kernel_sizes: list[int]) -> bool:
    """Tell whether an image outlasts valid convolutions with a 2x2 pooling between each two."""
    for index, kernel in enumerate(kernel_sizes):
        size = (size // 2 if index else size) - kernel + 1
        if size < 1:
            return False
    return True


def starting_points(layers: Sequence[str]) -> list[dict[str, float]]:
    """Return the parameters of the first trials, the same for every layer."""
    return [
        {
            f"{symbol} {layer}": value
            for symbol, value in zip(("eta", "mu", "lambda"), start, strict=True)
            for layer in layers
        }
        for start in STARTS
    ]
