"""Figures of lines: trainings over the pairs that they saw, and the trade-off of verification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.plots.tiles import GREY, INK
from reproduce.report.paper_tables import filling
from reproduce.report.plots.sources import Plot, Sources
from reproduce.report.plots.style import colors_of, label_ends, percent_axis, report_figure
from reproduce.table import pairs_seen

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def learning_curves(sources: Sources) -> Plot | None:
    """Draw validation one-shot accuracy, pair accuracy and loss over pairs seen.

    Of the runs that fill cells of tables 1 and 2; of all runs where none does.
    """
    shown = filling(sources.results) or sources.results
    if not shown:
        return None
    colors = colors_of([result["config"]["name"] for result in shown])
    figure = report_figure(5.6)
    panels: dict[str, Axes] = figure.subplot_mosaic(
        [["one-shot", "one-shot"], ["accuracy", "loss"]], height_ratios=[3, 2]
    )
    ends: dict[str, tuple[float, float]] = {}
    for result in shown:
        name = result["config"]["name"]
        history, epochs = result["training"]["history"], result["training"]["epochs"]
        seen = pairs_seen(result) // epochs * np.arange(1, epochs + 1)
        one_shot = 1 - np.array(history["val_one_shot_error"])
        best = result["training"]["best_epoch"]
        trials = result["validation"]["n"]
        style = "-" if trials == shown[0]["validation"]["n"] else (0, (4, 2))
        panels["one-shot"].plot(seen, one_shot, color=colors[name], lw=1.6, ls=style)
        panels["one-shot"].plot(seen[best], one_shot[best], "o", color=colors[name], ms=6)
        for measure in ("accuracy", "loss"):
            panels[measure].plot(seen, history[measure], color=colors[name], lw=1.4, ls=style)
        # Of several seeds the longest run carries the name.
        if name not in ends or seen[-1] > ends[name][0]:
            ends[name] = (seen[-1], one_shot[-1])
    panels["one-shot"].set(title="One-shot accuracy on the validation trials", ylim=(0, 1))
    panels["accuracy"].set(title="Training pairs: accuracy")
    panels["loss"].set(title="Training pairs: loss", ylim=(0, None))
    for name, panel in panels.items():
        _thousands(panel)
        if name != "loss":
            percent_axis(panel.yaxis)
    label_ends(panels["one-shot"], ends, colors)
    caption = (
        "Validation one-shot accuracy, training pair accuracy and training loss after every epoch, "
        "one line per run; the dot is the epoch whose weights were kept. Solid and dashed lines "
        "have other numbers of validation trials, and cannot be compared."
    )
    return Plot(figure, "Learning curves", caption, shown)


def _thousands(panel: Axes) -> None:
    # Budgets differ by an order of magnitude, and the first pairs teach most.
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(lambda pairs, _: f"{pairs / 1e3:,.0f}")
    panel.set_xlabel("training pairs seen, thousands")


def roc(sources: Sources) -> Plot | None:
    """Draw the ROC curves of the test pairs, and the points of the validation thresholds."""
    if not sources.data:
        return None
    # Of the networks that fill cells; the lowest seed of each, so that lines stay apart.
    filled = filling(sources.results)
    of_cells = [data for data in sources.data if sources.result_of(data) in filled]
    by_seed = sorted(of_cells or sources.data, key=lambda data: data["seed"], reverse=True)
    shown = list({data["name"]: data for data in by_seed}.values())
    colors = colors_of([data["name"] for data in shown])
    figure = report_figure(6.2)
    panel = figure.subplots()
    panel.plot([0, 1], [0, 1], color=GREY, lw=1, ls=(0, (4, 4)))
    panel.text(0.24, 0.22, "chance", color=GREY, ha="left", va="top")
    for row, data in enumerate(shown):
        curve, color = data["roc"], colors[data["name"]]
        chosen = curve["chosen"]
        panel.plot(curve["false_positive"], curve["true_positive"], color=color, lw=1.8)
        panel.plot(
            chosen["false_positive"], chosen["true_positive"], "o", color=color, ms=8, mec="white"
        )
        panel.text(
            0.98,
            0.05 + 0.055 * (len(shown) - 1 - row),
            f"{data['name']}, seed {data['seed']}: area {curve['area']:.3f}, "
            f"{chosen['accuracy']:.1%} right",
            color=color,
            ha="right",
        )
    top = 0.05 + 0.055 * len(shown)
    panel.text(0.98, top, "dot: threshold chosen on validation pairs", color=INK, ha="right")
    panel.set(
        aspect="equal",
        xlim=(-0.01, 1),
        ylim=(0, 1.01),
        xlabel="different pairs called the same",
        ylabel="same pairs called the same",
    )
    percent_axis(panel.xaxis)
    percent_axis(panel.yaxis)
    caption = (
        f"Verification of {sources.data[0]['roc']['pairs']:,} test pairs, by the lowest seed of "
        "every training: the share of same pairs "
        "found over the share of different pairs mistaken for the same, at every threshold. The "
        "dot is the threshold that was best on the validation pairs."
    )
    return Plot(figure, "Verification at every threshold", caption, shown)
