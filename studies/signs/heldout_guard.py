"""What must not be in the training data; it fails loudly."""

from __future__ import annotations

from collections.abc import Iterable

from studies.signs import heldout
from studies.signs.font_glyphs import script
from studies.signs.naming import Held
from studies.signs.packages import Package

FORBIDDEN_SCRIPTS = frozenset(
    (*heldout.EVALUATION_SCRIPTS, *heldout.TEST_SCRIPTS, *heldout.DEVELOPMENT_SCRIPTS)
)


def check_characters(points: Iterable[int]) -> None:
    """Check that no character of a held-out script is drawn.

    Args:
        points: Code points of the training data's characters.

    Raises:
        ValueError: If one is of an excluded script; names them.
    """
    found = sorted(point for point in points if script(point) in FORBIDDEN_SCRIPTS)
    if found:
        shown = ", ".join(f"U+{point:04X} ({script(point)})" for point in found[:5])
        raise ValueError(
            f"Training must hold no character of the scripts {sorted(FORBIDDEN_SCRIPTS)}. "
            f"Received: {len(found)}, such as {shown}. Take them out."
        )


def check_class_names(kind: str, names: Iterable[str], held: Iterable[str]) -> None:
    """Check that no class has the name of a class that is scored.

    Args:
        kind: Words for the classes, such as "icons".
        names: Names of the classes in training.
        held: Names of the classes that are scored.

    Raises:
        ValueError: If one is a scored name, or contains all of its words; names them.
    """
    excluded = Held(held)
    _refuse(kind, sorted(name for name in names if name in excluded))


def check_same(kind: str, classes: Iterable[object], held: Iterable[object]) -> None:
    """Check that no class is one that is scored.

    Args:
        kind: Words for the classes, such as "emoji".
        classes: Code points, or codes of countries.
        held: Those that are scored.

    Raises:
        ValueError: If one is; names them.
    """
    _refuse(kind, sorted(map(str, set(classes) & set(held))))


def check_packages(used: Iterable[Package]) -> None:
    """Check that only packages for training are trained on.

    Raises:
        ValueError: If one is for scoring; names it.
    """
    found = [item.name for item in used if item.use != "training"]
    if found:
        raise ValueError(
            f"Training must use training packages only. Received: {', '.join(sorted(found))}. "
            "Take others, or change their use in packages.tsv."
        )


def _refuse(kind: str, found: list[str]) -> None:
    """Raise a ValueError where classes were found that are scored."""
    if found:
        raise ValueError(
            f"Training must hold none of the {kind} that are scored. Received: {len(found)}, such "
            f"as {', '.join(found[:5])}. Take them out."
        )
