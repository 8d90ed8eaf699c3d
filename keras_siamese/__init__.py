"""Siamese networks for one-shot image recognition in Keras (Koch et al. 2015).

Names and subpackages are imported on first use: `import keras_siamese` does not import TensorFlow.
`__init__.pyi` lists them, for this module and for type checkers.
"""

import importlib
import warnings
from typing import Any

import lazy_loader

from keras_siamese.registration import register_with_keras

__version__ = "0.1.0"

_lazy, __dir__, _names = lazy_loader.attach_stub(__name__, __file__)
# A star import brings names, not subpackages: `data` would overwrite a variable of many a script.
_PACKAGES = ("classifier", "data", "evaluation", "models", "plots", "serving", "training")
_MODULES = ("pretrained", "verifier")
__all__ = sorted({*_names, "__version__"} - {*_PACKAGES, *_MODULES})

# Names for experts, which this module held before; they go with the next release.
_MOVED = {"ConvMuon": "models", "average_mirrored": "models", "twin_head": "models"}


def __getattr__(name: str) -> Any:
    """Import a name on first use."""
    if name not in _MOVED:
        return _lazy(name)
    home = f"{__name__}.{_MOVED[name]}"
    warnings.warn(
        f"{__name__}.{name} has moved to {home}.{name} and will leave here with the next release. "
        f"Import it from {home}.",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(importlib.import_module(home), name)


register_with_keras()
