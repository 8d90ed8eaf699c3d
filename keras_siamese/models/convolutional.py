"""Encoder of small convolutions with batch normalization, for training in episodes."""

from collections.abc import Sequence

import keras

from keras_siamese.models.encoders import POOL_SIZE, embedding_layer, positive_integers
from keras_siamese.models.image_model import ImageModel
from keras_siamese.models.initializers import weight_initializers

_KERNEL_SIZE = 3


def conv_encoder(
    input_shape: Sequence[int] = (35, 35, 1),
    *,
    filters: Sequence[int] = (32, 64, 128, 256),
    num_pools: int = 3,
    units: int | None = 1024,
    seed: int = 0,
    initializer: str = "he",
    dtype: str | None = None,
    name: str = "encoder",
) -> keras.Model:
    """Build the convolutional encoder for images of any size, with batch normalization.

    Deviation: the paper's encoders (`koch_encoder`, `reduced_encoder`) have large kernels and no
    normalization. Here each convolution is 3x3 and keeps the image's size; the first `num_pools` of
    them are followed by a 2x2 max-pooling, and all by batch normalization and ReLU. Pooling comes
    before normalization, so it normalizes a quarter of the values. On a CPU, normalization
    dominates the first, narrow layers. As in the paper, one fully-connected layer of sigmoid units
    ends the encoder. `units=None` leaves it out: the sigmoid of the last convolution's normalized
    features is the embedding.

    The layers are named `conv1`, `pool1`, `norm1`, `relu1`, `conv2`, ..., `flatten` and
    `embedding`. The embedding is computed in float32 under every dtype policy.

    Args:
        input_shape: Height, width and channels of an image.
        filters: Number of filters of each convolution.
        num_pools: Poolings, at most one for each convolution; each halves height and width,
            rounded down.
        units: Length of the embedding; None for all features of the last convolution, which then
            has no ReLU.
        seed: Non-negative integer; every weight's own seed is derived from it.
        initializer: "he" for He-normal initial weights, "koch" for the paper's. The convolutions
            have no bias: the normalization's offset takes its place.
        dtype: Keras dtype policy such as "mixed_bfloat16"; None means the global policy.
        name: Name of the model.

    Returns:
        Model from images `(batch, height, width, channels)`, uint8 or float in [0, 1], to
        embeddings `(batch, units)`, or `(batch, height * width * filters[-1])` of the last
        convolution, float32 in [0, 1].

    Raises:
        ValueError: If a count is not a positive integer, or there are more poolings than
            convolutions or than the image has room for.

    Example:
        >>> from keras_siamese import conv_encoder
        >>> conv_encoder((28, 28, 1), filters=(8, 16), num_pools=2, units=32).output_shape
        (None, 32)
    """
    height, width, channels = positive_integers("input_shape", input_shape, length=3)
    filters = positive_integers("filters", filters)
    if units is not None and (type(units) is not int or units < 1):
        raise ValueError(
            "`units` must be a positive integer, or None for no fully-connected layer. "
            f"Received: units={units!r}. Give the length of the embedding, or None."
        )
    if type(num_pools) is not int or not 0 <= num_pools <= len(filters):
        raise ValueError(
            "`num_pools` must be an integer from 0 to the number of convolutions, "
            f"{len(filters)}. Received: num_pools={num_pools!r}. Add filters or leave poolings out."
        )
    if min(height, width) < POOL_SIZE**num_pools:
        raise ValueError(
            f"`input_shape` and `num_pools` must fit each other: {num_pools} poolings need at "
            f"least {POOL_SIZE**num_pools} pixels on each side. Received: an image of "
            f"{(height, width)}. Enlarge the images, or lower `num_pools`."
        )

    inputs = keras.Input((height, width, channels), name="image")
    outputs = inputs
    for index, count in enumerate(filters, start=1):
        layer_name = f"conv{index}"
        weights = weight_initializers(
            layer_name, kind="convolution", activation="relu", seed=seed, initializer=initializer
        )
        outputs = keras.layers.Conv2D(
            count,
            _KERNEL_SIZE,
            padding="same",
            use_bias=False,
            kernel_initializer=weights["kernel_initializer"],
            dtype=dtype,
            name=layer_name,
        )(outputs)
        if index <= num_pools:
            pool = keras.layers.MaxPooling2D(POOL_SIZE, dtype=dtype, name=f"pool{index}")
            outputs = pool(outputs)
        outputs = keras.layers.BatchNormalization(dtype=dtype, name=f"norm{index}")(outputs)
        if units is not None or index < len(filters):
            outputs = keras.layers.ReLU(dtype=dtype, name=f"relu{index}")(outputs)
    outputs = keras.layers.Flatten(dtype=dtype, name="flatten")(outputs)
    if units is None:
        outputs = keras.layers.Activation("sigmoid", dtype="float32", name="embedding")(outputs)
    else:
        outputs = embedding_layer(units, seed=seed, initializer=initializer)(outputs)
    return ImageModel(inputs, outputs, name=name)
