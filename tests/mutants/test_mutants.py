"""The list of mutants fits the code, and the runner tells those that survive from the others."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

import pytest

from tests.mutants import run
from tests.mutants.run import ROOT, Mutant, load, shares

MUTANTS = load()


def test_the_list_is_long_and_names_each_mutant_once():
    assert len(MUTANTS) >= 230
    assert [name for name, count in Counter(m.name for m in MUTANTS).items() if count > 1] == []
    assert len({(m.file, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_a_text_that_stands_there_once(mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    compile(mutant.applied(text), mutant.file, "exec")


def test_the_tests_of_every_mutant_exist():
    for path in {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(("old", "new"), [("gone", "x"), ("a", "b"), ("only", "only")])
def test_a_text_that_is_not_there_once_is_an_error(old, new):
    mutant = Mutant("m", "f.py", old, new, ())
    with pytest.raises(ValueError, match="Mutant 'm' must change a text that f.py holds once"):
        mutant.applied("a only a")


@pytest.fixture
def no_plugins(monkeypatch):
    """Pytest starts faster without the plugins that are installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def in_a_new_process(mutants, folder, limit=run.LIMIT):
    """Run the mutants as the command does: forked from a process in which TensorFlow never ran."""
    code = (
        "import json, pathlib, sys\n"
        "from tests.mutants import run\n"
        "run.LIMIT = float(sys.argv[3])\n"
        "mutants = run.load(pathlib.Path(sys.argv[1]))\n"
        "found = run.in_turn(mutants, pathlib.Path(sys.argv[2]))\n"
        "print(json.dumps([[m and m.name, what.split(chr(10))[0]] for m, what in found]))\n"
    )
    listed = folder.parent / "mutants.json"
    entries = [asdict(mutant) for mutant in mutants]
    groups = [{"tests": entry.pop("tests"), "mutants": [entry]} for entry in entries]
    listed.write_text(json.dumps(groups))
    command = [sys.executable, "-c", code, str(listed), str(folder), str(limit)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_survivors_are_told_and_files_mended(tmp_path, no_plugins):
    (tmp_path / "code_under_test.py").write_text("def double(x):\n    return 2 * x + 0\n")
    test = "from code_under_test import double\n\n\ndef test_it():\n    assert double(1) == 2\n"
    (tmp_path / "test_code.py").write_text(test)
    (tmp_path / "test_bad.py").write_text("def test_it():\n    assert False\n")
    before = (tmp_path / "code_under_test.py").read_text()

    def mutant(name, old, new, tests="test_code.py"):
        return Mutant(name, "code_under_test.py", old, new, (tests,))

    mutants = [
        mutant("wrong", "2 * x", "3 * x"),
        mutant("equal", "+ 0", "- 0"),
        mutant("broken", "return", "retrun"),
        mutant("unused", "2 * x", "4 * x", "test_bad.py"),
    ]
    assert in_a_new_process(mutants, tmp_path) == [
        ["wrong", "killed"],
        ["equal", "survived"],
        ["broken", "killed"],
        [None, "test_bad.py must pass unchanged:"],
    ]
    assert (tmp_path / "code_under_test.py").read_text() == before


@pytest.mark.slow
def test_tests_that_hang_end(tmp_path, no_plugins):
    (tmp_path / "test_it.py").write_text("import time\n\n\ndef test_it():\n    time.sleep(0.0)\n")
    mutant = Mutant("slow", "test_it.py", "sleep(0.0)", "sleep(600.0)", ("test_it.py",))
    assert in_a_new_process([mutant], tmp_path, limit=10) == [["slow", "hangs"]]


def test_groups_stay_whole_in_every_share():
    mutants = [Mutant(f"m{i}", "f", "a", "b", (f"t{i % 3}",)) for i in range(9)]
    parts = shares(mutants, 2)
    assert sorted(map(len, parts)) == [3, 6]
    assert len({m.tests for m in parts[0]} & {m.tests for m in parts[1]}) == 0


def test_the_copy_has_what_git_knows(tmp_path):
    root, copy = tmp_path / "root", tmp_path / "copy"
    (root / "part").mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "part" / "a.py").write_text("a")
    (root / "b.pyc").write_text("b")
    (root / ".gitignore").write_text("*.pyc\n")
    run.copied(root, copy)
    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()) == [
        ".gitignore",
        "part/a.py",
    ]
