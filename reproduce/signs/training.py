"""How the network for signs is built and trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data import AffineRanges, CameraRanges, ImageDataset, Preprocessing
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.models.mirrored import without_mirroring
from keras_siamese.pretrained import build, load_pretrained
from keras_siamese.training import EpisodeConfig, EpisodeResult, train_episodes

SIZE = 40
# Side that the training set is kept at, so that other sizes can be tried.
KEPT_SIZE = 48
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


def network(preprocessing: Preprocessing = READING, seed: int = 0) -> keras.Model:
    """Build the network, with the weights of the shipped network for handwriting to begin with.

    The kernels of the first convolution are spread evenly over the colour channels. The head's
    weight of a channel is that network's mean over all places, times the ratio of their numbers.

    Args:
        preprocessing: What gives the network's images.
        seed: Seed of the weights that are replaced.

    Returns:
        Siamese model.
    """
    model = build(
        {
            "image_size": preprocessing.size[0],
            "encoder": {**ENCODER, "seed": seed},
            "preprocessing": preprocessing.to_json(),
        }
    )
    first = without_mirroring(load_pretrained("omniglot"))
    weights = twin_encoder(first).get_weights()
    channels = preprocessing.shape[2]
    weights[0] = np.repeat(weights[0] / channels, channels, axis=2)
    twin_encoder(model).set_weights(weights)
    alpha, bias = twin_head(first).get_weights()
    per_channel = alpha.reshape(-1, ENCODER["filters"][-1]).sum(axis=0)
    places = twin_encoder(model).output_shape[1] // len(per_channel)
    twin_head(model).set_weights([np.tile(per_channel / places, places)[:, None], bias])
    return model


def train(
    model: keras.Model,
    dataset: ImageDataset,
    *,
    steps: int = EPISODES.steps,
    seed: int = 0,
    run_dir: Path | None = None,
    **options: Any,
) -> EpisodeResult:
    """Train the network on blocks.

    Args:
        model: What `network` gives.
        dataset: What `training_set` gives.
        steps: Steps of the whole run.
        seed: Seed of the blocks.
        run_dir: Folder of the run's state, from which it is resumed; None for none.
        **options: Further arguments of `train_episodes`.

    Returns:
        The result; the model holds the averaged weights.
    """
    config = replace(EPISODES, steps=steps, seed=seed)
    return train_episodes(
        model, dataset, config, run_dir=run_dir, resume=run_dir is not None, **options
    )
