"""The figures of docs/tied-weights.md come from the script's results, and none is typed."""

import json

import pytest

from website import inject


def test_page_says_what_the_results_say(capsys):
    assert inject.main(["--check"]) == 0, capsys.readouterr().out


def test_a_changed_or_typed_figure_is_noticed():
    figures = inject.load_figures()
    page = inject.PAGE.read_text(encoding="utf-8")
    figures["copies"]["runs"]["own"]["apart"] += 0.1
    assert inject.injected(page, figures) != page
    assert inject.typed_figures(page) == []
    assert inject.typed_figures("They are 0.32 apart, 74 % right, of 360 trials.") == [
        "0.32",
        "74 %",
        "360",
    ]


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (2.63e-8, "power", "2.6·10<sup>−8</sup>"),
        (0, "power", "0"),
        (0.747, ".1%", "74.7&nbsp;%"),
        (-0.4, "+.2f", "−0.40"),
        (0.113, "points", "11.3"),
        ([0.5, 0.75], "interval", "50.0&nbsp;% to 75.0&nbsp;%"),
        ([[0.5, -1.0], [-0.0, 0.1475]], "matrix", r"0.5 & -1 \\ 0 & 0.1475"),
    ],
)
def test_forms(value, form, expected):
    assert expected in inject.shown(value, form)


def test_a_path_to_nothing_is_refused():
    with pytest.raises(ValueError, match="names no figure"):
        inject.look_up({"a": [{"b": 1}]}, "a.0.c")
    assert inject.look_up({"a": [{"b": 1}]}, "a.0.b") == 1


def test_results_name_their_origin():
    for path in inject.RESULTS.glob("*.json"):
        origin = json.loads(path.read_text())["origin"]
        assert {"hardware", "versions", "commit", "seconds"} <= set(origin)
