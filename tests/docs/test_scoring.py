"""The Python of docs/scoring.md runs as printed."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

import keras_siamese as ks

PAGE = Path(__file__).parents[2] / "docs" / "scoring.md"


def test_the_code_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    glyphs = ks.make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2, seed=5)
    for name, glyph in zip(("one", "two", "three"), glyphs.images[..., 0], strict=False):
        Image.fromarray(~glyph).save(f"{name}.png")
    (table,) = re.findall(r"((?:^    .*,.*\n)+)", text, re.MULTILINE)[:1]
    Path("pairs.csv").write_text(table.replace("    ", ""), encoding="utf-8")
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)  # noqa: S102
    out = capsys.readouterr().out
    assert "float32" in out
    assert "PairScores of 2 pairs at threshold 0.5000" in out
    assert len(names["data"]) == 3
    np.testing.assert_array_equal(names["pairs"].left, [0, 0])
    np.testing.assert_array_equal(names["pairs"].right, [1, 2])
