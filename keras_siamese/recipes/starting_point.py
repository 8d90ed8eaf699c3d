"""What a training starts from: a new network, somebody's backbone, or a network that ships."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.models import siamese_network
from keras_siamese.models.mirrored import is_mirrored, without_mirroring
from keras_siamese.recognizer import Recognizer

# Learning rate of the first step where a network that ships is trained further.
FINE_TUNING_RATE = 5e-4


@dataclass(frozen=True)
class Start:
    """What a training starts from.

    Attributes:
        network: Siamese network to train; None for a new one.
        preprocessing: How the network's images are read, where it is known.
        shape: Height, width and channels that it takes; None where it is new.
        mirrored: Whether its answers are to be averaged over mirror images afterwards.
        optimizer: Name of the optimizer that trains it.
        learning_rate: Rate of the first step; None for the method's.
    """

    network: keras.Model | None = None
    preprocessing: Preprocessing | None = None
    shape: tuple[int | None, int | None, int] | None = None
    mirrored: bool = False
    optimizer: str = "muon"
    learning_rate: float | None = None


def choose_start(
    backbone: keras.Model | None, from_preset: str | None, width: int | None, seed: int
) -> Start:
    """Return what a training starts from.

    Args:
        backbone: Keras model from an image to a vector, or None.
        from_preset: Name of a network that ships, or None.
        width: Filters of the first convolution of a new network, or None.
        seed: Seed of the head that is put on a backbone.

    Returns:
        The start, of a new network where neither `backbone` nor `from_preset` is given.

    Raises:
        ValueError: If more than one is given, the backbone takes no images with 1 or 3 channels, or
            no such network ships.
    """
    given = {"backbone": backbone, "from_preset": from_preset, "width": width}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise ValueError(
            f"`{named[0]}` and `{named[1]}` must not come together: each says what is trained. "
            "Received: both. Leave one out."
        )
    if from_preset is not None:
        return _preset_start(from_preset)
    if backbone is not None:
        return _backbone_start(backbone, seed)
    return Start()


def _preset_start(name: str) -> Start:
    preset = Recognizer.from_preset(name)
    # One mirror image of four in each step is a quarter of the work.
    mirrored = is_mirrored(preset.model)
    return Start(
        without_mirroring(preset.model) if mirrored else preset.model,
        preset.preprocessing,
        preset.preprocessing.shape,
        mirrored,
        learning_rate=FINE_TUNING_RATE,
    )


def _backbone_start(backbone: keras.Model, seed: int) -> Start:
    network = siamese_network(backbone, seed=seed, initializer="he")
    shape = tuple(network.inputs[0].shape[1:])
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ValueError(
            "`backbone` must take images with 1 or 3 channels. Received: one that takes "
            f"{shape}. Put what brings images there into it."
        )
    return Start(network, shape=shape, optimizer="adamw")
