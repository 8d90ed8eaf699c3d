"""A small problem for the loop: noise prototypes as characters, a tiny encoder."""

from types import SimpleNamespace

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import sample_episodes
from keras_siamese.data.pairs import distort_pairs, sample_pairs
from keras_siamese.models import reduced_encoder, siamese_network
from keras_siamese.optimizers import LayerwiseSGD

SIZE = 24


def prototypes(name, num_characters=6, num_drawers=6, seed=0):
    """Return two alphabets of blurry random characters, with different noise for every drawer."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((num_characters, 6, 6)) < 0.5
    shapes = coarse.repeat(4, 1).repeat(4, 2).astype(float)
    images = shapes[:, None] * 200 + rng.uniform(0, 55, (num_characters, num_drawers, SIZE, SIZE))
    character = np.arange(num_characters).repeat(num_drawers)
    return ImageDataset(
        images=images.reshape(-1, SIZE, SIZE, 1).astype(np.uint8),
        alphabet=(character // (num_characters // 2)).astype(np.int32),
        character=character.astype(np.int32),
        drawer=np.tile(np.arange(1, num_drawers + 1), num_characters).astype(np.int32),
        alphabet_names=(f"{name}A", f"{name}B"),
        character_names=tuple(f"{name}/{i}" for i in range(num_characters)),
        name=name,
    )


def build(learning_rate=0.05, momentum=0.5, dtype=None, **kwargs):
    """Return a tiny compiled siamese model, the same at every call."""
    encoder = reduced_encoder(
        (SIZE, SIZE, 1),
        filters=(4, 4, 4, 4),
        kernel_sizes=(3, 2, 2, 2),
        units=8,
        initializer="he",
        dtype=dtype,
    )
    model = siamese_network(encoder, initializer="he")
    model.compile(
        optimizer=LayerwiseSGD(learning_rate, momentum, 1e-4),
        loss="binary_crossentropy",
        metrics=["accuracy"],
        **kwargs,
    )
    return model


def make_problem():
    """Return data, clean and distorted pairs, validation episodes, and `build`."""
    train = prototypes("train")
    clean = sample_pairs(train, 60, seed=1)
    return SimpleNamespace(
        train=train,
        clean=clean,
        pairs=distort_pairs(clean, 1, (SIZE, SIZE), seed=2),
        episodes=sample_episodes(prototypes("held out", seed=1), num_episodes=4, n_way=3, seed=3),
        build=build,
    )
