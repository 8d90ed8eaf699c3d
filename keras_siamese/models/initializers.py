"""Initial weights of the network, each drawn with its own seed (Koch et al. 2015, sec. 3.2)."""

from typing import Any

import keras
import numpy as np

INITIALIZERS = ("koch", "he")

_KOCH_KERNEL_STDDEV = {"convolution": 0.01, "dense": 0.2}


def check_initializer(initializer: str) -> None:
    """Check the name of an initialization.

    Args:
        initializer: "koch" or "he".

    Raises:
        ValueError: If the name is neither of the two.
    """
    if initializer not in INITIALIZERS:
        raise ValueError(
            f"`initializer` must be one of {INITIALIZERS}. Received: "
            f"initializer={initializer!r}. Pass 'koch' for the paper's initial weights."
        )


def weight_seed(seed: int, place: str) -> int:
    """Return the seed of one weight, a function of the run's seed and of the weight's place.

    Keras initializers return the same values at every call, so every weight needs another
    seed. The place is a name, so that a change to one layer leaves the draws of the others alone.

    Args:
        seed: Non-negative integer, the seed of the whole network.
        place: Layer and weight, for example "conv1/kernel".

    Returns:
        Integer in [0, 2**31).

    Raises:
        ValueError: If `seed` is not a non-negative integer.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(
            f"`seed` must be an integer >= 0. Received: seed={seed!r}. "
            "Pass a plain integer, such as seed=0."
        )
    sequence = np.random.SeedSequence([int(seed), *place.encode()])
    return int(sequence.generate_state(1)[0] >> 1)


def weight_initializers(
    layer_name: str,
    *,
    kind: str,
    activation: str,
    seed: int,
    initializer: str = "koch",
) -> dict[str, Any]:
    """Make the kernel and bias initializers of one layer, as keyword arguments of that layer.

    "koch" (Koch et al. 2015, sec. 3.2, Weight initialization): convolution kernels N(0, 0.01),
    fully-connected kernels N(0, 0.2), every bias N(0.5, 0.01); the second number is the standard
    deviation. "he" is no part of the paper: He-normal kernels before a ReLU, Glorot-normal
    kernels before a sigmoid, zero biases.

    Args:
        layer_name: Name of the layer, the place that the seeds are derived from.
        kind: "convolution" or "dense".
        activation: "relu" or "sigmoid", what follows the weights.
        seed: Non-negative integer, the seed of the whole network.
        initializer: "koch" or "he".

    Returns:
        Dictionary with `kernel_initializer` and `bias_initializer`.

    Raises:
        ValueError: If `initializer` is unknown or `seed` is not a non-negative integer.
    """
    check_initializer(initializer)
    kernel_seed = weight_seed(seed, f"{layer_name}/kernel")
    bias_seed = weight_seed(seed, f"{layer_name}/bias")
    kernel: keras.initializers.Initializer
    if initializer == "koch":
        stddev = _KOCH_KERNEL_STDDEV[kind]
        kernel = keras.initializers.RandomNormal(0.0, stddev, seed=kernel_seed)
        bias = keras.initializers.RandomNormal(0.5, 0.01, seed=bias_seed)
        return {"kernel_initializer": kernel, "bias_initializer": bias}
    if activation == "relu":
        kernel = keras.initializers.HeNormal(seed=kernel_seed)
    else:
        kernel = keras.initializers.GlorotNormal(seed=kernel_seed)
    return {"kernel_initializer": kernel, "bias_initializer": "zeros"}
