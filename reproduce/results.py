"""Result files: settings from the command line, writing, and the table beside the paper's."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from keras_siamese.data.atomic import atomic_write
from reproduce.paper.config import RunConfig
from reproduce.published import measure, published

ROOT = Path(__file__).resolve().parents[1]
# What is committed, and where runs keep their state.
RESULTS, RUNS = ROOT / "reproduce" / "results", ROOT / "reproduce" / "runs"


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Read `name=value` settings, values in JSON (a bare word is a string).

    Raises:
        ValueError: If a setting lacks its `=`.
    """
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set takes name=value, e.g. epochs=3. Received: {setting!r}")
        try:
            parsed[name] = json.loads(value)
        except json.JSONDecodeError:
            parsed[name] = value
    return parsed


def run_name(config: RunConfig, changes: dict[str, Any], validate_only: bool) -> str:
    """Name a run so that a trial with other settings never takes the place of the preset's.

    The number of epochs and the seed need no mark: the seed is named, and epochs only go on.
    """
    marked = {key: value for key, value in changes.items() if key not in ("epochs", "seed")}
    kind = "-validation" if validate_only else ""
    return f"{config.name}{settings_mark(marked)}{kind}-seed{config.seed}"


def settings_mark(settings: dict[str, Any]) -> str:
    """Return what tells a run's name from that of a run with other settings; "" for none."""
    if not settings:
        return ""
    return f"-{zlib.crc32(json.dumps(settings, sort_keys=True).encode()):08x}"


def check_writable(path: Path) -> None:
    """Fail before a long run, not after it, where its result could not be written.

    Raises:
        OSError: If the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"The result file {path} cannot be written. Name another --results folder.")


def write(path: Path, result: dict[str, Any], indent: int | None = 1) -> None:
    """Write a result file; a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write((json.dumps(result, indent=indent) + "\n").encode())


def show(result: dict[str, Any]) -> None:
    """Print a result beside the paper's figures."""
    table = Table(title=f"{result['config']['name']}, seed {result['seed']}")
    for heading in ("what", "protocol", "accuracy", "95 % interval", "n", "paper"):
        table.add_column(heading)
    scored = [result, *result["other_results"]] if result["table"] is not None else []
    for entry in (result["validation"], *scored):
        table.add_row(
            f"{measure(entry)}, {entry['cell']}",
            entry["protocol"],
            f"{entry['value']:.2%}",
            f"{entry['interval'][0]:.1%} to {entry['interval'][1]:.1%}",
            str(entry["n"]),
            published(entry, result["config"]["data"]),
        )
    Console(width=120).print(table)


def read(path: Path) -> dict[str, Any]:
    """Read a result file.

    Raises:
        ValueError: If it is no result file.
    """
    try:
        result = json.loads(path.read_text())
        missing = {"config", "training", "validation"} - set(result)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}). Delete it and run again.") from error
    if missing:
        raise ValueError(f"{path} is no result file: it lacks {', '.join(sorted(missing))}.")
    return result
