"""Settings of the commands for runs that train in seconds."""

TINY = (
    "epoch_pairs=64",
    "num_pairs=64",
    "num_distortions=1",
    "num_validation_pairs=64",
    "num_test_pairs=64",
    'encoder_options={"filters": [4, 4, 4, 4], "units": 8}',
)
SHORT = ("epochs=2", *TINY)
