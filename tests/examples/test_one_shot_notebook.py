"""The example notebook runs from top to bottom, and is stored without outputs."""

import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "one_shot.ipynb"


def test_the_notebook_is_stored_without_outputs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert any(cell["cell_type"] == "code" for cell in cells)
    for cell in cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


# The Jupyter packages use their own and zmq's deprecated ways, which is theirs to mend.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow
def test_the_notebook_runs(tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
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
    assert pictures == drawn and len(drawn) >= 6
    printed = "".join(
        output["text"]
        for cell in cells
        for output in cell.outputs
        if output.output_type == "stream"
    )
    accuracy = float(re.search(r"OneShotResult\(accuracy=([\d.]+)", printed)[1])
    # Chance is 5 %, the nearest neighbour in pixels about 40 %.
    assert accuracy > 0.5
