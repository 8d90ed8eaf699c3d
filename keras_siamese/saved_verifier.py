"""The file that a verifier is saved to."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from keras_siamese.argument_checks import Check, check_whole, optional
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.evaluation.operating_point import OperatingPoint, check_threshold
from keras_siamese.models.bundles import (
    check_preprocessing,
    read_bundle,
    saved_preprocessing,
    write_bundle,
)

if TYPE_CHECKING:
    import keras

_KIND = "Verifier"


def write_verifier(
    path: str | os.PathLike[str],
    model: keras.Model,
    threshold: float,
    operating_point: OperatingPoint | None,
    batch_size: int,
    preprocessing: Preprocessing | None,
) -> None:
    """Write all that a verifier holds to one file, whole or not at all.

    Args:
        path: The file; its folder must exist.
        model: As for `Verifier`.
        threshold: As for `Verifier`.
        operating_point: As `Verifier` has it.
        batch_size: As for `Verifier`.
        preprocessing: As for `Verifier`.
    """
    settings = {
        "threshold": threshold,
        "batch_size": batch_size,
        "operating_point": None if operating_point is None else operating_point._asdict(),
        "preprocessing": saved_preprocessing(preprocessing),
    }
    write_bundle(path, _KIND, model, settings, {})


def read_verifier(
    path: str | os.PathLike[str], load: Callable[[bytes], Any]
) -> tuple[Any, dict[str, Any]]:
    """Read what `write_verifier` wrote.

    Args:
        path: The file.
        load: Makes the network from the content of a `.keras` file.

    Returns:
        The network, and `threshold`, `batch_size`, `operating_point` and `preprocessing`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, or is damaged.
    """
    checks: dict[str, Check] = {
        "threshold": check_threshold,
        "batch_size": partial(check_whole, least=1),
        "operating_point": optional(lambda name, value: OperatingPoint.from_json(value)),
        "preprocessing": check_preprocessing,
    }
    network, settings, _ = read_bundle(path, _KIND, checks, (), load=load)
    return network, settings
