"""What the figures are drawn from: result files, and the data computed from trained networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reproduce.results import parse

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plot(NamedTuple):
    """A plot with its title, what it shows, and the files that it shows: contents of results."""

    figure: Figure
    title: str
    caption: str
    files: list[dict[str, Any]]


class Sources(NamedTuple):
    """Results and figure data.

    Attributes:
        results: Contents of the result files of trained networks whose test was scored.
        data: Contents of the figure-data files (see `reproduce.figure_data.collect`).
    """

    results: list[dict[str, Any]]
    data: list[dict[str, Any]]

    def result_of(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """Return the result of the run that a figure-data file comes from."""
        for result in self.results:
            if (result["config"]["name"], result["seed"]) == (data["name"], data["seed"]):
                return result
        return None

    def main_data(self) -> dict[str, Any] | None:
        """Return the figure data of the best run, as `main_result` chooses it."""
        return max(self.data, key=lambda data: _standing(self.result_of(data)), default=None)

    def main_result(self) -> dict[str, Any] | None:
        """Return the best run by validation of the largest size; the test has no say in it."""
        scored = [result for result in self.results if official_score(result) is not None]
        return max(scored, key=_standing, default=None)

    def origin(self, files: list[dict[str, Any]]) -> str:
        """Name files with their seeds, those of one commit together."""
        named: dict[str, list[str]] = {}
        for file in files:
            result = file if "training" in file else self.result_of(file)
            commit, _, changed = ((result or {}).get("commit") or "unknown").partition("+")
            label = commit[:10] + (f" with {changed}" if changed else "")
            named.setdefault(label, []).append(f"{file['file']} (seed {file['seed']})")
        return "; ".join(f"{', '.join(names)}, commit {commit}" for commit, names in named.items())


def gather(results: list[dict[str, Any]], data: list[dict[str, Any]]) -> Sources:
    """Return what can be drawn: no baseline, which has no training, and no run without a test."""
    return Sources(
        [result for result in results if "training" in result and result["table"] is not None],
        data,
    )


def _standing(result: dict[str, Any] | None) -> tuple[int, float]:
    """Return the size of a run, and its accuracy on the validation trials that all runs share."""
    if result is None:
        return 0, -1.0
    return result["config"]["size"], result.get("validation_wide", {}).get("value", -1.0)


def result_scores(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every score of a result."""
    return [result, *result["other_results"]]


def official_score(result: dict[str, Any], cell: str | None = None) -> dict[str, Any] | None:
    """Return a score on the official runs: of the result's network, or of another cell."""
    wanted = ("official", cell or result["config"]["encoder"])
    return next((e for e in result_scores(result) if (e["protocol"], e["cell"]) == wanted), None)


def load_data(folder: Path) -> list[dict[str, Any]]:
    """Read the figure-data files of a folder, each with its place under `file`.

    Returns:
        The figure data by name; none where the folder is missing.

    Raises:
        ValueError: If a file is damaged.
    """
    return [
        {**parse(path), "file": f"{folder.name}/{path.name}"}
        for path in sorted(folder.glob("*.json"))
    ]
