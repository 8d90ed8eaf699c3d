"""A run so small that it trains in a second."""

import pytest

from reproduce.paper.presets import QUICK


@pytest.fixture(scope="session")
def tiny():
    """Return the smallest run on glyphs, which are drawn once."""
    # Imported here: it draws them.
    from tests import drawn_glyphs

    with pytest.MonkeyPatch.context() as patch:
        drawn_glyphs.install(patch.setattr)
        yield QUICK.override(
            name="tiny",
            epochs=2,
            epoch_pairs=64,
            num_pairs=64,
            num_distortions=1,
            num_validation_pairs=64,
            num_test_pairs=64,
            encoder_options={"filters": [4, 4, 4, 4], "units": 8},
        )
