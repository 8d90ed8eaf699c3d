"""Encoders and the siamese network."""

import lazy_loader

from keras_siamese.deprecated import with_old_names

_lazy, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = with_old_names(__name__, _lazy)
