"""Losses on embeddings, on every backend of Keras 3 (docs/metric-learning.md)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
