"""The README's Python runs as printed, with less data."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.slow
def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    code = "\n".join(blocks)
    for printed, smaller in (
        ("epochs=8", "epochs=1"),
        ("10_000", "256"),
        ("steps_per_epoch=79", "steps_per_epoch=2"),
    ):
        assert printed in code
        code = code.replace(printed, smaller)
    exec(code, {"__name__": "readme"})  # noqa: S102
    assert (tmp_path / "siamese.keras").exists()
    assert "OneShotResult(accuracy=" in capsys.readouterr().out
