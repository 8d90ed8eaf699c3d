"""Siamese networks for one-shot image recognition in Keras (Koch et al. 2015)."""

from keras_siamese.classifier import OneShotClassifier
from keras_siamese.data import (
    Preprocessing,
    load_arrays,
    load_folder,
    load_mnist,
    load_omniglot,
    make_glyphs,
    official_runs,
    read_image,
    sample_runs,
)
from keras_siamese.evaluation import evaluate_one_shot, evaluate_verification
from keras_siamese.models import (
    ConvMuon,
    LayerwiseSGD,
    WeightedL1,
    average_mirrored,
    conv_encoder,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
    twin_head,
)
from keras_siamese.pretrained import load_pretrained, pretrained_card, pretrained_names
from keras_siamese.serving import export, export_litert, export_onnx
from keras_siamese.verifier import Verifier

__version__ = "0.1.0"

__all__ = [
    "ConvMuon",
    "LayerwiseSGD",
    "OneShotClassifier",
    "Preprocessing",
    "Verifier",
    "WeightedL1",
    "__version__",
    "average_mirrored",
    "conv_encoder",
    "dense_encoder",
    "evaluate_one_shot",
    "evaluate_verification",
    "export",
    "export_litert",
    "export_onnx",
    "koch_encoder",
    "load_arrays",
    "load_folder",
    "load_mnist",
    "load_omniglot",
    "load_pretrained",
    "make_glyphs",
    "official_runs",
    "pretrained_card",
    "pretrained_names",
    "read_image",
    "reduced_encoder",
    "sample_runs",
    "siamese_network",
    "twin_encoder",
    "twin_head",
]
