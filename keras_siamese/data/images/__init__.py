"""Pictures, one at a time: files, formats and arrays, and how each is read for a network.

What users call of it stands in `keras_siamese.data`.
"""

__all__: list[str] = []
