"""Runs of each backend that the others resume.

`KERAS_BACKEND=jax python -m tests.backends.reference` writes those of JAX.
"""

from pathlib import Path

import keras
import numpy as np

from keras_siamese.data.camera_ranges import CameraRanges
from keras_siamese.models import conv_encoder, siamese_network
from keras_siamese.training import EpisodeConfig, TrainingConfig, train, train_episodes
from keras_siamese.training.checkpoints import FILE_NAME
from tests.training.small_problem import SIZE, make_problem

FILES = Path(__file__).parent / "files"
BACKENDS = ("tensorflow", "jax", "torch")
WEIGHTS = "weights.npz"


class LastWeights(keras.callbacks.Callback):
    """Stop after some epochs, and keep the weights there, before the best ones are restored."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        self.weights = self.model.get_weights()
        self.model.stop_training = epoch + 1 == self.epochs


def run_pairs(epochs, run_dir, **options):
    """Train on pairs to some epoch; returns the weights there."""
    problem = make_problem()
    config = TrainingConfig(batch_size=16, epochs=epochs, ramp_epochs=2, seed=5, fast_layers="none")
    last = LastWeights(epochs)
    train(
        problem.build(),
        problem.train,
        problem.pairs,
        problem.episodes,
        config,
        run_dir=run_dir,
        callbacks=[last],
        verbose=0,
        **options,
    )
    return last.weights


def run_episodes(epochs, run_dir, **options):
    """Train on episodes, with all that has state: batch statistics, a random layer, an average."""
    problem = make_problem()
    image = keras.Input((SIZE, SIZE, 1))
    encoder = conv_encoder((SIZE, SIZE, 1), filters=(4, 4), num_pools=2, units=8)
    # It drops nothing, since each backend would drop other features.
    features = keras.layers.Dropout(1e-9, seed=3)(encoder(image))
    config = EpisodeConfig(
        n_way=3,
        episodes_per_step=2,
        steps=16,
        validate_every=4,
        camera=CameraRanges(),
        ema_momentum=0.9,
        fast_layers="none",
    )
    last = LastWeights(epochs)
    train_episodes(
        siamese_network(keras.Model(image, features), initializer="he"),
        problem.train,
        config,
        validation_episodes=problem.episodes,
        run_dir=run_dir,
        callbacks=[last],
        verbose=0,
        **options,
    )
    return last.weights


# By kind of training, and the epochs that a reference has, before and after the change of backend:
# 120 pairs in batches of 16 are 8 steps, so 7 further epochs are 56; 4 steps, and 12 further.
RUNS = {"pairs": (run_pairs, 1, 8), "episodes": (run_episodes, 1, 4)}


def main():
    """Write each state after the first epochs, and the weights after the last."""
    for kind, (run, first, last) in RUNS.items():
        folder = FILES / keras.backend.backend() / kind
        folder.mkdir(parents=True, exist_ok=True)
        run(first, folder, restart=True)
        state = (folder / FILE_NAME).read_bytes()
        weights = run(last, folder, resume=True)
        (folder / FILE_NAME).write_bytes(state)
        named = {f"{i:02d}": weight for i, weight in enumerate(weights)}
        np.savez_compressed(folder / WEIGHTS, **named)


if __name__ == "__main__":
    main()
