"""What an index knows of the network that its embeddings are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras_siamese.evaluation.head_logits import numpy_head
from keras_siamese.evaluation.learned_distance import own_head
from keras_siamese.evaluation.network import keras_digest
from keras_siamese.models.numpy_heads import NumpyHead
from keras_siamese.models.twins import check_inputs, twin_encoder


@dataclass(frozen=True, eq=False)
class NetworkSignature:
    """A network's weights as a digest, how its images are read, and its head.

    A file keeps all but the layer and its features.

    Attributes:
        digest: Of the weights.
        preprocessing: JSON types of `Preprocessing.to_json`; None where unsaid.
        head: None for an encoder alone, and for a head that NumPy cannot compute.
        layer: The head that NumPy cannot compute; else None, as in a file.
        layer_features: Length of the embeddings that the layer takes; None without a layer.
    """

    digest: str
    preprocessing: dict[str, Any] | None
    head: NumpyHead | None
    layer: Any = None
    layer_features: int | None = None

    @property
    def scorer(self) -> Any:
        """What scores pairs of embeddings: the head, else the layer; None for neither."""
        return self.layer if self.head is None else self.head

    @classmethod
    def of(cls, network: Any) -> NetworkSignature:
        """Describe a network.

        Args:
            network: A `Recognizer`, a siamese network or an encoder.

        Returns:
            The signature.

        Raises:
            ValueError: If it is not one of them.
        """
        reading = getattr(network, "preprocessing", None)
        read = None if reading is None else reading.to_json()
        inner = getattr(network, "network", network)
        if hasattr(inner, "digest"):
            digest, head, features = inner.digest, inner.head, inner.num_features
        else:
            if not hasattr(inner, "weights") or not hasattr(inner, "layers"):
                raise ValueError(
                    "`network` must be a Recognizer, a siamese network or an encoder. Received: "
                    f"{type(network).__name__}. Give what the embeddings are of."
                )
            check_inputs(inner, "network")
            digest, head = keras_digest(inner), own_head(inner)
            features = None if head is None else int(twin_encoder(inner).output_shape[-1])
        known = None if head is None else numpy_head(head)
        if head is None or known is not None:
            return cls(digest, read, known)
        return cls(digest, read, None, head, features)

    def check(self, given: NetworkSignature) -> None:
        """Refuse a network that an index is not of.

        Args:
            given: The network's.

        Raises:
            ValueError: If weights differ, or images are read in another way.
        """
        if given.digest != self.digest:
            raise ValueError(
                f"`network` must have the weights of the index's, with the digest "
                f"{self.digest[:12]}. Received: one with {given.digest[:12]}. Search with the "
                "network that the index was built with, or build it again with this one."
            )
        own, other = self.preprocessing, given.preprocessing
        if own is None or other is None:
            return
        names = sorted(name for name in {**own, **other} if own.get(name) != other.get(name))
        if names:
            raise ValueError(
                "`network` must read images as those of the index were read. Received: one that "
                f"differs in {', '.join(names)}. Set its `preprocessing`, or build the index again."
            )
