"""The example notebooks run from top to bottom, and are stored without outputs."""

import json
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
# Of each notebook: how many kinds of pictures it shows at least, what is printed before its score,
# and what the score must exceed.
NOTEBOOKS = {
    # Chance is 5 %, the nearest neighbour in pixels about 40 %.
    "one_shot": (6, r"OneShotResult\(accuracy=([\d.]+)", 0.5),
    # Chance is about one in twenty.
    "metric_learning": (3, r"recall at 1 ([\d.]+)", 0.5),
}


def test_every_notebook_is_tried():
    assert {path.stem for path in EXAMPLES.glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_is_stored_without_outputs(name):
    cells = json.loads((EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert any(cell["cell_type"] == "code" for cell in cells)
    for cell in cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


# The Jupyter packages use their own and zmq's deprecated ways, which is theirs to mend.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_runs(tmp_path, monkeypatch, name):
    least, printed_score, chance = NOTEBOOKS[name]
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    pictures = {
        re.search(r"plots\.(plot_\w+)", cell.source)[1]
        for cell in cells
        if any("image/png" in output.get("data", ()) for output in cell.outputs)
    }
    drawn = {name for cell in cells for name in re.findall(r"plots\.(plot_\w+)", cell.source)}
    assert pictures == drawn and len(drawn) >= least
    printed = "".join(
        output["text"]
        for cell in cells
        for output in cell.outputs
        if output.output_type == "stream"
    )
    assert float(re.search(printed_score, printed)[1]) > chance
