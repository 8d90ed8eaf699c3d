"""The weights of a head that NumPy can compute: weighted L1, Euclidean or cosine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

WEIGHTED_L1 = "weighted_l1"
EUCLIDEAN = "euclidean"
COSINE = "cosine"


@dataclass(frozen=True)
class NumpyHead:
    """Weights of a head, as `class_logits` and `head_logits` take them.

    Attributes:
        weights: In the layer's order. Of the weighted L1 distance the kernel `(features, 1)` and,
            where there is one, the bias `(1,)`; of the others the logarithm of the scale `(1,)`
            and the bias `(1,)`.
        kind: "weighted_l1", "euclidean" or "cosine".
    """

    weights: tuple[np.ndarray, ...]
    kind: str = WEIGHTED_L1

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights, as a layer of Keras does."""
        return list(self.weights)

    def in_numpy(self) -> NumpyHead:
        """Return the head itself, as the layers return theirs."""
        return self

    @property
    def num_features(self) -> int | None:
        """Length of the embeddings; None for a head that takes any."""
        return len(self.weights[0]) if self.kind == WEIGHTED_L1 else None

    @property
    def factors(self) -> np.ndarray:
        """What multiplies the distance or cosine: the kernel `(features,)`, or the scale `()`."""
        first = np.asarray(self.weights[0], np.float32).reshape(-1)
        return first if self.kind == WEIGHTED_L1 else np.exp(first[0])

    @property
    def bias(self) -> np.float32:
        """What is added: 0 where there is no bias."""
        return np.float32(self.weights[1].reshape(())) if len(self.weights) > 1 else np.float32(0)

    def fits(self, features: int) -> bool:
        """Say whether the weights have the shapes of a head on embeddings of a length.

        Args:
            features: That length.
        """
        shapes = [value.shape for value in self.weights]
        if self.kind == WEIGHTED_L1:  # It alone goes without a bias.
            return shapes in ([(features, 1)], [(features, 1), (1,)])
        return shapes == [(1,), (1,)]

    def scaled(self, slope: float, offset: float) -> NumpyHead:
        """Return the head whose logits are `slope * z + offset`.

        Args:
            slope: Positive.
            offset: Any number.
        """
        first = np.asarray(self.weights[0], np.float32)
        known = self.kind == WEIGHTED_L1
        first = first * np.float32(slope) if known else first + np.float32(np.log(slope))
        bias = np.asarray([slope * self.bias + offset], np.float32)
        return replace(self, weights=(first, bias))


def plain_l1(features: int) -> NumpyHead:
    """Return the head whose logit is minus the L1 distance.

    Args:
        features: Length of an embedding.
    """
    return NumpyHead((np.full((features, 1), -1, np.float32),))
