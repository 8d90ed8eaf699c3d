"""scikit-learn's own checks of estimators, and its tools on images."""

import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from keras_siamese import OneShotClassifier, siamese_network

# Checks of scikit-learn 1.9 that cannot pass, and why.
NOT_APPLICABLE = {
    "check_supervised_y_2d": "a column of labels is an error, like any other wrong shape; "
    "scikit-learn expects a warning of a special class",
}

# Checks that scikit-learn skips, and what it lacks for them.
SKIPPED = {
    "check_array_api_input": "runs where the environment variable `SCIPY_ARRAY_API` is set",
    "check_classifier_data_not_an_array": (
        "its last part needs pandas, which the tests do not install"
    ),
}


@keras.saving.register_keras_serializable(package="tests")
class PadTo32(keras.layers.Layer):
    """Vectors of any length up to 32, filled up with zeros: the checks use many lengths."""

    def call(self, inputs):
        return ops.pad(inputs, [[0, 0], [0, 32]])[:, :32]

    def compute_output_shape(self, input_shape):
        return input_shape[0], 32


def _network_on_vectors():
    """Network whose probability falls with the L1 distance of two vectors."""
    model = siamese_network(keras.Sequential([keras.Input((None,)), PadTo32()]))
    model.get_layer("weighted_l1").set_weights([-np.ones((32, 1)), np.ones(1)])
    return model


def _rebuilt(architecture, weights):
    model = keras.models.model_from_json(architecture)
    model.set_weights(weights)
    return model


@pytest.mark.slow
def test_scikit_learn_finds_an_estimator_of_its_conventions(monkeypatch):
    from sklearn.utils.estimator_checks import check_estimator

    # One check compares a hash of the pickled model before and after. Keras's pickle notes the
    # second in which it was made, so without this the check fails when a second ends in between.
    monkeypatch.setattr(
        keras.Model, "__reduce__", lambda self: (_rebuilt, (self.to_json(), self.get_weights()))
    )
    with pytest.warns(UserWarning, match="does not inherit from `sklearn.base.BaseEstimator`"):
        results = check_estimator(
            OneShotClassifier(_network_on_vectors()),
            expected_failed_checks=NOT_APPLICABLE,
            on_fail=None,
            on_skip=None,
        )
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    assert failed == {}
    expected = {r["check_name"] for r in results if r["status"] == "xfail"}
    assert expected == set(NOT_APPLICABLE), "a check that passes is no exception"
    assert sum(r["status"] == "passed" for r in results) >= 50
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= set(SKIPPED), "scikit-learn skips what is not listed"


def test_the_page_lists_the_checks_that_cannot_apply():
    page = Path(__file__).parents[2] / "docs" / "own-images.md"
    listed = re.findall(r"^- `(check_\w+)`: (.*?)\.$", page.read_text("utf-8"), re.M | re.S)
    assert {name: " ".join(why.split()) for name, why in listed} == {
        **NOT_APPLICABLE,
        **SKIPPED,
    }


def test_scikit_learn_s_tools_take_the_classifier(network, images):
    from sklearn.base import clone, is_classifier
    from sklearn.exceptions import NotFittedError
    from sklearn.model_selection import cross_val_score

    classifier = OneShotClassifier(network, shots="best")
    assert is_classifier(classifier)
    twin = clone(classifier)
    assert twin is not classifier and twin.model is network and twin.shots == "best"
    scores = cross_val_score(classifier, images, np.arange(30) % 3, cv=2)
    assert scores.shape == (2,) and ((scores >= 0) & (scores <= 1)).all()
    with pytest.raises(NotFittedError, match="must be fitted first"):
        classifier.predict(images)


def test_parameters_are_read_and_set_by_name(network):
    classifier = OneShotClassifier(network, threshold=0.5)
    assert classifier.get_params() == {
        "model": network,
        "shots": "mean",
        "threshold": 0.5,
        "unknown_label": None,
        "batch_size": 256,
        "preprocessing": None,
    }
    assert classifier.set_params(shots="best", threshold=None) is classifier
    assert (classifier.shots, classifier.threshold) == ("best", None)
    with pytest.raises(ValueError, match=r"must be among \['model', 'shots'.*\['metric'\]"):
        classifier.set_params(metric="l2")


def test_scikit_learn_is_not_needed():
    script = (
        "import sys\nsys.modules['sklearn'] = None\n"
        "from keras_siamese import OneShotClassifier\n"
        "try:\n    OneShotClassifier(None).predict([])\n"
        "except ValueError as error:\n    print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300
    )
    assert done.stdout.split() == ["ValueError"], done.stderr
