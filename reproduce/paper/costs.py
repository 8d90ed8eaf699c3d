"""What a run costs: operations counted from the network, speed measured on this machine."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.models import twin_encoder
from keras_siamese.training.step import make_train_step
from reproduce.paper.config import RunConfig
from reproduce.paper.paper_network import build_network
from reproduce.paper.plan import Job

# A step of about so many operations is timed on a CPU, again and again for some seconds.
TIMED_GFLOP = 60
TIMED_SECONDS = 2.0


@dataclass(frozen=True)
class Cost:
    """Cost of a job at most; early stopping may end it sooner.

    Attributes:
        pairs: Training pairs seen.
        gflop_per_pair: Forward and backward.
        pairs_per_second: Measured here, on the bare step.
    """

    pairs: int
    gflop_per_pair: float
    pairs_per_second: float

    @property
    def minutes(self) -> float:
        """Minutes of training."""
        return self.pairs / self.pairs_per_second / 60


def pairs_at_most(config: RunConfig) -> int:
    """Return the training pairs that a run sees if it is not stopped early."""
    table = config.num_pairs * (1 + config.num_distortions)
    return config.epochs * (config.epoch_pairs or table)


def gflop_per_pair(model: keras.Model) -> float:
    """Count the operations of a training pair, in GFLOP.

    A multiplication and an addition for each weight and place, for two images, forward and for
    the gradients of weights and inputs; the first layer's input needs no gradient.
    """
    layers = [layer for layer in twin_encoder(model).layers if layer.weights]
    products = [_products(layer) for layer in layers]
    return 2 * 2 * (3 * sum(products) - products[0]) / 1e9


def _products(layer: keras.Layer) -> int:
    """Return the multiplications of a convolution or a fully-connected layer for one image."""
    return math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])


def measure_costs(config: RunConfig) -> tuple[float, float]:
    """Return the GFLOP of a pair, and the pairs per second of a few training steps on this machine.

    Every step trains on noise and is thrown away.
    """
    model = build_network(config, config.precision)
    work = gflop_per_pair(model)
    batch = config.batch_size
    if not tf.config.list_physical_devices("GPU"):
        # A whole batch of the paper's net takes a CPU many seconds, and a part tells as much.
        batch = int(np.clip(TIMED_GFLOP / work, 4, batch))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2 * batch, config.size, config.size, 1), np.uint8)
    step = make_train_step(model, images, distorted=config.num_distortions > 0)
    identity = np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), (2 * batch, 1))
    same = rng.integers(0, 2, batch).astype(np.float32)
    arguments = np.arange(2 * batch, dtype=np.int32), identity, same
    float(step(*arguments)[0])
    started, num_steps, seconds = time.perf_counter(), 0, 0.0
    while seconds < TIMED_SECONDS:
        float(step(*arguments)[0])
        num_steps += 1
        seconds = time.perf_counter() - started
    return work, num_steps * batch / seconds


def estimate(jobs: list[Job]) -> list[Cost]:
    """Return the cost of every job; each network is measured once."""
    measured: dict[tuple, tuple[float, float]] = {}
    costs = []
    for job in jobs:
        kind = (
            *network_key(job.config),
            job.config.batch_size,
            job.config.precision,
            job.config.num_distortions > 0,
        )
        if kind not in measured:
            measured[kind] = measure_costs(job.config)
        costs.append(Cost(pairs_at_most(job.config), *measured[kind]))
    return costs


def network_key(config: RunConfig) -> tuple[str, int, str]:
    """Return what tells a run's network from another's."""
    return config.encoder, config.size, repr(config.encoder_options)
