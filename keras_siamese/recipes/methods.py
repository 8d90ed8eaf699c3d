"""The two ways to train a network on anybody's images: on episodes, or on the paper's pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.camera_ranges import PICTURE_CAMERA, CameraRanges
from keras_siamese.data.class_splits import max_n_way
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.pairs import distort_pairs
from keras_siamese.evaluation.scoring_draws import draw_pairs
from keras_siamese.models import conv_encoder, koch_encoder, reduced_encoder, siamese_network
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.training.episode_config import EpisodeConfig
from keras_siamese.training.episode_training import train_episodes
from keras_siamese.training.pair_training import train
from keras_siamese.training.training_config import TrainingConfig

# From this side on, in pixels, the paper's own kernels fit.
_FULL_SIZE = 105
_LONGEST_EPOCH = 10_000
# Images of each class in an episode.
_MOST_DRAWINGS = 4
# Filters of the first convolution.
_WIDTH = 32
# Settings that one method has and the other has not.
_OWN = {"episodes": ("steps", "network", "learning_rate", "camera"), "pairs": ("pairs", "epochs")}


@dataclass(frozen=True)
class Plan:
    """How to train; None stands for what the method does unless told otherwise.

    Attributes:
        method: "episodes" or "pairs".
        width: Filters of the first convolution; the rest follows. None for 32.
        network: Siamese network to train instead of a new one, for episodes.
        steps: Steps of episodes; None for 2,000.
        optimizer: "muon" or "adamw", for episodes.
        learning_rate: Rate of the first step of episodes; None for 0.001.
        camera: Camera-like distortions of episodes: ranges; True for those that fit the images;
            False for none; None for True with drawings and False otherwise.
        pairs: Undistorted pairs; None for 30,000.
        epochs: Epochs of up to 10,000 pairs; None for 20.
        seed: Seed of weights, episodes and pairs.
        options: Further arguments of `train_episodes` or `train`, such as `run_dir` and `resume`.

    Raises:
        ValueError: If the method is unknown, or a setting is out of range or the other method's.
    """

    method: str = "episodes"
    width: int | None = None
    network: keras.Model | None = None
    optimizer: str = "muon"
    steps: int | None = None
    learning_rate: float | None = None
    camera: bool | CameraRanges | None = None
    pairs: int | None = None
    epochs: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked without images."""
        if self.method not in _OWN:
            raise ValueError(
                f"`method` must be one of {tuple(_OWN)}. Received: method={self.method!r}. Choose "
                "from that list."
            )
        (other,) = _OWN.keys() - {self.method}
        for name in _OWN[other]:
            if getattr(self, name) is not None:
                given = "backbone or from_preset" if name == "network" else name
                raise ValueError(
                    f"`{given}` must be for method {other!r}. Received: method={self.method!r}. "
                    f"Leave it out, or take method {other!r}."
                )
        if not isinstance(self.camera, bool | CameraRanges | None):
            raise ValueError(
                f"`camera` must be True, False, None or CameraRanges. Received: {self.camera!r}. "
                "Choose one of these."
            )
        for name in ("width", "steps", "pairs", "epochs"):
            value = getattr(self, name)
            if value is not None:
                check_whole(name, value, least=1)
        check_whole("seed", self.seed)


def train_on_episodes(
    images: ImageDataset, episodes: OneShotEpisodes | None, plan: Plan
) -> keras.Model:
    """Train a network on episodes of up to 20 classes.

    An episode has up to four images of each class, as many as the smallest class has, all compared
    with each other; a step has some 160 images. A new network is a `conv_encoder` that pools until
    two or three pixels per side are left, whose features are the embedding (docs/beyond.md).

    Args:
        images: Images to train on.
        episodes: One-shot episodes of other classes that are scored every epoch, or None.
        plan: How to train.

    Returns:
        The trained network.

    Raises:
        ValueError: As `train_episodes`.
    """
    model = plan.network
    if model is None:
        model = _new_network(images.images.shape[1:], plan)
    smallest = int(np.unique(images.character, return_counts=True)[1].min())
    drawings = min(max(smallest, 2), _MOST_DRAWINGS)
    steps = 2000 if plan.steps is None else int(plan.steps)
    config = EpisodeConfig(
        n_way=max_n_way(images),
        n_shot=drawings - 1,
        compare="drawers",
        episodes_per_step=2 * _MOST_DRAWINGS // drawings,
        steps=steps,
        optimizer=plan.optimizer,
        validate_every=min(500, -(-steps // 10)),
        seed=plan.seed,
        learning_rate=1e-3 if plan.learning_rate is None else plan.learning_rate,
        camera=_camera(images, plan.camera),
    )
    train_episodes(model, images, config, validation_episodes=episodes, **plan.options)
    return model


def _camera(images: ImageDataset, camera: bool | CameraRanges | None) -> CameraRanges | None:
    """Return the ranges of camera-like distortions that a choice stands for."""
    if isinstance(camera, CameraRanges):
        return camera
    # Images of which nobody said how they were read are taken for drawings where they are grey.
    reading = images.preprocessing
    drawings = images.images.shape[3] == 1 and not (reading and reading.keeps_levels)
    if not (drawings if camera is None else camera):
        return None
    return CameraRanges() if drawings else PICTURE_CAMERA


def _new_network(shape: tuple[int, ...], plan: Plan) -> keras.Model:
    width = _WIDTH if plan.width is None else int(plan.width)
    pools = max(1, min(shape[:2]).bit_length() - 2)
    filters = [width, 2 * width, 4 * width, *[8 * width] * pools][: max(pools, 4)]
    encoder = conv_encoder(shape, filters=filters, num_pools=pools, units=None, seed=plan.seed)
    return siamese_network(encoder, seed=plan.seed, initializer="he")


def train_on_pairs(
    images: ImageDataset, episodes: OneShotEpisodes | None, plan: Plan
) -> keras.Model:
    """Train the paper's encoder for the size on pairs with eight distortions each.

    Args:
        images: Images to train on.
        episodes: One-shot episodes of other classes, on which the best epoch is found.
        plan: How to train.

    Returns:
        The trained network.

    Raises:
        ValueError: As `train`, or if there are no episodes.
    """
    if episodes is None:
        raise ValueError(
            "Method 'pairs' needs held-out classes to find its best epoch. Received: held_out=0. "
            "Hold some out."
        )
    shape = images.images.shape[1:]
    width = _WIDTH if plan.width is None else int(plan.width)
    epochs = 20 if plan.epochs is None else int(plan.epochs)
    make_encoder = koch_encoder if min(shape[:2]) >= _FULL_SIZE else reduced_encoder
    filters = (width, 2 * width, 2 * width, 4 * width)
    encoder = make_encoder(
        shape, filters=filters, units=64 * width, seed=plan.seed, initializer="he"
    )
    model = siamese_network(encoder, seed=plan.seed, initializer="he")
    optimizer = LayerwiseSGD(0.05, momenta=0.9, l2=5e-4)
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    limit = 30_000 if plan.pairs is None else int(plan.pairs)
    table = draw_pairs(images, seed=plan.seed, limit=limit)
    table = distort_pairs(table, 8, images.image_size, seed=plan.seed + 1)
    config = TrainingConfig(
        epochs=epochs,
        epoch_pairs=min(_LONGEST_EPOCH, len(table)),
        ramp_epochs=max(1, epochs // 4),
        seed=plan.seed,
    )
    train(model, images, table, episodes, config, **plan.options)
    return model


METHODS: dict[str, Callable[[ImageDataset, OneShotEpisodes | None, Plan], keras.Model]] = {
    "episodes": train_on_episodes,
    "pairs": train_on_pairs,
}
