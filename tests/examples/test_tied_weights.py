"""Each claim of docs/tied-weights.md; a test fails when its claim stops being true."""

import json

import numpy as np
import pytest

from examples import tied_weights
from examples.tied.additive import gradient_is_additive, one_weight_by_hand
from examples.tied.benefit import seed_interval, tied_against_untied
from examples.tied.construction import koch_counts, tied_by_construction
from examples.tied.copies import copies_trained, first_step
from examples.tied.material import glyph_material, small_encoder
from examples.tied.report import lines
from examples.tied.reuse import reuse_is_tying
from examples.tied.tied_figure import draw_panels
from examples.tied.twin_models import copied_twins, tied_twins
from examples.tied.twin_training import train_twins
from examples.tied.update_rule import FORMS, layer_step, penalty_forms, step_by_hand

RESULT = tied_weights.RESULTS / "tied_weights.json"


@pytest.fixture(scope="module")
def material():
    return glyph_material()


@pytest.fixture(scope="module")
def copies(material):
    return copies_trained(material, steps=30, every=10, scored_every=30)


def test_claim_1_one_encoder_is_called_twice(material):
    figures = tied_by_construction(material)
    assert figures["calls_of_the_encoder"] == 2
    # The head has one alpha for each of the 128 units, and a bias.
    assert figures["weights"] == figures["tied_weights"] == figures["encoder_weights"] + 129
    assert figures["copied_weights"] == 2 * figures["encoder_weights"] + 129
    assert figures["variables"] == figures["encoder_variables"] + 2
    assert figures["left_moved"] > 0.01 and figures["right_moved"] > 0.01
    assert figures["largest_asymmetry"] == 0


@pytest.mark.slow
def test_claim_1_counts_of_the_papers_network():
    counts = koch_counts()
    # Koch et al. 2015, Fig. 4, summed by hand, with the bias of the output.
    assert counts["tied"] == 38_951_745
    assert counts["copied"] == 2 * 38_947_648 + 4_097


def test_claim_2_gradient_of_one_shared_weight_by_hand():
    figures = one_weight_by_hand(w=0.7, a=2.0, b=-1.5)
    for side in ("left", "right", "tied"):
        assert figures[side] == pytest.approx(figures[f"{side}_by_hand"], rel=1e-12)
    assert figures["tied"] == pytest.approx(figures["left"] + figures["right"], rel=1e-12)


def test_claim_2_gradient_is_additive_layer_by_layer(material):
    figures = gradient_is_additive(material)
    assert [row["layer"] for row in figures["layers"]] == ["conv1", "conv2", "embedding"]
    assert figures["loss"] == pytest.approx(figures["copied_loss"], rel=1e-6)
    assert figures["largest_difference"] < 1e-5
    # The same loss, yet not the same gradient: the usual answer takes the one for the other.
    for row in figures["layers"]:
        assert row["left_less_right"] > 1
        assert row["cosine"] < 0


def test_claim_3a_copies_given_the_sum_stay_identical_to_the_last_bit(copies):
    run = copies["runs"]["sum"]
    assert run["bit_identical"]
    assert run["curve"]["apart"] == [0] * len(run["curve"]["apart"])
    assert run["asymmetry"] == 0
    # After the first steps: later, rounding that may differ by machine is amplified.
    assert copies["sum_from_tied"][1] < 1e-3


def test_claim_3b_copies_given_their_own_gradient_drift_apart(copies):
    run = copies["runs"]["own"]
    assert run["curve"]["apart"][0] == run["curve"]["asymmetry"][0] == 0
    assert np.all(np.diff(run["curve"]["apart"]) > 0)
    assert not run["bit_identical"]
    assert run["apart"] > 0.05
    assert run["asymmetry"] > 0.02


def test_claim_3c_averaged_copies_make_half_the_step(material, copies):
    moved = first_step(material)
    assert moved["sum"] == pytest.approx(1, rel=1e-5)
    assert moved["average"] == pytest.approx(0.5, rel=1e-4)
    assert moved["half_the_tied_step"] < 1e-3
    assert copies["runs"]["average"]["bit_identical"]
    assert copies["average_from_half"][1] < copies["average_from_tied"][1] / 10


def test_claim_4_three_ways_of_reuse_give_one_loss_and_gradient():
    ways = reuse_is_tying(pairs=16, rounds=1)["ways"]
    assert set(ways) == {"two_calls", "stacked_call", "one_after_another"}
    losses = [row["loss"] for row in ways.values()]
    assert max(losses) == pytest.approx(min(losses), rel=1e-6)
    assert all(row["difference"] < 1e-5 for row in ways.values())
    assert all(row["seconds"] > 0 for row in ways.values())


def test_claim_4_one_call_after_another_takes_the_least_memory():
    # Measured in a separate process, the script's.
    ways = json.loads(RESULT.read_text())["reuse"]["ways"]
    assert ways["one_after_another"]["megabytes"] < 0.8 * ways["two_calls"]["megabytes"]
    assert ways["one_after_another"]["megabytes"] < 0.8 * ways["stacked_call"]["megabytes"]


def test_claim_5_step_by_hand_is_layerwise_sgds():
    figures = step_by_hand()
    # Worked on paper: 0.5 * 0.1 - 0.1 * (0 + 2 * 0.05 * 0.5) = 0.045, and so on.
    np.testing.assert_allclose(figures["sum"], [[0, 0], [1, 2]])
    change = [[0.045, 0.01], [-0.1025, -0.305]]
    np.testing.assert_allclose(figures["after"]["meant"]["change"], change)
    np.testing.assert_allclose(figures["library"], [[0.545, -0.99], [0.1475, 0.195]], rtol=1e-6)
    assert figures["library_gradient"] == figures["sum"]


@pytest.mark.parametrize(
    ("form", "grown"), [("printed", 1.2), ("sign mended", 0.8), ("bars mended", 1.2)]
)
def test_claim_5_without_a_gradient_the_misprints_make_weights_grow(form, grown):
    w, _ = layer_step(1.0, 0.0, 0.0, eta=0.1, mu=0.9, l2=0.1, form=form)
    assert w == pytest.approx(grown)
    w, _ = layer_step(-1.0, 0.0, 0.0, eta=0.1, mu=0.9, l2=0.1, form=form)
    assert w == pytest.approx({"printed": -0.8, "sign mended": -1.2, "bars mended": -1.2}[form])


def test_claim_5_only_the_rule_as_meant_shrinks_the_weights(material):
    figures = penalty_forms(material, steps=40)
    growth = {form: run["growth"] for form, run in figures["runs"].items()}
    assert growth["meant"] < 1
    assert min(growth[form] for form in FORMS if form != "meant") > 1.2
    assert figures["runs"]["meant"]["accuracy"] > figures["runs"]["printed"]["accuracy"]


def test_claim_6_tied_beats_untied_with_half_the_weights():
    figures = tied_against_untied(steps=90, seeds=(0, 1), kinds=("tied", "copies"))
    tied, copies = figures["summary"]["tied"], figures["summary"]["copies"]
    assert tied["accuracy"] > copies["accuracy"] + 0.03
    assert tied["asymmetry"] == 0 < copies["asymmetry"]
    assert tied["weights"] < 0.51 * copies["weights"]


def test_interval_of_three_seeds_is_students():
    # 4.30265 is the 97.5 % quantile of Student's t with 2 degrees of freedom (any table).
    reach = 4.30265 * 0.1 / np.sqrt(3)
    assert seed_interval([0.4, 0.5, 0.6]) == pytest.approx([0.5 - reach, 0.5 + reach], rel=1e-5)


def test_committed_figures_can_be_printed_and_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    figures = json.loads(RESULT.read_text())
    assert [line[0] for line in lines(figures) if line[0] != " "] == list("123456")
    draw_panels(figures, tmp_path / "figure.svg")
    first = (tmp_path / "figure.svg").read_bytes()
    draw_panels(figures, tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").read_bytes() == first


def test_what_does_not_fit_is_refused(material):
    with pytest.raises(ValueError, match="`rule` must be one of"):
        train_twins(tied_twins(small_encoder()), "own", material, steps=1)
    with pytest.raises(ValueError, match="`rule` must be one of"):
        train_twins(copied_twins(small_encoder()), "tied", material, steps=1)
    with pytest.raises(ValueError, match="two seeds at least"):
        seed_interval([0.5])
