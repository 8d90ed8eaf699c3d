"""Export of a siamese network as TensorFlow Serving takes it."""

from __future__ import annotations

import contextlib
import glob
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from keras_siamese.atomic import made_folder
from keras_siamese.data import Preprocessing
from keras_siamese.deprecated import with_ink
from keras_siamese.serving.checks import check_network, file_preprocessing
from keras_siamese.serving.file_errors import file_errors
from keras_siamese.serving.limits import LARGEST_COUNT, MAX_IMAGES, MAX_PIXELS
from keras_siamese.serving.signatures import Signature, make_signatures
from keras_siamese.serving.warmup import write_warmup_requests

# Folder of a SavedModel for files that TensorFlow leaves alone.
EXTRA = "assets.extra"
PREPROCESSING_FILE = "preprocessing.json"


@with_ink
def export(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    version: int = 1,
    overwrite: bool = False,
    preprocessing: Preprocessing | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    read_files: bool = True,
    max_pixels: int = MAX_PIXELS,
    max_images: int = MAX_IMAGES,
) -> Path:
    """Write a network as a SavedModel into a version folder, whole or not at all.

    It needs only TensorFlow to run, and takes any batch size from 1 to `max_images`. Images are
    float32 in [0, 1], ink 1 and paper 0, of the network's size. Signatures, with the names of
    inputs and outputs:

    - `serving_default`: `left`, `right`, images `(batch, height, width, channels)`, to
      `probability` `(batch,)` that both show the same class.
    - `embed`: `image` `(batch, height, width, channels)` to `embedding` `(batch, features)`.
    - `verify_images`: `left`, `right` `(batch,)`, each the bytes of a PNG, JPEG, BMP or GIF file,
      to `probability` `(batch,)`. The graph reads them as `preprocessing.read` does.
    - `embed_images`: `image` `(batch,)`, read in the same way, to `embedding` `(batch, features)`.
    - `classify`: `support` `(supports, ...)` and `queries` `(queries, ...)`, images, to
      `probability` `(queries, supports)`, each pair's as in `serving_default`, and `best`
      `(queries,)`, int64, the row of the most similar support image.

    The folder `assets.extra` holds `preprocessing.json`, what `Preprocessing.from_json` takes, and
    a request to each signature. TensorFlow Serving answers these while it loads the model, so that
    no client waits for a first request.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size with 1 or 3
            channels.
        path: Folder of the model; it is made where it is missing. Its name is the model's name.
        version: Positive number, the name of the folder inside `path`. TensorFlow Serving serves
            the highest.
        overwrite: Whether a version that exists is replaced.
        preprocessing: How files are read: that of the data set that the network was trained on.
            None stands for `Preprocessing(size, color)` of the network's size and colour, with
            `polarity` and `paper`.
        polarity: As `Preprocessing` has it: "dark_on_light", "light_on_dark" or "auto".
        paper: As `Preprocessing` has it: "find", "level", "keep", "crop" or "redraw".
        read_files: Whether the graph reads files. False leaves out `verify_images` and
            `embed_images`; it must be False where `preprocessing.paper` is "redraw".
        max_pixels: Largest height times width of a file that is decoded.
        max_images: Most images that an input takes, since time and memory grow with their number.

    Returns:
        The version folder, `path/version`.

    Raises:
        ValueError: If the network does not fit, an argument is out of range, the preprocessing is
            for another size or cannot be done by the graph, or the version exists and `overwrite`
            is False.
        OSError: If the files cannot be written, as on a full disk; nothing is left behind.

    Example:
        >>> from keras_siamese import dense_encoder, export, siamese_network
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> export(model, "served/siamese", version=2, read_files=False).as_posix()
        'served/siamese/2'
    """
    check_network(model, channels=(1, 3))
    _check_arguments(version=version, max_pixels=max_pixels, max_images=max_images)
    reading = file_preprocessing(model, preprocessing, polarity=polarity, paper=paper)
    if read_files and reading.paper == "redraw":
        raise ValueError(
            "`preprocessing` must not redraw drawings where the graph reads files. "
            "Received: paper='redraw', which TensorFlow has no operations for. Pass "
            "read_files=False (--no-read-files), read files by Preprocessing.read, and ask the "
            "signatures that take images."
        )
    folder = Path(path)
    target = folder / str(version)
    if target.exists() and not overwrite:
        raise ValueError(
            "`version` must be a version that does not exist yet. Received: "
            f"version={version}, and {str(target)!r} exists. Give a higher version, or "
            "overwrite=True."
        )
    with made_folder(folder), file_errors(target), _replacing(target) as new:
        _write(
            model,
            new,
            name=folder.resolve().name,
            preprocessing=reading,
            read_files=read_files,
            max_pixels=max_pixels,
            max_images=max_images,
        )
    return target


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give a folder to write, which takes the place of `target` once the block has ended."""
    # Servers look for folders named by a number; these names are not. A killed process may leave
    # one, which the next export of the same version removes.
    prefix = f".{target.name}.partial-"
    for stale in target.parent.glob(f"{glob.escape(prefix)}*"):
        shutil.rmtree(stale, ignore_errors=True)
    partial = target.with_name(f"{prefix}{secrets.token_hex(4)}")
    try:
        yield partial / "new"
        if target.exists():
            os.replace(target, partial / "old")
        os.replace(partial / "new", target)
    finally:
        # An old version that was moved away and not replaced goes back.
        if (partial / "old").exists() and not target.exists():
            os.replace(partial / "old", target)
        shutil.rmtree(partial, ignore_errors=True)


def _write(
    model: keras.Model,
    folder: Path,
    *,
    name: str,
    preprocessing: Preprocessing,
    read_files: bool,
    max_pixels: int,
    max_images: int,
) -> None:
    reading = preprocessing if read_files else None
    signatures = make_signatures(model, reading, max_pixels=max_pixels, max_images=max_images)
    write_archive(folder, signatures)
    extra = folder / EXTRA
    extra.mkdir()
    text = json.dumps(preprocessing.to_json(), indent=2)
    (extra / PREPROCESSING_FILE).write_text(f"{text}\n", encoding="utf-8")
    write_warmup_requests(extra, signatures, name=name, image_shape=preprocessing.shape)


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
    # Keras prints every endpoint, and not every version can be asked not to.
    with contextlib.redirect_stdout(io.StringIO()):
        archive.write_out(str(folder))


def _check_arguments(**arguments: Any) -> None:
    for argument, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"`{argument}` must be a positive integer. Received: "
                f"{argument}={value!r}. Give a whole number from 1 on."
            )
        # A version may be a date with a time.
        if argument != "version" and value > LARGEST_COUNT:
            raise ValueError(
                f"`{argument}` must be at most {LARGEST_COUNT}. Received: "
                f"{argument}={value}. Give a lower number."
            )
