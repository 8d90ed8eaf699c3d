"""Whether pictures are photographs of drawings, so that each drawing is to be found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.drawing import read_drawing
from keras_siamese.data.folder_layout import find_images
from keras_siamese.data.picture_source import source_pixels

# Pictures that are looked at, taken evenly from all.
_LOOKED_AT = 24
# Side of the images that they are read to, which are not used.
_SIDE = 32


def choose_paper(data: Any) -> str:
    """Choose how grey pictures are read, by a look at up to 24 of them.

    A picture counts as the photograph of a drawing where its margin is unevenly lit and one drawing
    is found in it, without anything that would be warned of.

    Args:
        data: A folder of images; a mapping from name to image or images; `(images, labels)`; or
            images: paths, PIL images, or arrays as in a file. What cannot be read does not count.

    Returns:
        "find" where more than half are such photographs, else "level", as `Preprocessing` has it.
    """
    pictures = _pictures(data)
    step = max(1, len(pictures) // _LOOKED_AT)
    looked_at = pictures[::step][:_LOOKED_AT]
    found = [_is_photographed(picture) for picture in looked_at]
    return "find" if 2 * sum(found) > len(found) else "level"


def _pictures(data: Any) -> Sequence[Any]:
    if isinstance(data, str | os.PathLike):
        try:
            return find_images(Path(data), lambda skipped: None)
        except (ValueError, OSError):
            return []
    if isinstance(data, tuple) and len(data) == 2:
        data = data[0]
    if hasattr(data, "values") and not isinstance(data, np.ndarray):
        return [picture for value in data.values() for picture in _several(value)]
    return list(data) if isinstance(data, list | tuple | np.ndarray) else []


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _is_photographed(picture: Any) -> bool:
    try:
        grey, _ = source_pixels(picture, color="grey", polarity="auto")
        _, notes, found = read_drawing(grey, (_SIDE, _SIDE), "auto")
    except (ValueError, OSError):
        return False
    # What is drawn on a sheet lies inside of it; marks up to the border are some other picture.
    return not (found.paper.even or found.ink.touching > 0 or notes)
