"""Files for those who serve a network: SavedModel, ONNX and LiteRT."""

from keras_siamese.serving.litert import export_litert
from keras_siamese.serving.onnx import export_onnx
from keras_siamese.serving.saved_model import export

__all__ = ["export", "export_litert", "export_onnx"]
