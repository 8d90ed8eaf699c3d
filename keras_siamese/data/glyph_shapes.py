"""Shapes of made-up characters: a few smooth strokes, in the habits of their alphabet."""

import numpy as np

from keras_siamese.data.pen import bezier

# Two strokes of a character, and two characters of an alphabet, are at least this far apart on
# average, in image sides.
_MIN_GAP, _MIN_DIFFERENCE = 0.06, 0.085
# Shortest stroke between its ends, in image sides.
_MIN_LENGTH = 0.25
# Points at which a stroke is sampled, and a whole character, to measure how far apart they are. The
# second is a multiple of 2, 3 and 4 strokes, so that all outlines have the same length.
_STROKE_POINTS, _CHARACTER_POINTS = 12, 24


def make_alphabet(num_characters: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the characters of one alphabet.

    Args:
        num_characters: Number of characters.
        rng: Source of randomness. The first characters do not depend on how many follow.

    Returns:
        One array `(strokes, 4, 2)`, float64, per character: control points (x, y) of cubic Bezier
        curves, image sides, ends in [-0.36, 0.36].
    """
    curved, long = rng.uniform(0.25, 0.85), rng.uniform(0.2, 0.6)
    characters: list[np.ndarray] = []
    outlines = np.empty((num_characters, _CHARACTER_POINTS, 2))
    for made in range(num_characters):
        # A crowded alphabet may have no place left, so the search for a new shape is bounded.
        for _ in range(20):
            count = 2 + int(rng.random() < long) + int(rng.random() < 0.25)
            strokes = _make_character(count, curved, rng)
            outlines[made] = _outline(strokes, _CHARACTER_POINTS)
            there, back = _gaps(outlines[made], outlines[:made])
            if (there + back >= 2 * _MIN_DIFFERENCE).all():
                break
        characters.append(strokes)
    return characters


def _make_character(count: int, curved: float, rng: np.random.Generator) -> np.ndarray:
    strokes: list[np.ndarray] = []
    outlines: list[np.ndarray] = []
    for _ in range(count):
        # A stroke that retraces an earlier one would be invisible; the search is bounded here too.
        for _ in range(10):
            stroke = _next_stroke(strokes, curved, rng)
            points = _outline(stroke, _STROKE_POINTS)
            if not outlines or (_gaps(points, np.stack(outlines))[0] >= _MIN_GAP).all():
                break
        strokes.append(stroke)
        outlines.append(points)
    placed = np.stack(strokes)
    low, high = np.min(outlines, axis=(0, 1)), np.max(outlines, axis=(0, 1))
    # Every character fills the same square along its longer side, as letters on a line do.
    return (placed - (low + high) / 2) * (0.72 / (high - low).max())


def _next_stroke(strokes: list[np.ndarray], curved: float, rng: np.random.Generator) -> np.ndarray:
    start, end = _anchor(rng), _anchor(rng)
    # As in handwriting, most strokes begin on an earlier one: at an end or in its middle.
    if strokes and rng.random() < 0.7:
        time = np.array([0.0, 0.5, 1.0])[int(rng.integers(3))]
        start = bezier(strokes[int(rng.integers(len(strokes)))], np.array([time]))[0]
    while np.hypot(*(end - start)) < _MIN_LENGTH:
        end = _anchor(rng)
    return _stroke(start, end, curved, rng)


def _anchor(rng: np.random.Generator) -> np.ndarray:
    """Draw a point of the 3x4 grid that letters hang on, slightly off."""
    grid = np.array([rng.integers(3) / 2 - 0.5, rng.integers(4) / 3 - 0.5])
    return grid * 0.7 + rng.uniform(-0.05, 0.05, 2)


def _stroke(
    start: np.ndarray, end: np.ndarray, curved: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw a line, an arc, a hook or a wave from `start` to `end`, `(4, 2)`."""
    along = end - start
    across = np.array([-along[1], along[0]])
    first = second = rng.uniform(-0.08, 0.08)
    if rng.random() < curved:
        first = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.3)
        # Bulges of one sign make an arc, of two signs a wave, and a flat second one a hook.
        second = first * np.array([1.0, 1.0, -1.0, 0.1])[int(rng.integers(4))]
    leave, arrive = start + along / 3 + first * across, end - along / 3 + second * across
    return np.stack([start, leave, arrive, end])


def _outline(strokes: np.ndarray, num_points: int) -> np.ndarray:
    """Compute points `(num_points, 2)` of `(4, 2)` or `(strokes, 4, 2)`, as many on each stroke."""
    num_strokes = strokes.size // 8
    return bezier(strokes, np.linspace(0.0, 1.0, num_points // num_strokes)).reshape(-1, 2)


def _gaps(one: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean distance to the nearest, from `one` (p, 2) to each (m, q, 2), and back."""
    x, y = np.moveaxis(one[None, :, None] - others[:, None], -1, 0)
    distance = np.hypot(x, y)
    return distance.min(axis=2).mean(axis=1), distance.min(axis=1).mean(axis=1)
