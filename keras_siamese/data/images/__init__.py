"""Pictures, one at a time: files, formats and arrays, and how each is read for a network.

The names for users are in `keras_siamese.data`.
"""

__all__: list[str] = []
