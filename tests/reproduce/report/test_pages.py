"""The tables of the pages come from the results."""

import json
import subprocess

import pytest

from keras_siamese.evaluation import wilson_interval
from reproduce.report import __main__ as report
from reproduce.report import training_tables


@pytest.fixture
def committed_results(monkeypatch, tmp_path):
    """Show the report the results that git knows, not those of runs made since."""
    listed = subprocess.run(
        ["git", "ls-files", "reproduce/results"], cwd=report.ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        path = report.ROOT / name
        if path.suffix == ".json":
            copy = tmp_path / path.relative_to(report.RESULTS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text())
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(training_tables, "CHOICES", tmp_path / training_tables.CHOICES.name)


def test_no_table_of_a_page_is_stale(committed_results, capsys):
    assert report.main(["--check"]) == 0, capsys.readouterr().out


def test_a_table_holds_the_figures_of_its_file(monkeypatch, tmp_path):
    entry = {
        "table": 1,
        "cell": "30k x8",
        "metric": "verification accuracy",
        "value": 0.875,
        "interval": [0.86, 0.89],
        "n": 10000,
        "protocol": "verification",
        "size": 35,
    }
    config = {"data": "omniglot", "name": "any name", "num_pairs": 30_000, "num_distortions": 8}
    result = {"role": "table", **entry, "seed": 7, "config": config, "other_results": []}
    (tmp_path / "one.json").write_text(json.dumps(result))
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    page = report.renewed("before\n<!-- table: headline -->\nold\n<!-- end -->\nafter\n")
    assert "old" not in page
    assert page.startswith("before\n")
    assert page.endswith("<!-- end -->\nafter\n")
    row = next(line for line in page.splitlines() if "30k x8" in line and "150k" not in line)
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    low, high = wilson_interval(8750, 10000)
    assert cells == [
        "verification, 30k x8", "91.90%", "", "", "**87.50%**", f"{low:.1%} to {high:.1%}",
    ]  # fmt: skip


def test_an_unknown_table_is_an_error():
    with pytest.raises(ValueError, match="'nonsense'"):
        report.renewed("<!-- table: nonsense -->\n<!-- end -->")
