from .litert import export_litert
from .onnx import export_onnx
from .openvino import export_openvino
from .saved_model import export
from .torch import export_torch

__all__ = [
    "export",
    "export_litert",
    "export_onnx",
    "export_openvino",
    "export_torch",
]
