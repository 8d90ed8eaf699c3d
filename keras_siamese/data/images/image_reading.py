"""Reading of image files, by the arguments of each loader."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_siamese.data.images.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.resampling import check_size
from keras_siamese.deprecated import with_ink


@with_ink
def read_image(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
) -> np.ndarray:
    """Read one image as a network takes it; `load_folder` reads each of its files this way.

    The result is uint8: networks made by `siamese_network`, `OneShotClassifier` and `Verifier`
    divide it by 255.

    Args:
        path: The file, of a kind that docs/reading-images.md lists, with one frame.
        size: Side of the result in pixels, or (height, width). An image of another shape is
            stretched (`aspect`): area mean where an axis shrinks, bilinear where it grows.
        color: "grey" for one channel (the default) or "rgb" for three.
        polarity: As `Preprocessing` has it: "dark_on_light", "light_on_dark" or "auto".
        paper: As `Preprocessing` has it: "find", "level", "keep", "crop" or "redraw".
        aspect: As `Preprocessing` has it: "stretch" (the default) or "fit".
        preprocessing: All of the above in one value, such as a data set's or a network's.

    Returns:
        `(height, width, channels)`, uint8, [0, 255], ink 255.

    Raises:
        ValueError: If an argument is unknown, or the file is no image, damaged, animated, blank, or
            larger than 256 MB, 32,767 pixels per side or `set_max_pixels` allows; names the file.
        OSError: If the file cannot be read.

    Example:
        >>> from PIL import Image
        >>> from keras_siamese import make_glyphs, read_image
        >>> glyph = make_glyphs(num_alphabets=1, characters_per_alphabet=1, num_drawers=1).images[0]
        >>> Image.fromarray(255 - glyph[..., 0]).save("letter.png")
        >>> read_image("letter.png", size=28).shape
        (28, 28, 1)
    """
    look = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
    return as_preprocessing(size, preprocessing=preprocessing, **look).read(Path(path))


@with_ink
def read_images(
    files: Iterable[Path],
    size: int | tuple[int, int] | None = None,
    *,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
    on_unreadable: OnUnreadable | None = None,
) -> dict[Path, np.ndarray]:
    """Read several image files.

    Args:
        files: The files.
        size: As for `read_image`.
        color: As for `read_image`.
        polarity: As for `read_image`.
        paper: As for `read_image`.
        aspect: As for `read_image`.
        preprocessing: As for `read_image`.
        on_unreadable: As for `load_folder`.

    Returns:
        Images as `read_image` gives them, by file, without those that could not be read.

    Raises:
        ValueError: As `read_image`, without `on_unreadable`.
        OSError: As `read_image`, without `on_unreadable`.
    """
    look = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
    reading = as_preprocessing(size, preprocessing=preprocessing, **look)
    images = {}
    for file in files:
        try:
            images[file] = reading.read(file)
        except (ValueError, OSError) as error:
            if on_unreadable is None:
                raise
            on_unreadable(error)
    return images


def as_preprocessing(
    size: int | tuple[int, int] | None = None,
    *,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
) -> Preprocessing:
    """Return the preprocessing that a loader's arguments say.

    Args:
        size: As for `read_image`.
        color: As for `read_image`.
        polarity: As for `read_image`.
        paper: As for `read_image`.
        aspect: As for `read_image`.
        preprocessing: All of it in one value; `size`, where given, replaces its size.

    Returns:
        The preprocessing.

    Raises:
        ValueError: If a value is unknown, or two arguments contradict each other.
    """
    if preprocessing is not None:
        told = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
        for argument, value in told.items():
            if value is not None and value != getattr(preprocessing, argument):
                raise ValueError(
                    f"`{argument}` and `preprocessing` must not contradict each other. Received: "
                    f"{argument}={value!r} and {preprocessing}. Leave out one."
                )
        return preprocessing if size is None else replace(preprocessing, size=check_size(size))
    if size is None:
        raise ValueError("`size` or `preprocessing` must be given. Received: neither. Give one.")
    return Preprocessing(size, color or "grey", polarity, paper, aspect or "stretch")
