"""How a model is trained on episodes, and what must not change when a run is resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import keras

from keras_siamese.argument_checks import check_choice, check_flag, check_number, check_whole
from keras_siamese.data.camera_ranges import CameraRanges
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.distortions import AffineRanges
from keras_siamese.data.episodes import OneShotEpisodes, check_protocol
from keras_siamese.deprecated import with_old_attributes
from keras_siamese.models import twin_encoder
from keras_siamese.training.episode_step import EPISODE_LOSSES
from keras_siamese.training.training_config import (
    check_fast_layers,
    check_images,
    checksum,
    describe_model,
    describe_trials,
)

COMPARE = ("shots", "drawers")
OPTIMIZERS = ("adamw", "muon")


@with_old_attributes
@dataclass(frozen=True)
class EpisodeConfig:
    """How `train_episodes` trains.

    Args:
        n_way: Characters in an episode.
        n_shot: Shots of each character; one more drawer draws the queries.
        compare: "shots", where one drawer's queries are compared with the mean over the shots of
            all others; or "drawers", where every two of the `1 + n_shot` drawers are compared,
            each other's only shot. Four drawers give six times the comparisons of two, from twice
            the images.
        episodes_per_step: Episodes per step.
        steps: Steps of the whole run.
        protocol: "within-alphabet" or "across-alphabets", where an episode's characters come from.
        symmetries: Whether whole episodes are turned and mirrored.
        distortions: Ranges of every image's own distortion; None for none. By default the paper's
            (Koch et al. 2015, sec. 3.2) with translations of up to 6 pixels at 105x105.
        episode_distortions: Ranges of a distortion that all images of an episode share, so that it
            acts as new characters, as with `symmetries`; None for none.
        camera: Ranges of camera-like distortions (light, blur, noise, pen) after these; None for
            none.
        loss: "softmax" over the rows and columns of each episode, or "sigmoid" over all its pairs.
        label_smoothing: Smoothing of the targets, in [0, 1).
        optimizer: "adamw"; or "muon", where the kernels of convolutions take the steps of
            `ConvMuon`, by which a network learns more from each step (docs/beyond.md).
        learning_rate: Rate of AdamW in the first step; it falls to zero along a half cosine.
        kernel_factor: How many times that rate the kernels of convolutions have with "muon".
        weight_decay: Fraction of the weights, times the rate, that each step takes off.
        ema_momentum: Momentum of the moving average of the weights that is validated and kept, in
            (0, 1); None validates and keeps the weights themselves.
        restore_best_weights: Whether to end with the weights that were best by validation, instead
            of the last.
        validate_every: Steps of an epoch, after which the run is validated and its state saved;
            the last epoch is shorter where `steps` is no multiple.
        seed: Seed of the episodes.
        fast_layers: As for `TrainingConfig`.

    Raises:
        ValueError: If a setting is out of range.
    """

    n_way: int = 20
    n_shot: int = 1
    compare: str = "shots"
    episodes_per_step: int = 4
    steps: int = 4000
    protocol: str = "within-alphabet"
    symmetries: bool = True
    distortions: AffineRanges | None = AffineRanges(translation=6.0)
    episode_distortions: AffineRanges | None = None
    camera: CameraRanges | None = None
    loss: str = "softmax"
    label_smoothing: float = 0.0
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    kernel_factor: float = 10.0
    weight_decay: float = 1e-4
    ema_momentum: float | None = None
    restore_best_weights: bool = False
    validate_every: int = 500
    seed: int = 0
    fast_layers: str = "auto"

    def __post_init__(self) -> None:
        """Check the settings; `EpisodeSampler` checks whether the images suffice."""
        for name in ("n_way", "n_shot", "episodes_per_step", "steps", "validate_every", "seed"):
            least = {"n_way": 2, "seed": 0}.get(name, 1)
            check_whole(name, getattr(self, name), least=least)
        for name in ("symmetries", "restore_best_weights"):
            check_flag(name, getattr(self, name))
        for name in ("distortions", "episode_distortions"):
            value = getattr(self, name)
            if not isinstance(value, AffineRanges | None):
                raise ValueError(
                    f"`{name}` must be AffineRanges or None. Received: {name}={value!r}. Give "
                    "AffineRanges(), which has the paper's ranges, or None."
                )
        check_fast_layers(self.fast_layers)
        if not isinstance(self.camera, CameraRanges | None):
            raise ValueError(
                f"`camera` must be CameraRanges or None. Received: camera={self.camera!r}. Give "
                "CameraRanges(), which has ranges for drawings, or None."
            )
        object.__setattr__(self, "protocol", check_protocol(self.protocol))
        for name, choices in (
            ("compare", COMPARE),
            ("loss", tuple(EPISODE_LOSSES)),
            ("optimizer", OPTIMIZERS),
        ):
            check_choice(name, getattr(self, name), choices)
        check_number("label_smoothing", self.label_smoothing, least=0, below=1)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("kernel_factor", self.kernel_factor, above=0)
        check_number("weight_decay", self.weight_decay, least=0)
        if self.ema_momentum is not None:
            check_number("ema_momentum", self.ema_momentum, above=0, below=1)

    @property
    def epochs(self) -> int:
        """Number of times that the run is validated and saved."""
        return -(-self.steps // self.validate_every)

    @property
    def pairs_per_step(self) -> int:
        """Pairs of a query and a shot in all episodes of a step."""
        drawers = 1 + self.n_shot
        shots = self.n_shot if self.compare == "shots" else drawers * (drawers - 1) // 2
        return self.episodes_per_step * self.n_way**2 * shots


def check_episodes(
    model: keras.Model,
    dataset: ImageDataset,
    validation_episodes: OneShotEpisodes | None,
    config: EpisodeConfig,
) -> None:
    """Check that model, images, validation episodes and configuration fit each other.

    Args:
        model: The model to train.
        dataset: Training images.
        validation_episodes: Validation episodes, or None.
        config: How to train.

    Raises:
        ValueError: If they do not fit, or the model is no siamese network, on several replicas, or
            with layers in float16 or bfloat16 alone.
    """
    twin_encoder(model)
    strategy = getattr(model, "distribute_strategy", None)
    replicas = 1 if strategy is None else strategy.num_replicas_in_sync
    if replicas > 1:
        raise ValueError(
            f"`model` must be on one replica. Received: a model on {replicas}. Make it outside the "
            "scope of a strategy."
        )
    unfit = sorted(_policies(model) & {"float16", "mixed_float16", "bfloat16"})
    if unfit:
        raise ValueError(
            "`model` must be in float32 or mixed_bfloat16. Received: layers under "
            f"{', '.join(map(repr, unfit))}: float16 needs scaled losses, and weights in bfloat16 "
            "are too coarse to be averaged. Make it under 'float32' or 'mixed_bfloat16'."
        )
    check_images(model, dataset=dataset.images)
    if validation_episodes is not None:
        check_images(model, validation_episodes=validation_episodes.images)
    elif config.restore_best_weights:
        raise ValueError(
            "`restore_best_weights` must be False where nothing validates. Received: True and "
            "validation_episodes=None. Pass validation episodes of held-out alphabets."
        )


def _policies(model: keras.Model) -> set[str]:
    """Return the names of the dtype policies of its layers; a model's own computes nothing."""
    found: set[str] = set()
    for layer in model.layers:
        found |= _policies(layer) if isinstance(layer, keras.Model) else {layer.dtype_policy.name}
    return found


def describe_episodes(
    model: keras.Model,
    dataset: ImageDataset,
    validation_episodes: OneShotEpisodes | None,
    config: EpisodeConfig,
    settings: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Describe what must not change between a run and its resumption.

    Args:
        model: The model.
        dataset: Training images.
        validation_episodes: Validation episodes, or None.
        config: How to train.
        settings: Further facts of the caller's, as JSON types.

    Returns:
        JSON types.
    """
    labels = (dataset.alphabet, dataset.character, dataset.drawer)
    return {
        **{key: value for key, value in asdict(config).items() if key != "fast_layers"},
        **describe_model(model),
        "data": f"{len(dataset)} images, crc32 {checksum(dataset.images, *labels)}",
        "validation": None if validation_episodes is None else describe_trials(validation_episodes),
        "settings": dict(settings or {}),
    }
