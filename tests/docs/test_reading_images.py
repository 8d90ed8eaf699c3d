"""The Python of docs/reading-images.md runs as printed."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

import keras_siamese as ks

PAGE = Path(__file__).parents[2] / "docs" / "reading-images.md"


def test_the_code_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    glyphs = ks.make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2, seed=5)
    for number, glyph in enumerate(glyphs.images[..., 0]):
        folder = tmp_path / "my_images" / str(number // 2)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(~glyph).save(folder / f"{number}.png")
    Image.fromarray(~glyphs.images[0, ..., 0]).save("which.png")
    network = ks.siamese_network(ks.reduced_encoder(filters=(2, 2, 2, 2), units=2))
    ks.Verifier(network).save("earlier.zip")
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(code, names)
    assert "(35, 35, 1)" in capsys.readouterr().out
    np.testing.assert_array_equal(names["image"], glyphs.images[0])
    np.testing.assert_array_equal(names["same"], glyphs.images[0])
    np.testing.assert_array_equal(np.asarray(Image.open("seen.png")), glyphs.images[0, ..., 0])
    assert names["recognizer"].preprocessing.polarity == "light_on_dark"
