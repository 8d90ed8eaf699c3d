"""Where a result comes from, in words."""

import pytest

from reproduce.provenance import describe_hardware


@pytest.mark.parametrize(
    ("hardware", "expected"),
    [
        ({"processor": "Xeon", "cores": 1, "gpus": []}, "Xeon, 1 core"),
        ({"processor": "Xeon", "cores": 2, "gpus": []}, "Xeon, 2 cores"),
        ({"processor": "Xeon", "cores": 16, "gpus": ["A100", "T4"]}, "A100, T4, 16 cores"),
    ],
)
def test_the_gpus_stand_before_the_processor(hardware, expected):
    assert describe_hardware(hardware) == expected
