"""Figures of the trade-off between the two errors of verification: ROC and DET curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.evaluation import (
    area_under_curve,
    equal_error_rate,
    roc_curve,
    wilson_interval,
)
from keras_siamese.plots.tiles import GREY, INK, PALE, PALETTE, WIDTH, figure_of, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Scored = Mapping[str, tuple[np.ndarray, np.ndarray]]

# Where the axes of a DET curve are labelled.
TICKS = (0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)


def plot_roc(
    scored: Scored, *, thresholds: Mapping[str, float] | None = None, axes: Axes | None = None
) -> Figure:
    """Draw ROC curves: the same pairs that are accepted over the different pairs that are.

    A threshold is marked by a dot, with the 95 % interval (Wilson's) of each rate. The legend gives
    the area under each curve.

    Args:
        scored: For every curve its name, and the scores and labels of its pairs: `(n,)`, float,
            higher is more similar, and `(n,)`, bool, with same and different pairs.
        thresholds: Score from which on a pair is called the same, for some of the curves, by name:
            chosen on other pairs (`Verifier.choose_threshold`), they show what they do on these.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If there are no curves, a threshold has none, or as `roc_curve`.
        ImportError: If matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_roc
        >>> rng = np.random.default_rng(0)
        >>> same = rng.random(500) < 0.5
        >>> scores = rng.normal(2.0 * same)
        >>> figure = plot_roc({"network": (scores, same)}, thresholds={"network": 1.0})
        >>> figure.savefig("roc.png")
    """
    marked = _checked(scored, thresholds)
    axes = _panel(axes)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls=(0, (4, 4)), label="_chance")
    for name, color in zip(scored, _colors(len(scored)), strict=True):
        scores, same = scored[name]
        curve = roc_curve(scores, same)
        label = f"{name}: area {area_under_curve(scores, same):.3f}"
        axes.plot(curve.false_positive, curve.true_positive, color=color, lw=1.8, label=label)
        if name in marked:
            accepts, rejects, text = _errors(scores, same, marked[name])
            _dot(axes, accepts, tuple(1 - rate for rate in rejects), color, text)
    axes.set(xlim=(-0.01, 1), ylim=(0, 1.01), ylabel="same pairs accepted")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda rate, _: f"{rate:.0%}")
    _legend(axes, "lower right")
    return figure_of(axes)


def plot_det(
    scored: Scored, *, thresholds: Mapping[str, float] | None = None, axes: Axes | None = None
) -> Figure:
    """Draw DET curves: the same pairs that are refused over the different pairs that are accepted.

    Source: Martin et al. 1997, "The DET curve in assessment of detection task performance". Both
    axes are normal deviates, which spread the small rates out; normally distributed scores give
    straight lines. A curve ends where a single pair decides: rates below one pair in all are not
    seen. A threshold is marked by a dot, with the 95 % interval (Wilson's) of each rate. The legend
    gives the equal error rate, where a curve meets the broken line.

    Args:
        scored: As in `plot_roc`.
        thresholds: As in `plot_roc`.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: As `plot_roc`.
        ImportError: If matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_det
        >>> rng = np.random.default_rng(0)
        >>> same = rng.random(500) < 0.5
        >>> scores = rng.normal(2.0 * same)
        >>> figure = plot_det({"network": (scores, same)}, thresholds={"network": 1.0})
        >>> figure.savefig("det.png")
    """
    from scipy.special import ndtri

    marked = _checked(scored, thresholds)
    axes = _panel(axes)
    low, high = _limits(scored, marked)
    ends = ndtri([low, high])
    axes.plot(ends, ends, color=GREY, lw=1, ls=(0, (4, 4)), label="_equal errors")
    for name, color in zip(scored, _colors(len(scored)), strict=True):
        scores, same = scored[name]
        curve = roc_curve(scores, same)
        # The ends of the curve, 0 and 1, lie infinitely far away.
        rates = np.stack([curve.false_positive, 1 - curve.true_positive]).clip(1e-9, 1 - 1e-9)
        label = f"{name}: equal error rate {equal_error_rate(scores, same):.1%}"
        axes.plot(*ndtri(rates), color=color, lw=1.8, label=label)
        if name in marked:
            accepts, rejects, text = _errors(scores, same, marked[name])
            x, y = (tuple(ndtri(np.clip(rates, low, high))) for rates in (accepts, rejects))
            _dot(axes, x, y, color, text)
    shown = [tick for tick in TICKS if low <= tick <= high]
    labels = [f"{100 * tick:g}%" for tick in shown]
    axes.set_xticks(ndtri(shown), labels)
    axes.set_yticks(ndtri(shown), labels)
    axes.set(xlim=ends, ylim=ends, ylabel="same pairs refused")
    _legend(axes, "best")
    return figure_of(axes)


def _checked(scored: Scored, thresholds: Mapping[str, float] | None) -> Mapping[str, float]:
    if not scored:
        raise ValueError("`scored` must hold at least one curve. Received: none. Name one.")
    unknown = sorted(set(thresholds or {}) - set(scored))
    if unknown:
        raise ValueError(
            f"`thresholds` must be of the curves {list(scored)}. Received: {unknown}. Use "
            "the same names."
        )
    return thresholds or {}


def _panel(axes: Axes | None) -> Axes:
    """Return square axes with a light grid, about the different pairs that are accepted."""
    if axes is None:
        figure = new_figure(0.95 * WIDTH)
        figure.set_layout_engine("constrained")
        axes = figure.add_subplot()
    axes.set(aspect="equal", xlabel="different pairs accepted")
    axes.grid(color=PALE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(color=GREY, labelcolor=INK)
    return axes


def _legend(axes: Axes, place: str) -> None:
    axes.legend(loc=place, labelcolor="linecolor", edgecolor="none", framealpha=0.9)


def _colors(count: int) -> list[str]:
    return [PALETTE[place % len(PALETTE)] for place in range(count)]


def _limits(scored: Scored, marked: Mapping[str, float]) -> tuple[float, float]:
    """Return the lowest and highest rate that a DET curve shows."""
    labels = [np.asarray(same, bool) for _, same in scored.values()]
    most = max(max(label.sum(), (~label).sum()) for label in labels)
    shown = [1.4 * equal_error_rate(*pairs) for pairs in scored.values()]
    for name, threshold in marked.items():
        shown += [rates[0] for rates in _errors(*scored[name], threshold)[:2]]
    return max(0.5 / most, 0.0001), 0.6 if max(shown) < 0.55 else 0.97


def _errors(
    scores: np.ndarray, same: np.ndarray, threshold: float
) -> tuple[tuple[float, ...], tuple[float, ...], str]:
    """Return both error rates at a threshold, each with its interval, and what a legend says."""
    labels, accepted = np.asarray(same, bool), np.asarray(scores) >= threshold
    rates = []
    for wrong in (accepted[~labels], ~accepted[labels]):
        rates.append((float(wrong.mean()), *wilson_interval(int(wrong.sum()), len(wrong))))
    text = f"from {threshold:.3g} on: {rates[0][0]:.1%} accepted, {rates[1][0]:.1%} refused"
    return rates[0], rates[1], text


def _dot(axes: Axes, x: tuple[float, ...], y: tuple[float, ...], color: str, text: str) -> None:
    """Draw a point and its interval in each direction; each is (value, end, other end)."""
    (x0, *x_ends), (y0, *y_ends) = x, y
    axes.plot(x_ends, [y0, y0], color=color, lw=4, alpha=0.35, solid_capstyle="butt")
    axes.plot([x0, x0], y_ends, color=color, lw=4, alpha=0.35, solid_capstyle="butt")
    axes.plot(x0, y0, "o", color=color, ms=8, mec="white", label=text)
