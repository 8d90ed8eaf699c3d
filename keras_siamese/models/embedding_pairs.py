"""What every head checks: two embeddings of one shape, and float32 throughout."""

from __future__ import annotations

from typing import Any


def check_float32(layer: Any, dtype: Any) -> None:
    """Check that a layer computes in float32.

    Args:
        layer: The layer.
        dtype: The argument that it was given, for the error.

    Raises:
        ValueError: If it computes, or holds its weights, in another type.
    """
    if layer.compute_dtype != "float32" or layer.variable_dtype != "float32":
        raise ValueError(
            f"Argument `dtype` of {type(layer).__name__} must be 'float32' or None. Received: "
            f"dtype={dtype!r}. Leave it out; inputs of other types are cast."
        )


def check_pair(layer: str, shapes: Any) -> tuple[int | None, int | None]:
    """Check the shapes of two embeddings and merge them; None is an unknown size.

    Args:
        layer: Name of the class that takes them, for the error.
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
        sizes = [[size for size in pair if size is not None] for pair in zip(*shapes, strict=True)]
        # Compared, not counted: a size may be a symbol, which has no hash.
        if all(known[0] == known[-1] for known in sizes if known):
            batch, features = (known[0] if known else None for known in sizes)
            return batch, features
    raise ValueError(
        f"Argument `inputs` of {layer} must be two tensors [h1, h2] of the same shape "
        f"(batch, features). Received: shapes {shapes}. Encode both images with one encoder and "
        "repeat an embedding that is compared with many."
    )
