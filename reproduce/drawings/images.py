"""Figures made of images: one trial, distortions, samples, filters (Koch et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.data import ImageDataset
from keras_siamese.plots import plot_distortions, plot_filters, plot_samples, plot_trial
from reproduce.drawings.sources import Sources
from reproduce.paper.figure_data import decode_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def trial(sources: Sources) -> Figure | None:
    """Draw one trial and the net's answer (Fig. 1)."""
    data = sources.main_data()
    if data is None:
        return None
    shown = data["trial"]
    return plot_trial(
        decode_png(shown["query"]),
        np.stack([decode_png(image) for image in shown["support"]]),
        np.array(shown["probabilities"]),
        shown["answer"],
    )


def distortions(sources: Sources) -> Figure | None:
    """Draw affine distortions of one character (Fig. 5)."""
    data = sources.main_data()
    if data is None:
        return None
    return plot_distortions(
        decode_png(data["distortions"]["image"]), seed=data["distortions"]["seed"]
    )


def samples(sources: Sources) -> Figure | None:
    """Draw sample characters (Fig. 6)."""
    data = sources.main_data()
    if data is None:
        return None
    rows = data["samples"]["alphabets"]
    columns = len(next(iter(rows.values())))
    images = np.stack([decode_png(image) for row in rows.values() for image in row])
    count = len(images)
    # The characters chosen are a data set of their own, of which the figure shows everything.
    dataset = ImageDataset(
        images=images,
        alphabet=np.repeat(np.arange(len(rows), dtype=np.int32), columns),
        character=np.arange(count, dtype=np.int32),
        drawer=np.ones(count, np.int32),
        alphabet_names=tuple(rows),
        character_names=tuple(map(str, range(count))),
        name=data["samples"]["dataset"],
    )
    return plot_samples(dataset, seed=0, num_alphabets=len(rows), num_characters=columns)


def filters(sources: Sources) -> Figure | None:
    """Draw the first filters of the first convolution (Fig. 7)."""
    data = sources.main_data()
    if data is None or data["filters"] is None:
        return None
    return plot_filters(np.array(data["filters"]))
