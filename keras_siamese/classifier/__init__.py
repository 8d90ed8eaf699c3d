"""One-shot classification in scikit-learn's conventions."""

from keras_siamese.classifier.one_shot import OneShotClassifier

__all__ = ["OneShotClassifier"]
