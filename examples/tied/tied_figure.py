"""The figure of the claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BLUE, ORANGE, GREEN, GREY = "#2b6cb0", "#dd6b20", "#2f855a", "#718096"


def draw_panels(measured: dict[str, Any], path: Path) -> None:
    """Draw six panels of the numbers and write them as SVG.

    Args:
        measured: What the script measured.
        path: File to write.

    Raises:
        ImportError: If matplotlib is missing.
    """
    import matplotlib

    settings = {
        "svg.hashsalt": "tied",
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "figure.facecolor": "white",
    }
    with matplotlib.rc_context(settings):
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine

        figure = Figure(figsize=(9, 10.5), layout=ConstrainedLayoutEngine(h_pad=0.14, w_pad=0.12))
        panels = figure.subplots(3, 2).ravel()
        for panel, part in zip(
            panels, (_gradients, _apart, _asymmetry, _half, _forms, _accuracy), strict=True
        ):
            part(panel, measured)
        # No date, so that the same numbers give the same file.
        figure.savefig(path, metadata={"Date": None})


def _gradients(panel: Any, measured: dict[str, Any]) -> None:
    rows = measured["additive"]["layers"]
    parts = {"left": (BLUE, "left copy"), "right": (ORANGE, "right copy")}
    parts |= {"sum": (GREEN, "their sum"), "tied": (GREY, "tied")}
    for number, (part, (color, label)) in enumerate(parts.items()):
        places = [index + (number - 1.5) * 0.2 for index in range(len(rows))]
        panel.bar(places, [row[part] for row in rows], 0.18, color=color, label=label)
    panel.set_xticks(range(len(rows)), [row["layer"] for row in rows])
    panel.set(title="The gradient is additive", ylabel="length of the gradient")
    panel.legend()


def _copies(panel: Any, measured: dict[str, Any], what: str) -> None:
    runs = measured["copies"]["runs"]
    for rule, color, style, label in (
        ("own", ORANGE, "-", "each its own gradient"),
        ("sum", BLUE, "-", "each the sum of both"),
        ("tied", GREY, ":", "tied"),
    ):
        curve = runs[rule]["curve"]
        panel.plot(curve["step"], curve[what], style, color=color, label=label, lw=2.2)
    panel.set(xlabel="step")
    panel.legend(loc="lower right", bbox_to_anchor=(1, 0.12))


def _apart(panel: Any, measured: dict[str, Any]) -> None:
    _copies(panel, measured, "apart")
    panel.set(title="Two copies drift apart", ylabel="distance of the weights (relative)")


def _asymmetry(panel: Any, measured: dict[str, Any]) -> None:
    _copies(panel, measured, "asymmetry")
    panel.set(title="... and the order of the images counts", ylabel="mean |p(a,b) − p(b,a)|")


def _half(panel: Any, measured: dict[str, Any]) -> None:
    copies = measured["copies"]
    steps = copies["runs"]["tied"]["curve"]["step"]
    for name, color, label in (
        ("average_from_tied", ORANGE, "from tied, same rate"),
        ("average_from_half", BLUE, "from tied, half the rate"),
    ):
        panel.semilogy(steps[1:], copies[name][1:], color=color, label=label, lw=2.2)
    panel.set(
        title="Averaged weights: half the step",
        xlabel="step",
        ylabel="distance of the weights (relative)",
    )
    panel.legend(loc="lower right")


def _forms(panel: Any, measured: dict[str, Any]) -> None:
    names = {
        "printed": ("+ 2λ|w|, as printed", ORANGE, "-"),
        "sign mended": ("− 2λ|w|", GREEN, "--"),
        "bars mended": ("+ 2λw", GREY, "-."),
        "meant": ("L2, as meant", BLUE, "-"),
    }
    for form, (label, color, style) in names.items():
        curve = measured["forms"]["runs"][form]["curve"]
        sizes = [size / curve["size"][0] for size in curve["size"]]
        panel.semilogy(curve["step"], sizes, style, color=color, label=label, lw=2.2)
    panel.set(title="The printed rule grows", xlabel="step", ylabel="mean |w|, 1 at the start")
    panel.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    panel.set_yticks([], minor=True)
    panel.legend()


def _accuracy(panel: Any, measured: dict[str, Any]) -> None:
    benefit = measured["benefit"]
    labels = {
        "tied": "tied",
        "tied, half the step": "tied,\nhalf step",
        "copies": "copies",
        "strangers": "strangers",
    }
    colors = (BLUE, BLUE, ORANGE, ORANGE)
    for place, (kind, color) in enumerate(zip(labels, colors, strict=True)):
        own = benefit["summary"][kind]
        panel.bar(place, 100 * own["accuracy"], 0.6, color=color, alpha=0.35)
        panel.errorbar(
            place,
            100 * own["accuracy"],
            yerr=100 * (own["interval"][1] - own["accuracy"]),
            color=color,
            capsize=4,
            lw=2,
        )
        points = [100 * run["accuracy"] for run in benefit["runs"][kind]]
        panel.plot([place] * len(points), points, "o", color=color, ms=5)
    panel.set_xticks(range(len(labels)), labels.values())
    panel.set(title="What tying buys", ylabel="one-shot accuracy, %", ylim=(0, 100))
