"""What a camera does to a drawing: ranges of light, blur, noise and ink, and draws from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from keras_siamese.argument_checks import check_number, number_pair
from keras_siamese.data.distortions import REFERENCE_SIZE

# Numbers of one image's draw, which the levels of paper and ink follow, one for each channel.
COLUMNS = (
    "pen",
    "rows",
    "columns",
    "period",
    "row_phase",
    "column_phase",
    "light",
    "light_x",
    "light_y",
    "blur",
    "noise",
    "noise_place",
    "inverse",
)
# Normal values that all noise is taken from. A float32 holds every place exactly.
NOISE_VALUES = 2**17


@dataclass(frozen=True)
class CameraRanges:
    """Ranges of the distortions that a camera, a pen and the reading leave in an image.

    Images are as read: paper is 0 and ink 1. In pictures that keep their values (colour), 0 is
    black and 1 white. Lengths are pixels of a 105x105 image; they shrink and grow with the image.
    `train_episodes` applies the effects in the order of the arguments, then clips to [0, 1].

    Args:
        pen: Widest change of a stroke's radius, thinner and thicker, in pixels: `(-0.5, 1.0)` takes
            half a pixel off or adds one. Strokes that are thinner than that get faint.
        lines: Largest strength of ruled lines in [0, 1]; of those images that have some, half also
            have columns.
        paper: Lowest and highest value in [0, 1] that paper gets.
        ink: Lowest and highest value in [0, 1] that ink gets.
        paper_tint: Largest difference of a colour channel's paper from `paper`, either way.
        ink_tint: The same for ink.
        light: Largest share in [0, 1] by which the light falls off from one side to the other, in
            any direction.
        blur: Largest standard deviation of a Gaussian blur, in pixels.
        noise: Largest standard deviation of normal noise, independent for every value.
        inverse: Chance in [0, 1] that an image is turned into its inverse.
        probability: Chance in [0, 1] with which each other effect is applied.
        shared: Chance in [0, 1] that all images of an episode have one camera, with one draw apart
            from the pattern of the noise. Otherwise every image has a separate draw.

    Raises:
        ValueError: If a range is negative, not finite or empty, or a level, share or chance lies
            outside [0, 1].
    """

    pen: tuple[float, float] = (-0.5, 1.0)
    lines: float = 0.4
    paper: tuple[float, float] = (0.0, 0.1)
    ink: tuple[float, float] = (0.5, 1.0)
    paper_tint: float = 0.0
    ink_tint: float = 0.0
    light: float = 0.2
    blur: float = 2.0
    noise: float = 0.1
    inverse: float = 0.0
    probability: float = 0.3
    shared: float = 0.5

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("blur", "noise"):
            check_number(name, getattr(self, name), least=0)
        shares = ("lines", "paper_tint", "ink_tint", "light", "inverse", "probability", "shared")
        for name in shares:
            check_number(name, getattr(self, name), least=0, most=1)
        for name in ("paper", "ink"):
            low, high = number_pair(name, getattr(self, name))
            if not 0 <= low <= high <= 1:
                raise ValueError(
                    f"`{name}` must be two levels with 0 <= lowest <= highest <= 1. Received: "
                    f"{name}={(low, high)}. Give the lowest first, such as (0.0, 0.1)."
                )
        thinner, thicker = number_pair("pen", self.pen)
        if not thinner <= 0 <= thicker:
            raise ValueError(
                "`pen` must be two finite numbers, (thinner, thicker), with thinner <= 0 <= "
                f"thicker. Received: pen={self.pen}. Give for example (-0.5, 1.0)."
            )


# For pictures that keep their values, such as those in colour: black may be any dark, white any
# bright colour. Strokes and lines stay as they are.
PICTURE_CAMERA = CameraRanges(
    pen=(0.0, 0.0),
    lines=0.0,
    paper=(0.0, 0.2),
    ink=(0.7, 1.0),
    paper_tint=0.1,
    ink_tint=0.15,
    light=0.3,
)


def draw_camera(
    num_images: int,
    image_size: tuple[int, int],
    channels: int,
    rng: np.random.Generator,
    ranges: CameraRanges,
) -> np.ndarray:
    """Draw the distortions of images.

    Args:
        num_images: How many.
        image_size: `(height, width)` of the images in pixels.
        channels: Channels of the images.
        rng: Source of randomness.
        ranges: Ranges of the effects.

    Returns:
        `(num_images, len(COLUMNS) + 2 * channels)`, float32: the numbers of `COLUMNS` (lengths in
        pixels of the image), then the level of paper and that of ink in each channel.
    """

    def effect(low: float, high: float, neutral: float = 0.0) -> np.ndarray:
        values = rng.uniform(low, high, num_images)
        return np.where(rng.random(num_images) < ranges.probability, values, neutral)

    def levels(low: float, high: float, neutral: float, tint: float) -> np.ndarray:
        level = effect(low, high, neutral)[:, None]
        tints = rng.uniform(-tint, tint, (num_images, channels))
        tinted = rng.random((num_images, 1)) < ranges.probability
        # One channel has no colour.
        return np.clip(np.where(tinted & (channels > 1), level + tints, level), 0.0, 1.0)

    pixels = min(image_size) / REFERENCE_SIZE
    light, angle = effect(0.0, ranges.light), rng.uniform(0.0, 2 * np.pi, num_images)
    rows = effect(0.0, ranges.lines)
    numbers = {
        "pen": effect(*ranges.pen) * pixels,
        "rows": rows,
        "columns": np.where(rng.random(num_images) < 0.5, rows, 0.0),
        # From several lines within a letter to one line next to it.
        "period": rng.uniform(0.2, 0.8, num_images) * min(image_size),
        "row_phase": rng.random(num_images),
        "column_phase": rng.random(num_images),
        "light": light,
        "light_x": light * np.cos(angle),
        "light_y": light * np.sin(angle),
        "blur": effect(0.0, ranges.blur) * pixels,
        "noise": effect(0.0, ranges.noise),
        "noise_place": rng.integers(NOISE_VALUES, size=num_images),
        "inverse": rng.random(num_images) < ranges.inverse,
    }
    single = np.stack([numbers[name] for name in COLUMNS], axis=1)
    paper = levels(*ranges.paper, 0.0, ranges.paper_tint)
    ink = levels(*ranges.ink, 1.0, ranges.ink_tint)
    return np.concatenate([single, paper, ink], axis=1).astype(np.float32)


def draw_episode_camera(
    shape: tuple[int, int, int],
    image_size: tuple[int, int],
    channels: int,
    rng: np.random.Generator,
    ranges: CameraRanges,
) -> np.ndarray:
    """Draw the distortions of the images of episodes, some of which share one draw.

    Args:
        shape: `(episodes, n_way, drawings)`.
        image_size: As for `draw_camera`.
        channels: As for `draw_camera`.
        rng: As for `draw_camera`.
        ranges: As for `draw_camera`; `shared` is the chance that an episode has one camera.

    Returns:
        `(episodes, n_way, drawings, len(COLUMNS) + 2 * channels)`, float32, as `draw_camera`.
    """
    own = draw_camera(math.prod(shape), image_size, channels, rng, ranges).reshape(*shape, -1)
    alike = rng.random(shape[0]) < ranges.shared
    place = COLUMNS.index("noise_place")
    for episode in np.flatnonzero(alike):
        places = own[episode, ..., place].copy()
        own[episode] = own[episode, 0, 0]
        own[episode, ..., place] = places
    return own
