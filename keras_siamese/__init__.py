"""Siamese networks for one-shot image recognition in Keras (Koch et al. 2015).

Names and subpackages are imported on first use: `import keras_siamese` does not import TensorFlow.
`__init__.pyi` lists them, for this module and for type checkers.
"""

import lazy_loader

from keras_siamese.deprecated import with_old_names
from keras_siamese.registration import register_with_keras

__version__ = "0.1.0"

_lazy, __dir__, _names = lazy_loader.attach_stub(__name__, __file__)
# A star import brings names, not subpackages: `data` would overwrite a variable of many a script.
_PACKAGES = (
    "classifier",
    "data",
    "evaluation",
    "index",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "plots",
    "serving",
    "training",
)
_MODULES = ("pretrained", "verifier")
__all__ = sorted({*_names, "__version__"} - {*_PACKAGES, *_MODULES})

__getattr__ = with_old_names(__name__, _lazy)

register_with_keras()
