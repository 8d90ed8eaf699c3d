"""Encoders, the siamese network and its optimizers."""

from keras_siamese.models.conv_encoder import conv_encoder
from keras_siamese.models.conv_muon import ConvMuon
from keras_siamese.models.encoders import dense_encoder, koch_encoder, reduced_encoder
from keras_siamese.models.frequency_conv import FrequencyConv2D
from keras_siamese.models.layerwise_sgd import LayerwiseSGD
from keras_siamese.models.mirrored import average_mirrored
from keras_siamese.models.siamese import siamese_network, twin_encoder, twin_head
from keras_siamese.models.weighted_l1 import WeightedL1

__all__ = [
    "ConvMuon",
    "FrequencyConv2D",
    "LayerwiseSGD",
    "WeightedL1",
    "average_mirrored",
    "conv_encoder",
    "dense_encoder",
    "koch_encoder",
    "reduced_encoder",
    "siamese_network",
    "twin_encoder",
    "twin_head",
]
