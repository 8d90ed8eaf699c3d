"""A run so small that it trains in a second."""

import importlib

import pytest

from reproduce.paper.presets import QUICK


@pytest.fixture(scope="session")
def tiny():
    """Return the smallest run on glyphs, which are drawn once."""
    importlib.import_module("tests.drawn_glyphs")
    return QUICK.override(
        name="tiny",
        epochs=2,
        epoch_pairs=64,
        num_pairs=64,
        num_distortions=1,
        num_validation_pairs=64,
        num_test_pairs=64,
        encoder_options={"filters": [4, 4, 4, 4], "units": 8},
    )
