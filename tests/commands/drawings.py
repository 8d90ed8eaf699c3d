"""Drawings of 8x8 pixels, and how a network that sums differences judges them."""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 8
BIAS = 3.0
CARD = {
    "name": "omniglot",
    "image_size": SIDE,
    "description": "Compares pixels.",
    "thresholds": {"0.01": 0.9, "0.001": 0.95},
    "scores": [
        {
            "what": "one-shot accuracy",
            "protocol": "official",
            "value": 0.985,
            "interval": [0.968, 0.993],
            "n": 400,
        }
    ],
    "data": "None.",
    "limits": "Tests alone.",
    "license": "MIT",
}


def expected_probability(left: np.ndarray, right: np.ndarray) -> float:
    """How the network judges two grey images of 8x8, worked out in NumPy."""
    distance = np.abs(left.astype(float) - right.astype(float)).sum() / 255
    return 1 / (1 + np.exp(distance - BIAS))


def strokes(*rows: int, level: int = 0) -> np.ndarray:
    """White paper of 8x8 with black rows, whose right halves may be lighter."""
    pixels = np.full((SIDE, SIDE), 255, np.uint8)
    pixels[list(rows)] = 0
    pixels[list(rows), SIDE // 2 :] = level
    return pixels


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    """Writes an image, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path
