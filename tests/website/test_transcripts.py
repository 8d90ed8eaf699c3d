"""A transcript's commands run again; decimals may differ by what one machine rounds differently."""

import pytest

from website import transcripts

BLOCK = """```console
$ keras-siamese one
one: 0.25 of 7
$ keras-siamese two
```
"""


def test_the_output_of_each_command_stands_below_it():
    given = []

    def run(command):
        given.append(command)
        return f"{command.split()[1]}: 0.75 of 7\n"

    assert transcripts.rerun(BLOCK, run) == (
        "```console\n$ keras-siamese one\none: 0.75 of 7\n$ keras-siamese two\ntwo: 0.75 of 7\n```"
    )
    assert given == ["keras-siamese one", "keras-siamese two"]


@pytest.mark.parametrize("block", ["```console\nls\n```", "$ keras-siamese one", ""])
def test_a_block_without_commands_or_fence_is_refused(block):
    with pytest.raises(ValueError, match="fenced block"):
        transcripts.rerun(block, str)


@pytest.mark.parametrize(
    ("now", "differs"),
    [
        ("one: 0.25 of 7", False),
        ("one: 0.26 of 7", False),
        ("one: 0.250001 of 7", False),
        ("one: 0.27 of 7", True),
        ("one: 0.95 of 7", True),
        ("one: 0.25 of 8", True),
        ("two: 0.25 of 7", True),
        ("one: 0.25 of 7, 0.5", True),
        ("one: 7", True),
    ],
)
def test_decimals_are_compared_within_a_tolerance_and_all_else_exactly(now, differs):
    assert transcripts.differs("one: 0.25 of 7", now, 0.01) is differs


def test_small_numbers_are_compared_as_what_they_are():
    assert not transcripts.differs("2.5e-05", "3.0e-07", 0.01)
    assert transcripts.differs("2.5e-05", "0.5", 0.01)


@pytest.mark.parametrize("command", ["ls", "keras-siamese verify no.png no.png"])
def test_other_commands_and_failures_are_errors(command):
    with pytest.raises(ValueError, match=command):
        transcripts.run_command(command)
