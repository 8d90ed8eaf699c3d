"""The Python of docs/training.md runs as printed, with less data."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "training.md"


@pytest.mark.slow
def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    for printed, smaller in (
        ("epochs=8", "epochs=1"),
        ("10_000", "256"),
        ("steps=100, validate_every=50", "steps=4, validate_every=2"),
    ):
        assert printed in code
        code = code.replace(printed, smaller)
    exec(code, {"__name__": "training"})  # noqa: S102
    assert (tmp_path / "siamese.keras").exists()
    assert "OneShotResult(accuracy=" in capsys.readouterr().out
