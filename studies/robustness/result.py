"""The result file of a part: the rows that it holds, and those that are added."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studies.robustness.suite import ROWS


def begun(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result that a file holds, to add rows to; one without rows where there is none.

    Args:
        path: The file.
        settings: What `suite.settings` gives.

    Raises:
        ValueError: If the file cannot be read, or its rows were scored with other settings.
    """
    if not path.exists():
        return {**settings, "rows": [], "seconds": 0.0}
    try:
        result: dict[str, Any] = json.loads(path.read_text())
        found = {name: result.get(name) for name in settings}
        names = [row["name"] for row in result["rows"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{path} is no result file of the suite ({error}). Name another folder with --out."
        ) from error
    differing = list(_differences(found, dict(settings)))
    if differing:
        raise ValueError(
            f"{path} must have been scored with the settings of this run, for rows to be added. "
            f"Received: {'; '.join(differing)}. Name another folder with --out, or delete the file."
        )
    if len(set(names)) < len(names):
        raise ValueError(f"{path} must hold each row once. Received: {names}. Delete the file.")
    return result


def with_row(
    result: Mapping[str, Any], row: Mapping[str, Any], origin: Mapping[str, Any], seconds: float
) -> dict[str, Any]:
    """Return a result with a row, in the order of the suite; it takes the place of its namesake.

    Args:
        result: What `begun` or this function gives.
        row: A row as `score_row` returns it.
        origin: Where the row comes from, as `provenance.origin` gives it. The row keeps it; the
            result has that of its latest row.
        seconds: Wall time since the row before.

    Raises:
        ValueError: If the row is a look of other drawings than those of the result.
    """
    rows = {other["name"]: other for other in result["rows"]}
    others = [one for name, one in rows.items() if name != row["name"] and one["kind"] == "look"]
    for other in others if row["kind"] == "look" else ():
        differing = list(_differences(other.get("data"), row.get("data"), "data"))
        if differing:
            raise ValueError(
                "The looks of a result must show the same drawings. Received: of "
                f"{other['name']!r} and {row['name']!r}, {'; '.join(differing)}. "
                "Name another folder with --out, or delete the file."
            )
    rows[row["name"]] = {**row, **origin}
    return {
        **result,
        "rows": sorted(rows.values(), key=lambda other: ROWS.index(other["name"])),
        **origin,
        "seconds": round(result["seconds"] + seconds, 1),
    }


def _differences(found: Any, expected: Any, name: str = "") -> Iterator[str]:
    """Say where two JSON values differ."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in dict.fromkeys((*found, *expected)):
            below = f"{name}.{key}" if name else key
            yield from _differences(found.get(key), expected.get(key), below)
    elif found != expected:
        yield f"{name} is {found!r} in the file and {expected!r} now"
