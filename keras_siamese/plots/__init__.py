"""Figures of trials, similarities, errors, distortions, data and filters.

They need `keras_siamese[report]`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
