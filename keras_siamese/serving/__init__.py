"""Files for those who serve a network: SavedModel, ONNX, LiteRT, OpenVINO and PyTorch."""

from collections.abc import Callable
from typing import Any

import lazy_loader

from keras_siamese.serving.formats import FORMATS, require_backend

_lazy, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
# The files of these import TensorFlow.
_OF_TENSORFLOW = {
    each.function: name for name, each in FORMATS.items() if each.backends == ("tensorflow",)
}


def __getattr__(name: str) -> Any:
    """Import a name on first use; what only TensorFlow writes where Keras runs on it."""
    if name not in _OF_TENSORFLOW:
        return _lazy(name)
    import keras

    if keras.backend.backend() == "tensorflow":
        return _lazy(name)
    return _refusing(_OF_TENSORFLOW[name])


def _refusing(name: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> None:
        """Refuse: the graph of this export is TensorFlow's."""
        require_backend(name)

    return refuse
