"""What a command prints: its results to stdout, everything else to stderr."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

# What a command's help does not need is imported where it is used.
if TYPE_CHECKING:
    from rich.console import Console

    from keras_siamese.evaluation import OperatingPoint

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else there.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV on stdout, and nothing else there.")]

Item = TypeVar("Item")


def check_one_form(as_json: bool, as_csv: bool) -> None:
    """Check that results are asked for in one form.

    Args:
        as_json: Whether JSON is asked for.
        as_csv: Whether CSV is.

    Raises:
        ValueError: If both are.
    """
    if as_json and as_csv:
        raise ValueError(
            "--json and --csv must not come together. Received: both. Give one of them."
        )


def print_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table as CSV.

    Args:
        header: Names of the columns.
        rows: The rows. None is an empty field; numbers have all their digits.
    """
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)


def write_csv(
    out: Path, header: Sequence[Any], rows: Iterable[Sequence[Any]], *, line_end: str = "\n"
) -> int:
    """Write a table as a CSV file in UTF-8, whole or not at all.

    Args:
        out: The file; `check_out` has looked at it.
        header: Names of the columns.
        rows: The rows, as for `print_csv`.
        line_end: What ends a line.

    Returns:
        How many rows were written, without the header.

    Raises:
        OSError: If the file cannot be written.
    """
    from keras_siamese.atomic import atomic_write

    count = 0
    with atomic_write(out) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text, lineterminator=line_end)
        table.writerow(header)
        for row in rows:
            table.writerow(row)
            count += 1
        text.detach()
    return count


def print_json(value: Any) -> None:
    """Print a result as JSON.

    Args:
        value: JSON types.
    """
    typer.echo(json.dumps(value, indent=2, allow_nan=False))


def print_status(text: str) -> None:
    """Tell the person at the terminal something that is no result.

    Args:
        text: One line.
    """
    typer.echo(text, err=True)


def print_deprecated(old: str, now: str) -> None:
    """Tell the person at the terminal that an option or a word of it has another name now.

    Args:
        old: What was given.
        now: What to give instead.
    """
    from keras_siamese.deprecated import is_old

    print_status(f"keras-siamese: {is_old(old, now)}")


def print_error(error: Exception, options: Mapping[str, str] | None = None) -> None:
    """Tell of an error in one line.

    Args:
        error: The error.
        options: Options of the command line by the arguments that they are for: where the error
            names an argument, the line names the option.
    """
    text = one_line(error)
    for argument, option in (options or {}).items():
        text = text.replace(f"`{argument}`", option)
    print_status(f"keras-siamese: {text}")


def one_line(error: BaseException) -> str:
    """Return an error's message as one line.

    Args:
        error: The error.

    Returns:
        The message; the error's kind where it has none.
    """
    return " ".join(str(error).split()) or type(error).__name__


def printable(path: Any) -> str:
    """Return a path as any terminal can show it.

    Args:
        path: The path, whose bytes may be no UTF-8.

    Returns:
        Text; what cannot be shown is a question mark.
    """
    return str(path).encode("utf-8", "replace").decode("utf-8")


def in_one_line(text: Any) -> str:
    """Return a name for a line of text: line ends and other control characters are escaped.

    Args:
        text: The name.

    Returns:
        The same, where a line end is a backslash and an n.
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text)
    )


@contextlib.contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that work is being done, and keep what libraries print off stdout.

    Args:
        text: What is being done.

    Yields:
        Nothing.
    """
    with terminal() as console, console.status(text), contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def terminal() -> Iterator[Console]:
    """Give a console that shows progress on stderr, also while TensorFlow's log is held back.

    Yields:
        The console; it shows nothing where stderr is no terminal.
    """
    from rich.console import Console

    if not sys.stderr.isatty():
        yield Console(stderr=True)
        return
    # A separate file: the log is held back by closing stderr's.
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding) as file:
        yield Console(file=file)


def watched(items: Sequence[Item], text: str) -> Iterable[Item]:
    """Show on a terminal how far the work on some items has come.

    Args:
        items: What is worked on, one after the other.
        text: What is being done.

    Returns:
        The items.
    """
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, text, console=console, transient=True, disable=not console.is_terminal)


def check_out(out: Path, endings: Sequence[str], overwrite: bool, what: str = "OUT") -> None:
    """Refuse before the work what could not be written after it.

    Args:
        out: File to write.
        endings: Those that it may have.
        overwrite: Whether a file that exists may be replaced.
        what: What the command line calls it, for errors.

    Raises:
        ValueError: If it has another ending, its folder cannot be written, or it exists.
    """
    if out.suffix.lower() not in endings:
        raise ValueError(
            f"{what} must end in {' or '.join(endings)}. Received: {str(out)!r}. Rename it."
        )
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise ValueError(
            f"{what} must be in a folder that can be written. Received: {str(out.parent)!r}. Make "
            "it, or choose another."
        )
    if out.exists() and (out.is_dir() or not overwrite):
        raise ValueError(f"{what} must not exist yet. Received: {str(out)!r}. Give --overwrite.")


def describe_point(point: OperatingPoint) -> str:
    """Say in one line how a threshold decides pairs.

    Args:
        point: The threshold, with its rates.

    Returns:
        The line.
    """
    accepted = with_interval(point.false_accept_rate, point.false_accept_interval)
    return (
        f"threshold {point.threshold:.4f}: {accepted} of different pairs accepted, "
        f"{percent(point.false_reject_rate)} of same pairs refused"
    )


def percent(fraction: float) -> str:
    """Return a fraction as per cent, e.g. "97.5 %"."""
    return f"{fraction:.1%}".replace("%", " %")


def with_interval(fraction: float, interval: tuple[float, float]) -> str:
    """Return a fraction with its 95 % interval, e.g. "97.5 % (95.4 % to 98.7 %)"."""
    low, high = interval
    return f"{percent(fraction)} ({percent(low)} to {percent(high)})"
