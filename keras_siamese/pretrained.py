"""Networks that ship with the package: weights, and a card that says what they are.

A network is two files in `keras_siamese/weights`: `<name>.npz`, its weights in float16, and
`<name>.json`, its card, which also says how the network is built and what hash the weights have.
A third, `<name>-novelty.npz`, may say what its training images are like.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.argument_checks import did_you_mean
from keras_siamese.atomic import atomic_write
from keras_siamese.deprecated import current_values
from keras_siamese.evaluation.light_network import LightNetwork
from keras_siamese.evaluation.network import Network
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.models.numpy_network import from_card

if TYPE_CHECKING:
    import keras

WEIGHTS = Path(__file__).parent / "weights"


def pretrained_names() -> tuple[str, ...]:
    """Return the names of the networks that ship with the package, sorted.

    Example:
        >>> from keras_siamese import pretrained_names
        >>> pretrained_names()
        ('omniglot', 'signs')
    """
    return tuple(sorted(path.stem for path in WEIGHTS.glob("*.json")))


def pretrained_card(name: str = "omniglot") -> dict[str, Any]:
    """Return the card of a network that ships with the package.

    Args:
        name: One of `pretrained_names()`.

    Returns:
        JSON types, among them `description`, `image_size` (height and width of its images, in
        pixels), `preprocessing` (how pictures are read for it: `Preprocessing.from_json`),
        `thresholds` (probability by false-accept rate, the latter as a string such as
        "0.01"), `scores` (each with `what`, `value`, `interval` and `n`, those of
        `omniglot` also with `part`: "test" or "validation" alphabets), `data`, `license`,
        `training` and `limits`. `novelty` says under `data` what an image is held against to see
        whether it is like the training images. "signs" also has `thresholds_by_domain` (thresholds
        for pictures of one kind, such as "fonts") and `sources` (packages of its training data,
        each with its `version`, `license` and `attribution`).

    Raises:
        ValueError: If no such network ships, or its card cannot be read.

    Example:
        >>> from keras_siamese import pretrained_card
        >>> pretrained_card("omniglot")["image_size"]
        53
    """
    if name not in pretrained_names():
        raise ValueError(
            f"`name` must be one of {', '.join(map(repr, pretrained_names()))}. Received: "
            f"{name!r}.{did_you_mean(name, pretrained_names())} For your file use "
            "Recognizer.load."
        )
    path = WEIGHTS / f"{name}.json"
    try:
        return current_values(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(
            f"The card {path} must be JSON. Received: a file that cannot be read: {error}. "
            f"{_REINSTALL}"
        ) from error


def load_pretrained(name: str = "omniglot") -> keras.Model:
    """Load a network that ships with the package; it needs no network connection.

    Args:
        name: One of `pretrained_names()`. "omniglot" compares handwritten characters, "signs" signs
            of other kinds, in colour.

    Returns:
        Siamese model, as `siamese_network` makes it, in float32. Its images are
        `(batch, image_size, image_size, channels)`, in [0, 1] with paper 0 and, where they are
        grey, ink 1; `pretrained_card` tells the size and how pictures are read.

    Raises:
        ValueError: If no such network ships, or its files are damaged; names file and hash.

    Example:
        >>> from keras_siamese import load_pretrained
        >>> sorted(tensor.name for tensor in load_pretrained("omniglot").inputs)
        ['left', 'right']
    """
    card = pretrained_card(name)
    model = build(card)
    # In the order of the model; the hash vouches for the names.
    model.set_weights(list(_weights(name, card).values()))
    return model


def open_pretrained(name: str = "omniglot") -> Network:
    """Open a network that ships with the package, to encode images with; needs no TensorFlow.

    Args:
        name: One of `pretrained_names()`.

    Returns:
        The network, which loads itself into Keras where there are many images, or where its model
        is asked for.

    Raises:
        ValueError: As `load_pretrained`.
    """
    card = pretrained_card(name)
    # Without the place in the model that a key begins with.
    weights = {key.split(":", 1)[-1]: value for key, value in _weights(name, card).items()}
    return LightNetwork(from_card(card, weights), lambda: load_pretrained(name))


def open_novelty(name: str = "omniglot") -> Novelty | None:
    """Open what tells images that are unlike those a network was trained on; needs no TensorFlow.

    Args:
        name: One of `pretrained_names()`.

    Returns:
        The score; None where the card has none.

    Raises:
        ValueError: If no such network ships, or its files are damaged.
    """
    card = pretrained_card(name)
    if "novelty" not in card:
        return None
    arrays = _arrays(f"{name}{_NOVELTY}", card["novelty"]["sha256"])
    return Novelty.of_arrays(arrays, card["novelty"]["features"])


def _weights(name: str, card: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the weights of a network that ships, float32."""
    return _arrays(name, card["sha256"])


def _arrays(stem: str, sha256: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file that ships, float32, checked by their hash."""
    path = WEIGHTS / f"{stem}.npz"
    content = path.read_bytes() if path.is_file() else b""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"The weights {path} must have the SHA-256 {sha256}. Received: "
            f"{found if content else 'no such file'}. {_REINSTALL}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {key: arrays[key].astype(np.float32) for key in arrays.files}


def build(card: Mapping[str, Any]) -> keras.Model:
    """Build the network that a card describes, with initial weights.

    Args:
        card: With `image_size`, `encoder` (the arguments of `conv_encoder`) and, where the
            answers are averaged over mirror images, `mirrored`. Without `preprocessing`, or with
            one whose `color` is "grey", images have one channel; with "rgb" they have three.

    Returns:
        Siamese model.
    """
    from keras_siamese.models import average_mirrored, conv_encoder, siamese_network

    color = card.get("preprocessing", {}).get("color", "grey")
    shape = (card["image_size"], card["image_size"], 3 if color == "rgb" else 1)
    encoder = conv_encoder(shape, **card["encoder"], dtype="float32")
    seed = card["encoder"].get("seed", 0)
    model = siamese_network(encoder, seed=seed, initializer="he")
    return average_mirrored(model) if card.get("mirrored", False) else model


def write_pretrained(model: keras.Model, card: Mapping[str, Any], folder: Path = WEIGHTS) -> None:
    """Write a network and its card as `load_pretrained` reads them; for those who train one.

    Each file is written whole or not at all, the weights first: where only they could be, the card
    names another hash, and writing both again mends it.

    Args:
        model: Siamese model that `build(card)` makes, with the weights to write.
        card: The card, with its `name`; the hash of the weights is added.
        folder: Folder of both files.

    Raises:
        ValueError: If a weight does not fit into float16.
        OSError: If the folder cannot be written.
    """
    # NumPy's maximum is NaN where one of them is.
    largest = float(np.max([np.abs(value).max() for value in model.get_weights()]))
    if not largest <= float(np.finfo(np.float16).max):
        raise ValueError(
            "`model` must have weights that fit into float16, up to 65504. Received: one of "
            f"{largest:g}. Train it with a weight decay."
        )
    values = [np.asarray(value, np.float16) for value in model.get_weights()]
    sha256 = _write_arrays(
        folder / f"{card['name']}.npz", dict(zip(_keys(model), values, strict=True))
    )
    _write_card({**card, "sha256": sha256}, folder)


def write_novelty(
    name: str, novelty: Novelty, *, data: str, features: int, folder: Path | None = None
) -> None:
    """Write what recognises images unlike a network's training images, next to its weights.

    Args:
        name: The network, whose card is renewed.
        novelty: The score; its components are written in float16.
        data: What it was fitted on, for the card.
        features: Length of the network's embeddings.
        folder: Folder of the files; None for that of the package.

    Raises:
        ValueError: If no such network ships.
        OSError: If the folder cannot be written.
    """
    folder = WEIGHTS if folder is None else folder
    # What is small keeps its digits.
    halved = ("novelty_mean", "novelty_components")
    arrays = {
        key: value.astype(np.float16) if key in halved else value
        for key, value in novelty.arrays().items()
    }
    sha256 = _write_arrays(folder / f"{name}{_NOVELTY}.npz", arrays)
    entry = {"data": data, "features": features, "sha256": sha256}
    _write_card({**pretrained_card(name), "novelty": entry}, folder)


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Write arrays whole or not at all; returns the file's hash."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def _write_card(card: Mapping[str, Any], folder: Path) -> None:
    with atomic_write(folder / f"{card['name']}.json") as file:
        file.write((json.dumps(card, indent=1) + "\n").encode())


def _keys(model: keras.Model) -> list[str]:
    """Name each weight by its place and path."""
    from keras_siamese.compat import variable_path

    return [f"{place:02d}:{variable_path(weight)}" for place, weight in enumerate(model.weights)]


# What the name of the file ends in that says what training images are like.
_NOVELTY = "-novelty"
_REINSTALL = "The file is damaged: install the package again."
