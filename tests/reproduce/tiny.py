"""Settings of the command for a run that trains in a second."""

TINY = (
    "epochs=2",
    "epoch_pairs=64",
    "num_pairs=64",
    "num_distortions=1",
    "num_validation_pairs=64",
    "num_test_pairs=64",
    'encoder_options={"filters": [4, 4, 4, 4], "units": 8}',
)
