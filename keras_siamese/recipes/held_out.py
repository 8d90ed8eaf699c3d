"""What a trained network learns from held-out classes: score, probabilities, threshold, novelty."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation import evaluate_one_shot, find_operating_point, pair_probabilities
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.scoring_draws import draw_pairs
from keras_siamese.evaluation.training_report import TrainingReport
from keras_siamese.recognizer import Recognizer
from keras_siamese.training import calibrate

# Most training images, and most held-out ones, that the novelty is learned from.
MOST_ENCODED = 2000


def score_held_out(
    report: TrainingReport,
    model: keras.Model,
    unseen: ImageDataset,
    episodes: OneShotEpisodes,
    *,
    false_accept_rate: float,
    seed: int,
) -> TrainingReport:
    """Score a trained network on held-out classes, calibrate it and choose its threshold.

    Args:
        report: What is known of the training so far.
        model: The trained network, whose probabilities are calibrated in place.
        unseen: Images of the held-out classes.
        episodes: One-shot episodes of the held-out classes.
        false_accept_rate: Share in [0, 1] of the different held-out pairs that the threshold may
            call the same.
        seed: Seed of the held-out pairs.

    Returns:
        The report with the scores.
    """
    one_shot = evaluate_one_shot(model, episodes)
    table = draw_pairs(unseen, seed=seed)
    uncalibrated = _calibrate(model, unseen, table)
    scores = pair_probabilities(model, unseen.images, table.left, table.right)
    return replace(
        report,
        held_out=tuple(sorted(set(unseen.labels.tolist()))),
        n_way=int(episodes.support.shape[1]),
        one_shot=one_shot,
        operating_point=find_operating_point(
            scores, table.same, false_accept_rate=false_accept_rate
        ),
        uncalibrated=uncalibrated,
        false_accept_rate=false_accept_rate,
    )


def learn_novelty(
    recognizer: Recognizer, known: ImageDataset, unseen: ImageDataset | None, seed: int
) -> Novelty:
    """Learn what training images are like, and score by held-out ones.

    Args:
        recognizer: Encodes the images.
        known: Images that its network was trained on.
        unseen: Images of held-out classes; None where there are none.
        seed: Seed of the draw of up to 2,000 images of each.

    Returns:
        The score of how much an image differs from the training images.
    """
    rng = np.random.default_rng(seed)

    def embeddings(images: ImageDataset) -> np.ndarray:
        count = min(len(images), MOST_ENCODED)
        return recognizer.encode(images.images[rng.permutation(len(images))[:count]])

    return Novelty.fit(embeddings(known), None if unseen is None else embeddings(unseen))


def _calibrate(model: keras.Model, images: ImageDataset, pairs: PairTable) -> str | None:
    """Make the probabilities fit held-out pairs; a network that learned nothing is unchanged."""
    try:
        calibrate(model, images.images, pairs)
    except ValueError as error:
        return str(error)
    return None
