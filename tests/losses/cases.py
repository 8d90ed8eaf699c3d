"""Every loss with each of its options, next to its definition in NumPy."""

from functools import partial

import numpy as np

from keras_siamese import losses
from keras_siamese.losses.distances import DISTANCES
from keras_siamese.losses.triplet import MINING
from tests.losses import numpy_losses

# Uneven classes, one of them with a single image.
LABELS = np.array([3, 0, 7, 3, 0, 3, 7, 5, 7, 0, 3])
FEATURES, CLASSES = 4, 8


def embeddings(seed=0, rows=11, features=FEATURES):
    return np.random.default_rng(seed).normal(size=(rows, features)).astype("float32")


def similarities(seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (len(LABELS), CLASSES)).astype("float32")


# Margins about as large as the distances are.
_MARGINS = {"cosine": 1.2, "euclidean": 3.0, "squared_euclidean": 9.0, "l1": 7.0}


def _embedding_cases():
    for name in DISTANCES:
        margin = _MARGINS[name]
        yield (
            f"contrastive-{name}",
            losses.ContrastiveLoss(margin, name),
            partial(numpy_losses.contrastive, margin=margin, name=name),
        )
        for mining in MINING:
            for size in (margin / 4, "soft") if mining != "all" else (margin / 4,):
                yield (
                    f"triplet-{mining}-{name}-{'soft' if size == 'soft' else 'hinge'}",
                    losses.TripletLoss(mining, size, name),
                    partial(numpy_losses.triplet, mining=mining, margin=size, name=name),
                )
        yield (
            f"supervised-contrastive-{name}",
            losses.SupervisedContrastiveLoss(0.7, name),
            partial(numpy_losses.supervised_contrastive, temperature=0.7, name=name),
        )
        yield (
            f"soft-nearest-neighbor-{name}",
            losses.SoftNearestNeighborLoss(3.0, name),
            partial(numpy_losses.soft_nearest_neighbor, temperature=3.0, name=name),
        )
    yield "n-pairs", losses.NPairsLoss(), numpy_losses.n_pairs
    for epsilon in (None, 0.0, 0.1):
        yield (
            f"multi-similarity-{epsilon}",
            losses.MultiSimilarityLoss(3.0, 20.0, 0.4, epsilon),
            partial(numpy_losses.multi_similarity, alpha=3.0, beta=20.0, base=0.4, epsilon=epsilon),
        )
    yield "circle", losses.CircleLoss(0.3, 10.0), partial(numpy_losses.circle, margin=0.3, scale=10)


def _proxy_cases():
    for margin in (0.0, 0.5, 2.5):
        yield (
            f"arcface-{margin}",
            losses.ArcFaceLoss(margin, 8.0),
            partial(numpy_losses.arcface, margin=margin, scale=8.0),
        )
    yield (
        "proxy-anchor",
        losses.ProxyAnchorLoss(0.2, 8.0),
        partial(numpy_losses.proxy_anchor, margin=0.2, scale=8.0),
    )


EMBEDDING_CASES = {name: case for name, *case in _embedding_cases()}
PROXY_CASES = {name: case for name, *case in _proxy_cases()}
CASES = EMBEDDING_CASES | PROXY_CASES


def matrix_of(name, seed=0):
    """Embeddings or similarities, whichever a case takes."""
    return embeddings(seed) if name in EMBEDDING_CASES else similarities(seed)
