"""What `.ci/run` expects of a machine: what is there is tested, or the run fails."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPS = """\
=========================== short test summary info ============================
SKIPPED [2] tests/serving/test_triton.py:1: KERAS_SIAMESE_TRITON names no Python with PyTriton
SKIPPED [1] tests/test_addons.py:9: addons: no tensorflow-addons here
"""


def bash(code, *arguments, **environment):
    """Run bash after it has read the functions."""
    return subprocess.run(
        ["bash", "-euc", f"source {ROOT}/.ci/parts.sh; {code}", "bash", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"} | environment,
    )


def test_a_python_is_chosen_by_version_and_a_missing_one_is_passed_over():
    here = "sys.version_info[:2] == ({}, {})".format(*sys.version_info)
    found = bash('python_for "$@"', here, "no-such-python", sys.executable)
    assert (found.returncode, found.stdout) == (0, f"{sys.executable}\n")
    none = bash('python_for "$@"', "sys.version_info < (3, 9)", "no-such-python", sys.executable)
    assert (none.returncode, none.stdout) == (1, "")


def test_data_that_is_named_must_be_there(tmp_path):
    named = bash("data_folder", KERAS_SIAMESE_DATA=str(tmp_path))
    assert (named.returncode, named.stdout) == (0, f"{tmp_path}\n")
    gone = bash("data_folder", KERAS_SIAMESE_DATA=str(tmp_path / "gone"))
    assert gone.returncode == 1 and "KERAS_SIAMESE_DATA is no folder" in gone.stderr


@pytest.mark.parametrize("there", [False, True])
def test_data_next_to_the_checkout_is_found_and_may_be_missing(tmp_path, there):
    checkout, data = tmp_path / "checkout", tmp_path / "shared" / "data"
    checkout.mkdir()
    if there:
        data.mkdir(parents=True)
    found = bash('cd "$1"; data_folder', checkout)
    assert (found.returncode, found.stdout) == (0, f"{data}\n" if there else "")


@pytest.mark.parametrize(
    ("word", "code"),
    [("KERAS_SIAMESE_TRITON", 1), ("KERAS_SIAMESE_DATA", 0), ("no tensorflow-addons", 1)],
)
def test_skipped_tests_of_what_is_there_fail_the_run(tmp_path, word, code):
    log = tmp_path / "test.log"
    log.write_text(SKIPS)
    done = bash('none_skipped "$1" "$2"', log, word)
    assert done.returncode == code
    assert (f"were skipped: {word}" in done.stderr) == bool(code)


def test_each_skipped_test_is_printed_with_its_reason():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    tests = [line for line in script.splitlines() if "PYTEST_ARGS" in line]
    assert len(tests) == 3 and all(" -rfEs " in line.replace('="', " ") for line in tests)


def test_the_reasons_that_are_looked_for_are_those_that_tests_give():
    given = (ROOT / "tests" / "conftest.py").read_text("utf-8")
    given += (ROOT / "tests" / "serving" / "test_triton.py").read_text("utf-8")
    for reason in (
        "data: KERAS_SIAMESE_DATA names no folder",
        "addons: no tensorflow-addons here",
        "KERAS_SIAMESE_TRITON names no Python",
    ):
        assert f'"{reason}' in given
