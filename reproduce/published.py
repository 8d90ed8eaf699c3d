"""The numbers that the paper prints, as fractions, by protocol."""

from __future__ import annotations

from typing import Any

TABLE_1 = {
    "30k": 0.9061,
    "30k x8": 0.9190,
    "90k": 0.9154,
    "90k x8": 0.9315,
    "150k": 0.9163,
    "150k x8": 0.9342,
}
# Rows of table 2 that the paper takes from others, and that nobody measures here.
BORROWED = {
    "humans": 0.955,
    "hierarchical Bayesian program learning": 0.952,
    "affine model": 0.818,
    "hierarchical deep": 0.652,
    "deep Boltzmann machine": 0.620,
    "simple stroke": 0.352,
}
TABLE_2 = {
    "nearest neighbour": 0.217,
    "dense": 0.583,
    "reduced": 0.920,
    "koch": 0.920,
}
TABLE_3 = {"nearest neighbour": 0.265, "reduced": 0.703}
TABLES = {1: TABLE_1, 2: TABLE_2, 3: TABLE_3}
# The paper's protocol of each table; its numbers say nothing about any other.
PROTOCOLS = {1: "verification", 2: "official", 3: "within-alphabet"}
# Table 3's network is the reduced one in the paper, too.
SIZES = {1: 105, 2: 105, 3: 35}


def published(entry: dict[str, Any], data: str) -> str:
    """Return the paper's number for a result, or nothing where the paper has none.

    Args:
        entry: A result with its `table`, `cell`, `protocol` and `size`.
        data: The data of the run, "omniglot" or "glyphs".
    """
    table = entry["table"]
    value = TABLES.get(table, {}).get(entry["cell"])
    if value is None or data != "omniglot" or entry["protocol"] != PROTOCOLS[table]:
        return ""
    note = "" if entry["size"] == SIZES[table] else f" (at {SIZES[table]}x{SIZES[table]})"
    return f"{value:.2%}{note}"


def measured_quantity(entry: dict[str, Any]) -> str:
    """Name what a result measures; table 3 is of other data than its network's."""
    return entry["metric"] + (" on MNIST" if entry["table"] == 3 else "")
