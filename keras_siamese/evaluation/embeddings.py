"""Embeddings of images, each computed once, and weighted L1 sums of pairs of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.evaluation.finite import check_finite
from keras_siamese.evaluation.input_checks import checked_inputs
from keras_siamese.models.twins import check_inputs, twin_encoder

if TYPE_CHECKING:
    import keras

# Differences of about this many numbers at a time: 1 MB in float32 stays inside a CPU's cache.
TILE_NUMBERS = 2**18


def embed(network: keras.Model, images: Any, *, batch_size: int = 256) -> np.ndarray:
    """Return the embeddings of images: vectors that are close where images are similar.

    The images were read already; `Recognizer.embed` takes files.

    Args:
        network: Siamese network as made by `siamese_network`, an encoder alone, or a `Recognizer`,
            whose network is taken.
        images: `(n, height, width, channels)` of the network's size, uint8, ink 255, or float in
            [0, 1]; or the same laid out flat, `(n, pixels)`; or a data set.
        batch_size: Images per encoder call.

    Returns:
        `(n, features)`, float32, in the order of the images.

    Raises:
        ValueError: If `network` is no such network, the images do not fit it, `batch_size` is below
            1, or an embedding is not finite.

    Example:
        >>> from keras_siamese import embed, make_glyphs, reduced_encoder, siamese_network
        >>> model = siamese_network(reduced_encoder(filters=(4, 4, 4, 4), units=8))
        >>> embed(model, make_glyphs(num_alphabets=1, characters_per_alphabet=2)).shape
        (24, 8)
    """
    network = keras_model(network)
    check_inputs(network, "network")
    alone = len(getattr(network, "inputs", None) or ()) == 1 and len(network.output_shape) == 2
    encoder = network if alone else twin_encoder(network)
    pixels = images.images if isinstance(images, ImageDataset) else images
    examples = checked_inputs(pixels, encoder.input_shape[1:], "images")
    return encode_images(encoder, examples, batch_size=batch_size)


def keras_model(network: Any) -> Any:
    """Return the Keras model of a `Recognizer`; anything else as it is.

    Args:
        network: Anything.

    Returns:
        The model.
    """
    return network if hasattr(network, "layers") else getattr(network, "model", network)


def encode_images(encoder: Any, images: np.ndarray, *, batch_size: int = 256) -> np.ndarray:
    """Encode every image exactly once.

    Args:
        encoder: Keras model (or any callable taking `training=`) from images
            `(batch, height, width, channels)`, float32, [0, 1], to `(batch, features)`; or from
            vectors, if its `input_shape` says so.
        images: `(n, height, width, channels)`, uint8, ink 255, or float in [0, 1].
        batch_size: Images per encoder call. It bounds the memory: the koch encoder at 105x105 takes
            about 7 MB an image.

    Returns:
        `(n, features)`, float32.

    Raises:
        ValueError: If the images do not fit the encoder, there are none, `batch_size` is below 1,
            or an embedding is not finite.
    """
    check_whole("batch_size", batch_size, least=1)
    expected = getattr(encoder, "input_shape", None)
    vectors = expected is not None and len(expected) == images.ndim == 2
    if not (images.ndim == 4 or vectors) or len(images) == 0:
        raise ValueError(
            "`images` must be a batch (n, height, width, channels) of at least one image. "
            f"Received: shape {images.shape}. Give images[None] for a single image."
        )
    if expected is not None and (
        len(expected) != images.ndim
        or any(
            want not in (None, got)
            for want, got in zip(expected[1:], images.shape[1:], strict=True)
        )
    ):
        raise ValueError(
            f"`images` must have the encoder's input shape {tuple(expected[1:])}. Received: images "
            f"of shape {images.shape[1:]}. Resize them (`resized(size)`), or build the encoder for "
            "them."
        )
    encode = _inference(encoder)
    embeddings = []
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        scale = 255.0 if batch.dtype == np.uint8 else 1.0
        embeddings.append(np.asarray(encode(batch.astype(np.float32) / scale)))
    return check_finite(np.concatenate(embeddings).astype(np.float32, copy=False), "embeddings")


def _inference(encoder: Any) -> Callable[[np.ndarray], Any]:
    """Return the compiled forward pass, which the encoder keeps from one call to the next.

    On several replicas Keras would give each of them the whole batch, so there it stays eager.
    """
    strategy = getattr(encoder, "distribute_strategy", None)
    alone = strategy is None or strategy.num_replicas_in_sync == 1
    if alone and hasattr(encoder, "predict_on_batch"):
        return encoder.predict_on_batch
    return partial(encoder, training=False)


def weighted_l1_sums(
    kernel: np.ndarray, embeddings: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return `sum_j alpha_j |h1_j - h2_j|` for pairs of embeddings.

    Worked off in tiles, so that memory does not grow with pairs times features. Every pair's sum is
    taken in the same order wherever it stands in the tile: equal pairs get equal sums to the last
    bit, and a tie is seen as a tie.

    Args:
        kernel: `(features,)`, float32 or float64, the weights alpha.
        embeddings: `(n, features)`, float32 or float64.
        left: Any shape, integer, row of each pair's first embedding.
        right: Same shape, integer, row of the second.

    Returns:
        The sums, of `left`'s shape: float32 where kernel and embeddings are both float32, else
        float64.

    Raises:
        ValueError: If the shapes differ, or the weights do not fit the embeddings.
    """
    if left.shape != right.shape:
        raise ValueError(
            "`left` and `right` must have the same shape. Received: "
            f"{left.shape} and {right.shape}. Give one row in each per pair."
        )
    if kernel.shape[0] != embeddings.shape[1]:
        raise ValueError(
            f"`embeddings` must have {kernel.shape[0]} features, one per weight. Received: "
            f"{embeddings.shape[1]}. Compare them with the weights of the network that made them."
        )
    first, second = left.reshape(-1), right.reshape(-1)
    sums = np.empty(first.shape, np.result_type(kernel, embeddings))
    rows = max(1, TILE_NUMBERS // kernel.shape[0])
    for start in range(0, len(first), rows):
        tile = slice(start, start + rows)
        difference = embeddings[first[tile]].astype(sums.dtype, copy=False)
        difference -= embeddings[second[tile]]
        np.abs(difference, out=difference)
        difference *= kernel
        sums[tile] = difference.sum(axis=1)
    return sums.reshape(left.shape)
