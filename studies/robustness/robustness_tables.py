"""The tables of docs/robustness.md, from the result of the test part."""

from __future__ import annotations

import json
from typing import Any

from reproduce.table import MISSING, Table
from studies import RESULTS
from studies.robustness.looks import CLEAN

RESULT = RESULTS / "robustness" / "test.json"
ALL_TOGETHER = "all together"
BASELINES = ("raw pixels", "HOG", "thumbnails")


def compositions() -> Table:
    """Tabulate every factor at once, next to the clean drawings."""
    rows = [row for row in load() if row["name"] == CLEAN or row["factor"] == ALL_TOGETHER]
    return _table("Drawings as people picture them", "look", rows)


def factors() -> Table:
    """Tabulate one factor at a time."""
    rows = [row for row in load() if row["kind"] == "look" and row["factor"] != ALL_TOGETHER]
    return _table("One factor at a time", "look", rows)


def domains() -> Table:
    """Tabulate signs of other kinds."""
    rows = [row for row in load() if row["kind"] == "domain"]
    return _table("Signs of other kinds", "pictures", rows)


def domain_sources() -> Table:
    """Tabulate what the domains are made of."""
    rows = [
        [row["name"], f"{row['data']['classes']:,}", f"{row['n_way']}",
         ", ".join(row["data"]["sources"])]
        for row in load()
        if row["kind"] == "domain"
    ]  # fmt: skip
    headings = ["pictures", "classes", "classes of a trial", "packages"]
    return Table("Sources", headings, rows or [[MISSING, "", "", ""]])


def load() -> list[dict[str, Any]]:
    """Return the rows of the test part; none where it was not scored."""
    return json.loads(RESULT.read_text())["rows"] if RESULT.exists() else []


def _table(title: str, what: str, rows: list[dict[str, Any]]) -> Table:
    """Lay out rows: accuracy of every method; how each network's threshold and warnings do."""
    names = list(dict.fromkeys(entry["method"] for row in rows for entry in row["scores"]))
    learned = [name for name in names if name not in BASELINES]
    plain = [name for name in names if name in BASELINES]
    headings = [what, *plain]
    for name in learned:
        headings += [name, f"{name}, false accepts", f"{name}, false rejects"]
        headings += [f"{name}, warned of"]
    lines = []
    for row in rows:
        of = {entry["method"]: entry for entry in row["scores"]}
        best = max(of, key=lambda name: of[name]["value"])
        line = [row["name"]]
        for name in plain:
            line.append(_accuracy(of[name], name == best) if name in of else "")
        for name in learned:
            line += [_accuracy(of[name], name == best), *_decided(of[name])]
        lines.append(line)
    return Table(title, headings, lines or [[MISSING]])


def _accuracy(entry: dict[str, Any], best: bool) -> str:
    """Write an accuracy in percent with its interval; the best of a row is bold."""
    value = f"{100 * entry['value']:.1f}"
    low, high = (f"{100 * end:.0f}" for end in entry["interval"])
    refused = entry.get("refused", {"value": 0})["value"]
    note = f", {refused:.1%} refused" if refused else ""
    return f"{f'**{value}**' if best else value} [{low} to {high}]{note}"


def _decided(entry: dict[str, Any]) -> list[str]:
    """Write false accepts, false rejects and pictures that carry a warning in percent."""
    rates = ("false_accepts", "false_rejects", "warned", "unwarned_false_accepts")
    accepted, rejected, warned, silent = (f"{100 * entry[rate]['value']:.1f}" for rate in rates)
    return [f"{accepted} ({silent} without a warning)", rejected, warned]
