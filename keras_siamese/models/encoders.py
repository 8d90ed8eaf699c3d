"""Encoders, the twin that turns an image into a vector (Koch et al. 2015, sec. 3.1, Fig. 4)."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.models.image_model import ImageModel
from keras_siamese.models.initializers import weight_initializers

POOL_SIZE = 2


def koch_encoder(
    input_shape: Sequence[int] = (105, 105, 1),
    *,
    filters: Sequence[int] = (64, 128, 128, 256),
    kernel_sizes: Sequence[int] = (10, 7, 4, 4),
    units: int = 4096,
    seed: int = 0,
    initializer: str = "koch",
    dtype: str | None = None,
    name: str = "encoder",
) -> keras.Model:
    """Build the convolutional encoder for images of 105x105 (Koch et al. 2015, Fig. 4).

    Valid convolutions of stride 1 with ReLU, a 2x2 max-pooling between each two, then one
    fully-connected layer of sigmoid units. The layers are named `conv1`, `conv2`, ... and
    `embedding`. The embedding is computed in float32 under every dtype policy, because the
    difference of two saturated sigmoids is lost in bfloat16.

    Args:
        input_shape: Height, width and channels of an image.
        filters: Number of filters of each convolution.
        kernel_sizes: Side of each convolution's square kernel in pixels, as many as `filters`.
        units: Length of the embedding.
        seed: Non-negative integer; every weight's own seed is derived from it.
        initializer: "koch" for the paper's initial weights, "he" for He-normal ones.
        dtype: Keras dtype policy such as "mixed_bfloat16"; None means the global policy.
        name: Name of the model.

    Returns:
        Model from images `(batch, height, width, channels)`, uint8 or float in [0, 1], to
        embeddings `(batch, units)`, float32 in [0, 1].

    Raises:
        ValueError: If a count is not a positive integer, or the image is too small.

    Example:
        >>> from keras_siamese import koch_encoder
        >>> koch_encoder(units=128).output_shape
        (None, 128)
    """
    height, width, channels = positive_integers("input_shape", input_shape, length=3)
    filters = positive_integers("filters", filters)
    kernel_sizes = positive_integers("kernel_sizes", kernel_sizes, length=len(filters))
    (units,) = positive_integers("units", (units,))
    _check_geometry((height, width), kernel_sizes)

    inputs = keras.Input((height, width, channels), name="image")
    outputs = inputs
    for index, (count, size) in enumerate(zip(filters, kernel_sizes, strict=True), start=1):
        if index > 1:
            pool = keras.layers.MaxPooling2D(POOL_SIZE, dtype=dtype, name=f"pool{index - 1}")
            outputs = pool(outputs)
        layer_name = f"conv{index}"
        weights = weight_initializers(
            layer_name, kind="convolution", activation="relu", seed=seed, initializer=initializer
        )
        outputs = keras.layers.Conv2D(
            count, size, activation="relu", dtype=dtype, name=layer_name, **weights
        )(outputs)
    outputs = keras.layers.Flatten(dtype=dtype, name="flatten")(outputs)
    outputs = embedding_layer(units, seed=seed, initializer=initializer)(outputs)
    return ImageModel(inputs, outputs, name=name)


def reduced_encoder(
    input_shape: Sequence[int] = (35, 35, 1),
    *,
    filters: Sequence[int] = (64, 128, 128, 256),
    kernel_sizes: Sequence[int] = (4, 3, 2, 2),
    units: int = 4096,
    seed: int = 0,
    initializer: str = "koch",
    dtype: str | None = None,
    name: str = "encoder",
) -> keras.Model:
    """Build the convolutional encoder for images of 35x35 (Koch et al. 2015, sec. 4.4).

    The paper leaves this net's geometry open. Decided: the layers of `koch_encoder` with kernels
    of 4, 3, 2 and 2 pixels. Its arguments, result and errors are those of `koch_encoder`.

    Args:
        input_shape: Height, width and channels of an image.
        filters: Number of filters of each convolution.
        kernel_sizes: Side of each convolution's square kernel in pixels, as many as `filters`.
        units: Length of the embedding.
        seed: Non-negative integer; every weight's own seed is derived from it.
        initializer: "koch" for the paper's initial weights, "he" for He-normal ones.
        dtype: Keras dtype policy such as "mixed_bfloat16"; None means the global policy.
        name: Name of the model.

    Returns:
        Model from images `(batch, height, width, channels)` to embeddings `(batch, units)`.

    Example:
        >>> from keras_siamese import reduced_encoder
        >>> reduced_encoder(units=64).output_shape
        (None, 64)
    """
    return koch_encoder(
        input_shape,
        filters=filters,
        kernel_sizes=kernel_sizes,
        units=units,
        seed=seed,
        initializer=initializer,
        dtype=dtype,
        name=name,
    )


def dense_encoder(
    input_shape: Sequence[int] = (35, 35, 1),
    *,
    units: Sequence[int] = (1024, 1024),
    seed: int = 0,
    initializer: str = "koch",
    dtype: str | None = None,
    name: str = "encoder",
) -> keras.Model:
    """Build the encoder of two fully-connected layers alone (Koch et al. 2015, Table 2).

    The paper leaves the widths open. Decided: 1024 units each, the layers named `dense1` (ReLU)
    and `embedding` (sigmoid, float32): as in sec. 3.1, only the embedding and the output are
    sigmoid. More widths give more ReLU layers.

    Args:
        input_shape: Height, width and channels of an image.
        units: Units of each layer, the last of which is the embedding.
        seed: Non-negative integer; every weight's own seed is derived from it.
        initializer: "koch" for the paper's initial weights, "he" for He-normal ones.
        dtype: Keras dtype policy such as "mixed_bfloat16"; None means the global policy.
        name: Name of the model.

    Returns:
        Model from images `(batch, height, width, channels)`, uint8 or float in [0, 1], to
        embeddings `(batch, units[-1])`, float32 in [0, 1].

    Raises:
        ValueError: If a count is not a positive integer.

    Example:
        >>> from keras_siamese import dense_encoder
        >>> dense_encoder((28, 28, 1), units=(64, 16)).output_shape
        (None, 16)
    """
    shape = positive_integers("input_shape", input_shape, length=3)
    units = positive_integers("units", units)
    inputs = keras.Input(shape, name="image")
    outputs = keras.layers.Flatten(dtype=dtype, name="flatten")(inputs)
    for index, width in enumerate(units[:-1], start=1):
        layer_name = f"dense{index}"
        weights = weight_initializers(
            layer_name, kind="dense", activation="relu", seed=seed, initializer=initializer
        )
        outputs = keras.layers.Dense(
            width, activation="relu", dtype=dtype, name=layer_name, **weights
        )(outputs)
    outputs = embedding_layer(units[-1], seed=seed, initializer=initializer)(outputs)
    return ImageModel(inputs, outputs, name=name)


def embedding_layer(units: int, *, seed: int, initializer: str) -> keras.layers.Layer:
    """Make the last layer of an encoder: sigmoid units, in float32 under every dtype policy."""
    weights = weight_initializers(
        "embedding", kind="dense", activation="sigmoid", seed=seed, initializer=initializer
    )
    return keras.layers.Dense(
        units, activation="sigmoid", dtype="float32", name="embedding", **weights
    )


def positive_integers(argument: str, values: Any, length: int | None = None) -> tuple[int, ...]:
    """Check a sequence of positive integers, of a given length when one is named."""
    sequence = isinstance(values, Sequence) and not isinstance(values, str)
    valid = sequence and len(values) > 0 and length in (None, len(values))
    if not valid or any(type(value) is not int or value < 1 for value in values):
        count = "one or more" if length is None else str(length)
        raise ValueError(
            f"`{argument}` must hold {count} positive integer(s). Received: "
            f"{argument}={values!r}. Give one integer >= 1 for each."
        )
    return tuple(values)


def _check_geometry(image_size: tuple[int, int], kernel_sizes: Sequence[int]) -> None:
    """Check that the image is not used up before the last convolution."""
    size = min(image_size)
    for index, kernel_size in enumerate(kernel_sizes, start=1):
        if index > 1:
            size //= POOL_SIZE
        if size < kernel_size:
            raise ValueError(
                f"`input_shape` and `kernel_sizes` must fit each other: conv{index} needs at least "
                f"{kernel_size} pixels on each side, and {size} are left. Received: an image of "
                f"{image_size} and kernel_sizes={tuple(kernel_sizes)}. Enlarge the images, or use "
                "smaller or fewer kernels."
            )
        size -= kernel_size - 1
