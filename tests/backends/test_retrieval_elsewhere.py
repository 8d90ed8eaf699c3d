"""Measures of retrieval equal pytorch-metric-learning's, where that is installed."""

import numpy as np
import pytest

from keras_siamese import evaluation

accuracy_calculator = pytest.importorskip("pytorch_metric_learning.utils.accuracy_calculator")
torch = pytest.importorskip("torch")

THEIRS = {
    "precision_at_1": lambda *arguments, **more: evaluation.recall_at_k(*arguments, k=1, **more),
    "r_precision": evaluation.r_precision,
    "mean_average_precision_at_r": evaluation.map_at_r,
    "mean_average_precision": evaluation.mean_average_precision,
    "mean_reciprocal_rank": evaluation.mean_reciprocal_rank,
}


@pytest.mark.parametrize("separate", [False, True], ids=["one-set", "gallery"])
@pytest.mark.parametrize("seed", range(3))
def test_measures_equal_those_of_pytorch_metric_learning(seed, separate):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([rng.integers(0, 12, 150), np.arange(12), [98, 99]])
    centres = rng.normal(size=(100, 8))
    vectors = (centres[labels] + 1.5 * rng.normal(size=(len(labels), 8))).astype(np.float32)
    theirs = accuracy_calculator.AccuracyCalculator(
        include=tuple(THEIRS), k=None, device=torch.device("cpu"), knn_func=nearest
    )
    tensors = torch.tensor(vectors), torch.tensor(labels)
    if separate:
        queries = slice(0, 50), slice(50, None)
        expected = theirs.get_accuracy(
            *(tensor[queries[0]] for tensor in tensors), *(tensor[queries[1]] for tensor in tensors)
        )
        arguments = vectors[queries[0]], labels[queries[0]]
        more = {"gallery": vectors[queries[1]], "gallery_labels": labels[queries[1]]}
    else:
        expected = theirs.get_accuracy(*tensors)
        arguments, more = (vectors, labels), {}
    for name, ours in THEIRS.items():
        found = ours(*arguments, distance="euclidean", **more)
        assert found == pytest.approx(float(expected[name]), abs=1e-6), name


def nearest(query, k, reference, ref_includes_query):
    """Their search in PyTorch alone; each query is its own nearest, which they leave out."""
    distances = torch.cdist(query.double(), reference.double())
    found = torch.topk(distances, k + ref_includes_query, largest=False)
    start = int(ref_includes_query)
    return found.values[:, start:], found.indices[:, start:]
