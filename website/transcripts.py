"""Transcripts of pages: commands run again, and what they print compared within a tolerance."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from reproduce.results import ROOT

DRAWINGS = ("signs", "sign.png")
FENCE, PROMPT = "```", "$ "
# A number with a decimal point, as one machine rounds it and another does not.
NUMBER = re.compile(r"\d+\.\d+(?:e[-+]\d+)?")

Runner = Callable[[str], str]


def rerun(block: str, run: Runner) -> str:
    """Return a fenced block of commands with what they print now.

    A line after "$ " is a command, the lines below are what it prints on stdout.

    Args:
        block: The block, with its fences.
        run: Takes a command and returns what it prints.

    Raises:
        ValueError: If the block has no command.
    """
    lines = block.strip().splitlines()
    commands = [line for line in lines if line.startswith(PROMPT)]
    if not commands or not lines[0].startswith(FENCE):
        raise ValueError(
            f"A transcript must be a fenced block of '$ ' commands. Received: {block}. Add a "
            "command."
        )
    body = "".join(f"{line}\n{run(line.removeprefix(PROMPT))}" for line in commands)
    return f"{lines[0]}\n{body}{FENCE}"


def differs(before: str, now: str, tolerance: float) -> bool:
    """Tell whether two texts differ by more than the rounding of their decimals.

    Args:
        before: The text of the page.
        now: What was printed now.
        tolerance: How far two numbers with a decimal point may be apart, as they stand in the text.
    """
    if NUMBER.sub("0.0", before) != NUMBER.sub("0.0", now):
        return True
    pairs = zip(NUMBER.findall(before), NUMBER.findall(now), strict=True)
    # A hair more, so that 0.25 is within 0.01 of 0.26.
    return any(abs(float(old) - float(new)) > tolerance * (1 + 1e-9) for old, new in pairs)


def run_command(command: str) -> str:
    """Run `keras-siamese` with arguments in this process and return what it prints on stdout.

    Raises:
        ValueError: If the command is another one, or fails.
    """
    from typer.testing import CliRunner

    from keras_siamese import cli

    name, *arguments = shlex.split(command)
    if name != "keras-siamese":
        raise ValueError(
            f"A transcript must call keras-siamese. Received: {command!r}. Correct the command."
        )
    result = CliRunner().invoke(cli.app, arguments)
    if result.exit_code:
        raise ValueError(
            f"{command!r} must end with code 0. Received: {result.exit_code}. Correct the command: "
            f"{result.output}"
        )
    return result.stdout


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
