"""The Python of the pages for those who come from elsewhere runs as printed."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.losses.addons_values import FILE, batches

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def run_page(tmp_path, monkeypatch):
    """Runs the examples of a page in an empty folder, and gives what they define."""

    def run(name):
        monkeypatch.chdir(tmp_path)
        keras.utils.set_random_seed(0)
        text = (DOCS / name).read_text(encoding="utf-8")
        seen: dict = {"__name__": "page"}
        for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            exec(code, seen)  # noqa: S102
        return seen

    return run


@pytest.mark.keras3
def test_from_tensorflow_similarity(run_page):
    seen = run_page("from-tensorflow-similarity.md")
    assert seen["result"].recall_at[1].value > 0.4


@pytest.mark.keras3
def test_from_tensorflow_addons(run_page):
    seen = run_page("from-tensorflow-addons.md")
    labels, vectors = seen["labels"], seen["embeddings"]
    # By hand: the distances of the batch, and for each pair of a class the nearest negative beyond.
    apart = ((vectors[:, None] - vectors[None]) ** 2).sum(axis=-1) ** 0.5
    costs = []
    for anchor, positive in ((0, 1), (1, 0), (2, 3), (3, 2)):
        negatives = apart[anchor][labels != labels[anchor]]
        farther = negatives[negatives > apart[anchor, positive]]
        chosen = farther.min() if farther.size else negatives.max()
        costs.append(max(0.0, apart[anchor, positive] - chosen + 1.0))
    assert float(seen["loss"](labels, vectors)) == pytest.approx(sum(costs) / 4, abs=1e-5)


@pytest.mark.keras3
def test_the_formula_of_the_page_is_the_contrastive_loss_of_tensorflow_addons(run_page):
    theirs = json.loads(FILE.read_text(encoding="utf-8"))
    formula = run_page("from-tensorflow-addons.md")["contrastive_loss"]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Reshape(())])
    model.compile(loss=lambda same, apart: formula(same, apart, margin=2.0))
    for index, (labels, x) in enumerate(batches()):
        left, right = np.triu_indices(len(labels), 1)
        same = (labels[left] == labels[right]).astype("float32")
        apart = np.linalg.norm(x[left] - x[right], axis=1)
        value = model.evaluate(apart[:, None], same, batch_size=len(same), verbose=0)
        assert value == pytest.approx(theirs[f"contrastive {index}"]["value"], rel=1e-5)


@pytest.mark.keras3
def test_the_examples_of_keras(run_page):
    seen = run_page("keras-examples.md")
    assert seen["result"].recall_at[1].value > 0.4
    assert seen["point"].false_accept_rate <= 0.05
    assert seen["point"].false_reject_rate < 0.8


@pytest.mark.keras3
def test_each_loss_of_the_page_learns(run_page):
    seen = run_page("keras-examples.md")
    encoder = seen["encoder"]
    assert set(seen["losses"]) == {"siamese_contrastive", "siamese_network", "metric_learning"}
    for loss in seen["losses"].values():
        encoder.set_weights(keras.models.clone_model(encoder).get_weights())
        encoder.compile("adam", loss)
        history = encoder.fit(seen["batches"], epochs=2, verbose=0).history["loss"]
        assert np.isfinite(history).all() and history[1] < history[0]
