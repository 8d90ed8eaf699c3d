"""The scores of a trained network on classes that it has not seen."""

from __future__ import annotations

import keras

from keras_siamese.data import ImageDataset, sample_episodes, sample_pairs
from keras_siamese.evaluation import embed, equal_error_rate, recall_at_k, score_episodes
from keras_siamese.evaluation.episode_scores import episode_logits
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import twin_head

NUM_EPISODES, N_WAY, NUM_PAIRS = 100, 20, 10_000
# Of a network that diverged: nothing is found, and a coin decides pairs.
DIVERGED = {"one_shot": 0.0, "recall_at_1": 0.0, "equal_error_rate": 0.5}


def score_network(model: keras.Model, dataset: ImageDataset) -> dict[str, float]:
    """Score a network; trials and pairs are the same for each.

    Args:
        model: Siamese model; its head compares.
        dataset: Images of classes that did not train.

    Returns:
        `one_shot`, the accuracy of 20-way trials within groups; `recall_at_1` among all images;
        and `equal_error_rate` of pairs, half of them same, within groups.
    """
    head, vectors = twin_head(model), embed(model, dataset)
    episodes = sample_episodes(dataset, num_episodes=NUM_EPISODES, n_way=N_WAY, seed=0)
    logits = episode_logits(head, vectors, episodes.support, episodes.queries)
    pairs = sample_pairs(dataset, NUM_PAIRS, seed=0)
    compared = head_logits(head, vectors, pairs.left, pairs.right)
    return {
        "one_shot": score_episodes(logits, episodes).accuracy,
        "recall_at_1": recall_at_k(vectors, dataset.character, distance=head),
        "equal_error_rate": equal_error_rate(compared, pairs.same),
    }
