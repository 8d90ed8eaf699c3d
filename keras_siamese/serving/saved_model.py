"""Export of a siamese network as TensorFlow Serving takes it."""

from __future__ import annotations

import contextlib
import glob
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_siamese.models import twin_encoder
from keras_siamese.serving.checks import check_network
from keras_siamese.serving.signatures import Signature, make_signatures
from keras_siamese.serving.warmup import write_warmup_requests

_INK = ("dark", "bright")


def export(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    version: int = 1,
    overwrite: bool = False,
    ink: str = "dark",
    max_pixels: int = 16_000_000,
) -> Path:
    """Write a network as a SavedModel into a version folder, whole or not at all.

    It needs only TensorFlow to run, and takes any batch size. Images are float32 in [0, 1], ink 1
    and paper 0, of the network's size. Signatures, with the names of inputs and outputs:

    - `serving_default`: `left`, `right`, images `(batch, height, width, channels)`, to
      `probability` `(batch,)` that both show the same class.
    - `embed`: `image` `(batch, height, width, channels)` to `embedding` `(batch, features)`.
    - `verify_images`: `left`, `right` `(batch,)`, each the bytes of a PNG or JPEG file, to
      `probability` `(batch,)`. The graph decodes, lays on white, makes grey, resizes and scales as
      `load_folder` does.
    - `classify`: `support` `(supports, ...)` and `queries` `(queries, ...)`, images, to
      `probability` `(queries, supports)`, each pair's as in `serving_default`, and `best`
      `(queries,)`, int64, the row of the support most alike.

    A request to each, of one blank image (`verify_images`: of a PNG and a JPEG file), goes into
    `assets.extra`; TensorFlow Serving answers them while it loads the model, so that no client
    waits for a first request.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size with 1 or 3
            channels.
        path: Folder of the model; it is made where it is missing. Its name is the model's name.
        version: Positive number, the name of the folder inside `path`. TensorFlow Serving serves
            the highest.
        overwrite: Whether a version that exists is replaced.
        ink: Polarity of the files that `verify_images` takes: "dark" for drawings on paper, whose
            values are turned, "bright" for photographs and light strokes on dark ground; the same
            as `load_folder` was given for training.
        max_pixels: Largest height times width that `verify_images` decodes.

    Returns:
        The version folder, `path/version`.

    Raises:
        ValueError: If the network does not fit, an argument is out of range, or the version
            exists and `overwrite` is False.

    Example:
        ```python
        export(model, "served/siamese", version=2)
        ```
    """
    check_network(model, channels=(1, 3))
    _check_arguments(version, ink, max_pixels)
    folder = Path(path)
    target = folder / str(version)
    if target.exists() and not overwrite:
        raise ValueError(
            "Argument `version` must be a version that does not exist yet. Received: "
            f"version={version}, and {str(target)!r} exists. Give a higher version, or "
            "overwrite=True."
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Servers look for folders named by a number; these names are none. A killed process may leave
    # one, which the next export of the same version removes.
    prefix = f".{version}.partial-"
    for stale in folder.glob(f"{glob.escape(prefix)}*"):
        shutil.rmtree(stale, ignore_errors=True)
    partial = folder / f"{prefix}{secrets.token_hex(4)}"
    try:
        name = target.parent.resolve().name
        _write(model, partial / "new", name=name, ink=ink, max_pixels=max_pixels)
        if target.exists():
            os.replace(target, partial / "old")
        os.replace(partial / "new", target)
    finally:
        # An old version that was moved away and not replaced goes back.
        if (partial / "old").exists() and not target.exists():
            os.replace(partial / "old", target)
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _write(model: keras.Model, folder: Path, *, name: str, ink: str, max_pixels: int) -> None:
    signatures = make_signatures(model, ink=ink, max_pixels=max_pixels)
    write_archive(folder, signatures)
    shape = twin_encoder(model).input_shape[1:]
    write_warmup_requests(folder, signatures, name=name, image_shape=shape)


def write_archive(folder: str | os.PathLike[str], signatures: Mapping[str, Signature]) -> None:
    """Write a SavedModel with some signatures, and say nothing.

    Args:
        folder: Folder to write; it must not exist or be empty.
        signatures: What to write, by name.
    """
    # An endpoint tracks its own weights; tracking the model, too, would write each of them twice.
    archive = keras.export.ExportArchive()
    for name, signature in signatures.items():
        archive.add_endpoint(name, signature.function, input_signature=signature.inputs)
    # Keras tells of every endpoint, and not every version can be asked not to.
    with contextlib.redirect_stdout(io.StringIO()):
        archive.write_out(str(folder))


def _check_arguments(version: Any, ink: Any, max_pixels: Any) -> None:
    for argument, value in (("version", version), ("max_pixels", max_pixels)):
        if type(value) is not int or value < 1:
            raise ValueError(
                f"Argument `{argument}` must be a positive integer. Received: "
                f"{argument}={value!r}. Give a whole number from 1 on."
            )
    if ink not in _INK:
        raise ValueError(
            f"Argument `ink` must be one of {_INK}. Received: ink={ink!r}. Take the one that "
            "`load_folder` was given."
        )
