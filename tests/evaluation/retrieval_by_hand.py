"""The measures of retrieval by their definitions, in loops over sorted lists."""

import numpy as np

MEASURES = {
    "recall_at_k": {"k": 3},
    "precision_at_k": {"k": 3},
    "mean_average_precision": {},
    "map_at_r": {},
    "mean_reciprocal_rank": {},
    "r_precision": {},
}

SCIPY = {"cosine": "cosine", "euclidean": "euclidean", "l1": "cityblock"}


def by_hand(distances, same, k=3):
    """Measures of one query by the definitions; of one distance, other classes come first."""
    order = sorted(range(len(same)), key=lambda i: (distances[i], same[i]))
    hits = [bool(same[i]) for i in order]
    r = sum(hits)
    precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits))]
    return {
        "recall_at_k": float(any(hits[:k])),
        "precision_at_k": sum(hits[:k]) / k,
        "mean_average_precision": sum(p for p, hit in zip(precisions, hits, strict=True) if hit)
        / r,
        "map_at_r": sum(p for p, hit in zip(precisions[:r], hits, strict=False) if hit) / r,
        "mean_reciprocal_rank": 1 / (hits.index(True) + 1),
        "r_precision": sum(hits[:r]) / r,
    }


def means_by_hand(distances, query_labels, gallery_labels, itself):
    rows = []
    for place, label in enumerate(query_labels):
        keep = [i for i in range(len(gallery_labels)) if not (itself and i == place)]
        same = [gallery_labels[i] == label for i in keep]
        if any(same):
            rows.append(by_hand([distances[place][i] for i in keep], same))
    return {name: np.mean([row[name] for row in rows]) for name in MEASURES}
