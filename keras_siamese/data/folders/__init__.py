"""Your own images: folders of classes, tables of labels, and lists of pairs.

The names for users are in `keras_siamese.data`.
"""

__all__: list[str] = []
