"""The groups of commands that `keras-siamese` offers, one module a group."""

__all__: list[str] = []
