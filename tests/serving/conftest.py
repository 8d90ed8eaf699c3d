"""Networks whose probabilities differ widely from pair to pair, so that parity says much."""

import numpy as np
import pytest

from keras_siamese.models import (
    average_mirrored,
    conv_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
    twin_head,
)


def mirrored():
    """The encoder of a network whose answers are averaged over all symmetries of the square."""
    encoder = conv_encoder((12, 12, 1), filters=(4, 6), num_pools=2, units=1)
    return twin_encoder(average_mirrored(siamese_network(encoder), symmetries=8))


ENCODERS = {
    "convolutions": lambda: reduced_encoder(filters=(4, 4, 4, 4), units=8, initializer="he"),
    "normalized colour": lambda: conv_encoder((14, 11, 3), filters=(4, 6), num_pools=2, units=8),
    "mirrored": mirrored,
}


@pytest.fixture(scope="module", params=ENCODERS)
def network(request):
    """A network with random weights everywhere, averages of the normalization among them."""
    rng = np.random.default_rng(0)
    network = siamese_network(ENCODERS[request.param]())
    weights = [np.abs(weight) + rng.random(weight.shape) / 2 for weight in network.get_weights()]
    signs = [rng.choice((-1, 1), weight.shape) if weight.ndim > 1 else 1 for weight in weights]
    network.set_weights([weight * sign for weight, sign in zip(weights, signs, strict=True)])
    twin_head(network).set_weights([rng.normal(scale=20, size=(8, 1)), np.zeros(1)])
    return network


@pytest.fixture
def images(network):
    """Two batches of 64 random images of the network's size."""
    shape = network.inputs[0].shape[1:]
    return np.random.default_rng(1).random((2, 64, *shape), np.float32)
