"""Result files: their folders, writing and reading; settings from the command line."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

from keras_siamese.atomic import atomic_write
from keras_siamese.deprecated import current_values
from reproduce.table import Result

ROOT = Path(__file__).resolve().parents[1]
# What is committed, and where runs keep their state.
RESULTS, RUNS = ROOT / "reproduce" / "results", ROOT / "reproduce" / "runs"
# How the names of results began before these had a field `role`.
OLD_ROLES = {
    "table-": "table",
    "ablation-": "ablation",
    "choice-": "choice",
    "longer-": "longer",
    "baselines": "baseline",
}


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Read `name=value` settings, values in JSON (a bare word is a string).

    Raises:
        ValueError: If a setting lacks its `=`.
    """
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set must be name=value. Received: {setting!r}. Add = and a value.")
        try:
            parsed[name] = json.loads(value)
        except json.JSONDecodeError:
            parsed[name] = value
    return parsed


def settings_mark(settings: dict[str, Any]) -> str:
    """Return what tells a run's name from that of a run with other settings; "" for none."""
    if not settings:
        return ""
    return f"-{zlib.crc32(json.dumps(settings, sort_keys=True).encode()):08x}"


def check_result_writable(path: Path) -> None:
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


def read(path: Path) -> dict[str, Any]:
    """Read a result file.

    Raises:
        ValueError: If it is no result file.
    """
    try:
        result = current_values(json.loads(path.read_text()))
        missing = {"config", "training", "validation"} - set(result)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}). Delete it and run again.") from error
    if missing:
        raise ValueError(f"{path} is no result file: it lacks {sorted(missing)}. Take it away.")
    return result


def parse(path: Path) -> Any:
    """Parse a JSON file.

    Raises:
        ValueError: If it is damaged.
    """
    try:
        return current_values(json.loads(path.read_text()))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}). Take it away and run again.") from error


def load_results(folder: Path) -> list[Result]:
    """Read every result file on real data in a folder and the folders in it.

    Returns:
        The results by name, each with its file's name under `file` and its `role`.

    Raises:
        ValueError: If a file is damaged.
    """
    loaded = []
    for path in sorted(folder.rglob("*.json")):
        result = parse(path)
        if isinstance(result, dict) and {"metric", "config", "other_results"} <= set(result):
            if result["config"]["data"] != "glyphs":
                loaded.append({"role": _role(result), **result, "file": path.name})
    _check_alike(loaded)
    return loaded


def _check_alike(results: list[Result]) -> None:
    """Refuse a seed that stands twice, and seeds of one training with other settings.

    Raises:
        ValueError: If two results of one name do not belong together.
    """
    first: dict[str, Result] = {}
    seen: dict[tuple[str, int], Result] = {}
    for result in results:
        config = result["config"]
        name = config["name"]
        other = first.setdefault(name, result)
        if seen.setdefault((result["file"], result["seed"]), result) is not result:
            raise ValueError(f"{result['file']} stands twice among the results. Take one away.")
        if result["role"] != "baseline" and {**other["config"], "seed": 0} != {**config, "seed": 0}:
            raise ValueError(
                f"{other['file']} and {result['file']} are of one training with different "
                "settings, so their seeds cannot be averaged. Take the older away."
            )


def _role(result: Result) -> str:
    """Return the role of a result that was written before results had one, from its name."""
    name = result["config"]["name"]
    return next((role for start, role in OLD_ROLES.items() if name.startswith(start)), "preset")
