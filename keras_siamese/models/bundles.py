"""One file that holds a network with what was fitted to it, and no code."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.argument_checks import Check, check_fields
from keras_siamese.atomic import atomic_write
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.unreadable import sentence
from keras_siamese.models.network_files import load_model

if TYPE_CHECKING:
    import keras

_MODEL = "model.keras"
_SETTINGS = "settings.json"
# The setting that bundles of earlier versions do not have.
_PREPROCESSING = "preprocessing"


def write_bundle(
    path: str | os.PathLike[str],
    kind: str,
    model: keras.Model,
    settings: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Write a network, settings and arrays to one file, whole or not at all.

    The file is a zip archive of `model.keras`, `settings.json` and one `.npy` an array. Nothing in
    it is pickled.

    Args:
        path: The file; its folder must exist.
        kind: What the file holds, checked when it is read.
        model: Network, saved by Keras.
        settings: Values that JSON can hold.
        arrays: Arrays of numbers or strings, by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder, _MODEL))
        with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr(_SETTINGS, json.dumps({"kind": kind, **settings}))
            archive.write(Path(folder, _MODEL), _MODEL)
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)


def bundle_kind(path: str | os.PathLike[str]) -> str | None:
    """Tell what a bundle holds, without loading its network.

    Args:
        path: A file of any kind.

    Returns:
        The kind that `write_bundle` was given; None for a file that is no such bundle.

    Raises:
        OSError: If the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read(_SETTINGS))["kind"])
    # Damage shows wherever the first reader meets it; whoever reads on says what is wrong.
    except Exception as error:
        # An OSError of the system has the file's name; others do not come from files.
        if isinstance(error, OSError) and error.filename is not None:
            raise
        return None


def read_bundle(
    path: str | os.PathLike[str],
    kind: str,
    setting_names: Collection[str] | Mapping[str, Check],
    array_names: Collection[str],
    *,
    later_arrays: Collection[str] = (),
    load: Callable[[bytes], Any] = load_model,
) -> tuple[Any, dict[str, Any], dict[str, np.ndarray]]:
    """Read what `write_bundle` wrote; the network is loaded in Keras's safe mode.

    Args:
        path: The file.
        kind: What it must hold.
        setting_names: Names of the settings, all of them; a bundle of an earlier version may lack
            "preprocessing", which is None then. A mapping also says how each is checked, before
            the network is loaded.
        array_names: Names of the arrays.
        later_arrays: Those of them that a bundle of an earlier version may lack.
        load: Makes the network from the content of its `.keras` file.

    Returns:
        The network, the settings, as their checks return them, and the arrays.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no such bundle, holds another kind, is damaged, or its network
            has weights that are not finite.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            settings = json.loads(archive.read(_SETTINGS))
            found = settings.pop("kind")
            if found != kind:
                raise ValueError(f"it holds a {found!r}, which {found}.load reads")
            if _PREPROCESSING in setting_names:
                settings.setdefault(_PREPROCESSING, None)
            if set(settings) != set(setting_names):
                raise ValueError(f"its settings are {sorted(settings)}")
            if isinstance(setting_names, Mapping):
                settings = check_fields("settings", settings, setting_names)
            arrays = {}
            entries = archive.namelist()
            for name in array_names:
                if name not in later_arrays or f"{name}.npy" in entries:
                    arrays[name] = _read_array(archive, name)
            model = load(archive.read(_MODEL))
    except FileNotFoundError:
        raise
    # Damage shows wherever the first reader meets it: the archive, JSON, NumPy or Keras.
    except Exception as error:
        raise ValueError(
            f"`path` must be a file written by {kind}.save. Received: "
            f"{os.fspath(path)!r}, but {sentence(error)} Save it again with this package."
        ) from error
    return model, settings, arrays


def _read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as entry:
        try:
            array = np.lib.format.read_array(entry, allow_pickle=False)
            _check_letters(array)
            return array
        # NumPy meets damage in many ways, and names no array.
        except Exception as error:
            raise ValueError(f"its {name!r} cannot be read: {sentence(error)}") from error


def _check_letters(array: np.ndarray) -> None:
    """Check that texts hold characters: NumPy reads any number as one, and Python refuses it."""
    if array.dtype.kind != "U" or not array.nbytes:
        return
    numbers = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).view(np.uint32)
    if numbers.max() > sys.maxunicode:
        raise ValueError("it holds what is no text")


@contextmanager
def parts_of(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file in the error of a check of whether its parts fit each other.

    Args:
        path: The file.

    Raises:
        ValueError: If the block raises one.
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(
            f"`path` must be a file whose parts fit each other. Received: {os.fspath(path)!r}, but "
            f"{sentence(error)} Save it again with this package; do not change it by hand."
        ) from error


def saved_preprocessing(preprocessing: Preprocessing | None) -> dict[str, Any] | None:
    """Return the setting "preprocessing" for `write_bundle`.

    Args:
        preprocessing: How the network's images are read; None where nobody said.

    Returns:
        JSON types.
    """
    return None if preprocessing is None else preprocessing.to_json()


def check_preprocessing(argument: str, saved: Any) -> Preprocessing | None:
    """Return what a bundle's setting "preprocessing" says.

    Args:
        argument: Its name, for errors.
        saved: The setting.

    Returns:
        The preprocessing; None where the bundle does not say.

    Raises:
        ValueError: If the setting is damaged.
    """
    if saved is None:
        return None
    try:
        return Preprocessing.from_json(saved)
    except ValueError as error:
        raise ValueError(f"its {argument} is wrong: {error}") from error
