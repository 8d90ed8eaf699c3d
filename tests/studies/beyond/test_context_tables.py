"""The table and the numbers of the head with the candidates as context."""

import json

import pytest

from reproduce.table import MISSING
from studies.beyond import context_tables


def one(value, n=400, gained=4, lost=1):
    plain = {"value": 0.98, "gained": gained, "lost": lost}
    return {"value": value, "n": n, "plain": plain, "shipped": {**plain, "value": 0.97}}


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(context_tables, "FOLDER", tmp_path)

    def result(seed, validation, name="context", **compared):
        content = {
            "recipe": {"name": name, "config": {"views": 12}}, "seed": seed, "parameters": 123,
            "validation": one(validation, n=8000),
            "training": {"steps": 7, "history": {"processor_seconds": [60.0]}},
        }  # fmt: skip
        if compared:
            content["compared"] = {
                f"{protocol}, test": one(value)
                for protocol, value in zip(
                    ("official", "within-alphabet"), compared["test"], strict=True
                )
            }
        (tmp_path / f"{name}-{seed}.json").write_text(json.dumps(content))

    return result


def test_a_row_has_every_seed_and_what_it_is_compared_with(write):
    write(1, 0.92, test=(0.995, 0.93))
    write(0, 0.91, test=(0.985, 0.94))
    write(0, 0.905, name="head without context")
    official, within, validation = context_tables.context_table([]).rows
    assert official[:5] == ["official, test", "400", "97.00%", "98.00%", MISSING]
    assert official[5] == "**99.00%** (98.50%, 99.50%)"
    assert within[5] == "**93.50%** (94.00%, 93.00%)"
    assert validation[1] == "8,000" and validation[4] == "90.50%"
    assert validation[5] == "**91.50%** (91.00%, 92.00%)"


def test_what_was_not_scored_has_no_row(write):
    write(0, 0.91)
    assert [row[0] for row in context_tables.context_table([]).rows] == [
        "within-alphabet, validation"
    ]
    assert "official" not in context_tables.context_numbers([])


def test_numbers_are_means_over_the_seeds(write):
    write(0, 0.91, test=(0.985, 0.94))
    write(1, 0.92, test=(0.995, 0.93))
    found = context_tables.context_numbers([])
    assert (found["seeds"], found["steps"], found["views"]) == (2, 7, 12)
    official = found["official"]
    assert official["value"] == pytest.approx(0.99)
    assert (official["errors"], official["plain-errors"]) == (pytest.approx(4.0), 8)
    assert official["points-over-plain"] == pytest.approx(1.0)
    assert official["points-over-shipped"] == pytest.approx(2.0)
    assert official["points-of-turning"] == pytest.approx(1.0)


def test_the_head_without_context_is_compared_with_the_same_distance(write):
    write(0, 0.99)
    write(0, 0.985, name="head without context")
    found = context_tables.context_numbers([])["validation"]
    assert found["points-without-context"] == pytest.approx(0.5)
    assert found["points-over-plain"] == pytest.approx(1.0)
