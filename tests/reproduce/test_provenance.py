"""Where a result comes from: in words, and that its commit is there."""

import json
import subprocess

import pytest

from reproduce.provenance import describe_hardware, processor_name
from reproduce.results import ROOT


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


# Results from before they had a commit, and a list that the history itself gives.
NO_COMMIT = {
    "studies/results/official-scores.json",
}


def commits(content):
    """Yield the commits that a result names, wherever it does."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "commit":
                yield value
            else:
                yield from commits(value)
    elif isinstance(content, list):
        for value in content:
            yield from commits(value)


def test_every_result_was_made_at_a_commit_of_this_repository():
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)

    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("the whole history is not there")
    listed = git(
        "ls-files",
        "reproduce/results",
        "studies/results",
        "examples/results",
        "keras_siamese/weights",
    )
    # What a figure draws has the name of its result.
    paths = [
        path
        for path in listed.stdout.split()
        if path.endswith(".json") and "/figures/" not in path and (ROOT / path).exists()
    ]
    assert len(paths) > 90
    named = {path: set(commits(json.loads((ROOT / path).read_text()))) for path in paths}
    assert {path for path in paths if not named[path]} == NO_COMMIT
    known = {
        name
        for name in set().union(*named.values())
        if git("cat-file", "-e", f"{name}^{{commit}}").returncode == 0
    }
    assert {path for path in paths if named[path] - known} == set()
