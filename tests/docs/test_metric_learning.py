"""The Python of docs/metric-learning.md runs as printed, on fewer images."""

import re
from pathlib import Path

import pytest

from keras_siamese import losses

PAGE = (Path(__file__).parents[2] / "docs" / "metric-learning.md").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.keras3
def test_the_examples_run(capsys):
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    for printed, smaller in (
        ("num_alphabets=6", "num_alphabets=6, characters_per_alphabet=4, num_drawers=5"),
        ("filters=(16, 32, 32)", "filters=(4, 4, 4)"),
        ("epochs=8", "epochs=1, verbose=0"),
    ):
        assert printed in code
        code = code.replace(printed, smaller)
    exec(code, {"__name__": "metric_learning"})  # noqa: S102
    printed = capsys.readouterr().out
    assert "of the same class: " in printed and "(40, 64)" in printed


def test_the_table_lists_every_loss():
    table = re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    assert sorted(table) == sorted(name for name in losses.__all__ if name.endswith("Loss"))
