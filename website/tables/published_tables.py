"""The tables of docs/published.md: what others print, by protocol, and the network that ships."""

from __future__ import annotations

from collections.abc import Iterable

from keras_siamese.pretrained import pretrained_card
from reproduce.table import Result, Table
from studies import literature
from studies.beyond import beyond_tables
from studies.beyond.parts import TEST
from studies.beyond.train_pretrained import card_cell
from studies.literature import KINDS, Published

OURS = "[the network that ships](beyond.md)"


def official_table(results: list[Result]) -> Table:
    """Tabulate accuracy on the official runs, the highest first."""
    ours = _ours("official", ("beyond",), "averaged over mirror images")
    rows = sorted([*literature.OFFICIAL, ours], key=lambda row: -(row.values[0] or 0))
    return _table("Official runs", ("accuracy",), rows)


def within(results: list[Result]) -> Table:
    """Tabulate trials within alphabets that are drawn."""
    return _drawn("within-alphabet")


def across(results: list[Result]) -> Table:
    """Tabulate trials across alphabets that are drawn."""
    return _drawn("across-alphabets")


def vinyals(results: list[Result]) -> Table:
    """Tabulate trials of the split of Vinyals et al. 2016."""
    return _table("Split of Vinyals et al.", KINDS, literature.VINYALS_SPLIT)


def _drawn(protocol: str) -> Table:
    ours = _ours(protocol, KINDS, "test alphabets, averaged over mirror images")
    return _table(protocol, KINDS, [ours, literature.DRAWN[protocol]])


def _ours(protocol: str, cells: tuple[str, ...], how: str) -> Published:
    """Return the scores of the network that ships on the test alphabets.

    They are from its card; across alphabets from `failed_trials`, as far as that scores them.
    """
    scores = {
        (card_cell(score), score["protocol"]): score["value"]
        for score in pretrained_card()["scores"]
        if score["part"] == TEST
    }
    for score in beyond_tables.mistake_scores():
        if score["part"] == TEST:
            scores.setdefault((score["cell"], score["protocol"]), score["value"])
    values = tuple(scores.get((cell, protocol)) for cell in cells)
    return Published(OURS, values, "this project", how)


def _table(title: str, columns: tuple[str, ...], rows: Iterable[Published]) -> Table:
    """Tabulate published results, in their order."""
    lines = []
    for row in rows:
        lines.append([row.what, *map(_percent, row.values), row.source, row.how])
    return Table(title, ["what", *columns, "source", "how"], lines)


def _percent(value: float | None) -> str:
    """Write a fraction with one decimal, or two where it has them."""
    if value is None:
        return ""
    return f"{100 * value:.2f}".removesuffix("0") + " %"
