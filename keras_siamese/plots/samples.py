"""Figure of sample characters of a data set (Koch et al. 2015, Fig. 6)."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.data import ImageDataset
from keras_siamese.plots.tiles import INK, add_tile, check_counts, checked_tiles, figure_of, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 1.08
# Room on the left for the alphabets' names: in tiles, and in letters of a line.
NAME_ROOM, LINE_LENGTH = 3.4, 20


def choose_samples(
    dataset: ImageDataset, *, num_alphabets: int = 8, num_characters: int = 12, seed: int
) -> dict[str, np.ndarray]:
    """Draw characters of some alphabets at random, each as one drawer drew it.

    Args:
        dataset: Images to draw from.
        num_alphabets: Number of alphabets.
        num_characters: Characters of each; alphabets with fewer are passed over.
        seed: Seed of the draw.

    Returns:
        For every alphabet, by name, `(num_characters,)`, integer, indices into the images.

    Raises:
        ValueError: If a count is below 1, or too few alphabets have so many characters.
    """
    check_counts(num_alphabets=num_alphabets, num_characters=num_characters)
    rng = np.random.default_rng(seed)
    members = {
        dataset.alphabet_names[alphabet]: np.flatnonzero(dataset.alphabet == alphabet)
        for alphabet in np.unique(dataset.alphabet)
    }
    characters = {name: np.unique(dataset.character[images]) for name, images in members.items()}
    large = sorted(name for name in members if len(characters[name]) >= num_characters)
    if len(large) < num_alphabets:
        raise ValueError(
            f"`num_alphabets` must be at most {len(large)}, the number of alphabets of "
            f"{dataset.name!r} with {num_characters} characters. Received: {num_alphabets}. Lower "
            "it or `num_characters`."
        )
    return {
        name: np.array(
            [
                rng.choice(np.flatnonzero(dataset.character == character))
                for character in rng.choice(characters[name], num_characters, replace=False)
            ]
        )
        for name in sorted(rng.choice(large, num_alphabets, replace=False).tolist())
    }


def plot_samples(
    dataset: ImageDataset,
    *,
    seed: int,
    num_alphabets: int = 8,
    num_characters: int = 12,
    axes: Axes | None = None,
) -> Figure:
    """Draw sample characters of a data set, one alphabet per row, with its name.

    Source: Koch et al. 2015, Fig. 6.

    Args:
        dataset: Images to draw from, 1 or 3 channels.
        seed: Seed of the choice.
        num_alphabets: Number of rows.
        num_characters: Number of columns.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: As `choose_samples`, or if the images have another number of channels.
        ImportError: If matplotlib is missing.

    Example:
        >>> from keras_siamese import make_glyphs
        >>> from keras_siamese.plots import plot_samples
        >>> glyphs = make_glyphs(num_alphabets=3, characters_per_alphabet=5, num_drawers=2)
        >>> figure = plot_samples(glyphs, seed=0, num_alphabets=3, num_characters=5)
        >>> figure.savefig("samples.png")
    """
    chosen = choose_samples(
        dataset, num_alphabets=num_alphabets, num_characters=num_characters, seed=seed
    )
    axes = sheet(axes, NAME_ROOM + STEP * num_characters, STEP * num_alphabets)
    for row, (name, indices) in enumerate(chosen.items()):
        y = 0.04 + STEP * row
        label = textwrap.fill(name.replace("_", " "), LINE_LENGTH)
        axes.text(NAME_ROOM - 0.25, y + 0.5, label, ha="right", va="center", color=INK, fontsize=9)
        for column, image in enumerate(checked_tiles("dataset", dataset.images[indices])):
            add_tile(axes, image, NAME_ROOM + STEP * column, y)
    return figure_of(axes)
