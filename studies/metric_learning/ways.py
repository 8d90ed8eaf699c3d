"""The ways to train that are compared: heads on pairs or episodes, losses on embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_siamese import losses

PAIRS, EPISODES, CLASSES, PROXIES, MEMORY = "pairs", "episodes", "classes", "proxies", "memory"


@dataclass(frozen=True)
class Way:
    """One way to train an encoder.

    Attributes:
        title: What a table calls it.
        kind: What a step compares: "pairs", or all pairs of "episodes", both by the head and its
            cross-entropy; or a batch of some "classes", by a loss on embeddings, by one with a
            vector per class ("proxies") or with the last batches, too ("memory").
        head: The head that trains; for a loss on embeddings, the one that scores.
        loss: What makes the loss on embeddings; None for the head's cross-entropy.
    """

    title: str
    kind: str
    head: str = "cosine"
    loss: Callable[[], Any] | None = None


def _contrastive() -> Any:
    return losses.ContrastiveLoss(margin=0.5, distance="cosine")


def _triplet(mining: str) -> Callable[[], Any]:
    return lambda: losses.TripletLoss(mining=mining, margin=0.2, distance="cosine")


# Losses have their defaults, but that all which can compare by the cosine, and docs/
# metric-learning.md's margins. ArcFace's scale is for fewer features than the paper's.
WAYS: dict[str, Way] = {
    "pairs-l1": Way("cross-entropy of pairs, weighted L1 (the paper's)", PAIRS, "weighted_l1"),
    "pairs-euclidean": Way("cross-entropy of pairs, Euclidean head", PAIRS, "euclidean"),
    "pairs-cosine": Way("cross-entropy of pairs, cosine head", PAIRS),
    "episodes-l1": Way("cross-entropy of episodes, weighted L1", EPISODES, "weighted_l1"),
    "contrastive": Way("contrastive", CLASSES, loss=_contrastive),
    "contrastive-memory": Way("contrastive, cross-batch memory", MEMORY, loss=_contrastive),
    "triplet-semi-hard": Way("triplet, semi-hard", CLASSES, loss=_triplet("semi-hard")),
    "triplet-hard": Way("triplet, hard", CLASSES, loss=_triplet("hard")),
    "triplet-all": Way("triplet, all", CLASSES, loss=_triplet("all")),
    "n-pairs": Way("n-pairs", CLASSES, loss=losses.NPairsLoss),
    "multi-similarity": Way("multi-similarity", CLASSES, loss=losses.MultiSimilarityLoss),
    "supervised-contrastive": Way(
        "supervised contrastive", CLASSES, loss=losses.SupervisedContrastiveLoss
    ),
    "circle": Way("circle", CLASSES, loss=losses.CircleLoss),
    "soft-nearest-neighbor": Way(
        "soft nearest neighbour", CLASSES, "euclidean", losses.SoftNearestNeighborLoss
    ),
    "proxy-anchor": Way("proxy-anchor", PROXIES, loss=losses.ProxyAnchorLoss),
    "arcface": Way("ArcFace", PROXIES, loss=lambda: losses.ArcFaceLoss(margin=0.3, scale=16.0)),
}
