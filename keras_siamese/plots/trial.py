"""Figure of one one-shot trial (Koch et al. 2015, Fig. 1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.plots.tiles import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE,
    add_tile,
    checked_tiles,
    figure_of,
    sheet,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

# In tiles: side of the query, left edge of the candidates, step to the next one.
QUERY_SIDE, LEFT, STEP_X, STEP_Y = 2.0, 2.6, 1.2, 1.65
# Room above a tile for its tag; the probability's bar and number stand below it.
TAG_ROOM = 0.3


def plot_trial(
    query: np.ndarray,
    support: np.ndarray,
    probabilities: np.ndarray,
    answer: int | None = None,
    *,
    axes: Axes | None = None,
) -> Figure:
    """Draw a trial: the query, and its candidates from the most to the least probable.

    Source: Koch et al. 2015, Fig. 1 and sec. 4.3. The net's answer is the candidate of the highest
    probability. It is framed and tagged, and so is the true one where it is known.

    Args:
        query: `(height, width, channels)`, 1 or 3 channels, uint8, ink 255, or float in [0, 1].
        support: `(n_way, height, width, channels)`, as `query`; one image of each class.
        probabilities: `(n_way,)`, float in [0, 1], that query and candidate show the same class,
            as `pair_probabilities` gives them.
        answer: The true class's place in `support`, or None where it is unknown.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If an argument has another shape or range.
        ImportError: If matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_trial
        >>> images = np.random.default_rng(0).random((4, 8, 8, 1))
        >>> figure = plot_trial(images[0], images[1:], np.array([0.1, 0.8, 0.3]), answer=1)
        >>> figure.savefig("trial.png")
    """
    shown = checked_tiles("query", np.asarray(query)[None])[0]
    candidates = checked_tiles("support", support)
    values = np.asarray(probabilities, float)
    n_way = len(candidates)
    if values.shape != (n_way,) or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"`probabilities` must be {n_way} numbers in [0, 1], one for each image of `support`. "
            f"Received: {values.tolist()}. Apply the sigmoid to logits."
        )
    if answer is not None and not 0 <= answer < n_way:
        raise ValueError(
            f"`answer` must be a place in `support`, from 0 to {n_way - 1}, or None. Received: "
            f"answer={answer}. Count the places from 0."
        )
    columns = math.ceil(math.sqrt(1.25 * n_way))
    rows = math.ceil(n_way / columns)
    axes = sheet(axes, LEFT + STEP_X * columns - 0.15, STEP_Y * rows)
    top = max(TAG_ROOM, (STEP_Y * rows - QUERY_SIDE) / 2)
    _tag(axes, add_tile(axes, shown, 0.02, top, side=QUERY_SIDE), "query", INK)
    # Stable, so that of equally probable candidates the first one comes first.
    ranked = np.argsort(-values, kind="stable").tolist()
    for rank, place in enumerate(ranked):
        x, y = LEFT + STEP_X * (rank % columns), TAG_ROOM + STEP_Y * (rank // columns)
        frame = add_tile(axes, candidates[place], x, y)
        _probability(axes, float(values[place]), x, y + 1.07)
        if place == answer:
            _tag(axes, frame, "true, answered" if rank == 0 else "true", GREEN)
        elif rank == 0:
            _tag(axes, frame, "answered", BLUE if answer is None else ORANGE)
    return figure_of(axes)


def _probability(axes: Axes, value: float, x: float, y: float) -> None:
    """Draw a probability as a bar on a track, and as a number below."""
    from matplotlib.patches import Rectangle

    for width, color in ((1.0, PALE), (value, BLUE)):
        axes.add_patch(Rectangle((x, y), width, 0.07, facecolor=color, edgecolor="none"))
    axes.text(x + 0.5, y + 0.21, f"{value:.1%}", ha="center", va="center", fontsize=9, color=INK)


def _tag(axes: Axes, frame: Rectangle, text: str, color: str) -> None:
    """Frame a tile in a colour, and write above it what it is."""
    frame.set(edgecolor=color, linewidth=2.2, label=text)
    x, y = frame.get_xy()
    middle = x + frame.get_width() / 2
    axes.text(
        middle, y - 0.06, text, ha="center", va="bottom", fontsize=9, color=color, weight="bold"
    )
