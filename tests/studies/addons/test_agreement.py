"""The independent judge: tensorflow-addons' steps and warps against ours, and what it lets pass."""

import json

import numpy as np
import pytest

from studies.addons import agreement


def _last(all_weights):
    *_, weights = all_weights
    return weights


def test_steps_end_where_those_kept_of_tensorflow_addons_did():
    differences = agreement.by_layer(_last(agreement.ours()), agreement.kept_weights())
    assert max(differences.values()) <= 1e-6, differences


@pytest.mark.parametrize("constant", ["RATES", "MOMENTA", "L2"])
def test_the_judge_sees_a_constant_that_is_wrong_by_a_hundredth(monkeypatch, constant):
    values = getattr(agreement, constant)
    monkeypatch.setattr(agreement, constant, {**values, "conv2": 1.01 * values["conv2"]})
    differences = agreement.by_layer(_last(agreement.ours()), agreement.kept_weights())
    assert differences["conv2"] > 1e-5


@pytest.mark.addons
def test_every_step_agrees_with_tensorflow_addons():
    start = [np.array(weight) for weight in agreement.start_model().trainable_variables]
    for our, their in zip(agreement.ours(), agreement.theirs(), strict=True):
        assert max(agreement.by_layer(our, their).values()) <= 1e-6
    assert min(agreement.by_layer(start, their).values()) > 0.01


@pytest.mark.parametrize("size", [35, 105])
def test_distortions_agree_away_from_the_border(size):
    found = agreement.compare_distortions(size, num_images=16)
    assert found["inside"] > 0.5
    assert found["scikit_image"] <= 1e-5
    assert found.get("tensorflow_addons", 0.0) <= 1e-5


@pytest.mark.addons
def test_tensorflow_addons_lets_a_forgotten_layer_pass_and_ours_does_not():
    found = agreement.forget_a_layer(steps=3)
    assert found["moved"]["conv2"] == 0
    assert min(moved for name, moved in found["moved"].items() if name != "conv2") > 0
    assert "layers without a name: ['conv2']" in found["our_error"]


def test_the_committed_numbers_are_within_what_is_claimed():
    record = json.loads(agreement.RECORD.read_text())
    for stack in ("keras_2", "keras_3"):
        assert record[stack]["optimizer"]["steps"] == 200
        assert max(record[stack]["optimizer"]["largest_difference"].values()) <= 1e-6
        for row in record[stack]["distortions"]:
            assert max(row["scikit_image"], row.get("tensorflow_addons", 0)) <= 1e-5
    assert record["keras_2"]["forgotten_layer"]["moved"]["conv2"] == 0
