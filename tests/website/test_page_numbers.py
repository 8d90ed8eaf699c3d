"""The numbers of sentences are what tables show and what can be counted in the results."""

import json

import pytest

from keras_siamese.evaluation import wilson_interval
from keras_siamese.pretrained import pretrained_card
from reproduce.results import RESULTS, load_results
from website.page_numbers import NUMBERS, look_up
from website.page_tables import PAGE_TABLES
from website.tables import tied_tables


@pytest.fixture(scope="module")
def results():
    return load_results(RESULTS)


def test_a_path_leads_to_a_number_or_is_refused():
    numbers = {"a": [{"b": 1}], "own rate": 2, "1": 3}
    assert look_up(numbers, "a.0.b") == 1
    assert look_up(numbers, "own_rate") == 2
    assert look_up(numbers, "1") == 3
    for path in ("a.0.c", "a.1", "a.b", "a.0.b.c", "b"):
        with pytest.raises(ValueError, match="must name a number"):
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
    # Of several seeds, each follows in brackets.
    shown = {
        row[0]: row[table.headings.index(f"ours, {size}x{size}")].partition(" (")[0]
        for row in table.rows
    }
    assert shown["verification, 150k x8"] == f"**{found['verification']:.2%}**"
    assert shown["20-way one-shot, convolutional"] == f"**{found['one-shot']:.2%}**"


def test_trainings_beyond_the_paper_are_those_of_the_table(results):
    found = NUMBERS["beyond"](results)
    for row in PAGE_TABLES["beyond-runs"](results).rows:
        name = row[0].replace(" steps", "").replace(", ", "-", 2).replace(",", "")
        training = found[name]
        assert f"{training['processor-minutes']:.0f}" == row[3]
        assert f"{training['official']:.2%}" == row[5]
        assert f"{training['within']:.2%}" == row[6]
        assert f"{training['validation']:.2%}" == row[7]
        assert training["validation"] <= training["validation-most"]
        assert training["official-error"] == pytest.approx(1 - training["official"])


def test_gains_of_longer_training_are_those_of_one_seed(results):
    found = NUMBERS["beyond"](results)
    for part, kind in (("test", "within"), ("validation", "validation")):
        before, after = (found[f"features-{steps}"]["seeds"]["0"] for steps in (8000, 14000))
        assert found["gain"]["8000-14000"][part] == 100 * (after[kind] - before[kind])


def test_trainings_of_the_reproduction_are_those_of_the_table(results):
    found = NUMBERS["trainings"](results)
    table = PAGE_TABLES["budgets"](results)
    for row in table.rows:
        name = row[0].partition(",")[0]
        if sum(other[0].startswith(f"{name},") for other in table.rows) == 1:
            wide = found[name]["validation-wide"]
            assert row[2] == ("" if wide is None else f"{wide:.1%}")
            assert row[3] == f"**{found[name]['official']:.2%}**"
            assert row[4] == f"**{found[name]['verification']:.2%}**"
            assert row[1] == f"{1e6 * found[name]['million-pairs']:,.0f}"


def test_the_record_counts_the_networks_by_kind(results):
    found = NUMBERS["record"](results)
    kinds = found["paper"], found["beyond"], found["tied"]
    assert sum(kinds) == found["networks"] > found["deleted"]


def test_the_widest_interval_of_the_camera_table_is_told(results):
    found = NUMBERS["camera"](results)
    # Wilson's interval of 1,000 trials is at most as wide as at one half.
    low, high = wilson_interval(500, found["trials"])
    assert 0.9 * (high - low) * 50 < found["half-interval"] <= (high - low) * 50


def test_own_images_have_the_accuracies_of_the_table(results):
    found = NUMBERS["own"](results)
    shown = [row[3].partition(" [")[0] for row in PAGE_TABLES["own-images"](results).rows]
    assert shown == [f"**{value:.1%}**" for value in found.values()]


def test_the_size_of_the_support_images_is_that_of_float32(results):
    assert NUMBERS["support-images"](results) == {"gigabytes": pytest.approx(0.4096)}


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
