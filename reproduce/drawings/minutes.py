"""The headline of what goes beyond the paper: accuracy over minutes of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_siamese.plots.tiles import GREY, INK
from reproduce.drawings.style import colors_of, new_figure, percent_axis
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
        results: Results of `train_pretrained.py` that hold nothing out, one a seed.

    Returns:
        The figure; None where there is no result.
    """
    if not results:
        return None
    figure = new_figure(4.4)
    panel = figure.subplots()
    minutes = [minutes_on_two_cores(result) for result in results]
    # A dot at the edge would be cut.
    left, right = 0.8 * min(TICKS[0], *minutes), max(TICKS[-1], 1.2 * max(minutes))
    for name, accuracy in OFFICIAL_RUNS.items():
        panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
        panel.text(right, accuracy, f" {name} {accuracy:.2%}", color=INK, va="center", fontsize=8)
    colors = colors_of([result["recipe"]["name"] for result in results])
    for place, result in zip(minutes, results, strict=True):
        entry, color = result["scores"][0], colors[result["recipe"]["name"]]
        panel.plot([place, place], entry["interval"], color=color, lw=2, alpha=0.3)
        panel.plot(place, entry["value"], "o", color=color, ms=6)
    for name, color in colors.items():
        panel.plot([], [], "o", color=color, ms=6, label=name)
    panel.legend(
        title="recipe", loc="lower right", facecolor="white", edgecolor="none", framealpha=1
    )
    panel.set_xscale("log")
    panel.set_xticks(TICKS, [f"{minutes:g}" for minutes in TICKS])
    panel.xaxis.set_minor_formatter(lambda value, _: "")
    lows = [result["scores"][0]["interval"][0] for result in results]
    panel.set(
        xlim=(left, right),
        ylim=(min(*OFFICIAL_RUNS.values(), *lows) - 0.01, 1.0),
        xlabel="minutes of training on two cores (processor time, halved)",
        ylabel="official runs, 400 trials",
    )
    percent_axis(panel.yaxis)
    return figure
