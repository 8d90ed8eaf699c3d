"""Reads a siamese network of Keras into NumPy: its file, or its configuration and weights."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_siamese.models import numpy_layers as layers
from keras_siamese.models.numpy_heads import COSINE, EUCLIDEAN, WEIGHTED_L1, NumpyHead
from keras_siamese.models.numpy_network import NumpyNetwork, UnsupportedError
from keras_siamese.models.weights_digest import weights_digest


def read_archive(content: bytes) -> NumpyNetwork:
    """Read the network.

    Args:
        content: A `.keras` file, as Keras 3 writes it.

    Returns:
        The network.

    Raises:
        UnsupportedError: If this reader does not know every detail of the file. Keras may read it,
            or say what is wrong with it.
    """
    try:
        import h5py

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config = json.loads(archive.read("config.json"))
            with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
                weights = _weights_by_layer(file)
    except UnsupportedError:
        raise
    # Damage shows wherever the first reader meets it: the archive, JSON or HDF5.
    except Exception as error:
        raise UnsupportedError(f"a file of another kind: {error!r}") from error
    return from_keras(config, weights)


def _weights_by_layer(file: Any) -> dict[str, list[np.ndarray]]:
    """Return the weights of each layer by its name, which the file holds since Keras 3.4."""
    import h5py

    found: dict[str, list[np.ndarray]] = {}

    def visit(path: str, group: Any) -> None:
        if not isinstance(group, h5py.Group) or path.rsplit("/", 1)[-1] != "vars" or not len(group):
            return
        name = str(group.attrs["name"])
        if name in found:
            raise UnsupportedError(f"two layers are called {name!r}")
        found[name] = [np.asarray(group[str(place)], np.float32) for place in range(len(group))]
        if not all(np.isfinite(weight).all() for weight in found[name]):
            raise UnsupportedError(f"weights of {name!r} that are not finite")

    file.visititems(visit)
    return found


# What a layer's configuration says about how weights were made, and what concerns training alone.
_IGNORED = (
    "name trainable sparse ragged optional momentum synchronized renorm_clipping renorm_momentum "
    "seed noise_shape rate kernel_initializer bias_initializer beta_initializer gamma_initializer "
    "moving_mean_initializer moving_variance_initializer kernel_regularizer bias_regularizer "
    "activity_regularizer beta_regularizer gamma_regularizer kernel_constraint bias_constraint "
    "beta_constraint gamma_constraint"
).split()

# The heads by package, class and name in a network, and what NumPy calls them.
_HEADS = {
    ("keras_siamese", "WeightedL1", "weighted_l1"): WEIGHTED_L1,
    ("keras_siamese", "EuclideanHead", "head"): EUCLIDEAN,
    ("keras_siamese", "CosineHead", "head"): COSINE,
}
# The weights of each layer by its name, in Keras's order.
Weights = Mapping[str, Sequence[np.ndarray]]
_Settings = dict[str, Any]


def from_keras(config: Mapping[str, Any], weights: Weights) -> NumpyNetwork:
    """Make the network from a configuration of Keras.

    Args:
        config: What the `.keras` file of a model made by `siamese_network` holds as `config.json`.
        weights: The weights, float32.

    Returns:
        The network.

    Raises:
        UnsupportedError: If it has layers, or an order of layers, that only Keras knows.
    """
    try:
        parts = {part["config"]["name"]: part for part in config["config"]["layers"]}
        encoder = parts["encoder"]
        name = "weighted_l1" if "weighted_l1" in parts else "head"
        head = parts[name]
        own, kind = head["registered_name"].split(">")
        _require((own, kind, name) in _HEADS, f"a head {kind!r} called {name!r}")
        numpy_kind = _HEADS[own, kind, name]
        kinds = sorted(part["class_name"] for part in parts.values() if part is not encoder)
        _require(kinds == sorted(["Activation", "InputLayer", "InputLayer", kind]), str(kinds))
        _require(parts["probability"]["config"]["activation"] == "sigmoid", "another output")
        _require(_dtype(head) == "float32", "a head in another precision")
        bias = head["config"]["use_bias"] if numpy_kind == WEIGHTED_L1 else True
        _require(len(weights[name]) == 1 + bias, "a head with other weights")
        shape = tuple(encoder["config"]["layers"][0]["config"]["batch_shape"][1:])
        _require(len(shape) == 3 and None not in shape, f"inputs of shape {shape}")
        # The file may also hold an optimizer's and random generators' state.
        noted = _Noted(weights)
        chain, head = tuple(_chain(encoder, noted)), NumpyHead(tuple(weights[name]), numpy_kind)
        used = [weight for name in noted.used for weight in weights.get(name, ())]
        return NumpyNetwork(chain, shape, head, weights_digest([*used, *head.weights]))
    except UnsupportedError:
        raise
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise UnsupportedError(f"a network of another kind: {error!r}") from error


class _Noted(dict[str, Sequence[np.ndarray]]):
    """Weights by layer, which notes of which layers they were asked for."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.used: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.used.add(name)
        return super().get(name, default)


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise UnsupportedError(f"NumPy does not know {what}")


def _chain(model: Mapping[str, Any], weights: Weights) -> list[layers.Layer]:
    """Return the layers of a model, each of which takes what the one before it gives."""
    functional = model["class_name"] == "Functional"
    _require(functional or model["class_name"] == "Sequential", model["class_name"])
    parts = model["config"]["layers"]
    names = [part["config"]["name"] for part in parts]
    _require(parts[0]["class_name"] == "InputLayer", "a model without an input")
    _require(_dtype(parts[0]) == "float32", "an input of another type")
    chain: list[layers.Layer] = []
    for before, part in zip(names, parts[1:], strict=False):
        if functional:
            _check_call(part, before)
        chain += _layer(part, weights)
    if functional:
        for end, name in (("input_layers", names[0]), ("output_layers", names[-1])):
            given = model["config"][end]
            _require([name, 0, 0] in (given, *given), "a model with several inputs or outputs")
            _require(given[0] == name or len(given) == 1, "a model with several ends")
    return chain


def _check_call(part: Mapping[str, Any], before: str) -> None:
    """Check that a layer is called once, on what the layer before it gives."""
    what = f"the place of layer {part['config']['name']!r}"
    _require(len(part["inbound_nodes"]) == 1, what)
    call = part["inbound_nodes"][0]
    _require(len(call["args"]) == 1, what)
    _require(call["args"][0]["config"]["keras_history"] == [before, 0, 0], what)
    # Others, such as training=True, change what it computes.
    _require(set(call["kwargs"]) <= {"mask", "training"}, what)
    _require(not any(call["kwargs"].values()), what)


def _layer(part: Mapping[str, Any], weights: Weights) -> list[layers.Layer]:
    """Return what a layer computes outside training: one layer, or nothing for dropout."""
    kind = part["class_name"]
    _require(part["module"].split(".")[0] in ("keras", "keras_siamese"), f"layers as {kind!r}")
    _require(kind in _KINDS, f"layers as {kind!r}")
    _require(_dtype(part) == "float32", "another precision")
    settings = {key: value for key, value in part["config"].items() if key not in _IGNORED}
    del settings["dtype"]
    own = list(weights.get(part["config"]["name"], ()))
    _require(all(np.isfinite(value).all() for value in own), "a weight that is not finite")
    return _KINDS[kind](settings, own, weights)


def _dtype(part: Mapping[str, Any]) -> Any:
    dtype = part["config"]["dtype"]
    return dtype["config"]["name"] if isinstance(dtype, Mapping) else dtype


def _expect(settings: _Settings, **expected: Any) -> None:
    """Check all settings of a layer: these values, and of others that they are not used."""
    for name, value in settings.items():
        wanted = expected.get(name)
        _require(wanted is _ANY or wanted == value, f"{name}={value!r}")


_ANY = object()


def _activation(name: Any) -> str:
    _require(name in layers.ACTIVATIONS, f"activation {name!r}")
    return name


def _biased(settings: _Settings, own: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
    kernel, *bias = own
    _require(len(bias) == int(settings["use_bias"]), "other weights")
    return kernel, bias[0] if bias else None


def _conv2d(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(
        settings,
        filters=_ANY,
        kernel_size=_ANY,
        use_bias=_ANY,
        padding=_ANY,
        activation=_ANY,
        strides=[1, 1],
        data_format="channels_last",
        dilation_rate=[1, 1],
        groups=1,
    )
    _require(settings["padding"] in ("same", "valid"), "another padding")
    kernel, bias = _biased(settings, own)
    same = settings["padding"] == "same"
    return [layers.Conv2D(kernel, bias, same, _activation(settings["activation"]))]


def _max_pooling(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    size = settings["pool_size"][0]
    _expect(
        settings,
        pool_size=[size, size],
        strides=[size, size],
        padding="valid",
        data_format="channels_last",
    )
    return [layers.MaxPooling2D(size)]


def _normalization(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    epsilon = settings["epsilon"]
    _expect(settings, axis=settings["axis"], epsilon=_ANY, center=True, scale=True, renorm=False)
    _require(settings["axis"] in (-1, [-1], 3, [3]), "another axis")
    return [layers.Affine.batch_normalization(*own, epsilon=epsilon)]


def _relu(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings, max_value=None, negative_slope=0.0, threshold=0.0)
    return [layers.Activation("relu")]


def _function(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings, activation=_ANY)
    return [layers.Activation(_activation(settings["activation"]))]


def _flatten(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings, data_format="channels_last")
    return [layers.Flatten()]


def _dense(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings, units=_ANY, use_bias=_ANY, activation=_ANY)
    kernel, bias = _biased(settings, own)
    return [layers.Dense(kernel, bias, _activation(settings["activation"]))]


def _dropout(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings)
    return []


def _rescaling(settings: _Settings, own: list[np.ndarray], _: Weights) -> list[layers.Layer]:
    _expect(settings, scale=_ANY, offset=_ANY)
    return [layers.Rescaling(float(settings["scale"]), float(settings["offset"]))]


def _mirrored(settings: _Settings, own: list[np.ndarray], weights: Weights) -> list[layers.Layer]:
    _expect(settings, encoder=_ANY, symmetries=_ANY)
    encoder = tuple(_chain(settings["encoder"], weights))
    # Files of earlier versions do not name the number.
    symmetries = settings.get("symmetries", 4)
    _require(symmetries in (4, 8), f"symmetries={symmetries!r}")
    return [layers.Mirrored(encoder, symmetries)]


_KINDS: dict[str, Callable[[_Settings, list[np.ndarray], Weights], list[layers.Layer]]] = {
    "Activation": _function,
    "BatchNormalization": _normalization,
    "Conv2D": _conv2d,
    "Dense": _dense,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "MaxPooling2D": _max_pooling,
    "MirroredEncoder": _mirrored,
    "ReLU": _relu,
    "Rescaling": _rescaling,
}
