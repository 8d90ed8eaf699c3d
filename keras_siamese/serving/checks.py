"""What every exporter refuses before it writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from keras_siamese.data import Preprocessing
from keras_siamese.data.images.fitting import color_of
from keras_siamese.data.images.image_reading import as_preprocessing
from keras_siamese.models import twin_encoder
from keras_siamese.serving.formats import FORMATS, require_backend
from keras_siamese.serving.portable import check_signature


def check_portable(
    name: str,
    model: Any,
    path: str | os.PathLike[str],
    *,
    overwrite: bool,
    preprocessing: Preprocessing | None,
    signature: str = "serving_default",
) -> tuple[Path, str | None]:
    """Check what every file for another runtime needs: backend, fit, precision, reading and place.

    Args:
        name: Format to be written, a key of `FORMATS`.
        model: Network, as made by `siamese_network`.
        path: File to write.
        overwrite: Whether a file that exists may be replaced.
        preprocessing: As for `file_preprocessing`.
        signature: What the file answers, where it answers one signature.

    Returns:
        The file's path, and what `preprocessing_text` gives for its metadata.

    Raises:
        ValueError: If one of them does not fit.
    """
    require_backend(name)
    check_network(model)
    _check_float32(model, FORMATS[name].title)
    check_signature(signature)
    reading = preprocessing_text(model, preprocessing)
    return check_new_file(path, overwrite=overwrite), reading


def check_network(model: Any, *, channels: tuple[int, ...] = ()) -> None:
    """Check that a model is a siamese network on images of one known size.

    Args:
        model: Network, as made by `siamese_network`.
        channels: Numbers of channels that are allowed; any where it is empty.

    Raises:
        ValueError: If it is not.
    """
    shape = twin_encoder(model).input_shape[1:]
    if len(shape) != 3 or None in shape or (channels and shape[2] not in channels):
        allowed = f" with {' or '.join(map(str, channels))} channels" if channels else ""
        raise ValueError(
            f"`model` must take images of one known size{allowed}. Received: "
            f"an encoder of shape {tuple(shape)}. Build the network on an encoder with a fixed "
            "input shape, such as reduced_encoder((35, 35, 1))."
        )


def file_preprocessing(
    model: Any,
    preprocessing: Preprocessing | None,
    *,
    polarity: str | None = None,
    paper: str | None = None,
) -> Preprocessing:
    """Return how raw pictures are read for a network.

    Args:
        model: Network on images of one known size, with 1 or 3 channels.
        preprocessing: What was asked for; None for what fits the network's size and colour.
        polarity: As `Preprocessing` has it, or None.
        paper: As `Preprocessing` has it, or None.

    Returns:
        The preprocessing.

    Raises:
        ValueError: If it gives images that the network does not take, or two arguments contradict
            each other.
    """
    shape = tuple(twin_encoder(model).input_shape[1:])
    if preprocessing is not None and preprocessing.shape != shape:
        raise ValueError(
            f"`preprocessing` must give images of shape {shape}, as `model` takes. "
            f"Received: {preprocessing}. Pass that of the images that the network was trained on."
        )
    return as_preprocessing(
        shape[:2],
        color=color_of(shape[2]),
        polarity=polarity,
        paper=paper,
        preprocessing=preprocessing,
    )


def preprocessing_text(model: Any, preprocessing: Preprocessing | None) -> str | None:
    """Return what a file's metadata says about reading raw pictures.

    Args:
        model: Network on images of one known size.
        preprocessing: As for `file_preprocessing`.

    Returns:
        JSON, which `Preprocessing.from_json(json.loads(...))` takes; None where the network takes
        images of other than 1 or 3 channels, which no picture has.

    Raises:
        ValueError: As `file_preprocessing`.
    """
    if preprocessing is None and twin_encoder(model).input_shape[-1] not in (1, 3):
        return None
    return json.dumps(file_preprocessing(model, preprocessing).to_json(), indent=2)


def _check_float32(model: Any, form: str) -> None:
    """Check that a network computes in float32 throughout.

    Args:
        model: Network, as made by `siamese_network`.
        form: What it is to be written as.

    Raises:
        ValueError: If a layer computes in another precision.
    """
    kinds = {layer.compute_dtype for layer in model._flatten_layers()} - {"float32", None}
    if kinds:
        raise ValueError(
            f"`model` must compute in float32 to be written as {form}. Received: layers "
            f"that compute in {sorted(kinds)}. Build the same network without the precision, and "
            "give it the weights: network.set_weights(model.get_weights())."
        )


def check_new_file(path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Check that a file may be written.

    Args:
        path: The file.
        overwrite: Whether a file that exists may be replaced.

    Returns:
        The file's path.

    Raises:
        ValueError: If it is a folder, or exists and `overwrite` is False.
    """
    target = Path(path)
    if target.is_dir():
        raise ValueError(
            f"`path` must name a file. Received: path={str(target)!r}, a folder. Add a file name."
        )
    if target.exists() and not overwrite:
        raise ValueError(
            f"`path` must be a file that does not exist yet. Received: "
            f"path={str(target)!r}. Give another name, or overwrite=True."
        )
    return target
