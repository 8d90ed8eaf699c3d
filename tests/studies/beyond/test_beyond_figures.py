"""The headline figure of the networks beyond the paper, from results alone."""

import json

import pytest

from studies.beyond import beyond_figures
from studies.beyond.beyond_figures import accuracy_over_minutes
from studies.beyond.beyond_tables import processor_minutes
from studies.literature import OFFICIAL_RUNS

pytest.importorskip("matplotlib")


def result(name, minutes, value, steps=100, **further):
    return {
        "recipe": {"name": name, "background": "background", "episodes": {"steps": steps}},
        "seed": 0, "fold": None,
        "seconds": 1.0, "processor_seconds": 60.0 * minutes, **further,
        "scores": [
            {
                "cell": "beyond", "protocol": "official",
                "value": value, "interval": [value - 0.03, value + 0.02],
            }
        ],
    }  # fmt: skip


def dots(figure):
    (panel,) = figure.axes
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in panel.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    ]


def texts(figure):
    return [text.get_text().strip() for text in figure.axes[0].texts]


def test_each_network_stands_at_its_minutes_and_accuracy():
    figure = accuracy_over_minutes([result("small", 5, 0.9), result("large", 40, 0.97)])
    assert dots(figure) == [(5.0, 0.9), (40.0, 0.97)]
    low, high = figure.axes[0].get_ylim()
    assert low < 0.87 and high == 1.0


def test_what_others_reach_are_lines_with_names():
    figure = accuracy_over_minutes([result("small", 5, 0.9)])
    lines = {
        float(line.get_ydata()[0]) for line in figure.axes[0].lines if len(line.get_xdata()) == 2
    }
    assert set(OFFICIAL_RUNS.values()) <= lines
    others = ("Koch et al. 92.00%", "people 95.50%", "BPL 96.70%")
    for line in (*others, "ARC without context 97.75%", "ARC with context 98.50%"):
        assert line in texts(figure)


def test_every_run_is_a_dot_and_every_recipe_is_named_once():
    figure = accuracy_over_minutes([result("small", 5, 0.9), result("small", 6, 0.91)])
    (legend,) = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == "small"
    assert dots(figure) == [(5.0, 0.9), (6.0, 0.91)]


def test_minutes_are_those_of_all_processors():
    assert processor_minutes(result("small", 30, 0.9)) == 30
    assert processor_minutes(result("small", 30, 0.9, processor_seconds=1200.0)) == 20
    (axes,) = accuracy_over_minutes([result("small", 5, 0.9)]).axes
    assert axes.get_xlabel() == "minutes of training (processor time of all cores)"


def test_only_whole_trainings_of_known_cost_are_drawn(tmp_path):
    assert beyond_figures.draw_beyond(tmp_path) == {}
    heldout = {**result("small", 5, 0.5, processor_seconds=300.0), "fold": 1}
    (tmp_path / "heldout.json").write_text(json.dumps(heldout))
    assert beyond_figures.draw_beyond(tmp_path) == {}
    fewer = result("small", 5, 0.5, processor_seconds=300.0)
    fewer["recipe"]["background"] = "small1"
    (tmp_path / "fewer.json").write_text(json.dumps(fewer))
    assert beyond_figures.draw_beyond(tmp_path) == {}
    shared = result("small", 5, 0.9)
    del shared["processor_seconds"]
    (tmp_path / "shared.json").write_text(json.dumps(shared))
    assert beyond_figures.draw_beyond(tmp_path) == {}
    whole = result("small", 5, 0.9, processor_seconds=300.0)
    (tmp_path / "whole.json").write_text(json.dumps(whole))
    drawn = beyond_figures.draw_beyond(tmp_path)
    assert list(drawn) == ["beyond"]
    assert drawn["beyond"].startswith(b"\x89PNG")
