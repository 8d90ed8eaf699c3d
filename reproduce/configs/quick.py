"""The embedded default: a small net on glyphs made from a seed, at most 3 minutes on 2 cores.

Command: python reproduce/run_paper.py --preset quick
"""

from reproduce.configs.cpu import CONFIG as CPU

CONFIG = CPU.override(
    name="quick-glyphs",
    data="glyphs",
    encoder_options={"filters": (32, 64, 64, 128), "units": 512},
    num_pairs=10_000,
    num_distortions=8,
    num_validation_pairs=2_000,
    num_test_pairs=2_000,
    ramp_epochs=4,
    epoch_pairs=10_000,
    epochs=10,
    precision="float32",
)
