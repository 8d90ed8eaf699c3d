from .convolutional import conv_encoder
from .distance_heads import CosineHead, EuclideanHead
from .encoders import dense_encoder, koch_encoder, reduced_encoder
from .frequency_conv import FrequencyConv2D
from .hand_built import from_model
from .layer_head import LayerHead
from .mirrored import average_mirrored
from .siamese import siamese_network
from .twins import twin_encoder, twin_head
from .weighted_l1 import WeightedL1

__all__ = [
    "CosineHead",
    "EuclideanHead",
    "FrequencyConv2D",
    "LayerHead",
    "WeightedL1",
    "average_mirrored",
    "conv_encoder",
    "dense_encoder",
    "from_model",
    "koch_encoder",
    "reduced_encoder",
    "siamese_network",
    "twin_encoder",
    "twin_head",
]
