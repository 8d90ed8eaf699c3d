"""A run of TensorFlow that others resume: `python -m tests.backends.reference` writes it."""

from pathlib import Path

import keras
import numpy as np

from keras_siamese.training import TrainingConfig, train
from keras_siamese.training.checkpoints import FILE_NAME
from tests.training.small_problem import make_problem

FOLDER = Path(__file__).parent / "files"
WEIGHTS = FOLDER / "weights.npz"
# 120 pairs in batches of 16 are 8 steps, so 7 further epochs are 56.
FIRST, LAST = 1, 8


class LastWeights(keras.callbacks.Callback):
    """Keep the weights of the last epoch, before the best ones are restored."""

    def on_epoch_end(self, epoch, logs=None):
        self.weights = self.model.get_weights()


def run(epochs, run_dir, resume=False):
    """Train to some epoch; returns the weights there."""
    problem = make_problem()
    config = TrainingConfig(batch_size=16, epochs=epochs, ramp_epochs=2, seed=5, fast_layers="none")
    last = LastWeights()
    train(
        problem.build(),
        problem.train,
        problem.pairs,
        problem.episodes,
        config,
        run_dir=run_dir,
        resume=resume,
        callbacks=[last],
        verbose=0,
    )
    return last.weights


def main():
    """Write the state after the first epoch, and the weights after the last."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / FILE_NAME).unlink(missing_ok=True)
    run(FIRST, FOLDER)
    state = (FOLDER / FILE_NAME).read_bytes()
    weights = run(LAST, FOLDER, resume=True)
    (FOLDER / FILE_NAME).write_bytes(state)
    np.savez_compressed(WEIGHTS, **{f"{i:02d}": weight for i, weight in enumerate(weights)})


if __name__ == "__main__":
    main()
