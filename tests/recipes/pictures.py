"""Pictures to train on, and a network that compares pixels."""

import keras
import numpy as np

from keras_siamese.data import make_glyphs

SIDE = 8


def pixel_encoder(side: int = SIDE, channels: int = 1) -> keras.Model:
    inputs = keras.Input((side, side, channels))
    return keras.Model(inputs, keras.layers.Flatten()(inputs))


def drawings() -> tuple[list[np.ndarray], list[str]]:
    """Six classes of four pictures of 20x20, black on white, each with another mark."""
    images, labels = [], []
    for row in range(6):
        for number in range(4):
            pixels = np.full((20, 20), 255, np.uint8)
            pixels[3 * row : 3 * row + 2] = 0
            pixels[number, 19] = 128
            images.append(pixels)
            labels.append(f"row{row}")
    return images, labels


def photographs() -> tuple[list[np.ndarray], list[str]]:
    """Glyphs of six classes by four drawers on unevenly lit paper."""
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=4, size=64, seed=1)
    light = np.linspace(0.5, 0.9, 104)[:, None]
    images = [
        ((255 - np.pad(image[..., 0], 20)) * light).astype(np.uint8) for image in glyphs.images
    ]
    return images, list(glyphs.labels)
