"""Your own images: folders of classes, tables of labels, and lists of pairs.

What users call of it stands in `keras_siamese.data`.
"""

__all__: list[str] = []
