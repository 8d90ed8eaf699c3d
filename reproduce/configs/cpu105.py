"""The paper's own network at 105x105, as far as an hour or two of one CPU core carries it.

Command: python reproduce/run_paper.py --preset cpu105
Expect: 54.8 % on the official runs, 82.9 % verification (seed 0).
Cost: 30,000 pairs of 10.7 GFLOP each, 87 minutes on one core of an AMD EPYC (Zen 3).

It is the beginning of a training, not a reproduction: the paper passes its 1.35 million pairs up to
200 times. Settings as in the preset `longer` at 35x35, where they were chosen by validation; none
was tried at this size. The rates shrink to an eighth in the course of the run, as there. Training
is in float32: a processor without AVX-512 only emulates bfloat16.
"""

from reproduce.configs.longer import CONFIG as LONGER
from reproduce.configs.paper import CONFIG as PAPER

CONFIG = PAPER.override(
    name="cpu-105-150k-x8",
    initializer=LONGER.initializer,
    num_pairs=150_000,
    learning_rates=LONGER.learning_rates,
    momenta=LONGER.momenta,
    l2=LONGER.l2,
    batch_size=LONGER.batch_size,
    ramp_epochs=2,
    epoch_pairs=3_000,
    epochs=10,
    patience=10,
    decay=0.2,
)
