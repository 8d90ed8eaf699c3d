"""SavedModels for TensorFlow Serving."""

from keras_siamese.serving.saved_model import export

__all__ = ["export"]
