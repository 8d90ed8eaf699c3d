"""The headline of what goes beyond the paper: accuracy over minutes of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_siamese.plots.tiles import BLUE, GREY, INK
from reproduce.drawings.style import new_figure, percent_axis
from reproduce.published import OFFICIAL_RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CORES = 2
TICKS = (1, 2, 5, 10, 15, 30, 60, 90)


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
    left, right = min(TICKS[0], *places), max(TICKS[-1], *places)
    ends: dict[str, tuple[float, float]] = {}
    for name, accuracy in OFFICIAL_RUNS.items():
        panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
        panel.text(right, accuracy, f" {name} {accuracy:.2%}", color=INK, va="center", fontsize=8)
    for result, place in zip(results, places, strict=True):
        entry = result["scores"][0]
        low, high = entry["interval"]
        panel.plot([place, place], [low, high], color=BLUE, lw=2, alpha=0.35)
        panel.plot(place, entry["value"], "o", color=BLUE, ms=7)
        recipe = result["recipe"]
        name = f"{recipe['name']}, {recipe['episodes']['steps']:,} steps"
        ends[name] = min(ends.get(name, (place, low)), (place, low), key=lambda end: end[1])
    for name, (place, low) in ends.items():
        panel.text(place, low - 0.003, name, color=BLUE, ha="center", va="top", fontsize=8)
    lowest = min(*OFFICIAL_RUNS.values(), *(low for _, low in ends.values()))
    panel.set_xscale("log")
    panel.set_xticks(TICKS, [f"{minutes:g}" for minutes in TICKS])
    panel.xaxis.set_minor_formatter(lambda value, _: "")
    panel.set(
        xlim=(left, right),
        ylim=(lowest - 0.02, 1.0),
        xlabel="minutes of training on two cores (processor time, halved)",
        ylabel="official runs, 400 trials",
    )
    percent_axis(panel.yaxis)
    return figure
