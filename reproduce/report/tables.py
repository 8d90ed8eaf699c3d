"""The tables of the reproduction, by the name that pages and report use."""

from __future__ import annotations

from collections.abc import Callable

from reproduce.report import paper_tables, search_tables, training_tables
from reproduce.table import Result, Table

Maker = Callable[[list[Result]], Table]
# In the order of the report.
TABLES: dict[str, Maker] = {
    "table1": paper_tables.table_1,
    "table2": paper_tables.table_2,
    "table3": paper_tables.table_3,
    "alphabets": paper_tables.alphabets,
    "ablations": training_tables.ablations,
    "budgets": training_tables.budgets,
    "batches": training_tables.batches,
    "batches-105": training_tables.batches_105,
    "batches-gpu": training_tables.batches_gpu,
    "batches-105-dense": training_tables.batches_105_dense,
    "runs": training_tables.runs,
    "search-reduced": search_tables.search("reduced-batch-16"),
    "search-dense": search_tables.search("dense-batch-16"),
    "costs": training_tables.costs,
}
