"""The losses that tensorflow-addons has, against its values; without Keras 3 they are refused."""

import json

import keras
import numpy as np
import pytest

from keras_siamese import losses
from tests.losses.addons_values import DISTANCES, FILE, batches, measured
from tests.losses.gradients import value_and_gradient

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
BATCHES = list(batches())


@pytest.mark.addons
# A function of it is traced anew for each batch, which TensorFlow warns of.
@pytest.mark.filterwarnings("ignore")
def test_the_file_holds_what_tensorflow_addons_gives():
    found = measured()
    assert found.keys() == RECORDED.keys()
    for name, values in found.items():
        for field in values:
            np.testing.assert_allclose(values[field], RECORDED[name][field], rtol=1e-5, atol=1e-6)


@pytest.mark.keras3
@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
def test_triplets(mining, distance, index):
    recorded = RECORDED[f"triplet {mining} {distance} {index}"]
    assert_same(losses.TripletLoss(mining, 0.5, distance), recorded, *BATCHES[index])


@pytest.mark.keras3
@pytest.mark.parametrize("index", [0, 1])
def test_hard_triplets_with_the_soft_margin(index):
    recorded = RECORDED[f"triplet hard soft {index}"]
    assert_same(losses.TripletLoss("hard", "soft"), recorded, *BATCHES[index])


@pytest.mark.keras3
@pytest.mark.parametrize("index", [0, 1])
def test_n_pairs_takes_the_products_of_the_first_and_second_image_of_each_class(index):
    assert_same(losses.NPairsLoss(), RECORDED[f"n-pairs {index}"], *BATCHES[index])


@pytest.mark.keras3
@pytest.mark.parametrize("index", [0, 1])
def test_n_pairs_differs_from_theirs_on_the_products_of_all_images(index):
    theirs = RECORDED[f"n-pairs of all images {index}"]["value"]
    assert abs(float(losses.NPairsLoss()(*BATCHES[index])) - theirs) > 0.3


@pytest.mark.keras3
@pytest.mark.parametrize("index", [0, 1])
def test_contrastive_is_their_mean_over_same_pairs_plus_that_over_near_different_ones(index):
    same, different = (RECORDED[f"contrastive {kind} {index}"] for kind in ("same", "different"))
    recorded = {
        "value": same["value"] + different["value"],
        "gradient": np.add(same["gradient"], different["gradient"]),
    }
    assert_same(losses.ContrastiveLoss(2.0), recorded, *BATCHES[index])
    # Theirs divides both sums by the number of all pairs.
    labels, _ = BATCHES[index]
    pairs = len(labels) * (len(labels) - 1) / 2
    for field in ("value", "gradient"):
        theirs = sum(np.multiply(each[field], each["pairs"]) for each in (same, different)) / pairs
        np.testing.assert_allclose(
            theirs, RECORDED[f"contrastive {index}"][field], rtol=1e-4, atol=1e-6
        )


def assert_same(loss, recorded, labels, x):
    value, gradient = value_and_gradient(loss, labels, x)
    assert value == pytest.approx(recorded["value"], rel=1e-5)
    np.testing.assert_allclose(gradient, recorded["gradient"], rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not keras.__version__.startswith("2."), reason="keras2: this is Keras 3")
@pytest.mark.parametrize(
    "make",
    [
        losses.ContrastiveLoss,
        losses.ArcFaceLoss,
        lambda: losses.ClassProxies(3),
        lambda: losses.CrossBatchMemory(None),
    ],
    ids=["contrastive", "arcface", "proxies", "memory"],
)
def test_without_keras_3_they_are_refused(make):
    with pytest.raises(ValueError, match=r"needs Keras 3\. Received: Keras 2"):
        make()
