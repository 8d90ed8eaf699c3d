"""The command, from rows to the result file."""

import json

import pytest

from studies.robustness import __main__ as command


@pytest.mark.data
@pytest.mark.slow
def test_a_row_is_scored_in_a_process_of_its_own(tmp_path, data_dir, capsys):
    arguments = ["--rows", "scan", "--trials", "3", "--processes", "1", "--data", str(data_dir)]
    command.main([*arguments, "--networks", "omniglot", "--out", str(tmp_path)])
    result = json.loads((tmp_path / "development.json").read_text())
    (row,) = result["rows"]
    assert row["name"] == "scan" and [entry["n"] for entry in row["scores"]] == [3, 3, 3]
    assert row["data"]["name"] == "omniglot-background"
    for field in ("seed", "config", "hardware", "seconds", "versions", "commit"):
        assert result[field] is not None
    assert "scan" in capsys.readouterr().out


def test_the_line_of_a_row_says_what_was_measured():
    values = {"false_accepts": 0.011, "refused": 0.5, "warned": 0.25, "unlike": 0.125}
    values["unwarned_false_accepts"] = 0.003
    network = {name: {"value": value} for name, value in values.items()}
    scores = [{"method": "HOG", "value": 0.25}, {"method": "omniglot", "value": 0.5, **network}]
    line = command.row_line({"name": "scan", "scores": scores})
    assert line.split(maxsplit=1) == [
        "scan",
        "HOG 25.0, omniglot 50.0 (false accepts 1.1%, refused 50.0%, false accepts without a "
        "warning 0.3%, warned of 25.0%, unlike the training images 12.5%)",
    ]  # fmt: skip
