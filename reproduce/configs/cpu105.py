"""The paper's own network at 105x105 on one core of a CPU: 900,000 pairs of 150k x8.

Command: python reproduce/run_paper.py --preset cpu105 (resumed with --resume; CONTRIBUTING.md)
Cost: 900,000 pairs of 10.7 GFLOP each, 17 to 20 hours of one core of an AMD EPYC (Zen 3). The
state is saved every 3,000 pairs. Training is in float32: a processor without AVX-512 only emulates
bfloat16.

Batch size, rates and initial weights are the best by validation of six settings, each tried on
3,200 pairs (reproduce/NOTES.md, "The 105x105 network on a CPU"). The length was fixed beforehand:
nothing stops the run early, and the best epoch by the 320 validation trials is kept. The rates
shrink to an eighth in the course of the run, as they do in 200 of the paper's epochs.
"""

from reproduce.configs.paper import CONFIG as PAPER

CONFIG = PAPER.override(
    name="cpu-105-150k-x8-900k",
    initializer="he",
    num_pairs=150_000,
    learning_rates=0.2,
    momenta=0.7,
    l2=0.0005,
    batch_size=64,
    ramp_epochs=10,
    epoch_pairs=3_000,
    epochs=300,
    patience=300,
    decay=0.0069,
)
