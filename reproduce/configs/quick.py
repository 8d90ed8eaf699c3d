"""The embedded default: a small net on glyphs made from a seed, at most 3 minutes on 2 cores.

Command: python reproduce/run_paper.py --preset quick
Deviation: He's initial weights in place of the paper's, with which so small a net stays at chance
for the whole of so short a run.
"""

from reproduce.configs.cpu import CONFIG as CPU

CONFIG = CPU.override(
    name="quick-glyphs",
    data="glyphs",
    encoder_options={"filters": (32, 64, 64, 128), "units": 512},
    initializer="he",
    num_pairs=10_000,
    num_validation_pairs=2_000,
    num_test_pairs=2_000,
    learning_rates=0.05,
    momenta=0.9,
    ramp_epochs=2,
    epoch_pairs=10_000,
    epochs=8,
    precision="float32",
)
