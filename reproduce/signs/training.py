"""How the network for signs is built and trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data import AffineRanges, CameraRanges, ImageDataset, Preprocessing
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.models.mirrored import without_mirroring
from keras_siamese.pretrained import build, load_pretrained
from keras_siamese.training import EpisodeConfig, EpisodeResult, train_episodes

SIZE = 48
# The first stages see smaller pictures, which costs less time.
EARLY_SIZE = 40
# Colour, with paper 0 as the distortions fill it.
READING = Preprocessing(SIZE, "rgb", polarity="dark_on_light", aspect="fit")
ENCODER: dict[str, Any] = {"filters": [32, 64, 128, 256, 256], "num_pools": 4, "units": None}
CAMERA = CameraRanges(
    pen=(-0.5, 2.0),
    lines=0.0,
    paper=(0.0, 0.35),
    ink=(0.55, 1.0),
    paper_tint=0.2,
    ink_tint=0.2,
    light=0.3,
    blur=3.0,
    noise=0.08,
    inverse=0.15,
    probability=0.25,
    shared=0.5,
)
EPISODES = EpisodeConfig(
    n_shot=3,
    compare="drawers",
    blocks=1,
    steps=1000,
    distortions=AffineRanges(8.0, 0.2, (0.75, 1.25), 8.0),
    block_distortions=AffineRanges(15.0, 0.3, (0.75, 1.3), 0.0, probability=0.5),
    camera=CAMERA,
    ema=0.995,
    optimizer="muon",
    validate_every=100,
)

# The last stages have smaller distortions, as signs have in use, and stronger blur, as in small
# pictures.
_LATE = replace(
    EPISODES,
    steps=2500,
    distortions=AffineRanges(6.0, 0.15, (0.8, 1.2), 6.0),
    camera=replace(CAMERA, blur=6.0, probability=0.2),
    ema=0.998,
)


@dataclass(frozen=True)
class Stage:
    """One stage of the training.

    Attributes:
        size: Side of the pictures in pixels.
        config: How the network is trained on them.
    """

    size: int
    config: EpisodeConfig


# Each stage raises the rate again, so that more time makes a better network.
STAGES: tuple[Stage, ...] = (
    Stage(EARLY_SIZE, EPISODES),
    Stage(EARLY_SIZE, replace(EPISODES, steps=700, learning_rate=7e-4)),
    Stage(EARLY_SIZE, _LATE),
    Stage(SIZE, _LATE),
    Stage(SIZE, _LATE),
)


def network(size: int = SIZE, first: keras.Model | None = None, seed: int = 0) -> keras.Model:
    """Build the network, with the weights of another to begin with.

    The kernels of a first convolution for grey pictures are spread evenly over the colour channels.
    The head's weight of a channel is that network's mean over all places, times the ratio of their
    numbers.

    Args:
        size: Side of its pictures in pixels.
        first: Network of the same layers; None for the shipped network for handwriting.
        seed: Seed of the weights that are replaced.

    Returns:
        Siamese model.
    """
    reading = replace(READING, size=(size, size))
    encoder = {**ENCODER, "seed": seed}
    model = build({"image_size": size, "encoder": encoder, "preprocessing": reading.to_json()})
    first = without_mirroring(load_pretrained("omniglot")) if first is None else first
    weights = twin_encoder(first).get_weights()
    spread = reading.shape[2] // weights[0].shape[2]
    weights[0] = np.repeat(weights[0] / spread, spread, axis=2)
    twin_encoder(model).set_weights(weights)
    alpha, bias = twin_head(first).get_weights()
    per_channel = alpha.reshape(-1, ENCODER["filters"][-1]).sum(axis=0)
    places = twin_encoder(model).output_shape[1] // len(per_channel)
    twin_head(model).set_weights([np.tile(per_channel / places, places)[:, None], bias])
    return model


def train(
    dataset: ImageDataset,
    *,
    stages: Sequence[Stage] = STAGES,
    seed: int = 0,
    run_dir: Path | None = None,
    **options: Any,
) -> tuple[keras.Model, list[EpisodeResult]]:
    """Train the network on blocks, stage by stage.

    Args:
        dataset: What `training_set` gives, at the size of the last stage or larger.
        stages: Size and settings of each stage; it begins with the weights of the one before.
        seed: Seed of the weights, and of the blocks of the first stage; those of the next have the
            numbers after it.
        run_dir: Folder of the stages' states, from which they are resumed; None for none.
        **options: Further arguments of `train_episodes`.

    Returns:
        The network with the averaged weights of the last stage, and the result of each stage.
    """
    results: list[EpisodeResult] = []
    model = network(stages[0].size, seed=seed)
    for place, stage in enumerate(stages):
        if place and stage.size != stages[place - 1].size:
            model = network(stage.size, model, seed)
        folder = None if run_dir is None else run_dir / f"stage{place + 1}"
        results.append(
            train_episodes(
                model,
                dataset.resized(stage.size),
                replace(stage.config, seed=seed + place),
                run_dir=folder,
                resume=folder is not None,
                **options,
            )
        )
    return model, results
