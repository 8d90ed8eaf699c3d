"""What a camera or scanner does to the light: size, blur, noise and compression."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A camera, scanner or screen grabber.

    Attributes:
        height: Height of its pictures in pixels.
        width: Width of its pictures in pixels.
        blur: Standard deviation of its Gaussian blur, in pixels.
        noise: Standard deviation of its noise at white, in levels; less in the dark, as of light.
        quality: Quality of its JPEG files, 1 to 95; None for no loss.
    """

    height: int = 240
    width: int = 240
    blur: float = 0.0
    noise: float = 0.0
    quality: int | None = None


def expose(camera: Camera, levels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Take a picture.

    Args:
        camera: The camera.
        levels: `(height, width, 3)`, float, what falls on it, white 255.
        rng: Draws the noise.

    Returns:
        `(height, width, 3)`, uint8.
    """
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    levels = levels.astype(np.float32)
    if camera.blur:
        levels = gaussian_filter(levels, (camera.blur, camera.blur, 0), mode="nearest")
    if camera.noise:
        deviation = camera.noise * np.sqrt(0.2 + 0.8 * np.clip(levels, 0, 255) / 255)
        levels = levels + deviation * rng.standard_normal(levels.shape, np.float32)
    picture = np.clip(np.round(levels), 0, 255).astype(np.uint8)
    if camera.quality is None:
        return picture
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=camera.quality)
    with Image.open(file) as read:
        return np.array(read)
