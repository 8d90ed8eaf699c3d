"""What a run costs: counted by hand, and measured."""

import pytest

from keras_siamese import dense_encoder, koch_encoder, siamese_network
from reproduce.paper import costs


def test_the_papers_net_costs_what_its_geometry_says():
    # Multiplications of one image, layer by layer from Koch et al. 2015, Fig. 4.
    products = [
        96 * 96 * 64 * 10 * 10,
        42 * 42 * 128 * 7 * 7 * 64,
        18 * 18 * 128 * 4 * 4 * 128,
        6 * 6 * 256 * 4 * 4 * 128,
        9216 * 4096,
    ]
    # Two images; a multiplication and an addition; forward, gradient of the weights, and gradient
    # of the input, which the first layer does not need.
    expected = 2 * 2 * (3 * sum(products) - products[0]) / 1e9
    assert costs.gflop_per_pair(siamese_network(koch_encoder())) == pytest.approx(expected)


def test_a_dense_net_costs_its_weights():
    model = siamese_network(dense_encoder((4, 4, 1), units=(8, 3)))
    expected = 4 * (3 * (16 * 8 + 8 * 3) - 16 * 8) / 1e9
    assert costs.gflop_per_pair(model) == pytest.approx(expected)


def test_the_pairs_of_a_run_are_its_epochs_of_the_table(tiny):
    assert costs.pairs_at_most(tiny) == 2 * 64
    whole = tiny.override(epoch_pairs=None, epochs=3)
    assert costs.pairs_at_most(whole) == 3 * 64 * 2


def test_time_is_pairs_by_speed():
    assert costs.Cost(pairs=6000, gflop_per_pair=1.0, pairs_per_second=50).minutes == 2


@pytest.mark.slow
def test_a_speed_is_measured(tiny, monkeypatch):
    monkeypatch.setattr(costs, "TIMED_SECONDS", 0.01)
    work, speed = costs.measure_costs(tiny)
    assert work > 0
    assert speed > 1
