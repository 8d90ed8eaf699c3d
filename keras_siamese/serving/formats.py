"""The formats that a network is exported in, and the backends of Keras that write each.

The command line and `Recognizer.export` name them, without importing what writes them.
"""

from typing import NamedTuple


class Format(NamedTuple):
    """A format of exported networks.

    Attributes:
        function: Name of the function of `keras_siamese` that writes it.
        title: What it is called.
        backends: Backends of Keras on which that function works.
        endings: Endings of its files; a SavedModel is a folder.
        one_signature: Whether a file answers one signature alone.
    """

    function: str
    title: str
    backends: tuple[str, ...]
    endings: tuple[str, ...] = ()
    one_signature: bool = False


_TITLES = {"tensorflow": "TensorFlow", "torch": "PyTorch"}
FORMATS = {
    "saved_model": Format("export", "a SavedModel", ("tensorflow",)),
    "onnx": Format("export_onnx", "ONNX", ("tensorflow", "torch"), (".onnx",), True),
    "litert": Format("export_litert", "LiteRT", ("tensorflow",), (".tflite", ".lite", ".litert")),
    "openvino": Format("export_openvino", "OpenVINO", ("tensorflow", "torch"), (".xml",), True),
    "torch": Format("export_torch", "PyTorch", ("torch",), (".pt2",), True),
}


def require_backend(name: str) -> None:
    """Refuse a format that the backend of Keras cannot write.

    Args:
        name: A key of `FORMATS`.

    Raises:
        ValueError: If Keras runs on another backend.
    """
    import keras

    wanted, backend = FORMATS[name], keras.backend.backend()
    if backend in wanted.backends:
        return
    possible = [key for key, each in FORMATS.items() if backend in each.backends]
    raise ValueError(
        f"keras_siamese.{wanted.function} needs Keras on "
        f"{' or '.join(_TITLES[each] for each in wanted.backends)}, to write {wanted.title} "
        f"(format {name!r}). Received: the backend {backend!r}. Set "
        f"KERAS_BACKEND={wanted.backends[0]} before Python starts: a saved network loads on every "
        f"backend.{_instead(backend, possible)}"
    )


def _instead(backend: str, possible: list[str]) -> str:
    """Return what the backend writes."""
    return f" On {backend!r}, choose from: {', '.join(possible)}." if possible else ""
