"""`EmbeddingIndex`: every engine against sorted lists, its file, and what it refuses."""

import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese import EmbeddingIndex, Recognizer, make_glyphs, siamese_network, twin_encoder
from keras_siamese.evaluation.embeddings import embed
from keras_siamese.index import engines
from keras_siamese.index.embedding_index import ENGINES
from keras_siamese.models import twin_head
from keras_siamese.models.network_files import save_network

SCIPY = {"cosine": "cosine", "euclidean": "euclidean", "l1": "cityblock"}
WITHOUT_NETWORK = [
    (engine, distance)
    for engine, distances in ENGINES.items()
    for distance in distances
    if distance != "learned"
]
RNG = np.random.default_rng(5)
VECTORS = RNG.normal(size=(400, 12)).astype(np.float32)
QUERIES = VECTORS[:30] + RNG.normal(size=(30, 12)).astype(np.float32) / 4
NAMES = [f"folder/{number}.png" for number in range(400)]


@pytest.fixture(autouse=True)
def packages(request):
    """Leaves out the engines whose package is missing."""
    wanted = [str(value) for value in getattr(request.node, "callspec", _NONE).params.values()]
    for engine, module in (("faiss", "faiss"), ("usearch", "usearch.index")):
        if any(value.startswith(engine) for value in wanted):
            pytest.importorskip(module, exc_type=ImportError)


class _NONE:
    params: dict = {}


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


def expected_neighbours(distances, k):
    rows = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return rows, np.take_along_axis(distances, rows, axis=1)


@pytest.mark.parametrize(("engine", "distance"), WITHOUT_NETWORK)
def test_engines_find_the_nearest(engine, distance, monkeypatch):
    monkeypatch.setattr(engines, "_TILE_NUMBERS", 12 * 130)
    monkeypatch.setattr(engines, "_HELD_SCORES", 1000)
    index = EmbeddingIndex(engine=engine, distance=distance)
    for start in range(0, 400, 150):
        part = slice(start, start + 150)
        index.add(VECTORS[part], NAMES[part])
    names, scores = index.search(QUERIES, k=7)
    rows, distances = expected_neighbours(cdist(QUERIES, VECTORS, SCIPY[distance]), 7)
    # With so wide a search, a graph of 400 misses none.
    assert names == [[NAMES[row] for row in found] for found in rows]
    expected = 1 - distances if distance == "cosine" else -distances
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    one, of_one = index.search(QUERIES[3], k=7)
    assert one == names[3]
    np.testing.assert_allclose(of_one, scores[3], atol=1e-6)
    everything, _ = index.search(QUERIES[:1], k=400)
    assert sorted(everything[0]) == sorted(NAMES)


def test_usearch_builds_one_graph_that_reaches_every_vector():
    vectors = np.random.default_rng(1).normal(size=(4_000, 16)).astype(np.float32)
    graphs = []
    for _ in range(2):
        index = EmbeddingIndex(engine="usearch", distance="cosine")
        index.add(vectors, [str(row) for row in range(len(vectors))])
        graphs.append(index._finder.to_bytes())
        found, _ = index.search_rows(vectors, k=1)
        np.testing.assert_array_equal(found[:, 0], np.arange(len(vectors)))
    assert graphs[0] == graphs[1]


# What all embeddings of a network may share, far larger than what they differ by.
OFFSETS = {
    "one": np.full(64, 1.0),
    "ten": np.full(64, 10.0),
    "far": np.full(64, 1e4),
    "two-places": np.where(np.arange(300)[:, None] % 2, 1e4, -1e4),
    "one-far-vector": np.where(np.arange(300)[:, None] == 7, 1e9, 0.0),
}


@pytest.mark.parametrize("offset", OFFSETS.values(), ids=OFFSETS)
@pytest.mark.parametrize("distance", ["euclidean", "l1"])
def test_a_shared_offset_hides_no_neighbour(distance, offset, monkeypatch):
    monkeypatch.setattr(engines, "_TILE_NUMBERS", 64 * 130)
    vectors = (0.01 * RNG.normal(size=(300, 64)) + offset).astype(np.float32)
    index = EmbeddingIndex.build(vectors, [str(row) for row in range(300)], distance=distance)
    expected, distances = expected_neighbours(
        cdist(vectors[:40].astype(float), vectors.astype(float), SCIPY[distance]), 6
    )
    found, scores = index.search_rows(vectors[:40], k=6)
    np.testing.assert_allclose(-scores, distances, rtol=1e-9)
    if distance == "euclidean":
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("engine", ["faiss", "faiss-hnsw", "usearch"])
def test_a_shared_offset_hides_none_from_the_other_engines(engine):
    vectors = (10 + 0.01 * RNG.normal(size=(300, 64))).astype(np.float32)
    index = EmbeddingIndex.build(vectors, NAMES[:300], distance="euclidean", engine=engine)
    expected, _ = expected_neighbours(cdist(vectors[:50], vectors), 5)
    np.testing.assert_array_equal(index.search_rows(vectors[:50], k=5)[0], expected)


def test_cosines_that_differ_little_are_told_apart():
    vectors = (10 + 0.01 * RNG.normal(size=(300, 64))).astype(np.float32)
    index = EmbeddingIndex.build(vectors, NAMES[:300], distance="cosine")
    # The squared distance of unit vectors is twice one minus the cosine, and rounds less.
    units = vectors / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)
    expected, _ = expected_neighbours(cdist(units[:50], units), 3)
    assert (index.search_rows(vectors[:50], k=3)[0] == expected).mean() > 0.99


@pytest.mark.parametrize("scale", [1e-35, 1e-30, 1e-22, 1e18, 1e30, 1e35])
@pytest.mark.parametrize("distance", SCIPY)
def test_any_scale_of_float32_gives_the_same_neighbours(distance, scale):
    index = EmbeddingIndex.build(VECTORS * scale, NAMES, distance=distance)
    rows, distances = expected_neighbours(cdist(QUERIES, VECTORS, SCIPY[distance]), 5)
    found, scores = index.search_rows(QUERIES.astype(float) * scale, k=5)
    np.testing.assert_array_equal(found, rows)
    expected = 1 - distances if distance == "cosine" else -distances * scale
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("engine", "distance", "scale"),
    [
        *[("numpy", distance, scale) for distance in SCIPY for scale in (1e-40, 1e39, 1e308)],
        *[(name, "euclidean", scale) for name in ("faiss", "usearch") for scale in (1e-21, 1e20)],
    ],
)  # fmt: skip
def test_numbers_outside_of_float32_are_told(engine, distance, scale):
    index = EmbeddingIndex(engine=engine, distance=distance)
    with pytest.raises(ValueError, match="`embeddings` must be zero or of a length from 1e-"):
        index.add(np.sign(VECTORS[:3]).astype(float) * scale, NAMES[:3])
    index.add(VECTORS, NAMES)
    with pytest.raises(ValueError, match="`embeddings` must be zero or of a length from 1e-"):
        index.search(np.ones(12) * scale)


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


def test_of_equal_scores_what_was_added_first_comes_first():
    index = EmbeddingIndex.build(np.ones((300, 3)), [str(n) for n in range(300)], distance="l1")
    names, scores = index.search([1, 1, 1], k=4)
    assert names == ["0", "1", "2", "3"] and scores.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("memory_map", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize(("engine", "distance"), WITHOUT_NETWORK)
def test_a_file_gives_the_same_answers_and_takes_more(engine, distance, memory_map, tmp_path):
    labels = [number % 7 for number in range(400)]
    index = EmbeddingIndex.build(VECTORS, NAMES, labels, engine=engine, distance=distance)
    index.save(tmp_path / "own.index")
    again = EmbeddingIndex.load(tmp_path / "own.index", memory_map=memory_map)
    assert repr(again) == f"EmbeddingIndex(400 embeddings, {engine}, {distance})"
    assert again.names == NAMES and again.labels == labels
    assert isinstance(again._vectors, np.memmap) is memory_map
    assert again._vectors.flags.aligned
    for ours, theirs in zip(again.search(QUERIES), index.search(QUERIES), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    again.add(QUERIES[:2] * 9, ["new", "newer"], ["x", "y"])
    assert again.search(QUERIES[1] * 9, k=1).names == ["newer"] and again.labels[-1] == "y"
    again.save(tmp_path / "own.index")
    assert len(EmbeddingIndex.load(tmp_path / "own.index")) == 402


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


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.index"
    EmbeddingIndex.build(VECTORS, NAMES, distance="cosine").save(path)
    return path


def test_a_file_that_is_cut_off_or_damaged_is_an_error(file):
    content = file.read_bytes()
    for size in (0, 1, 100, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        for memory_map in (False, True):
            with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
                EmbeddingIndex.load(file, memory_map=memory_map)
    for place in range(50, len(content) - 200, 1500):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
            EmbeddingIndex.load(file)


def rewritten(file, change):
    """Writes the archive again, with parts changed by `change(name, content)`; None drops one."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            new = change(name, content)
            if new is not None:
                archive.writestr(name, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: content.replace(b"EmbeddingIndex", b"Other"),
        lambda name, content: content.replace(b'"format": 1', b'"format": 2'),
        lambda name, content: content.replace(b'"count": 400', b'"count": 399'),
        lambda name, content: content.replace(b'"engine": "numpy"', b'"engine": "usearch"'),
        lambda name, content: content.replace(b'"cosine"', b'"l1"'),
        lambda name, content: None if name == "vectors.npy" else content,
        lambda name, content: None if name == "lengths.npy" else content,
        lambda name, content: content + b"1" if name == "vectors.npy" else content,
        lambda name, content: content.replace(b"(400, 12)", b"(12, 400)"),
        lambda name, content: content[:-4] + b"\0\0\xc0\x7f" if "vectors" in name else content,
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_an_error(file, change):
    rewritten(file, change)
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(file)


@pytest.mark.parametrize("memory_map", [False, True], ids=["read", "mapped"])
def test_vectors_never_reach_into_the_next_part(file, memory_map):
    rewritten(file, lambda name, content: content[:-4] if name == "vectors.npy" else content)
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(file, memory_map=memory_map)


def test_a_save_that_fails_leaves_the_old_file(file, monkeypatch):
    before = file.read_bytes()
    index = EmbeddingIndex.load(file)
    index.labels[0] = object()
    with pytest.raises(TypeError):
        index.save(file)
    assert file.read_bytes() == before and [*file.parent.iterdir()] == [file]


def test_files_that_are_none_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must be a file with an index"):
        EmbeddingIndex.load(tmp_path / "none.index")
    with pytest.raises(FileNotFoundError, match="`path` must be a file with an index"):
        EmbeddingIndex.load(tmp_path)
    Path(tmp_path, "text.index").write_text("no index")
    with pytest.raises(ValueError, match="must be a file written by EmbeddingIndex.save"):
        EmbeddingIndex.load(tmp_path / "text.index")


@pytest.mark.parametrize("part", ["settings.json", "names.json"])
@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b'"text"'])
def test_settings_of_another_kind_are_told(file, part, content):
    rewritten(file, lambda name, old: content if name == part else old)
    with pytest.raises(ValueError, match=f"but {part} holds a .*Build the index again"):
        EmbeddingIndex.load(file)


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


def test_names_of_any_bytes_come_back(tmp_path):
    name = b"bad\xff\n.png".decode("utf-8", "surrogateescape")
    EmbeddingIndex.build(VECTORS[:1], [name]).save(tmp_path / "own.index")
    assert EmbeddingIndex.load(tmp_path / "own.index").names == [name]


def test_a_path_that_is_none_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (None, "", 3):
        with pytest.raises(ValueError, match="`path` must be the path of a file"):
            EmbeddingIndex.load(path)
        with pytest.raises(ValueError, match="`path` must be the path of a file"):
            some().save(path)
    with pytest.raises(ValueError, match="`path` must be a file. Received: '.', which is a folder"):
        some().save(".")


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


def some():
    return EmbeddingIndex.build(VECTORS[:5], NAMES[:5])


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "usearch.index", None)
    index = EmbeddingIndex(engine="usearch")
    with pytest.raises(ImportError, match=r"pip install 'keras_siamese\[usearch\]'"):
        index.add(VECTORS, NAMES)


def test_what_a_graph_does_not_reach_is_looked_for_exactly(monkeypatch):
    pytest.importorskip("faiss")
    index = EmbeddingIndex.build(VECTORS, NAMES, engine="faiss-hnsw", distance="euclidean")
    search = index._finder.nearest

    def lossy(queries, count, vectors):
        rows = search(queries, count, vectors)
        rows[0, 2:] = -1
        return rows

    expected = index.search(QUERIES)
    monkeypatch.setattr(index._finder, "nearest", lossy)
    assert index.search(QUERIES).names == expected.names
