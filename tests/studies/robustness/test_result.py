"""Rows are added to a result file that agrees with the run, and to no other."""

import json

import pytest

from reproduce import provenance, results
from studies.robustness import __main__ as command
from studies.robustness import robustness_tables, suite
from studies.robustness.result import begun, with_row

SETTINGS = {
    "suite": "robustness",
    "part": "test",
    "seed": 0,
    "config": {"trials": 240, "networks": {"signs": {"threshold": 0.8, "weights": "abc"}}},
}
ORIGIN = {"hardware": {}, "versions": {"keras": "1"}, "commit": "one"}


def row(name, value=0.5):
    scores = [{"method": "HOG", "value": value, "interval": [0, 1], "n": 3}]
    return {"name": name, "kind": "look", "factor": "none", "n_way": 20, "scores": scores}


@pytest.fixture
def path(tmp_path):
    """Name a result file with two rows."""
    path = tmp_path / "test.json"
    result = begun(path, SETTINGS)
    for name in ("scan", "as drawn"):
        result = with_row(result, row(name), ORIGIN, 1.5)
    results.write(path, result)
    return path


def test_rows_stand_in_the_order_of_the_suite_and_keep_where_they_come_from(path):
    result = with_row(begun(path, SETTINGS), row("noise 6"), {**ORIGIN, "commit": "two"}, 2)
    assert [(one["name"], one["commit"]) for one in result["rows"]] == [
        ("as drawn", "one"), ("noise 6", "two"), ("scan", "one"),
    ]  # fmt: skip
    assert (result["commit"], result["seconds"]) == ("two", 5)
    again = with_row(result, row("scan", 0.75), {**ORIGIN, "commit": "three"}, 0)
    assert [one["commit"] for one in again["rows"]] == ["one", "two", "three"]
    assert again["rows"][2]["scores"][0]["value"] == 0.75


def test_looks_of_other_drawings_are_not_mixed(path):
    result = begun(path, SETTINGS)
    other = {**row("noise 6"), "data": {"alphabets": 6}}
    with pytest.raises(ValueError, match="same drawings.*data is None in the file and .*6"):
        with_row(result, other, ORIGIN, 1.0)
    domain = {**row("fonts"), "kind": "domain", "data": {"classes": 457}}
    assert len(with_row(result, domain, ORIGIN, 1.0)["rows"]) == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 1}, "seed is 0 in the file and 1 now"),
        ({"part": "development"}, "part is 'test' in the file and 'development' now"),
        ({"config": {**SETTINGS["config"], "trials": 20}}, "config.trials is 240 .* and 20 now"),
        (
            {"config": {"trials": 240, "networks": {"signs": {"threshold": 0.8, "weights": "d"}}}},
            "config.networks.signs.weights is 'abc' in the file and 'd' now",
        ),
        (
            {"config": {"trials": 240, "networks": {}}},
            "config.networks.signs is {.*} in the file and None now",
        ),
    ],
)
def test_rows_of_other_settings_are_refused(change, told, path):
    with pytest.raises(ValueError, match=f"Received: {told}. Name another folder with --out"):
        begun(path, {**SETTINGS, **change})


def test_a_file_without_hashes_is_refused(path):
    older = json.loads(path.read_text())
    older["config"]["networks"] = {"signs": "Preprocessing(...)"}
    path.write_text(json.dumps(older))
    with pytest.raises(ValueError, match=r"networks.signs is 'Preprocessing\(...\)' in the file"):
        begun(path, SETTINGS)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"rows": 3}', '{"rows": [1]}'])
def test_another_file_is_told(content, path):
    path.write_text(content)
    with pytest.raises(ValueError, match="test.json is no result file of the suite"):
        begun(path, SETTINGS)


def test_a_file_that_holds_a_row_twice_is_refused(path):
    result = json.loads(path.read_text())
    path.write_text(json.dumps({**result, "rows": [*result["rows"], row("scan")]}))
    with pytest.raises(ValueError, match="hold each row once. Received: .*'scan', 'scan'"):
        begun(path, SETTINGS)


@pytest.fixture
def scored(monkeypatch):
    """Score nothing, but list the rows that are asked for; an exception is raised in its turn."""
    asked = []

    def score_rows(rows, part, networks, **options):
        for name in rows:
            asked.append(name)
            if name == "JPEG 10":
                raise KeyboardInterrupt
            yield row(name)

    monkeypatch.setattr(command, "score_rows", score_rows)
    monkeypatch.setattr(command, "row_line", lambda row: row["name"])
    monkeypatch.setattr(provenance, "origin", lambda: ORIGIN)
    return asked


def test_a_stopped_run_is_resumed_by_the_same_command(scored, tmp_path, capsys):
    arguments = ["--out", str(tmp_path), "--rows", "scan", "JPEG 50", "JPEG 10", "blur 1"]
    with pytest.raises(SystemExit):
        command.main(arguments)
    held = json.loads((tmp_path / "development.json").read_text())["rows"]
    assert [one["name"] for one in held] == ["JPEG 50", "scan"]
    assert "Interrupted. The same command resumes it." in capsys.readouterr().err
    del scored[:]
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert scored == ["JPEG 10"]
    assert "2 rows stand in" in capsys.readouterr().out


def test_rows_are_scored_again_where_that_is_asked_for(scored, tmp_path, capsys):
    arguments = ["--out", str(tmp_path), "--rows", "scan", "blur 1"]
    for further in ([], [], ["--again"]):
        command.main([*arguments, *further])
    assert scored == ["scan", "blur 1"] * 2
    del scored[:]
    command.main(["--out", str(tmp_path), "--looks-only", "--rows", "noise 6", "fonts"])
    assert scored == ["noise 6"]
    result = json.loads((tmp_path / "development.json").read_text())
    assert [one["name"] for one in result["rows"]] == ["blur 1", "noise 6", "scan"]


def test_rows_of_another_seed_are_told_in_one_line(scored, tmp_path, capsys):
    command.main(["--out", str(tmp_path), "--rows", "scan"])
    with pytest.raises(SystemExit) as left:
        command.main(["--out", str(tmp_path), "--rows", "blur 1", "--seed", "4"])
    assert left.value.code == 1 and scored == ["scan"]
    assert "seed is 0 in the file and 4 now" in capsys.readouterr().err


def test_rows_can_be_added_to_the_committed_result():
    committed = json.loads(robustness_tables.RESULT.read_text())
    config = committed["config"]
    settings = suite.settings(
        "test", list(config["networks"]), trials=config["trials"], seed=committed["seed"]
    )
    result = begun(robustness_tables.RESULT, settings)
    assert result == committed and all(len(one["commit"]) == 40 for one in result["rows"])
