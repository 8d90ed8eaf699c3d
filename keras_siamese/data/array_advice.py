"""What to do with an array of images that does not fit: one answer for each cause."""

from __future__ import annotations

from collections.abc import Sequence


def advise_values(low: float, high: float, kind: str = "f") -> str:
    """Say how to bring values to uint8 in [0, 255] or float in [0, 1].

    Args:
        low: The lowest value.
        high: The highest value.
        kind: Of the array's dtype: "f" for floats, "i" or "u" for whole numbers.

    Returns:
        One or two sentences.
    """
    if -1 <= low < 0 and high <= 1 and kind == "f":
        return (
            "Values from -1 to 1, as `preprocess_input` of many networks makes them, become right "
            "by (x + 1) / 2. Where the encoder needs them so, start it with "
            "keras.layers.Rescaling(2, -1)."
        )
    if low < 0:
        return (
            "Values below 0 come from subtracting a mean: give the images of before, and put that "
            "step into the encoder (keras.layers.Normalization)."
        )
    if high <= 255:
        return "Values up to 255 become right by astype('uint8')" + (
            ", or by x / 255." if kind == "f" else "."
        )
    if high <= 65535:
        return "Values of 16 bits become right by x / 65535, or by the largest that they can have."
    return "Divide by the largest value that they can have."


def advise_shape(got: Sequence[int], wanted: Sequence[int | None]) -> str:
    """Say how to bring images to a network's shape.

    Args:
        got: Shape of the batch, `(n, ...)`.
        wanted: Height, width and channels; None is any size.

    Returns:
        One or two sentences.
    """
    sides, channels = tuple(wanted[:2]), wanted[2]
    image = tuple(got[1:])
    if len(image) != 3:
        return "Reshape them: x[None] is a batch of one, x[..., None] adds the channel."
    if image[0] == channels != image[2] and _fit(image[1:], sides):
        return "The channels come first, as in PyTorch: give np.moveaxis(x, 1, -1)."
    if not _fit(image[:2], sides):
        return (
            f"Bring them to {sides[0]}x{sides[1]}: `Preprocessing` reads pictures of any size so, "
            "`resized` does it to a data set. Or use a network made for their size."
        )
    if image[2] == 1:
        return (
            f"Grey images for a network of colour: give np.repeat(x, {channels}, axis=-1), or "
            "read the files with color='rgb'."
        )
    if channels == 1 and image[2] in (3, 4):
        return (
            "Coloured images for a network of grey ones: read the files with color='grey', or "
            "give np.dot(x[..., :3], [0.299, 0.587, 0.114])[..., None], as uint8 where x is."
        )
    return f"Give images with {channels} channels, or use a network made for theirs."


def _fit(got: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return all(want in (None, have) for have, want in zip(got, wanted, strict=True))
