"""`EmbeddingIndex`: embeddings with their names, in which the most similar are found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.argument_checks import check_choice, check_whole
from keras_siamese.evaluation.class_scores import row_logits
from keras_siamese.evaluation.learned_distance import LEARNED
from keras_siamese.evaluation.nearest_rows import check_neighbours
from keras_siamese.evaluation.probabilities import expit
from keras_siamese.index.distance_choice import chosen_distance
from keras_siamese.index.engines import ENGINES, Engine, make_engine
from keras_siamese.index.entries import checked_labels, checked_names, checked_vectors
from keras_siamese.index.exact_search import exact, similarities
from keras_siamese.index.index_files import SavedIndex, read_index, write_index
from keras_siamese.index.signature import NetworkSignature
from keras_siamese.index.stored_vectors import StoredVectors

# How many candidates the network's head sorts again.
RERANKED = 100


class Neighbours(NamedTuple):
    """What a search found, the most similar first.

    Attributes:
        names: The names of one query, or a list of names for each query.
        scores: `(k,)` or `(queries, k)`, float64, falling. With a siamese network the probability
            that both images show the same class; else the cosine, or minus the distance.
            `EmbeddingIndex.score_kind` says which.
    """

    names: Any
    scores: np.ndarray


class EmbeddingIndex:
    """Embeddings with names and labels, in which the most similar are found; kept in a file.

    The engines "numpy" and "faiss" compare a query with every embedding. "faiss-hnsw" and "usearch"
    walk through a graph: they are much faster among a million, and may miss some. They need the
    extras `faiss` and `usearch`.

    With a network the index keeps a digest of its weights, how its images are read, and its head.
    The head scores the first hundred candidates, and `load` refuses another network. The learned
    distance is minus the logit of the weighted L1 distance. The exact engines search by it.
    "faiss-hnsw" searches by the L1 distance of embeddings times the absolute weights, which sorts
    in the same way where all weights are negative, and the head corrects the order. A network with
    a Euclidean or cosine head is searched by that distance.

    A network whose head is a layer of yours is searched by the cosine, and the layer scores the
    candidates, with the query as its first input. The index calls the layer itself, not a copy:
    after more training, embed the images and build the index again. A file cannot keep the layer.
    Loaded without its network, such an index gives cosines; `load(network=)` and `use_network` give
    the layer back.

    Args:
        engine: "numpy", "faiss", "faiss-hnsw" or "usearch".
        distance: "learned", "cosine", "euclidean" or "l1"; "usearch" has "cosine" and "euclidean".
            None takes "learned" with a siamese network where the engine has it, "euclidean" where
            it does not, and "cosine" without a network or for a head that is a layer of yours.
        network: What the embeddings are of: a `Recognizer`, a siamese network or an encoder. None
            where they are of something else.

    Attributes:
        engine: The engine.
        distance: The distance.
        names: The names, in the order in which they were added.
        labels: The labels in the same order, None where one has none.

    Raises:
        ValueError: If an argument is out of range, or the engine does not have the distance.
        ImportError: If the engine's package is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import EmbeddingIndex
        >>> index = EmbeddingIndex.build([[1, 0], [0, 1], [1, 1]], ["east", "north", "north-east"])
        >>> names, scores = index.search([1.0, 0.9], k=2)
        >>> names
        ['north-east', 'east']
    """

    def __init__(
        self, *, engine: str = "numpy", distance: str | None = None, network: Any = None
    ) -> None:
        """Make an empty index; see the class for the arguments."""
        signature = None if network is None else NetworkSignature.of(network)
        self._set(engine, distance, signature)

    def _set(self, engine: str, distance: str | None, signature: NetworkSignature | None) -> None:
        self.engine = check_choice("engine", engine, tuple(ENGINES))
        self._signature = signature
        self.distance = chosen_distance(distance, engine, signature)
        self.names: list[str] = []
        self.labels: list[Any] = []
        self._stored = StoredVectors(cosine=self.distance == "cosine")
        self._finder: Engine | None = None

    @classmethod
    def build(
        cls,
        embeddings: Any,
        names: Sequence[str],
        labels: Sequence[Any] | None = None,
        *,
        engine: str = "numpy",
        distance: str | None = None,
        network: Any = None,
    ) -> EmbeddingIndex:
        """Make an index of embeddings.

        Args:
            embeddings: As for `add`.
            names: As for `add`.
            labels: As for `add`.
            engine: As for the class.
            distance: As for the class.
            network: As for the class.

        Returns:
            The index.

        Raises:
            ValueError: As the class and `add`.
            ImportError: As the class.
        """
        index = cls(engine=engine, distance=distance, network=network)
        index.add(embeddings, names, labels)
        return index

    def __len__(self) -> int:
        """Return the number of embeddings."""
        return len(self.names)

    def __repr__(self) -> str:
        """Say what it holds and how it ranks, in one line."""
        by_head = self._scorer is not None and self.distance != LEARNED
        then = ", then the network's head" if by_head else ""
        return f"EmbeddingIndex({len(self)} embeddings, {self.engine}, {self.distance}{then})"

    @property
    def features(self) -> int | None:
        """Length of an embedding; None where that is not known yet."""
        if self._stored.features is not None:
            return self._stored.features
        if self._signature is None:
            return None
        head = self._signature.head
        return self._signature.layer_features if head is None else head.num_features

    @property
    def has_network(self) -> bool:
        """Whether the index knows which network its embeddings are of."""
        return self._signature is not None

    @property
    def score_kind(self) -> str:
        """What the scores of a search are: "probability", "cosine", "-euclidean" or "-l1".

        It is the first with a siamese network, unless `rerank` is 0. An index whose network has
        a layer of yours as its head has probabilities only while it knows the network.
        """
        if self._scorer is not None:
            return "probability"
        return self.distance if self.distance == "cosine" else f"-{self.distance}"

    @property
    def preprocessing(self) -> dict[str, Any] | None:
        """How the images were read, as `Preprocessing.to_json` gives it; None where unsaid."""
        return None if self._signature is None else self._signature.preprocessing

    def add(
        self, embeddings: Any, names: Sequence[str], labels: Sequence[Any] | None = None
    ) -> None:
        """Add embeddings.

        Args:
            embeddings: `(n, features)`, float, finite, zero or of a length from 1e-36 to 1e36; from
                1e-18 to 1e18 for Euclidean distances by faiss or usearch.
            names: `(n,)`, strings, such as the files of the images.
            labels: `(n,)` or `(n, 1)`, strings or whole numbers; None for none.

        Raises:
            ValueError: If they do not fit each other or those in the index.
        """
        given_vectors, lengths = self._checked(embeddings)
        given = checked_names(names, len(given_vectors))
        own_labels = checked_labels(labels, len(given_vectors))
        if self._finder is None:
            self._finder = self._new_finder(given_vectors.shape[1])
        self._finder.add(self._stored.add(given_vectors, lengths))
        self.names += given
        self.labels += own_labels

    def search(self, embeddings: Any, k: int = 10, *, rerank: int = RERANKED) -> Neighbours:
        """Find the most similar embeddings.

        Args:
            embeddings: `(n, features)`, float, the queries; or one, `(features,)`.
            k: How many to find for each.
            rerank: With a siamese network: how many candidates its head scores and sorts, at least
                `k`. 0 leaves scores and order to the distance, where that is not the learned one.

        Returns:
            The names and the scores.

        Raises:
            ValueError: If the index is empty, `k` is larger than it, or the queries do not fit it.
        """
        single = np.ndim(embeddings) == 1
        rows, scores = self.search_rows(embeddings, k, rerank=rerank)
        names = [[self.names[row] for row in found] for found in rows.tolist()]
        return Neighbours(names[0], scores[0]) if single else Neighbours(names, scores)

    def search_rows(
        self, embeddings: Any, k: int = 10, *, rerank: int = RERANKED
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find the most similar embeddings by their places in `names` and `labels`.

        Args:
            embeddings: As for `search`.
            k: As for `search`.
            rerank: As for `search`.

        Returns:
            `(n, k)`, int64, and the scores, `(n, k)`, float64.

        Raises:
            ValueError: As `search`.
        """
        given = np.asarray(embeddings)
        finder = self._filled()
        queries, lengths = self._checked(given[None] if given.ndim == 1 else given)
        most = len(self)
        count = check_neighbours("k", k, most, "embeddings in the index")
        wide = check_whole("rerank", rerank)
        by_head = self._scorer is not None and (wide > 0 or self.distance == LEARNED)
        candidates = min(most, max(count, wide)) if by_head else count
        compared, vectors = self._stored.as_compared(queries, lengths), self._stored.vectors
        rows = finder.nearest(compared, candidates, vectors)
        missed = (rows < 0).any(axis=1)
        if missed.any():
            # A graph may have parts that no way leads to.
            every = exact(self.distance, self._head)
            rows[missed] = every.nearest(compared[missed], candidates, vectors)
        asked = queries.astype(np.float32) if by_head else compared
        scores = np.stack(
            [
                self._scores_by_head(query, found)
                if by_head
                else similarities(self.distance, query, vectors[found])
                for query, found in zip(asked, rows, strict=True)
            ]
        )
        # Of equal scores, what was added first comes first.
        order = np.lexsort((rows, -scores), axis=1)[:, :count]
        return np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the index to one file, whole or not at all.

        Args:
            path: The file; its folder must exist.

        Raises:
            ValueError: If the index is empty, or the path is invalid, or a folder's.
            OSError: If the file cannot be written.
        """
        finder = self._filled()
        saved = SavedIndex(
            self.engine,
            self.distance,
            self._signature,
            self.names,
            self.labels,
            self._stored.vectors,
            self._stored.lengths,
            finder.to_bytes(),
        )
        write_index(path, saved)

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, network: Any = None, memory_map: bool = False
    ) -> EmbeddingIndex:
        """Read an index that `save` wrote; nothing in it is run.

        Args:
            path: The file. Like every file of faiss or usearch, the graph of an approximate engine
                should come from somebody you trust.
            network: What embeds the queries. Its weights, and how its images are read, must be
                those of the index; its head scores the candidates. None leaves that unchecked; an
                index of a network whose head is a layer of yours then gives cosines.
            memory_map: Whether the embeddings stay in the file, which may then be larger than the
                memory, until they are looked at. The checksum of that part is not compared.

        Returns:
            The index.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no such file, is damaged or cut off, or is of another network.
            ImportError: If the package of its engine is missing.
        """
        saved = read_index(path, memory_map=memory_map)
        index = cls.__new__(cls)
        index._set(saved.engine, saved.distance, saved.signature)
        if network is not None:
            index.use_network(network)
        index.names, index.labels = saved.names, saved.labels
        index._stored.restore(saved.vectors, saved.lengths)
        index._finder = finder = index._new_finder(saved.vectors.shape[1])
        if saved.graph is None:
            finder.add(saved.vectors)
        else:
            finder.restore(saved.graph, saved.vectors)
        return index

    def check_network(self, network: Any) -> None:
        """Refuse a network that the embeddings are not of.

        Args:
            network: As for the class.

        Raises:
            ValueError: If its weights differ, it reads images in another way, or the index does not
                know what its embeddings are of.
        """
        self._checked_network(network)

    def use_network(self, network: Any) -> None:
        """Take the head of the network that the embeddings are of, where the file did not keep it.

        That is a head which is a layer of yours. `load(network=)` does the same.

        Args:
            network: As for the class.

        Raises:
            ValueError: As `check_network`.
        """
        own, given = self._checked_network(network)
        self._signature = replace(own, layer=given.layer, layer_features=given.layer_features)

    def _checked_network(self, network: Any) -> tuple[NetworkSignature, NetworkSignature]:
        """Return what the index knows of its network, and what was given; see `check_network`."""
        given = NetworkSignature.of(network)
        if self._signature is None:
            raise ValueError(
                "`network` must be left out for an index that names no network, since it was built "
                "without one. Received: a network. Leave it out, or build the index again with it."
            )
        self._signature.check(given)
        return self._signature, given

    @property
    def _head(self) -> Any:
        return None if self._signature is None else self._signature.head

    @property
    def _scorer(self) -> Any:
        """What gives the probabilities; None where the distance alone ranks."""
        return None if self._signature is None else self._signature.scorer

    def _new_finder(self, features: int) -> Engine:
        return make_engine(self.engine, self.distance, features, self._head)

    def _scores_by_head(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return `(n,)`, float64, probabilities of candidates, the same for every engine."""
        found = self._stored.given(rows)
        return expit(row_logits(self._scorer, query[None], found)[0].astype(np.float64))

    def _checked(self, embeddings: Any) -> tuple[np.ndarray, np.ndarray]:
        return checked_vectors(
            embeddings, self.features, engine=self.engine, distance=self.distance
        )

    def _filled(self) -> Engine:
        """Return the engine of an index that holds embeddings."""
        if self._finder is None or not len(self):
            raise ValueError("The index must hold embeddings. Received: none. Add some first.")
        return self._finder
