"""Changes of the code that its tests must notice.

make mutants                       every mutant; an hour or two of one core
python -m tests.mutants.run splits # those whose name or file holds the word

`mutants.json` lists them in groups: `tests` of a group, and for each mutant `name`, `file`, the
`old` text, which stands in the file exactly once, and the `new` one. Each is applied in a copy of
the checkout, and the group's tests are run until the first fails. A mutant whose tests pass has
survived: a test is missing. The exit code is 1 then. A group's tests must pass unchanged.

The processes are forked from one that has imported TensorFlow, which takes most of a short test.
"""

from __future__ import annotations

import argparse
import compileall
import json
import multiprocessing
import os
import py_compile
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.json")
# Of a group's tests, in seconds; what takes longer hangs, which somebody would notice.
LIMIT = 600
# Imported before the processes are forked; nothing of this project, which changes, nor a plugin of
# pytest, which it would warn of.
IMPORTED = ("numpy", "scipy.stats", "skimage.transform", "sklearn.base", "keras")


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        name: What it does, in a word or two.
        file: The file, from the root of the checkout.
        old: Text that stands in it exactly once.
        new: What it becomes.
        tests: Paths, or names of tests as pytest takes them.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """Return a file's text with the change.

        Raises:
            ValueError: If the old text is not there exactly once, or the new one is the same.
        """
        found = text.count(self.old)
        if found != 1 or self.old == self.new:
            raise ValueError(
                f"Mutant {self.name!r} must change a text that {self.file} holds once. Received: "
                f"{found} of {self.old!r}. Correct tests/mutants/mutants.json."
            )
        return text.replace(self.old, self.new)


def load(path: Path = LIST) -> list[Mutant]:
    """Read the list."""
    return [
        Mutant(**entry, tests=tuple(group["tests"]))
        for group in json.loads(path.read_text(encoding="utf-8"))
        for entry in group["mutants"]
    ]


def copied(root: Path, folder: Path) -> Path:
    """Copy the files of a checkout that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
    return folder


def in_turn(mutants: list[Mutant], folder: Path) -> Iterator[tuple[Mutant | None, str]]:
    """Run the tests of each group unchanged, then with each of its mutants.

    Args:
        mutants: In groups of equal tests.
        folder: A copy of the checkout, which is changed and mended.

    Yields:
        A mutant, and "killed", "survived" or "hangs". Or None, and what is wrong with a group's
        tests, whose mutants are then left out.
    """
    passing: dict[tuple[str, ...], bool] = {}
    for mutant in mutants:
        if mutant.tests not in passing:
            code, output = tested(mutant.tests, folder)
            passing[mutant.tests] = code == 0
            if code != 0:
                yield None, f"{' '.join(mutant.tests)} must pass unchanged:\n{output}"
        if not passing[mutant.tests]:
            continue
        path = folder / mutant.file
        text = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied(text), encoding="utf-8")
        code, _ = tested(mutant.tests, folder)
        path.write_text(text, encoding="utf-8")
        yield mutant, {0: "survived", None: "hangs"}.get(code, "killed")


def tested(tests: tuple[str, ...], folder: Path) -> tuple[int | None, str]:
    """Run tests in a forked process; returns pytest's exit code, None after `LIMIT`, and output."""
    with tempfile.TemporaryFile("w+") as output:
        process = os.fork()
        if not process:
            _be_pytest(tests, folder, output.fileno())
        ends = time.monotonic() + LIMIT
        while True:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                break
            if time.monotonic() > ends:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
                return None, ""
            time.sleep(0.02)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read()


def _be_pytest(tests: tuple[str, ...], folder: Path, output: int) -> None:
    """End this process with the tests' exit code."""
    code = 3
    try:
        # A group that is killed whole, with what tests start.
        os.setpgid(0, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = str(folder)
        sys.path.insert(0, str(folder))
        import pytest

        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def work(mutants: list[Mutant], results: multiprocessing.Queue) -> None:
    """Be a process that runs some groups, and says when it ends, however it does."""
    try:
        for found in found_in_a_copy(mutants):
            results.put(found)
    finally:
        results.put(None)


def found_in_a_copy(mutants: list[Mutant]) -> Iterator[tuple[Mutant | None, str]]:
    """Yield what `in_turn` does in a copy of this checkout."""
    # A file that changes within a second keeps its time: a compiled one would be taken for it.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    for name in IMPORTED:
        __import__(name)
    # What a checkout finds first is this one's; its tests import the copy's.
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "keras_siamese")]:
        del sys.modules[name]
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copied(ROOT, Path(folder))
        # Compiled once, and taken where the text is still the same.
        same_text = py_compile.PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(folder, quiet=2, invalidation_mode=same_text)
        yield from in_turn(mutants, Path(folder))


def shares(mutants: list[Mutant], number: int) -> list[list[Mutant]]:
    """Part the list, each group whole, the largest groups first."""
    groups: dict[tuple[str, ...], list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.tests, []).append(mutant)
    parts: list[list[Mutant]] = [[] for _ in range(number)]
    for group in sorted(groups.values(), key=len, reverse=True):
        min(parts, key=len).extend(group)
    return [part for part in parts if part]


def main() -> int:
    """Run the mutants that are asked for, and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("words", nargs="*", help="parts of names, files or tests; all by default")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    chosen = [
        mutant
        for mutant in load()
        if not options.words
        or any(word in f"{mutant.name} {mutant.file} {mutant.tests}" for word in options.words)
    ]
    for mutant in chosen:
        mutant.applied((ROOT / mutant.file).read_text(encoding="utf-8"))
    results: multiprocessing.Queue = multiprocessing.Queue()
    parts = shares(chosen, options.jobs)
    workers = [multiprocessing.Process(target=work, args=(part, results)) for part in parts]
    for worker in workers:
        worker.start()
    running, count, wrong = len(workers), 0, []
    while running:
        found = results.get()
        if found is None:
            running -= 1
            continue
        mutant, what = found
        count += mutant is not None
        label = what if mutant is None else f"{what}: {mutant.name} ({mutant.file})"
        print(f"{count}/{len(chosen)} {label}", flush=True)
        if what == "survived" or mutant is None:
            wrong.append(label)
    print(f"{count} of {len(chosen)} mutants run, {len(wrong)} problems", *wrong, sep="\n")
    return 1 if wrong or count < len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
