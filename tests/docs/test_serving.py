"""The Python of docs/serving.md runs as printed, from top to bottom."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


@pytest.mark.slow
def test_the_page_runs(tmp_path, monkeypatch):
    for module in ("onnxruntime", "tf2onnx", "ai_edge_litert", "openvino"):
        pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in re.findall(r"^```python\n(.*?)```", PAGE.read_text("utf-8"), re.M | re.S):
        exec(compile(code, str(PAGE), "exec"), names)
    # The drawing has sides of 50 and 40 pixels, so that the mean over areas is not exact.
    assert np.abs(names["by_hand"] - names["image"]).max() < 0.02
    assert names["Preprocessing"].from_json(names["saved"]) == names["reading"]
