"""The README's Python runs as printed, its training on less data."""

import re
from pathlib import Path

import pytest
from PIL import Image

import keras_siamese as ks

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def blocks_of(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The folders and the file that the README speaks of, with glyphs as the reader's images."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    glyphs = ks.make_glyphs(num_alphabets=1, characters_per_alphabet=12, num_drawers=4, seed=5)
    for image, character, drawer in zip(
        ~glyphs.images[..., 0], glyphs.character, glyphs.drawer, strict=True
    ):
        folder = tmp_path / ("my_images" if character < 10 else "new_images") / f"class{character}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{drawer}.png")
    (tmp_path / "new_images" / "class11" / "4.png").rename("which.png")


@pytest.mark.slow
@pytest.mark.keras3
def test_the_examples_run(folders, capsys):
    seen = {"__name__": "readme"}
    for block in blocks_of(README):
        for printed, smaller in (("size=35", "size=35, steps=2, width=4, verbose=0"),):
            block = block.replace(printed, smaller)
        exec(block, seen)  # noqa: S102
    first, second, third = capsys.readouterr().out.split()[-3:]
    assert (first, second) == ("loop", "False")
    assert third in ("class10", "class11", "unknown")
    assert Path("mine.zip").exists()


def test_the_first_example_takes_five_lines():
    first = blocks_of(README)[0].strip().splitlines()
    assert len([line for line in first if line]) <= 5


def test_it_stays_short():
    apart = r"```.*?```|^\|[^\n]*$|<!--.*?-->"
    text = README.read_text(encoding="utf-8")
    prose = re.sub(apart, "", text, flags=re.DOTALL | re.MULTILINE)
    assert len(prose.split()) <= 750
