"""Draw what it would take: accuracy over the pairs that a training sees, next to the paper's.

python -m studies.lengths                writes docs/figures/reproduction/lengths.png
    --results DIR --output FILE          reads DIR/*.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from keras_siamese.evaluation import wilson_interval
from keras_siamese.plots.tiles import GREY, INK, PALETTE
from reproduce.report.figures import OUTPUT, read_sources
from reproduce.report.plots.sources import Plot, Sources
from reproduce.report.plots.style import SETTINGS, percent_axis, png, report_figure
from reproduce.results import RESULTS
from studies.lengths.length_fit import ENCODERS, LEAST_RATE, SCORES, fit, points

TITLES = {
    "official": "Official, 400 trials",
    "verification": "Test pairs, 10,000",
    "validation": "Validation, 4,000 trials",
}


def lengths(sources: Sources) -> Plot | None:
    """Draw accuracy over pairs seen for both sizes, fitted power laws, and the paper's result."""
    shown = {
        (size, score): points(sources.results, size, score) for size in ENCODERS for score in SCORES
    }
    every = [point.pairs for group in shown.values() for point in group]
    if not every:
        return None
    from matplotlib.ticker import MultipleLocator

    colors = dict(zip(ENCODERS, PALETTE, strict=False))
    left, right = min(every) / 1.5, 20 * max(every)
    pairs = np.geomspace(left, right, 200)
    figure = report_figure(4.4)
    for panel, (score, accuracy) in zip(
        figure.subplots(1, len(SCORES)), SCORES.items(), strict=True
    ):
        if accuracy is not None:
            panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
            panel.text(left, accuracy, f" the paper, {accuracy:.1%}", color=INK, va="bottom")
        for size, color in colors.items():
            group = shown[size, score]
            law = fit(group)
            if law is not None:
                error, low, high = law.errors(pairs)
                panel.plot(pairs, 1 - error, color=color, lw=1.4)
                panel.fill_between(pairs, 1 - high, 1 - low, color=color, alpha=0.15, lw=0)
            for point in group:
                interval = wilson_interval(round(point.accuracy * point.n), point.n)
                panel.plot([point.pairs] * 2, interval, color=color, lw=2, alpha=0.3)
                panel.plot(
                    point.pairs, point.accuracy, "o", color=color, ms=6,
                    mfc=color if point.fitted else "white",
                )  # fmt: skip
            panel.plot([], [], "o-", color=color, ms=6, lw=1.4, label=f"{size}x{size}")
        panel.set(
            title=TITLES[score],
            xscale="log",
            xlim=(left, right),
            ylim=(min(point.accuracy for point in shown[35, score] + shown[105, score]) - 0.05, 1),
            xlabel="training pairs seen",
        )
        panel.yaxis.set_major_locator(MultipleLocator(0.05))
        percent_axis(panel.yaxis)
        panel.legend(loc="lower right", facecolor="white", edgecolor="none", framealpha=1)
    caption = (
        "Accuracy of trainings of different lengths on 150k pairs with distortions: on the test "
        "alphabets, and on those for validation. The line is the power law error = a pairs^-b, the "
        "band what the number of trials leaves open (95 %). Hollow: not fitted, with a rate below "
        f"{LEAST_RATE} times the batch. The dashed line is the paper's result at 105x105."
    )
    used = {id(point.result): point.result for group in shown.values() for point in group}
    return Plot(figure, "What would it take?", caption, list(used.values()))


def main(arguments: list[str] | None = None) -> None:
    """Draw the figure, where there are such trainings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of result files")
    parser.add_argument("--output", type=Path, default=OUTPUT / "lengths.png", help="the PNG file")
    options = parser.parse_args(arguments)
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        drawn = lengths(read_sources(options.results))
        if drawn is None:
            print("Left out, for lack of data: lengths")
            return
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_bytes(png(drawn.figure))


if __name__ == "__main__":
    main()
