"""Figures of scores: accuracy by alphabet, and table 1 next to the paper's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_siamese.evaluation import wilson_interval
from keras_siamese.plots.tiles import BLUE, GREY, INK, ORANGE
from reproduce.published import TABLE_1
from reproduce.report.paper_tables import entries
from reproduce.report.plots.sources import Plot, Sources, official_score
from reproduce.report.plots.style import percent_axis, report_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_COLORS = {35: BLUE, 105: ORANGE}


def per_alphabet(sources: Sources) -> Plot | None:
    """Draw the official runs alphabet by alphabet, with 95 % intervals (Wilson's)."""
    result = sources.main_result()
    network = None if result is None else official_score(result)
    if result is None or network is None:
        return None
    baseline, counts = official_score(result, "nearest neighbour"), network["per_alphabet"]
    order = sorted(counts, key=lambda name: (counts[name][0] / counts[name][1], name))
    figure = report_figure(1.2 + 0.38 * len(order))
    panel = figure.subplots()
    for row, name in enumerate(order):
        correct, n = counts[name]
        panel.plot(wilson_interval(correct, n), [row, row], color=BLUE, lw=2, alpha=0.45)
        panel.plot(correct / n, row, "o", color=BLUE, ms=8)
        panel.text(1.02, row, f"{correct} of {n}", va="center", color=INK)
        if baseline:
            nearest, trials = baseline["per_alphabet"][name]
            panel.plot(nearest / trials, row, "o", color=GREY, ms=7, mfc="white")
    top = len(order) - 0.45
    best = counts[order[-1]]
    panel.text(best[0] / best[1], top, "network", color=BLUE, ha="center", weight="bold")
    if baseline:
        nearest, trials = baseline["per_alphabet"][order[-1]]
        panel.text(nearest / trials, top, "nearest neighbour", color=GREY, ha="center")
    panel.set_yticks(range(len(order)), [name.replace("_", " ") for name in order])
    panel.set(xlim=(0, 1), ylim=(-0.6, len(order)), xlabel="one-shot accuracy, official runs")
    panel.grid(axis="y", visible=False)
    percent_axis(panel.xaxis)
    caption = (
        "One-shot accuracy on the official runs by alphabet, with 95 % Wilson intervals, of the "
        "best run by validation at the largest size; hollow: nearest neighbour on raw pixels."
    )
    return Plot(figure, "One-shot accuracy by alphabet", caption, [result])


def table1_cells(results: list[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return the scores of every cell of table 1 at every size, one a seed."""
    return {
        (cell, size): [
            entry
            for _, entry in entries(results, table=1, cell=cell, protocol="verification", size=size)
        ]
        for cell in TABLE_1
        for size in SIZE_COLORS
    }


def table1(sources: Sources) -> Plot | None:
    """Draw the six cells of table 1: the paper's result next to ours, or a gap."""
    ours = table1_cells(sources.results)
    if not any(ours.values()):
        return None
    figure = report_figure(4.6)
    panel = figure.subplots()
    values = list(TABLE_1.values())
    values += [limit for found in ours.values() for entry in found for limit in entry["interval"]]
    low, high = min(values) - 0.01, max(values) + 0.01
    panel.set(xlim=(-0.5, 5.6), ylim=(low, high), ylabel="verification accuracy")
    for place, cell in enumerate(TABLE_1):
        panel.plot(place - 0.25, TABLE_1[cell], "D", color=GREY, ms=7)
        above = TABLE_1[cell] + 0.025 * (high - low)
        panel.text(place - 0.25, above, f"{TABLE_1[cell]:.2%}", color=GREY, ha="center", fontsize=8)
        for number, size in enumerate(SIZE_COLORS):
            middle = place + 0.02 + 0.3 * number
            _seeds(panel, middle, ours[cell, size], SIZE_COLORS[size], above=number > 0)
        if not any(ours[cell, size] for size in SIZE_COLORS):
            _missing(panel, place + 0.15)
    panel.set_xticks(range(len(TABLE_1)), [cell.replace(" ", "\n") for cell in TABLE_1])
    panel.set_xlabel("training pairs, without and with eight distortions of each")
    panel.grid(axis="x", visible=False)
    percent_axis(panel.yaxis)
    legend = {"◆ paper, 105x105": GREY}
    for size, color in SIZE_COLORS.items():
        if any(ours[cell, size] for cell in TABLE_1):
            legend[f"● ours, {size}x{size}"] = color
    for column, (text, color) in enumerate(legend.items()):
        panel.text(0.33 * column, 1.03, text, color=color, weight="bold", transform=panel.transAxes)
    caption = (
        "Verification accuracy in the six cells of table 1: the paper's result, and ours, one dot "
        "with its 95 % interval a seed; the number is the seeds' mean."
    )
    used = [result for result in sources.results if any(table1_cells([result]).values())]
    return Plot(figure, "Verification next to the paper's (table 1)", caption, used)


def _seeds(
    panel: Axes, middle: float, found: list[dict[str, Any]], color: str, *, above: bool
) -> None:
    """Draw the seeds of a cell at one size side by side, and their mean above or below."""
    for number, entry in enumerate(found):
        x = middle + 0.09 * (number - (len(found) - 1) / 2)
        panel.plot([x, x], entry["interval"], color=color, lw=2, alpha=0.45)
        panel.plot(x, entry["value"], "o", color=color, ms=6)
    if found:
        mean = sum(entry["value"] for entry in found) / len(found)
        limits = [limit for entry in found for limit in entry["interval"]]
        panel.annotate(
            f"{mean:.2%}",
            xy=(middle, max(limits) if above else min(limits)),
            xytext=(0, 2 if above else -2),
            textcoords="offset points",
            color=color,
            ha="center",
            va="bottom" if above else "top",
            fontsize=8,
        )


def _missing(panel: Axes, middle: float) -> None:
    from matplotlib.patches import Rectangle

    low, high = panel.get_ylim()
    room = 0.06 * (high - low)
    panel.add_patch(
        Rectangle((middle - 0.17, low + room), 0.34, high - low - 2 * room, fill=False,
                  edgecolor=GREY, ls=(0, (3, 3)), label="missing")
    )  # fmt: skip
    panel.text(middle, (low + high) / 2, "no result yet", rotation=90, ha="center",
               va="center", color=GREY)  # fmt: skip
