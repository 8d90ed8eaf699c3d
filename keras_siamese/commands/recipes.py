"""How `keras-siamese train` trains: on blocks of classes, or on the paper's pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from keras_siamese.commands.trials import draw_pairs
from keras_siamese.data import (
    ImageDataset,
    OneShotRuns,
    distort_pairs,
    most_ways,
)
from keras_siamese.models import (
    LayerwiseSGD,
    conv_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
)
from keras_siamese.training import EpisodeConfig, TrainingConfig, train, train_episodes

# From this side on, in pixels, the paper's own kernels fit.
_FULL_SIZE = 105
_LONGEST_EPOCH = 10_000
# Images of each class in a block.
_MOST_DRAWINGS = 4


def train_on_episodes(
    images: ImageDataset,
    runs: OneShotRuns | None,
    *,
    width: int,
    seed: int,
    steps: int = 2000,
    **state: Any,
) -> keras.Model:
    """Train a `conv_encoder` on blocks of up to 20 classes.

    It pools until two or three pixels a side are left, whose features are the embedding. A block
    has up to four images of each class, as many as the smallest class has, all compared with each
    other; a step has some 160 images. The kernels take steps of Muon (docs/beyond.md).

    Args:
        images: Images to train on.
        runs: One-shot runs of other classes that the run is validated on, or None.
        width: Filters of the first convolution.
        seed: Seed of weights and blocks.
        steps: Steps of training.
        **state: `run_dir` and `resume` of `train_episodes`.

    Returns:
        The trained network.

    Raises:
        ValueError: As `train_episodes`.
    """
    shape = images.images.shape[1:]
    pools = max(1, min(shape[:2]).bit_length() - 2)
    filters = [width, 2 * width, 4 * width, *[8 * width] * pools][: max(pools, 4)]
    encoder = conv_encoder(shape, filters=filters, num_pools=pools, units=None, seed=seed)
    model = siamese_network(encoder, seed=seed, initializer="he")
    smallest = int(np.unique(images.character, return_counts=True)[1].min())
    drawings = min(max(smallest, 2), _MOST_DRAWINGS)
    config = EpisodeConfig(
        n_way=most_ways(images),
        n_shot=drawings - 1,
        compare="drawers",
        blocks=2 * _MOST_DRAWINGS // drawings,
        steps=steps,
        optimizer="muon",
        validate_every=min(500, -(-steps // 10)),
        seed=seed,
    )
    train_episodes(model, images, config, validation_runs=runs, **state)
    return model


def train_on_pairs(
    images: ImageDataset,
    runs: OneShotRuns | None,
    *,
    width: int,
    seed: int,
    pairs: int = 30_000,
    epochs: int = 20,
    **state: Any,
) -> keras.Model:
    """Train the paper's encoder for the size on pairs with eight distortions each.

    Args:
        images: Images to train on.
        runs: One-shot runs of other classes, on which the best epoch is found.
        width: Filters of the first convolution.
        seed: Seed of weights and pairs.
        pairs: Undistorted pairs.
        epochs: Epochs at most, of up to 10,000 pairs.
        **state: `run_dir` and `resume` of `train`.

    Returns:
        The trained network.

    Raises:
        ValueError: As `train`, or if there are no runs.
    """
    if runs is None:
        raise ValueError(
            "--method pairs needs held-out classes to find its best epoch, but --validation is 0. "
            "Hold some out."
        )
    shape = images.images.shape[1:]
    make_encoder = koch_encoder if min(shape[:2]) >= _FULL_SIZE else reduced_encoder
    filters = (width, 2 * width, 2 * width, 4 * width)
    encoder = make_encoder(shape, filters=filters, units=64 * width, seed=seed, initializer="he")
    model = siamese_network(encoder, seed=seed, initializer="he")
    optimizer = LayerwiseSGD(0.05, momenta=0.9, l2=5e-4)
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    table = draw_pairs(images, seed=seed, limit=pairs)
    table = distort_pairs(table, 8, images.image_size, seed=seed + 1)
    config = TrainingConfig(
        epochs=epochs,
        epoch_pairs=min(_LONGEST_EPOCH, len(table)),
        ramp_epochs=max(1, epochs // 4),
        seed=seed,
    )
    train(model, images, table, runs, config, **state)
    return model


RECIPES: dict[str, tuple[Callable[..., keras.Model], tuple[str, ...]]] = {
    "episodes": (train_on_episodes, ("steps",)),
    "pairs": (train_on_pairs, ("pairs", "epochs")),
}


def choose(method: str, **settings: int | None) -> Callable[..., keras.Model]:
    """Return the recipe that a command line asks for.

    Args:
        method: "episodes" or "pairs".
        **settings: Settings of any recipe; None where the command line has none.

    Returns:
        The recipe, with its settings.

    Raises:
        ValueError: If the method is unknown, or a setting is another method's.
    """
    if method not in RECIPES:
        raise ValueError(
            f"--method must be one of {', '.join(RECIPES)}, but got {method!r}. Choose from that "
            "list."
        )
    recipe, own = RECIPES[method]
    given = {name: value for name, value in settings.items() if value is not None}
    for name in given:
        if name not in own:
            raise ValueError(f"--{name} is not for --method {method}. Drop it.")
    return partial(recipe, **given)
