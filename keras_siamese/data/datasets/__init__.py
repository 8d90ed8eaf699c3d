"""Omniglot, Lake's official runs, MNIST and glyphs: where they come from, and how they are read.

What users call of it stands in `keras_siamese.data`.
"""

__all__: list[str] = []
