"""The tables, from results made up for the purpose."""

import json

import pytest

from keras_siamese.evaluation import wilson_interval
from reproduce.paper.plan import BASES
from reproduce.published import TABLE_1
from reproduce.report import paper_tables, search_tables, training_tables
from reproduce.results import load_results
from reproduce.table import MISSING


def entry(**changes):
    """Return one score."""
    return {
        "table": 1,
        "cell": "150k x8",
        "metric": "verification accuracy",
        "value": 0.9,
        "interval": [0.89, 0.91],
        "n": 10_000,
        "protocol": "verification",
        "size": 35,
    } | changes


def result(name, *others, role="table", seed=0, epochs=16, num_pairs=150_000, **changes):
    """Return a result with its further scores."""
    one = entry(**changes)
    base = BASES[one["size"]]
    return {
        "role": role,
        **one,
        "seed": seed,
        "other_results": list(others),
        "config": {
            "name": name,
            "data": "omniglot",
            "size": base.size,
            "encoder": base.encoder,
            "encoder_options": base.encoder_options,
            "num_pairs": num_pairs,
            "num_distortions": 8,
            "epoch_pairs": 15_000,
        },
        "data": {"training_pairs": 9 * num_pairs},
        "training": {"epochs": epochs, "finished": True},
    }


def row(table, name):
    """Return a row of a table by its first cell, as a mapping from heading."""
    (found,) = [cells for cells in table.rows if cells[0] == name]
    return dict(zip(table.headings, found, strict=True))


def test_every_cell_of_table_1_stands_beside_the_papers_and_none_is_zero():
    table = paper_tables.table_1([])
    assert {cells[0]: cells[1] for cells in table.rows} == {
        "30k": "90.61%", "30k x8": "91.90%", "90k": "91.54%", "90k x8": "93.15%",
        "150k": "91.63%", "150k x8": "93.42%",
    }  # fmt: skip
    for name in TABLE_1:
        assert row(table, name)["ours, 35x35"] == MISSING
        assert row(table, name)["across alphabets, 105x105"] == MISSING
    assert not any(cell.startswith(("0", "**0")) for cells in table.rows for cell in cells)


def test_seeds_are_averaged_and_each_is_shown():
    seeds = [result("table-35-150k-x8", seed=seed, value=0.88 + seed / 100) for seed in (0, 1, 2)]
    cells = row(paper_tables.table_1(seeds), "150k x8")
    assert cells["ours, 35x35"] == "**89.00%** (88.00%, 89.00%, 90.00%)"
    low, high = wilson_interval(8900, 10_000)
    assert cells["95 % interval, 35x35"] == f"{low:.1%} to {high:.1%}"
    assert cells["95 % interval, 105x105"] == ""
    assert cells["ours, 105x105"] == MISSING


def test_the_easier_protocol_has_a_column_of_its_own():
    across = entry(protocol="across-alphabets", value=0.99)
    cells = row(paper_tables.table_1([result("table-35-150k-x8", across)]), "150k x8")
    assert cells["ours, 35x35"] == "**90.00%**"
    assert cells["across alphabets, 35x35"] == "**99.00%**"


def test_the_sizes_are_two_columns():
    full = result("table-105-150k-x8", size=105, value=0.93)
    cells = row(paper_tables.table_1([full]), "150k x8")
    assert cells["ours, 35x35"] == MISSING
    assert cells["ours, 105x105"] == "**93.00%**"


def test_the_training_on_the_most_pairs_fills_a_cell_whatever_its_score():
    short = [result("short", seed=seed, value=0.95) for seed in (0, 1)]
    longer = [
        result("longer", role="longer", seed=seed, epochs=60, value=0.9 + seed / 100)
        for seed in (0, 1)
    ]
    for results in (short + longer, longer + short):
        cells = row(paper_tables.table_1(results), "150k x8")
        assert cells["ours, 35x35"] == "**90.50%** (90.00%, 91.00%)"


@pytest.mark.parametrize("role", ["preset", "choice", "ablation"])
def test_trainings_for_another_purpose_do_not_enter_the_tables(role):
    other = result("other", role=role)
    assert row(paper_tables.table_1([other]), "150k x8")["ours, 35x35"] == MISSING


def test_table_2_takes_the_training_on_the_most_pairs_alone():
    def scored(name, value, **changes):
        return result(
            name, table=2, cell="reduced", protocol="official", n=400, value=value, **changes
        )

    both = [
        scored("table-35-30k-x8", 0.95, num_pairs=30_000, epochs=200),
        scored("table-35-150k-x8", 0.75),
    ]
    cells = row(paper_tables.table_2(both), "siamese net, convolutional")
    assert cells["paper, 105x105"] == "92.0%"
    assert cells["ours, 35x35"] == "**75.00%**"


def test_borrowed_rows_are_marked_as_published():
    table = paper_tables.table_2([])
    expected = {
        "humans": "95.5%", "hierarchical Bayesian program learning": "95.2%",
        "affine model": "81.8%", "hierarchical deep": "65.2%", "deep Boltzmann machine": "62.0%",
        "simple stroke": "35.2%",
    }  # fmt: skip
    for name, figure in expected.items():
        assert row(table, name)["paper, 105x105"] == f"{figure} (published)"
        assert row(table, name)["ours, 35x35"] == ""


def test_table_3_shows_net_and_nearest_neighbour():
    mnist = {"table": 3, "protocol": "within-alphabet", "n": 400}
    net = result("table-35-150k-x8", **mnist, cell="reduced", value=0.7)
    nearest = result("baselines", role="baseline", **mnist, cell="nearest neighbour", value=0.4)
    table = paper_tables.table_3([net, nearest])
    assert row(table, "siamese net, convolutional")["ours"] == "**70.00%**"
    assert row(table, "siamese net, convolutional")["paper, 35x35"] == "70.3%"
    assert row(table, "nearest neighbour, cosine")["ours"] == "**40.00%**"


def test_an_ablation_averages_its_seeds():
    runs = [
        {
            **result("ablation-35-no-L2", role="ablation", seed=seed),
            "training": {"finished": True},
            "validation_wide": {"value": value},
            "validation_pairs": {"auc": 0.9},
        }
        for seed, value in enumerate((0.4, 0.6))
    ]
    other_size = {**runs[0], "config": {"name": "ablation-105-no-L2"}}
    unfinished = {**runs[0], "seed": 2, "training": {"finished": False}}
    runs += [other_size, unfinished]
    table = training_tables.ablations(runs)
    (cells,) = [cells for cells in table.rows if cells[1] == "no L2"]
    assert cells[2:] == ["**50.0%**", "40.0%, 60.0%", "0.9000"]
    (missing,) = [cells for cells in table.rows if cells[1] == "L2 as printed"]
    assert missing[2] == MISSING


def test_results_are_read_from_folders_within_but_not_those_on_glyphs(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.json").write_text(json.dumps(result("table-35-30k")))
    glyphs = result("quick-glyphs")
    glyphs["config"]["data"] = "glyphs"
    (tmp_path / "b.json").write_text(json.dumps(glyphs))
    (tmp_path / "search.json").write_text(json.dumps({"trials": []}))
    assert [found["file"] for found in load_results(tmp_path)] == ["a.json"]


def test_a_damaged_result_is_named(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match="broken.json is damaged"):
        load_results(tmp_path)


def test_the_headline_has_one_row_a_cell_and_a_gap_where_a_size_has_no_result():
    full = result("any name", role="longer", value=0.93, size=105)
    small = result("other name", value=0.9)
    table = paper_tables.headline([full, small])
    cells = row(table, "verification, 150k x8")
    assert cells["ours, 105x105"] == "**93.00%**"
    assert cells["ours, 35x35"] == "**90.00%**"
    gap = row(table, "verification, 30k")
    assert [gap["ours, 105x105"], gap["95 % interval, 105x105"]] == ["", ""]
    assert [cells["pairs seen, 105x105"], gap["pairs seen, 105x105"]] == ["240,000", ""]
    names = [cells[0] for cells in table.rows]
    assert len(names) == len(set(names)) == 9


def test_another_network_fills_no_cell():
    small = result("table-35-150k-x8", value=0.9)
    whole = result("whole", role="longer", epochs=1000, value=0.95)
    whole["config"]["encoder_options"] = {}
    deeper = result("deeper", role="longer", epochs=1000, value=0.95)
    deeper["config"]["encoder"] = "koch"
    other = result("53 pixels", role="longer", epochs=1000, value=0.95)
    other["config"]["size"] = 53
    table = paper_tables.table_1([small, whole, deeper, other])
    assert row(table, "150k x8")["ours, 35x35"] == "**90.00%**"


def test_a_result_from_before_the_roles_has_the_one_that_its_name_began_with(tmp_path):
    roles = {
        "table-35-30k": "table", "ablation-35-no-L2": "ablation", "choice-35-batch-16": "choice",
        "longer-35-150k": "longer", "baselines": "baseline", "reduced-35-30k-x8": "preset",
    }  # fmt: skip
    for name in roles:
        older = result(name)
        del older["role"]
        (tmp_path / f"{name}.json").write_text(json.dumps(older))
    found = load_results(tmp_path)
    assert {one["config"]["name"]: one["role"] for one in found} == roles


def test_a_search_shows_its_best_trials_first_and_says_how_each_ended(tmp_path, monkeypatch):
    states = ("complete", "pruned", "fail", "waiting")
    rates = {
        "eta conv1": 0.1,
        "eta conv2": 0.1,
        "mu conv1": 0.5,
        "mu conv2": 0.7,
        "lambda conv1": 0,
    }
    trials = [
        {
            "number": n,
            "state": states[n % 4],
            "epochs": [0.1, 0.07 * (n * 7 % 12)],
            "parameters": rates,
        }
        for n in range(12)
    ]
    (tmp_path / "mine.json").write_text(json.dumps({"study": "mine", "trials": trials}))
    monkeypatch.setattr(search_tables, "FOLDER", tmp_path)
    table = search_tables.search("mine")([])
    assert table.title == "The search mine"
    ends = {int(cells[0]): cells[1] for cells in table.rows}
    assert set(ends) == {0, 1, 2, 4, 5, 6, 8, 9, 10}
    assert [ends[number] for number in range(3)] == ["ran to its end", "ended early", "failed"]
    best = [float(cells[3].rstrip("%")) for cells in table.rows]
    assert best == sorted(best, reverse=True) and best[0] == pytest.approx(100 * 0.07 * 11)
    assert table.rows[0][4:] == ["0.1", "0.5, 0.7", "0"]


@pytest.mark.slow
def test_costs_are_operations_by_pairs():
    cells = row(training_tables.costs([]), "paper-105-30k-x8")
    assert cells["GFLOP a pair"] == "10.67"
    assert cells["pairs of a pass"] == "270,000"
    assert cells["PFLOP a pass"] == f"{10.67 * 0.27:.2f}"
    assert cells["pairs/s, measured"] == MISSING


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (result("table-35-30k", seed=0), "stands twice"),
        ({**result("table-35-30k", seed=1), "config": {"name": "table-35-30k", "data": "omniglot",
          "batch_size": 7}}, "different settings"),
    ],
)  # fmt: skip
def test_results_that_do_not_belong_together_are_refused(tmp_path, second, message):
    (tmp_path / "more").mkdir()
    first = result("table-35-30k", seed=0)
    for folder, found in ((tmp_path, first), (tmp_path / "more", second)):
        (folder / f"table-35-30k-seed{found['seed']}.json").write_text(json.dumps(found))
    with pytest.raises(ValueError, match=message):
        load_results(tmp_path)
