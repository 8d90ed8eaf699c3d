"""Metrics for `fit` and `evaluate`: retrieval on embeddings, error rates on probabilities."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
