"""Figures drawn from JSON alone: what they show, and what is left out."""

import json

import numpy as np
import pytest

from reproduce.report import figures
from reproduce.report.plots import accuracies, curves, images
from reproduce.report.plots.sources import gather
from reproduce.report.plots.style import spread
from tests.reproduce.figure_sources import entry, figure_data, result

pytest.importorskip("matplotlib")

NAMES = {
    "table1", "per-alphabet", "learning-curves", "roc", "fig1-trial", "fig5-distortions",
    "fig6-samples", "fig7-filters", "map",
}  # fmt: skip
# Drawn from figure data; the others from results.
OF_DATA = NAMES - {"table1", "per-alphabet", "learning-curves"}


def texts(panel):
    return [text.get_text() for text in panel.texts]


def points(panel, marker):
    """Where a panel has a marker, as (x, y)."""
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in panel.lines
        if line.get_marker() == marker
    ]


def test_every_figure_is_a_small_png_with_a_caption_and_an_origin():
    both = [result(), result("150k x8")]
    drawn, left_out = figures.draw_all(gather(both, [figure_data()]))
    assert set(drawn) == NAMES == set(figures.FIGURES)
    assert left_out == []
    for figure in drawn.values():
        assert figure.png.startswith(b"\x89PNG")
        assert len(figure.png) < 150_000
        assert figure.title and figure.caption
        assert "table-35-30k-x8-seed0.json (seed 0)" in figure.origin
        assert "commit 0123456789" in figure.origin


def test_equal_sources_give_equal_files():
    files = [figures.draw_all(gather([result()], []))[0] for _ in range(2)]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("results", "data", "missing"),
    [
        ([], [], NAMES),
        ([result()], [], OF_DATA),
        ([], [figure_data()], NAMES - OF_DATA),
        ([result()], [figure_data(filters=False)], {"fig7-filters"}),
    ],
)
def test_what_lacks_data_is_left_out_and_named(results, data, missing):
    drawn, left_out = figures.draw_all(gather(results, data))
    assert set(left_out) == missing
    assert set(drawn) == NAMES - missing


def test_the_command_reads_files_and_names_what_it_leaves_out(tmp_path, capsys):
    (tmp_path / "figures").mkdir()
    (tmp_path / "one.json").write_text(json.dumps(result()))
    data = json.dumps(figure_data(filters=False))
    (tmp_path / "figures" / "table-35-30k-x8-seed0.json").write_text(data)
    figures.main(["--results", str(tmp_path), "--output", str(tmp_path / "out")])
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"{name}.png" for name in NAMES - {"fig7-filters"}}
    assert "Left out, for lack of data: fig7-filters" in capsys.readouterr().out


def test_a_damaged_figure_file_is_named(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "broken.json").write_text("{")
    with pytest.raises(ValueError, match="broken.json is damaged"):
        figures.read_sources(tmp_path)


def test_the_main_run_is_chosen_by_validation_not_by_the_test():
    # By the trials that all runs share: those that chose the epoch are others from run to run.
    modest = result("30k", one_shot=0.6, validation=0.5, wide=0.7)
    lucky = result("90k", one_shot=0.9, validation=0.7, wide=0.5)
    sources = gather([lucky, modest], [figure_data("90k"), figure_data("30k")])
    assert sources.main_result() == modest
    assert sources.main_data()["name"] == "table-35-30k"
    large = result("150k", one_shot=0.5, wide=0.4, size=105)
    assert gather([lucky, large, modest], []).main_result() == large


def test_the_roc_leaves_out_what_fills_no_cell():
    replaced = {**result("30k", seed=1), "role": "choice"}
    data = [figure_data("30k", seed=1), figure_data("90k")]
    shown = curves.roc(gather([replaced, result("90k")], data)).files
    assert [one["name"] for one in shown] == ["table-35-90k"]


def test_baselines_and_runs_without_a_test_are_no_runs_to_draw():
    baseline = {key: value for key, value in result().items() if key != "training"}
    assert gather([baseline, {**result(), "table": None}], []).results == []


def test_the_trial_marks_the_most_probable_candidate():
    figure = images.trial(gather([], [figure_data()])).figure
    frames = {patch.get_label(): patch.get_xy() for patch in figure.axes[0].patches}
    first = figure.axes[0].images[1].get_extent()
    assert frames["answered"] == (first[0], first[3])
    # The true one is third of four by its probability of 0.4... which is second.
    second = figure.axes[0].images[2].get_extent()
    assert frames["true"] == (second[0], second[3])


def test_samples_show_every_character_in_its_alphabets_row():
    figure = images.samples(gather([], [figure_data()])).figure
    assert texts(figure.axes[0]) == ["Greek", "Latin"]
    assert len(figure.axes[0].images) == 6


def test_table1_shows_both_figures_and_the_missing_cells():
    results = [result(value=0.9), result(value=0.904, seed=1)]
    panel = accuracies.table1(gather(results, [])).figure.axes[0]
    paper = [0.9061, 0.9190, 0.9154, 0.9315, 0.9163, 0.9342]
    assert [y for _, y in points(panel, "D")] == paper
    assert [y for _, y in points(panel, "o")] == [0.9, 0.904]
    assert {"90.61%", "93.42%", "90.20%"} <= set(texts(panel))
    assert [patch.get_label() for patch in panel.patches] == ["missing"] * 5
    assert texts(panel).count("no result yet") == 5


def test_table1_takes_the_papers_protocol_alone():
    easier = result()
    easier["other_results"][1]["protocol"] = "across-alphabets"
    assert accuracies.table1(gather([easier], [])) is None


def test_alphabets_stand_in_order_with_wilsons_interval():
    panel = accuracies.per_alphabet(gather([result()], [])).figure.axes[0]
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == ["Tengwar", "Atlantean", "Ge ez"]
    networks = [x for x, _ in points(panel, "o")][::2]
    assert networks == [0.5, 0.75, 0.9]
    assert {"20 of 40", "30 of 40", "36 of 40"} <= set(texts(panel))
    # Wilson 1927 for 20 of 40 by hand: centre 1/2, half width z sqrt(n/4 + z^2/4) / (n + z^2).
    z = 1.959964
    half = z * np.sqrt(40 / 4 + z**2 / 4) / (40 + z**2)
    np.testing.assert_allclose(panel.lines[0].get_xdata(), [0.5 - half, 0.5 + half], atol=1e-6)


def test_curves_run_over_the_pairs_seen():
    whole_table = result("30k", validation=0.5)
    whole_table["config"]["epoch_pairs"] = None
    figure = curves.learning_curves(gather([result(), whole_table], [])).figure
    one_shot, accuracy, loss = figure.axes
    lines = [line for line in one_shot.lines if line.get_marker() == "None"]
    assert [line.get_xdata().tolist() for line in lines] == [
        [1000, 2000, 3000],
        [9000, 18000, 27000],
    ]
    np.testing.assert_allclose(lines[0].get_ydata(), [0.1, 0.6, 0.5])
    # The epoch whose weights were kept.
    np.testing.assert_allclose(points(one_shot, "o"), [(2000, 0.6), (18000, 0.6)])
    assert accuracy.lines[0].get_ydata().tolist() == [0.5, 0.6, 0.7]
    assert loss.lines[1].get_ydata().tolist() == [0.7, 0.6, 0.5]
    assert texts(one_shot) == ["table-35-30k-x8", "table-35-30k"]


def test_curves_are_of_what_fills_the_tables():
    longer = result(seed=1)
    longer["config"]["name"] = "longer"
    longer["config"]["epoch_pairs"] = None
    drawn = curves.learning_curves(gather([result(), longer], [])).figure.axes[0]
    assert texts(drawn) == ["longer"]
    # Where nothing fills a table, all are drawn.
    presets = [result(), longer]
    for preset in presets:
        preset["role"] = "preset"
    drawn = curves.learning_curves(gather(presets, [])).figure.axes[0]
    assert sorted(texts(drawn)) == ["longer", "table-35-30k-x8"]


def test_the_roc_shows_the_lowest_seed_and_its_chosen_point():
    other = figure_data(seed=1)
    other["roc"]["chosen"]["accuracy"] = 0.1
    panel = curves.roc(gather([], [other, figure_data()])).figure.axes[0]
    drawn = [line.get_xydata().tolist() for line in panel.lines]
    assert drawn == [[[0, 0], [1, 1]], [[0, 0], [0.25, 0.75], [1, 1]], [[0.25, 0.75]]]
    assert "table-35-30k-x8, seed 0: area 0.750, 75.3% right" in texts(panel)


def test_the_map_has_every_drawing_at_its_place():
    panel = images.embedding_map(gather([], [figure_data()])).figure.axes[0]
    extents = np.array([image.get_extent() for image in panel.images])
    middles = np.stack([extents[:, :2].mean(axis=1), extents[:, 2:].mean(axis=1)], axis=1)
    np.testing.assert_allclose(middles, [[0, 0], [1, 0], [4, 5], [5, 5]], atol=1e-9)
    # Joined to the middle of their character.
    ends = [line.get_xydata()[1].tolist() for line in panel.lines]
    assert ends == [[0.5, 0], [0.5, 0], [4.5, 5], [4.5, 5]]


def test_labels_keep_their_order_and_their_distance():
    moved = spread([0.5, 0.1, 0.52, 0.51], gap=0.1)
    assert np.argsort(moved).tolist() == [1, 0, 3, 2]
    assert np.diff(sorted(moved)).min() >= 0.1 - 1e-12
    assert np.mean(moved) == pytest.approx(np.mean([0.5, 0.1, 0.52, 0.51]))
    assert spread([], gap=0.1) == []


def test_another_network_of_the_file_is_not_taken_for_the_runs():
    assert accuracies.per_alphabet(gather([{**result(), **entry(cell="koch")}], [])) is None
