"""The learned distance of a siamese network: minus the logit of its head."""

from __future__ import annotations

from typing import Any

from keras_siamese.models.twins import twin_head

LEARNED = "learned"


def own_head(network: Any) -> Any:
    """Return the head of a siamese network; None for an encoder alone.

    Args:
        network: A Keras model.

    Returns:
        The head, as `twin_head` gives it.

    Raises:
        ValueError: If it is a model of two inputs that `siamese_network` did not make.
    """
    return twin_head(network) if len(getattr(network, "inputs", None) or ()) == 2 else None


def check_learned(head: Any) -> None:
    """Refuse the learned distance where no head is known.

    Args:
        head: A head, or None.

    Raises:
        ValueError: If it is None.
    """
    if head is None:
        raise ValueError(
            "`distance` must be 'cosine', 'euclidean' or 'l1' without a siamese network. "
            "Received: 'learned'. Give the network, whose head it is."
        )
