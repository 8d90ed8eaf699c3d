"""Photographs to score on: places in them, two crops of each under different light."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from PIL import Image

from studies.signs.packages import Package
from studies.signs.picture_looks import light
from studies.signs.sign_pictures import SignPictures

# Those that the package holds, so that nothing is downloaded.
TEST_PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel",
    "hubble_deep_field", "immunohistochemistry", "moon", "retina", "rocket",
)  # fmt: skip
SIDE = 128
# Places across and down, and sides of the crops as shares of a place's side.
TEST_GRID, DEVELOPMENT_GRID = (2, 2), (4, 3)
CROPS = (0.75, 0.95)


def photographs(part: str) -> SignPictures:
    """Crop places out of photographs, twice each, 128x128.

    Args:
        part: "test", scikit-image's photographs; or "development", the two of scikit-learn.
    """
    if part == "test":
        from skimage import data

        loaded = {name: getattr(data, name)() for name in TEST_PHOTOGRAPHS}
        grid = TEST_GRID
        source = Package(
            "installed", "scikit-image", version("scikit-image"), "BSD-3-Clause", "test",
            "see skimage/data/README.txt",
        )  # fmt: skip
    else:
        from sklearn import datasets

        images = datasets.load_sample_images()
        loaded = dict(zip(("china", "flower"), images.images, strict=True))
        grid = DEVELOPMENT_GRID
        source = Package(
            "installed", "scikit-learn", version("scikit-learn"), "CC-BY-4.0", "development",
            "China by Yi Ge, Flower by dany13",
        )  # fmt: skip
    found = SignPictures(sources=[source])
    rng = np.random.default_rng(8 if part == "test" else 9)
    for name, photo in loaded.items():
        if photo.ndim == 2:
            photo = np.repeat(photo[..., None], 3, axis=2)
        for place, window in enumerate(windows(photo[..., :3], *grid)):
            for look in range(2):
                crop = random_crop(window, rng)
                found.add(crop, f"{name} {place + 1}", "photographs", f"crop {look + 1}")
    return found


def windows(photo: np.ndarray, across: int, down: int) -> list[np.ndarray]:
    """Cut a photograph into squares on a grid, as large as fit, without overlap.

    Args:
        photo: `(height, width, 3)`, uint8.
        across: Squares next to each other.
        down: Squares one above the other.

    Returns:
        Squares, row by row.
    """
    height, width = photo.shape[:2]
    side = min(height // down, width // across)
    tops = np.linspace(0, height - side, down).astype(int)
    lefts = np.linspace(0, width - side, across).astype(int)
    return [photo[top : top + side, left : left + side] for top in tops for left in lefts]


def random_crop(window: np.ndarray, rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """Crop a square at random, light it anew, and give it a size.

    Args:
        window: Square, `(side, side, 3)`, uint8.
        rng: Where crop and light are drawn from.
        side: Side of the result, in pixels.
    """
    length = round(len(window) * rng.uniform(*CROPS))
    top, left = rng.integers(0, len(window) - length + 1, 2)
    crop = Image.fromarray(window[top : top + length, left : left + length])
    lit = light(np.asarray(crop.resize((side, side), Image.Resampling.BICUBIC)), rng)
    return np.clip(lit + rng.normal(0, 4, lit.shape), 0, 255).astype(np.uint8)
