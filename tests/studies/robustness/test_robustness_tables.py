"""The page's tables from a result file, and the sheet of looks."""

import json

import pytest

from studies.robustness import robustness_tables
from studies.robustness.figure import contact_sheet


def row(name, kind, factor, *scores, **data):
    return {
        "name": name, "kind": kind, "factor": factor, "n_way": 20, "data": data,
        "scores": list(scores),
    }  # fmt: skip


def score(method, value, **further):
    return {"method": method, "value": value, "interval": [value - 0.05, value + 0.05], **further}


def network(name, value, accepted, rejected, refused=0.0):
    rates = {"false_accepts": accepted, "false_rejects": rejected, "refused": refused}
    rates |= {"warned": 0.125, "unwarned_false_accepts": accepted / 2}
    return score(name, value, **{key: {"value": rate} for key, rate in rates.items()})


@pytest.fixture
def result(tmp_path, monkeypatch):
    """Name a result file of four rows."""
    path = tmp_path / "test.json"
    monkeypatch.setattr(robustness_tables, "RESULT", path)
    one = [score("raw pixels", 0.25), network("omniglot", 0.9, 0.011, 0.2)]
    flags = [score("raw pixels", 0.5), score("thumbnails", 0.95), network("omniglot", 0.2, 0.7, 0)]
    rows = [
        row("as drawn", "look", "none", *one),
        row("dark rules", "look", "ruled paper", *one),
        row("scan", "look", "all together", *one[:1], network("omniglot", 0.8, 0, 0, 0.125)),
        row("flags", "domain", None, *flags, classes=1200, sources=["a 1 (MIT)", "b 2 (MIT)"]),
    ]
    path.write_text(json.dumps({"rows": rows}))


def test_each_look_stands_in_its_table(result):
    table = robustness_tables.compositions()
    assert table.headings[:3] == ["look", "raw pixels", "omniglot"]
    assert [line[0] for line in table.rows] == ["as drawn", "scan"]
    assert table.rows[0][1:] == ["25.0 [20 to 30]", "**90.0** [85 to 95]",
                                 "1.1 (0.5 without a warning)", "20.0", "12.5"]  # fmt: skip
    assert table.rows[1][2] == "**80.0** [75 to 85], 12.5% refused"
    assert [line[0] for line in robustness_tables.factors().rows] == ["as drawn", "dark rules"]


def test_domains_stand_with_thumbnails_and_packages(result):
    (line,) = robustness_tables.domains().rows
    assert line == ["flags", "50.0 [45 to 55]", "**95.0** [90 to 100]", "20.0 [15 to 25]",
                    "70.0 (35.0 without a warning)", "0.0", "12.5"]  # fmt: skip
    assert robustness_tables.domain_sources().rows == [
        ["flags", "1,200", "20", "a 1 (MIT), b 2 (MIT)"]
    ]


def test_without_a_result_the_tables_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr(robustness_tables, "RESULT", tmp_path / "none.json")
    for make in (
        robustness_tables.compositions,
        robustness_tables.factors,
        robustness_tables.domains,
        robustness_tables.domain_sources,
    ):
        assert make().rows[0][0] == "not run"


def test_the_sheet_of_looks_is_a_small_png():
    sheet = contact_sheet()
    assert sheet.startswith(b"\x89PNG") and len(sheet) < 200_000
