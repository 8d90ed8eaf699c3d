"""Damaged image files of every kind that is read: an image of the right size, or one error."""

import io
from collections import Counter
from functools import cache

import numpy as np
from PIL import Image, features

from keras_siamese.data import load_folder, read_image
from tests.attacks.damage import damaged, refused_by

FORMATS = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "GIF": ("L", "P"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB",),
    "JPEG2000": ("L", "RGB", "RGBA"),
    "PPM": ("1", "L", "RGB"),
    "TGA": ("L", "RGB", "RGBA"),
    "ICO": ("RGBA",),
}
OPTIONS = {"TIFF": [{}, {"compression": "tiff_lzw"}], "JPEG": [{}, {"progressive": True}]}
PAPERS = ("level", "keep", "find", "redraw")
MOST_SECONDS = 20


@cache
def originals():
    """One small file of each kind, mode and compression."""
    levels = np.full((40, 48), 230, np.uint8)
    levels[8:30, 10:14] = levels[26:30, 10:36] = 20
    grey, files = Image.fromarray(levels), {}
    for format, modes in FORMATS.items():
        optional = {"WEBP": "webp", "AVIF": "avif", "JPEG2000": "jpg_2000"}.get(format)
        if optional is not None and not features.check(optional):
            continue
        for mode in modes:
            for number, options in enumerate(OPTIONS.get(format, [{}])):
                image = (
                    Image.fromarray(levels.astype(np.uint16) * 257)
                    if mode == "I;16"
                    else grey.convert(mode)
                )
                file = io.BytesIO()
                image.save(file, format, **options)
                files[f"{format}-{mode.replace(';', '')}-{number}"] = file.getvalue()
    return files


def attack(rng, folder, count=40):
    """Read damaged files one by one, then all of them as a folder.

    Returns:
        How many files were read and how many refused.
    """
    done, names = Counter(), sorted(originals())
    for number in range(count):
        name = str(rng.choice(names))
        path = folder / ("a" if number % 2 else "b") / f"{number}.{rng.choice(['png', 'x.jpg'])}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(damaged(originals()[name], rng))
        size = (int(rng.integers(1, 40)), int(rng.integers(1, 40)))
        color = str(rng.choice(["grey", "rgb"]))
        paper = str(rng.choice(PAPERS)) if color == "grey" else None
        done["image files"] += 1
        try:
            image = read_image(path, size=size, color=color, paper=paper)
        except (ValueError, OSError) as error:
            refused_by(error, path)
            done["image files refused"] += 1
            continue
        assert image.shape == (*size, 1 if color == "grey" else 3) and image.dtype == np.uint8
    errors = []
    try:
        dataset = load_folder(folder, size=8, on_unreadable=errors.append)
    except ValueError as error:
        assert str(error).strip()
    else:
        assert len(dataset.images) + len(errors) == count
    return done
