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


def test_a_head_that_only_its_layer_knows_is_not_kept():
    encoder = keras.Sequential([keras.Input((12,)), keras.layers.Dense(9, "tanh")])
    first, second = keras.Input((9,)), keras.Input((9,))
    both = keras.layers.Concatenate()([first, second])
    model = siamese_network(
        encoder, head=keras.Model([first, second], keras.layers.Dense(1)(both), name="own")
    )
    vectors = embed(model, VECTORS)
    index = EmbeddingIndex.build(vectors, NAMES, network=model)
    assert index.distance == "cosine"
    nearest = 1 - cdist(vectors[:5], vectors, "cosine").min(axis=1)
    np.testing.assert_allclose(index.search(vectors[:5], k=1).scores[:, 0], nearest, atol=1e-6)
    index.check_network(model)


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
