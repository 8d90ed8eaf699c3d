"""Which distance an index searches by."""

from __future__ import annotations

from keras_siamese.argument_checks import check_choice
from keras_siamese.evaluation.learned_distance import LEARNED, check_learned
from keras_siamese.index.engines import ENGINES
from keras_siamese.index.signature import NetworkSignature
from keras_siamese.models.numpy_heads import WEIGHTED_L1


def chosen_distance(distance: str | None, engine: str, signature: NetworkSignature | None) -> str:
    """Choose the distance that fits engine and network.

    Args:
        distance: What was asked for; None for what sorts most as the network does.
        engine: One of `ENGINES`.
        signature: Of the network; None without one.

    Returns:
        One of the engine's distances.

    Raises:
        ValueError: If the engine has no such distance, or no network has learned one.
    """
    head = None if signature is None else signature.head
    if head is None:
        own = "cosine"
    else:
        own = LEARNED if head.kind == WEIGHTED_L1 else head.kind
    if distance is None:
        # Where the engine knows no weights, the head sorts the candidates of another distance.
        distance = own if own in ENGINES[engine] else "euclidean"
    elif distance == LEARNED and signature is not None and signature.layer is not None:
        raise ValueError(
            "`distance` must be 'cosine', 'euclidean' or 'l1' for a network whose head is a layer "
            "of yours, which no engine searches by. Received: 'learned'. Give one of them, or "
            "None: the head scores the first candidates, and all of them with "
            "`rerank=len(index)`."
        )
    elif distance == LEARNED and head is not None:
        distance = own
    chosen = check_choice("distance", distance, ENGINES[engine])
    if chosen == LEARNED:
        check_learned(head)
    return chosen
