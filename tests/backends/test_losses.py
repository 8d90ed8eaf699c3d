"""Values and gradients of the losses against pytorch-metric-learning, on PyTorch."""

import keras
import numpy as np
import pytest

from keras_siamese import losses
from tests.losses import numpy_losses
from tests.losses.gradients import value_and_gradient

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="pytorch-metric-learning: Keras is not on PyTorch"
)

if keras.backend.backend() == "torch":
    import torch
    from pytorch_metric_learning import distances, miners, reducers
    from pytorch_metric_learning import losses as theirs

    class SquaredNonZero(reducers.AvgNonZeroReducer):
        """Squares what a pair costs, as Hadsell et al. do and the library does not."""

        def element_reduction_helper(self, costs, vectors):
            return super().element_reduction_helper(costs**2, vectors)

    L1 = {"normalize_embeddings": False, "p": 1}
    L2 = {"normalize_embeddings": False}
    DISTANCES = {
        "cosine": distances.CosineSimilarity,
        "euclidean": lambda: distances.LpDistance(**L2),
        "squared_euclidean": lambda: distances.LpDistance(power=2, **L2),
        "l1": lambda: distances.LpDistance(**L1),
    }
else:
    DISTANCES = dict.fromkeys(("cosine", "euclidean", "squared_euclidean", "l1"))

# About as large as the distances of random embeddings are.
MARGINS = {"cosine": 0.9, "euclidean": 5.0, "squared_euclidean": 30.0, "l1": 15.0}


def of_library(loss, labels, matrix, triplets=None):
    """Value and gradient of a loss of pytorch-metric-learning."""
    matrix = torch.tensor(matrix, requires_grad=True)
    value = loss(matrix, torch.tensor(labels), triplets)
    value.backward()
    return float(value.detach()), matrix.grad.numpy()


def assert_same(ours, theirs):
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5, abs=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-4, atol=1e-5)
    assert np.any(ours[1])


def batch(seed, rows=24, features=16):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(6), rows // 6))
    return labels, rng.normal(size=(rows, features)).astype("float32")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("distance", DISTANCES)
def test_contrastive_with_squared_costs(distance, seed):
    labels, x = batch(seed)
    margin = MARGINS[distance]
    # Theirs takes similarities for the cosine, the margins too.
    margins = (1, 1 - margin) if distance == "cosine" else (0, margin)
    library = theirs.ContrastiveLoss(
        *margins, distance=DISTANCES[distance](), reducer=SquaredNonZero()
    )
    ours = losses.ContrastiveLoss(margin, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("distance", DISTANCES)
def test_triplets_all_with_their_own_reduction(distance, seed):
    labels, x = batch(seed)
    margin = MARGINS[distance] / 4
    library = theirs.TripletMarginLoss(margin, distance=DISTANCES[distance]())
    ours = losses.TripletLoss("all", margin, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x))


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("distance", DISTANCES)
def test_triplets_hard_with_their_miner_and_the_mean(distance, soft):
    labels, x = batch(3)
    margin = 0.0 if soft else MARGINS[distance] / 4
    measure = DISTANCES[distance]()
    library = theirs.TripletMarginLoss(
        margin, smooth_loss=soft, distance=measure, reducer=reducers.MeanReducer()
    )
    mined = miners.BatchHardMiner(distance=measure)(torch.tensor(x), torch.tensor(labels))
    ours = losses.TripletLoss("hard", "soft" if soft else margin, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x, mined))


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("distance", DISTANCES)
def test_triplets_semi_hard_with_triplets_chosen_here_and_the_mean(distance, soft):
    """Their miner takes all semi-hard negatives, Schroff's rule one; so the test chooses."""
    labels, x = batch(4)
    margin = 0.0 if soft else MARGINS[distance] / 4
    chosen = []
    for a in range(len(labels)):
        apart = [numpy_losses.distance(distance, x[a].astype("f8"), y.astype("f8")) for y in x]
        for p in numpy_losses.positives(labels, a):
            far = sorted(numpy_losses.negatives(labels, a), key=lambda n: apart[n])
            farther = [n for n in far if apart[n] > apart[p]]
            chosen.append((a, p, farther[0] if farther else far[-1]))
    library = theirs.TripletMarginLoss(
        margin,
        smooth_loss=soft,
        distance=DISTANCES[distance](),
        reducer=reducers.MeanReducer(),
    )
    triplets = tuple(torch.tensor(chosen).T)
    ours = losses.TripletLoss("semi-hard", "soft" if soft else margin, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x, triplets))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_n_pairs_without_normalization(seed):
    labels, x = batch(seed)
    measure = distances.DotProductSimilarity(normalize_embeddings=False)
    library = theirs.NPairsLoss(distance=measure)
    assert_same(value_and_gradient(losses.NPairsLoss(), labels, x), of_library(library, labels, x))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("epsilon", [None, 0.0, 0.1, 0.3])
def test_multi_similarity_with_and_without_their_miner(epsilon, seed):
    labels, x = batch(seed)
    library = theirs.MultiSimilarityLoss(2, 40, 0.4)
    mined = None
    if epsilon is not None:
        miner = miners.MultiSimilarityMiner(epsilon)
        mined = miner(torch.tensor(x), torch.tensor(labels))
    ours = losses.MultiSimilarityLoss(2.0, 40.0, 0.4, epsilon)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x, mined))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("distance", DISTANCES)
def test_supervised_contrastive(distance, seed):
    labels, x = batch(seed)
    library = theirs.SupConLoss(0.5, distance=DISTANCES[distance]())
    ours = losses.SupervisedContrastiveLoss(0.5, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_circle(seed):
    labels, x = batch(seed)
    ours = losses.CircleLoss(0.3, 32.0)
    assert_same(
        value_and_gradient(ours, labels, x), of_library(theirs.CircleLoss(0.3, 32), labels, x)
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("distance", DISTANCES)
def test_soft_nearest_neighbor_is_their_nca(distance, seed):
    labels, x = batch(seed)
    if distance == "cosine":
        temperature = 0.5
    else:
        temperature = MARGINS[distance] / 3
    library = theirs.NCALoss(1 / temperature, distance=DISTANCES[distance]())
    ours = losses.SoftNearestNeighborLoss(temperature, distance)
    assert_same(value_and_gradient(ours, labels, x), of_library(library, labels, x))


@pytest.mark.parametrize("which", ["arcface", "proxy-anchor"])
def test_losses_with_proxies_and_the_gradient_of_the_proxies(which):
    labels, x = batch(5)
    if which == "arcface":
        library = theirs.ArcFaceLoss(6, 16, margin=np.degrees(0.5), scale=20)
        ours, weights = losses.ArcFaceLoss(0.5, 20.0), library.W
    else:
        library = theirs.ProxyAnchorLoss(6, 16, margin=0.2, alpha=20)
        ours, weights = losses.ProxyAnchorLoss(0.2, 20.0), library.proxies
    layer = losses.ClassProxies(6)
    layer.build((None, 16))
    by_class = weights.detach().numpy()
    layer.set_weights([by_class.T if which == "arcface" else by_class])

    def through_layer(labels, matrix):
        return ours(labels, layer(matrix))

    assert_same(value_and_gradient(through_layer, labels, x), of_library(library, labels, x))
    own, other = layer.proxies.value.grad.numpy(), weights.grad.numpy()
    np.testing.assert_allclose(own, other.T if which == "arcface" else other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["contrastive", "multi-similarity"])
def test_a_memory_gives_the_values_of_theirs(name):
    """Theirs holds the batch as well: ours as much less, and both compare the same."""
    if name == "contrastive":
        loss = losses.ContrastiveLoss(5.0)
        inner = theirs.ContrastiveLoss(
            0, 5, distance=DISTANCES["euclidean"](), reducer=SquaredNonZero()
        )
    else:
        loss, inner = losses.MultiSimilarityLoss(epsilon=None), theirs.MultiSimilarityLoss()
    library = theirs.CrossBatchMemory(inner, 16, memory_size=72)
    ours = losses.CrossBatchMemory(loss, memory_size=48)
    for seed in range(5):
        labels, x = batch(seed)
        ours([labels, x], training=True)
        expected = float(library(torch.tensor(x), torch.tensor(labels)))
        assert float(ours.losses[0]) == pytest.approx(expected, rel=1e-5)
