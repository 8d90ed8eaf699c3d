"""What every head checks: two embeddings of one shape."""

from __future__ import annotations

from typing import Any


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
