"""The full 105x105 network as in the paper: 30,000 pairs with eight distortions each.

Command: python reproduce/run_paper.py --preset paper
Cost: 10.7 GFLOP a pair; made for a GPU.
"""

from reproduce.configs.base import RunConfig

CONFIG = RunConfig(
    name="koch-105-30k-x8",
    data="omniglot",
    size=105,
    encoder="koch",
    encoder_options={},
    initializer="koch",
    use_bias=True,
    num_pairs=30_000,
    num_distortions=8,
    different="within-alphabet",
    num_validation_pairs=10_000,
    num_test_pairs=10_000,
    learning_rates=0.01,
    momenta=0.9,
    l2=0.0,
    l2_form="coupled",
    ramp_epochs=20,
    epoch_pairs=None,
    batch_size=128,
    epochs=200,
    patience=20,
    precision="float32",
    jit_compile=False,
    seed=0,
)
