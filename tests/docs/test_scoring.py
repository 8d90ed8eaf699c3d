"""The Python of the pages on embeddings, own pairs and scores runs as printed."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import keras_siamese as ks

DOCS = Path(__file__).parents[2] / "docs"
TABLE = r"((?:^    .*,.*\n)+)"


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """The files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    glyphs = ks.make_glyphs(num_alphabets=2, characters_per_alphabet=2, num_drawers=2, seed=5)
    names = ("one", "two", "three", "three more", "four", "five", "six", "six more")
    for name, glyph in zip(names, glyphs.images[..., 0], strict=True):
        Image.fromarray(~glyph).save(f"{name}.png")
    page = (DOCS / "own-pairs.md").read_text(encoding="utf-8")
    table = re.findall(TABLE, page, re.MULTILINE)[0].replace("    ", "")
    Path("pairs.csv").write_text(table, encoding="utf-8")
    others = "left,right,same\nfour.png,five.png,1\nfour.png,six.png,0\n"
    Path("other_pairs.csv").write_text(others, encoding="utf-8")


def run(page):
    """Runs the Python of a page; returns its names."""
    text = (DOCS / page).read_text(encoding="utf-8").replace("epochs=10", "epochs=1")
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)  # noqa: S102
    return names


def test_embeddings(pictures, capsys):
    pytest.importorskip("sklearn")
    names = run("embeddings.md")
    assert "(3, 9216) float32" in capsys.readouterr().out
    assert names["vectors"].shape == (12, 9216)
    np.testing.assert_allclose(
        names["ks"].twin_encoder(names["model"]).predict(names["glyphs"].images, verbose=0),
        names["vectors"],
        atol=1e-5,
    )
    nearest = names["glyphs"].labels[names["known"]][names["indices"]][:, 0]
    assert nearest.tolist() == names["glyphs"].labels[names["asked"]].tolist()
    assert names["steps"].score(names["glyphs"].images, names["glyphs"].labels) > 0.8


@pytest.mark.keras3
def test_own_pairs(pictures, capsys):
    names = run("own-pairs.md")
    assert "(2,) [ True False]" in capsys.readouterr().out
    assert (len(names["data"]), len(names["other_data"])) == (3, 3)
    np.testing.assert_array_equal(names["pairs"].left, [0, 0])
    np.testing.assert_array_equal(names["pairs"].right, [1, 2])
    metrics = pytest.importorskip("sklearn.metrics")
    called = names["probability"] >= 0.5
    np.testing.assert_array_equal(
        names["scores"].confusion_matrix,
        metrics.confusion_matrix(names["other_pairs"].same, called),
    )


def test_scores(pictures, capsys):
    pytest.importorskip("sklearn")
    names = run("scoring.md")
    assert "PairScores of 2 pairs at threshold 0.5000" in capsys.readouterr().out
    assert len(names["named"]) == 9


@pytest.mark.data
def test_the_scorer_scores_the_network_that_ships(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run("published.md")
    assert capsys.readouterr().out.split() == ["393", "400", "0"]
