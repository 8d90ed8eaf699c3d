from .conv_muon import ConvMuon
from .layerwise_sgd import LayerwiseSGD

__all__ = ["ConvMuon", "LayerwiseSGD"]
