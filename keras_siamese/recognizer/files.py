"""Files of a recognizer: what it writes, and every file of a network that it reads.

`Recognizer` imports this file, so its methods hand themselves in.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.images.image_reading import as_preprocessing
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.unreadable import what_is_at
from keras_siamese.evaluation.light_network import open_light, open_network
from keras_siamese.evaluation.support_set import SupportSet
from keras_siamese.saved_recognizer import ARRAYS, KIND, read_saved
from keras_siamese.serving.formats import FORMATS, require_backend

# Keras chooses its reader by these.
_KERAS_ENDINGS = (".keras", ".h5", ".hdf5")
# Endings of files by what they hold: an export under another's ending is a mistake.
_ENDINGS = {
    **{name: each.endings for name, each in FORMATS.items()},
    "keras": _KERAS_ENDINGS,
    "recognizer": (".zip",),
}
_LOG = logging.getLogger("keras_siamese")


def preset(cls: Any, name: str) -> Any:
    """Load a network that ships, with all its thresholds.

    Args:
        cls: The class to make.
        name: One of `pretrained_names()`.

    Returns:
        The recognizer, without a threshold.

    Raises:
        ValueError: If no such network ships, or its files are damaged.
    """
    from keras_siamese import pretrained

    card = pretrained.pretrained_card(name)
    saved = card.get("preprocessing")
    recognizer = cls(
        pretrained.open_pretrained(name),
        Preprocessing(card["image_size"]) if saved is None else Preprocessing.from_json(saved),
        thresholds={float(rate): value for rate, value in card["thresholds"].items()},
    )
    recognizer.novelty = pretrained.open_novelty(name)
    return recognizer


def save(recognizer: Any, path: str | os.PathLike[str]) -> None:
    """Write a recognizer to one file; see `Recognizer.save`."""
    from keras_siamese.models.bundles import write_bundle

    if Path(path).suffix.lower() in _KERAS_ENDINGS:
        raise ValueError(
            "`path` must not have the ending of a file of Keras, which holds a network alone. "
            f"Received: {os.fspath(path)!r}. End it in .zip."
        )
    state, report = recognizer._state, recognizer.report
    point, support, novelty = state.operating_point, state.support, state.novelty
    settings = {
        "preprocessing": recognizer.preprocessing.to_json(),
        "threshold": state.threshold,
        "thresholds": [[rate, value] for rate, value in sorted(state.thresholds.items())],
        "shots": state.shots,
        "operating_point": None if point is None else point._asdict(),
        "report": None if report is None else report.to_json(),
    }
    if support is None:
        arrays = {name: np.zeros(0, np.float32) for name in ARRAYS}
    else:
        arrays = {name: getattr(support, name) for name in ARRAYS}
    if novelty is not None:
        arrays |= novelty.arrays()
    write_bundle(path, KIND, recognizer.model, settings, arrays)


def load_recognizer(
    cls: Any, path: str | os.PathLike[str], preprocessing: Preprocessing | None
) -> Any:
    """Read a recognizer from a file of any kind; see `Recognizer.load`."""
    from keras_siamese.models.bundles import bundle_kind

    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"`path` must be a file with a network. Received: {str(file)!r}, which is "
            f"{what_is_at(file)}. Correct it."
        )
    readers = {
        KIND: _load_recognizer,
        "Verifier": _load_verifier,
        "OneShotClassifier": _load_classifier,
        None: _load_network,
    }
    kind = bundle_kind(file)
    if kind not in readers:
        raise ValueError(
            f"`path` must be a file with a network. Received: {str(file)!r}, which holds a "
            f"{kind!r}. A later version of the package may have written it: use that one."
        )
    return readers[kind](cls, file, preprocessing)


def _load_recognizer(cls: Any, file: Path, preprocessing: Preprocessing | None) -> Any:
    saved = read_saved(file, open_network)
    recognizer = cls(
        saved.network,
        preprocessing or saved.preprocessing,
        threshold=saved.threshold,
        thresholds=saved.thresholds,
        shots=saved.shots,
    )
    recognizer.report = saved.report
    recognizer._change(
        lambda state: replace(
            state,
            operating_point=saved.operating_point,
            support=saved.support,
            novelty=saved.novelty,
        )
    )
    return recognizer


def _load_verifier(cls: Any, file: Path, preprocessing: Preprocessing | None) -> Any:
    from keras_siamese.models.bundles import parts_of
    from keras_siamese.saved_verifier import read_verifier

    network, settings = read_verifier(file, open_network)
    saved = settings["preprocessing"]
    with parts_of(file):
        recognizer = cls(network, preprocessing or saved, threshold=settings["threshold"])
    recognizer.operating_point = settings["operating_point"]
    return _stated(recognizer, file, preprocessing or saved)


def _load_classifier(cls: Any, file: Path, preprocessing: Preprocessing | None) -> Any:
    from keras_siamese.classifier import OneShotClassifier
    from keras_siamese.models.bundles import parts_of

    network, settings, arrays = OneShotClassifier.read(file, open_network)
    saved = settings["preprocessing"]
    with parts_of(file):
        recognizer = cls(
            network,
            preprocessing or saved,
            threshold=settings["threshold"],
            shots=settings["shots"],
        )
    embeddings = arrays["references"]
    support = SupportSet(
        arrays["classes"], arrays["counts"], embeddings, np.full(len(embeddings), "")
    )
    recognizer._change(lambda state: replace(state, support=support))
    return _stated(recognizer, file, preprocessing or saved)


def _load_network(cls: Any, file: Path, preprocessing: Preprocessing | None) -> Any:
    from keras_siamese.models.network_files import SUFFIX, load_network, network_preprocessing

    light = open_light(file.read_bytes()) if file.suffix == SUFFIX else None
    network = light or load_network(file)
    known = preprocessing or network_preprocessing(file)
    return _stated(cls(network, known), file, known)


def _stated(recognizer: Any, file: Path, known: Preprocessing | None) -> Any:
    """Say what was assumed of a file that does not say how its images are read."""
    if known is None:
        assumption = (
            f"{str(file)!r} does not say how its images are read: assuming "
            f"{recognizer.preprocessing}"
        )
        recognizer.assumptions = (assumption,)
        _LOG.warning("%s", assumption)
    return recognizer


def export_network(
    recognizer: Any, path: str | os.PathLike[str], file_format: str, options: dict[str, Any]
) -> Path:
    """Write a recognizer's network in a format that others run; see `Recognizer.export`."""
    _check_format(path, file_format)
    # Before the network is made, which takes seconds.
    require_backend(file_format)
    from keras_siamese import serving

    names = ("polarity", "paper")
    told = {name: options.pop(name) for name in names if options.get(name) is not None}
    if options.get("preprocessing") is None:
        options["preprocessing"] = replace(recognizer.preprocessing, **told)
    elif told:
        as_preprocessing(preprocessing=options["preprocessing"], **told)
    export: Callable[..., Path] = getattr(serving, FORMATS[file_format].function)
    return export(recognizer.model, path, **options)


def _check_format(path: str | os.PathLike[str], file_format: str) -> None:
    if file_format not in FORMATS:
        raise ValueError(
            f"`format` must be one of {tuple(FORMATS)}. Received: {file_format!r}. "
            "Choose from that list."
        )
    ending = Path(path).suffix.lower()
    for other, endings in _ENDINGS.items():
        if ending in endings and other != file_format:
            raise ValueError(
                f"`path` must have an ending that fits format {file_format!r}. Received: "
                f"{os.fspath(path)!r}, the name of another kind of file. Rename it, or choose "
                "another format."
            )
