"""Trainings that are killed, again and again, and resumed to the weights of one left alone."""

import os
import re
import signal
import time
from collections import Counter

import numpy as np

from keras_siamese import atomic
from keras_siamese.training import EpisodeConfig, TrainingConfig, train, train_episodes
from keras_siamese.training.checkpoints import FILE_NAME, load_state
from tests.attacks import process
from tests.training.small_problem import make_problem

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MOMENTS = ("at any time", "in mid-write", "before the new file takes its place", "just after")
EPOCHS = 10
_FILES = re.compile(re.escape(FILE_NAME) + r"(\.[0-9a-f]+\.partial)?")


def attack(rng, folder, kills=4):
    """Kill a training at random moments and compare it, at its end, with one left alone.

    Returns:
        How often it was killed, by signal and moment.
    """
    method, seed = str(rng.choice(["pairs", "episodes"])), int(rng.integers(1000))
    log = folder / "stderr.txt"
    start = time.monotonic()
    process.finish(process.start(train_once, method, seed, folder / "alone", None, log=log), log)
    seconds = time.monotonic() - start
    done, run = Counter({"trainings compared": 1}), folder / "killed"
    for _ in range(kills):
        number, moment = SIGNALS[int(rng.integers(3))], str(rng.choice(MOMENTS))
        death = None
        if moment != MOMENTS[0]:
            death = (moment, int(rng.integers(2)), float(rng.random()), int(number))
        training = process.start(train_once, method, seed, run, death, log=log)
        if death is None:
            killed = process.kill_after(training, seconds * rng.random(), number)
        else:
            training.join(600)
            killed = training.exitcode != 0
        if killed:
            done["kills"] += 1
            done[f"kills by {number.name}"] += 1
            done[f"kills {moment}"] += 1
        files = [path.name for path in run.iterdir()] if run.exists() else []
        assert all(map(_FILES.fullmatch, files)) and len(files) <= 2, files
        state = load_state(run)
        if state is not None and state.finished:
            break
    process.finish(process.start(train_once, method, seed, run, None, log=log), log)
    assert os.listdir(run) == [FILE_NAME]
    ours, theirs = load_state(run), load_state(folder / "alone")
    assert ours.finished and ours.epoch == theirs.epoch
    for name in ("weights", "best_weights", "optimizer", "extra"):
        pairs = zip(getattr(ours, name) or [], getattr(theirs, name) or [], strict=True)
        for first, second in pairs:
            np.testing.assert_array_equal(first, second, err_msg=f"{method}: {name}")
    return done


def train_once(method, seed, run_dir, death):
    """Train, or resume, until the end or death."""
    if death is not None:
        die(*death)
    problem = make_problem()
    model = problem.build()
    common = {"run_dir": run_dir, "resume": True, "verbose": 0}
    if method == "pairs":
        config = TrainingConfig(
            batch_size=32, epochs=EPOCHS, ramp_epochs=2, seed=seed, fast_layers="none"
        )
        train(model, problem.train, problem.pairs, problem.episodes, config, **common)
    else:
        config = EpisodeConfig(
            n_way=3, episodes_per_step=2, steps=2 * EPOCHS, validate_every=2, learning_rate=0.01,
            ema_momentum=0.9, restore_best_weights=True, seed=seed,
        )  # fmt: skip
        train_episodes(model, problem.train, config, validation_episodes=problem.episodes, **common)


def die(moment, writes, share, number):
    """Let this process send itself a signal after some writes, at a moment of the next one."""
    left, fsync, replace = [writes], os.fsync, os.replace

    def dying_fsync(descriptor):
        if moment == MOMENTS[1] and not left[0]:
            os.ftruncate(descriptor, int(share * os.fstat(descriptor).st_size))
            os.kill(os.getpid(), number)
        fsync(descriptor)

    def dying_replace(source, target):
        if moment == MOMENTS[2] and not left[0]:
            os.kill(os.getpid(), number)
        replace(source, target)
        if moment == MOMENTS[3] and not left[0]:
            os.kill(os.getpid(), number)
        left[0] -= 1

    assert atomic.os is os
    os.fsync, os.replace = dying_fsync, dying_replace
