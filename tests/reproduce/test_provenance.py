"""Where a result comes from, in words."""

import pytest

from reproduce.provenance import describe_hardware, processor_name


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


def test_two_generations_of_one_name_are_told_apart():
    first_core = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n"
    assert processor_name(first_core + "\n" + first_core) == "AMD EPYC (family 25, model 17)"
    assert processor_name("model name\t: ARM: v8\n") == "ARM: v8"
    # Nothing known: what Python says, and never an empty name.
    assert processor_name("BogoMIPS : 48.00\n")
