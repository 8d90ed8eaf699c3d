"""The rows of the tables that learn nothing: nearest neighbour and Hausdorff distance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data import OneShotEpisodes
from keras_siamese.evaluation import hausdorff_scores, nearest_neighbour_scores, score_episodes
from reproduce import provenance, results
from reproduce.paper.data import MNIST_SIZE, load_splits, mnist_episodes, test_episodes
from reproduce.paper.presets import load_preset
from reproduce.paper.scores import one_shot_entry


def euclidean_scores(episodes: OneShotEpisodes) -> np.ndarray:
    """Score queries by the negated Euclidean distance of raw pixels to each class.

    The paper does not say which distance its nearest neighbour takes; this is the other likely
    one, besides the cosine of `nearest_neighbour_scores`.

    Returns:
        `(episodes, n_query, n_way)`, float64, higher is more similar.
    """
    pixels = episodes.images.reshape(len(episodes.images), -1).astype(np.float64) / 255
    scores = np.empty((*episodes.queries.shape, episodes.support.shape[1]))
    for episode, (support, queries) in enumerate(
        zip(episodes.support, episodes.queries, strict=True)
    ):
        difference = pixels[queries][:, None, None] - pixels[support][None]
        scores[episode] = -np.sqrt((difference**2).sum(axis=-1)).min(axis=-1)
    return scores


def score_baselines(size: int, data_dir: Path | None = None) -> dict[str, Any]:
    """Score the baselines of tables 2 and 3 at one size, as JSON types."""
    config = load_preset("paper").override(size=size)
    entries = []
    for episodes in test_episodes(config, load_splits(config, data_dir), data_dir):
        for cell, scores in (
            ("nearest neighbour", nearest_neighbour_scores(episodes)),
            ("nearest neighbour, Euclidean", euclidean_scores(episodes)),
            ("modified Hausdorff distance", hausdorff_scores(episodes)),
        ):
            entries.append(one_shot_entry(score_episodes(scores, episodes), 2, cell, size))
    if size == MNIST_SIZE:
        for side in (28, MNIST_SIZE):
            episodes = mnist_episodes(side, data_dir)
            mark = "" if side == size else f", {side}x{side}"
            for cell, scores in (
                (f"nearest neighbour{mark}", nearest_neighbour_scores(episodes)),
                (f"nearest neighbour, Euclidean{mark}", euclidean_scores(episodes)),
            ):
                entries.append(one_shot_entry(score_episodes(scores, episodes), 3, cell, side))
    return {
        "role": "baseline",
        **entries[0],
        "seed": 0,
        "other_results": entries[1:],
        "config": {"name": "baselines", "size": size, "data": "omniglot"},
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }


def write_baselines(results_dir: Path, *, size: int, data_dir: Path | None = None) -> Path:
    """Score the baselines where they are not scored yet, and write their result file."""
    path = results_dir / f"baselines-{size}.json"
    if not path.exists():
        results.write(path, score_baselines(size, data_dir))
    return path
