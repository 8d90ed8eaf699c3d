"""What the network that ships gets wrong: found, drawn, told, and of the weights that ship."""

import json

import numpy as np
import pytest

from keras_siamese import pretrained_card
from reproduce.paper.figure_data import encode_png, png_pixels
from reproduce.table import MISSING
from studies.beyond import beyond_figures, beyond_tables, failed_trials
from studies.beyond.beyond_figures import draw_failed_trials as drawing

pytest.importorskip("matplotlib")


def trial(run=3, margin=0.25):
    images = {
        name: encode_png(np.full((9, 9, 1), value, np.uint8))
        for name, value in (("query", 0), ("true", 100), ("answered", 200))
    }
    return {"run": run, "margin": margin, "images": images}


def test_a_trial_failed_is_told_by_run_place_and_margin():
    scores = np.array([[[3.0, 1.0, 2.0], [0.0, 5.0, 1.0]], [[1.0, 4.5, 3.0], [2.0, 6.0, 7.0]]])
    answers = np.array([[0, 1], [0, 2]])
    assert failed_trials.find_failed_trials(scores, answers, ("Greek", "Latin")) == [
        {
            "run": 2, "trial": 1, "alphabet": "Latin", "true": 0, "answered": 1, "margin": 3.5,
        }
    ]  # fmt: skip


def test_a_tie_is_an_error_wherever_the_true_class_stands():
    tied = np.array([[[5.0, 5.0, 1.0], [2.0, 4.0, 4.0]]])
    found = failed_trials.find_failed_trials(tied, np.array([[0, 2]]), ("Greek",))
    assert [(one["answered"], one["margin"]) for one in found] == [(1, 0.0), (1, 0.0)]


def test_the_images_are_those_of_query_true_class_and_answer():
    class Runs:
        images = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1) * np.ones((1, 5, 5, 1), np.uint8)
        queries = np.array([[3, 0]])
        support = np.array([[[1], [2]]])

    failed = [{"run": 1, "trial": 1, "true": 1, "answered": 0}]
    failed_trials.add_images(failed, Runs)
    shown = {name: int(png_pixels(png)[0, 0, 0]) for name, png in failed[0]["images"].items()}
    assert shown == {"query": 3, "true": 2, "answered": 1}


def test_every_failed_trial_is_a_column_of_three_framed_tiles():
    (axes,) = drawing([trial(), trial(run=7, margin=1.04)]).axes
    assert [text.get_text() for text in axes.texts] == [
        "run 3\n0.2 behind", "query", "true", "answered", "run 7\n1.0 behind",
    ]  # fmt: skip
    assert len(axes.images) == 6
    # Ink is dark: 0 is paper.
    assert [float(image.get_array().max()) for image in axes.images[:3]] == pytest.approx(
        [0, 100 / 255, 200 / 255]
    )
    assert drawing([]) is None


def test_many_failed_trials_go_into_further_rows():
    (axes,) = drawing([trial(run) for run in range(1, 13)]).axes
    tops = [image.get_extent()[3] for image in axes.images]
    assert len({round(top, 3) for top in tops}) == 6


def test_the_figure_is_drawn_where_there_is_a_result(tmp_path):
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "mistakes" / "omniglot.json").write_text(json.dumps({"failed": [trial()]}))
    assert list(beyond_figures.draw_beyond(tmp_path)) == ["mistakes"]


def test_tables_stand_the_hardest_alphabet_first(tmp_path, monkeypatch):
    monkeypatch.setattr(beyond_tables, "FOLDER", tmp_path)
    assert beyond_tables.by_shots([]).rows == beyond_tables.by_alphabet([]).rows == []
    scores = [
        {
            "cell": f"20-way, {shots}-shot", "protocol": protocol, "part": part,
            "value": value, "interval": [value - 0.1, 1.0],
        }
        for protocol, add in (("within-alphabet", 0.0), ("across-alphabets", 0.05))
        for part, more in (("test", 0.0), ("validation", 0.02))
        for shots, value in ((1, 0.8 + add + more), (5, 0.9 + add + more))
        if (shots, part) != (5, "validation")
    ]  # fmt: skip
    for score, counts in zip(
        scores, ({"Atlantean": [9, 10], "Tengwar": [5, 10]}, {}, {"ULOG": [7, 10]}), strict=False
    ):
        score["per_alphabet"] = counts
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "mistakes" / "omniglot.json").write_text(json.dumps({"scores": scores}))
    assert beyond_tables.by_shots([]).rows == [
        [
            "1-shot", "80.0% [70.0% to 100.0%]", "82.0% [72.0% to 100.0%]",
            "85.0% [75.0% to 100.0%]", "87.0% [77.0% to 100.0%]",
        ],
        [
            "5-shot", "90.0% [80.0% to 100.0%]", MISSING, "95.0% [85.0% to 100.0%]", MISSING,
        ],
    ]  # fmt: skip
    assert beyond_tables.by_alphabet([]).rows == [
        ["Tengwar", "test", "50.0%"], ["ULOG", "validation", "70.0%"],
        ["Atlantean", "test", "90.0%"],
    ]  # fmt: skip


def test_what_is_told_is_of_the_weights_that_ship():
    found, card = beyond_tables.load_mistakes(), pretrained_card()
    assert found["sha256"] == card["sha256"]
    official = next(score for score in card["scores"] if score["protocol"] == "official")
    assert 1 - len(found["failed"]) / found["trials"] == pytest.approx(official["value"])
    told = {
        (score["what"], score["protocol"], score["part"]): score["value"]
        for score in card["scores"]
    }
    compared = 0
    for entry in found["scores"]:
        what = f"one-shot accuracy, {entry['cell']}"
        scored = told.get((what, entry["protocol"], entry["part"]))
        if scored is not None:
            assert entry["value"] == pytest.approx(scored, abs=5e-4)
            compared += 1
    assert compared == 4


def test_the_command_names_a_folder_without_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_SIAMESE_DATA", str(tmp_path))
    with pytest.raises(SystemExit):
        failed_trials.main(data=tmp_path, result=tmp_path / "taken" / "result.json")
    assert "failed_trials:" in capsys.readouterr().err
    assert not (tmp_path / "taken" / "result.json").exists()
