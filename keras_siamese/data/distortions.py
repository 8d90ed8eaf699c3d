"""Affine distortions, the symmetries of the square and how transforms are composed (NumPy).

The distortions are those of Koch et al. 2015, sec. 3.2 "Affine distortions" and Fig. 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keras_siamese.argument_checks import check_number, is_number, number_pair

# The paper gives translations in pixels of Omniglot's 105x105 images.
REFERENCE_SIZE = 105

IDENTITY = np.array([1, 0, 0, 0, 1, 0], dtype=np.float32)


@dataclass(frozen=True)
class AffineRanges:
    """Ranges of the random transform T = (theta, rho_x, rho_y, s_x, s_y, t_x, t_y).

    Source: Koch et al. 2015, sec. 3.2, "Affine distortions". The defaults are the paper's.

    Args:
        rotation: Largest rotation theta either way, in degrees.
        shear: Largest shear rho either way, as a fraction.
        scale: Smallest and largest scale factor s.
        translation: Largest translation t either way, in pixels of a 105x105 image; it shrinks
            and grows with the image.
        probability: Chance in [0, 1] with which each of the seven components is applied.

    Raises:
        ValueError: If a range is negative, not finite or empty, or the probability is no
            probability.
    """

    rotation: float = 10.0
    shear: float = 0.3
    scale: tuple[float, float] = (0.8, 1.2)
    translation: float = 2.0
    probability: float = 0.5

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("rotation", "shear", "translation"):
            value = getattr(self, name)
            if not is_number(value) or value < 0:
                raise ValueError(
                    f"`{name}` must be a finite number of at least 0 (the range is plus or minus "
                    f"it). Received: {name}={value}. Give 0 to leave it out."
                )
        if self.shear >= 1:
            raise ValueError(
                "`shear` must be below 1: from 1 on the transform can collapse the image to a "
                f"line. Received: shear={self.shear}. Give for example 0.3."
            )
        low, high = number_pair("scale", self.scale)
        if not 0 < low <= high:
            raise ValueError(
                "`scale` must be two finite factors with 0 < smallest <= largest. Received: "
                f"scale={self.scale}. Give for example (0.8, 1.2)."
            )
        check_number("probability", self.probability, least=0, most=1)


def draw_transforms(
    num_transforms: int,
    image_size: tuple[int, int],
    rng: np.random.Generator,
    ranges: AffineRanges | None = None,
) -> np.ndarray:
    """Draw random affine transforms (Koch et al. 2015, sec. 3.2).

    Open in Koch et al. 2015, sec. 3.2: order, centre, interpolation and fill. Decided: about the
    image centre, one composed matrix (scale, then shear, then rotation, then translation),
    bilinear, filled with paper.

    Args:
        num_transforms: How many.
        image_size: `(height, width)` of the images in pixels.
        rng: Source of randomness.
        ranges: Ranges of the components; the paper's by default.

    Returns:
        `(num_transforms, 6)`, float32: rows `(a0, a1, a2, b0, b1, b2)` that take an output pixel
        `(x, y)` to the input pixel `(a0 x + a1 y + a2, b0 x + b1 y + b2)`.
    """
    ranges = ranges or AffineRanges()

    def component(low: float, high: float, neutral: float, columns: int = 2) -> np.ndarray:
        values = rng.uniform(low, high, (num_transforms, columns))
        applied = rng.random((num_transforms, columns)) < ranges.probability
        return np.where(applied, values, neutral)

    theta = component(-ranges.rotation, ranges.rotation, 0.0, columns=1)[:, 0]
    shear = component(-ranges.shear, ranges.shear, 0.0)
    scale = component(*ranges.scale, 1.0)
    height, width = image_size
    pixels = np.array([width, height]) / REFERENCE_SIZE
    translation = component(-ranges.translation, ranges.translation, 0.0) * pixels
    return affine_rows(theta, shear, scale, translation, image_size)


def affine_rows(
    theta: np.ndarray,
    shear: np.ndarray,
    scale: np.ndarray,
    translation: np.ndarray,
    image_size: tuple[int, int],
) -> np.ndarray:
    """Compose scale, shear, rotation and translation about the image centre, and invert.

    Args:
        theta: `(n,)`, rotation in degrees (positive turns the x axis towards the y axis).
        shear: `(n, 2)`, `(rho_x, rho_y)`.
        scale: `(n, 2)`, `(s_x, s_y)`, positive.
        translation: `(n, 2)`, `(t_x, t_y)` in pixels of the image.
        image_size: `(height, width)` in pixels.

    Returns:
        `(n, 6)`, float32, output-to-input rows as in `draw_transforms`.
    """
    height, width = image_size
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    angle = np.deg2rad(theta)
    cos, sin = np.cos(angle), np.sin(angle)
    rotate = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    ones = np.ones_like(cos)
    skew = np.stack([np.stack([ones, shear[:, 0]], -1), np.stack([shear[:, 1], ones], -1)], -2)
    forward = (rotate @ skew) * scale[:, None, :]
    # The inverse of a 2x2 matrix, written out: numpy.linalg.inv takes seconds for a million.
    (a, b), (c, d) = np.moveaxis(forward, 0, -1)
    adjugate = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2)
    # Adding 0 leaves no zero with a minus sign, which would tell equal transforms apart by bytes.
    backward = adjugate / (a * d - b * c)[:, None, None] + 0.0
    # out = forward (in - centre) + centre + t, so in = backward (out - centre - t) + centre.
    offset = centre - np.einsum("nij,nj->ni", backward, centre + translation)
    return np.concatenate([backward, offset[:, :, None]], -1).reshape(-1, 6).astype(np.float32)


def distort(images: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """Apply affine transforms with scikit-image: the reference for the compiled warp.

    Args:
        images: `(n, height, width, channels)`, float32, [0, 1], paper 0.
        transforms: `(n, 6)`, output-to-input rows as in `draw_transforms`.

    Returns:
        Images of the same shape, float32, bilinear, filled with paper (0).
    """
    from skimage.transform import AffineTransform, warp

    if len(images) != len(transforms):
        raise ValueError(
            f"`transforms` must hold one row per image. Received: {len(transforms)} rows for "
            f"{len(images)} images. Give each image one."
        )
    matrices = np.zeros((len(images), 3, 3))
    matrices[:, :2] = np.asarray(transforms, dtype=np.float64).reshape(-1, 2, 3)
    matrices[:, 2, 2] = 1
    return np.stack(
        [
            warp(image, AffineTransform(matrix), order=1, mode="constant", cval=0.0)
            for image, matrix in zip(images, matrices, strict=True)
        ]
    ).astype(np.float32)


def square_symmetries(image_size: tuple[int, int]) -> np.ndarray:
    """Return the symmetries of the square: every turn and mirroring that keeps an image's shape.

    They take pixels to pixels, so that nothing is interpolated.

    Args:
        image_size: `(height, width)` of the images in pixels.

    Returns:
        `(8, 6)`, float32, output-to-input rows as in `draw_transforms`: the identity first, then
        mirrored left to right, top to bottom and both, then the same four of the image with rows
        and columns exchanged. Images that are not square have the first four alone, `(4, 6)`.
    """
    height, width = image_size
    right, bottom = width - 1, height - 1
    upright = [
        (1, 0, 0, 0, 1, 0),
        (-1, 0, right, 0, 1, 0),
        (1, 0, 0, 0, -1, bottom),
        (-1, 0, right, 0, -1, bottom),
    ]
    exchanged = [
        (0, 1, 0, 1, 0, 0),
        (0, 1, 0, -1, 0, bottom),
        (0, -1, right, 1, 0, 0),
        (0, -1, right, -1, 0, bottom),
    ]
    return np.array(upright + exchanged if height == width else upright, np.float32)


def compose_transforms(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Compose transforms of images: `first` acts on the image, `then` on what comes of it.

    Args:
        first: `(..., 6)`, output-to-input rows as in `draw_transforms`.
        then: `(..., 6)`, such rows; the shapes broadcast.

    Returns:
        `(..., 6)`, float32, rows of the one transform that does both.
    """
    # Output to input: `then` tells where a pixel stood before it, `first` where that one stood.
    matrices = _matrices(first) @ _matrices(then)
    return matrices[..., :2, :].reshape(*matrices.shape[:-2], 6).astype(np.float32)


def _matrices(rows: np.ndarray) -> np.ndarray:
    """Return `(..., 3, 3)`, the rows with the one of homogeneous coordinates."""
    matrices = np.zeros((*rows.shape[:-1], 3, 3))
    matrices[..., :2, :] = rows.reshape(*rows.shape[:-1], 2, 3)
    matrices[..., 2, 2] = 1
    return matrices
