"""The numbers of the pages' sentences, by the names in their marks, from the result files alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reproduce.table import Result
from studies.beyond import context_tables
from studies.lengths import length_fit
from website.sentences import beyond_numbers, image_numbers, library_numbers, paper_numbers
from website.tables import tied_tables

NUMBERS: dict[str, Callable[[list[Result]], Any]] = {
    "omniglot": library_numbers.shipped_scores,
    "printed": paper_numbers.printed,
    "reproduction": paper_numbers.reproduction,
    "trainings": paper_numbers.scored_trainings,
    "lengths": length_fit.length_numbers,
    "cost": paper_numbers.cost,
    "beyond": beyond_numbers.beyond_trainings,
    "context": context_tables.context_numbers,
    "record": beyond_numbers.record_counts,
    "tried": beyond_numbers.tried_changes,
    "shots": beyond_numbers.shots,
    "robustness": image_numbers.robustness,
    "camera": image_numbers.camera,
    "own": image_numbers.own,
    "attacks": library_numbers.attacks,
    "support-images": library_numbers.support_image_sizes,
    "protocol": library_numbers.protocol_numbers,
    "tied": lambda results: tied_tables.load(),
}


def look_up(numbers: Any, path: str) -> Any:
    """Return the number at a path such as `copies.runs.own.apart` or `a.0.b`.

    Raises:
        ValueError: If there is none.
    """
    found = numbers
    for part in path.split("."):
        # A name in a mark has no blanks; a result's key may have some.
        keys = [int(part)] if isinstance(found, list) and part.isdecimal() else [part]
        if isinstance(found, dict) and part not in found:
            keys = [part.replace("_", " ")]
        try:
            found = found[keys[0]]
        except (KeyError, IndexError, TypeError):
            known = f" There are {sorted(found)}." if isinstance(found, dict) else ""
            raise ValueError(
                f"{path!r} must name a number. Received: nothing at {part!r}. Correct the "
                f"mark.{known}"
            ) from None
    return found
