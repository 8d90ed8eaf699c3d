"""Shapes of made-up characters: a few smooth strokes, in the habits of their alphabet."""

import numpy as np

from keras_siamese.data.pen import bezier

# Two strokes of a character, and two characters of an alphabet, are at least this far apart on
# average, in image sides.
_MIN_GAP, _MIN_DIFFERENCE = 0.06, 0.085
# Shortest stroke between its ends, in image sides.
_MIN_LENGTH = 0.25
# Where strokes are sampled to measure how far apart they are.
_TIMES = np.linspace(0.0, 1.0, 12)


def make_alphabet(num_characters: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draws the characters of one alphabet.

    Args:
        num_characters: Number of characters.
        rng: Source of randomness. The first characters do not depend on how many follow.

    Returns:
        One array `(strokes, 4, 2)`, float64, per character: control points (x, y) of cubic Bezier
        curves, image sides, ends in [-0.36, 0.36].
    """
    curved, long = rng.uniform(0.25, 0.85), rng.uniform(0.2, 0.6)
    characters: list[np.ndarray] = []
    outlines: list[np.ndarray] = []
    for _ in range(num_characters):
        # A crowded alphabet may have no place left, so the search for a new shape is bounded.
        for _ in range(20):
            count = 2 + int(rng.random() < long) + int(rng.random() < 0.25)
            strokes = _make_character(count, curved, rng)
            outline = bezier(strokes, _TIMES).reshape(-1, 2)
            if all(_gap(outline, o) + _gap(o, outline) >= 2 * _MIN_DIFFERENCE for o in outlines):
                break
        characters.append(strokes)
        outlines.append(outline)
    return characters


def _make_character(count: int, curved: float, rng: np.random.Generator) -> np.ndarray:
    strokes: list[np.ndarray] = []
    for _ in range(count):
        # A stroke that retraces an earlier one would be invisible; the search is bounded here too.
        for _ in range(10):
            stroke = _next_stroke(strokes, curved, rng)
            points = bezier(stroke, _TIMES)
            if all(_gap(points, bezier(other, _TIMES)) >= _MIN_GAP for other in strokes):
                break
        strokes.append(stroke)
    placed = np.stack(strokes)
    outline = bezier(placed, _TIMES).reshape(-1, 2)
    low, high = outline.min(0), outline.max(0)
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
    """A point of the 3x4 grid that letters hang on, slightly off."""
    grid = np.array([rng.integers(3) / 2 - 0.5, rng.integers(4) / 3 - 0.5])
    return grid * 0.7 + rng.uniform(-0.05, 0.05, 2)


def _stroke(
    start: np.ndarray, end: np.ndarray, curved: float, rng: np.random.Generator
) -> np.ndarray:
    """A line, an arc, a hook or a wave from `start` to `end`, `(4, 2)`."""
    along = end - start
    across = np.array([-along[1], along[0]])
    first = second = rng.uniform(-0.08, 0.08)
    if rng.random() < curved:
        first = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.3)
        # Bulges of one sign make an arc, of two signs a wave, and a flat second one a hook.
        second = first * np.array([1.0, 1.0, -1.0, 0.1])[int(rng.integers(4))]
    leave, arrive = start + along / 3 + first * across, end - along / 3 + second * across
    return np.stack([start, leave, arrive, end])


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance from each point of `one` to the nearest of `other`."""
    return float(np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)).min(1).mean())
