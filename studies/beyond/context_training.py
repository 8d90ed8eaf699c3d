"""Training and scoring of a `ContextHead` on the fixed embeddings of a siamese network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_siamese.argument_checks import check_flag, check_number, check_whole
from keras_siamese.data import AffineRanges, EpisodeSampler, ImageDataset, draw_transforms
from keras_siamese.data.distortions import compose_transforms, square_symmetries
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.training.step import gather_images
from studies.beyond.context_head import ContextHead

# The first of the eight turned images are those of `average_mirrored`.
MIRRORINGS = 4
# As the recipe `features` distorts, which made the embeddings.
OWN = AffineRanges(translation=6.0)
SHARED = AffineRanges(15.0, 0.4, (0.7, 1.3), 0.0, probability=0.7)


@dataclass(frozen=True)
class ContextConfig:
    """How a `ContextHead` is trained."""

    # Steps of the optimizer.
    steps: int = 750
    # Trials' support sets per step, each with 20 queries.
    episodes_per_step: int = 16
    # Distorted copies of all background images, encoded once before training.
    views: int = 12
    # Rate of AdamW at the start; it falls to zero along a half cosine.
    learning_rate: float = 3e-3
    # Weight decay of AdamW.
    weight_decay: float = 0.02
    # Share of a token that is dropped.
    dropout: float = 0.1
    # Learned similarities of places.
    maps: int = 8
    # Length of a token.
    units: int = 64
    # Whether tokens see the other candidates of the trial.
    context: bool = True

    def __post_init__(self) -> None:
        """Check what a command line can get wrong; the head checks `maps` and `units`."""
        for name in ("steps", "episodes_per_step", "views", "maps", "units"):
            check_whole(name, getattr(self, name), least=1)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("weight_decay", self.weight_decay, least=0)
        check_number("dropout", self.dropout, least=0, below=1)
        check_flag("context", self.context)


def encode_views(
    encoder: Any, images: ImageDataset, num_views: int, *, seed: int, batch_size: int = 512
) -> np.ndarray:
    """Encode distorted copies of all images.

    In each view all images of an alphabet share one symmetry of the square and one distortion, so
    that they act as new characters; then each image gets its own distortion.

    Args:
        encoder: From `(batch, height, width, 1)`, [0, 1], to `(batch, features)`.
        images: The images.
        num_views: Number of copies.
        seed: Seed of the distortions.
        batch_size: Images per encoder call.

    Returns:
        `(num_views, images, features)`, float16.
    """
    size, number = images.image_size, len(images.alphabet_names)
    symmetries = square_symmetries(size)
    views = np.empty((num_views, len(images), encoder.output_shape[-1]), np.float16)
    stored = ops.convert_to_tensor(images.images)
    for place, view in enumerate(views):
        rng = np.random.default_rng([seed, place])
        shared = compose_transforms(
            symmetries[rng.integers(len(symmetries), size=number)],
            draw_transforms(number, size, rng, SHARED),
        )
        rows = compose_transforms(
            shared[images.alphabet], draw_transforms(len(images), size, rng, OWN)
        )
        for start in range(0, len(images), batch_size):
            taken = np.arange(start, min(start + batch_size, len(images)), dtype=np.int32)
            batch = gather_images(stored, taken, rows[taken].astype(np.float32), distorted=True)
            view[taken] = encoder.predict_on_batch(batch)
    return views


def draw_batches(
    images: ImageDataset, views: np.ndarray, config: ContextConfig, *, seed: int, n_way: int = 20
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield one batch of episodes per step: embeddings of queries and of candidates.

    Args:
        images: The images that were encoded.
        views: Their embeddings, as `encode_views` returns them.
        config: How many.
        seed: Seed of the draws.
        n_way: Candidates of a trial.

    Yields:
        Two arrays `(episodes, n_way, features)`, float32; query i is of candidate i's character.
    """
    sampler = EpisodeSampler(images, n_way=n_way, symmetries=False, seed=seed)
    for step in range(config.steps):
        indices = sampler.draw(step, config.episodes_per_step).indices
        view = np.random.default_rng([seed, 1, step]).integers(len(views), size=len(indices))
        found = views[view[:, None, None], indices].astype(np.float32)
        yield found[:, :, 0], found[:, :, 1]


def train_head(
    head: ContextHead, batches: Iterator[tuple[np.ndarray, np.ndarray]], config: ContextConfig
) -> dict[str, list[float]]:
    """Train a head on episodes; the loss is the cross-entropy of each trial's softmax.

    Args:
        head: The head; its weights change.
        batches: As `draw_batches` yields them.
        config: How long, and at which rate.

    Returns:
        Means over fifty steps: `loss`, and `plain_loss`, of the same trials without context.
    """
    import tensorflow as tf

    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, clipnorm=1.0)
    sharpness = float(head.sharpness)

    def loss_of(logits: Any) -> Any:
        return tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.broadcast_to(tf.range(tf.shape(logits)[2]), tf.shape(logits)[:2]), logits
            )
        )

    @tf.function
    def step(queries: Any, candidates: Any) -> tuple[Any, Any]:
        plain = loss_of(sharpness * head.plain(queries, candidates))
        with tf.GradientTape() as tape:
            loss = loss_of(head(queries, candidates, training=True))
        variables = head.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss, plain

    losses, started = [], time.process_time()
    for queries, candidates in batches:
        if not head.built:
            head(queries, candidates)
        losses.append(
            [float(value) for value in step(tf.constant(queries), tf.constant(candidates))]
        )
    means = [np.mean(losses[at : at + 50], axis=0).tolist() for at in range(0, len(losses), 50)]
    return {
        "loss": [loss for loss, _ in means],
        "plain_loss": [plain for _, plain in means],
        "processor_seconds": [round(time.process_time() - started, 1)],
    }


def encode_turned(encoder: Any, images: np.ndarray) -> np.ndarray:
    """Encode images in all symmetries of the square.

    Args:
        encoder: From `(batch, size, size, channels)`, [0, 1], to `(batch, features)`.
        images: `(n, size, size, channels)`, uint8.

    Returns:
        `(8, n, features)`, float32: the four mirrorings of `average_mirrored`, then the same with
        rows and columns exchanged.
    """
    turned = []
    for base in (images, images.transpose(0, 2, 1, 3)):
        for one in (base, base[:, :, ::-1], base[:, ::-1], base[:, ::-1, ::-1]):
            turned.append(encode_images(encoder, np.ascontiguousarray(one)))
    return np.stack(turned)


def turned_logits(
    head: ContextHead, turned: np.ndarray, episodes: OneShotEpisodes, *, plain: bool = False
) -> np.ndarray:
    """Score one-shot episodes once for every way that images are turned.

    Args:
        head: The head.
        turned: `(turns, images, features)`, float32, as of `encode_turned`.
        episodes: The episodes, with one shot.
        plain: Whether to take the logits of the network without context.

    Returns:
        `(turns, episodes, n_query, n_way)`, float32.

    Raises:
        ValueError: If an episode has several shots.
    """
    if episodes.support.shape[2] != 1:
        raise ValueError(
            f"`episodes` must have one shot. Received: {episodes.support.shape[2]} shots. Draw "
            "them with n_shot=1."
        )
    import tensorflow as tf

    score = tf.function(head.plain if plain else head)
    found = [
        score(tf.constant(embeddings[queries][None]), tf.constant(embeddings[support][None]))
        for embeddings in turned
        for queries, support in zip(episodes.queries, episodes.support[:, :, 0], strict=True)
    ]
    shape = (len(turned), *episodes.queries.shape, episodes.support.shape[1])
    return np.concatenate(found).reshape(shape)


def all_logits(
    head: ContextHead, turned: np.ndarray, episodes: OneShotEpisodes
) -> dict[str, np.ndarray]:
    """Score episodes with the head and in the two ways that it is compared with.

    Args:
        head: The head.
        turned: `(8, images, features)`, of `encode_turned`.
        episodes: The episodes.

    Returns:
        `(episodes, n_query, n_way)` of each: `head`; `plain`, the weighted L1 distance with the
        same averaging; `shipped`, the same over four mirrorings, as the network ships.
    """
    plain = turned_logits(head, turned, episodes, plain=True)
    return {
        "head": turned_logits(head, turned, episodes).mean(axis=0),
        "plain": plain.mean(axis=0),
        "shipped": plain[:MIRRORINGS].mean(axis=0),
    }
