"""The README's Python runs as printed, with less data."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def blocks_of(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.slow
def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    # This one reads a folder that the reader has; it runs with the page that it is from.
    own_images = blocks_of(ROOT / "docs" / "own-images.md")[0]
    blocks = blocks_of(README)
    assert own_images in blocks
    code = "\n".join(block for block in blocks if block != own_images)
    for printed, smaller in (
        ("epochs=8", "epochs=1"),
        ("10_000", "256"),
    ):
        assert printed in code
        code = code.replace(printed, smaller)
    exec(code, {"__name__": "readme"})  # noqa: S102
    assert (tmp_path / "siamese.keras").exists()
    printed = capsys.readouterr().out
    assert "['loop']\n[False]" in printed
    assert "OneShotResult(accuracy=" in printed
