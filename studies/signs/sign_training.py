"""How the network for signs is built and trained."""

from __future__ import annotations

from collections.abc import Sequence
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
READING = Preprocessing(SIZE, "rgb", polarity="dark_on_light", paper="crop", aspect="fit")
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
    episodes_per_step=1,
    steps=1000,
    distortions=AffineRanges(8.0, 0.2, (0.75, 1.25), 8.0),
    episode_distortions=AffineRanges(15.0, 0.3, (0.75, 1.3), 0.0, probability=0.5),
    camera=CAMERA,
    ema_momentum=0.995,
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
    ema_momentum=0.998,
)
# Each stage raises the rate again, so that more time makes a better network.
STAGES: tuple[EpisodeConfig, ...] = (
    EPISODES,
    replace(EPISODES, steps=700, learning_rate=7e-4),
    _LATE,
    _LATE,
)


def sign_network(preprocessing: Preprocessing = READING, seed: int = 0) -> keras.Model:
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


def train_signs(
    model: keras.Model,
    dataset: ImageDataset,
    *,
    stages: Sequence[EpisodeConfig] = STAGES,
    seed: int = 0,
    run_dir: Path | None = None,
    **options: Any,
) -> list[EpisodeResult]:
    """Train the network on episodes, stage by stage.

    Args:
        model: What `sign_network` gives.
        dataset: What `training_set` gives.
        stages: How each stage is trained; a stage begins with the weights of the one before.
        seed: Seed of the episodes of the first stage; those of the next have the numbers after it.
        run_dir: Folder of the stages' states, from which they are resumed; None for none.
        **options: Further arguments of `train_episodes`.

    Returns:
        Result of each stage; the model holds the averaged weights of the last.
    """
    results = []
    for place, stage in enumerate(stages):
        folder = None if run_dir is None else run_dir / f"stage{place + 1}"
        config = replace(stage, seed=seed + place)
        results.append(
            train_episodes(
                model, dataset, config, run_dir=folder, resume=folder is not None, **options
            )
        )
    return results
