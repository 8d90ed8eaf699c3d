"""The figure of accuracy over pairs seen, drawn from results alone."""

import json

import pytest

from reproduce.report.plots.sources import gather
from studies.lengths import __main__ as figure
from tests.reproduce.figure_sources import figure_data, result

pytest.importorskip("matplotlib")


def test_it_has_a_caption_and_the_files_that_it_shows():
    shown = gather([result(), result("150k x8")], [figure_data()])
    drawn = figure.lengths(shown)
    assert drawn.title and drawn.caption
    assert "table-35-150k-x8-seed0.json (seed 0), commit 0123456789" in shown.origin(drawn.files)


@pytest.mark.parametrize(
    ("results", "data"), [([], []), ([result()], []), ([result()], [figure_data()])]
)
def test_without_a_training_of_the_main_cell_there_is_none(results, data):
    assert figure.lengths(gather(results, data)) is None


def test_the_command_writes_a_small_png_or_says_that_it_is_left_out(tmp_path, capsys):
    output = tmp_path / "out" / "lengths.png"
    arguments = ["--results", str(tmp_path), "--output", str(output)]
    (tmp_path / "one.json").write_text(json.dumps(result()))
    figure.main(arguments)
    assert not output.exists()
    assert "Left out, for lack of data: lengths" in capsys.readouterr().out
    (tmp_path / "other.json").write_text(json.dumps(result("150k x8")))
    figure.main(arguments)
    drawn = output.read_bytes()
    assert drawn.startswith(b"\x89PNG") and len(drawn) < 150_000
    figure.main(arguments)
    assert output.read_bytes() == drawn
