"""A head that compares a query with all candidates of a trial at once, on fixed embeddings.

ARC with context (Shyam et al. 2017, "Attentive Recurrent Comparators") first compares each pair,
then lets the comparisons of a trial look at each other. Here the comparisons are made from the
embeddings of `omniglot`, and look at each other by self-attention, as the candidates do in FEAT (Ye
et al. 2020). Each query is answered alone.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

# Logits are divided by this before a dense layer sees them.
LOGIT_SCALE = 3.0


class ContextHead(keras.layers.Layer):
    """Logits of a trial's candidates, each of which depends on all of them.

    The logit of candidate i is `sharpness * s_i + r_i`. `s_i` is the weighted L1 logit of the
    network without context. `r_i` is read from a token per candidate, after the tokens of one query
    have attended to each other. It is 0 before training, so training begins at the network without
    context. No place of a candidate is known, so the order of the candidates changes nothing.

    A token holds how similar each place of the query's feature map is to each place of the
    candidate's, and numbers of the trial: see `_numbers`.

    Args:
        kernel: `(features,)`, the weights alpha of the network's head.
        places: Places of the encoder's last feature map, whose channels stand last in an embedding.
        maps: Learned similarities of places.
        width: Length of the vectors that each similarity compares.
        units: Length of a token.
        heads: Heads of the attention.
        dropout: Share of a token that is dropped in training.
        context: Whether tokens see other candidates; False for the same head without context.
        sharpness: Initial factor of the logits. It changes no answer.
        seed: Seed of the initial weights and of dropout.

    Call arguments:
        queries: `(trials, n_query, features)`, float32, embeddings in [0, 1].
        candidates: `(trials, n_way, features)`, float32.
        training: Whether to drop parts of the tokens.

    Returns:
        Logits `(trials, n_query, n_way)`, float32.

    Raises:
        ValueError: If `places` does not divide the features, or `heads` the units; on call, if an
            input has other features, or there are fewer than two candidates.
    """

    def __init__(
        self,
        kernel: np.ndarray,
        *,
        places: int = 9,
        maps: int = 8,
        width: int = 32,
        units: int = 64,
        heads: int = 4,
        dropout: float = 0.1,
        context: bool = True,
        sharpness: float = 1.4,
        seed: int = 0,
    ) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(name="context_head")
        if kernel.ndim != 1 or len(kernel) % places:
            raise ValueError(
                f"`kernel` must have one weight per feature, and {places} places must divide them. "
                f"Received: shape {kernel.shape}. Give the `places` of the encoder's last map."
            )
        if units % heads:
            raise ValueError(
                f"`heads` must divide `units`. Received: units={units}, heads={heads}. Make "
                "`units` a multiple of `heads`."
            )
        self.kernel = np.asarray(kernel, np.float32)
        self.places, self.maps, self.width = places, maps, width
        self.context = context
        # A seed for each weight: initializers of the same seed would give the same values.
        seeds = iter(range(1000 * seed, 1000 * seed + 1000))

        def dense(size: int, **options: Any) -> keras.layers.Dense:
            start = keras.initializers.GlorotUniform(seed=next(seeds))
            return keras.layers.Dense(size, **{"kernel_initializer": start, **options})

        self.sharpness = self.add_weight(
            name="sharpness", shape=(), initializer=keras.initializers.Constant(sharpness)
        )
        self.to_maps = dense(maps * width, use_bias=False, name="to_maps")
        self.from_maps = dense(units, name="from_maps")
        self.from_numbers = dense(units, name="from_numbers")
        self.attention = keras.layers.MultiHeadAttention(
            heads, units // heads, seed=next(seeds), name="attention",
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        )  # fmt: skip
        self.wide = dense(2 * units, activation="gelu", name="wide")
        self.narrow = dense(units, name="narrow")
        self.out = dense(1, kernel_initializer="zeros", name="out")
        self.norms = [keras.layers.LayerNormalization(name=f"norm{place}") for place in range(4)]
        self.dropout = keras.layers.Dropout(dropout, seed=next(seeds))

    def build(self, queries_shape: Any, candidates_shape: Any) -> None:
        """Create the weights of all parts.

        Args:
            queries_shape: Shape of the queries.
            candidates_shape: Shape of the candidates.
        """
        units = self.from_maps.units
        channels = len(self.kernel) // self.places
        token = (None, candidates_shape[1], units)
        self.to_maps.build((None, channels))
        self.from_maps.build((None, self.maps * self.places**2))
        self.from_numbers.build((None, 5 if self.context else 1))
        if self.context:
            self.attention.build(token, token)
        for norm in self.norms:
            norm.build(token)
        self.wide.build(token)
        self.narrow.build((None, None, 2 * units))
        self.out.build(token)
        self.built = True

    def call(self, queries: Any, candidates: Any, training: bool = False) -> Any:
        """Compute the logits; see the class for the call arguments."""
        self._check(queries, candidates)
        n_query, n_way = queries.shape[1], candidates.shape[1]
        logits = self.plain(queries, candidates)
        tokens = self.from_maps(self._similarities(queries, candidates))
        tokens += self.from_numbers(self._numbers(logits, candidates))
        tokens = self.dropout(self.norms[0](tokens), training=training)
        # A query's candidates are one sequence: no token sees another query.
        tokens = ops.reshape(tokens, (-1, n_way, tokens.shape[-1]))
        if self.context:
            seen = self.norms[1](tokens)
            tokens += self.dropout(self.attention(seen, seen), training=training)
        hidden = self.narrow(self.wide(self.norms[2](tokens)))
        tokens += self.dropout(hidden, training=training)
        change = ops.reshape(self.out(self.norms[3](tokens)), (-1, n_query, n_way))
        return self.sharpness * logits + change

    def plain(self, left: Any, right: Any) -> Any:
        """Return the weighted L1 logits without context and without the bias, which all share.

        Args:
            left: `(trials, n, features)`.
            right: `(trials, m, features)`.

        Returns:
            `(trials, n, m)`.
        """
        apart = ops.abs(left[:, :, None] - right[:, None])
        return ops.einsum("tnmf,f->tnm", apart, self.kernel)

    def _similarities(self, queries: Any, candidates: Any) -> Any:
        """Compare every place of the queries' maps with every place of the candidates'.

        Returns:
            `(trials, n_query, n_way, maps * places * places)`, cosines of learned vectors.
        """
        found = ops.einsum("tqhid,tnhjd->tqnhij", self._vectors(queries), self._vectors(candidates))
        return ops.reshape(found, (-1, *found.shape[1:3], self.maps * self.places**2))

    def _vectors(self, embeddings: Any) -> Any:
        """Return unit vectors `(trials, images, maps, places, width)`."""
        count = embeddings.shape[1]
        # Embeddings are sigmoids around 0.5. Without the shift, that common part would make all
        # cosines large.
        vectors = self.to_maps(
            ops.reshape(embeddings - 0.5, (-1, count, self.places, len(self.kernel) // self.places))
        )
        vectors = ops.reshape(vectors, (-1, count, self.places, self.maps, self.width))
        # The small number bounds the gradient of a vector near zero.
        vectors /= ops.sqrt(ops.sum(vectors**2, axis=-1, keepdims=True) + 1e-4)
        return ops.transpose(vectors, (0, 1, 3, 2, 4))

    def _numbers(self, logits: Any, candidates: Any) -> Any:
        """Return numbers of each candidate of each query, `(trials, n_query, n_way, numbers)`.

        The first is its logit. With context follow how crowded its place is, by its logits with the
        other candidates (log-sum-exp, highest, mean), and by how much it leads its best rival.
        """
        columns = [logits]
        if self.context:
            n_way = logits.shape[-1]
            apart = self.plain(candidates, candidates)
            # A candidate is no rival of itself, and its logit with itself would hide the others.
            others = apart - 1e9 * ops.eye(n_way)
            crowding = (
                ops.logsumexp(others, axis=-1), ops.max(others, axis=-1), ops.mean(apart, axis=-1)
            )  # fmt: skip
            columns += [ops.broadcast_to(one[:, None], logits.shape) for one in crowding]
            ordered = ops.sort(logits, axis=-1)
            first, second = ordered[..., -1:], ordered[..., -2:-1]
            lead = logits - ops.where(logits >= first, second, first)
            # An easy trial has leads of any size, which say no more than a clear one.
            columns.append(ops.clip(lead, -16.0, 16.0))
        return ops.stack(columns, axis=-1) / LOGIT_SCALE

    def _check(self, queries: Any, candidates: Any) -> None:
        for name, given in (("queries", queries), ("candidates", candidates)):
            if len(given.shape) != 3 or given.shape[-1] != len(self.kernel):
                raise ValueError(
                    f"`{name}` must have shape (trials, images, {len(self.kernel)}). Received: "
                    f"{tuple(given.shape)}. Take those of one image each."
                )
        if candidates.shape[1] < 2 or candidates.shape[0] != queries.shape[0]:
            raise ValueError(
                "`candidates` must be two or more for each trial of `queries`. Received: "
                f"{tuple(candidates.shape)} and {tuple(queries.shape)}. Give each trial two "
                "candidates or more."
            )
