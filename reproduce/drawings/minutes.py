"""The headline of what goes beyond the paper: accuracy over minutes of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_siamese.plots.tiles import BLUE, GREY, INK
from reproduce.drawings.style import new_figure, percent_axis
from reproduce.published import OFFICIAL_RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CORES = 2


def minutes_on_two_cores(result: dict[str, Any]) -> float:
    """Return the processor time of a training, halved: what two cores of its own take, in minutes.

    The cores may have been shared; where only the time on the wall is known, that is it.
    """
    if "processor_seconds" in result:
        return result["processor_seconds"] / CORES / 60
    return result["seconds"] / 60


def accuracy_over_minutes(results: list[dict[str, Any]]) -> Figure | None:
    """Draw each network's accuracy on the official runs over what its training took.

    Args:
        results: Results of `train_pretrained.py` that hold nothing out.

    Returns:
        The figure; None where there is no result.
    """
    if not results:
        return None
    figure = new_figure(4.4)
    panel = figure.subplots()
    places = [minutes_on_two_cores(result) for result in results]
    left, right = min(places) / 2, max(places) * 2
    lowest = 1.0
    for name, accuracy in OFFICIAL_RUNS.items():
        panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
        panel.text(right, accuracy, f" {name} {accuracy:.2%}", color=INK, va="center", fontsize=8)
    names: set[str] = set()
    for result, place in zip(results, places, strict=True):
        entry = result["scores"][0]
        low, high = entry["interval"]
        lowest = min(lowest, low)
        panel.plot([place, place], [low, high], color=BLUE, lw=2, alpha=0.35)
        panel.plot(place, entry["value"], "o", color=BLUE, ms=7)
        recipe = result["recipe"]
        name = f"{recipe['name']}, {recipe['episodes']['steps']:,} steps"
        if name not in names:
            panel.text(place, low - 0.003, name, color=BLUE, ha="center", va="top", fontsize=8)
        names.add(name)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panel.xaxis.set_minor_formatter(lambda value, _: "")
    panel.set(
        xlim=(left, right),
        ylim=(min(lowest, *OFFICIAL_RUNS.values()) - 0.02, 1.0),
        xlabel="minutes of training on two cores (processor time, halved)",
        ylabel="official runs, 400 trials",
    )
    percent_axis(panel.yaxis)
    return figure
