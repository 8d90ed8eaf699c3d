"""The benchmark of the cold start: its table, and that each command runs."""

import json

import pytest

from benchmarks import start
from website.tables import benchmark_tables


def test_the_table_has_a_row_for_each_command(tmp_path, monkeypatch):
    figures = {"seconds": 1.234, "processor_seconds": 0.5}
    commands = {"`verify`": figures, "`import`": figures}
    (tmp_path / "start.json").write_text(json.dumps({"commands": commands}))
    monkeypatch.setattr(benchmark_tables, "START", tmp_path / "start.json")
    rows = benchmark_tables.start([]).rows
    assert rows == [["`verify`", "1.23 s", "0.50 s"], ["`import`", "1.23 s", "0.50 s"]]


@pytest.mark.slow
def test_seconds_on_the_clock_and_of_the_processor_are_measured():
    seconds, used = start.run(start.COMMANDS["`keras-siamese --version`"])
    assert 0.01 < used < 60 and 0.01 < seconds < 60
    assert set(start.encoding_seconds(1)) == {"numpy", "keras", "load"}
