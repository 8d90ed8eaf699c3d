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


def accuracy_over_minutes(trainings: dict[str, list[dict[str, Any]]]) -> Figure | None:
    """Draw each network's accuracy on the official runs over what its training took.

    Args:
        trainings: Results of `train_pretrained.py` that hold nothing out, one a seed, by the name
            of their training.

    Returns:
        The figure; None where there is no result.
    """
    if not trainings:
        return None
    figure = new_figure(4.4)
    panel = figure.subplots()
    minutes = [minutes_on_two_cores(result) for group in trainings.values() for result in group]
    left, right = min(TICKS[0], *minutes), max(TICKS[-1], *minutes)
    for name, accuracy in OFFICIAL_RUNS.items():
        panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
        panel.text(right, accuracy, f" {name} {accuracy:.2%}", color=INK, va="center", fontsize=8)
    lowest = min(OFFICIAL_RUNS.values())
    for name, group in trainings.items():
        lows = []
        for result in group:
            place, entry = minutes_on_two_cores(result), result["scores"][0]
            panel.plot([place, place], entry["interval"], color=BLUE, lw=2, alpha=0.35)
            panel.plot(place, entry["value"], "o", color=BLUE, ms=7)
            lows.append((entry["interval"][0], place))
        low, place = min(lows)
        panel.text(place, low - 0.003, name, color=BLUE, ha="center", va="top", fontsize=8)
        lowest = min(lowest, low)
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
