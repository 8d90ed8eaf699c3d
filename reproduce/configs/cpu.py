"""The reduced 35x35 network on real Omniglot: 30,000 pairs with eight distortions each.

Command: python reproduce/run_paper.py --preset cpu
"""

from reproduce.configs.paper import CONFIG as PAPER

CONFIG = PAPER.override(
    name="reduced-35-30k-x8",
    size=35,
    encoder="reduced",
    epoch_pairs=30_000,
    precision="mixed_bfloat16",
)
