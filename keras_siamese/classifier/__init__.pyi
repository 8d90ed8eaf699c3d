from .one_shot import OneShotClassifier

__all__ = [
    "OneShotClassifier",
]
