"""The tables of the reproduction, by the name that pages and report use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reproduce.report import paper_tables, search_tables, training_tables
from reproduce.table import Result, Table

Maker = Callable[[list[Result]], Table]


def choices_of(size: int, pairs: int, what: str, encoder: str | None = None) -> Maker:
    """Return the maker of a table of settings on pairs of 150k x8 that validation compared."""
    return partial(
        training_tables.choices, size=size, pairs=pairs, encoder=encoder,
        title=f"{what} of 150k x8, by validation",
    )  # fmt: skip


# In the order of the report.
TABLES: dict[str, Maker] = {
    "table1": paper_tables.table_1,
    "table2": paper_tables.table_2,
    "table3": paper_tables.table_3,
    "alphabets": paper_tables.alphabets,
    "ablations": training_tables.ablations,
    "budgets": training_tables.budgets,
    "batches": choices_of(35, 240_000, "Batches, rates and decay: 240,000 pairs"),
    "batches-105": choices_of(105, 3_200, "105x105: batches, rates, initial weights: 3,200 pairs"),
    "batches-gpu": choices_of(105, 96_000, "105x105 on a GPU: batches and rates: 96,000 pairs"),
    "batches-105-dense": choices_of(105, 60_000, "105x105: rates: 60,000 pairs", "dense"),
    "runs": training_tables.runs,
    "search-reduced": search_tables.search("reduced-batch-16"),
    "search-dense": search_tables.search("dense-batch-16"),
    "costs": training_tables.costs,
}
