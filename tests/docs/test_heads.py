"""The Python of docs/heads.md runs as printed, with fewer pairs."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "heads.md"


@pytest.mark.slow
def test_the_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    assert "2_000" in code
    names = {"__name__": "heads"}
    exec(code.replace("2_000", "200"), names)  # noqa: S102
    for model in ("model", "learned", "network"):
        assert [layer.name for layer in names[model].layers][3:] == ["head", "probability"]
