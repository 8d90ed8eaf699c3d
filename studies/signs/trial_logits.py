"""What a network makes of a domain: its pictures as read, and the logits of trials."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

from keras_siamese.data import OneShotEpisodes, Preprocessing
from keras_siamese.evaluation.episode_scores import one_shot_scores
from studies.signs.domains import Domain


def read_domain(domain: Domain, preprocessing: Preprocessing) -> np.ndarray:
    """Read all pictures of a domain for a network.

    Returns:
        `(n, height, width, channels)`, uint8. A picture that cannot be read stays blank.
    """
    images = np.zeros((len(domain.pictures), *preprocessing.shape), np.uint8)
    for i, picture in enumerate(domain.pictures):
        try:
            images[i] = preprocessing.read(picture)
        except ValueError:
            continue
    return images


def trial_logits(model: keras.Model, images: np.ndarray, trials: OneShotEpisodes) -> np.ndarray:
    """Compare the query of each trial with its support set.

    Args:
        model: Siamese network.
        images: What `read_domain` gives.
        trials: Trials of the same domain.

    Returns:
        `(episodes, n_query, n_way)`, float32.
    """
    return one_shot_scores(model, replace(trials, images=images))
