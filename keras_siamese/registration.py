"""The classes of this package in Keras's register, so that Keras loads files that name them.

`import keras_siamese` alone must do, before or after `import keras`, and without importing Keras.
So the register gets a stand-in for each class, as soon as there is a Keras; the first file that
names the class has its module imported.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from keras_siamese.backend_errors import backend_errors
from keras_siamese.importing import around_import

# What a file may hold, and the module that registers it for good.
CLASSES = {
    "ArcFaceLoss": "keras_siamese.losses.arcface",
    "CircleLoss": "keras_siamese.losses.circle",
    "ClassProxies": "keras_siamese.losses.class_proxies",
    "ContrastiveLoss": "keras_siamese.losses.contrastive",
    "ConvMuon": "keras_siamese.optimizers.conv_muon",
    "CosineHead": "keras_siamese.models.distance_heads",
    "CrossBatchMemory": "keras_siamese.losses.cross_batch_memory",
    "EqualErrorRate": "keras_siamese.metrics.error_rates",
    "EuclideanHead": "keras_siamese.models.distance_heads",
    "FrequencyConv2D": "keras_siamese.models.frequency_conv",
    "ImageModel": "keras_siamese.models.image_model",
    "LayerHead": "keras_siamese.models.layer_head",
    "LayerwiseSGD": "keras_siamese.optimizers.layerwise_sgd",
    "MeanAveragePrecision": "keras_siamese.metrics.neighbours",
    "MeanAveragePrecisionAtR": "keras_siamese.metrics.neighbours",
    "MeanReciprocalRank": "keras_siamese.metrics.neighbours",
    "MirroredEncoder": "keras_siamese.models.mirrored",
    "MirroredHead": "keras_siamese.models.mirrored",
    "MultiSimilarityLoss": "keras_siamese.losses.multi_similarity",
    "NPairsLoss": "keras_siamese.losses.n_pairs",
    "PrecisionAtK": "keras_siamese.metrics.neighbours",
    "ProxyAnchorLoss": "keras_siamese.losses.proxy_anchor",
    "RPrecision": "keras_siamese.metrics.neighbours",
    "RecallAtK": "keras_siamese.metrics.neighbours",
    "SoftNearestNeighborLoss": "keras_siamese.losses.soft_nearest_neighbor",
    "SupervisedContrastiveLoss": "keras_siamese.losses.supervised_contrastive",
    "TripletLoss": "keras_siamese.losses.triplet",
    "TrueAcceptRate": "keras_siamese.metrics.error_rates",
    "WeightedL1": "keras_siamese.models.weighted_l1",
}


def register_with_keras() -> None:
    """Make the package's classes known to Keras: now, or as soon as Keras is imported."""
    if "keras" in sys.modules:
        _register()
    else:
        around_import("keras", _afterwards)


@contextlib.contextmanager
def _afterwards() -> Iterator[None]:
    with backend_errors():
        yield
    _register()


def _register() -> None:
    import keras

    register = keras.saving.get_custom_objects()
    for name, module in CLASSES.items():
        register.setdefault(f"keras_siamese>{name}", _StandIn(name, module))


class _StandIn:
    """What Keras asks of a registered class, for one whose module is not imported yet."""

    def __init__(self, name: str, module: str) -> None:
        self.__name__ = name
        self._module = module

    def from_config(self, config: Mapping[str, Any]) -> Any:
        """Make an object of the class from its configuration."""
        return self._class().from_config(config)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make an object of the class from its arguments."""
        return self._class()(*args, **kwargs)

    def _class(self) -> Any:
        return getattr(importlib.import_module(self._module), self.__name__)
