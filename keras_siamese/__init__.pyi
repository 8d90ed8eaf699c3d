from . import classifier as classifier
from . import data as data
from . import evaluation as evaluation
from . import index as index
from . import losses as losses
from . import metrics as metrics
from . import models as models
from . import optimizers as optimizers
from . import plots as plots
from . import pretrained as pretrained
from . import serving as serving
from . import training as training
from . import verifier as verifier
from .classifier import OneShotClassifier
from .data import (
    Preprocessing,
    hold_out_classes,
    load_arrays,
    load_folder,
    load_mnist,
    load_omniglot,
    load_pairs,
    load_support,
    make_glyphs,
    official_runs,
    read_image,
    sample_episodes,
    sample_pairs,
)
from .evaluation import (
    embed,
    evaluate_one_shot,
    evaluate_pairs,
    evaluate_retrieval,
    evaluate_verification,
)
from .index import EmbeddingIndex
from .models import (
    CosineHead,
    EuclideanHead,
    WeightedL1,
    conv_encoder,
    dense_encoder,
    from_model,
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
)
from .optimizers import LayerwiseSGD
from .pretrained import load_pretrained, pretrained_card, pretrained_names
from .recipes import train_recognizer
from .recognizer import Recognizer
from .serving import export, export_litert, export_onnx, export_openvino, export_torch
from .training import TrainingConfig, train, train_episodes
from .verifier import Verifier

__version__: str

__all__ = [
    "CosineHead",
    "EuclideanHead",
    "EmbeddingIndex",
    "LayerwiseSGD",
    "OneShotClassifier",
    "Preprocessing",
    "Recognizer",
    "TrainingConfig",
    "Verifier",
    "WeightedL1",
    "__version__",
    "conv_encoder",
    "dense_encoder",
    "embed",
    "evaluate_one_shot",
    "evaluate_pairs",
    "evaluate_retrieval",
    "evaluate_verification",
    "export",
    "export_litert",
    "export_onnx",
    "export_openvino",
    "export_torch",
    "from_model",
    "hold_out_classes",
    "koch_encoder",
    "load_arrays",
    "load_folder",
    "load_mnist",
    "load_omniglot",
    "load_pairs",
    "load_pretrained",
    "load_support",
    "make_glyphs",
    "official_runs",
    "pretrained_card",
    "pretrained_names",
    "read_image",
    "reduced_encoder",
    "sample_pairs",
    "sample_episodes",
    "siamese_network",
    "train",
    "train_episodes",
    "train_recognizer",
    "twin_encoder",
]
