"""The Python of docs/retrieval.md runs as printed."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "retrieval.md"


@pytest.mark.slow
@pytest.mark.keras3
def test_the_examples_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    seen: dict = {"__name__": "retrieval_page"}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(code, seen)  # noqa: S102
    assert seen["result"].recall_at[1].value > 0.8
    assert (seen["apart"].n, seen["apart"].gallery_size) == (16, 80)
    assert seen["names"][0] == seen["files"][0] and seen["scores"][0] > 0.9
    for figure in ("embeddings", "tsne", "neighbours"):
        assert Path(f"{figure}.png").stat().st_size > 5000
    assert "recall at 5" in capsys.readouterr().out
