"""Files for those who serve a network: SavedModel, ONNX and LiteRT."""

from collections.abc import Callable
from typing import Any

import lazy_loader

_lazy, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Import a name on first use; the exports where Keras runs on TensorFlow."""
    if name not in __all__:
        return _lazy(name)
    import keras

    return _lazy(name) if keras.backend.backend() == "tensorflow" else _refusing(name)


def _refusing(name: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> None:
        """Refuse: the graph of an export is TensorFlow's."""
        from keras_siamese.compat import require_tensorflow

        require_tensorflow(f"keras_siamese.{name}")

    return refuse
