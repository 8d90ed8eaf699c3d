"""A page to draw on: one-shot recognition and verification of a person's own drawings."""

__all__: list[str] = []
