"""`EmbeddingIndex`: what its network's head scores, whose file it takes, and what it refuses."""

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese import EmbeddingIndex, Recognizer, make_glyphs, siamese_network, twin_encoder
from keras_siamese.evaluation.embeddings import embed
from keras_siamese.index.engines import ENGINES
from keras_siamese.models import twin_head
from keras_siamese.models.network_files import save_network
from tests.index.vectors import NAMES, QUERIES, VECTORS, expected_neighbours, some


def network(sign=-1.0, seed=1):
    """A network of vectors whose head has weights of one sign, or of both."""
    spread = keras.initializers.RandomNormal(stddev=0.4, seed=seed)
    encoder = keras.Sequential(
        [keras.Input((12,)), keras.layers.Dense(9, "tanh", kernel_initializer=spread)]
    )
    model = siamese_network(encoder)
    kernel = np.random.default_rng(seed).uniform(0.2, 1, (9, 1))
    signs = np.where(np.arange(9) % 3 == 0, -sign if sign == 0 else 1, -1)[:, None]
    kernel = -kernel if sign else kernel * signs
    twin_head(model).set_weights([kernel, np.array([1.5])])
    return model


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sign", [-1, 0], ids=["one-sign", "both-signs"])
def test_the_head_scores_the_candidates(engine, sign):
    model = network(sign)
    vectors, queries = embed(model, VECTORS), embed(model, QUERIES)
    index = EmbeddingIndex.build(vectors, NAMES, engine=engine, network=model)
    assert index.distance == ("euclidean" if engine == "usearch" else "learned")
    kernel, bias = (np.asarray(weight, float) for weight in twin_head(model).get_weights())
    logits = np.abs(queries[:, None].astype(float) - vectors) @ kernel[:, 0] + bias[0]
    # All candidates, so that an approximate search misses none.
    found, scores = index.search_rows(queries, k=5, rerank=400)
    rows, expected = expected_neighbours(-logits, 5)
    np.testing.assert_array_equal(found, rows)
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(expected)), rtol=1e-4)
    if sign == -1 and engine != "usearch":
        narrow, _ = index.search_rows(queries, k=5, rerank=5)
        np.testing.assert_array_equal(narrow, rows)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["euclidean", "cosine"])
def test_other_heads_are_searched_by_their_distance_and_kept(engine, kind, tmp_path):
    encoder = keras.Sequential([keras.Input((12,)), keras.layers.Dense(9, "tanh")])
    model = siamese_network(encoder, head=kind)
    twin_head(model).set_weights([np.array([0.4]), np.array([-0.7])])
    vectors, queries = embed(model, VECTORS), embed(model, QUERIES)
    index = EmbeddingIndex.build(vectors, NAMES, engine=engine, network=model)
    index.save(tmp_path / "own.index")
    index = EmbeddingIndex.load(tmp_path / "own.index", network=model)
    assert index.distance == kind
    distances = cdist(queries, vectors, kind)
    rows, nearest = expected_neighbours(distances, 4)
    found, scores = index.search_rows(queries, k=4)
    np.testing.assert_array_equal(found, rows)
    logits = np.exp(0.4) * (1 - nearest if kind == "cosine" else -nearest) - 0.7
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-logits)), rtol=1e-4)


HIDDEN = (np.random.default_rng(2).normal(size=(18, 8)), np.linspace(-1, 1, 8))
LAST = (np.random.default_rng(3).normal(size=(8, 1)), np.array([0.3]))


def network_with_a_layer():
    """A network whose head is a perceptron of query and candidate, which is not symmetric."""
    spread = keras.initializers.RandomNormal(stddev=0.4, seed=4)
    encoder = keras.Sequential(
        [keras.Input((12,)), keras.layers.Dense(9, "tanh", kernel_initializer=spread)]
    )
    first, second = keras.Input((9,)), keras.Input((9,))
    apart = keras.layers.Subtract()([first, second])
    both = keras.layers.Concatenate()([keras.layers.Multiply()([apart, apart]), first])
    hidden, last = keras.layers.Dense(8, "relu"), keras.layers.Dense(1)
    model = siamese_network(encoder, head=keras.Model([first, second], last(hidden(both))))
    hidden.set_weights(HIDDEN)
    last.set_weights(LAST)
    return model


def probabilities_of_the_layer(queries, vectors):
    """`(queries, vectors)`, worked out in NumPy."""
    asked, found = np.broadcast_arrays(queries[:, None].astype(float), vectors.astype(float))
    both = np.concatenate([(asked - found) ** 2, asked], axis=-1)
    hidden = np.maximum(both @ HIDDEN[0] + HIDDEN[1], 0)
    return 1 / (1 + np.exp(-(hidden @ LAST[0] + LAST[1])[..., 0]))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_head_that_is_a_layer_scores_the_candidates(engine, tmp_path):
    model = network_with_a_layer()
    vectors, queries = embed(model, VECTORS), embed(model, QUERIES)
    index = EmbeddingIndex.build(vectors, NAMES, engine=engine, network=model)
    assert (index.distance, index.score_kind) == ("cosine", "probability")
    expected = probabilities_of_the_layer(queries, vectors)
    rows, _ = expected_neighbours(-expected, 5)
    index.save(tmp_path / "own.index")
    for each in (index, EmbeddingIndex.load(tmp_path / "own.index", network=model)):
        found, scores = each.search_rows(queries, k=5, rerank=400)
        np.testing.assert_allclose(scores, np.take_along_axis(expected, rows, 1), rtol=1e-4)
        np.testing.assert_allclose(scores, np.take_along_axis(expected, found, 1), rtol=1e-4)
        assert "cosine, then the network's head" in repr(each)
    # The first hundred by the cosine, if nothing else is asked for.
    nearest, _ = expected_neighbours(cdist(queries, vectors, "cosine"), 100)
    best = -np.sort(-np.take_along_axis(expected, nearest, 1), axis=1)[:, :5]
    if engine in ("numpy", "faiss"):
        np.testing.assert_allclose(index.search(queries, k=5).scores, best, rtol=1e-4)
    assert (best != np.take_along_axis(expected, rows, 1)).any()


def test_without_its_network_a_layer_leaves_the_cosine(tmp_path):
    model = network_with_a_layer()
    vectors = embed(model, VECTORS)
    EmbeddingIndex.build(vectors, NAMES, network=model).save(tmp_path / "own.index")
    index = EmbeddingIndex.load(tmp_path / "own.index")
    assert (index.distance, index.score_kind) == ("cosine", "cosine")
    assert repr(index) == "EmbeddingIndex(400 embeddings, numpy, cosine)"
    cosines = 1 - np.sort(cdist(vectors[:5], vectors, "cosine"), axis=1)[:, :3]
    np.testing.assert_allclose(index.search(vectors[:5], k=3).scores, cosines, atol=1e-6)
    index.check_network(model)
    assert index.score_kind == "cosine"
    with pytest.raises(ValueError, match="weights of the index"):
        index.use_network(network())
    index.use_network(model)
    assert index.score_kind == "probability"
    best = probabilities_of_the_layer(vectors[:5], vectors).max(axis=1)
    np.testing.assert_allclose(
        index.search(vectors[:5], k=1, rerank=400).scores[:, 0], best, rtol=1e-4
    )
    unscored = index.search(vectors[:5], k=3, rerank=0).scores
    np.testing.assert_allclose(unscored, cosines, atol=1e-6)
    with pytest.raises(ValueError, match="must have 9 features"):
        EmbeddingIndex.build(VECTORS, NAMES, network=model)
    told = "whose head is a layer of yours.*Received: 'learned'.*rerank"
    with pytest.raises(ValueError, match=told):
        EmbeddingIndex(network=model, distance="learned")


def test_the_index_gives_the_neighbours_of_the_recognizer():
    images = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=4, size=16).images
    inputs = keras.Input((16, 16, 1))
    spread = keras.initializers.RandomNormal(stddev=0.1, seed=6)
    dense = keras.layers.Dense(9, "tanh", kernel_initializer=spread)
    encoder = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    head = twin_head(network_with_a_layer()).layer
    recognizer = Recognizer(siamese_network(encoder, head=head))
    names = [str(number) for number in range(20)]
    vectors = recognizer.embed(images)
    index = EmbeddingIndex.build(vectors, names, network=recognizer)
    recognizer.fit((images, names))
    for image, query in zip(images[:4], vectors, strict=False):
        known = recognizer.neighbours(image, k=4)
        found, scores = index.search(query, k=4)
        assert found == [neighbour.name for neighbour in known]
        np.testing.assert_allclose(scores, [each.similarity for each in known], rtol=1e-4)


@pytest.mark.parametrize(
    ("distance", "kind"), [("cosine", "cosine"), ("euclidean", "-euclidean"), ("l1", "-l1")]
)
def test_scores_have_a_name(distance, kind):
    index = EmbeddingIndex.build(VECTORS, NAMES, distance=distance)
    assert index.score_kind == kind
    assert EmbeddingIndex(network=network(), distance=distance).score_kind == "probability"
    assert EmbeddingIndex(network=twin_encoder(network())).score_kind == "cosine"


def test_reranking_takes_the_first_candidates_of_the_distance():
    model = network()
    vectors, queries = embed(model, VECTORS), embed(model, QUERIES)
    index = EmbeddingIndex.build(vectors, NAMES, distance="cosine", network=model)
    by_cosine, cosines = index.search_rows(queries, k=20, rerank=0)
    nearest = 1 - cdist(queries, vectors, "cosine").min(axis=1)
    np.testing.assert_allclose(cosines[:, 0], nearest, atol=1e-6)
    by_head, probabilities = index.search_rows(queries, k=20, rerank=20)
    assert [set(row) for row in by_head.tolist()] == [set(row) for row in by_cosine.tolist()]
    assert (np.diff(probabilities, axis=1) <= 0).all() and (by_head != by_cosine).any()
    wide, better = index.search_rows(queries, k=20)
    assert (better[:, -1] >= probabilities[:, -1]).all() and (wide != by_head).any()


def test_a_file_keeps_the_head_and_knows_its_network(tmp_path):
    model = network()
    vectors = embed(model, VECTORS)
    for distance in ("learned", "cosine"):
        index = EmbeddingIndex.build(vectors, NAMES, distance=distance, network=model)
        index.save(tmp_path / "own.index")
        again = EmbeddingIndex.load(tmp_path / "own.index", network=model)
        np.testing.assert_array_equal(
            again.search(vectors[:9])[1], index.search(vectors[:9])[1], strict=True
        )
    with pytest.raises(ValueError, match="`network` must have the weights of the index"):
        EmbeddingIndex.load(tmp_path / "own.index", network=network(seed=2))
    changed = network()
    kernel, bias = twin_head(changed).get_weights()
    twin_head(changed).set_weights([kernel, bias + 1e-6])
    with pytest.raises(ValueError, match="digest"):
        EmbeddingIndex.load(tmp_path / "own.index", network=changed)
    EmbeddingIndex.load(tmp_path / "own.index", network=network())
    unsaid = EmbeddingIndex.build(vectors, NAMES)
    with pytest.raises(ValueError, match="names no network"):
        unsaid.check_network(model)
    with pytest.raises(ValueError, match="`network` must be a Recognizer"):
        EmbeddingIndex(network=object())
    encoder = twin_encoder(model)
    alone = EmbeddingIndex.build(vectors, NAMES, network=encoder)
    assert alone.distance == "cosine"
    alone.check_network(encoder)


@pytest.mark.slow
def test_a_network_is_the_same_however_it_is_loaded(tmp_path):
    """In NumPy, in Keras, and after training has given the file an optimizer."""
    recognizer = Recognizer.from_preset("omniglot")
    images = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2, size=53).images
    vectors = recognizer.encode(images)
    index = EmbeddingIndex.build(vectors, list("abcd"), network=recognizer)
    index.check_network(recognizer.model)
    model = recognizer.model
    model.compile(keras.optimizers.SGD(0.0, momentum=0.9), "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "own.keras")
    save_network(model, tmp_path / "other.keras")
    for file in ("own.keras", "other.keras"):
        loaded = Recognizer.load(tmp_path / file, preprocessing=recognizer.preprocessing)
        assert type(loaded.network).__name__ == "LightNetwork"
        index.check_network(loaded)
        assert loaded.network.digest == recognizer.network.digest
    other = Recognizer.from_preset("signs")
    with pytest.raises(ValueError, match="weights of the index"):
        index.check_network(other)
    recognizer.preprocessing = type(recognizer.preprocessing)(53, paper="level")
    with pytest.raises(ValueError, match="must read images as.*differs in paper"):
        index.check_network(recognizer)


def test_labels_may_be_a_column():
    labels = np.arange(400)[:, None] % 3
    for given in (labels, labels.tolist()):
        assert EmbeddingIndex.build(VECTORS, NAMES, given).labels == labels[:, 0].tolist()
    mixed = EmbeddingIndex.build(VECTORS[:2], ["a", "b"], ["x", 1])
    assert mixed.labels == ["x", 1]
    with pytest.raises(ValueError, match="`labels` must be 400 strings or whole numbers"):
        EmbeddingIndex.build(VECTORS, NAMES, np.eye(400, dtype=int))


def test_a_network_without_an_input_is_told():
    with pytest.raises(ValueError, match="`network` must know the shape .* a Sequential without"):
        EmbeddingIndex(network=keras.Sequential([keras.layers.Dense(3)]))


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: EmbeddingIndex(engine="annoy"), "`engine` must be one of"),
        (lambda: EmbeddingIndex(distance="hamming"), "`distance` must be one of"),
        (lambda: EmbeddingIndex(distance="learned"), "without a siamese network"),
        (lambda: EmbeddingIndex(engine="usearch", distance="l1"), "`distance` must be one of"),
        (lambda: EmbeddingIndex.build(VECTORS, NAMES[:5]), "`names` must be 400 strings"),
        (lambda: EmbeddingIndex.build(VECTORS[:2], ["a", 3]), "among them 3"),
        (lambda: EmbeddingIndex.build(VECTORS, NAMES, [1]), "`labels` must be 400 strings"),
        (lambda: EmbeddingIndex.build(VECTORS[:1], ["a"], [0.5]), "among them 0.5"),
        (lambda: EmbeddingIndex.build(VECTORS * np.nan, NAMES), "NaN or inf in 400"),
        (lambda: EmbeddingIndex.build(VECTORS[0], NAMES), "must be numbers of shape"),
        (lambda: EmbeddingIndex().save("none.index"), "must hold embeddings"),
        (lambda: EmbeddingIndex().search([1.0]), "index must hold embeddings. Received: none"),
        (lambda: EmbeddingIndex().search_rows([[1.0]]), "index must hold embeddings"),
        (lambda: some().search(VECTORS[0], k=6), "`k` must be at most 5"),
        (lambda: some().search(VECTORS[0], k=0), "`k` must be at least 1"),
        (lambda: some().search(VECTORS[0, :4]), "`embeddings` must have 12 features"),
        (lambda: some().search(VECTORS[0] * np.inf), "`embeddings` must be finite"),
        (lambda: some().add(VECTORS[:1, :4], ["a"]), "`embeddings` must have 12 features"),
    ],
)
def test_bad_input_is_told(use, message):
    with pytest.raises(ValueError, match=message):
        use()
