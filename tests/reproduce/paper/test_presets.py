"""The presets of the command line, and results that stand in for them."""

import json

import pytest

from reproduce.paper.presets import PAPER, load_preset


def test_a_result_file_gives_the_settings_of_its_run(tmp_path):
    path = tmp_path / "a-seed3.json"
    config = {"name": "a", "num_pairs": 90_000, "l2": {"conv1": 0.1}, "seed": 3}
    path.write_text(json.dumps({"role": "table", "config": config}))
    expected = PAPER.override(**config)
    assert load_preset(str(path)) == expected and expected.role == "preset"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "--preset must name a result"),
        ("5", "name a result"),
        ('{"config": 1}', "name a result"),
        ("{", "damaged"),
        ('{"config": {"color": 1}}', "color"),
    ],
)
def test_a_file_that_is_no_result_is_told(text, told, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=told):
        load_preset(str(path))
    with pytest.raises(OSError, match="missing"):
        load_preset(str(tmp_path / "missing.json"))
