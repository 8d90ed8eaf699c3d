"""The numbers of sentences are what tables show and what can be counted in the results."""

import json

import pytest

from keras_siamese.pretrained import pretrained_card
from reproduce.report import tied_tables
from reproduce.report.numbers import NUMBERS, look_up
from reproduce.report.tables import PAGE_TABLES
from reproduce.results import RESULTS, load_results


@pytest.fixture(scope="module")
def results():
    return load_results(RESULTS)


def test_a_path_leads_to_a_number_or_is_refused():
    numbers = {"a": [{"b": 1}], "own rate": 2, "1": 3}
    assert look_up(numbers, "a.0.b") == 1
    assert look_up(numbers, "own_rate") == 2
    assert look_up(numbers, "1") == 3
    for path in ("a.0.c", "a.1", "a.b", "a.0.b.c", "b"):
        with pytest.raises(ValueError, match="names no number"):
            look_up(numbers, path)


def test_the_network_that_ships_has_the_scores_of_its_card(results):
    found = NUMBERS["omniglot"](results)
    official = next(row for row in pretrained_card()["scores"] if row["protocol"] == "official")
    assert found["official"] == official["value"]
    assert found["official-trials"] == official["n"]


@pytest.mark.parametrize(("name", "size"), [("koch", 105), ("reduced", 35)])
def test_the_reproduction_has_the_scores_of_the_table(results, name, size):
    found = NUMBERS["reproduction"](results)[name]
    table = PAGE_TABLES["headline"](results)
    shown = {row[0]: row[table.headings.index(f"ours, {size}x{size}")] for row in table.rows}
    assert shown["verification, 150k x8"] == f"**{found['verification']:.2%}**"
    assert shown["20-way one-shot, convolutional"] == f"**{found['one-shot']:.2%}**"


def test_trainings_beyond_the_paper_are_those_of_the_table(results):
    found = NUMBERS["beyond"](results)
    for row in PAGE_TABLES["beyond-runs"](results).rows:
        name = row[0].replace(" steps", "").replace(", ", "-", 2).replace(",", "")
        training = found[name]
        assert f"{training['minutes']:.0f}" == row[3]
        assert f"{training['official']:.2%}" == row[5]
        assert f"{training['within']:.2%}" == row[7]


def test_losses_of_a_look_are_the_difference_of_two_rows(results):
    found = NUMBERS["robustness"](results)
    table = PAGE_TABLES["robustness-compositions"](results)
    column = table.headings.index("omniglot")
    shown = {row[0]: float(row[column].split("*")[2]) for row in table.rows}
    lost = shown["as drawn"] - shown["phone, pencil"]
    assert found["pencil"] == pytest.approx(lost, abs=0.11)


def test_results_of_tied_weights_name_their_origin():
    for path in tied_tables.FOLDER.glob("*.json"):
        origin = json.loads(path.read_text())["origin"]
        assert {"hardware", "versions", "commit", "seconds"} <= set(origin)
