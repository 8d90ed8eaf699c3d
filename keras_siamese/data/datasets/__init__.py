"""Omniglot, Lake's official runs, MNIST and glyphs: where they come from, and how they are read.

The names for users are in `keras_siamese.data`.
"""

__all__: list[str] = []
