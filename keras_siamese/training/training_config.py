"""How the loop trains, and what must not change when a run is resumed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import check_choice, check_flag, check_whole
from keras_siamese.compat import variable_path
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.pairs import PairTable
from keras_siamese.models import twin_encoder
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.training.callbacks import check_schedule

FAST_LAYERS = ("auto", "none", "all")
# What may change when a run is resumed: its length, and how a function is computed.
CHANGEABLE = ("epochs", "fast_layers")


@dataclass(frozen=True)
class TrainingConfig:
    """How the loop trains; the defaults are the paper's (Koch et al. 2015, sec. 3.2).

    Args:
        batch_size: Pairs per step.
        epochs: Epochs at most.
        patience: Epochs without a lower validation error before training stops.
        epoch_pairs: Pairs per epoch; None for the whole table. Deviation where set: the paper's
            epoch is the whole table; a shorter one brings schedules and validation more often
            where a machine cannot pay for 200 passes.
        decay: Fraction by which the learning rates shrink each epoch.
        initial_momentum: Momentum of every layer in the first epoch.
        ramp_epochs: Epochs of the linear momentum ramp. Open in the paper. Decided: 20.
        seed: Seed of the order of pairs.
        jit_compile: Compile the network part of the step with XLA.
        fast_layers: "auto" times the encoder's large layers both ways when a run starts, and
            computes in the step those the other way that gain (`FrequencyConv2D`; rounding apart,
            the result is the same); "none" leaves all as they are, so that two runs on one machine
            round equally; "all" takes the other way wherever it can be. With `resume`, "auto"
            continues as the run began.

    Raises:
        ValueError: If a setting is of another type, or out of range.

    Example:
        >>> from keras_siamese import TrainingConfig
        >>> config = TrainingConfig(epochs=50, epoch_pairs=10_000)
        >>> config.batch_size, config.decay
        (128, 0.01)
    """

    batch_size: int = 128
    epochs: int = 200
    patience: int = 20
    epoch_pairs: int | None = None
    decay: float = 0.01
    initial_momentum: float = 0.5
    ramp_epochs: int = 20
    seed: int = 0
    jit_compile: bool = False
    fast_layers: str = "auto"

    def __post_init__(self) -> None:
        """Check every setting."""
        for name in ("batch_size", "epochs", "patience"):
            check_whole(name, getattr(self, name), least=1)
        if self.epoch_pairs is not None:
            check_whole("epoch_pairs", self.epoch_pairs, least=1)
        check_whole("seed", self.seed)
        check_flag("jit_compile", self.jit_compile)
        check_fast_layers(self.fast_layers)
        check_schedule(self.decay, self.initial_momentum, self.ramp_epochs)


def describe_run(
    model: keras.Model,
    dataset: ImageDataset,
    pairs: PairTable,
    validation_episodes: OneShotEpisodes,
    config: TrainingConfig,
    settings: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Describe what must not change between a run and its resumption: all but the epochs.

    Args:
        model: The compiled model.
        dataset: Training images.
        pairs: Training pairs.
        validation_episodes: Validation episodes.
        config: How to train.
        settings: Further facts of the caller's, as JSON types.

    Returns:
        JSON types.
    """
    optimizer = model.optimizer.get_config()
    # The factor on all rates is the schedule's, not the configuration's.
    optimizer.pop("learning_rate")
    columns = (pairs.left, pairs.right, pairs.same, pairs.left_transform, pairs.right_transform)
    return {
        **{key: value for key, value in asdict(config).items() if key not in CHANGEABLE},
        **describe_model(model),
        "optimizer": optimizer,
        "data": f"{len(dataset)} images, {len(pairs)} pairs, "
        f"crc32 {checksum(dataset.images, *columns)}",
        "validation": describe_trials(validation_episodes),
        "settings": dict(settings or {}),
    }


def check_fast_layers(choice: str) -> None:
    """Check which layers are to be computed the faster way.

    Args:
        choice: "auto", "none" or "all".

    Raises:
        ValueError: If it is something else.
    """
    check_choice("fast_layers", choice, FAST_LAYERS)


def run_layers(model: keras.Model, choice: str, state: Any, *, num_images: int) -> tuple[str, ...]:
    """Choose the layers that a run's step computes the faster way.

    Args:
        model: The model.
        choice: As `TrainingConfig.fast_layers`.
        state: The state that the run continues from, or None.
        num_images: Images of a step.

    Returns:
        Names of the layers.

    Raises:
        ValueError: If "all" is asked for on another backend than TensorFlow.
    """
    if state is not None and choice == "auto":
        return tuple(state.fast_layers)  # it continues as it began, so that it rounds equally
    if keras.backend.backend() != "tensorflow":
        if choice == "all":
            raise ValueError(
                "`fast_layers` must be 'auto' or 'none' on the backend "
                f"{keras.backend.backend()!r}: only TensorFlow's steps have the faster way. "
                "Received: 'all'. Leave it out, or set KERAS_BACKEND=tensorflow."
            )
        return ()
    if model.distribute_strategy.num_replicas_in_sync > 1:
        return ()  # the replicas would have to agree
    from keras_siamese.training.fast_layers import choose_fast_layers

    return choose_fast_layers(twin_encoder(model), choice, num_images=num_images)


def describe_model(model: keras.Model) -> dict[str, Any]:
    """Describe what of a model must not change: names, shapes and precision.

    Args:
        model: The model.

    Returns:
        JSON types.
    """
    return {
        "weights": [f"{variable_path(weight)} {tuple(weight.shape)}" for weight in model.weights],
        "precision": sorted({layer.dtype_policy.name for layer in model._flatten_layers()}),
    }


def describe_trials(episodes: OneShotEpisodes) -> str:
    """Describe validation episodes, with a checksum.

    Args:
        episodes: The episodes.

    Returns:
        One line.
    """
    return (
        f"{episodes.num_trials} trials, "
        f"crc32 {checksum(episodes.images, episodes.support, episodes.queries, episodes.answers)}"
    )


def checksum(*arrays: np.ndarray | None) -> str:
    """Return the CRC-32 of arrays, one after the other, in hexadecimal digits.

    Args:
        *arrays: The arrays; None counts nothing.

    Returns:
        Eight digits.
    """
    value = 0
    for array in arrays:
        if array is not None:
            value = zlib.crc32(np.ascontiguousarray(array).data, value)
    return f"{value:08x}"


def check_run(
    model: keras.Model,
    dataset: ImageDataset,
    pairs: PairTable,
    validation_episodes: OneShotEpisodes,
) -> None:
    """Check that model, images, pairs and validation episodes fit each other.

    Args:
        model: The model to train.
        dataset: Training images.
        pairs: Training pairs.
        validation_episodes: Validation episodes.

    Raises:
        ValueError: If they do not fit, or the model is not compiled with a `LayerwiseSGD`.
    """
    optimizer = getattr(model, "optimizer", None)
    if not isinstance(optimizer, LayerwiseSGD):
        raise ValueError(
            "`model` must be compiled with a keras_siamese.LayerwiseSGD. Received: "
            f"optimizer={optimizer!r}. Call model.compile(optimizer=LayerwiseSGD(0.01, 0.9), "
            "loss='binary_crossentropy')."
        )
    check_images(model, dataset=dataset.images, validation_episodes=validation_episodes.images)
    highest = max(int(pairs.left.max()), int(pairs.right.max()))
    if highest >= len(dataset):
        raise ValueError(
            f"`pairs` must index the {len(dataset)} images of `dataset`. Received: index "
            f"{highest}. Draw the pairs from this data set."
        )


def check_images(model: keras.Model, **images: np.ndarray) -> None:
    """Check that images have the model's input shape.

    Args:
        model: The siamese model.
        **images: `(n, height, width, channels)`, by the name of the argument they came in.

    Raises:
        ValueError: If they do not fit.
    """
    expected = tuple(model.inputs[0].shape[1:])
    for name, values in images.items():
        got = values.shape[1:]
        if expected[-1] not in (None, got[-1]):
            raise ValueError(
                f"`{name}` must hold images of {expected[-1]} channels, as the model's input does. "
                f"Received: {got[-1]}. Load them with color='grey' (1) or 'rgb' (3)."
            )
        # A model may take images of any size.
        if any(want not in (None, side) for want, side in zip(expected, got, strict=True)):
            raise ValueError(
                f"`{name}` must hold images of the model's input shape {expected}. Received: "
                f"{got}. Resize them with {name}.resized(size)."
            )
