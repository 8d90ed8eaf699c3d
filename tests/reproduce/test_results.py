"""Result files and the table next to the paper's."""

import json

import pytest

from reproduce import commands, results
from reproduce.paper.presets import QUICK


def entry(**changes):
    """Return a result with one other result."""
    one = {
        "table": 2,
        "cell": "reduced",
        "metric": "one-shot accuracy",
        "value": 0.75,
        "interval": [0.7, 0.8],
        "n": 400,
        "protocol": "official",
        "size": 35,
    }
    return {**one, **changes}


@pytest.fixture
def result():
    """Return a whole result."""
    return {
        **entry(),
        "seed": 3,
        "validation": entry(table=None, cell="validation", protocol="within-alphabet"),
        "other_results": [entry(protocol="across-alphabets", value=0.9)],
        "config": {"name": "reduced", "data": "omniglot"},
    }


def test_settings_are_json_or_words():
    parsed = results.parse_settings(["epochs=3", 'l2={"conv1": 0.1}', "initializer=he"])
    assert parsed == {"epochs": 3, "l2": {"conv1": 0.1}, "initializer": "he"}


def test_a_setting_needs_its_equals_sign():
    with pytest.raises(ValueError, match="name=value.*'epochs'"):
        results.parse_settings(["epochs"])


def test_the_papers_figure_stands_only_beside_its_own_protocol():
    assert commands.published(entry(size=105), "omniglot") == "92.00%"
    assert commands.published(entry(), "omniglot") == "92.00% (at 105x105)"
    assert commands.published(entry(protocol="across-alphabets"), "omniglot") == ""
    assert commands.published(entry(), "glyphs") == ""


def test_every_figure_is_shown(result, capsys):
    commands.show(result)
    shown = capsys.readouterr().out
    for text in ("75.00%", "90.00%", "across-alphabets", "92.00% (at 105x105)", "70.0% to 80.0%"):
        assert text in shown


def test_validation_alone_shows_no_test_figure(result, capsys):
    result.update(table=None, other_results=[])
    commands.show(result)
    assert capsys.readouterr().out.count("one-shot accuracy") == 1


def test_a_result_is_written_whole_or_not_at_all(tmp_path, result):
    path = tmp_path / "new" / "result.json"
    results.write(path, result)
    assert json.loads(path.read_text()) == result
    with pytest.raises(TypeError):
        results.write(path, {"value": object()})
    assert json.loads(path.read_text()) == result
    assert [p.name for p in path.parent.iterdir()] == ["result.json"]


def test_a_place_that_cannot_be_written_is_told_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        results.check_result_writable(tmp_path / "file" / "result.json")
    with pytest.raises(OSError, match="--results"):
        results.check_result_writable(tmp_path)


def test_a_trial_never_takes_the_place_of_the_presets_run():
    config = QUICK.override(seed=4)
    assert commands.name_run(config, {"seed": 4, "epochs": 3}, False) == "quick-glyphs-seed4"
    names = {
        commands.name_run(config, changes, validate_only)
        for changes in ({}, {"l2": 0.1}, {"l2": 0.2})
        for validate_only in (False, True)
    }
    assert len(names) == 6
