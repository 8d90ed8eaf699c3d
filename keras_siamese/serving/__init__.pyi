from .litert import export_litert
from .onnx import export_onnx
from .saved_model import export

__all__ = [
    "export",
    "export_litert",
    "export_onnx",
]
