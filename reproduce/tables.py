"""Every table of the reproduction, by the name that pages and report use."""

from __future__ import annotations

from collections.abc import Callable

from reproduce import addons_tables, beyond_tables, paper_tables, run_tables, try_tables
from reproduce.paper_tables import MISSING, Result, Table, entries, load_results
from reproduce.signs import tables as signs_tables

__all__ = ["MISSING", "TABLES", "Result", "Table", "entries", "load_results"]

# What the report shows, in its order; pages take their choice.
TABLES: dict[str, Callable[[list[Result]], Table]] = {
    "table1": paper_tables.table_1,
    "table2": paper_tables.table_2,
    "table3": paper_tables.table_3,
    "alphabets": paper_tables.alphabets,
    "ablations": run_tables.ablations,
    "budgets": run_tables.budgets,
    "batches": run_tables.batches,
    "batches-105": run_tables.batches_105,
    "runs": run_tables.runs,
    "search": run_tables.search,
    "costs": run_tables.costs,
    "beyond": beyond_tables.beyond,
    "beyond-runs": beyond_tables.beyond_runs,
    "by-shots": beyond_tables.by_shots,
    "by-alphabet": beyond_tables.by_alphabet,
    "tried": try_tables.tried,
    "tried-folds": try_tables.tried_folds,
    "shipped": beyond_tables.shipped,
    "shipped-headline": beyond_tables.shipped_headline,
    "shipped-signs": signs_tables.shipped,
    "signs-sources": signs_tables.sources,
    "addons-steps": addons_tables.steps,
    "addons-distortions": addons_tables.distortions,
}
