"""Base of the heads: layers from two embeddings of one shape to a logit, in float32 throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.argument_checks import check_float32


class Head(keras.layers.Layer):
    """Layer called on `[h1, h2]`, embeddings `(batch, features)`, that gives logits `(batch, 1)`.

    Args:
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(self, *, dtype: Any, **kwargs: Any) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(dtype="float32" if dtype is None else dtype, **kwargs)
        check_float32(self, dtype)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the logits.

        Args:
            input_shape: The two shapes `(batch, features)`.

        Returns:
            `(batch, 1)`.
        """
        return self.sizes(input_shape)[0], 1

    def pair(self, inputs: Sequence[Any]) -> tuple[Any, Any]:
        """Return the two embeddings, after a check of their shapes."""
        # Broadcasting would hide a mistake: one embedding against many is not a batch of pairs.
        self.sizes([getattr(h, "shape", None) for h in inputs])
        first, second = inputs
        return first, second

    def sizes(self, shapes: Any) -> tuple[int | None, int | None]:
        """Check the shapes of two embeddings and merge them; None is an unknown size.

        Args:
            shapes: The two shapes `(batch, features)`.

        Returns:
            Batch and features.

        Raises:
            ValueError: If these are not two equal shapes of two sizes.
        """
        valid = len(shapes) == 2 and all(
            hasattr(shape, "__len__") and len(shape) == 2 for shape in shapes
        )
        if valid:
            both = zip(*shapes, strict=True)
            sizes = [[size for size in pair if size is not None] for pair in both]
            # Compared, not counted: a size may be a symbol, which has no hash.
            if all(known[0] == known[-1] for known in sizes if known):
                batch, features = (known[0] if known else None for known in sizes)
                return batch, features
        raise ValueError(
            f"`inputs` of {type(self).__name__} must be two tensors [h1, h2] of the same "
            f"shape (batch, features). Received: shapes {shapes}. Encode both images with one "
            "encoder and repeat an embedding that is compared with many."
        )
