"""Run the commands of a page's transcripts, and renew or check what they print.

python website/transcript.py PAGE...            renews the output
python website/transcript.py --check PAGE...    exits with 1 where a command prints something else

A transcript is a block of code of the kind "console": a line after "$ " is a command, the lines
below are what it prints on stdout. Commands run one after the other in a folder with the drawings
of examples/. Numbers with a decimal point differ from one machine to another: --check compares
everything else.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

DRAWINGS = ("signs", "sign.png")
BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
PROMPT = "$ "
NUMBER = re.compile(r"\d+\.\d+(e[-+]\d+)?")

Runner = Callable[[str], str]


def run_command(command: str) -> str:
    """Run `keras-siamese` with arguments in this process and return what it prints on stdout.

    Raises:
        ValueError: If the command is another one, or fails.
    """
    from typer.testing import CliRunner

    from keras_siamese import cli

    name, *arguments = shlex.split(command)
    if name != "keras-siamese":
        raise ValueError(f"A transcript must call keras-siamese. Received: {command!r}")
    result = CliRunner().invoke(cli.app, arguments)
    if result.exit_code:
        raise ValueError(f"{command!r} gave code {result.exit_code}: {result.output}")
    return result.stdout


def renewed(page: str, run: Runner) -> str:
    """Return a page with the output of its transcripts as the commands give it now."""

    def renew(block: re.Match) -> str:
        commands = [line for line in block[2].splitlines() if line.startswith(PROMPT)]
        body = "".join(f"{line}\n{run(line.removeprefix(PROMPT))}" for line in commands)
        return f"{block[1]}{body}{block[3]}"

    return BLOCK.sub(renew, page)


def masked(page: str) -> str:
    """Return a page without what differs from one machine to another."""
    return NUMBER.sub("0.0", page)


@contextlib.contextmanager
def folder_with_drawings() -> Iterator[None]:
    """Work in a new folder that holds the drawings and takes what the commands write."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for name in DRAWINGS:
            source, target = ROOT / "examples" / name, Path(folder, "examples", name)
            target.parent.mkdir(exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def main(argv: list[str] | None = None) -> int:
    """Renew or check pages.

    Args:
        argv: The command line.

    Returns:
        0, or 1 where `--check` found another output.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1")
    arguments = parser.parse_args(argv)
    stale = False
    for path in arguments.pages:
        page = path.read_text(encoding="utf-8")
        with folder_with_drawings():
            now = renewed(page, run_command)
        if arguments.check and masked(now) != masked(page):
            stale = True
            print(f"{path}: renew it with python website/transcript.py {path}")
        elif not arguments.check and now != page:
            path.write_text(now, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
