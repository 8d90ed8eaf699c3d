"""The tables of losses and heads, from runs made up for the purpose."""

import json

from studies.metric_learning import metric_tables
from studies.metric_learning.metric_tables import load, tabulate_ways


def run(way, seed, one_shot, part="score"):
    return {
        "way": way, "part": part, "seed": seed, "rate": 0.001, "one_shot": one_shot,
        "recall_at_1": one_shot / 2, "equal_error_rate": 1 - one_shot,
    }  # fmt: skip


def written(folder):
    runs = [
        run("pairs-l1", 0, 0.5), run("pairs-l1", 1, 0.6), run("pairs-l1", 0, 0.9, "choice"),
        run("circle", 0, 0.8),
    ]  # fmt: skip
    (folder / "fonts.json").write_text(json.dumps({"runs": runs}))
    return load(folder)


def test_a_cell_has_the_mean_of_the_seeds_and_their_range_and_the_best_is_bold(tmp_path):
    table = tabulate_ways(written(tmp_path), ("one_shot", "equal_error_rate"))
    rows = {row[0]: dict(zip(table.headings, row, strict=True)) for row in table.rows}
    paper = rows["cross-entropy of pairs, weighted L1 (the paper's)"]
    assert paper["fonts, 20-way"] == "55.0% (50.0% to 60.0%)"
    assert paper["fonts, EER"] == "45.0% (40.0% to 50.0%)"
    assert rows["circle"]["fonts, 20-way"] == "**80.0%** (80.0% to 80.0%)"
    assert rows["circle"]["fonts, EER"] == "**20.0%** (20.0% to 20.0%)"
    assert rows["ArcFace"]["fonts, 20-way"] == "not run"


def test_what_was_not_run_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_tables, "FOLDER", tmp_path)
    assert (
        metric_tables.table_of_measures("one_shot")([]).markdown().splitlines()[0]
        == "| trained with |"
    )
    written(tmp_path)
    assert metric_tables.table_of_measures("recall_at_1")([]).markdown().splitlines()[0] == (
        "| trained with | fonts, recall at 1 |"
    )
