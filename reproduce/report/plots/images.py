"""Figures made of images: the paper's, and the map of an alphabet."""

from __future__ import annotations

import numpy as np

from keras_siamese.data import ImageDataset
from keras_siamese.plots import plot_distortions, plot_filters, plot_samples, plot_trial
from keras_siamese.plots.tiles import PALETTE
from reproduce.paper.figure_data import png_pixels
from reproduce.report.plots.sources import Plot, Sources
from reproduce.report.plots.style import report_figure

# Side of a drawing on the map, as a fraction of the map's.
SIDE = 0.055
PROTOCOLS = {
    "official": "run {} of the official runs",
    "within-alphabet": "episode {} of the episodes within one alphabet",
}


def trial(sources: Sources) -> Plot | None:
    """Draw one trial and the net's answer (Fig. 1)."""
    data = sources.main_data()
    if data is None:
        return None
    shown = data["trial"]
    figure = plot_trial(
        png_pixels(shown["query"]),
        np.stack([png_pixels(image) for image in shown["support"]]),
        np.array(shown["probabilities"]),
        shown["answer"],
    )
    caption = (
        f"Trial {shown['trial']} of {PROTOCOLS[shown['protocol']].format(shown['run'])} "
        f"({_plain(shown['alphabet'])}), fixed in advance: the query, and its "
        f"{len(shown['support'])} candidates ranked by the network's probability that they show "
        "the same character. The images are those that the network sees."
    )
    return Plot(figure, "One trial (Fig. 1)", caption, [data])


def distortions(sources: Sources) -> Plot | None:
    """Draw affine distortions of one character (Fig. 5)."""
    data = sources.main_data()
    if data is None:
        return None
    seed = data["distortions"]["seed"]
    figure = plot_distortions(png_pixels(data["distortions"]["image"]), seed=seed)
    caption = (
        "A training character (framed, the first of the data) and 24 random affine distortions of "
        f"it, seed {seed}."
    )
    return Plot(figure, "Affine distortions (Fig. 5)", caption, [data])


def samples(sources: Sources) -> Plot | None:
    """Draw sample characters (Fig. 6)."""
    data = sources.main_data()
    if data is None:
        return None
    shown = data["samples"]
    rows = shown["alphabets"]
    columns = len(next(iter(rows.values())))
    images = np.stack([png_pixels(image) for row in rows.values() for image in row])
    count = len(images)
    # The figure shows the whole of a data set that holds the chosen characters alone.
    dataset = ImageDataset(
        images=images,
        alphabet=np.repeat(np.arange(len(rows), dtype=np.int32), columns),
        character=np.arange(count, dtype=np.int32),
        drawer=np.ones(count, np.int32),
        alphabet_names=tuple(rows),
        character_names=tuple(map(str, range(count))),
        name=shown["dataset"],
    )
    figure = plot_samples(dataset, seed=0, num_alphabets=len(rows), num_characters=columns)
    caption = (
        f"Characters of eight alphabets of {shown['dataset']}, each by one drawer; alphabets, "
        f"characters and drawers drawn at random, seed {shown['seed']}."
    )
    return Plot(figure, "Characters of the data (Fig. 6)", caption, [data])


def filters(sources: Sources) -> Plot | None:
    """Draw the first filters of the first convolution (Fig. 7)."""
    data = sources.main_data()
    if data is None or data["filters"] is None:
        return None
    caption = (
        "The first 32 filters of the first convolution; red weights answer to ink, blue ones to "
        "its absence, on one scale."
    )
    figure = plot_filters(np.array(data["filters"]))
    return Plot(figure, "Filters of the first layer (Fig. 7)", caption, [data])


def embedding_map(sources: Sources) -> Plot | None:
    """Draw every drawing of the alphabet at its place, those of one character joined."""
    from matplotlib.colors import to_rgb

    data = sources.main_data()
    if data is None:
        return None
    shown = data["map"]
    points, characters = np.array(shown["points"]), np.array(shown["characters"])
    low, span = points.min(axis=0), np.ptp(points, axis=0).max()
    side = SIDE * span
    figure = report_figure(6.4)
    panel = figure.subplots()
    panel.set(
        xlim=(low[0] - side, points[:, 0].max() + side),
        ylim=(low[1] - side, points[:, 1].max() + side),
        aspect="equal",
    )
    panel.axis("off")
    for character in np.unique(characters):
        own = points[characters == character]
        middle = own.mean(axis=0)
        for x, y in own:
            color = PALETTE[character % len(PALETTE)]
            panel.plot([x, middle[0]], [y, middle[1]], color=color, lw=1, alpha=0.35, zorder=1)
    for (x, y), character, image in zip(points, characters, shown["images"], strict=True):
        ink = png_pixels(image) / 255
        colored = np.empty((*ink.shape[:2], 4))
        colored[..., :3] = to_rgb(PALETTE[character % len(PALETTE)])
        colored[..., 3:] = ink
        half = side / 2
        panel.imshow(colored, extent=(x - half, x + half, y - half, y + half), zorder=2)
    caption = (
        f"{_plain(shown['alphabet'])}, an alphabet of the test: all "
        f"{len(points)} drawings by {len(set(shown['drawers']))} drawers, placed by t-SNE "
        f"of their embeddings (L1 distance, perplexity {shown['perplexity']:g}, seed "
        f"{shown['seed']}). Lines join the drawings of one character; only distances between "
        "neighbours mean something."
    )
    return Plot(figure, "Map of an unseen alphabet", caption, [data])


def _plain(name: str) -> str:
    return name.replace("_", " ")
