"""Tables of the ablations, from result files."""

import json

import pytest

from reproduce.table import MISSING
from studies.beyond import beyond_tables
from studies.beyond.ablation_list import CHANGES


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Give the tables a separate folder, and a way to write an ablation's result into it."""
    monkeypatch.setattr(beyond_tables, "ABLATIONS", tmp_path)

    def result(name, value, fold=0, kinds=("held out", "held out, mirrored")):
        scores = [
            {"cell": cell, "protocol": protocol, "value": value + more}
            for cell, more in zip(kinds, (0.0, 0.02), strict=False)
            for protocol in ("within-alphabet", "across-alphabets")
        ]
        content = {"name": name, "fold": fold, "scores": scores, "processor_seconds": 90}
        (tmp_path / f"{name}-fold{fold}.json").write_text(json.dumps(content))

    return result


def test_tries_stand_in_their_order_with_what_was_expected(write):
    write("elastic", 0.61)
    write("base", 0.6)
    write("base", 0.9, fold=1)
    base, elastic = beyond_tables.tried([]).rows
    assert base == [CHANGES["base"].what, "", "60.0%", "62.0%", "60.0%", "1.5"]
    assert elastic[:3] == [CHANGES["elastic"].what, CHANGES["elastic"].expected, "61.0%"]


def test_a_try_without_mirrorings_has_an_empty_cell(write):
    write("cosine", 0.6, kinds=["held out"])
    assert beyond_tables.tried([]).rows[0][2:5] == ["60.0%", "", "60.0%"]


def test_folds_stand_side_by_side_and_only_whole_rows_have_a_mean(write):
    for fold, value in enumerate((0.5, 0.6, 0.7)):
        write("base", value, fold)
    write("muon", 0.7)
    write("muon", 0.8, fold=2)
    write("elastic", 0.9)
    table = beyond_tables.tried_folds([])
    assert table.headings[1:] == ["fold 0", "fold 1", "fold 2", "mean", "across, mean"]
    # Averaged over mirrorings: 0.02 above the network itself. Elastic has one fold alone.
    assert [row[1:] for row in table.rows] == [
        ["52.0%", "62.0%", "72.0%", "62.0%", "62.0%"],
        ["72.0%", MISSING, "82.0%", MISSING, MISSING],
    ]
